package node

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
	"time"

	duckdb "github.com/duckdb/duckdb-go/v2"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/node/indicator"
	"github.com/yidaitong/yidaitong/node/scorecard"
)

// list names columns of a table as doubles.
func list(table string, columns []string) string {
	named := make([]string, len(columns))
	for i, c := range columns {
		named[i] = table + "." + c
	}
	return strings.Join(named, ", ")
}

// readFigures reads numbers, row by row; NULL is NaN.
func readFigures(ctx context.Context, db *sql.DB, query string, width int) ([][]float64, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cells, into := make([]sql.NullFloat64, width), make([]any, width)
	for i := range cells {
		into[i] = &cells[i]
	}
	var out [][]float64
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]float64, width)
		for i, c := range cells {
			row[i] = math.NaN()
			if c.Valid {
				row[i] = c.Float64
			}
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// scorer turns figures into rows of refresh.scored.
type scorer struct {
	judge    judge
	portrait *scorecard.Portrait
	traits   []scorecard.Trait
	columns  []string // of the figures read: those of the portrait and of the judge
	at       map[string]int
	reasons  map[string]borderv1.Reason
	asOf     float64 // the date, in days, on which firms get a portrait; earlier ones are for the trend
}

// The columns that stand before the figures in a row that is read.
const (
	firmColumn = iota
	dayColumn
	standingColumn
	fixedColumns
)

// score fills refresh.scored: every firm of the spine that stands and of which anything is known gets a score; on the date of the refresh
// a portrait and an advised limit too.
func (n *Node) score(ctx context.Context, m *model, o observation) error {
	if _, err := n.DB().ExecContext(ctx, scoredTable); err != nil {
		return fmt.Errorf("prepare scores: %w", err)
	}
	if m.card == nil {
		return nil
	}
	s := newScorer(m.card, o.asOf)
	rows, err := readFigures(ctx, n.DB(), `SELECT p.firm_id, datediff('day', DATE '1970-01-01', p.as_of), CASE WHEN e.status IS NULL OR e.status = '存续' OR e.closed_on > p.as_of THEN 1 ELSE 0 END, `+list("f", s.columns)+`
		FROM refresh.spine p JOIN refresh.figure f USING (firm_id, as_of) JOIN entity.firm e USING (firm_id)
		WHERE p.purpose <> 'training' ORDER BY p.firm_id, p.as_of`, fixedColumns+len(s.columns))
	if err != nil {
		return fmt.Errorf("read indicators: %w", err)
	}
	if err := s.draw(rows); err != nil {
		return err
	}
	return s.write(ctx, n.DB(), rows)
}

const scoredTable = `CREATE OR REPLACE TABLE refresh.scored (
	firm_id BIGINT, as_of DATE, score INTEGER, grade VARCHAR, pd DOUBLE, limit_fen BIGINT,
	dim_1 INTEGER, dim_2 INTEGER, dim_3 INTEGER, dim_4 INTEGER, dim_5 INTEGER, dim_6 INTEGER,
	dim_1_drivers VARCHAR, dim_2_drivers VARCHAR, dim_3_drivers VARCHAR, dim_4_drivers VARCHAR, dim_5_drivers VARCHAR, dim_6_drivers VARCHAR,
	reasons VARCHAR)`

func newScorer(card *scorecard.Card, asOf time.Time) *scorer {
	s := &scorer{judge: newJudge(card), at: map[string]int{}, reasons: map[string]borderv1.Reason{}, asOf: float64(asOf.Unix() / 86400)}
	add := func(column string) {
		if _, ok := s.at[column]; !ok {
			s.at[column] = len(s.columns)
			s.columns = append(s.columns, column)
		}
	}
	for _, i := range indicator.All() {
		s.reasons[i.Name] = i.Reason
		if i.Window != "all" && i.Direction != 0 {
			s.traits = append(s.traits, scorecard.Trait{Column: i.Name, Dimension: int(i.Dimension), Direction: i.Direction})
			add(i.Name)
		}
	}
	for _, column := range append(s.judge.columns(), "sales_12m", "declared_revenue_12m") {
		add(column)
	}
	return s
}

// draw makes the portrait of the city's standing firms on the date of the refresh.
func (s *scorer) draw(rows [][]float64) error {
	var city [][]float64
	for _, row := range rows {
		if row[dayColumn] == s.asOf && row[standingColumn] == 1 {
			city = append(city, s.traitsOf(row))
		}
	}
	var err error
	if s.portrait, err = scorecard.NewPortrait(s.traits, city); err != nil {
		return fmt.Errorf("draw portraits: %w", err)
	}
	return nil
}

// traitsOf is a row in the order of the traits.
func (s *scorer) traitsOf(row []float64) []float64 {
	out := make([]float64, len(s.traits))
	for i, t := range s.traits {
		out[i] = row[fixedColumns+s.at[t.Column]]
	}
	return out
}

// write appends the scored rows to refresh.scored.
func (s *scorer) write(ctx context.Context, db *sql.DB, rows [][]float64) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("write scores: %w", err)
	}
	defer conn.Close()
	err = conn.Raw(func(raw any) error {
		appender, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "refresh", "scored")
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := appender.AppendRow(s.scored(row)...); err != nil {
				return err
			}
		}
		return appender.Close()
	})
	if err != nil {
		return fmt.Errorf("write scores: %w", err)
	}
	return nil
}

// scored is a row of refresh.scored.
func (s *scorer) scored(row []float64) []driver.Value {
	out := make([]driver.Value, 19)
	out[0], out[1] = int64(row[firmColumn]), time.Unix(int64(row[dayColumn])*86400, 0).UTC()
	if row[standingColumn] == 0 || !s.known(row) {
		return out
	}
	judged := s.judge.score(s.named(row))
	out[2], out[3], out[4] = int32(judged.Points), judged.Grade, judged.PD
	out[18] = s.drivers(judged.Reasons)
	if row[dayColumn] != s.asOf {
		return out
	}
	out[5] = scorecard.StandardAdvice().LimitFen(judged.PD, s.sales(row))
	traits := s.traitsOf(row)
	for d, facet := range s.portrait.Of(traits) {
		if s.drawn(traits, d+1) {
			out[6+d], out[12+d] = int32(facet.Value), s.drivers(facet.Drivers)
		}
	}
	return out
}

// tells are the figures without which nothing is known of how a firm does; a firm with none of them gets no score.
var tells = []string{"sales_12m", "tax_paid_12m", "declared_revenue_12m", "headcount", "electricity_12m", "loan_overdue_max_days_24m"}

func (s *scorer) known(row []float64) bool {
	for _, column := range tells {
		if at, ok := s.at[column]; ok && !math.IsNaN(row[fixedColumns+at]) {
			return true
		}
	}
	return false
}

// drawn reports whether anything is known of a side of the portrait.
func (s *scorer) drawn(traits []float64, dimension int) bool {
	for i, t := range s.traits {
		if t.Dimension == dimension && !math.IsNaN(traits[i]) {
			return true
		}
	}
	return false
}

func (s *scorer) named(row []float64) map[string]float64 {
	named := make(map[string]float64, len(s.columns))
	for i, column := range s.columns {
		named[column] = row[fixedColumns+i]
	}
	return named
}

// sales are the year's invoiced sales, or the declared revenue of a firm without invoices.
func (s *scorer) sales(row []float64) float64 {
	if v := row[fixedColumns+s.at["sales_12m"]]; !math.IsNaN(v) {
		return v
	}
	return row[fixedColumns+s.at["declared_revenue_12m"]]
}

// drivers writes reasons as the snapshot keeps them: "9:+;2:-".
func (s *scorer) drivers(reasons []scorecard.Reason) string {
	var parts []string
	for _, r := range reasons {
		sign := "-"
		if r.Raises {
			sign = "+"
		}
		parts = append(parts, fmt.Sprintf("%d:%s", s.reasons[r.Column], sign))
	}
	return strings.Join(parts, ";")
}
