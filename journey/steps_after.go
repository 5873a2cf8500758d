package journey

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// adverseEvent lets a court's delivery about the firm reach the city while everything runs.
func (p *Player) adverseEvent(ctx context.Context) (Evidence, error) {
	return p.o.World.Adverse(ctx, p.o.Borrower.USCI)
}

// alert waits until the bank's alert page shows what the court delivered.
func (p *Player) alert(ctx context.Context) (Evidence, error) {
	b, err := p.officer(ctx)
	if err != nil {
		return nil, err
	}
	var found []thing
	err = poll(ctx, func() (bool, error) {
		page, err := b.Open(ctx, "/bank/alerts")
		if err != nil {
			return false, err
		}
		for _, a := range page.things("alert") {
			if a.attr("application") == p.facts["application"] {
				found = append(found, a)
			}
		}
		return len(found) > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the bank's alert page: %w", err)
	}
	e := found[0].evidence("alert")
	e["shown"] = clip(squeeze(found[0].node.Text()), 160)
	e["alerts"] = len(found)
	return e, nil
}

// whoUsedMyData reads, as the firm, every use of its data with its place in a log.
func (p *Player) whoUsedMyData(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/firm/data-use")
	if err != nil {
		return nil, err
	}
	var uses []map[string]string
	seen := map[string]int{}
	for _, u := range page.things("use") {
		if u.attr("leaf") == "" {
			return nil, fmt.Errorf("use %s (%s) stands in no log", u.id, u.attr("event"))
		}
		seen[u.attr("event")]++
		if u.state != "verified" {
			return nil, fmt.Errorf("the proof of use %s (%s) is %s", u.id, u.attr("event"), u.state)
		}
		uses = append(uses, map[string]string{"event": u.attr("event"), "origin": u.attr("origin"), "leaf": u.attr("leaf"), "proof": u.state})
	}
	for _, event := range []string{"request", "answer", "alert"} {
		if seen[event] == 0 {
			return nil, fmt.Errorf("the page lists %v but no %s", seen, event)
		}
	}
	return Evidence{"uses": uses, "counted": seen}, nil
}

// revoke withdraws the grant that the bank's review stands on.
func (p *Player) revoke(ctx context.Context) (Evidence, error) {
	grant, err := p.fact("grant")
	if err != nil {
		return nil, err
	}
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/firm/consents")
	if err != nil {
		return nil, err
	}
	form, err := page.FormOf("grant", grant, "revoke")
	if err == nil {
		if page, err = b.Submit(ctx, form); err != nil {
			return nil, err
		}
	}
	for _, g := range page.things("grant") {
		if g.id == grant && g.state == "revoked" {
			return g.evidence("grant"), nil
		}
	}
	return nil, fmt.Errorf("the grant %s is not shown as withdrawn%s", grant, page.saying())
}

// refusedAfterRevoke shows two locks: the platform tells the officer no, and the city's node refuses on its own.
func (p *Player) refusedAfterRevoke(ctx context.Context) (Evidence, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return nil, err
	}
	form, err := page.Form("report")
	if err != nil {
		return nil, err
	}
	_, err = b.Submit(ctx, form)
	refused := asRefused(err)
	switch {
	case err == nil:
		return nil, errors.New("the bank's officer got the report although the firm had withdrawn its consent")
	case refused == nil:
		return nil, err
	}
	node, leaves, err := p.o.World.Probe(ctx, p.facts["grant"])
	if err != nil {
		return nil, fmt.Errorf("a request past the platform: %w", err)
	}
	if err := errors.Join(p.note("node_leaf", strconv.FormatUint(leaves.Node, 10)), p.note("platform_leaf", strconv.FormatUint(leaves.Platform, 10))); err != nil {
		return nil, err
	}
	return Evidence{"platform": map[string]any{"status": refused.Status, "code": refused.Code, "text": refused.Text}, "node": node}, nil
}

// logVerify verifies both logs, the entries of the refusal among them.
func (p *Player) logVerify(ctx context.Context) (Evidence, error) {
	node, err := strconv.ParseUint(p.facts["node_leaf"], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the journal knows no leaf of the refusal: %w", err)
	}
	platform, err := strconv.ParseUint(p.facts["platform_leaf"], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the journal knows no leaf of the refused request: %w", err)
	}
	return p.o.World.VerifyLogs(ctx, Leaves{Node: node, Platform: platform})
}
