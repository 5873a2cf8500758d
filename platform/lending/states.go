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

// Lent reports whether money is out.
func (s State) Lent() bool { return s == Disbursed || s == Repaying || s == Overdue }

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
	Bank       Side = "bank"      // its officer or its risk officer
	BankRisk   Side = "bank_risk" // its risk officer only
	Government Side = "government"
	System     Side = "system"
)

// Transition is one row of the state table.
type Transition struct {
	From  State
	Event Event
	Guard Guard // empty for none
	To    State
	Who   Side
}

// Guard names a condition that must hold besides state and side; guards.go holds what each one checks.
type Guard string

const (
	GuardAuthorised    Guard = "authorised"     // verified firm, pre-loan grant to the bank, product in force
	GuardReason        Guard = "reason"         // a reason from the list, or words
	GuardPast          Guard = "past_deadline"  // the state's deadline has passed
	GuardOffer         Guard = "offer_holds"    // report there, rules hold, price and amount within the product
	GuardOfferValid    Guard = "offer_valid"    // the offer has not lapsed
	GuardOpen          Guard = "something_open" // part of the schedule is unpaid
	GuardPaid          Guard = "all_paid"
	GuardOverdue       Guard = "something_overdue"
	GuardNotOverdue    Guard = "nothing_overdue"
	GuardOverdue60     Guard = "overdue_60_days"
	GuardOverdue360    Guard = "overdue_360_days"
	GuardContractThere Guard = "contract_there"
)

// Table is the state machine: what is not a row here cannot happen. It is tested for completeness and drawn into the docs.
func Table() []Transition {
	return []Transition{
		{Draft, EventSubmit, GuardAuthorised, Submitted, Borrower},
		{Draft, EventWithdraw, "", Withdrawn, Borrower},
		{Draft, EventExpire, GuardPast, Expired, System},

		{Submitted, EventAccept, "", Accepted, Bank},
		{Submitted, EventDecline, GuardReason, Declined, Bank},
		{Submitted, EventWithdraw, "", Withdrawn, Borrower},
		{Submitted, EventExpire, GuardPast, Expired, System},

		{Accepted, EventReview, "", InReview, Bank},
		{Accepted, EventWithdraw, "", Withdrawn, Borrower},
		{Accepted, EventExpire, GuardPast, Expired, System},

		{InReview, EventAskMore, GuardReason, MoreInformation, Bank},
		{InReview, EventOffer, GuardOffer, Approved, Bank},
		{InReview, EventReject, GuardReason, Rejected, Bank},
		{InReview, EventWithdraw, "", Withdrawn, Borrower},
		{InReview, EventExpire, GuardPast, Expired, System},

		{MoreInformation, EventAnswer, GuardReason, InReview, Borrower},
		{MoreInformation, EventWithdraw, "", Withdrawn, Borrower},
		{MoreInformation, EventExpire, GuardPast, Expired, System},

		{Approved, EventAcceptOffer, GuardOfferValid, OfferAccepted, Borrower},
		{Approved, EventWithdraw, "", Withdrawn, Borrower},
		{Approved, EventExpire, GuardPast, Expired, System},

		{OfferAccepted, EventSign, GuardContractThere, ContractSigned, Borrower},
		{OfferAccepted, EventWithdraw, "", Withdrawn, Borrower},
		{OfferAccepted, EventExpire, GuardPast, Expired, System},

		{ContractSigned, EventDisburse, "", Disbursed, Bank},
		{ContractSigned, EventExpire, GuardPast, Expired, System},

		{Disbursed, EventRepay, GuardOpen, Repaying, Bank},
		{Disbursed, EventSettle, GuardPaid, Settled, Bank},
		{Disbursed, EventFallDue, GuardOverdue, Overdue, System},

		{Repaying, EventRepay, GuardOpen, Repaying, Bank},
		{Repaying, EventSettle, GuardPaid, Settled, Bank},
		{Repaying, EventFallDue, GuardOverdue, Overdue, System},

		{Overdue, EventRepay, GuardOverdue, Overdue, Bank},
		{Overdue, EventCure, GuardNotOverdue, Repaying, Bank},
		{Overdue, EventSettle, GuardPaid, Settled, Bank},
		{Overdue, EventWriteOff, GuardOverdue360, WrittenOff, BankRisk},
		{Overdue, EventCompensate, GuardOverdue60, Compensated, Government},
	}
}

// Waiting says whose turn it is in a state, and for how long.
type Waiting struct {
	State  State
	Owner  Side
	Within time.Duration // 0: the product or the schedule says
}

const day = 24 * time.Hour

// Waitings lists every state in which somebody has to act.
func Waitings() []Waiting {
	return []Waiting{
		{Draft, Borrower, 30 * day},
		{Submitted, Bank, 0}, // the product's AcceptWithin
		{Accepted, Bank, 0},  // the product's DecideWithin
		{InReview, Bank, 0},  // the product's DecideWithin
		{MoreInformation, Borrower, 10 * day},
		{Approved, Borrower, 7 * day},
		{OfferAccepted, Borrower, 7 * day},
		{ContractSigned, Bank, 5 * day},
		{Disbursed, Borrower, 0}, // the next instalment
		{Repaying, Borrower, 0},  // the next instalment
		{Overdue, Bank, 30 * day},
	}
}

func waitingIn(s State) (Waiting, bool) {
	for _, w := range Waitings() {
		if w.State == s {
			return w, true
		}
	}
	return Waiting{}, false
}

func transition(from State, e Event) (Transition, bool) {
	for _, t := range Table() {
		if t.From == from && t.Event == e {
			return t, true
		}
	}
	return Transition{}, false
}
