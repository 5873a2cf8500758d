package delivery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/node/delivery"
)

func (h *house) retain(asOf string, apply bool) delivery.RetentionReport {
	h.t.Helper()
	day, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		h.t.Fatal(err)
	}
	report, err := delivery.Retain(h.t.Context(), h.lake, h.contracts, day, apply, func() time.Time { return today })
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

// Something bad about a person goes five years after the matter has ended, in all its versions; other rows when their contract's years are over.
func TestRowsEndWhenTheirTimeHasCome(t *testing.T) {
	h := newHouse(t)
	const list = "执行案号,统一社会信用代码,失信被执行人名称,法定代表人,发布日期,撤销日期\n"
	h.load(h.file("court", "dishonest_debtor_20170110.csv", list+"1,91341500799655058B,甲公司,张三,2017-01-05,\n2,91341500799655058B,甲公司,张三,2017-01-05,\n,91341500799655058B,甲公司,李四,没有,\n"))
	h.load(h.file("court", "dishonest_debtor_20180110.csv", list+"1,91341500799655058B,甲公司,张三,2017-01-05,2018-01-08\n"))
	h.load(h.file("tax", "tax_payment_20130410.csv", paymentHeader+"91341500799655058B,甲公司,2013-03,增值税,100,2013-04-05\n91341500799655058B,乙公司,2013-03,消费税,100,2013-04-05\n"))
	h.load(h.file("tax", "tax_payment_20190410.csv", paymentHeader+"91341500799655058B,甲公司,2013-03,消费税,200,2013-04-05\n"))
	before := h.state()
	if report := h.retain("2023-01-07", false); report.Landed != 0 {
		t.Errorf("the day before: %+v", report)
	}
	if report := h.retain("2023-01-08", false); report.Landed != 2 || report.Quarantined != 0 || len(report.Catalogues) != 1 || report.Catalogues[0].Catalogue != "dishonest_debtor" {
		t.Errorf("five years after the end: %+v", report)
	}
	if h.state() != before {
		t.Error("looking changed something")
	}
	// Ten years on, the kept-back row goes by the contract, and so does what nothing superseded.
	report := h.retain("2027-02-01", true)
	if report.Landed != 3 || report.Quarantined != 1 {
		t.Fatalf("applied: %+v", report)
	}
	h.mustHold()
	got := h.query(`SELECT case_no FROM landed.court__dishonest_debtor`)
	if want := [][]string{{"2"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the list holds %q", got)
	}
	got = h.query(`SELECT tax_kind, paid_yuan FROM landed.tax__tax_payment ORDER BY paid_yuan`)
	if want := [][]string{{"消费税", "100.00"}, {"消费税", "200.00"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("payments %q", got)
	}
	if got := h.query(`SELECT sum(received), sum(landed), sum(quarantined), sum(duplicates), sum(ended), sum(ended_quarantined) FROM ledger.delivery`); !slices.Equal(got[0], []string{"7", "6", "1", "0", "3", "1"}) {
		t.Errorf("ledger %q", got)
	}
	if again := h.retain("2027-02-01", true); again.Landed+again.Quarantined+again.Mends != 0 {
		t.Errorf("again: %+v", again)
	}
	h.close()
	h.open()
	h.mustHold()
	if _, err := delivery.Compact(t.Context(), h.lake, h.contracts); err != nil {
		t.Fatal(err)
	}
	h.mustHold()
}
