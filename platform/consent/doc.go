// Package consent keeps who may use whose data for what, until when, and who did.
//
// It owns the tables consent_grant and data_use and the texts that people agree to. A grant is written once; the only later
// change is its withdrawal. It must never widen a grant, and never let a use happen that is not on record.
package consent
