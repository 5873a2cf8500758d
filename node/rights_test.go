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

// A firm's rows outside the registers leave the lake, and the next refresh counts none of them.
func TestAFirmsRowsReachNoFigureAfterDeletion(t *testing.T) {
	dir, n := makeCity(t, 150)
	load(t, n, filepath.Join(dir, "deliveries"))
	refresh(t, n, node.RefreshOptions{})
	var usci string
	var value float64
	err := n.DB().QueryRowContext(t.Context(), "SELECT usci, enforcements_36m FROM refresh.figure JOIN entity.firm USING (firm_id) ORDER BY enforcements_36m DESC NULLS LAST, usci LIMIT 1").Scan(&usci, &value)
	if err != nil || value == 0 {
		t.Fatalf("no firm is under enforcement: %v", err)
	}
	report, err := n.DeleteSubject(t.Context(), usci, "数据局", "撤回同意", true)
	if err != nil || len(report.Catalogues) < 3 {
		t.Fatalf("deletion: %+v %v", report, err)
	}
	refresh(t, n, node.RefreshOptions{})
	var after float64
	var registered int
	err = n.DB().QueryRowContext(t.Context(), "SELECT coalesce(max(enforcements_36m), 0), count(*) FROM refresh.figure JOIN entity.firm USING (firm_id) WHERE usci = ?", usci).Scan(&after, &registered)
	if err != nil || after != 0 || registered != 1 {
		t.Errorf("%v cases are counted of %d firms: %v", after, registered, err)
	}
	if again, err := n.DeleteSubject(t.Context(), usci, "数据局", "撤回同意", false); err != nil || len(again.Catalogues) != 0 {
		t.Errorf("left: %+v %v", again, err)
	}
	if report, err := n.Verify(t.Context()); err != nil || !report.OK {
		t.Errorf("after the deletion: %v %v", report.Problems, err)
	}
}
