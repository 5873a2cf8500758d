package study

import (
	"context"
	"database/sql"
	_ "embed" // the queries
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/indicator"
	"github.com/yidaitong/yidaitong/node/scorecard"
)

var (
	//go:embed sql/spine.sql
	spineSQL string
	//go:embed sql/verdict.sql
	verdictSQL string
)

// The study stands on the day after the last invoice's month; its windows end with the last full quarter, because the last
// two months are thin.
var (
	standsOn  = time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC)
	periodEnd = time.Date(2019, 12, 31, 0, 0, 0, 0, time.UTC)
)

// deliveries are the study's files but the table of rates.
var deliveries = []string{
	"firms_rated.csv", "firms_unrated.csv",
	"invoices_rated_input.csv.gz", "invoices_rated_output.csv.gz",
	"invoices_unrated_input.csv.gz", "invoices_unrated_output.csv.gz",
}

const ratesFile = "rate_churn.csv"

// filesIn finds the study's files, or says which is not there.
func filesIn(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the folder %s does not exist; give the one that holds %s and the other files of the study", dir, deliveries[0])
	case err != nil:
		return nil, fmt.Errorf("look into %s: %w", dir, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a folder; give the one that holds %s and the other files of the study", dir, deliveries[0])
	}
	var paths []string
	for _, name := range append(slices.Clone(deliveries), ratesFile) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s holds no %s; the study needs %s and %s", dir, name, strings.Join(deliveries, ", "), ratesFile)
		}
		paths = append(paths, path)
	}
	return paths[:len(deliveries)], nil
}

// firms is what the node knows about the study's firms: one row per firm, one column per indicator that invoices give.
type firms struct {
	codes   []string
	columns []indicator.Indicator
	rows    [][]float64
	// ratings are the bank's A to D, empty where it gave none; bad is its 1 or 0.
	ratings []string
	bad     []float64
	load    Counts
}

// Counts say what became of the invoices.
type Counts struct {
	Received    int64 `json:"received"`
	Landed      int64 `json:"landed"`
	Quarantined int64 `json:"quarantined"`
	Duplicates  int64 `json:"duplicates"`
}

// gather lands the files in a node of its own, links them and computes the indicators. The node is removed whatever happens.
func gather(ctx context.Context, dir string, say func(string)) (found *firms, err error) {
	paths, err := filesIn(dir)
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "yidaitong-study-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the study's node: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	if err := node.Init(home, "000000"); err != nil {
		return nil, err
	}
	n, err := node.OpenWith(ctx, home, node.Options{Clock: func() time.Time { return standsOn }})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	say("landing the invoices")
	report, err := n.Load(ctx, paths, nil)
	if err != nil {
		return nil, err
	}
	if len(report.Refused) > 0 {
		return nil, fmt.Errorf("%s was refused: %s", filepath.Base(report.Refused[0].File), report.Refused[0].Reason)
	}
	found = &firms{load: invoiceCounts(report)}
	say("linking them to firms")
	if _, err := entity.Refresh(ctx, n.DB(), n.Catalogs); err != nil {
		return nil, err
	}
	say("computing the indicators")
	if _, err := n.DB().ExecContext(ctx, spineSQL, standsOn, periodEnd); err != nil {
		return nil, fmt.Errorf("make the study's spine: %w", err)
	}
	if err := indicator.Compute(ctx, n.DB(), "study_spine", "study_indicator"); err != nil {
		return nil, err
	}
	return found, found.read(ctx, n.DB())
}

func invoiceCounts(report delivery.LoadReport) Counts {
	var c Counts
	for _, catalogue := range report.Catalogues {
		if catalogue.Department != "tax" {
			continue
		}
		c.Received += catalogue.Received
		c.Landed += catalogue.Landed
		c.Quarantined += catalogue.Quarantined
		c.Duplicates += catalogue.Duplicates
	}
	return c
}

// fromInvoices are the indicators that invoices alone can give.
func fromInvoices() []indicator.Indicator {
	var out []indicator.Indicator
	for _, i := range indicator.All() {
		other := slices.ContainsFunc(i.Sources, func(source string) bool {
			return source != "tax/sales_invoice" && source != "tax/purchase_invoice"
		})
		if !other {
			out = append(out, i)
		}
	}
	return out
}

// read fetches verdicts and indicators.
func (f *firms) read(ctx context.Context, db *sql.DB) error {
	f.columns = fromInvoices()
	place := map[int64]int{}
	verdicts, err := db.QueryContext(ctx, verdictSQL)
	if err != nil {
		return fmt.Errorf("read the bank's verdicts: %w", err)
	}
	defer verdicts.Close()
	for verdicts.Next() {
		var id int64
		var code string
		var rating, defaulted sql.NullString
		if err := verdicts.Scan(&id, &code, &rating, &defaulted); err != nil {
			return fmt.Errorf("read the bank's verdicts: %w", err)
		}
		place[id] = len(f.codes)
		f.codes = append(f.codes, code)
		f.ratings = append(f.ratings, rating.String)
		bad := 0.0
		if defaulted.String == "是" {
			bad = 1
		}
		f.bad = append(f.bad, bad)
		f.rows = append(f.rows, nil)
	}
	if err := verdicts.Err(); err != nil {
		return fmt.Errorf("read the bank's verdicts: %w", err)
	}
	return f.readIndicators(ctx, db, place)
}

func (f *firms) readIndicators(ctx context.Context, db *sql.DB, place map[int64]int) error {
	names := make([]string, len(f.columns))
	for c, i := range f.columns {
		names[c] = i.Name
	}
	rows, err := db.QueryContext(ctx, "SELECT firm_id, "+strings.Join(names, ", ")+" FROM study_indicator")
	if err != nil {
		return fmt.Errorf("read the indicators: %w", err)
	}
	defer rows.Close()
	values := make([]sql.NullFloat64, len(names))
	var id int64
	into := []any{&id}
	for c := range values {
		into = append(into, &values[c])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the indicators: %w", err)
		}
		row := make([]float64, len(names))
		for c, v := range values {
			row[c] = math.NaN()
			if v.Valid {
				row[c] = v.Float64
			}
		}
		f.rows[place[id]] = row
	}
	return rows.Err()
}

// order is what the rating teaches: A best.
var order = map[string]float64{"A": 0, "B": 1, "C": 2, "D": 3}

// sample makes the training sample of the rated firms. The rating is the teacher, never a column.
func (f *firms) sample() scorecard.Sample {
	var s scorecard.Sample
	for _, c := range f.columns {
		s.Columns = append(s.Columns, c.Name)
		s.Direction = append(s.Direction, c.Direction)
	}
	for i, rating := range f.ratings {
		if rating == "" {
			continue
		}
		s.X = append(s.X, f.rows[i])
		s.Y = append(s.Y, f.bad[i])
		s.Teacher = append(s.Teacher, order[rating])
	}
	return s
}

// column is the place of an indicator among the columns.
func (f *firms) column(name string) int {
	return slices.IndexFunc(f.columns, func(i indicator.Indicator) bool { return i.Name == name })
}
