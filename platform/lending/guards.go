package lending

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yidaitong/yidaitong/platform/problem"
)

// attempt is an event that somebody wants to happen, with what the guards look at.
type attempt struct {
	application Application
	event       Event
	why         Reason
	now         time.Time
	offer       *Offer
	contract    *Contract
	loan        *position
	// verify is what only the event's own method knows how to check (a grant, a report); nil when it has nothing to add.
	verify func() error
}

// position is where a loan's schedule stands.
type position struct {
	openFen     int64 // of the whole schedule
	overdueFen  int64
	overdueDays int
}

// guards says what each guard checks. A nil result lets the event pass.
var guards = map[Guard]func(a attempt) error{
	GuardAuthorised: verified,
	GuardOffer:      verified,
	GuardReason: func(a attempt) error {
		var wrong problem.Fields
		choices := Reasons(a.event)
		known := len(choices) == 0 && strings.TrimSpace(a.why.Text) != ""
		for _, c := range choices {
			known = known || c.Code == a.why.Code
		}
		switch {
		case !known:
			wrong.Add("reason", "missing", "请说明原因。", "Please give a reason.")
		case a.why.Code == "other" && strings.TrimSpace(a.why.Text) == "":
			wrong.Add("text", "missing", "请用文字说明原因。", "Please explain in words.")
		case utf8.RuneCountInString(a.why.Text) > 500 || !utf8.ValidString(a.why.Text):
			wrong.Add("text", "too_long", "最多 500 个字。", "At most 500 characters.")
		}
		return wrong.Err()
	},
	GuardPast: func(a attempt) error {
		if a.application.Deadline.IsZero() || a.now.Before(a.application.Deadline) {
			return problem.New(problem.Conflict, "not_due", "时限未到。", "The deadline has not passed.")
		}
		return nil
	},
	GuardOfferValid: func(a attempt) error {
		if a.offer == nil || !a.now.Before(a.offer.ValidUntil) {
			return problem.New(problem.Conflict, "offer_lapsed", "报价已过有效期。", "The offer has lapsed.")
		}
		return nil
	},
	GuardContractThere: func(a attempt) error {
		if a.contract == nil {
			return problem.New(problem.Conflict, "no_contract", "合同尚未生成。", "There is no contract yet.")
		}
		return nil
	},
	GuardOpen:       loanIs(func(p position) bool { return p.openFen > 0 }),
	GuardPaid:       loanIs(func(p position) bool { return p.openFen == 0 }),
	GuardOverdue:    loanIs(func(p position) bool { return p.overdueFen > 0 }),
	GuardNotOverdue: loanIs(func(p position) bool { return p.openFen > 0 && p.overdueFen == 0 }),
	GuardOverdue60:  loanIs(func(p position) bool { return p.overdueDays > 60 }),
	GuardOverdue360: loanIs(func(p position) bool { return p.overdueDays > 360 }),
}

func verified(a attempt) error {
	if a.verify == nil {
		return problem.New(problem.Forbidden, "not_checked", "条件未满足。", "The condition was not checked.")
	}
	return a.verify()
}

func loanIs(holds func(position) bool) func(attempt) error {
	return func(a attempt) error {
		if a.loan == nil || !holds(*a.loan) {
			return problem.New(problem.Conflict, "schedule", "还款计划的状态不允许此操作。", "The state of the schedule does not allow this.")
		}
		return nil
	}
}
