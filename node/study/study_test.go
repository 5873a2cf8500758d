package study

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// realInvoices is where the real data lie, beside the repository.
func realInvoices(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "cumcm2020c")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the real invoices are not at %s", dir)
		}
		t.Skipf("the real invoices are not at %s", dir)
	}
	return dir
}

// studied runs the study once for all tests.
var studied = sync.OnceValues(func() (*Report, error) {
	return Invoices(context.Background(), filepath.Join("..", "..", "..", "shared", "data", "cumcm2020c"), Options{})
})

func TestTheRealInvoices(t *testing.T) {
	realInvoices(t)
	r, err := studied()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counts{Received: 1099441, Landed: 1087776, Duplicates: 11665}); r.Invoices != want {
		t.Errorf("invoices %+v, want %+v", r.Invoices, want)
	}
	if r.Firms != 425 || r.Rated != 123 || r.Bads != 27 || len(r.Scores) != 302 {
		t.Errorf("%d firms, %d rated, %d bad, %d scored; want 425, 123, 27, 302", r.Firms, r.Rated, r.Bads, len(r.Scores))
	}
	if r.AUC.Folds != 50 || r.AUC.Mean < 0.90 || r.AUC.Mean > 0.94 {
		t.Errorf("AUC %.4f over %d folds; want 0.90 to 0.94 over 50", r.AUC.Mean, r.AUC.Folds)
	}
	t.Logf("%.1f s", r.Seconds)
}

func TestShuffledVerdictsTeachNothing(t *testing.T) {
	realInvoices(t)
	r, err := studied()
	if err != nil {
		t.Fatal(err)
	}
	if r.Shuffled.Mean < 0.4 || r.Shuffled.Mean > 0.6 {
		t.Errorf("AUC with shuffled verdicts %.3f, want 0.4 to 0.6", r.Shuffled.Mean)
	}
}

func TestNoLoanIsAdvisedToTheWorstGrade(t *testing.T) {
	realInvoices(t)
	r, err := studied()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Scores {
		if s.Grade == "E" && (s.LimitYuan != 0 || s.Rate != nil) {
			t.Errorf("%s of grade E: limit %d", s.Firm, s.LimitYuan)
		}
		if s.LimitYuan > 0 && (s.Rate == nil || *s.Rate < 0.04 || *s.Rate > 0.15) {
			t.Errorf("%s: a limit without a rate of the table", s.Firm)
		}
		if s.Score < 300 || s.Score > 850 {
			t.Errorf("%s: score %d", s.Firm, s.Score)
		}
	}
}

func TestTheRatingIsNoInput(t *testing.T) {
	realInvoices(t)
	r, err := studied()
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range r.Card.Columns {
		if strings.Contains(column, "rating") || strings.Contains(column, "default") {
			t.Errorf("column %s", column)
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{`"firms":425`, `"received":1099441`, `"folds":50`, `"ks":`, `"limit_yuan":`} {
		if !strings.Contains(string(text), name) {
			t.Errorf("the JSON has no %s", name)
		}
	}
}

// small writes a study of 40 firms in the shape of the real one; extra adds invoices to firm E1.
func small(t *testing.T, extra int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rated, unrated := "企业代号,企业名称,信誉评级,是否违约\n", "企业代号,企业名称\n"
	for n := 1; n <= 40; n++ {
		switch {
		case n > 30:
			unrated += fmt.Sprintf("E%d,个体经营E%d\n", n, n)
		case n%3 == 0:
			rated += fmt.Sprintf("E%d,***有限公司,D,是\n", n)
		default:
			rated += fmt.Sprintf("E%d,***有限公司,%c,否\n", n, 'A'+n%3-1)
		}
	}
	write("firms_rated.csv", rated)
	write("firms_unrated.csv", unrated)
	write("rate_churn.csv", "贷款年利率,客户流失率_A,客户流失率_B,客户流失率_C\n0.04,0,0,0\n0.08,0.5,0.4,0.3\n0.15,0.9,0.9,0.9\n")
	for _, side := range []struct{ file, partner string }{{"output", "购方单位代号"}, {"input", "销方单位代号"}} {
		for _, group := range []string{"rated", "unrated"} {
			r := rand.New(rand.NewPCG(1, uint64(len(group))))
			text := "企业代号,发票号码,开票日期," + side.partner + ",金额,税额,价税合计,发票状态\n"
			for n := 1; n <= 40; n++ {
				if (group == "rated") != (n <= 30) {
					continue
				}
				for k := range 30 {
					net := r.Float64() * 10000 * float64(1+n%3)
					text += fmt.Sprintf("E%d,%d,%d/%d/%d,B%d,%.2f,%.2f,%.2f,有效发票\n", n, n*10000+k, 2018+k%2, 1+k%12, 1+k%28, k%7, net, net*0.03, net*1.03)
				}
				if n == 1 {
					for k := range extra {
						text += fmt.Sprintf("E1,%d,2019/%d/1,B99,5000,150,5150,有效发票\n", 900000+k, 1+k%12)
					}
				}
			}
			pack(t, filepath.Join(dir, "invoices_"+group+"_"+side.file+".csv.gz"), text)
		}
	}
	return dir
}

func pack(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOneFirmsRowsDoNotChangeAnother(t *testing.T) {
	silent := func(string) {}
	before, err := gather(t.Context(), small(t, 0), silent)
	if err != nil {
		t.Fatal(err)
	}
	after, err := gather(t.Context(), small(t, 500), silent)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before.codes, after.codes) || len(before.codes) != 40 {
		t.Fatalf("firms %v and %v", before.codes, after.codes)
	}
	same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
	for i, code := range before.codes {
		if equal := slices.EqualFunc(before.rows[i], after.rows[i], same); equal != (code != "E1") {
			t.Errorf("%s: indicators the same: %v", code, equal)
		}
	}
	if before.load.Received != 40*30*2 || after.load.Received != before.load.Received+1000 {
		t.Errorf("received %d and %d", before.load.Received, after.load.Received)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir := small(t, 0)
	if _, err := gather(t.Context(), dir, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "firms_rated.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := gather(t.Context(), dir, func(string) {}); err == nil {
		t.Error("an empty list of firms was accepted")
	}
	left, err := filepath.Glob(filepath.Join(temp, "yidaitong-study-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMissingFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ dir, says string }{
		{filepath.Join(dir, "nowhere"), "does not exist"},
		{dir, "holds no firms_rated.csv"},
	} {
		_, err := Invoices(t.Context(), c.dir, Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", c.says, err)
		}
	}
}

func TestBestRate(t *testing.T) {
	churn := []Churn{{0.04, [3]float64{0, 0, 0}}, {0.06, [3]float64{0.3, 0.3, 0.3}}, {0.15, [3]float64{0.9, 0.9, 0.9}}}
	terms := Terms{LGD: 0.45, Funding: 0.025}
	// PD 1 %: at 4 % a customer earns 0.0396 - 0.0045 - 0.025 = 0.0101; at 6 % 0.7 × 0.0299 = 0.0209; at 15 % 0.1 × 0.119.
	if rate, err := bestRate(churn, "A", 0.01, terms); err != nil || rate != 0.06 {
		t.Errorf("rate %v, %v; want 0.06", rate, err)
	}
	// PD 8 %: only 15 % earns anything: 0.138 - 0.036 - 0.025 > 0, while 6 % loses 0.0058.
	if rate, err := bestRate(churn, "D", 0.08, terms); err != nil || rate != 0.15 {
		t.Errorf("rate %v, %v; want 0.15", rate, err)
	}
	for _, c := range []struct {
		grade string
		pd    float64
	}{{"E", 0.01}, {"A", 0.5}} {
		if _, err := bestRate(churn, c.grade, c.pd, terms); err == nil {
			t.Errorf("grade %s, PD %v: a rate was found", c.grade, c.pd)
		}
	}
}

func TestReadChurnNamesTheRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate_churn.csv")
	for text, says := range map[string]string{
		"":                   "not a table of rates",
		"a,b,c,d\n1,1,1,1\n": "the header must be",
		"贷款年利率,客户流失率_A,客户流失率_B,客户流失率_C\n0.04,0,x,0\n": "row 1, column 客户流失率_B",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readChurn(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheSameSeedGivesTheSameCard(t *testing.T) {
	s := scorecard.Sample{Columns: []string{"a", "b"}}
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 80 {
		a := r.NormFloat64()
		s.X = append(s.X, []float64{a, r.NormFloat64()})
		s.Y = append(s.Y, float64(i%2))
		s.Teacher = append(s.Teacher, math.Round(a))
	}
	one, err := scorecard.Train(s, ModelOptions(5))
	if err != nil {
		t.Fatal(err)
	}
	two, err := scorecard.Train(s, ModelOptions(5))
	if err != nil {
		t.Fatal(err)
	}
	if one.Version != two.Version {
		t.Errorf("versions %s and %s", one.Version, two.Version)
	}
}
