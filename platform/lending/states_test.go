package lending

import "testing"

// TestTableIsComplete holds the machine together: one row per state and event, every state reachable, every waiting state with an
// owner, a way on and a way out, final states final.
func TestTableIsComplete(t *testing.T) {
	type key struct {
		from  State
		event Event
	}
	known := map[State]bool{}
	for _, s := range States() {
		known[s] = true
	}
	seen := map[key]bool{}
	exits := map[State][]Transition{}
	for _, row := range Table() {
		if !known[row.From] || !known[row.To] {
			t.Errorf("%v names an unknown state", row)
		}
		if k := (key{row.From, row.Event}); seen[k] {
			t.Errorf("%s on %s stands twice", row.Event, row.From)
		} else {
			seen[k] = true
		}
		if _, ok := guards[row.Guard]; row.Guard != "" && !ok {
			t.Errorf("guard %s checks nothing", row.Guard)
		}
		exits[row.From] = append(exits[row.From], row)
	}
	reached, todo := map[State]bool{Draft: true}, []State{Draft}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, row := range exits[s] {
			if !reached[row.To] {
				reached[row.To] = true
				todo = append(todo, row.To)
			}
		}
	}
	for _, s := range States() {
		w, waiting := waitingIn(s)
		switch {
		case !reached[s]:
			t.Errorf("%s cannot be reached", s)
		case s.Final() && len(exits[s]) > 0:
			t.Errorf("%s is final but has exits", s)
		case s.Final() == waiting:
			t.Errorf("%s: final is %v, waiting is %v", s, s.Final(), waiting)
		case !s.Final() && !ownerCanAct(exits[s], w.Owner) && !systemActs(exits[s]):
			t.Errorf("%s waits for %s, who has nothing to do there", s, w.Owner)
		case !s.Final() && s != Overdue && !systemActs(exits[s]):
			t.Errorf("%s has a deadline that nothing follows from", s)
		}
	}
	// Withdrawal is possible until the signature, and not after.
	for _, s := range []State{Draft, Submitted, Accepted, InReview, MoreInformation, Approved, OfferAccepted} {
		if !seen[key{s, EventWithdraw}] {
			t.Errorf("%s cannot be withdrawn", s)
		}
	}
	for _, s := range []State{ContractSigned, Disbursed, Repaying, Overdue} {
		if seen[key{s, EventWithdraw}] {
			t.Errorf("%s can be withdrawn after the signature", s)
		}
	}
}

func ownerCanAct(rows []Transition, owner Side) bool {
	for _, row := range rows {
		if row.Who == owner {
			return true
		}
	}
	return false
}

func systemActs(rows []Transition) bool { return ownerCanAct(rows, System) }
