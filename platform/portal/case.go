package portal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/yidaitong/yidaitong/platform/lending"
)

// phases are the stations of an application that its page shows.
var phases = []string{"submitted", "accepted", "review", "offer", "contract", "repaying", "settled"}

// phaseOf is the station that a case has reached. One that ended early stays where it ended.
func phaseOf(c lending.Case) int {
	state := c.Application.State
	if endedEarly(state) && len(c.Steps) > 0 {
		state = c.Steps[len(c.Steps)-1].From
	}
	switch state {
	case lending.Draft, lending.Submitted:
		return 0
	case lending.Accepted:
		return 1
	case lending.InReview, lending.MoreInformation:
		return 2
	case lending.Approved:
		return 3
	case lending.OfferAccepted, lending.ContractSigned:
		return 4
	case lending.Disbursed, lending.Repaying, lending.Overdue, lending.WrittenOff, lending.Compensated:
		return 5
	case lending.Settled:
		return 6
	}
	return 0
}

func endedEarly(s lending.State) bool {
	switch s {
	case lending.Declined, lending.Expired, lending.Rejected, lending.Withdrawn:
		return true
	}
	return false
}

func endedBadly(s lending.State) bool {
	return endedEarly(s) || s == lending.WrittenOff || s == lending.Compensated
}

func stateTone(s lending.State) string {
	switch s {
	case lending.Approved, lending.OfferAccepted, lending.ContractSigned, lending.Disbursed, lending.Repaying, lending.Settled:
		return "tone-good"
	case lending.Submitted, lending.Accepted, lending.InReview, lending.Draft:
		return "tone-go"
	case lending.MoreInformation:
		return "tone-busy"
	case lending.Overdue, lending.WrittenOff, lending.Declined, lending.Rejected:
		return "tone-bad"
	}
	return "tone-over"
}

// side is from where the looker sees an application.
func side(v *view) string {
	if v.Role().Bank() {
		return "bank"
	}
	return "firm"
}

// ours reports whether the looker's side has to act.
func ours(v *view, a lending.Application) bool {
	switch a.Owner {
	case lending.Borrower:
		return v.Role().Borrower()
	case lending.Bank, lending.BankRisk:
		return v.Role().Bank()
	}
	return false
}

// nextTitle says whose turn it is.
func nextTitle(v *view, a lending.Application) string {
	switch {
	case a.Owner == "":
		return v.T("case.over." + string(a.State))
	case a.State == lending.Overdue:
		return v.T("case.overdue")
	case a.State.Lent():
		return v.T("case.repaying")
	case ours(v, a):
		return v.T("case.your_turn")
	case a.Owner == lending.Borrower:
		return v.T("case.firm_turn")
	case a.Owner == lending.Bank || a.Owner == lending.BankRisk:
		return v.T("case.bank_turn", a.BankName)
	}
	return v.T("case.waiting")
}

func nextIcon(v *view, a lending.Application) string {
	switch {
	case a.Owner == "" && endedBadly(a.State):
		return "circle-x"
	case a.Owner == "":
		return "circle-check"
	case ours(v, a):
		return "writing"
	}
	return "hourglass"
}

// nextLine is what happens next, in a list.
func nextLine(v *view, a lending.Application) string {
	if a.Owner == "" {
		return v.T("case.over." + string(a.State))
	}
	return v.T("next." + side(v) + "." + string(a.State))
}

// casePathOf is the page of the case for the looker's side.
func casePathOf(v *view, d caseData) string {
	if v.Role().Bank() {
		return "/bank/applications/" + d.Application.ID
	}
	return "/firm/applications/" + d.Application.ID
}

// applicationMarks are the stable attributes of an application.
func applicationMarks(a lending.Application) templ.Attributes {
	marks := templ.Attributes{
		"data-kind": "application", "data-id": a.ID, "data-state": string(a.State), "data-number": a.Number,
		"data-bank": a.BankID, "data-bank-name": a.BankName, "data-owner": string(a.Owner), "data-version": strconv.Itoa(a.Version),
	}
	if !a.Deadline.IsZero() {
		marks["data-deadline"] = stamp(a.Deadline)
	}
	return marks
}

func loanMarks(l lending.Loan) templ.Attributes {
	return templ.Attributes{
		"data-kind": "loan", "data-id": l.ID, "data-state": string(l.State), "data-application": l.ApplicationID, "data-reference": l.BankReference,
		"data-amount-yuan": yuanText(l.AmountFen), "data-outstanding-yuan": yuanText(l.OutstandingFen), "data-watch": l.WatchID,
		"data-class": string(l.Class), "data-overdue-days": strconv.Itoa(l.OverdueDays),
	}
}

// instalmentMarks are there only once the loan runs: a plan is no instalment yet.
func instalmentMarks(v *view, i lending.Instalment, running bool) templ.Attributes {
	if !running {
		return nil
	}
	return templ.Attributes{
		"data-kind": "instalment", "data-id": strconv.Itoa(i.Number), "data-state": instalmentState(v, i),
		"data-due": i.DueOn.Format("2006-01-02"), "data-amount-yuan": yuanText(i.PrincipalFen + i.InterestFen),
		"data-open-yuan": yuanText(i.PrincipalFen + i.InterestFen - i.PaidFen),
	}
}

func instalmentState(v *view, i lending.Instalment) string {
	switch {
	case !i.PaidOn.IsZero():
		return "paid"
	case lending.Day(v.Now).After(i.DueOn):
		return "overdue"
	case i.PaidFen > 0:
		return "part_paid"
	}
	return "due"
}

func instalmentTone(state string) string {
	switch state {
	case "paid":
		return "tone-good"
	case "overdue":
		return "tone-bad"
	case "part_paid":
		return "tone-busy"
	}
	return "tone-over"
}

func classTone(c lending.FiveClass) string {
	switch c {
	case lending.ClassNormal:
		return "tone-good"
	case lending.ClassSpecialMention:
		return "tone-busy"
	}
	return "tone-bad"
}

func totalInterest(all []lending.Instalment) int64 {
	var sum int64
	for _, i := range all {
		sum += i.InterestFen
	}
	return sum
}

func totalPrincipal(all []lending.Instalment) int64 {
	var sum int64
	for _, i := range all {
		sum += i.PrincipalFen
	}
	return sum
}

func spread(bp int) string {
	if bp < 0 {
		return fmt.Sprintf("− %d", -bp)
	}
	return fmt.Sprintf("+ %d", bp)
}

func signedState(c *lending.Contract) string {
	if c.SignedAt.IsZero() {
		return "unsigned"
	}
	return "signed"
}

func leafText(c *lending.Contract) string { return strconv.FormatUint(c.LeafIndex, 10) }

// reasonWords are a reason's code in words, with what was added to it.
func (v *view) reasonWords(code, text string) string {
	var words []string
	for _, e := range []lending.Event{lending.EventDecline, lending.EventWithdraw, lending.EventAskMore} {
		choices := lending.Reasons(e)
		i := slices.IndexFunc(choices, func(r lending.ReasonChoice) bool { return r.Code == code })
		if i >= 0 && (code != "other" || text == "") {
			words = append(words, v.Pick(choices[i].ZH, choices[i].EN))
			break
		}
	}
	if text != "" {
		words = append(words, text)
	}
	return strings.Join(words, v.T("list.colon"))
}

// stepActor names who took a step.
func (v *view) stepActor(s lending.Step) string {
	if s.Side == lending.System {
		return v.T("side.system")
	}
	return v.T("side."+string(s.Side)) + " · " + s.ActorName
}
