package entity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// Doubt is a writing that waits for a steward: what records say of their firm, and which firm that is likeliest to be.
type Doubt struct {
	Writing    string   `json:"writing"`
	Catalogues []string `json:"catalogues"` // that hold it
	Says       []Said   `json:"says"`
	FirmID     int64    `json:"firm_id"`
	FirmName   string   `json:"firm_name"`
	USCI       string   `json:"usci"`
	Share      float64  `json:"share"`
	Bits       float64  `json:"bits"`
	SecondID   int64    `json:"second_firm_id,omitempty"`
	SecondName string   `json:"second_firm_name,omitempty"`
	Why        string   `json:"why"`
	WhyZH      string   `json:"why_zh"`
	WhyEN      string   `json:"why_en"`
}

// reasons say why a writing is doubtful.
func reasons(why string) (zh, en string) {
	switch why {
	case "several":
		return "不止一家主体与之相符", "more than one firm agrees with it"
	case "conflict":
		return "相符之处虽多，但按规则不得自动关联（如名称中区划、行业或形式不同，或仅有个体工商户名称）", "much agrees, but a rule keeps it from being linked by itself: another division, industry or form, or nothing but an individual business's name"
	case "contradicted":
		return "已按代码关联，但所写名称属于另一主体", "linked by its code, but the name written is another firm's"
	default:
		return "依据不足", "too little speaks for it"
	}
}

// Review lists writings in doubt that no steward has decided about, the likeliest first; there are Waiting of them in all.
func Review(ctx context.Context, db *sql.DB, limit int) (doubts []Doubt, waiting int64, err error) {
	if err := Prepare(ctx, db); err != nil {
		return nil, 0, err
	}
	doubts, waiting, err = review(ctx, db, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("list the doubtful links: %w", err)
	}
	return doubts, waiting, nil
}

func review(ctx context.Context, db *sql.DB, limit int) ([]Doubt, int64, error) {
	var waiting int64
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM entity.doubt WHERE writing_id NOT IN (SELECT writing_id FROM entity.decision)").Scan(&waiting); err != nil {
		return nil, 0, err
	}
	rows, err := db.QueryContext(ctx, text("review"), limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	doubts := []Doubt{}
	for rows.Next() {
		var d Doubt
		var catalogues, second sql.NullString
		var secondID sql.NullInt64
		said := make([]sql.NullString, 7)
		targets := []any{&d.Writing, &d.FirmID, &d.FirmName, &d.USCI, &d.Share, &d.Bits, &secondID, &second, &d.Why, &catalogues}
		for i := range said {
			targets = append(targets, &said[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, 0, err
		}
		d.Catalogues, d.SecondID, d.SecondName = strings.Split(catalogues.String, ","), secondID.Int64, second.String
		for i, field := range []string{"usci", "reg_no", "org_code", "taxpayer_id", "firm_code", "firm_name", "legal_person"} {
			if said[i].Valid {
				d.Says = append(d.Says, Said{field, said[i].String})
			}
		}
		d.WhyZH, d.WhyEN = reasons(d.Why)
		doubts = append(doubts, d)
	}
	return doubts, waiting, rows.Err()
}

// Decisions that a steward can take about a writing.
const (
	DecideKeep  = "keep"  // as it is linked now, or not linked, it stays
	DecideSplit = "split" // it is not the firm that it is linked to, or in doubt about
	DecideLink  = "link"  // it is the firm that the steward names
)

// Decision is what a steward decided about a record, and with it about every record that says the same of its firm.
type Decision struct {
	At     time.Time
	By     string
	Reason string
	What   string // DecideKeep, DecideSplit or DecideLink
	Record string // as Explain takes it, or a writing's number as Review lists it
	Firm   string // for DecideLink: the firm's number, or its credit code
}

// Decide keeps a decision; the next run honours it. It returns the firm that the decision is about, 0 for none.
func Decide(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, d Decision) (int64, error) {
	firm, err := decide(ctx, db, contracts, d)
	if err != nil {
		return 0, fmt.Errorf("decide about a link: %w", err)
	}
	return firm, nil
}

func decide(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, d Decision) (int64, error) {
	if strings.TrimSpace(d.By) == "" || strings.TrimSpace(d.Reason) == "" {
		return 0, errors.New("say who decides and why: both stay with the decision")
	}
	if err := Prepare(ctx, db); err != nil {
		return 0, err
	}
	e, err := newEngine(ctx, db)
	if err != nil {
		return 0, err
	}
	defer e.Close()
	if err := e.sayWriting(ctx, contracts, d.Record); err != nil {
		return 0, err
	}
	firm, err := e.decidedFirm(ctx, d)
	if err != nil {
		return 0, err
	}
	_, err = e.conn.ExecContext(ctx, `INSERT INTO entity.decision SELECT ?, ?, ?, ?, catalogue, _identity, writing_id, ? FROM identity`, d.At.UTC(), d.By, d.Reason, d.What, firm)
	return firm.Int64, err
}

// sayWriting makes table identity of the record or the writing that a steward named.
func (e engine) sayWriting(ctx context.Context, contracts *catalog.Catalogs, record string) error {
	if _, err := strconv.ParseUint(record, 10, 64); err == nil {
		if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE identity AS SELECT * FROM entity.open_identity WHERE writing_id = "+record+" ORDER BY catalogue, _identity LIMIT 1"); err != nil {
			return err
		}
		if n, err := e.count(ctx, "SELECT count(*) FROM identity"); err != nil || n == 0 {
			return errors.Join(err, errors.New("no writing has this number; take it from the list of doubtful links"))
		}
		return nil
	}
	p, err := e.find(ctx, contracts, record)
	if err != nil {
		return err
	}
	return e.say(ctx, p)
}

// decidedFirm is the firm that a decision is about: the one named, the one that the record is linked to, or the one that it is in doubt about.
func (e engine) decidedFirm(ctx context.Context, d Decision) (sql.NullInt64, error) {
	var firm sql.NullInt64
	const linked = "SELECT firm_id FROM entity.link k JOIN identity i ON k.catalogue = i.catalogue AND k._identity = i._identity"
	var err error
	switch d.What {
	case DecideLink:
		err = e.conn.QueryRowContext(ctx, "SELECT firm_id FROM entity.firm WHERE CAST(firm_id AS VARCHAR) = ? OR usci = ?", d.Firm, NormalizeCode(d.Firm)).Scan(&firm)
		if errors.Is(err, sql.ErrNoRows) {
			return firm, errors.New("the register holds no firm of that number or credit code")
		}
	case DecideKeep:
		err = e.conn.QueryRowContext(ctx, linked).Scan(&firm)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
	case DecideSplit:
		err = e.conn.QueryRowContext(ctx, linked+" UNION ALL SELECT firm_id FROM entity.doubt JOIN identity USING (writing_id) LIMIT 1").Scan(&firm)
		if errors.Is(err, sql.ErrNoRows) {
			return firm, errors.New("the record is linked to no firm and in doubt about none: there is nothing to split")
		}
	default:
		return firm, fmt.Errorf("%q is no decision; take %s, %s or %s", d.What, DecideKeep, DecideSplit, DecideLink)
	}
	return firm, err
}

// Weight is what one level of a comparison weighs, as the last run that learnt found it.
type Weight struct {
	Field string  `json:"field"`
	Level int     `json:"level"`
	ZH    string  `json:"zh"`
	EN    string  `json:"en"`
	M     float64 `json:"m"`           // how often for the same firm
	U     float64 `json:"u,omitempty"` // how often for two firms; 0 where it follows from how many share the value
	Bits  float64 `json:"bits"`        // where it follows from the value: of one that nobody shares
	Pairs int64   `json:"pairs"`       // pairs that m was learnt from
}

// Weights are the levels of all comparisons with what they weigh, and the number of the run that learnt them; 0 while none has, when they are the
// values to start from.
func Weights(ctx context.Context, db *sql.DB) (found []Weight, run int64, err error) {
	if err := Prepare(ctx, db); err != nil {
		return nil, 0, err
	}
	e, err := newEngine(ctx, db)
	if err != nil {
		return nil, 0, fmt.Errorf("read the weights: %w", err)
	}
	defer e.Close()
	w := startingWeights(0)
	stored, err := e.storedWeights(ctx)
	if err == nil && stored != nil {
		w = *stored
		run, err = e.count(ctx, "SELECT max(run) FROM entity.run WHERE learnt")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the weights: %w", err)
	}
	for _, l := range w.levels {
		found = append(found, Weight{l.field, l.level, l.zh, l.en, l.m, l.u, w.bits(l), l.pairs})
	}
	return found, run, nil
}
