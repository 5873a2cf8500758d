// Package lending carries an application from the form to the last fen.
//
// It owns the tables application, application_step, credit_report, offer, contract, loan, instalment and repayment. The way an
// application may go is the table in states.go and nothing else; every change has an actor, a time and a reason. It must never
// ask for a credit report without a grant that covers it, and never book the same bank reference twice.
package lending
