package journey

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// officer returns the browser of the bank's account manager.
func (p *Player) officer(ctx context.Context) (*Browser, error) {
	who, ok := p.o.BankUser(p.facts["bank"])
	if !ok {
		return nil, fmt.Errorf("nobody of bank %q can sign in", p.facts["bank"])
	}
	return p.as(ctx, who)
}

// caseFile opens the application as the bank sees it.
func (p *Player) caseFile(ctx context.Context) (*Browser, *Page, error) {
	id, err := p.fact("application")
	if err != nil {
		return nil, nil, err
	}
	b, err := p.officer(ctx)
	if err != nil {
		return nil, nil, err
	}
	page, err := b.Open(ctx, "/bank/applications/"+id)
	return b, page, err
}

// nodeScore takes the application in and asks the city's node for the report: the node scores the firm.
func (p *Player) nodeScore(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	if page.HasForm("accept") {
		if page, err = b.send(ctx, page, "accept", nil); err != nil {
			return nil, err
		}
	}
	started := p.o.Clock()
	if page.HasForm("report") {
		if page, err = b.send(ctx, page, "report", nil); err != nil {
			return nil, err
		}
	}
	var report thing
	err = poll(ctx, func() (bool, error) {
		if _, page, err = p.caseFile(ctx); err != nil {
			return false, err
		}
		report, err = page.thing("report")
		return report.state != "requested", err
	})
	if err != nil {
		return nil, err
	}
	if report.state != "arrived" {
		return nil, fmt.Errorf("the report ended %s: %s", report.state, page.Problem())
	}
	e := report.evidence("report")
	e["click_to_report_ms"] = p.o.Clock().Sub(started).Milliseconds()
	return e, p.note("score", report.attr("score"))
}

// report reads what the bank's officer sees: score, grade, reasons, dimensions.
func (p *Player) report(ctx context.Context) (Evidence, error) {
	_, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	report, err := page.thing("report")
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, r := range page.things("reason") {
		reasons = append(reasons, squeeze(r.node.Text()))
	}
	dimensions := map[string]string{}
	for _, d := range page.things("dimension") {
		dimensions[d.id] = d.attr("value")
	}
	if len(reasons) == 0 || len(dimensions) != 6 {
		return nil, fmt.Errorf("the report shows %d reasons and %d dimensions", len(reasons), len(dimensions))
	}
	return Evidence{"score": report.attr("score"), "grade": report.attr("grade"), "reasons": reasons, "dimensions": dimensions}, nil
}

func (p *Player) bankReview(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	if page.HasForm("review") {
		if page, err = b.send(ctx, page, "review", nil); err != nil {
			return nil, err
		}
	}
	return applicationIn(page, "in_review", "approved")
}

// offer proposes what was asked for, or less when the product's rules do not allow that much for this report.
func (p *Player) offer(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	var refusals []string
	for _, wan := range offeredWan {
		if !page.HasForm("offer") {
			break
		}
		page, err = b.send(ctx, page, "offer", entries{{"amount_wan", wan}})
		refused := asRefused(err)
		if err != nil && refused == nil {
			return nil, err
		}
		if refused != nil {
			refusals = append(refusals, wan+" 万元: "+refused.Text)
		}
	}
	if _, stuck := applicationIn(page, "approved"); stuck != nil {
		return nil, errors.Join(stuck, err)
	}
	offer, err := page.thing("offer")
	e := offer.evidence("offer")
	if len(refusals) > 0 {
		e["refused_before"] = refusals
	}
	return e, err
}

// applicationIn is the evidence of an application in one of the states; another state is an error.
func applicationIn(page *Page, states ...string) (Evidence, error) {
	a, err := page.thing("application")
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		if a.state == s {
			return a.evidence("application"), nil
		}
	}
	return nil, fmt.Errorf("the application is %s, not %s%s", a.state, strings.Join(states, " or "), page.saying())
}

// ownCase opens the application as the firm sees it.
func (p *Player) ownCase(ctx context.Context) (*Browser, *Page, error) {
	id, err := p.fact("application")
	if err != nil {
		return nil, nil, err
	}
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, nil, err
	}
	page, err := b.Open(ctx, "/firm/applications/"+id)
	return b, page, err
}

func (p *Player) accept(ctx context.Context) (Evidence, error) {
	b, page, err := p.ownCase(ctx)
	if err != nil {
		return nil, err
	}
	if page.HasForm("accept_offer") {
		if page, err = b.send(ctx, page, "accept_offer", nil); err != nil {
			return nil, err
		}
	}
	return applicationIn(page, "offer_accepted", "contract_signed")
}

// contract signs, and agrees separately that the bank may watch the firm while the loan runs.
func (p *Player) contract(ctx context.Context) (Evidence, error) {
	b, page, err := p.ownCase(ctx)
	if err != nil {
		return nil, err
	}
	if page.HasForm("sign") {
		if page, err = b.send(ctx, page, "sign", entries{{"agree", ticked}, {"monitoring", ticked}}); err != nil {
			return nil, err
		}
	}
	if _, err := applicationIn(page, "contract_signed", "disbursed", "repaying"); err != nil {
		return nil, err
	}
	contract, err := page.thing("contract")
	if err != nil {
		return nil, err
	}
	watch, err := p.activeGrant(ctx, b, postLoan)
	if err != nil {
		return nil, err
	}
	e := contract.evidence("contract")
	e["monitoring_grant"] = watch.id
	return e, p.note("monitoring_grant", watch.id)
}

func (p *Player) disburse(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	if page.HasForm("disburse") {
		if page, err = b.send(ctx, page, "disburse", entries{{"bank_reference", "PAY-" + p.facts["application"]}}); err != nil {
			return nil, err
		}
	}
	var loan thing
	// The watch is set at the city's node; only then can a later alert be expected.
	err = poll(ctx, func() (bool, error) {
		if _, page, err = p.caseFile(ctx); err != nil {
			return false, err
		}
		loan, err = page.thing("loan")
		return loan.attr("watch") != "", err
	})
	if err != nil {
		return nil, err
	}
	return loan.evidence("loan"), p.note("loan", loan.id)
}

func (p *Player) repay(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	first := func() (thing, error) { return page.thing("instalment") }
	due, err := first()
	if err != nil {
		return nil, err
	}
	if due.state != "paid" {
		if page, err = p.pay(ctx, b, page, due); err != nil {
			return nil, err
		}
	}
	if due, err = first(); err != nil {
		return nil, err
	}
	if due.state != "paid" {
		return nil, fmt.Errorf("the first instalment is %s after its payment%s", due.state, page.saying())
	}
	e := due.evidence("instalment")
	if booked, err := page.thing("repayment"); err == nil {
		e["reference"] = booked.id
	}
	if loan, err := page.thing("loan"); err == nil {
		e["outstanding_yuan"] = loan.attr("outstanding-yuan")
	}
	return e, nil
}

// shanghai is the time on the wall of the city; it has had no summer time since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)
