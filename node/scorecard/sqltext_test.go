package scorecard

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"pgregory.net/rapid"
)

// drawCard is a card of any shape that training or an import can give: ranges with and without an open end, special values, missing bins, words.
func drawCard(t *rapid.T) *Card {
	scale := StandardScale()
	c := &Card{Intercept: rapid.Float64Range(-6, 2).Draw(t, "intercept"), Scale: scale, Grades: StandardGrades(), Levels: map[string][]string{}}
	for f := range rapid.IntRange(1, 6).Draw(t, "features") {
		name := fmt.Sprintf("f %d\"x", f)
		c.Columns = append(c.Columns, name)
		c.Features = append(c.Features, drawFeature(t, c, name))
	}
	if len(c.Features) > 1 && rapid.Bool().Draw(t, "pair") {
		side := func(f *Feature) Axis { return Axis{Column: f.Column, Ranks: f.Ranks, Bins: f.Bins} }
		p := Pair{A: side(&c.Features[0]), B: side(&c.Features[1])}
		for range p.A.Bins {
			row := make([]Cell, len(p.B.Bins))
			for i := range row {
				row[i].LogOdds = rapid.Float64Range(-1, 1).Draw(t, "cell")
			}
			p.Cells = append(p.Cells, row)
		}
		c.Pairs = []Pair{p}
	}
	c.setPoints()
	return c
}

func drawFeature(t *rapid.T, c *Card, name string) Feature {
	worth := func() (v float64) { return rapid.Float64Range(-3, 3).Draw(t, "log-odds") }
	cases := func() float64 { return float64(rapid.IntRange(0, 50).Draw(t, "cases")) }
	f := Feature{Column: name, Weight: 1}
	if rapid.Bool().Draw(t, "words") {
		c.Levels[name] = []string{"木材", "it's", "", "c"}
		for range rapid.IntRange(2, 4).Draw(t, "ranks") {
			f.Ranks = append(f.Ranks, float64(rapid.IntRange(0, 5).Draw(t, "rank")))
		}
	}
	edge := float64(rapid.IntRange(-3, 0).Draw(t, "edge"))
	for range rapid.IntRange(0, 4).Draw(t, "ranges") {
		upper := edge
		f.Bins = append(f.Bins, Bin{Upper: &upper, LogOdds: worth(), Goods: cases(), Bads: cases()})
		edge += rapid.SampledFrom([]float64{0.1, 1, 1.5}).Draw(t, "width")
	}
	if len(f.Bins) == 0 || rapid.Bool().Draw(t, "open") {
		f.Bins = append(f.Bins, Bin{LogOdds: worth(), Goods: cases(), Bads: cases()})
	}
	if f.Ranks == nil && rapid.Bool().Draw(t, "special") {
		special := float64(rapid.IntRange(-3, 3).Draw(t, "special value"))
		f.Bins = append(f.Bins, Bin{Special: &special, LogOdds: worth(), Goods: cases(), Bads: cases()})
	}
	if rapid.Bool().Draw(t, "missing") {
		f.Bins = append(f.Bins, Bin{Missing: true, LogOdds: worth(), Goods: cases(), Bads: cases()})
	}
	return f
}

// drawValues is a row as Score takes it and as SQL literals.
func drawValues(c *Card, r *rand.Rand) (row []float64, literals []string) {
	for _, f := range c.Features {
		words := c.Levels[f.Column]
		switch {
		case r.IntN(5) == 0:
			row, literals = append(row, math.NaN()), append(literals, "NULL")
		case words != nil && r.IntN(6) == 0:
			row, literals = append(row, -1), append(literals, "'never seen'")
		case words != nil:
			at := r.IntN(len(words))
			row, literals = append(row, float64(at)), append(literals, text(words[at]))
		default:
			v := float64(r.IntN(13)-6) / 2
			row, literals = append(row, v), append(literals, DuckDB.number(v))
		}
	}
	return row, literals
}

// TestACardAsSQLScoresLikeTheCard scores random rows of random cards both ways.
func TestACardAsSQLScoresLikeTheCard(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCard(t)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var rows [][]float64
		var values []string
		for i := range 40 {
			row, literals := drawValues(c, r)
			rows = append(rows, row)
			values = append(values, fmt.Sprintf("(%d, %s)", i, strings.Join(literals, ", ")))
		}
		names := []string{"id"}
		for _, column := range c.Columns {
			names = append(names, DuckDB.Name(column))
		}
		table := "(SELECT * FROM (VALUES " + strings.Join(values, ", ") + ") AS v(" + strings.Join(names, ", ") + "))"
		if err := compareScores(db, c, table, rows); err != nil {
			t.Fatal(err)
		}
	})
}

func compareScores(db *sql.DB, c *Card, table string, rows [][]float64) error {
	statement := c.SQL(DuckDB, table+" AS cases", []string{"id"})
	got, err := db.Query(statement)
	if err != nil {
		return fmt.Errorf("%w in %s", err, statement)
	}
	defer got.Close()
	seen := 0
	for got.Next() {
		var id, score int
		var odds, pd float64
		var grade string
		var reasons [maxReasons]sql.NullString
		var raises [maxReasons]sql.NullBool
		if err := got.Scan(&id, &odds, &pd, &score, &grade, &reasons[0], &raises[0], &reasons[1], &raises[1], &reasons[2], &raises[2], &reasons[3], &raises[3]); err != nil {
			return err
		}
		want := c.Score(rows[id])
		if math.Abs(odds-c.LogOdds(rows[id])) > 1e-9 || math.Abs(pd-want.PD) > 1e-9 || score != want.Points || grade != want.Grade {
			return fmt.Errorf("row %v: SQL says %v %v %d %s, the card %v %v %d %s", rows[id], odds, pd, score, grade, c.LogOdds(rows[id]), want.PD, want.Points, want.Grade)
		}
		// Reasons of the same strength to the last digits may change places.
		strength := map[Reason]float64{}
		for _, r := range c.EveryReason(rows[id]) {
			strength[Reason{Column: r.Column, Raises: r.Raises}] = r.Points
		}
		for i := range reasons {
			has := i < len(want.Reasons)
			if has != reasons[i].Valid {
				return fmt.Errorf("row %v: SQL gives %v, the card %+v", rows[id], reasons, want.Reasons)
			}
			if !has {
				continue
			}
			points, known := strength[Reason{Column: reasons[i].String, Raises: raises[i].Bool}]
			if !known || raises[i].Bool != want.Reasons[i].Raises || math.Abs(points-want.Reasons[i].Points) > 1e-6 {
				return fmt.Errorf("row %v: reason %d is %v (raises %v), the card gives %+v", rows[id], i+1, reasons[i], raises[i], want.Reasons)
			}
		}
		seen++
	}
	if seen != len(rows) {
		return fmt.Errorf("%d of %d rows came back", seen, len(rows))
	}
	return got.Err()
}

func TestALimitAsSQLIsTheLimit(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	advice := StandardAdvice()
	rapid.Check(t, func(t *rapid.T) {
		pd, sales := rapid.Float64Range(0, 0.3).Draw(t, "pd"), rapid.Float64Range(-1e5, 1e8).Draw(t, "sales")
		var got int64
		if err := db.QueryRow("SELECT "+advice.SQL(DuckDB, "pd", "sales")+" FROM (SELECT CAST(? AS DOUBLE) AS pd, CAST(? AS DOUBLE) AS sales)", pd, sales).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := advice.LimitFen(pd, sales); got != want {
			t.Fatalf("SQL advises %d, not %d", got, want)
		}
	})
}
