package journey

import (
	"context"
	"fmt"
	"time"
)

// Prepare carries a borrower of its own from registration to an application that the bank's officer has taken in, so that the next
// click asks for the report.
func (p *Player) Prepare(ctx context.Context) error {
	for _, s := range script {
		if s.name == "node_score" {
			break
		}
		if _, err := s.do(p, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return err
	}
	if page.HasForm("accept") {
		_, err = b.send(ctx, page, "accept", nil)
	}
	return err
}

// ClickReport asks for the report of a prepared application and returns how long the officer waited from the click until the page
// with the score was there.
func (p *Player) ClickReport(ctx context.Context) (time.Duration, error) {
	b, page, err := p.caseFile(ctx)
	if err != nil {
		return 0, err
	}
	form, err := page.Form("report")
	if err != nil {
		return 0, err
	}
	began := time.Now()
	page, err = b.Submit(ctx, form)
	for err == nil && time.Since(began) < answerWithin {
		report, missing := page.thing("report")
		if missing == nil && report.state == "arrived" {
			return time.Since(began), nil
		}
		_, page, err = p.caseFile(ctx)
	}
	if err == nil {
		err = fmt.Errorf("no report within %v", answerWithin)
	}
	return 0, err
}
