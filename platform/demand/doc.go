// Package demand holds what firms want to borrow.
//
// It owns the table demand. It must never show a bank who is behind a demand before the firm applies to that bank.
package demand
