package node_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/node"
)

// A person's rows leave the lake: what a law keeps is sealed, what a measure alone asked for is gone, and the audit still holds.
func TestAPersonsRowsAreExportedAndDeleted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if err := node.Init(dir, "341500"); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	folder := filepath.Join(t.TempDir(), "public_security")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "resident_20261010.csv"), []byte("公民身份号码,姓名\n11010519491231002X,张示例\n110105194912310038,李示例\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, n, folder)
	out := t.TempDir()
	found, err := n.ExportSubject(t.Context(), "11010519491231002x", out)
	if err != nil || len(found) != 1 || found[0].Landed+found[0].Quarantined != 1 {
		t.Fatalf("export: %+v %v", found, err)
	}
	text, err := os.ReadFile(filepath.Join(out, "public_security__resident.json"))
	if err != nil || !strings.Contains(string(text), "张示例") || strings.Contains(string(text), "李示例") {
		t.Errorf("exported %s %v", text, err)
	}
	if _, err := n.DeleteSubject(t.Context(), "11010519491231002X", "数据局", "关于11010519491231002X", true); err == nil {
		t.Error("a reason with the identifier was taken")
	}
	looked, err := n.DeleteSubject(t.Context(), "11010519491231002X", "数据局", "本人申请", false)
	if err != nil || len(looked.Catalogues) != 1 || looked.Catalogues[0].Landed != 1 || looked.Catalogues[0].Sealed != 1 {
		t.Fatalf("looking: %+v %v", looked, err)
	}
	if _, err := n.DeleteSubject(t.Context(), "11010519491231002X", "数据局", "本人申请", true); err != nil {
		t.Fatal(err)
	}
	var left, sealed, acts int
	err = n.DB().QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM landed.public_security__resident WHERE resident_id = '11010519491231002X'), (SELECT count(*) FROM rights.sealed), (SELECT count(*) FROM rights.act WHERE NOT contains(subject || reason || counts, '110105'))").Scan(&left, &sealed, &acts)
	if err != nil || left != 0 || sealed != 1 || acts != 1 {
		t.Errorf("%d rows left, %d sealed, %d acts: %v", left, sealed, acts, err)
	}
	if report, err := n.Verify(t.Context()); err != nil || !report.OK {
		t.Errorf("after the deletion: %v %v", report.Problems, err)
	}
}
