package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func generateCity(t *testing.T, args ...string) (status int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := &console{out: &stdout, err: &stderr}
	status = exitStatus(c, dispatch(t.Context(), c, []verb{cityVerb()}, append([]string{"city", "generate"}, args...)))
	return status, stdout.String(), stderr.String()
}

func TestCityGenerateSpeaksJSON(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a city's folder")
	status, out, errs := generateCity(t, "--out", dir, "--firms", "40", "--city", "341200", "--seed", "-3", "--format", "parquet", "--json")
	if status != 0 {
		t.Fatalf("exit %d: %s", status, errs)
	}
	var got struct{ Firms, Records, Files, Departments, Catalogues int }
	dec := json.NewDecoder(strings.NewReader(out))
	if err := dec.Decode(&got); err != nil || dec.More() {
		t.Fatalf("not one JSON object: %v in %q", err, out)
	}
	if got.Firms != 40 || got.Departments != 34 || got.Catalogues != 305 || got.Records == 0 || got.Files == 0 {
		t.Errorf("summary %+v", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "deliveries", "tax", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Errorf("no Parquet deliveries: %v", err)
	}
}

func TestCityGenerateRefusesInOneSentence(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "letter.txt"), []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"full folder", []string{"--out", full, "--firms", "40"}, 1, "is not empty"},
		{"no folder", []string{"--firms", "40"}, 2, "needs --out"},
		{"no firms", []string{"--out", t.TempDir()}, 2, "needs --firms"},
		{"argument", []string{"--out", t.TempDir(), "--firms", "40", "extra"}, 2, "takes no argument"},
		{"flag", []string{"--frims", "40"}, 2, "frims"},
		{"number", []string{"--firms", "many"}, 2, "many"},
		{"format", []string{"--out", t.TempDir(), "--firms", "40", "--format", "pdf"}, 1, "pdf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := generateCity(t, c.args...)
			lines := strings.Split(strings.TrimSpace(errs), "\n")
			if last := lines[len(lines)-1]; status != c.status || out != "" || !strings.Contains(last, c.says) {
				t.Errorf("exit %d, printed %q, said %q", status, out, errs)
			}
		})
	}
	if entries, err := os.ReadDir(full); err != nil || len(entries) != 1 {
		t.Errorf("the full folder was touched: %v %v", entries, err)
	}
}
