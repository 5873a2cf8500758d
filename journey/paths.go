package journey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// action is something that a player does; it may run again after an interruption anywhere inside it.
type action func(*Player, context.Context) (Evidence, error)

// path is one way that an application can go, each with a borrower of its own.
type path struct {
	name  string
	state string // in which it leaves the application
	timed bool   // it takes days or months, and is played where the clock can be put forward
	steps []action
}

// toApplication and toLoan are the common beginnings.
var (
	toApplication = []action{(*Player).register, (*Player).verifyIdentity, (*Player).publishDemand, (*Player).match, (*Player).authorise, (*Player).apply}
	toLoan        = slices.Concat(toApplication, []action{(*Player).nodeScore, (*Player).bankReview, (*Player).offer, (*Player).accept,
		(*Player).contract, (*Player).disburse})
)

// paths lists the ways that are played. A way that is not here is not reported.
var paths = []path{
	{"declined", "declined", false, slices.Concat(toApplication, []action{(*Player).decline})},
	{"withdrawn", "withdrawn", false, slices.Concat(toApplication, []action{(*Player).withdraw})},
	{"early_repaid", "settled", false, slices.Concat(toLoan, []action{(*Player).settleEarly})},
	{"expired", "expired", true, slices.Concat(toApplication, []action{(*Player).waitTooLong})},
	{"cured", "repaying", true, slices.Concat(toLoan, []action{(*Player).fallOverdue, (*Player).payArrears})},
	{"settled", "settled", true, slices.Concat(toLoan, []action{(*Player).repayAll})},
}

// PathNames lists the paths that are played, in their order.
func PathNames() []string {
	names := make([]string, 0, len(paths))
	for _, one := range paths {
		names = append(names, one.name)
	}
	return names
}

// PlayPaths plays the paths that the journal does not hold yet, each with the next of the borrowers, and returns all that really ran. A
// path that failed is returned with ok false and its error, and begun anew next time.
func (p *Player) PlayPaths(ctx context.Context, borrowers []Borrower) (map[string]Path, error) {
	played := map[string]Path{}
	if len(borrowers) < len(paths) {
		return played, fmt.Errorf("%d borrowers are too few for %d paths", len(borrowers), len(paths))
	}
	var fast *Fast
	defer func() {
		if fast != nil {
			_ = fast.Close() // its own failures have shown in what was played
		}
	}()
	for i, one := range paths {
		if done, ok := p.j.Paths[one.name]; ok {
			played[one.name] = done
			p.o.Ended(Step{Name: one.name, OK: true, Evidence: done.Evidence}, true)
			continue
		}
		if one.timed && fast == nil {
			var err error
			if fast, err = p.o.World.StartFast(ctx); err != nil {
				return played, err
			}
		}
		p.o.Started(one.name)
		began := time.Now()
		result := p.on(one, fast, borrowers[i]).walk(ctx, one)
		if err := ctx.Err(); err != nil {
			return played, err
		}
		if result.OK {
			if err := p.j.KeepPath(one.name, result); err != nil {
				return played, err
			}
		}
		played[one.name] = result
		p.o.Ended(Step{Name: one.name, OK: result.OK, MS: time.Since(began).Milliseconds(), Evidence: result.Evidence}, false)
	}
	return played, nil
}

// on is the player of a path: another borrower, other browsers, and for what takes time the site where it can pass. What is begun there
// is gone with the process, so only the other paths have facts that outlive it.
func (p *Player) on(one path, fast *Fast, b Borrower) *Player {
	o := p.o
	o.Borrower = b
	if !one.timed {
		return &Player{o: o, j: p.j, facts: p.j.factsOf(one.name), users: map[string]*Browser{}}
	}
	o.Base, o.Clock = fast.Base, fast.Clock
	delete(p.j.Facts, one.name)
	return &Player{o: o, j: p.j, facts: p.j.factsOf(one.name), fast: fast, users: map[string]*Browser{}}
}

// walk takes the steps that were not taken before an interruption.
func (p *Player) walk(ctx context.Context, way path) Path {
	var evidence Evidence
	taken, _ := strconv.Atoi(p.facts["taken"])
	for i, do := range way.steps {
		if i < taken {
			continue
		}
		var err error
		if evidence, err = do(p, ctx); err == nil && i+1 < len(way.steps) {
			err = p.note("taken", strconv.Itoa(i+1))
		}
		if err != nil {
			return Path{Application: p.facts["application"], Evidence: Evidence{"error": err.Error()}}
		}
	}
	result := Path{OK: evidence["state"] == way.state, Application: p.facts["application"], Evidence: evidence}
	if !result.OK {
		result.Evidence = Evidence{"error": fmt.Sprintf("the application ended %v, not %s", evidence["state"], way.state)}
	}
	return result
}

// passTo lets time pass where it can. Everybody's session is over afterwards.
func (p *Player) passTo(ctx context.Context, then time.Time) error {
	p.users = map[string]*Browser{}
	return p.fast.PassTo(ctx, then)
}

// ended is the evidence of an application that is over.
func ended(page *Page) (Evidence, error) {
	a, err := page.thing("application")
	return a.evidence("application"), err
}

// waitTooLong lets the bank's deadline pass without a word from it.
func (p *Player) waitTooLong(ctx context.Context) (Evidence, error) {
	_, page, err := p.ownCase(ctx)
	if err != nil {
		return nil, err
	}
	a, err := page.thing("application")
	if err != nil {
		return nil, err
	}
	deadline, err := time.Parse(time.RFC3339, a.attr("deadline"))
	if err != nil {
		return nil, fmt.Errorf("the application shows no deadline: %w", err)
	}
	if err := p.passTo(ctx, deadline.Add(time.Minute)); err != nil {
		return nil, err
	}
	if _, page, err = p.ownCase(ctx); err != nil {
		return nil, err
	}
	e, err := ended(page)
	e["deadline"] = a.attr("deadline")
	return e, err
}

// fallOverdue lets the first instalment's day pass by a week.
func (p *Player) fallOverdue(ctx context.Context) (Evidence, error) {
	_, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	due, ok := firstOpen(page)
	if !ok {
		return nil, errors.New("the loan has no open instalment")
	}
	day, err := time.ParseInLocation(time.DateOnly, due.attr("due"), shanghai)
	if err != nil {
		return nil, fmt.Errorf("instalment %s shows no day: %w", due.id, err)
	}
	if err := p.passTo(ctx, day.AddDate(0, 0, 7).Add(12*time.Hour)); err != nil {
		return nil, err
	}
	if _, page, err = p.caseFile(ctx); err != nil {
		return nil, err
	}
	return applicationIn(page, "overdue")
}

// payArrears pays what is overdue, and nothing more.
func (p *Player) payArrears(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	loan, err := page.thing("loan")
	if err != nil {
		return nil, err
	}
	overdue := loan.attr("overdue-days")
	due, ok := firstOpen(page)
	if !ok {
		return nil, errors.New("the loan has no open instalment")
	}
	if page, err = p.pay(ctx, b, page, due); err != nil {
		return nil, err
	}
	e, err := ended(page)
	e["was_overdue_days"] = overdue
	return e, err
}

// repayAll pays every instalment on its day, each under its own reference.
func (p *Player) repayAll(ctx context.Context) (Evidence, error) {
	paid := 0
	for {
		_, page, err := p.caseFile(ctx)
		if err != nil {
			return nil, err
		}
		due, open := firstOpen(page)
		if !open {
			e, err := ended(page)
			e["instalments_paid"] = paid
			return e, err
		}
		day, err := time.ParseInLocation(time.DateOnly, due.attr("due"), shanghai)
		if err != nil {
			return nil, fmt.Errorf("instalment %s shows no day: %w", due.id, err)
		}
		if err := p.passTo(ctx, day.Add(10*time.Hour)); err != nil {
			return nil, err
		}
		b, page, err := p.caseFile(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := p.pay(ctx, b, page, due); err != nil {
			return nil, err
		}
		if paid++; paid > 400 {
			return nil, errors.New("the loan is never repaid")
		}
	}
}

// pay books the payment of what is open of an instalment, today.
func (p *Player) pay(ctx context.Context, b *Browser, page *Page, due thing) (*Page, error) {
	return b.send(ctx, page, "repay", entries{
		{"bank_reference", "REPAY-" + due.id + "-" + p.facts["loan"]}, {"amount_yuan", due.attr("open-yuan")}, {"paid_on", p.today()},
	})
}

// firstOpen is the first instalment of which something is unpaid.
func firstOpen(page *Page) (thing, bool) {
	for _, i := range page.things("instalment") {
		if i.state != "paid" {
			return i, true
		}
	}
	return thing{}, false
}

func (p *Player) settleEarly(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	if page.HasForm("settle") {
		if page, err = b.send(ctx, page, "settle", entries{{"bank_reference", "SETTLE-" + p.facts["loan"]}}); err != nil {
			return nil, err
		}
	}
	return ended(page)
}

func (p *Player) decline(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	if page, err = b.giveReason(ctx, page, "decline"); err != nil {
		return nil, err
	}
	return ended(page)
}

func (p *Player) withdraw(ctx context.Context) (Evidence, error) {
	b, page, err := p.ownCase(ctx)
	if err != nil {
		return nil, err
	}
	if page, err = b.giveReason(ctx, page, "withdraw"); err != nil {
		return nil, err
	}
	return ended(page)
}

// giveReason sends a form that asks why, with the first reason that it offers. A page without the form is past it.
func (b *Browser) giveReason(ctx context.Context, page *Page, form string) (*Page, error) {
	if !page.HasForm(form) {
		return page, nil
	}
	f, err := page.Form(form)
	if err != nil {
		return page, err
	}
	for _, reason := range f.Choices("reason") {
		if reason != "" {
			return b.sendForm(ctx, f, entries{{"reason", reason}})
		}
	}
	return page, fmt.Errorf("form %q of %s offers no reason", form, page.URL.Path)
}

// today is the city's day, as a person writes it into a form.
func (p *Player) today() string { return p.o.Clock().In(shanghai).Format(time.DateOnly) }
