package table

import (
	"compress/gzip"
	"database/sql"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const cases = "id,size,trade,since,bad\n7,1.5,mill,2020-01-02,0\n8,,shop,2020-01-03,1\n9,3,mill,,0\n"

// same compares rows of which values may be missing.
func same(a, b [][]float64) bool {
	return slices.EqualFunc(a, b, func(x, y []float64) bool {
		return slices.EqualFunc(x, y, func(p, q float64) bool { return p == q || math.IsNaN(p) && math.IsNaN(q) })
	})
}

var casesRows = [][]float64{{7, 1.5, 0, 18263, 0}, {8, math.NaN(), 1, 18264, 1}, {9, 3, 0, math.NaN(), 0}}

func TestReadCSV(t *testing.T) {
	packed := filepath.Join(t.TempDir(), "cases.csv.gz")
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(cases)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{write(t, "cases.csv", cases), packed} {
		got, err := Read(t.Context(), path, "id")
		if err != nil {
			t.Fatal(err)
		}
		if !same(got.Rows, casesRows) || !slices.Equal(got.Text, []string{"7", "8", "9"}) || !slices.Equal(got.Levels[2], []string{"mill", "shop"}) {
			t.Errorf("%s: %+v", filepath.Base(path), got)
		}
	}
}

func TestReadParquet(t *testing.T) {
	csv, parquet := write(t, "cases.csv", cases), filepath.Join(t.TempDir(), "cases.parquet")
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("COPY (SELECT * FROM '" + csv + "') TO '" + parquet + "' (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), parquet, "")
	if err != nil {
		t.Fatal(err)
	}
	if !same(got.Rows, casesRows) {
		t.Errorf("rows %v", got.Rows)
	}
}

func TestReadARFF(t *testing.T) {
	path := write(t, "cases.arff", "% a comment\n@relation r\n@attribute 'net profit / assets' numeric\n@attribute trade {mill, shop}\n@ATTRIBUTE bad {0,1}\n\n@data\n1.5,mill,0\n?,'shop',1\n")
	got, err := Read(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Names, []string{"net profit / assets", "trade", "bad"}) || !same(got.Rows, [][]float64{{1.5, 0, 0}, {math.NaN(), 1, 1}}) {
		t.Errorf("%+v", got)
	}
}

func TestReadRefusesWithoutQuotingTheFile(t *testing.T) {
	const secret = "SECRET"
	for name, c := range map[string]struct{ file, text, says string }{
		"no such kind":    {"cases.xls", "a", "must end in .csv"},
		"no rows":         {"cases.csv", "a,b\n", "holds no rows"},
		"not gzip":        {"cases.arff.gz", secret, "not a gzip file"},
		"no parquet":      {"cases.parquet", secret, "cannot be read as a .parquet file"},
		"no arff":         {"cases.arff", secret + "\n", "line 1 is neither"},
		"short arff row":  {"cases.arff", "@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n1\n", "line 5 has 1 values for 2 attributes"},
		"words in arff":   {"cases.arff", "@relation r\n@attribute a numeric\n@data\n" + secret + "\n", `line 4, attribute "a": not a number`},
		"no data in arff": {"cases.arff", "@relation r\n", "no @data line"},
		"odd attribute":   {"cases.arff", "@relation r\n@attribute a date\n@data\n1\n", "line 2"},
	} {
		_, err := Read(t.Context(), write(t, c.file, c.text), "")
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(t.Context(), filepath.Join(t.TempDir(), "none.csv"), ""); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Read(t.Context(), write(t, "cases.csv", cases), "nobody"); err == nil || !strings.Contains(err.Error(), `no column "nobody"`) {
		t.Errorf("missing id: %v", err)
	}
}

func TestOutcomeIsGoodOrBad(t *testing.T) {
	for text, want := range map[string]string{
		"y\n0\n1\n":        "",
		"y\n否\n是\n":        "",
		"y\ntrue\nfalse\n": "",
		"y\n0\n2\n":        "other than 0 (good) and 1 (bad) in row 2",
		"y\na\nb\nc\n":     "holds 3 different words",
		"x,y\n1,0\n2,\n":   "is empty in row 2",
	} {
		got, err := Read(t.Context(), write(t, "cases.csv", text), "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = got.Outcome("y")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestRowsForACard(t *testing.T) {
	var text strings.Builder
	text.WriteString("trade,size,bad\n")
	for i := range 400 {
		text.WriteString([]string{"mill,1,0\n", "mill,2,0\n", "shop,3,1\n", "shop,1,0\n"}[i%4])
	}
	learnt, err := Read(t.Context(), write(t, "learn.csv", text.String()), "")
	if err != nil {
		t.Fatal(err)
	}
	sample, err := learnt.Sample("bad", nil)
	if err != nil {
		t.Fatal(err)
	}
	card, err := scorecard.Train(sample, scorecard.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := Read(t.Context(), write(t, "fresh.csv", "size,trade\n1,bakery\n1,shop\n3,mill\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	rows, unseen, err := fresh.RowsFor(card.Inputs())
	if err != nil || unseen != 1 || !same(rows, [][]float64{{-1, 1}, {1, 1}, {0, 3}}) {
		t.Errorf("rows %v, %d unseen, %v", rows, unseen, err)
	}
	for text, says := range map[string]string{"other\n1\n2\n": "have no column", "size,trade\nlarge,mill\n": `column "size" holds words`} {
		bad, err := Read(t.Context(), write(t, "bad.csv", text), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := bad.RowsFor(card.Inputs()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzARFF(f *testing.F) {
	f.Add("@relation r\n@attribute a numeric\n@data\n1\n?\n")
	f.Add("@attribute 'a b' {x,'y z'}\n@data\n'y z'\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseARFF(strings.NewReader(text), "")
		if err != nil {
			return
		}
		for i, row := range got.Rows {
			if len(row) != len(got.Names) {
				t.Fatalf("row %d has %d values for %d names", i, len(row), len(got.Names))
			}
			for c, v := range row {
				if levels := got.Levels[c]; levels != nil && !math.IsNaN(v) && (v < 0 || int(v) >= len(levels)) {
					t.Fatalf("row %d, column %d: place %v of %d words", i, c, v, len(levels))
				}
			}
		}
	})
}

// realData finds a file of the real data, which lie beside the repository.
func realData(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not there", path)
		}
		t.Skipf("%s is not there", path)
	}
	return path
}

// The yardsticks are those of shared/data/README.md: 0.844 by logistic regression, 0.858 by boosting, without Term.
func TestSmallBusinessLoans(t *testing.T) {
	loans, err := Read(t.Context(), realData(t, "sba/SBAcase.csv"), "")
	if err != nil {
		t.Fatal(err)
	}
	leaks := []string{"MIS_Status", "ChgOffDate", "ChgOffPrinGr", "BalanceGross", "xx", "daysterm", "Term", "Name", "LoanNr_ChkDgt", "Selected"}
	sample, err := loans.Sample("Default", leaks)
	if err != nil {
		t.Fatal(err)
	}
	selected, err := loans.Where("Selected", "1")
	if err != nil {
		t.Fatal(err)
	}
	var inside, outside []int
	for i, in := range selected {
		if in {
			inside = append(inside, i)
		} else {
			outside = append(outside, i)
		}
	}
	test := sample.Rows(outside)
	if len(inside) != 1051 || len(outside) != 1050 {
		t.Fatalf("%d rows to train on and %d to test", len(inside), len(outside))
	}
	for kind, least := range map[scorecard.Kind]float64{scorecard.KindCard: 0.825, scorecard.KindBoosted: 0.85} {
		card, err := scorecard.Train(sample.Rows(inside), scorecard.Options{Kind: kind, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		m := scorecard.Measure(card.PDs(test.X), test.Y)
		t.Logf("%s: AUC %.4f, KS %.3f, Brier %.4f", kind, m.AUC, m.KS, m.Brier)
		if m.AUC < least {
			t.Errorf("%s: AUC %.4f on the test half, want %.2f", kind, m.AUC, least)
		}
	}
}
