package entity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// Explanation is why a record was linked as it was: what it says, and for each firm that it could mean what speaks for and against. It holds values
// of records and firms: it is for a steward's eyes inside the government network, and never for a log.
type Explanation struct {
	Catalogue  string      `json:"catalogue"`
	Delivery   string      `json:"delivery"`
	Row        int64       `json:"row"`
	Writing    string      `json:"writing"` // number of what the record says of its firm, the same wherever that is written
	Says       []Said      `json:"says"`
	Link       *Linked     `json:"link"` // nil where the record is linked to none
	Decision   string      `json:"decision,omitempty"`
	PriorBits  float64     `json:"prior_bits"`      // the chance of this very firm before anything is compared
	LinkFrom   float64     `json:"link_from_share"` // share from which on a link is made
	Candidates []Candidate `json:"candidates"`      // the likeliest first
}

// Said is one thing that a record says of its firm.
type Said struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Linked is the link that stands.
type Linked struct {
	FirmID     int64   `json:"firm_id"`
	Rule       string  `json:"rule"`
	Confidence float64 `json:"confidence"`
}

// Candidate is a firm that a record could mean.
type Candidate struct {
	FirmID   int64      `json:"firm_id"`
	USCI     string     `json:"usci"`
	Name     string     `json:"name"`
	Bits     float64    `json:"bits"`     // sum of the evidence and of what stood before
	Share    float64    `json:"share"`    // chance that the record means this firm
	Linkable bool       `json:"linkable"` // false where a rule keeps the pair from being linked, whatever its bits
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one comparison of a record with a firm.
type Evidence struct {
	Field  string  `json:"field"`
	Record string  `json:"record"`
	Firm   string  `json:"firm"`
	ZH     string  `json:"zh"`
	EN     string  `json:"en"`
	Bits   float64 `json:"bits"`
	Shared int64   `json:"shared,omitempty"` // firms of the register that bear the value that agrees
}

// place is where a landed row stands.
type place struct {
	contract *catalog.Contract
	delivery string
	row      int64
	identity sql.NullString
}

// ErrNoRecord says that no landed row is named so.
var ErrNoRecord = errors.New("no landed row is named so; name it as DEPARTMENT/CATALOGUE/FILE@ROW, or as DELIVERY-NUMBER:ROW, rows counted from 1")

var numberedRow = regexp.MustCompile(`^(\d{1,9}):(\d{1,9})$`)

// find finds the landed row that a user named: catalogue/file@row (the catalogue as department/name or department__name) or number of delivery:row.
func (e engine) find(ctx context.Context, contracts *catalog.Catalogs, record string) (place, error) {
	if m := numberedRow.FindStringSubmatch(record); m != nil {
		number, _ := strconv.ParseInt(m[1], 10, 64)
		row, _ := strconv.ParseInt(m[2], 10, 64)
		var department, name string
		err := e.conn.QueryRowContext(ctx, "SELECT department, catalogue FROM ledger.delivery WHERE delivery_no = ?", number).Scan(&department, &name)
		if errors.Is(err, sql.ErrNoRows) {
			return place{}, ErrNoRecord
		}
		if err != nil {
			return place{}, err
		}
		c, ok := contracts.Find(department, name)
		if !ok {
			return place{}, ErrNoRecord
		}
		return e.at(ctx, c, "_id = ?", number<<32|row)
	}
	at := strings.LastIndexByte(record, '@')
	if at < 0 {
		return place{}, ErrNoRecord
	}
	row, err := strconv.ParseInt(record[at+1:], 10, 64)
	if err != nil {
		return place{}, ErrNoRecord
	}
	parts := strings.SplitN(strings.Replace(record[:at], "__", "/", 1), "/", 3)
	if len(parts) < 3 {
		return place{}, ErrNoRecord
	}
	c, ok := contracts.Find(parts[0], parts[1])
	if !ok {
		return place{}, ErrNoRecord
	}
	return e.at(ctx, c, "_row = ? AND (_delivery = ? OR regexp_replace(_delivery, '@[0-9a-f]{12}$', '') = ?) ORDER BY _id DESC LIMIT 1", row, parts[2], parts[2])
}

func (e engine) at(ctx context.Context, c *catalog.Contract, condition string, args ...any) (place, error) {
	if !c.HasFirm() {
		return place{}, fmt.Errorf("the rows of %s/%s name no firm", c.Department, c.Name)
	}
	p := place{contract: c}
	err := e.conn.QueryRowContext(ctx, "SELECT _delivery, _row, CAST(_identity AS VARCHAR) FROM "+c.View()+" WHERE "+condition, args...).Scan(&p.delivery, &p.row, &p.identity)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNoRecord
	}
	return p, err
}

// say makes table identity of what the row at a place says of its firm.
func (e engine) say(ctx context.Context, p place) error {
	var columns []string
	for _, column := range identifierColumns(p.contract) {
		columns = append(columns, column.expression+" AS "+column.name)
	}
	return e.run(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE identity AS SELECT *, %s AS writing_id FROM (SELECT '%s' AS catalogue, _identity, %s FROM %s WHERE _identity = %s LIMIT 1)",
		writingID, p.contract.Table(), strings.Join(columns, ", "), p.contract.View(), p.identity.String))
}

// Explain says why a landed row is linked as it is, with the weights of the last run that learnt. It changes nothing.
func Explain(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, record string) (Explanation, error) {
	x, err := explain(ctx, db, contracts, record)
	if err != nil {
		return x, fmt.Errorf("explain the link: %w", err)
	}
	return x, nil
}

func explain(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, record string) (Explanation, error) {
	var x Explanation
	if err := Prepare(ctx, db); err != nil {
		return x, err
	}
	e, err := newEngine(ctx, db)
	if err != nil {
		return x, err
	}
	defer e.Close()
	p, err := e.find(ctx, contracts, record)
	if err != nil {
		return x, err
	}
	x.Catalogue, x.Delivery, x.Row, x.Candidates = p.contract.Table(), p.delivery, p.row, []Candidate{}
	if err := e.say(ctx, p); err != nil {
		return x, err
	}
	if err := e.readSaid(ctx, p, &x); err != nil {
		return x, err
	}
	w, err := e.weighOne(ctx)
	if err != nil {
		return x, err
	}
	x.PriorBits = math.Round(100*(math.Log2(w.prior/(1-w.prior))-math.Log2(float64(w.firms)))) / 100
	x.LinkFrom = falseLinkCost / (falseLinkCost + 1.0)
	x.Candidates, err = e.candidates(ctx, w)
	return x, err
}

// readSaid reads what the record says, its link and the latest decision about it.
func (e engine) readSaid(ctx context.Context, p place, x *Explanation) error {
	fields := identifierColumns(p.contract)
	values := make([]sql.NullString, len(fields)+1)
	targets, names := []any{}, []string{}
	for i, f := range fields {
		targets, names = append(targets, &values[i]), append(names, f.name)
	}
	targets = append(targets, &values[len(fields)])
	if err := e.conn.QueryRowContext(ctx, "SELECT "+strings.Join(names, ", ")+", CAST(writing_id AS VARCHAR) FROM identity").Scan(targets...); err != nil {
		return err
	}
	for i, f := range fields {
		if values[i].Valid {
			x.Says = append(x.Says, Said{f.name, values[i].String})
		}
	}
	x.Writing = values[len(fields)].String
	var linked Linked
	err := e.conn.QueryRowContext(ctx, "SELECT firm_id, rule, confidence FROM entity.link WHERE catalogue = ? AND _identity = (SELECT _identity FROM identity)", p.contract.Table()).
		Scan(&linked.FirmID, &linked.Rule, &linked.Confidence)
	if err == nil {
		x.Link = &linked
	} else if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = e.conn.QueryRowContext(ctx, `SELECT decision || ' (' || decided_by || '): ' || reason FROM entity.decision WHERE writing_id = (SELECT writing_id FROM identity)
		ORDER BY decided_at DESC LIMIT 1`).Scan(&x.Decision)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// weighOne compares what identity says with every firm that it could mean.
func (e *engine) weighOne(ctx context.Context) (weights, error) {
	if err := e.prepareReference(ctx); err != nil {
		return weights{}, err
	}
	if err := e.run(ctx, probeQuery("identity")); err != nil {
		return weights{}, err
	}
	if err := e.settle(ctx); err != nil {
		return weights{}, err
	}
	stored, err := e.storedWeights(ctx)
	if err != nil {
		return weights{}, err
	}
	w := startingWeights(0)
	if stored != nil {
		w = *stored
	}
	if err := e.compareProbes(ctx, "true"); err != nil {
		return w, err
	}
	if err := e.defineBits(ctx, w); err != nil {
		return w, err
	}
	return w, e.run(ctx, "CREATE OR REPLACE TEMP TABLE weighed AS "+weighQuery("compared", -10000))
}

// candidates are the ten likeliest firms with all that was compared.
func (e engine) candidates(ctx context.Context, w weights) ([]Candidate, error) {
	rows, err := e.conn.QueryContext(ctx, `
		SELECT d.firm_id, coalesce(f.usci, ''), coalesce(f.firm_name, ''), d.bits, d.share, d.linkable,
			code, on_code, concat_ws(' ', g.usci, g.tax_no, CASE WHEN g.usci IS NULL AND g.tax_no IS NULL THEN g.org END), concat_ws(' ', f.usci, CASE WHEN f.usci IS NULL THEN f.org_code END),
			reg, on_reg, coalesce(g.reg_no, ''), coalesce(f.reg_no, ''),
			d.firm_code, on_firm_code, coalesce(g.firm_code, ''), coalesce(f.firm_code, ''),
			operator, on_operator, coalesce(g.person_id, ''), coalesce(f.legal_person_id, ''),
			name, on_name, coalesce(g.firm_name, ''), coalesce(d.known_full, ''), shared_name,
			person, on_person, coalesce(g.person_written, ''), coalesce(f.legal_person, ''), shared_person,
			d.address, on_address, coalesce(g.address_written, ''), coalesce(f.address, ''), shared_address
		FROM weighed d JOIN open_probe g USING (probe_id) JOIN entity.firm f USING (firm_id)
		ORDER BY share DESC, bits DESC, firm_id LIMIT 10`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []Candidate{}
	for rows.Next() {
		var c Candidate
		compared := make([]struct {
			level  int
			bits   float64
			record string
			firm   string
			shared int64
		}, 7)
		targets := []any{&c.FirmID, &c.USCI, &c.Name, &c.Bits, &c.Share, &c.Linkable}
		for i := range compared {
			f := &compared[i]
			targets = append(targets, &f.level, &f.bits, &f.record, &f.firm)
			if i >= 4 {
				targets = append(targets, &f.shared)
			}
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		c.Share = math.Round(c.Share*1e6) / 1e6
		for i, field := range []string{"code", "reg", "firm_code", "operator", "name", "person", "address"} {
			f := compared[i]
			for _, l := range w.levels {
				if l.field == field && l.level == f.level {
					evidence := Evidence{Field: field, Record: f.record, Firm: f.firm, ZH: l.zh, EN: l.en, Bits: f.bits}
					if l.u == 0 {
						evidence.Shared = f.shared
					}
					c.Evidence = append(c.Evidence, evidence)
				}
			}
		}
		found = append(found, c)
	}
	return found, rows.Err()
}
