package delivery_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// The counts are those of shared/data/README.md; the duplicates were counted once with SELECT DISTINCT over the plain files.
func TestTheRealInvoicesLandToTheRow(t *testing.T) {
	dir := sharedData(t, "cumcm2020c")
	h := newHouse(t)
	report := h.load(dir)
	t.Logf("%.1f s", report.Seconds)
	if report.Files != 6 || len(report.Refused) != 1 || filepath.Base(report.Refused[0].File) != "rate_churn.csv" {
		t.Errorf("took %d files, refused %v", report.Files, report.Refused)
	}
	var got []string
	for _, c := range report.Catalogues {
		got = append(got, fmt.Sprintf("%s/%s %d %d %d %d", c.Department, c.Catalogue, c.Received, c.Landed, c.Quarantined, c.Duplicates))
	}
	want := []string{
		"study/rated_firm 123 123 0 0",
		"study/unrated_firm 302 302 0 0",
		"tax/purchase_invoice 606122 600638 0 5484",
		"tax/sales_invoice 493319 487138 0 6181",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	rows := h.query(`SELECT count(*), count(DISTINCT firm_code), min(issued_on), sum(total_yuan) < 0 FROM landed.tax__sales_invoice WHERE _superseded_on IS NULL`)
	if want := []string{"487138", "425", "2016-10-31", "false"}; rows[0][0] != want[0] || rows[0][1] != want[1] {
		t.Errorf("sales invoices: %v", rows)
	}
	again := h.load(dir)
	if again.Received != report.Received || again.Duplicates != report.Received || again.Landed != 0 {
		t.Errorf("the same folder again: %+v", again)
	}
}
