// Package lockfile keeps a second process away from a folder that one process owns.
//
// It owns nothing but the lock: the system gives it free when the process ends, however it ends, so no lock is ever left behind.
package lockfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrHeld says that another process, or another holder in this one, has the lock.
var ErrHeld = errors.New("the lock is held")

// Take locks the file at path, which it makes when it is not there. Closing the file gives the lock free.
func Take(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrHeld
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
