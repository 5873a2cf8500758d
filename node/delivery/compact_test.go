package delivery_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/node/delivery"
)

// parquetFiles are the lake's files of payments.
func (h *house) parquetFiles() []string {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "landed", "tax", "tax_payment", "*"))
	if err != nil {
		h.t.Fatal(err)
	}
	return files
}

func TestCompactionChangesNothingThatIsSeen(t *testing.T) {
	h := newHouse(t)
	payment := func(day, rows string) string { return h.file("tax", "tax_payment_"+day+".csv", paymentHeader+rows) }
	row := func(kind, amount string) string {
		return fmt.Sprintf("%s,甲公司,2024-03,%s,%s,2024-04-05\n", payer, kind, amount)
	}
	h.load(payment("20240401", row("增值税", "1")+row("印花税", "7")+",,,,,\n"))
	h.load(payment("20240403", row("增值税", "1")+row("房产税", "3")))
	h.load(payment("full_20240404", row("增值税", "2")))
	h.load(h.file("tax", "tax_payment_delete_20240405.csv", "纳税人识别号,税款所属期,税种\n"+payer+",2024-03,增值税\n"))
	h.load(payment("20240402", row("增值税", "5")))
	before := h.state()
	if n := len(h.parquetFiles()); n != 5 {
		t.Fatalf("%d files before", n)
	}
	report, err := delivery.Compact(t.Context(), h.lake, h.contracts)
	if err != nil {
		t.Fatal(err)
	}
	if report.Catalogues != 1 || report.Before != 5 || report.After != 1 {
		t.Errorf("report %+v", report)
	}
	check := func(when string) {
		t.Helper()
		if after := h.state(); after != before {
			t.Errorf("%s: %s", when, firstDifference(before, after))
		}
		if files := h.parquetFiles(); len(files) != 1 || filepath.Base(files[0]) != "0000000001-0000000005.parquet" {
			t.Errorf("%s: files %v", when, files)
		}
		h.mustHold()
	}
	check("compacted")
	h.close()
	h.open()
	check("opened again")
	// What comes later finds the keys of what was merged.
	if report := h.load(payment("20240406", row("房产税", "3")+row("印花税", "7"))); report.Landed != 2 {
		t.Errorf("after their end in a whole they land anew: %+v", report)
	}
	if report := h.load(payment("20240407", row("房产税", "3"))); report.Duplicates != 1 {
		t.Errorf("a repetition: %+v", report)
	}
	h.mustHold()
}

func TestManySmallDeliveriesBecomeFewFiles(t *testing.T) {
	h := newHouse(t)
	for i := range 26 {
		h.load(h.file("tax", fmt.Sprintf("tax_payment_202401%02d.csv", i+1), paymentHeader+fmt.Sprintf("%s,甲公司,2023-12,税种%d,1,2024-01-05\n", payer, i)))
	}
	if n := len(h.parquetFiles()); n > 24 {
		t.Errorf("%d files", n)
	}
	if got := h.query(`SELECT count(*), count(DISTINCT tax_kind) FROM landed.tax__tax_payment`); got[0][0] != "26" || got[0][1] != "26" {
		t.Errorf("rows %q", got)
	}
	h.mustHold()
}

// A crash between the ledger's entry and the removal of the old files leaves files that are swept; one before it leaves the old files alone.
func TestWhatACompactionLeftIsSwept(t *testing.T) {
	h := newHouse(t)
	h.load(h.file("tax", "tax_payment_20240410.csv", plainCSV))
	want := h.state()
	stray := strings.TrimSuffix(h.parquetFiles()[0], ".parquet") + "-0000000009.parquet"
	for _, name := range []string{stray, stray + ".part"} {
		if err := os.WriteFile(name, []byte("PAR1"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.close()
	h.open()
	if got := h.state(); got != want || len(h.parquetFiles()) != 1 {
		t.Errorf("after a crash: %v", h.parquetFiles())
	}
	h.mustHold()
}
