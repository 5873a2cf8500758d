package demand

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
)

// openFor is how long a demand stays published.
const openFor = 30 * 24 * time.Hour

// Bounds of a demand.
const (
	minFen    = 10_000_00
	maxFen    = 50_000_000_00
	maxMonths = 120
)

// Service publishes and lists demands.
type Service struct{ store *store.Store }

// New returns the service.
func New(s *store.Store) *Service { return &Service{store: s} }

// Publish publishes a demand of the actor's firm for 30 days. The same demand sent twice within a minute is published once.
func (s *Service) Publish(ctx context.Context, by party.Actor, d Draft) (Demand, error) {
	if !by.Role.Borrower() {
		return Demand{}, problem.New(problem.Forbidden, "not_a_borrower", "只有借款企业可以发布融资需求。", "Only a borrowing firm publishes a demand.")
	}
	if d.Security == "" {
		d.Security = product.SecurityNone
	}
	now := s.store.Now()
	if err := d.check(now); err != nil {
		return Demand{}, err
	}
	one := Demand{ID: s.store.NewID(), OrgID: by.OrgID, AmountFen: d.AmountFen, TermMonths: d.TermMonths, Use: d.Use, Security: d.Security,
		NeededBy: d.NeededBy, State: StateOpen, PublishedAt: now, ExpiresAt: now.Add(openFor)}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		org, err := party.OrganisationByID(ctx, tx, by.OrgID)
		if err != nil {
			return err
		}
		one.City, one.Region = org.City, org.Profile.Division
		same, err := store.Collect(ctx, tx, scan, selectDemand+` where org_id = $1 and amount_fen = $2 and term_months = $3 and used_for = $4
			and security = $5 and needed_by = $6 and published_at > $7 and closed_at = 0`,
			by.OrgID, d.AmountFen, d.TermMonths, d.Use, d.Security, store.Micros(d.NeededBy), store.Micros(now.Add(-time.Minute)))
		if err != nil {
			return err
		}
		if len(same) > 0 {
			one = same[0]
			return nil
		}
		_, err = tx.Exec(ctx, `insert into demand (id, org_id, city, region, amount_fen, term_months, used_for, security, needed_by, state,
			published_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			one.ID, one.OrgID, one.City, one.Region, one.AmountFen, one.TermMonths, one.Use, one.Security, store.Micros(one.NeededBy),
			one.State, store.Micros(one.PublishedAt), store.Micros(one.ExpiresAt))
		return err
	})
	return one, problem.Wrap("publish the demand", err)
}

func (d Draft) check(now time.Time) error {
	var wrong problem.Fields
	if d.AmountFen < minFen || d.AmountFen > maxFen {
		wrong.Add("amount_wan", "range", fmt.Sprintf("请填写 %d–%d 万元。", minFen/1_000_000, maxFen/1_000_000),
			fmt.Sprintf("Give %d to %d (in 10,000 yuan).", minFen/1_000_000, maxFen/1_000_000))
	}
	if d.TermMonths < 1 || d.TermMonths > maxMonths {
		wrong.Add("term_months", "range", fmt.Sprintf("请填写 1–%d 个月。", maxMonths), fmt.Sprintf("Give 1 to %d months.", maxMonths))
	}
	known := false
	for _, u := range Uses() {
		known = known || u == d.Use
	}
	if !known {
		wrong.Add("use", "unknown", "请选择资金用途。", "Choose the use of the money.")
	}
	switch d.Security {
	case product.SecurityNone, product.SecurityMortgage, product.SecurityGuarantee, product.SecurityPledge:
	default:
		wrong.Add("security", "unknown", "请选择担保方式。", "Choose the security.")
	}
	if !d.NeededBy.IsZero() && d.NeededBy.Before(now.Add(-24*time.Hour)) {
		wrong.Add("needed_by", "past", "用款日期不能早于今天。", "The money cannot be needed in the past.")
	}
	return wrong.Err()
}

// Withdraw closes the actor's firm's demand. Withdrawing twice is fine.
func (s *Service) Withdraw(ctx context.Context, by party.Actor, id string) (Demand, error) {
	var d Demand
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if d, err = Own(ctx, tx, by, id); err != nil {
			return err
		}
		switch d.State {
		case StateWithdrawn:
			return nil
		case StateOpen, StateApplied:
		default:
			return problem.New(problem.Conflict, "closed", "该需求已结束。", "This demand is closed already.")
		}
		d.State, d.ClosedAt = StateWithdrawn, s.store.Now()
		return end(ctx, tx, d)
	})
	return d, problem.Wrap("withdraw the demand", err)
}

func end(ctx context.Context, tx *store.Tx, d Demand) error {
	_, err := tx.Exec(ctx, `update demand set state = $1, closed_at = $2 where id = $3`, d.State, store.Micros(d.ClosedAt), d.ID)
	return err
}

// Own reads the actor's firm's demand inside tx; sql.ErrNoRows when it is not theirs.
func Own(ctx context.Context, tx *store.Tx, by party.Actor, id string) (Demand, error) {
	if !by.Role.Borrower() {
		return Demand{}, sql.ErrNoRows
	}
	return scan(tx.Row(ctx, selectDemand+` where id = $1 and org_id = $2`, id, by.OrgID).Scan)
}

// MarkApplied notes inside tx that an application was made from an open demand.
func MarkApplied(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `update demand set state = 'applied' where id = $1 and state = 'open'`, id)
	return err
}

// MarkFunded notes inside tx that the demand got its money.
func MarkFunded(ctx context.Context, tx *store.Tx, id string, at time.Time) error {
	_, err := tx.Exec(ctx, `update demand set state = 'funded', closed_at = $1 where id = $2`, store.Micros(at), id)
	return err
}

// Get returns one demand of the actor's firm.
func (s *Service) Get(ctx context.Context, by party.Actor, id string) (Demand, error) {
	var d Demand
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		d, err = Own(ctx, tx, by, id)
		return err
	})
	return d, problem.Wrap("read the demand", err)
}

// List returns the demands of the actor's firm, newest first.
func (s *Service) List(ctx context.Context, by party.Actor) ([]Demand, error) {
	var all []Demand
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scan, selectDemand+` where org_id = $1 order by published_at desc, id desc`, by.OrgID)
		return err
	})
	return all, problem.Wrap("list the demands", err)
}

// marketSize bounds what one page of the market shows.
const marketSize = 200

// Market returns the open demands of the actor's bank's city without names, newest first.
func (s *Service) Market(ctx context.Context, by party.Actor) ([]Card, error) {
	if !by.Role.Bank() {
		return nil, problem.New(problem.Forbidden, "not_a_bank", "只有银行可以查看融资需求。", "Only a bank sees the demands.")
	}
	now := s.store.Now()
	var cards []Card
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		cards, err = store.Collect(ctx, tx, func(scan func(...any) error) (c Card, err error) {
			var established, published, expires int64
			err = scan(&c.ID, &c.Region, &c.IndustrySection, &c.Kind, &established, &c.AmountFen, &c.TermMonths, &c.Use, &c.Security, &c.State, &published, &expires)
			c.PublishedAt, c.ExpiresAt = store.Time(published), store.Time(expires)
			if months := product.AgeMonths(store.Time(established), now); months > 0 {
				c.AgeYears = months / 12
			}
			return c, err
		}, `select d.id, d.region, o.industry_section, o.kind, o.established_on, d.amount_fen, d.term_months, d.used_for, d.security, d.state,
				d.published_at, d.expires_at
			from demand d join organisation o on o.id = d.org_id
			where d.city = (select b.city from organisation b where b.id = $1) and d.state in ('open', 'applied') and d.expires_at > $2
			order by d.published_at desc, d.id desc limit $3`, by.OrgID, store.Micros(now), marketSize)
		return err
	})
	return cards, problem.Wrap("list the market", err)
}

// Expire closes what is past its time; the nightly job calls it.
func (s *Service) Expire(ctx context.Context) (int, error) {
	var n int64
	now := store.Micros(s.store.Now())
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.Exec(ctx, `update demand set state = 'expired', closed_at = expires_at where state in ('open', 'applied') and expires_at <= $1`, now)
		return err
	})
	return int(n), problem.Wrap("expire demands", err)
}

const selectDemand = `select id, org_id, city, region, amount_fen, term_months, used_for, security, needed_by, state, published_at, expires_at, closed_at from demand`

func scan(scan func(...any) error) (d Demand, err error) {
	var needed, published, expires, closed int64
	err = scan(&d.ID, &d.OrgID, &d.City, &d.Region, &d.AmountFen, &d.TermMonths, &d.Use, &d.Security, &needed, &d.State, &published, &expires, &closed)
	d.NeededBy, d.PublishedAt, d.ExpiresAt, d.ClosedAt = store.Time(needed), store.Time(published), store.Time(expires), store.Time(closed)
	return d, err
}
