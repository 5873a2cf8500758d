package node_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/lake"
)

func TestAFolderBecomesANodeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if err := node.Init(dir, "六安"); err == nil || !strings.Contains(err.Error(), "six digits") {
		t.Errorf("a city that is none: %v", err)
	}
	if _, err := node.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "node init") {
		t.Errorf("a folder that is no node: %v", err)
	}
	if err := node.Init(dir, "341500"); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "node.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Init(dir, "341500"); err != nil {
		t.Errorf("the same city again: %v", err)
	}
	if err := node.Init(dir, "341200"); err == nil || !strings.Contains(err.Error(), "already the node of city 341500") {
		t.Errorf("another city: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "node.json")); err != nil || string(after) != string(before) {
		t.Errorf("the settings changed: %s, %v", after, err)
	}
}

func TestANodeIsOpenOnceAndTakesDeliveries(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if err := node.Init(dir, "341500"); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := node.Open(t.Context(), dir); !errors.Is(err, lake.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	folder := filepath.Join(t.TempDir(), "public_security")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "resident_20261010.csv"), []byte("公民身份号码,姓名\n11010519491231002X,张示例\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := n.Load(t.Context(), []string{folder}, nil)
	if err != nil || report.Landed != 1 {
		t.Fatalf("load: %+v, %v", report, err)
	}
	ready, err := n.Readiness(t.Context())
	if err != nil || len(ready) != 1 || ready[0].Department != "public_security" {
		t.Errorf("readiness: %+v, %v", ready, err)
	}
	if quality, err := n.Quality(t.Context(), "public_security"); err != nil || quality.Landed != 1 {
		t.Errorf("quality: %+v, %v", quality, err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err = node.Open(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if verified, err := n.Verify(t.Context()); err != nil || !verified.OK || verified.Rows != 1 {
		t.Errorf("verify: %+v, %v", verified, err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}
