package delivery_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
)

// corrected is the contracts of the tree with one of them corrected, as an operator does it: a higher version, and replacements in its text.
func corrected(t *testing.T, contracts *catalog.Catalogs, file string, replacements ...string) *catalog.Catalogs {
	t.Helper()
	text, err := catalogs.FS.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(append([]string{"version: 1.0.0", "version: 1.1.0"}, replacements...)...).Replace(string(text))
	merged, err := contracts.Overlay(fstest.MapFS{file: {Data: []byte(changed)}})
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

// lenient takes payments of long ago and in kinds of money that the contract of the tree does not.
func lenient(t *testing.T, contracts *catalog.Catalogs) *catalog.Catalogs {
	return corrected(t, contracts, "tax/tax_payment.yaml",
		`minimum: "2000-01-01"`, `minimum: "1950-01-01"`, "        primaryKeyPosition: 3\n        required: true", "        primaryKeyPosition: 3\n        required: false")
}

func (h *house) replay(only delivery.Only) delivery.ReplayReport {
	h.t.Helper()
	report, err := delivery.Replay(h.t.Context(), h.lake, h.contracts, only, func() time.Time { return today })
	if err != nil {
		for e := err; e != nil; e = errors.Unwrap(e) {
			h.t.Log(e)
		}
		h.t.Fatal(err)
	}
	return report
}

// Files that were loaded under a contract that keeps rows back, and whose quarantine is replayed when the contract has been corrected, leave what
// they leave when the contract was right from the beginning: with files of all kinds, in any order, replayed once or in between.
func TestReplayLeavesWhatARightContractWouldHaveLeft(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		right, mended := newHouse(t), newHouse(t)
		defer right.close()
		defer mended.close()
		strict := mended.contracts
		right.contracts = lenient(t, right.contracts)
		var paths []string
		for i := range rapid.IntRange(1, 4).Draw(rt, "files") {
			paths = append(paths, drawPayments(rt, mended, i))
		}
		right.load(paths...)
		for len(paths) > 0 {
			n := rapid.IntRange(1, len(paths)).Draw(rt, "load")
			mended.contracts = strict
			mended.load(paths[:n]...)
			paths = paths[n:]
			if len(paths) == 0 || rapid.Bool().Draw(rt, "replay in between") {
				mended.contracts = lenient(t, strict)
				mended.replay(delivery.Only{})
			}
			mended.mustHold()
		}
		if want, got := right.state(), mended.state(); got != want {
			rt.Fatalf("the state differs: %s", firstDifference(want, got))
		}
		before := mended.state()
		if again := mended.replay(delivery.Only{Department: "tax"}); again.Landed+again.Duplicates != 0 || mended.state() != before {
			rt.Fatalf("a second replay did something: %+v", again)
		}
		mended.mustHold()
	})
}

// drawPayments writes a file of payments, some of which only the lenient contract takes and some of which none does.
func drawPayments(rt *rapid.T, h *house, number int) string {
	kind := rapid.SampledFrom([]string{"", "", "full_", "delete_"}).Draw(rt, "kind")
	unit := rapid.SampledFrom([]string{"", "（万元）"}).Draw(rt, "unit")
	var b strings.Builder
	fmt.Fprintf(&b, "操作,纳税人识别号,税款所属期,税种,实缴税额%s,缴款日期\n", unit)
	for range rapid.IntRange(1, 5).Draw(rt, "rows") {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,2024-01-05\n", rapid.SampledFrom([]string{"", "变更", "删除"}).Draw(rt, "operation"), payer,
			rapid.SampledFrom([]string{"1999-01", "2024-01", "没有"}).Draw(rt, "period"), rapid.SampledFrom([]string{"增值税", ""}).Draw(rt, "tax"), rapid.SampledFrom([]string{"1", "2", "二"}).Draw(rt, "amount"))
	}
	return h.file("tax", fmt.Sprintf("tax_payment_%s202402%02d_%d.csv", kind, rapid.IntRange(1, 4).Draw(rt, "day"), number), b.String())
}

const brokenPayments = paymentHeader + `91341500799655058B,甲公司,2024-03,增值税,一百,2024-04-05
91341500799655058B,甲公司,2024-03,消费税,100,2024-04-05
91341500799655058B,甲公司,2024-03,印花税,100
91341500799655058B,甲公司,1066-03,房产税,x,2024-04-05
`

func (h *house) mend(row, by, reason string, set ...string) (delivery.ReplayCount, error) {
	values := map[string]string{}
	for i := 0; i < len(set); i += 2 {
		values[set[i]] = set[i+1]
	}
	return delivery.ApplyMend(h.t.Context(), h.lake, h.contracts, delivery.Mend{Row: row, Set: values, By: by, Reason: reason}, func() time.Time { return today })
}

func TestAStewardMendsRows(t *testing.T) {
	h := newHouse(t)
	h.load(h.file("tax", "tax_payment_20240410.csv", brokenPayments))
	before := h.state()
	for name, c := range map[string]struct {
		row, by, reason, says string
		set                   []string
	}{
		"still broken":       {"1:4", "征管科", "电话核实", "still breaks: period range", []string{"实缴税额", "100"}},
		"no such field":      {"1:1", "征管科", "电话核实", `has no field "颜色"`, []string{"颜色", "红"}},
		"nobody":             {"1:1", " ", "电话核实", "post", []string{"paid_yuan", "100"}},
		"landed already":     {"1:2", "征管科", "电话核实", "not in quarantine", []string{"paid_yuan", "100"}},
		"no row":             {"1/2", "征管科", "电话核实", "DELIVERY-NUMBER:ROW", []string{"paid_yuan", "100"}},
		"an unread row":      {"1:3", "征管科", "电话核实", "identifier", []string{"paid_yuan", "100"}},
		"set twice":          {"1:1", "征管科", "电话核实", "twice", []string{"paid_yuan", "100", "实缴税额", "200"}},
		"a line inside":      {"1:1", "征管科", "电话核实", "several lines", []string{"paid_yuan", "1\n2"}},
		"what is no amount":  {"1:1", "征管科", "电话核实", "paid_yuan type", []string{"paid_yuan", "两百"}},
		"an unknown command": {"1:1", "征管科", "电话核实", "operation", []string{"操作", "随便", "paid_yuan", "1"}},
	} {
		if _, err := h.mend(c.row, c.by, c.reason, c.set...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := h.state(); got != before {
		t.Errorf("a refused mend changed something: %s", firstDifference(before, got))
	}
	if done, err := h.mend("1:1", "征管科", "电话核实", "实缴税额", "100"); err != nil || done.Landed != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	// The row could not be cut into cells: the steward says it whole. It says what another row says already.
	done, err := h.mend("1:3", "征管科", "照原始凭证", "纳税人识别号", "91341500799655058B", "纳税人名称", "甲公司", "所属期", "2024-03", "税种", "消费税", "实缴税额", "100.00", "缴款日期", "2024/4/5")
	if err != nil || done.Duplicates != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	h.mustHold()
	got := h.query(`SELECT _row, tax_kind, paid_yuan, _known_on FROM landed.tax__tax_payment ORDER BY _row`)
	if want := [][]string{{"1", "增值税", "100.00", "2024-04-10"}, {"2", "消费税", "100.00", "2024-04-10"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	if got := h.query(`SELECT received, landed, quarantined, duplicates FROM ledger.delivery`); !slices.Equal(got[0], []string{"4", "2", "1", "1"}) {
		t.Errorf("ledger %q", got)
	}
	mends := h.query(`SELECT row, array_to_string(fields, ','), said::JSON->>'paid_yuan', mended::JSON->>'paid_yuan', by_post, reason FROM ledger.mend WHERE row = 1`)
	if want := []string{"1", "paid_yuan", "一百", "100", "征管科", "电话核实"}; len(mends) != 1 || !slices.Equal(mends[0], want) {
		t.Errorf("mends %q", mends)
	}
	// A later load merges what the mends left, and everything still holds.
	if _, err := delivery.Compact(t.Context(), h.lake, h.contracts); err != nil {
		t.Fatal(err)
	}
	h.mustHold()
}

func TestTheQuarantineIsListed(t *testing.T) {
	h := newHouse(t)
	h.load(h.file("tax", "tax_payment_20240410.csv", brokenPayments))
	list := func(only delivery.Only, values bool, limit int) delivery.QuarantineReport {
		t.Helper()
		report, err := delivery.Quarantined(t.Context(), h.lake, h.contracts, only, values, limit)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	report := list(delivery.Only{Department: "tax", Catalogue: "tax_payment"}, false, 2)
	if report.Rows != 3 || len(report.Rules) != 3 || report.Rules[0].Rows != 2 || report.Rules[0].Rule != "type" || report.Rules[0].TitleZH != "实缴税额" {
		t.Errorf("report %+v", report)
	}
	if len(report.Shown) != 2 || report.Shown[0].Row != "1:1" || report.Shown[0].Line != 2 || report.Shown[0].Values != nil || report.Shown[1].Row != "1:3" {
		t.Errorf("shown %+v", report.Shown)
	}
	if got := list(delivery.Only{}, true, 9).Shown; len(got) != 3 || got[0].Values["paid_yuan"] != "一百" || !strings.HasSuffix(got[1].Values[""], "印花税,100") || got[2].Broken[1].Shape == "" {
		t.Errorf("with values %+v", got)
	}
	if got := list(delivery.Only{Department: "court"}, true, 9); got.Rows != 0 || len(got.Shown) != 0 || len(got.Rules) != 0 {
		t.Errorf("another department's %+v", got)
	}
	if _, err := delivery.Quarantined(t.Context(), h.lake, h.contracts, delivery.Only{Department: "weather"}, false, 9); err == nil || !strings.Contains(err.Error(), "weather") {
		t.Errorf("no such department: %v", err)
	}
}

// A field that is renamed in the corrected contract is found under the header that it came with, in the unit that the header states.
func TestAReplayFindsRenamedFields(t *testing.T) {
	h := newHouse(t)
	h.load(h.file("tax", "tax_payment_20240410.csv", strings.Replace(paymentHeader, "实缴税额", "实缴税额（万元）", 1)+"91341500799655058B,甲公司,1999-03,增值税,1.5,2024-04-05\n"))
	h.contracts = corrected(t, h.contracts, "tax/tax_payment.yaml", `minimum: "2000-01-01"`, `minimum: "1950-01-01"`, "name: paid_yuan", "name: settled_yuan")
	h.close()
	h.open()
	if report := h.replay(delivery.Only{Department: "tax", Catalogue: "tax_payment"}); report.Landed != 1 {
		t.Fatalf("report %+v", report)
	}
	if got := h.query(`SELECT settled_yuan FROM landed.tax__tax_payment`); got[0][0] != "15000.00" {
		t.Errorf("landed %q", got)
	}
	h.mustHold()
}

// What a department mends in its own workbook and delivers again is an ordinary correction; the rows that were kept back stay on record.
func TestAMendedWorkbookIsAnOrdinaryCorrection(t *testing.T) {
	h := newHouse(t)
	header := []any{"纳税人识别号", "纳税人名称", "税款所属期", "税种", "实缴税额", "缴款日期"}
	rows := [][]any{{payer, "甲公司", "2024-03", "增值税", "一百", "2024-04-05"}, {payer, "甲公司", "2024-03", "消费税", "7", "2024-04-05"}}
	book := func(day string) string {
		path := filepath.Join(t.TempDir(), "tax", "tax_payment_"+day+".xlsx")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		workbook(t, path, map[string][][]any{"缴纳": append([][]any{header}, rows...)})
		return path
	}
	if report := h.load(book("20240410")); report.Landed != 1 || report.Quarantined != 1 {
		t.Fatalf("report %+v", report)
	}
	rows[0][4] = "100"
	if report := h.load(book("20240420")); report.Landed != 1 || report.Duplicates != 1 {
		t.Fatalf("report %+v", report)
	}
	got := h.query(`SELECT tax_kind, paid_yuan, _known_on FROM landed.tax__tax_payment ORDER BY ALL`)
	if want := [][]string{{"增值税", "100.00", "2024-04-20"}, {"消费税", "7.00", "2024-04-10"}}; len(got) != 2 || !slices.EqualFunc(got, want, slices.Equal) && !slices.Equal(got[0], want[1]) {
		t.Errorf("landed %q", got)
	}
	// When a steward mends the row of the first file after all, the later file's row stands in its place from its day on.
	if done, err := h.mend("1:1", "征管科", "照原始凭证", "实缴税额", "90"); err != nil || done.Landed != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	got = h.query(`SELECT paid_yuan, _known_on, _superseded_on FROM landed.tax__tax_payment WHERE tax_kind = '增值税' ORDER BY _known_on`)
	if want := [][]string{{"90.00", "2024-04-10", "2024-04-20"}, {"100.00", "2024-04-20", "∅"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	h.mustHold()
}
