package journey

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/PuerkitoBio/goquery"
)

// What the firm of the journey asks for.
const (
	askedWan    = "30"
	askedMonths = "12"
	employees   = "18"
)

// offeredWan is what the bank's officer tries to offer, until the product's rules agree.
var offeredWan = []string{askedWan, "20", "10", "5"}

// register opens the firm's account, as its owner would on a phone.
func (p *Player) register(ctx context.Context) (Evidence, error) {
	b, err := NewBrowser(p.o.Base)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/register")
	if err != nil {
		return nil, err
	}
	who := p.o.Borrower
	page, err = b.send(ctx, page, "register", entries{
		{"kind", who.Kind}, {"login", who.Login}, {"password", who.Password}, {"person_name", who.Name}, {"firm_name", who.FirmName},
		{"agree", ticked},
	})
	// A journey that was interrupted just here finds its own login taken; then the password must open it.
	if refused := asRefused(err); err != nil && (refused == nil || !page.Has("[data-field=login]")) {
		return nil, err
	}
	b, err = p.signIn(ctx, who.Person)
	if err != nil {
		return nil, err
	}
	page, err = b.Open(ctx, "/firm")
	if err != nil {
		return nil, err
	}
	firm, err := page.thing("organisation")
	if err != nil {
		return nil, err
	}
	return Evidence{"login": who.Login, "organisation": firm.id, "state": firm.state, "firm": page.Text("h1")}, nil
}

// verifyIdentity lets market regulation and public security say yes or no, through the city's node.
func (p *Player) verifyIdentity(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/firm/identity")
	if err != nil {
		return nil, err
	}
	if page.HasForm("identity") {
		who := p.o.Borrower
		page, err = b.send(ctx, page, "identity", entries{
			{"firm_name", who.FirmName}, {"usci", who.USCI}, {"person_name", who.Name}, {"resident_id", who.ResidentID}, {"agree", ticked},
		})
		if err != nil {
			return nil, err
		}
	}
	var check thing
	err = poll(ctx, func() (bool, error) {
		if page, err = b.Open(ctx, "/firm/identity"); err != nil {
			return false, err
		}
		check, err = page.thing("check")
		return check.state != "asked", err
	})
	if err != nil {
		return nil, err
	}
	if check.state != "verified" {
		return nil, fmt.Errorf("the identity check ended %s: %s", check.state, page.Problem())
	}
	var answers []string
	page.Find("[data-verdict]").Each(func(_ int, one *goquery.Selection) {
		answers = append(answers, squeeze(one.Text())+" "+one.AttrOr("data-verdict", ""))
	})
	e := check.evidence("check")
	e["answers"] = answers
	answer, err := p.latestUse(ctx, b, "answer")
	if err != nil {
		return nil, err
	}
	e["leaf"], e["log"] = answer.attr("leaf"), answer.attr("origin")
	return e, nil
}

func (p *Player) publishDemand(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/firm/demands")
	if err != nil {
		return nil, err
	}
	if !page.Has(`[data-kind=demand][data-state=open]`) {
		if page, err = b.Open(ctx, "/firm/demands/new"); err != nil {
			return nil, err
		}
		page, err = b.send(ctx, page, "demand", entries{{"amount_wan", askedWan}, {"term_months", askedMonths}, {"employees", employees},
			{"industry_section", p.o.Borrower.Section}, {"established_on", p.o.Borrower.EstablishedOn}, {"size_declared", "small"}})
		if err != nil {
			return nil, err
		}
	}
	demand, err := page.thing("demand")
	if err != nil {
		return nil, err
	}
	e := demand.evidence("demand")
	e["amount_wan"], e["term_months"] = askedWan, askedMonths
	return e, p.note("demand", demand.id)
}

func (p *Player) browseProducts(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/products")
	if err != nil {
		return nil, err
	}
	products := page.things("product")
	if len(products) == 0 {
		return nil, fmt.Errorf("no product is on offer%s", page.saying())
	}
	var names []string
	for _, product := range products {
		one, err := b.Open(ctx, "/products/"+product.id)
		if err != nil {
			return nil, err
		}
		names = append(names, one.Text("h1"))
	}
	return Evidence{"products": len(products), "names": names}, nil
}

func (p *Player) match(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	demand, err := p.fact("demand")
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/firm/demands/"+demand)
	if err != nil {
		return nil, err
	}
	var ranked []map[string]string
	chosen := ""
	for _, m := range page.things("match") {
		product := m.attr("product")
		ranked = append(ranked, map[string]string{"product": product, "rank": m.attr("rank"), "verdict": m.attr("verdict"), "why": clip(m.text("[data-reason]"), 120)})
		if chosen == "" && m.attr("verdict") != "failed" {
			chosen = product
		}
	}
	if chosen == "" {
		return nil, fmt.Errorf("none of the %d products fits the demand", len(ranked))
	}
	return Evidence{"demand": demand, "chosen": chosen, "ranked": ranked}, p.note("product", chosen)
}

// Purposes of grants, as the pages name them.
const (
	preLoan  = "PRE_LOAN_REVIEW"
	postLoan = "POST_LOAN_MONITORING"
)

// authorise gives the bank the grant that its review needs, and nothing more.
func (p *Player) authorise(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	grant, err := p.activeGrant(ctx, b, preLoan)
	if err != nil {
		return nil, err
	}
	if grant.id == "" {
		page, err := b.Open(ctx, "/firm/authorise?"+p.chosen())
		if err != nil {
			return nil, err
		}
		if _, err = b.send(ctx, page, "authorise", entries{{"agree", ticked}}); err != nil {
			return nil, err
		}
		if grant, err = p.activeGrant(ctx, b, preLoan); err != nil {
			return nil, err
		}
	}
	return grant.evidence("grant"), p.note("grant", grant.id)
}

// chosen names product and demand in an address.
func (p *Player) chosen() string {
	return url.Values{"product": {p.facts["product"]}, "demand": {p.facts["demand"]}}.Encode()
}

// latestUse is the newest line of a kind on the firm's page of who used its data.
func (p *Player) latestUse(ctx context.Context, b *Browser, event string) (thing, error) {
	page, err := b.Open(ctx, "/firm/data-use")
	if err != nil {
		return thing{}, err
	}
	for _, u := range page.things("use") {
		if u.attr("event") == event {
			return u, nil
		}
	}
	return thing{}, fmt.Errorf("the page %s lists no %s", page.URL.Path, event)
}

// activeGrant finds the firm's newest active grant for a purpose; its id is empty when there is none.
func (p *Player) activeGrant(ctx context.Context, b *Browser, purpose string) (thing, error) {
	page, err := b.Open(ctx, "/firm/consents")
	if err != nil {
		return thing{}, err
	}
	for _, g := range page.things("grant") {
		if g.state == "active" && g.attr("purpose") == purpose {
			return g, nil
		}
	}
	return thing{}, nil
}

func (p *Player) apply(ctx context.Context) (Evidence, error) {
	b, err := p.borrower(ctx)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/firm/applications")
	if err != nil {
		return nil, err
	}
	if !page.Has("[data-kind=application]") {
		if page, err = b.Open(ctx, "/firm/apply?"+p.chosen()); err != nil {
			return nil, err
		}
		if page, err = b.send(ctx, page, "apply", nil); err != nil {
			return nil, err
		}
	}
	application, err := page.thing("application")
	if err != nil {
		return nil, err
	}
	return application.evidence("application"), errors.Join(p.note("bank", application.attr("bank-name")), p.note("application", application.id))
}
