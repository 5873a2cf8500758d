package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/yidaitong/yidaitong/lockfile"
)

// lockFolder keeps a second platform away from a folder. The lock ends with the process, whatever ends it.
func lockFolder(dir string) (*os.File, error) {
	f, err := lockfile.Take(filepath.Join(dir, "lock"))
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, fmt.Errorf("another platform runs in %s; stop it first, or give another folder", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the platform's folder: %w", err)
	}
	return f, nil
}
