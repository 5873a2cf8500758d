package lending

import "time"

// State of an application, from the form to the last fen.
type State string

const (
	Draft           State = "draft"
	Submitted       State = "submitted"
	Accepted        State = "accepted"
	Declined        State = "declined"
	Expired         State = "expired"
	InReview        State = "in_review"
	MoreInformation State = "more_information"
	Approved        State = "approved" // an offer lies before the borrower
	Rejected        State = "rejected"
	OfferAccepted   State = "offer_accepted"
	ContractSigned  State = "contract_signed"
	Disbursed       State = "disbursed"
	Repaying        State = "repaying"
	Overdue         State = "overdue"
	Settled         State = "settled"
	WrittenOff      State = "written_off"
	Compensated     State = "compensated"
	Withdrawn       State = "withdrawn"
)

// States lists all, in the order of a loan's life.
func States() []State {
	return []State{Draft, Submitted, Accepted, Declined, Expired, InReview, MoreInformation, Approved, Rejected,
		OfferAccepted, ContractSigned, Disbursed, Repaying, Overdue, Settled, WrittenOff, Compensated, Withdrawn}
}

// Final reports whether nothing more can happen.
func (s State) Final() bool {
	switch s {
	case Declined, Expired, Rejected, Settled, WrittenOff, Compensated, Withdrawn:
		return true
	}
	return false
}

// Event is what happens to an application.
type Event string

const (
	EventSubmit      Event = "submit"
	EventAccept      Event = "accept"
	EventDecline     Event = "decline"
	EventWithdraw    Event = "withdraw"
	EventExpire      Event = "expire"
	EventReview      Event = "review"
	EventAskMore     Event = "ask_more"
	EventAnswer      Event = "answer"
	EventOffer       Event = "offer"
	EventReject      Event = "reject"
	EventAcceptOffer Event = "accept_offer"
	EventSign        Event = "sign"
	EventDisburse    Event = "disburse"
	EventRepay       Event = "repay"
	EventFallDue     Event = "fall_due"
	EventCure        Event = "cure"
	EventSettle      Event = "settle"
	EventWriteOff    Event = "write_off"
	EventCompensate  Event = "compensate"
)

// Side is who may do something, or whose turn it is.
type Side string

const (
	Borrower   Side = "borrower"
	Bank       Side = "bank"
	BankRisk   Side = "bank_risk"
	Government Side = "government"
	System     Side = "system"
)

// Transition is one row of the state table.
type Transition struct {
	From  State
	Event Event
	Guard string // name of the guard that must hold, empty for none
	To    State
	Who   Side
}

// Waiting says whose turn it is in a state, and for how long.
type Waiting struct {
	State  State
	Owner  Side
	Within time.Duration // 0: the product says, or the schedule does
}
