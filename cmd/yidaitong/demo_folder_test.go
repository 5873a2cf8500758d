package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemoFolderKeepsOthersOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "demo")
	first, err := openDemoFolder(dir, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	if first.Firms != demoFirms {
		t.Errorf("firms: %d", first.Firms)
	}
	if _, err := openDemoFolder(dir, 0, true); err == nil || !strings.Contains(err.Error(), "another demo runs on") {
		t.Fatalf("second demo: %v", err)
	}
	if err := first.finish("city"); err != nil {
		t.Fatal(err)
	}
	first.Close()
	again, err := openDemoFolder(dir, demoFirms, false)
	if err != nil {
		t.Fatal(err)
	}
	if !again.done("city") || again.done("node") {
		t.Errorf("done: %v", again.Done)
	}
	again.Close()
	if _, err := openDemoFolder(dir, demoFirms+1, false); err == nil || !strings.Contains(err.Error(), "--fresh") {
		t.Fatalf("another number of firms: %v", err)
	}
}

func TestDemoFolderFreshDeletesOnlyADemo(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "thesis.txt")
	write(t, mine)
	if _, err := openDemoFolder(dir, 0, true); err == nil || !strings.Contains(err.Error(), "not a demo's folder") {
		t.Fatalf("a stranger's folder: %v", err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	d, err := openDemoFolder(dir, 50, false)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	write(t, mine) // put there later: not ours to delete
	write(t, filepath.Join(dir, "node", "x"))
	d, err = openDemoFolder(dir, 60, true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := os.Stat(mine); err != nil {
		t.Error("--fresh deleted what is not the demo's")
	}
	if _, err := os.Stat(filepath.Join(dir, "node")); err == nil {
		t.Error("--fresh left the node")
	}
	if d.Firms != 60 {
		t.Errorf("firms: %d", d.Firms)
	}
}

func write(t *testing.T, file string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDemoPasswordsDiffer(t *testing.T) {
	a, b := demoPassword(), demoPassword()
	if a == b || len(a) != 18 {
		t.Errorf("%d characters, equal: %v", len(a), a == b)
	}
}
