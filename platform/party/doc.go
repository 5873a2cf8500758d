// Package party knows people and organisations, their roles, their passwords and sessions.
//
// It owns the tables organisation, account, session and sign_in_failure. It must never store or log a password, a session
// token or a resident identity number in clear.
package party
