package lockfile_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/yidaitong/yidaitong/lockfile"
)

func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := lockfile.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockfile.Take(path); !errors.Is(err, lockfile.ErrHeld) {
		t.Errorf("a second holder: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := lockfile.Take(path)
	if err != nil {
		t.Fatalf("after the first let go: %v", err)
	}
	again.Close()
	if _, err := lockfile.Take(filepath.Join(path, "no folder")); err == nil || errors.Is(err, lockfile.ErrHeld) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
