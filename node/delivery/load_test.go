package delivery_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

const paymentHeader = "纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期\n"

func TestRowsThatBreakARuleAreKeptBackWithRowColumnAndRule(t *testing.T) {
	h := newHouse(t)
	text := paymentHeader + strings.Join([]string{
		"91341500799655058B,甲公司,2024-03,增值税,100,2024-04-05",
		",,2024-03,增值税,100,2024-04-05",                              // 2: nobody's
		"91341500799655058B,甲公司,,增值税,100,2024-04-05",                // 3: required
		"91341500799655058B,甲公司,2024-03,增值税,12a5.00,2023-13-45",     // 4: two types
		"91341500799655058B,甲公司,2024-03,增值税,100",                    // 5: too few
		"91341500799655058B,甲公司,2024-03,增值税,1,000,2024-04-05",       // 6: too many
		`91341500799655058B,"甲"公司,2024-03,增值税,100,2024-04-05`,       // 7: quotes
		"91341500799655058B,甲\xff\xfe公司,2024-03,增值税,100,2024-04-05", // 8: bytes
		"91341500799655058B,甲公司,1066-03,增值税,100,1066-10-14",         // 9: ranges
		"91341500799655058B,甲公司,2024-03,消费税,100,2024-04-05,,",       // surplus empty cells do no harm
		`91341500799655058B,甲公司,2024-03,"印花税,100,2024-04-05`,        // 11: a quote that never closes
		"91341500799655058B,乙\"公司,2024-03,房产税,100,2024-04-05",       // a quote inside a cell is text
	}, "\n") + "\n"
	report := h.load(h.file("tax", "tax_payment_20240410.csv", text))
	if report.Received != 12 || report.Landed != 3 || report.Quarantined != 9 || report.Duplicates != 0 {
		t.Fatalf("report %+v", report)
	}
	got := h.query(`SELECT row, field, rule, shape FROM ledger.fault ORDER BY row, field`)
	want := [][]string{
		{"2", "", "identifier", ""},
		{"3", "period", "required", "空"},
		{"4", "paid_on", "type", "9999-99-99"},
		{"4", "paid_yuan", "type", "99A9.99"},
		{"5", "", "columns_few", ""},
		{"6", "", "columns_many", ""},
		{"7", "", "quoting", ""},
		{"8", "", "encoding", ""},
		{"9", "paid_on", "range", "9999-99-99"},
		{"9", "period", "range", "9999-99"},
		{"11", "", "quoting", ""},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("faults %q", got)
	}
	if got := h.query(`SELECT content::JSON->>'paid_yuan' FROM ledger.quarantine WHERE row = 4`); got[0][0] != "12a5.00" {
		t.Errorf("the quarantine keeps %q", got)
	}
	if got := h.query(`SELECT tax_kind FROM landed.tax__tax_payment ORDER BY _row`); !slices.EqualFunc(got, [][]string{{"增值税"}, {"消费税"}, {"房产税"}}, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	h.mustHold()
}

func (h *house) mustHold() {
	h.t.Helper()
	report, err := delivery.Verify(h.t.Context(), h.lake, h.contracts)
	if err != nil {
		h.t.Fatal(err)
	}
	if !report.OK {
		h.t.Errorf("the lake does not hold: %q", report.Problems)
	}
}

func TestEnumerationsAndUnits(t *testing.T) {
	h := newHouse(t)
	h.load(h.file("court", "judgment_20240410.csv", "案号,当事人名称,诉讼地位,涉案金额（万元）,裁判日期\n1,甲公司,被告方,1.5,2024-03-05\n2,甲公司,第三人,1,2024-03-05\n3,甲公司,原告,20000元,2024-03-05\n"))
	got := h.query(`SELECT case_no, role, amount_yuan FROM landed.court__judgment ORDER BY _row`)
	if want := [][]string{{"1", "被告", "15000.00"}, {"3", "原告", "20000.00"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	h.load(h.file("market_regulation", "enterprise_registration_20240410.csv", "统一社会信用代码,企业名称,注册资本（元）,登记状态\n1,甲公司,5000000,在业\n2,乙公司,300万元,吊销,未注销\n3,丙公司,200万元,已注销\n"))
	got = h.query(`SELECT usci, registered_capital_wan, status FROM landed.market_regulation__enterprise_registration ORDER BY _row`)
	if want := [][]string{{"1", "500.0000", "存续"}, {"3", "200.0000", "注销"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
}

func TestFilesThatCannotBeTakenAreRefusedWholeAndTheOthersGoOn(t *testing.T) {
	h := newHouse(t)
	good := h.file("tax", "tax_payment_20240410.csv", plainCSV)
	whole := gzipped(t, strings.Repeat(plainCSV, 50))
	book := filepath.Join(t.TempDir(), "tax", "tax_payment_20240411.xlsx")
	workbook(t, book, map[string][][]any{"1": {{"纳税人识别号", "税款所属期"}, {"1", "2024-03"}}})
	bytes, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ file, content, says string }{
		{"tax_payment_20240401.csv", "", "is empty"},
		{"tax_payment_20240402.csv", "\n \n", "is empty"},
		{"tax_payment_20240403.csv", paymentHeader, "no rows"},
		{"tax_payment_20240404.csv.gz", whole[:len(whole)/2], "cut off"},
		{"tax_payment_20240405.csv.gz", "\x1f\x8bnot gz at all", "damaged gz"},
		{"tax_payment_20240406.csv", "纳税人识别号,税种\n1,增值税\n", "without the columns 税款所属期、实缴税额、缴款日期"},
		{"tax_payment_20240407.csv", "税款所属期,税种,实缴税额,缴款日期\n2024-03,增值税,1,2024-04-05\n", "纳税人识别号/纳税人名称（至少一列）"},
		{"tax_payment_20240408.csv", "\ufeff" + gb18030(t, plainCSV), "mark of UTF-8"},
		{"tax_payment_20240409.csv", "\x00\x01\x02\x03" + strings.Repeat("\x00\xff", 100), "neither text nor a workbook"},
		{"tax_payment_20240411.xlsx", string(bytes), "without the columns"},
		{"tax_payment_20240412.xlsx", string(bytes[:len(bytes)/2]), "not a whole Excel workbook"},
		{"tax_payment_20240413.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel 97-2003"},
		{"tax_payment_20240414.json", `[{"纳税人识别号":"1","税款所属期":"2024-03"`, "cut off"},
		{"tax_payment_20240415.json", `[{"纳税人识别号":"1",,}]`, "not valid JSON from byte"},
		{"tax_payment_20240416.json", "{\n\"code\":200\n}", "without an array"},
		{"tax_payment_20240417.json", `[{"税种":"增值税"}]`, "without the names"},
		{"tax_payment_20240418.pdf", "%PDF-1.7\n", "PDF"},
		{"rate_churn.csv", "贷款年利率,A,B,C\n0.04,0,0,0\n", "fits none of tax's data catalogues"},
	}
	paths := []string{good}
	for _, c := range cases {
		paths = append(paths, h.file("tax", c.file, c.content))
	}
	ambiguous := h.file("unknown", "x.csv", "处罚决定书文号,企业名称,处罚日期,罚款金额\n1,甲公司,2024-03-05,1\n")
	report := h.load(append(paths, ambiguous)...)
	if report.Files != 1 || report.Landed != 3 || len(report.Refused) != len(cases)+1 {
		t.Fatalf("report %+v", report)
	}
	for i, path := range paths[1:] {
		at := slices.IndexFunc(report.Refused, func(r delivery.Refusal) bool { return r.File == path })
		if at < 0 || !strings.Contains(report.Refused[at].Reason, cases[i].says) {
			t.Errorf("%s: refused as %+v, want %q", cases[i].file, report.Refused, cases[i].says)
		}
	}
	if got := h.query(`SELECT count(*), count(reason_zh), count(*) FILTER (department = 'tax') FROM ledger.refusal`); !slices.Equal(got[0], []string{"19", "19", "18"}) {
		t.Errorf("ledger of refusals %q", got)
	}
	h.mustHold()
	if left, err := os.ReadDir(h.lake.Temp()); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

func TestACorrectionSupersedesAndARepetitionDoesNot(t *testing.T) {
	h := newHouse(t)
	row := func(amount string) string {
		return "91341500799655058B,甲公司,2024-03,增值税," + amount + ",2024-04-05\n"
	}
	first := h.load(h.file("tax", "tax_payment_20240410.csv", paymentHeader+row("100")+row("100")+"341502800000015,乙公司,2024-03,增值税,7,2024-04-05\n"))
	if first.Landed != 2 || first.Duplicates != 1 {
		t.Fatalf("first %+v", first)
	}
	// Later the same again, then a correction, then back to what was said first: three deliveries in one load, in any order on the command line.
	report := h.load(
		h.file("tax", "tax_payment_20250110.csv", paymentHeader+row("100.00")),
		h.file("tax", "tax_payment_20241010.csv", paymentHeader+row("120")),
		h.file("tax", "tax_payment_20240710.csv", paymentHeader+row("100.0")),
	)
	if report.Landed != 2 || report.Duplicates != 1 {
		t.Fatalf("later %+v", report)
	}
	const history = `SELECT paid_yuan, _known_on, _superseded_on FROM landed.tax__tax_payment WHERE taxpayer_id = '91341500799655058B' ORDER BY _known_on, _row`
	want := [][]string{{"100.00", "2024-04-10", "2024-10-10"}, {"120.00", "2024-10-10", "2025-01-10"}, {"100.00", "2025-01-10", "∅"}}
	if got := h.query(history); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("history %q", got)
	}
	// A delivery that was late by a year takes its place between the others.
	h.load(h.file("tax", "tax_payment_20240601.csv", paymentHeader+row("110")))
	// What had been dropped in July as a repetition is none now: it takes back what the late delivery says.
	want = [][]string{{"100.00", "2024-04-10", "2024-06-01"}, {"110.00", "2024-06-01", "2024-07-10"}, {"100.00", "2024-07-10", "2024-10-10"}, {"120.00", "2024-10-10", "2025-01-10"}, {"100.00", "2025-01-10", "∅"}}
	if got := h.query(history); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("history with the late delivery %q", got)
	}
	// Two rows of one file that contradict each other both land; the last that says something new holds.
	if report := h.load(h.file("tax", "tax_payment_20250410.csv", paymentHeader+row("1")+row("2")+row("1"))); report.Landed != 2 || report.Duplicates != 1 {
		t.Errorf("a contradiction %+v", report)
	}
	if got := h.query(`SELECT paid_yuan FROM landed.tax__tax_payment WHERE taxpayer_id = '91341500799655058B' AND _known_on <= DATE '2025-05-01' AND (_superseded_on IS NULL OR _superseded_on > DATE '2025-05-01')`); len(got) != 1 || got[0][0] != "2.00" {
		t.Errorf("in force %q", got)
	}
	h.mustHold()
	h.close()
	h.open()
	if got := h.query(`SELECT landed, duplicates FROM ledger.delivery WHERE file = 'tax_payment_20240710.csv'`); !slices.Equal(got[0], []string{"1", "0"}) {
		t.Errorf("the delivery of July is accounted for as %q", got)
	}
	if got := h.query(history); len(got) != 7 || got[0][2] != "2024-06-01" {
		t.Errorf("history after opening again %q", got)
	}
}

// A key that is not complete names no row: without the invoice's owner, equal numbers are different invoices.
func TestRowsWithoutACompleteKeyOnlyRepeat(t *testing.T) {
	h := newHouse(t)
	const header = "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\n"
	report := h.load(h.file("x", "a.csv", header+"E1,7,2017/7/18,B1,100,13,113,有效发票\nE1,7,2017/7/18,B1,200,26,226,有效发票\nE1,7,2017/7/18,B1,200,26,226, 有效发票\n"))
	if report.Landed != 2 || report.Duplicates != 1 {
		t.Fatalf("report %+v", report)
	}
	report = h.load(h.file("x", "b.csv", header+"E1,7,2017/7/18,B1,100.00,13,113,有效发票\nE1,7,2017/7/18,B1,300,39,339,有效发票\n"))
	if report.Landed != 1 || report.Duplicates != 1 {
		t.Fatalf("second report %+v", report)
	}
	// The same invoice in a file of an earlier day, loaded late: it was known from that day on, and stands once on every day.
	h.load(h.file("x", "c_20260101.csv", header+"E1,7,2017/7/18,B1,300,39,339,有效发票\n"))
	if got := h.query(`SELECT _known_on, _superseded_on FROM landed.tax__sales_invoice WHERE amount_yuan = 300 ORDER BY 1`); !slices.EqualFunc(got, [][]string{{"2026-01-01", "2026-10-16"}, {"2026-10-16", "∅"}}, slices.Equal) {
		t.Errorf("the late copy %q", got)
	}
	if got := h.query(`SELECT count(*), count(_superseded_on), count(DISTINCT _identity) FROM landed.tax__sales_invoice WHERE _known_on = DATE '2026-10-16'`); !slices.Equal(got[0], []string{"3", "0", "1"}) {
		t.Errorf("landed %q", got)
	}
}

func TestAFileThatComesAgainIsAllDuplicates(t *testing.T) {
	h := newHouse(t)
	path := h.file("tax", "tax_payment_20240410.csv", plainCSV)
	copied := h.file("tax", "tax_payment_20240411.csv", plainCSV)
	if report := h.load(path, copied); report.Files != 2 || report.Received != 6 || report.Landed != 3 || report.Duplicates != 3 {
		t.Errorf("two copies %+v", report)
	}
	before := h.state()
	if report := h.load(path); report.Received != 3 || report.Duplicates != 3 || report.Landed != 0 {
		t.Errorf("again %+v", report)
	}
	if after := h.state(); after != before {
		t.Errorf("the state changed from\n%s\nto\n%s", before, after)
	}
}

// state is everything that a load leaves, as text: rows of every landed view (but for their numbers, which tell the order of loading), quarantine,
// faults and the ledger's accounts.
func (h *house) state() string {
	h.t.Helper()
	var b strings.Builder
	for _, c := range h.contracts.All() {
		for _, row := range h.query(`SELECT * EXCLUDE (_id) FROM ` + c.View() + ` ORDER BY ALL`) {
			fmt.Fprintln(&b, c.Table(), row)
		}
	}
	const accounts = `SELECT delivery, catalogue, known_on, received, landed, quarantined, duplicates FROM ledger.delivery ORDER BY ALL`
	const kept = `SELECT d.delivery, q.row, q.content FROM ledger.quarantine AS q JOIN ledger.delivery AS d USING (delivery_no) ORDER BY ALL`
	const why = `SELECT d.delivery, f.row, f.field, f.rule, f.shape FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no) ORDER BY ALL`
	for _, statement := range []string{accounts, kept, why} {
		for _, row := range h.query(statement) {
			fmt.Fprintln(&b, row)
		}
	}
	return b.String()
}

func TestASecondLoadAtTheSameTimeIsToldSo(t *testing.T) {
	h := newHouse(t)
	_, err := lake.Open(t.Context(), h.dir, lake.Options{})
	if !errors.Is(err, lake.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	h.close()
	h.open()
}

// Whatever rows come in whatever format and order, each is accounted for once, and the files' order on the command line does not matter.
func TestEveryRowIsAccountedFor(t *testing.T) {
	ids := rapid.SampledFrom([]string{"91341500799655058B", "341502800000015", "", "91341500MA2EXAMP0X"})
	amounts := rapid.SampledFrom([]string{"1", "2", "2.00", "1,000.5", "x", "", "1e2"})
	days := rapid.SampledFrom([]string{"2024-04-05", "2024/4/5", "20240405", "2024-02-30", ""})
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(t)
		defer h.close()
		var paths []string
		rows := 0
		for i := range rapid.IntRange(1, 4).Draw(rt, "files") {
			var lines []string
			for range rapid.IntRange(1, 12).Draw(rt, "rows") {
				line := []string{ids.Draw(rt, "id"), "甲,公司", "2024-03", "增值税", amounts.Draw(rt, "amount"), days.Draw(rt, "day")}
				if rapid.IntRange(0, 9).Draw(rt, "ragged") == 0 {
					line = line[:4]
				}
				lines = append(lines, `"`+strings.Join(line, `","`)+`"`)
			}
			rows += len(lines)
			paths = append(paths, h.file("tax", fmt.Sprintf("tax_payment_2024%02d10_%d.csv", rapid.IntRange(4, 6).Draw(rt, "month"), i), paymentHeader+strings.Join(lines, "\n")))
		}
		report := h.load(paths...)
		if report.Received != report.Landed+report.Quarantined+report.Duplicates {
			rt.Fatalf("not conserved: %+v", report)
		}
		if report.Received != int64(rows) {
			rt.Fatalf("received %d of %d rows", report.Received, rows)
		}
		checked, err := delivery.Verify(t.Context(), h.lake, h.contracts)
		if err != nil || !checked.OK {
			rt.Fatalf("the lake does not hold: %v %v", checked.Problems, err)
		}
		const all = `SELECT * FROM landed.tax__tax_payment ORDER BY ALL`
		state := fmt.Sprint(h.query(all))
		again := h.load(paths...)
		if again.Duplicates != report.Received || fmt.Sprint(h.query(all)) != state {
			rt.Fatalf("the second load changed something: %+v", again)
		}
		other := newHouse(t)
		defer other.close()
		for _, path := range slices.Backward(paths) {
			other.load(path)
		}
		// Loaded one by one and backwards: rows may count as duplicates in another file, but what is in force on any day is the same.
		const inForce = `SELECT DISTINCT taxpayer_id, paid_yuan, paid_on, d FROM landed.tax__tax_payment, (SELECT unnest([DATE '2024-04-30', DATE '2024-05-30', DATE '2024-06-30']) AS d)
			WHERE taxpayer_id IS NOT NULL AND _known_on <= d AND (_superseded_on IS NULL OR _superseded_on > d) ORDER BY ALL`
		if a, b := fmt.Sprint(h.query(inForce)), fmt.Sprint(other.query(inForce)); a != b {
			rt.Fatalf("in force after one load\n%s\nafter several\n%s", a, b)
		}
	})
}

func TestAnEmptyLakeHasEveryViewWithItsTypes(t *testing.T) {
	h := newHouse(t)
	for _, c := range h.contracts.All() {
		described := map[string]string{}
		for _, row := range h.query("SELECT column_name, column_type FROM (DESCRIBE " + c.View() + ")") {
			described[row[0]] = row[1]
		}
		for _, f := range c.Fields {
			if described[f.Name] != f.Type.SQL() {
				t.Errorf("%s.%s is %s, want %s", c.View(), f.Name, described[f.Name], f.Type.SQL())
			}
		}
		if (described["_identity"] == "UBIGINT") != c.HasFirm() || described["_known_on"] != "DATE" || described["_row"] != "BIGINT" {
			t.Errorf("%s: %v", c.View(), described)
		}
	}
}

func TestVerifySeesWhatWasChanged(t *testing.T) {
	for name, damage := range map[string]func(h *house, parquet string){
		"a changed file": func(h *house, parquet string) {
			content, err := os.ReadFile(parquet)
			if err != nil {
				t.Fatal(err)
			}
			content[len(content)/2] ^= 1
			if err := os.WriteFile(parquet, content, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a lost file":  func(_ *house, parquet string) { _ = os.Remove(parquet) },
		"a stray file": func(_ *house, parquet string) { _ = os.WriteFile(parquet+".part", nil, 0o600) },
		"a changed count": func(h *house, _ string) {
			h.exec(`UPDATE ledger.delivery SET landed = landed + 1, duplicates = duplicates - 1`)
		},
		"a lost row":      func(h *house, _ string) { h.exec(`UPDATE ledger.delivery SET received = received + 1`) },
		"a lost reason":   func(h *house, _ string) { h.exec(`DELETE FROM ledger.fault`) },
		"a lost delivery": func(h *house, _ string) { h.exec(`DELETE FROM ledger.delivery`) },
		"a lost segment":  func(h *house, _ string) { h.exec(`DELETE FROM ledger.segment`) },
		"a released row": func(h *house, _ string) {
			h.exec(`UPDATE ledger.quarantine SET row = 1`)
			h.exec(`UPDATE ledger.fault SET row = 1`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.load(h.file("tax", "tax_payment_20240410.csv", plainCSV+",,2024-03,增值税,100,2024-04-05\n"))
			h.mustHold()
			files, err := filepath.Glob(filepath.Join(h.dir, "landed", "tax", "tax_payment", "*.parquet"))
			if err != nil || len(files) != 1 {
				t.Fatalf("files %v, %v", files, err)
			}
			damage(h, files[0])
			report, err := delivery.Verify(t.Context(), h.lake, h.contracts)
			if err != nil {
				t.Fatal(err)
			}
			if report.OK || len(report.Problems) == 0 {
				t.Error("nothing was noticed")
			}
		})
	}
}

func (h *house) exec(statement string) {
	h.t.Helper()
	if _, err := h.lake.DB().ExecContext(h.t.Context(), statement); err != nil {
		h.t.Fatal(err)
	}
}

func TestAMovedLakeIsFoundAgain(t *testing.T) {
	h := newHouse(t)
	h.load(h.file("tax", "tax_payment_20240410.csv", plainCSV))
	h.close()
	moved := filepath.Join(t.TempDir(), "a [new], folder*")
	if err := os.Rename(h.dir, moved); err != nil {
		t.Fatal(err)
	}
	h.dir = moved
	h.open()
	if got := h.query(paymentsQuery); len(got) != 3 {
		t.Errorf("after the move %q", got)
	}
}

func TestReadinessCountsWhatWasTaken(t *testing.T) {
	h := newHouse(t)
	path := h.file("tax", "tax_payment_20240410.csv", plainCSV+",,2024-03,增值税,100,2024-04-05\n")
	h.load(path)
	h.load(path)
	h.exec(`CREATE SCHEMA entity; CREATE TABLE entity.link AS SELECT 'tax__tax_payment' AS catalogue, _identity, 1 AS firm_id FROM landed.tax__tax_payment WHERE _row < 3`)
	got, err := delivery.Readiness(t.Context(), h.lake, h.contracts)
	if err != nil {
		t.Fatal(err)
	}
	want := delivery.DepartmentReadiness{Department: "tax", Catalogues: 1, Received: 4, Landed: 3, Quarantined: 1, LinkedPerMille: 666, LatestDelivery: time.Date(2024, 4, 10, 0, 0, 0, 0, time.UTC)}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v", got)
	}
}
