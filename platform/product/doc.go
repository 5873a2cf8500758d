// Package product holds the banks' loan products: ranges, price, repayment, and rules in CEL that are type-checked when the
// product is published.
//
// It owns the tables product and lpr. It must never change a published version.
package product
