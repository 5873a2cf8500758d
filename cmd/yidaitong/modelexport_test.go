package main

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

// scores runs 'model score' and returns the rows it wrote.
func scores(t *testing.T, modelFile, data string) [][]string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "s.csv")
	if status, _, errs := model(t, "score", "--model", modelFile, "--data", data, "--id", "id", "--out", out); status != 0 {
		t.Fatal(errs)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func trainedCard(t *testing.T, data string) string {
	t.Helper()
	card := filepath.Join(t.TempDir(), "card.json")
	if status, _, errs := model(t, "train", "--data", data, "--target", "bad", "--id", "id", "--kind", "boosted", "--pairs", "1", "--out", card); status != 0 {
		t.Fatal(errs)
	}
	return card
}

func TestACardGoesOutAsPMMLAndComesBack(t *testing.T) {
	data := loans(t)
	card, dir := trainedCard(t, data), t.TempDir()
	out, back := filepath.Join(dir, "card.pmml"), filepath.Join(dir, "back.json")
	if status, _, errs := model(t, "export", "--model", card, "--format", "pmml", "--out", out); status != 0 {
		t.Fatal(errs)
	}
	if status, _, errs := model(t, "import", "--pmml", out, "--out", back); status != 0 {
		t.Fatal(errs)
	}
	a, b := scores(t, card, data), scores(t, back, data)
	for i := range a {
		if a[i][2] != b[i][2] || a[i][3] != b[i][3] {
			t.Fatalf("row %v scored %v after the way through PMML", a[i], b[i])
		}
	}
}

// TestPostgreSQLScoresACardAlike runs the exported statement on a real server.
func TestPostgreSQLScoresACardAlike(t *testing.T) {
	data := loans(t)
	card, out := trainedCard(t, data), filepath.Join(t.TempDir(), "card.sql")
	if status, _, errs := model(t, "export", "--model", card, "--format", "sql", "--dialect", "postgresql", "--table", "loans", "--keep", "id", "--out", out); status != 0 {
		t.Fatal(errs)
	}
	statement, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE loans (id TEXT PRIMARY KEY, half INT, size DOUBLE PRECISION, trade TEXT, bad INT)`); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(data)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Split(line, ",")
		values = append(values, fmt.Sprintf("('%s', %s, %s, '%s', %s)", f[0], f[1], f[2], f[3], f[4]))
	}
	if _, err := db.Exec("INSERT INTO loans VALUES " + strings.Join(values, ", ")); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, row := range scores(t, card, data) {
		want[row[0]] = row
	}
	rows, err := db.Query("SELECT id, pd, score, grade FROM (" + strings.TrimRight(string(statement), ";\n") + ") AS s")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var id, grade string
		var pd float64
		var score int
		if err := rows.Scan(&id, &pd, &score, &grade); err != nil {
			t.Fatal(err)
		}
		ours, err := strconv.ParseFloat(want[id][1], 64)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(pd-ours) > 1e-9 || strconv.Itoa(score) != want[id][2] || grade != want[id][3] {
			t.Errorf("%s: PostgreSQL says %v %d %s, the card %v", id, pd, score, grade, want[id])
		}
		seen++
	}
	if rows.Err() != nil || seen != len(want) {
		t.Errorf("%d of %d rows: %v", seen, len(want), rows.Err())
	}
}

func TestExportAndImportRefuseInOneSentence(t *testing.T) {
	data := loans(t)
	card, dir := trainedCard(t, data), t.TempDir()
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"export --model " + card + " --format onnx --out " + dir + "/x", 2, "not one of pmml, sql"},
		{"export --model " + card + " --format sql --dialect db2 --out " + dir + "/x", 2, "not one of duckdb, postgresql, spark"},
		{"import --pmml nowhere --out " + dir + "/x", 1, "does not exist"},
		{"import --pmml " + data + " --out " + dir + "/x", 1, "not a PMML file"},
		{"import --lightgbm " + data + " --out " + dir + "/x", 1, "not a LightGBM model text file"},
		{"import --pmml a --lightgbm b --out " + dir + "/x", 2, "either --pmml or --lightgbm"},
		{"import --pmml a --scale 600,0,20 --out " + dir + "/x", 2, "above zero"},
		{"train --data " + data + " --target bad --pairs 3 --out " + dir + "/x", 2, "needs --kind boosted"},
	} {
		status, _, errs := model(t, strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d, %q", c.args, status, errs)
		}
	}
}

func TestMain(m *testing.M) { storetest.Main(m) }
