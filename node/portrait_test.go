package node

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// TestAPortraitInSQLIsThePortrait draws random firms, with gaps and ties, in SQL and by the scorecard's own portrait.
func TestAPortraitInSQLIsThePortrait(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	traits := []scorecard.Trait{{Column: "0", Dimension: 1, Direction: 1}, {Column: "1", Dimension: 1, Direction: -1}, {Column: "2", Dimension: 2, Direction: 1}, {Column: "3", Dimension: 1, Direction: 1}, {Column: "4", Dimension: 1, Direction: 1}, {Column: "5", Dimension: 2, Direction: -1}}
	var rows [][]float64
	var told []string
	for firm := range 90 {
		row := make([]float64, len(traits))
		for i, trait := range traits {
			row[i] = math.NaN()
			if r.IntN(4) > 0 {
				row[i] = float64(r.IntN(7 + 40*(i%2)))
				told = append(told, fmt.Sprintf("(%d, %d, %d, %d, '%s', %g::DOUBLE)", firm, i, trait.Dimension, trait.Direction, trait.Column, row[i]))
			}
		}
		rows = append(rows, row)
	}
	portrait, err := scorecard.NewPortrait(traits, rows)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	text, err := queries.ReadFile("sql/portrait.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE SCHEMA refresh; CREATE TABLE refresh.told AS SELECT * FROM (VALUES " + strings.Join(told, ", ") + ") v(firm_id, place, side, direction, reason, v)"); err != nil {
		t.Fatal(err)
	}
	found, err := db.Query(string(text))
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	seen := 0
	for found.Next() {
		var firm, side, worth int
		var drivers string
		if err := found.Scan(&firm, &side, &worth, &drivers); err != nil {
			t.Fatal(err)
		}
		facet := portrait.Of(rows[firm])[side-1]
		var want []string
		for _, d := range facet.Drivers {
			sign := ":-"
			if d.Raises {
				sign = ":+"
			}
			want = append(want, d.Column+sign)
		}
		if worth != facet.Value || drivers != strings.Join(want, ";") {
			t.Errorf("firm %d, side %d: SQL draws %d %s, the portrait %d %v", firm, side, worth, drivers, facet.Value, want)
		}
		seen++
	}
	if err := found.Err(); err != nil || seen < 150 {
		t.Errorf("%d sides (%v)", seen, err)
	}
}
