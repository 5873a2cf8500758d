package cockpit

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"google.golang.org/protobuf/proto"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/calendar"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
)

var (
	//go:embed sql/totals.sql
	selectTotals string
	//go:embed sql/rates.sql
	selectRates string
	//go:embed sql/by_bank.sql
	selectByBank string
	//go:embed sql/by_county.sql
	selectByCounty string
	//go:embed sql/by_product.sql
	selectByProduct string
	//go:embed sql/by_month.sql
	selectByMonth string
)

// Service counts. City is the city of the public page.
type Service struct {
	store *store.Store
	city  string
}

// New returns the service of a platform whose public page is about a city.
func New(s *store.Store, city string) *Service { return &Service{store: s, city: city} }

// Numbers counts as of now the actor's city, for government roles, auditors and the operator.
func (s *Service) Numbers(ctx context.Context, by party.Actor) (Numbers, error) {
	if !sees(by.Role) {
		return Numbers{}, problem.New(problem.Forbidden, "government_only", "只有政府、审计和运营人员可以查看全市概览。",
			"Only government, auditors and the operator see the whole city.")
	}
	var n Numbers
	err := s.store.View(ctx, func(tx *store.Tx) error {
		city, err := cityOf(ctx, tx, by)
		if err != nil {
			return err
		}
		n, err = s.count(ctx, tx, city)
		return err
	})
	return n, problem.Wrap("count the city's numbers", err)
}

// Public returns the few numbers of the public home page: firms, banks, products, loans, disbursed fen, average rate.
func (s *Service) Public(ctx context.Context) (Numbers, error) {
	var all Numbers
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if err = totals(ctx, tx, s.city, &all); err != nil {
			return err
		}
		return rates(ctx, tx, s.city, &all)
	})
	return Numbers{At: s.store.Now(), Firms: all.Firms, Banks: all.Banks, Products: all.Products, Loans: all.Loans,
		DisbursedFen: all.DisbursedFen, AverageRateBP: all.AverageRateBP}, problem.Wrap("count the public numbers", err)
}

func sees(r party.Role) bool {
	switch r {
	case party.RoleFinanceOffice, party.RoleTreasury, party.RoleDataBureau, party.RoleDepartmentClerk, party.RoleAuditor, party.RoleOperator:
		return true
	}
	return false
}

func cityOf(ctx context.Context, tx *store.Tx, by party.Actor) (city string, err error) {
	return city, tx.Row(ctx, `select city from organisation where id = $1`, by.OrgID).Scan(&city)
}

// months is how many months the trend goes back, the running one included.
const months = 12

func (s *Service) count(ctx context.Context, tx *store.Tx, city string) (n Numbers, err error) {
	n.At = s.store.Now()
	if err = totals(ctx, tx, city, &n); err != nil {
		return n, err
	}
	if err = rates(ctx, tx, city, &n); err != nil {
		return n, err
	}
	if n.ByState, err = store.Collect(ctx, tx, scanState, `
		select state, count(*) from application where city = $1 group by state order by state`, city); err != nil {
		return n, err
	}
	if n.ByBank, err = store.Collect(ctx, tx, scanBank, selectByBank, city); err != nil {
		return n, err
	}
	if n.ByCounty, err = store.Collect(ctx, tx, scanCounty, selectByCounty, city); err != nil {
		return n, err
	}
	if n.ByMonth, err = byMonth(ctx, tx, city, n.At); err != nil {
		return n, err
	}
	return n, byProduct(ctx, tx, city, &n)
}

func totals(ctx context.Context, tx *store.Tx, city string, n *Numbers) error {
	err := tx.Row(ctx, selectTotals, city, int64(borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_REQUEST)).Scan(&n.Firms, &n.VerifiedFirms, &n.Banks,
		&n.Products, &n.Demands, &n.DemandFen, &n.MatchedDemands, &n.Applications, &n.Loans, &n.DisbursedFen, &n.OutstandingFen,
		&n.OverdueFen, &n.FirstLoans, &n.Grants, &n.Revocations, &n.CreditRequests, &n.Refusals, &n.OpenAlerts)
	if err != nil {
		return fmt.Errorf("totals: %w", err)
	}
	return nil
}

func rates(ctx context.Context, tx *store.Tx, city string, n *Numbers) error {
	var micros int64
	if err := tx.Row(ctx, selectRates, city).Scan(&n.AverageRateBP, &micros); err != nil {
		return fmt.Errorf("rates: %w", err)
	}
	n.TimeToFunds = time.Duration(micros) * time.Microsecond
	return nil
}

func scanState(scan func(...any) error) (r StateCount, err error) { return r, scan(&r.State, &r.Count) }

func scanBank(scan func(...any) error) (r BankRow, err error) {
	return r, scan(&r.BankID, &r.Name, &r.NameEN, &r.Applications, &r.Approved, &r.Loans, &r.DisbursedFen, &r.AverageRateBP, &r.MedianHours)
}

func scanCounty(scan func(...any) error) (r CountyRow, err error) {
	return r, scan(&r.Division, &r.Firms, &r.Demands, &r.Applications, &r.Loans, &r.DisbursedFen)
}

func byMonth(ctx context.Context, tx *store.Tx, city string, at time.Time) ([]MonthRow, error) {
	local := at.In(calendar.Shanghai())
	running := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, local.Location())
	rows := make([]MonthRow, 0, months)
	for back := months - 1; back >= 0; back-- {
		start := running.AddDate(0, -back, 0)
		r := MonthRow{Month: start}
		err := tx.Row(ctx, selectByMonth, city, store.Micros(start), store.Micros(start.AddDate(0, 1, 0))).
			Scan(&r.Demands, &r.Applications, &r.Loans, &r.DisbursedFen)
		if err != nil {
			return nil, fmt.Errorf("numbers by month: %w", err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// byProduct fills in the loans by kind of product and the unsecured amount.
func byProduct(ctx context.Context, tx *store.Tx, city string, n *Numbers) error {
	type lent struct {
		kind, body string
		loans      int
		fen        int64
	}
	read := func(scan func(...any) error) (l lent, err error) { return l, scan(&l.kind, &l.body, &l.loans, &l.fen) }
	versions, err := store.Collect(ctx, tx, read, selectByProduct, city)
	if err != nil {
		return fmt.Errorf("loans by product: %w", err)
	}
	kinds := map[string]KindRow{}
	for _, v := range versions {
		var body struct{ Security product.Security }
		if err := json.Unmarshal([]byte(v.body), &body); err != nil {
			return fmt.Errorf("read a product version: %w", err)
		}
		if body.Security == product.SecurityNone {
			n.UnsecuredFen += v.fen
		}
		row := kinds[v.kind]
		kinds[v.kind] = KindRow{Kind: v.kind, Loans: row.Loans + v.loans, DisbursedFen: row.DisbursedFen + v.fen}
	}
	for _, row := range kinds {
		n.ByKind = append(n.ByKind, row)
	}
	sort.Slice(n.ByKind, func(i, j int) bool { return n.ByKind[i].DisbursedFen > n.ByKind[j].DisbursedFen })
	return nil
}

const insertDigest = `
insert into city_digest (id, city, as_of, received_at, body, envelope_id, origin, leaf_index)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

// Receive keeps a digest that a node sent, in the exchange's transaction.
func Receive(ctx context.Context, tx *store.Tx, r exchange.Received) error {
	d, ok := r.Message.(*borderv1.CityDigest)
	if !ok {
		return errors.New("the message is no digest")
	}
	body, err := proto.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode a digest: %w", err)
	}
	_, err = tx.Exec(ctx, insertDigest, d.GetId(), r.City, store.Micros(d.GetAsOf().AsTime()), store.Micros(r.At), body, r.Envelope.GetId(),
		r.Origin, int64(r.LeafIndex))
	return err
}

// Digest returns the newest digest of the actor's city; ok is false before the first.
func (s *Service) Digest(ctx context.Context, by party.Actor) (digest Digest, ok bool, err error) {
	if !sees(by.Role) {
		return Digest{}, false, problem.New(problem.Forbidden, "government_only", "只有政府、审计和运营人员可以查看全市概览。",
			"Only government, auditors and the operator see the whole city.")
	}
	var body []byte
	err = s.store.View(ctx, func(tx *store.Tx) error {
		city, err := cityOf(ctx, tx, by)
		if err != nil {
			return err
		}
		var received, leaf int64
		err = tx.Row(ctx, `
			select body, received_at, envelope_id, origin, leaf_index from city_digest
			where city = $1 order by received_at desc, id desc limit 1`, city).
			Scan(&body, &received, &digest.EnvelopeID, &digest.Origin, &leaf)
		digest.ReceivedAt, digest.LeafIndex = store.Time(received), uint64(leaf)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Digest{}, false, nil
	}
	if err != nil {
		return Digest{}, false, problem.Wrap("read the city's digest", err)
	}
	digest.Digest = &borderv1.CityDigest{}
	if err := proto.Unmarshal(body, digest.Digest); err != nil {
		return Digest{}, false, fmt.Errorf("decode the city's digest: %w", err)
	}
	return digest, true, nil
}
