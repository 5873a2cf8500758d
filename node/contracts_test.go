package node_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node"
)

// TestOperatorsContractsHoldInTheNode adds a department to a node by a file alone, loads and measures what it sends, and refuses what contradicts
// the program's own contracts.
func TestOperatorsContractsHoldInTheNode(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if err := node.Init(dir, "341500"); err != nil {
		t.Fatal(err)
	}
	text, err := catalogs.FS.ReadFile("tax/tax_payment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("catalogs/tobacco/tax_payment.yaml", strings.NewReplacer(":tax:", ":tobacco:", "domain: tax", "domain: tobacco", "landed.tax__", "landed.tobacco__", "税务局", "烟草专卖局").Replace(string(text)))
	n, err := node.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tobacco", "tax_payment_20240410.csv")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期\n91330100799655058B,甲,2024-01,增值税,1,2024-04-05\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if report, err := n.Load(t.Context(), []string{file}, nil); err != nil || report.Landed != 1 {
		t.Fatalf("loaded %+v, %v", report, err)
	}
	report, err := n.Quality(t.Context(), "tobacco")
	if err != nil || report.Landed != 1 || report.TitleZH != "烟草专卖局" {
		t.Errorf("quality of the new department: %+v, %v", report, err)
	}
	standings, err := n.Standings(t.Context())
	if err != nil || standings["tobacco__tax_payment"].Deliveries != 1 {
		t.Errorf("standings: %+v, %v", standings["tobacco__tax_payment"], err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	write("catalogs/tax/tax_payment.yaml", strings.Replace(string(text), "实缴税额", "税额", 1))
	if _, err := node.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "higher version") || !strings.Contains(err.Error(), "tax/tax_payment.yaml") {
		t.Errorf("another text under the same version: %v", err)
	}
	if _, err := node.OpenWith(t.Context(), dir, node.Options{Catalogs: filepath.Join(dir, "nowhere")}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
