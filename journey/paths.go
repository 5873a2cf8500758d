package journey

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// action is something that a player does; it may run again after an interruption anywhere inside it.
type action func(*Player, context.Context) (Evidence, error)

// path is one way that an application can end, each with a borrower of its own.
type path struct {
	name  string
	state string // in which the application ends
	steps []action
}

// toApplication and toLoan are the common beginnings.
var (
	toApplication = []action{(*Player).register, (*Player).verifyIdentity, (*Player).publishDemand, (*Player).match, (*Player).authorise, (*Player).apply}
	toLoan        = append(toApplication[:len(toApplication):len(toApplication)], (*Player).nodeScore, (*Player).bankReview, (*Player).offer,
		(*Player).accept, (*Player).contract, (*Player).disburse)
)

// paths lists the ways that are played. A way that is not here is not reported.
var paths = []path{
	{"settled", "settled", append(toLoan[:len(toLoan):len(toLoan)], (*Player).repayAll)},
	{"declined", "declined", append(toApplication[:len(toApplication):len(toApplication)], (*Player).decline)},
	{"withdrawn", "withdrawn", append(toApplication[:len(toApplication):len(toApplication)], (*Player).withdraw)},
	{"early_repaid", "settled", append(toLoan[:len(toLoan):len(toLoan)], (*Player).settleEarly)},
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
// path that failed is returned with ok false and its error, and tried again next time.
func (p *Player) PlayPaths(ctx context.Context, borrowers []Borrower) (map[string]Path, error) {
	played := map[string]Path{}
	for i, one := range paths {
		if done, ok := p.j.Paths[one.name]; ok {
			played[one.name] = done
			p.o.Ended(Step{Name: one.name, OK: true, Evidence: done.Evidence}, true)
			continue
		}
		if i >= len(borrowers) {
			return played, fmt.Errorf("no borrower is left for the path %s", one.name)
		}
		p.o.Started(one.name)
		began := p.o.Clock()
		result := p.with(one.name, borrowers[i]).walk(ctx, one)
		if err := ctx.Err(); err != nil {
			return played, err
		}
		played[one.name] = result
		p.o.Ended(Step{Name: one.name, OK: result.OK, MS: p.o.Clock().Sub(began).Milliseconds(), Evidence: result.Evidence}, false)
		if !result.OK {
			continue
		}
		if err := p.j.KeepPath(one.name, result); err != nil {
			return played, err
		}
	}
	return played, nil
}

// with is a player of another play, with its own borrower, facts and browsers.
func (p *Player) with(play string, b Borrower) *Player {
	o := p.o
	o.Borrower = b
	return &Player{o: o, j: p.j, facts: p.j.factsOf(play), users: map[string]*Browser{}}
}

func (p *Player) walk(ctx context.Context, way path) Path {
	var evidence Evidence
	for _, do := range way.steps {
		var err error
		if evidence, err = do(p, ctx); err != nil {
			return Path{Application: p.facts["application"], Evidence: Evidence{"error": err.Error()}}
		}
	}
	result := Path{OK: evidence["state"] == way.state, Application: p.facts["application"], Evidence: evidence}
	if !result.OK {
		result.Evidence = Evidence{"error": fmt.Sprintf("the application ended %v, not %s", evidence["state"], way.state)}
	}
	return result
}

// ended is the evidence of an application that is over.
func ended(page *Page) (Evidence, error) {
	a, err := page.thing("application")
	return a.evidence("application"), err
}

// repayAll pays every instalment, one after the other, each under its own reference.
func (p *Player) repayAll(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	paid := 0
	for page.HasForm("repay") {
		due, ok := firstOpen(page)
		if !ok {
			return nil, fmt.Errorf("the page offers to book a payment, but every instalment is paid")
		}
		page, err = b.send(ctx, page, "repay", entries{
			{"bank_reference", "REPAY-" + due.id + "-" + p.facts["loan"]}, {"amount_yuan", due.attr("open-yuan")}, {"paid_on", p.today()},
		})
		if err != nil {
			return nil, err
		}
		if paid++; paid > 400 {
			return nil, errors.New("the loan is never repaid")
		}
	}
	e, err := ended(page)
	e["instalments"] = strconv.Itoa(len(page.things("instalment")))
	return e, err
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
