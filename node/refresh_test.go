package node_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/lake"
)

// makeCity generates a small city and makes an empty node beside it.
func makeCity(t *testing.T, firms int) (dir string, n *node.Node) {
	t.Helper()
	dir = t.TempDir()
	if _, err := city.Generate(t.Context(), city.Options{Out: dir, Firms: firms, Seed: 3, Damage: 0.15, City: "341500", Format: "csv", Core: true}); err != nil {
		t.Fatal(err)
	}
	if err := node.Init(filepath.Join(dir, "node"), "341500"); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), filepath.Join(dir, "node"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return dir, n
}

func load(t *testing.T, n *node.Node, paths ...string) {
	t.Helper()
	report, err := n.Load(t.Context(), paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Refused) > 0 {
		t.Fatalf("refused: %+v", report.Refused)
	}
}

func refresh(t *testing.T, n *node.Node, o node.RefreshOptions) node.RefreshReport {
	t.Helper()
	report, err := node.Refresh(t.Context(), n, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// ask reads one row of numbers and texts from an engine of its own, as the gate does.
func ask(t *testing.T, query string, into ...any) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(into...); err != nil {
		t.Fatalf("%v in %s", err, query)
	}
}

func current(n *node.Node, file string) string {
	return "read_parquet(" + lake.Quote(filepath.Join(n.Dir, "current", file+".parquet")) + ")"
}

func TestRefreshOfACity(t *testing.T) {
	dir, n := makeCity(t, 400)
	load(t, n, filepath.Join(dir, "deliveries"))
	first := refresh(t, n, node.RefreshOptions{})
	if first.AsOf != "2026-10-15" || first.PeriodEnd != "2026-09-30" || first.Generation != 1 {
		t.Errorf("as of %s, period end %s, generation %d", first.AsOf, first.PeriodEnd, first.Generation)
	}
	if !first.Model.Trained || first.Model.TestAUC < 0.55 {
		t.Errorf("the model: %+v", first.Model)
	}
	t.Run("snapshot", func(t *testing.T) { checkSnapshot(t, n, first) })
	t.Run("again", func(t *testing.T) {
		before := firmIDs(t, n)
		second := refresh(t, n, node.RefreshOptions{})
		if second.Model.Trained || second.Generation != 2 || second.Model.Version != first.Model.Version {
			t.Errorf("trained again: %+v", second.Model)
		}
		if after := firmIDs(t, n); after != before {
			t.Error("firms changed their firm_id")
		}
		entries, err := os.ReadDir(filepath.Join(n.Dir, "snapshots"))
		if err != nil || len(entries) != 2 {
			t.Errorf("%d snapshots are kept (%v)", len(entries), err)
		}
	})
	t.Run("bad day", func(t *testing.T) { checkBadDay(t, dir, n) })
	t.Run("empty date", func(t *testing.T) {
		_, err := node.Refresh(t.Context(), n, node.RefreshOptions{AsOf: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil || !strings.Contains(err.Error(), "2020-01-01") {
			t.Errorf("refreshed before the first delivery: %v", err)
		}
	})
}

// firmIDs is a digest of which firm has which number.
func firmIDs(t *testing.T, n *node.Node) string {
	t.Helper()
	var digest string
	ask(t, "SELECT md5(string_agg(firm_id || usci, ',' ORDER BY firm_id)) FROM "+current(n, "firm"), &digest)
	return digest
}

func checkSnapshot(t *testing.T, n *node.Node, report node.RefreshReport) {
	var firms, scored, odd int64
	ask(t, "SELECT count(*), count(score), count(*) FILTER (score NOT BETWEEN 300 AND 850 OR grade NOT IN ('A', 'B', 'C', 'D', 'E') OR pd NOT BETWEEN 0 AND 1 OR dim_1 NOT BETWEEN 0 AND 100 OR limit_fen < 0) FROM "+current(n, "firm"), &firms, &scored, &odd)
	if firms != report.Firms || scored != report.Scored || odd > 0 || scored < firms*3/4 {
		t.Errorf("%d firms, %d scored, %d odd; reported %+v", firms, scored, odd, report)
	}
	var closed, unexplained int64
	ask(t, "SELECT count(*) FILTER (status <> '存续' AND score IS NOT NULL), count(*) FILTER (score IS NOT NULL AND coalesce(reasons, '') = '') FROM "+current(n, "firm"), &closed, &unexplained)
	if closed > 0 || unexplained > scored/20 {
		t.Errorf("%d closed firms have a score, %d scores no reason", closed, unexplained)
	}
	var dates int64
	ask(t, "SELECT count(DISTINCT as_of) FROM "+current(n, "trend"), &dates)
	if dates != 6 {
		t.Errorf("the trend shows %d dates", dates)
	}
	var events, keys, later int64
	ask(t, "SELECT count(*), count(DISTINCT event_key), count(*) FILTER (known_on > DATE '"+report.AsOf+"') FROM "+current(n, "event"), &events, &keys, &later)
	if events != report.Events || keys != events || later > 0 || events == 0 {
		t.Errorf("%d events, %d keys, %d known too late", events, keys, later)
	}
	var persons int64
	ask(t, "SELECT count(*) FROM "+current(n, "person"), &persons)
	if persons == 0 {
		t.Error("no persons")
	}
	checkMeta(t, n, report)
	checkDigest(t, n, report)
}

func checkMeta(t *testing.T, n *node.Node, report node.RefreshReport) {
	text, err := os.ReadFile(filepath.Join(n.Dir, "current", "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{"generation": 1.0, "as_of": "2026-10-15", "model_id": "card-341500", "model_version": "20261015.1", "data_version": "20261015.1"} {
		if m[field] != want {
			t.Errorf("meta.json: %s is %v, not %v", field, m[field], want)
		}
	}
	if reasons, ok := m["model_reasons"].([]any); !ok || len(reasons) < 5 {
		t.Errorf("meta.json: model_reasons are %v", m["model_reasons"])
	}
}

func checkDigest(t *testing.T, n *node.Node, report node.RefreshReport) {
	text, err := os.ReadFile(filepath.Join(n.Dir, "current", "digest.json"))
	if err != nil {
		t.Fatal(err)
	}
	d := &borderv1.CityDigest{}
	if err := protojson.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	sum := d.GetSuppressedFirms()
	for _, c := range d.GetCells() {
		sum += c.GetFirms()
		if c.GetFirms() < 10 || c.GetGrade() == 0 || len(c.GetDivision()) != 6 || len(c.GetIndustrySection()) > 1 {
			t.Errorf("a cell that must not be shown: %v", c)
		}
	}
	if hidden := d.GetSuppressedFirms(); hidden > 0 && hidden < 10 {
		t.Errorf("%d suppressed firms can be told from the sums", hidden)
	}
	var departments int
	if err := n.DB().QueryRowContext(t.Context(), "SELECT count(DISTINCT department) FROM ledger.delivery").Scan(&departments); err != nil {
		t.Fatal(err)
	}
	if sum != d.GetFirms() || int64(d.GetFirms()) != report.Scored || len(d.GetCells()) == 0 || len(d.GetDepartments()) != departments {
		t.Errorf("the digest counts %d of %d firms (%d scored) in %d cells, %d departments", sum, d.GetFirms(), report.Scored, len(d.GetCells()), len(d.GetDepartments()))
	}
}

// checkBadDay delivers a court's list of the next day with a good firm on it.
func checkBadDay(t *testing.T, dir string, n *node.Node) {
	var id, before int64
	var usci, name string
	ask(t, "SELECT firm_id, usci, firm_name, score FROM "+current(n, "firm")+" WHERE status = '存续' AND kind = 'enterprise' AND score IS NOT NULL ORDER BY score DESC, firm_id LIMIT 1", &id, &usci, &name, &before)
	folder := filepath.Join(dir, "bad", "court")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	row := fmt.Sprintf(`[{"案号":"(2026)皖1502执999号","统一社会信用代码":"%s","被执行人姓名/名称":"%s","企业名称":"%s","发布时间":"2026-10-16"}]`, usci, name, name)
	path := filepath.Join(folder, "dishonest_debtor_20261016.json")
	if err := os.WriteFile(path, []byte(row), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, n, path)
	report := refresh(t, n, node.RefreshOptions{})
	if report.AsOf != "2026-10-16" {
		t.Errorf("as of %s", report.AsOf)
	}
	var after, severe, figure int64
	var reasons string
	ask(t, fmt.Sprintf("SELECT score, reasons FROM %s WHERE firm_id = %d", current(n, "firm"), id), &after, &reasons)
	if after > before-60 || !strings.HasPrefix(reasons, "2:-") {
		t.Errorf("the score went from %d to %d, reasons %s", before, after, reasons)
	}
	ask(t, fmt.Sprintf("SELECT count(*) FROM %s WHERE firm_id = %d AND alert_code = 1 AND severity = 3 AND known_on = DATE '2026-10-16'", current(n, "event"), id), &severe)
	if severe != 1 {
		t.Errorf("%d severe events", severe)
	}
	ask(t, fmt.Sprintf("SELECT score FROM %s WHERE firm_id = %d AND as_of = DATE '2026-10-15'", current(n, "trend"), id), &figure)
	if figure != before {
		t.Errorf("the past changed: %d on 2026-10-15 became %d", before, figure)
	}
}

// TestThePastStaysAsItWas loads a city up to a day, keeps the figures as of that day, loads the rest, and asks for the same day again.
func TestThePastStaysAsItWas(t *testing.T) {
	dir, n := makeCity(t, 150)
	var until, rest []string
	files, err := filepath.Glob(filepath.Join(dir, "deliveries", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		_, tail, _ := strings.Cut(filepath.Base(file), "_20")
		if "20"+tail[:6] <= "20250710" {
			until = append(until, file)
		} else {
			rest = append(rest, file)
		}
	}
	then := node.RefreshOptions{AsOf: time.Date(2025, 7, 15, 0, 0, 0, 0, time.UTC)}
	load(t, n, until...)
	first := refresh(t, n, then)
	keep(t, n.DB(), "before")
	load(t, n, rest...)
	refresh(t, n, node.RefreshOptions{})
	second := refresh(t, n, then)
	if first.PeriodEnd != second.PeriodEnd {
		t.Errorf("the last full quarter was %s, then %s", first.PeriodEnd, second.PeriodEnd)
	}
	keep(t, n.DB(), "after")
	var firms, moved int64
	err = n.DB().QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM before), (SELECT count(*) FROM (FROM before EXCEPT FROM after))").Scan(&firms, &moved)
	if err != nil {
		t.Fatal(err)
	}
	// A registration delivered later can mend a link that could not be made before; hardly any firm gains from it.
	t.Logf("%d of %d moved", moved, firms)
	if firms < 80 || moved > firms/50 {
		t.Errorf("of %d firms %d have other figures as of the same day, now that more is known", firms, moved)
	}
}

func keep(t *testing.T, db *sql.DB, table string) {
	t.Helper()
	_, err := db.ExecContext(context.Background(), "CREATE TABLE "+table+` AS SELECT f.* EXCLUDE (firm_age_months) FROM refresh.figure f JOIN refresh.spine s USING (firm_id, as_of)
		WHERE s.purpose = 'now' AND sales_12m IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
}

// TestACarriedRefreshIsOneFromScratch delivers a city in three loads with late files among them, refreshes after each, and compares with a refresh
// that has no notes of the ones before.
func TestACarriedRefreshIsOneFromScratch(t *testing.T) {
	dir, n := makeCity(t, 300)
	files, err := filepath.Glob(filepath.Join(dir, "deliveries", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var loads [3][]string
	for i, file := range files {
		_, tail, _ := strings.Cut(filepath.Base(file), "_20")
		at := 0
		switch {
		case i%17 == 0 && !strings.Contains(file, "registration"):
			at = 1 + i%2 // late, whatever its date
		case tail[:6] > "260701":
			at = 2
		case tail[:6] > "260401":
			at = 1
		}
		loads[at] = append(loads[at], file)
	}
	for i, paths := range loads {
		load(t, n, paths...)
		report := refresh(t, n, node.RefreshOptions{})
		t.Logf("load %d: %d of %d firms concerned, as of %s", i, report.Concerned, report.Firms, report.AsOf)
	}
	folder := filepath.Join(dir, "one", "court")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var usci string
	ask(t, "SELECT usci FROM "+current(n, "firm")+" WHERE kind = 'enterprise' AND status = '存续' AND usci IS NOT NULL ORDER BY firm_id LIMIT 1", &usci)
	one := filepath.Join(folder, "dishonest_debtor_20261016.json")
	if err := os.WriteFile(one, []byte(fmt.Sprintf(`[{"案号":"(2026)皖1502执999号","统一社会信用代码":"%s","被执行人姓名/名称":"某某","发布时间":"2026-10-16"}]`, usci)), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, n, one)
	if report := refresh(t, n, node.RefreshOptions{}); report.Concerned == 0 || report.Concerned > 5 {
		t.Errorf("one row concerns %d firms", report.Concerned)
	}
	compareWithScratch(t, n)
}

// compareWithScratch refreshes once more, without the notes, and expects the figures, scores and trends that stood before.
func compareWithScratch(t *testing.T, n *node.Node) {
	t.Helper()
	tables := []string{"figure", "scored", "trend"}
	// A carried refresh judges of the past only what has changed; the rest stands in the trend.
	newest := map[string]string{"scored": "WHERE as_of = (SELECT max(as_of) FROM refresh.spine)"}
	for _, table := range tables {
		exec(t, n.DB(), fmt.Sprintf("CREATE OR REPLACE TABLE carried_%[1]s AS FROM refresh.%[1]s %[2]s", table, newest[table]))
	}
	exec(t, n.DB(), "DELETE FROM refresh.state; DELETE FROM refresh.trend_basis; DELETE FROM refresh.trend; DROP SCHEMA kept CASCADE")
	if report := refresh(t, n, node.RefreshOptions{}); report.Concerned != report.Firms {
		t.Errorf("from scratch, %d of %d firms are concerned", report.Concerned, report.Firms)
	}
	for _, table := range tables {
		var rows, differ int64
		err := n.DB().QueryRowContext(t.Context(), fmt.Sprintf(`WITH scratch AS (FROM refresh.%[1]s %[2]s)
			SELECT (SELECT count(*) FROM scratch), (SELECT count(*) FROM ((FROM scratch EXCEPT FROM carried_%[1]s) UNION ALL (FROM carried_%[1]s EXCEPT FROM scratch)))`, table, newest[table])).Scan(&rows, &differ)
		if err != nil {
			t.Fatal(err)
		}
		if rows == 0 || differ > 0 {
			t.Errorf("%s: %d rows, %d differ from those computed from scratch", table, rows, differ)
		}
	}
}

func exec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
