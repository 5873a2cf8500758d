package lake_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/yidaitong/yidaitong/node/lake"
)

func TestALakeIsOpenOnceAndComesUpClean(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a lake, [new]")
	l, err := lake.Open(t.Context(), dir, lake.Options{Threads: 1, MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lake.Open(t.Context(), dir, lake.Options{}); !errors.Is(err, lake.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	left := filepath.Join(l.Temp(), "left by a killed load")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var threads, zone string
	if err := l.DB().QueryRowContext(t.Context(), `SELECT current_setting('threads')::VARCHAR, current_setting('TimeZone')`).Scan(&threads, &zone); err != nil || threads != "1" || zone != "UTC" {
		t.Errorf("threads %s, zone %s, %v", threads, zone, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = lake.Open(t.Context(), dir, lake.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder was not emptied: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPathsAreNoPatterns(t *testing.T) {
	l, err := lake.Open(t.Context(), t.TempDir(), lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "it's [1]*?")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := l.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM read_csv("+lake.Path(path)+")").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
