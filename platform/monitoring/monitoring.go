// Package monitoring watches borrowers after the loan: it asks the node to watch, keeps the alerts, and brings them to the
// bank's officer.
//
// It owns the tables watch and alert. It must never watch without a grant, and never show an alert to a bank that did not lend.
package monitoring

import (
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Alert is one warning about one borrower, for one bank.
type Alert struct {
	ID             string // the node's id: stored once
	WatchID        string
	GrantID        string
	BankID         string
	OrgID          string
	FirmName       string
	LoanID         string
	ApplicationID  string
	Code           borderv1.AlertCode
	Severity       borderv1.Severity
	ObservedAt     time.Time
	ReceivedAt     time.Time
	Origin         string
	LeafIndex      uint64
	AcknowledgedAt time.Time // zero while open
	AcknowledgedBy string
	ByName         string
	Action         Action
	Note           string
}

// Action is what the officer did about an alert.
type Action string

const (
	ActionContacted Action = "contacted" // spoke with the firm
	ActionVisited   Action = "visited"
	ActionReduced   Action = "reduced" // limit reduced
	ActionCollected Action = "collected"
	ActionWatch     Action = "watch" // keeps watching
	ActionNone      Action = "none"  // no risk seen
)

// Actions lists the choices of the form.
func Actions() []Action {
	return []Action{ActionContacted, ActionVisited, ActionReduced, ActionCollected, ActionWatch, ActionNone}
}
