package node

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

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

// score fills refresh.scored: every firm of the spine that stands and of which anything is known gets a score; on the date of the refresh
// a portrait and an advised limit too. It is SQL from end to end: no firm passes through Go.
func (n *Node) score(ctx context.Context, m *model, o observation) error {
	if err := n.run(ctx, scoredTable); err != nil {
		return fmt.Errorf("prepare scores: %w", err)
	}
	if m.card == nil {
		return nil
	}
	portrait, err := queries.ReadFile("sql/portrait.sql")
	if err != nil {
		return err
	}
	scored, err := queries.ReadFile("sql/scored.sql")
	if err != nil {
		return err
	}
	return n.run(ctx,
		"CREATE OR REPLACE TABLE refresh.judged AS "+judgedSQL(newJudge(m.card), "refresh.spine", "refresh.figure")+"\nUNION ALL "+judgedSQL(newJudge(m.card), "refresh.past_spine", "refresh.past_figure"),
		"CREATE OR REPLACE TABLE refresh.told AS "+toldSQL(o),
		"CREATE OR REPLACE TABLE refresh.portrait AS "+string(portrait),
		bind(string(scored), o.asOf),
		"DROP TABLE refresh.told; DROP TABLE refresh.judged; DROP TABLE refresh.portrait; DROP TABLE refresh.past_figure")
}

// run executes statements one after the other.
func (n *Node) run(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := n.DB().ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

const scoredTable = `CREATE OR REPLACE TABLE refresh.scored (
	firm_id BIGINT, as_of DATE, score INTEGER, grade VARCHAR, pd DOUBLE, limit_fen BIGINT,
	dim_1 INTEGER, dim_2 INTEGER, dim_3 INTEGER, dim_4 INTEGER, dim_5 INTEGER, dim_6 INTEGER,
	dim_1_drivers VARCHAR, dim_2_drivers VARCHAR, dim_3_drivers VARCHAR, dim_4_drivers VARCHAR, dim_5_drivers VARCHAR, dim_6_drivers VARCHAR,
	reasons VARCHAR)`

// tells are the figures without which nothing is known of how a firm does; a firm with none of them gets no score.
var tells = []string{"sales_12m", "tax_paid_12m", "declared_revenue_12m", "headcount", "electricity_12m", "loan_overdue_max_days_24m"}

// standingSQL holds for a firm e that has not closed by the spine row p's date.
const standingSQL = "(e.status IS NULL OR e.status = '存续' OR e.closed_on > p.as_of)"

// needs are the figures that a firm's score, and whether it gets one, depend on.
func (j judge) needs() []string {
	columns := j.columns()
	for _, column := range append([]string{"sales_12m", "declared_revenue_12m"}, tells...) {
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
	}
	return columns
}

// judgedSQL judges the firms of a spine by their figures: score, advised limit, and the reasons as the snapshot keeps them ("9:+;2:-").
func judgedSQL(j judge, spine, figures string) string {
	looked := `(SELECT p.firm_id, p.as_of, ` + list("f", j.columns()) + `, coalesce(f.sales_12m, f.declared_revenue_12m) AS year_sales
		FROM ` + spine + ` p JOIN ` + figures + ` f USING (firm_id, as_of) JOIN entity.firm e USING (firm_id)
		WHERE ` + standingSQL + ` AND coalesce(` + list("f", tells) + `) IS NOT NULL) AS looked_at`
	numbers := map[string]int{}
	for _, i := range indicator.All() {
		numbers[i.Name] = int(i.Reason)
	}
	var reasons []string
	for place := 1; place <= maxReasons; place++ {
		var b strings.Builder
		fmt.Fprintf(&b, "CASE reason_%d", place)
		for _, column := range j.columns() {
			fmt.Fprintf(&b, " WHEN '%s' THEN '%d:'", column, numbers[column])
		}
		reasons = append(reasons, b.String()+fmt.Sprintf(" END || CASE WHEN raises_%d THEN '+' ELSE '-' END", place))
	}
	return "SELECT firm_id, as_of, score, grade, pd, " + scorecard.StandardAdvice().SQL(scorecard.DuckDB, "pd", "year_sales") + " AS limit_fen,\n" +
		"concat_ws(';', " + strings.Join(reasons, ",\n") + ") AS reasons\nFROM (" + j.statement(looked, []string{"firm_id", "as_of", "year_sales"}) + ")"
}

// toldSQL is what is known of the city's standing firms on the date of the refresh: one row per firm and trait of the portrait.
func toldSQL(o observation) string {
	var parts []string
	for _, t := range traits() {
		parts = append(parts, fmt.Sprintf("SELECT firm_id, %d AS place, %d AS side, %d AS direction, '%d' AS reason, %s AS v FROM city WHERE %s IS NOT NULL",
			len(parts), int(t.Dimension), t.Direction, int(t.Reason), t.Name, t.Name))
	}
	return `WITH city AS MATERIALIZED (
		SELECT f.* FROM refresh.spine p JOIN refresh.figure f USING (firm_id, as_of) JOIN entity.firm e USING (firm_id)
		WHERE p.as_of = ` + dateSQL(o.asOf) + ` AND ` + standingSQL + `)
		` + strings.Join(parts, "\nUNION ALL ")
}

// traits are the indicators that a portrait is drawn of. Figures over all that was ever known are none: they grow with the time that the node has
// listened.
func traits() []indicator.Indicator {
	return slices.DeleteFunc(indicator.All(), func(i indicator.Indicator) bool { return i.Window == "all" || i.Direction == 0 })
}
