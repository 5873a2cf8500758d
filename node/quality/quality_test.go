package quality_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/lake"
	"github.com/yidaitong/yidaitong/node/quality"
)

var today = time.Date(2026, 10, 16, 9, 0, 0, 0, time.UTC)

// house is a lake with the contracts of the tree, for one test.
type house struct {
	t         *testing.T
	lake      *lake.Lake
	contracts *catalog.Catalogs
	now       time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.Context(), filepath.Join(t.TempDir(), "lake"), lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := delivery.Prepare(t.Context(), l, contracts); err != nil {
		t.Fatal(err)
	}
	return &house{t, l, contracts, today}
}

func (h *house) load(department, name, content string) delivery.LoadReport {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), department, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		h.t.Fatal(err)
	}
	report, err := delivery.Load(h.t.Context(), h.lake, h.contracts, []string{path}, delivery.LoadOptions{Clock: func() time.Time { return h.now }})
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

func (h *house) report(department string) quality.Report {
	h.t.Helper()
	report, err := quality.Of(h.t.Context(), h.lake, h.contracts, department, h.now)
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

func (h *house) count(query string) (n int64) {
	h.t.Helper()
	if err := h.lake.DB().QueryRowContext(h.t.Context(), query).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// written is a report in every form in which it leaves the node.
func written(t *testing.T, report quality.Report) map[string]string {
	t.Helper()
	var page, book strings.Builder
	if err := errors.Join(report.WriteHTML(&page), report.WriteXLSX(&book)); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"page": page.String(), "workbook": readWorkbook(t, book.String()), "json": string(asJSON)}
}

func readWorkbook(t *testing.T, content string) string {
	t.Helper()
	book, err := excelize.OpenReader(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var b strings.Builder
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j := range row {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if formula, err := book.GetCellFormula(sheet, cell); err != nil || formula != "" {
					t.Errorf("%s!%s holds the formula %q (%v)", sheet, cell, formula, err)
				}
			}
			fmt.Fprintln(&b, strings.Join(row, "\t"))
		}
	}
	return b.String()
}

func catalogueOf(t *testing.T, report quality.Report, name string) quality.Catalogue {
	t.Helper()
	at := slices.IndexFunc(report.Catalogues, func(c quality.Catalogue) bool { return c.Catalogue == name })
	if at < 0 {
		t.Fatalf("no catalogue %s in the report", name)
	}
	return report.Catalogues[at]
}

const paymentHeader = "纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期\n"

func TestReportNamesWhatToMendAndNoValue(t *testing.T) {
	h := newHouse(t)
	h.load("tax", "tax_payment_20240410.csv", "税款缴纳表,,,,,\n"+paymentHeader+"91341500799655058B,甲公司,2024-03,增值税,机密金额,2024-04-05\nBADCODE,乙公司,2024-03,增值税,5,2024-04-05\n")
	h.load("tax", "=cmd.csv", "")
	h.load("tax", "＝cmd.csv", "")
	report := h.report("tax")
	if len(report.ToMend) != 1 || len(report.Refused) != 2 {
		t.Fatalf("report %+v", report)
	}
	mend := report.ToMend[0]
	if mend.Line != 3 || mend.Row != 1 || mend.Column != "实缴税额" || mend.RuleZH != "格式无法识别" || mend.Shape != "文文文文" || !strings.Contains(mend.Advice, "以元为单位") {
		t.Errorf("to mend %+v", mend)
	}
	c := catalogueOf(t, report, "tax_payment")
	if c.DaysLate == 0 || c.Fields[0].Odd != 1 || c.Fields[0].Filled != 1 {
		t.Errorf("catalogue %+v", c)
	}
	for form, text := range written(t, report) {
		if strings.Contains(text, "机密金额") || strings.Contains(text, "甲公司") {
			t.Errorf("the %s holds a value", form)
		}
		if !strings.Contains(text, "tax_payment_20240410.csv") {
			t.Errorf("the %s does not name the file", form)
		}
		if form == "workbook" && (!strings.Contains(text, "'=cmd.csv") || !strings.Contains(text, "'＝cmd.csv")) {
			t.Error("a file's name could be read as a formula")
		}
		if form == "page" && (strings.Contains(text, "<script") || strings.Contains(text, "http:") || strings.Contains(text, "https:")) {
			t.Error("the page needs something besides itself")
		}
	}
	if _, err := quality.Of(t.Context(), h.lake, h.contracts, "nobody", today); err == nil || !strings.Contains(err.Error(), "market_regulation") {
		t.Errorf("an unknown department: %v", err)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestDimensionsOfASmallFile counts by hand. Five fields of tax_payment are expected in every row or named by it; the six are taxpayer_id, firm_name,
// period, tax_kind, paid_yuan, paid_on.
func TestDimensionsOfASmallFile(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2024, 4, 12, 9, 0, 0, 0, time.UTC)
	h.load("tax", "tax_payment_20240410.csv", paymentHeader+strings.Join([]string{
		"91330100799655058B,甲,2024-01,增值税,1,2024-04-05", // sound
		"91330100799655059B,乙,2024-01,增值税,1,2024-04-05", // the check character is wrong
		"BAD,丙,2024-01,增值税,1,2024-04-05",                // no such form
		",丁,2024-01,增值税,1,2024-04-05",                   // no number, but a name
		"91330100799655058B,戊,2024-02,增值税,x,2024-04-05", // kept back: form
		"91330100799655058B,己,2024-03,,1,2024-04-05",    // kept back: a required cell is empty
	}, "\n")+"\n")
	c, _ := h.contracts.Find("tax", "tax_payment")
	var expected, checked int64
	for _, f := range c.Fields {
		if f.Required || f.Key || f.Identifier == catalog.TaxpayerID || f.Identifier == catalog.FirmName {
			expected++
		}
		if f.Identifier == catalog.TaxpayerID || f.Minimum != "" || f.Maximum != "" {
			checked++
		}
	}
	report := h.report("tax")
	got := catalogueOf(t, report, "tax_payment")
	if got.Landed != 4 || got.Quarantined != 2 || len(got.Deliveries) != 1 {
		t.Fatalf("catalogue %+v", got)
	}
	d := got.Deliveries[0].Dimensions
	ranged := float64(checked-1)*4 + 3 // every landed row's ranged fields, and the three numbers that are there
	for _, tt := range []struct {
		title     string
		got, want float64
	}{
		{"normative: one odd number and one bad amount of 23 values and that amount", d.Normative, 1 - 2.0/24},
		{"complete: one number and one kind of tax are missing", d.Complete, 1 - 2/float64(expected*6)},
		{"accurate: one wrong check character", d.Accurate, 1 - 1/ranged},
		{"consistent", d.Consistent, 1},
		{"accessible: four of six rows", d.Accessible, 4.0 / 6},
		{"timely", d.Timely, 1},
	} {
		if !near(tt.got, tt.want) {
			t.Errorf("%s: %f, want %f", tt.title, tt.got, tt.want)
		}
	}
	if f := got.Fields[0]; f.Filled != 3 || f.Of != 4 || f.Odd != 1 || f.Wrong != 1 {
		t.Errorf("the number's column %+v", f)
	}
	if report.Dimensions == nil || !near(report.Dimensions.Normative, d.Normative) {
		t.Errorf("the department's own %+v, its only file's %+v", report.Dimensions, d)
	}
}

func TestOnlyNewDeliveriesAreMeasuredAndHistoryStays(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2024, 4, 12, 9, 0, 0, 0, time.UTC)
	row := "91330100799655058B,甲,2024-%02d,增值税,1,2024-04-05\n"
	h.load("tax", "tax_payment_20240410.csv", paymentHeader+fmt.Sprintf(row, 1))
	measure := func() quality.Measured {
		t.Helper()
		m, err := quality.Measure(t.Context(), h.lake, h.contracts, "", h.now)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := measure(); m.Deliveries != 1 || m.Rows != 1 {
		t.Errorf("first %+v", m)
	}
	if m := measure(); m.Deliveries != 0 {
		t.Errorf("nothing is new, but %+v", m)
	}
	h.now = time.Date(2025, 4, 12, 9, 0, 0, 0, time.UTC)
	h.load("tax", "tax_payment_20250411.csv", paymentHeader+fmt.Sprintf(row, 2)+fmt.Sprintf(row, 3)+"x,y,2024-01,增值税,bad,2024-04-05\n")
	if m := measure(); m.Deliveries != 1 || m.Rows != 2 {
		t.Errorf("second %+v", m)
	}
	c := catalogueOf(t, h.report("tax"), "tax_payment")
	if len(c.History) != 2 || c.History[0].On != "2024-04-12" || c.History[1].Deliveries != 2 {
		t.Fatalf("history %+v", c.History)
	}
	before, after := c.History[0].Dimensions, c.History[1].Dimensions
	if before.Timely != 1 || after.Timely > 0.5 || after.Accessible >= before.Accessible {
		t.Errorf("a year's silence and a bad row: before %+v, after %+v", before, after)
	}
	if c.Deliveries[1].DaysLate == 0 {
		t.Error("the second delivery was not late")
	}
	if n := h.count(`SELECT count(*) FROM quality.contract WHERE NOT added`); n != int64(len(h.contracts.All())) {
		t.Errorf("%d contracts are on record, want %d", n, len(h.contracts.All()))
	}
	// A replayed row changes what the ledger says of an old delivery: it is measured anew, and only it.
	if _, err := h.lake.DB().ExecContext(t.Context(), `UPDATE ledger.delivery SET landed = landed + 1 WHERE file = 'tax_payment_20240410.csv'`); err != nil {
		t.Fatal(err)
	}
	if m := measure(); m.Deliveries != 1 {
		t.Errorf("after a replay %+v", m)
	}
}

// TestDepartmentsContradictWithoutSeeingEachOther gives two departments four firms: one agrees, one contradicts, one is known to one side only, one is
// closed and yet insured.
func TestDepartmentsContradictWithoutSeeingEachOther(t *testing.T) {
	h := newHouse(t)
	codes := []string{"91330100799655058B", "91440300192203821" + "6", "91110000802100433B", "91110108551385082Q"}
	names := []string{"杭州甲乙科技有限公司", "深圳丙丁贸易有限公司", "北京戊己商贸有限公司", "北京庚辛网络有限公司"}
	register := "统一社会信用代码,企业名称,企业类型,成立日期,登记状态,注销日期\n"
	reports := "统一社会信用代码,企业名称,报告年度,从业人数\n"
	insured := "统一社会信用代码,单位名称,费款所属期,参保人数,应缴金额,实缴金额\n"
	for i, code := range codes {
		status := "存续,"
		if i == 3 {
			status = "注销,2023-02-01"
		}
		register += code + "," + names[i] + ",有限责任公司,2015-01-01," + status + "\n"
		if i < 3 {
			reports += fmt.Sprintf("%s,%s,2023,%d\n", code, names[i], []int{50, 777, 8}[i])
		}
		if i != 2 {
			for month := 1; month <= 12; month++ {
				insured += fmt.Sprintf("%s,%s,2023-%02d,%d,100,100\n", code, names[i], month, []int{48, 333, 0, 9}[i])
			}
		}
	}
	h.load("market_regulation", "enterprise_registration_20240101.csv", register)
	h.load("market_regulation", "annual_report_20240701.csv", reports)
	h.load("human_resources", "social_insurance_20240701.csv", insured)
	if cross := h.report("human_resources").Cross; len(cross) != 0 {
		t.Errorf("checked before anything was linked: %+v", cross)
	}
	if _, err := entity.Refresh(t.Context(), h.lake.DB(), h.contracts); err != nil {
		t.Fatal(err)
	}
	market, people := h.report("market_regulation"), h.report("human_resources")
	find := func(r quality.Report, name string) quality.CrossResult {
		t.Helper()
		at := slices.IndexFunc(r.Cross, func(c quality.CrossResult) bool { return c.Check == name })
		if at < 0 {
			t.Fatalf("%s: no check %s in %+v", r.Department, name, r.Cross)
		}
		return r.Cross[at]
	}
	for _, tt := range []struct {
		report              quality.Report
		check, file         string
		compared, disagree  int64
		rows                int64
		theirs              []string
		consistentCatalogue string
	}{
		{market, "headcount_reported", "annual_report_20240701.csv", 2, 1, 1, []string{"social_insurance_", "333"}, "annual_report"},
		{people, "headcount_reported", "social_insurance_20240701.csv", 2, 1, 12, []string{"annual_report_", "777"}, "social_insurance"},
		{people, "closed_insures", "social_insurance_20240701.csv", 1, 1, 7, []string{"enterprise_registration_", "2023-02-01"}, "social_insurance"},
		{market, "closed_insures", "enterprise_registration_20240101.csv", 1, 1, 1, []string{"social_insurance_"}, "enterprise_registration"},
	} {
		got := find(tt.report, tt.check)
		if got.Compared != tt.compared || got.Disagree != tt.disagree || got.RowCount != tt.rows || len(got.Rows) != int(tt.rows) {
			t.Errorf("%s to %s: %d of %d disagree, %d rows; want %d of %d, %d", tt.check, tt.report.Department, got.Disagree, got.Compared, got.RowCount, tt.disagree, tt.compared, tt.rows)
		}
		if c := catalogueOf(t, tt.report, tt.consistentCatalogue); c.Dimensions.Consistent == 1 {
			t.Errorf("%s: %s is called consistent", tt.report.Department, c.Catalogue)
		}
		for form, text := range written(t, tt.report) {
			if !strings.Contains(text, tt.file) {
				t.Errorf("%s, %s: the %s does not name the department's own file", tt.check, tt.report.Department, form)
			}
			for _, theirs := range append(tt.theirs, codes...) {
				if strings.Contains(text, theirs) {
					t.Errorf("%s: the %s says %q, which is not its own to see or is a value", tt.report.Department, form, theirs)
				}
			}
		}
	}
	computed := h.count(`SELECT count(*) FROM quality.cross_check`)
	h.report("market_regulation")
	if again := h.count(`SELECT count(*) FROM quality.cross_check`); again != computed {
		t.Errorf("nothing is new, but %d checks were computed again", again-computed)
	}
}

// TestRowsThatEndOthersAreNoGaps delivers a deletion, which names a key and nothing else: it must not count as incomplete or as a conflict.
func TestRowsThatEndOthersAreNoGaps(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2024, 4, 22, 9, 0, 0, 0, time.UTC)
	h.load("tax", "tax_payment_20240410.csv", paymentHeader+"91330100799655058B,甲,2024-01,增值税,1,2024-02-05\n91330100799655058B,甲,2024-02,增值税,1,2024-03-05\n")
	if report := h.load("tax", "tax_payment_delete_20240420.csv", paymentHeader+"91330100799655058B,,2024-01,增值税,,2024-02-05\n"); report.Landed != 1 {
		t.Fatalf("the deletion was not taken: %+v", report)
	}
	c := catalogueOf(t, h.report("tax"), "tax_payment")
	if d := c.Dimensions; d.Complete != 1 || d.Consistent != 1 || d.Normative != 1 {
		t.Errorf("a deletion lowers %+v", d)
	}
	if f := c.Fields[0]; f.Of != 2 || c.Corrected != 1 {
		t.Errorf("%d rows say something and %d were ended, want 2 and 1", f.Of, c.Corrected)
	}
}
