package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/yidaitong/yidaitong/journey"
	"github.com/yidaitong/yidaitong/lockfile"
)

// demoFolder is the folder of one demo. While it is open, a lock keeps a second demo out. demo.json in it says that the folder is a
// demo's, and which parts of it are set up.
type demoFolder struct {
	dir  string
	lock *os.File

	Kind  string   `json:"kind"` // demoKind
	Firms int      `json:"firms"`
	City  string   `json:"city"`
	AsOf  string   `json:"as_of"` // the city's day when everything was set up
	Done  []string `json:"done"`  // parts that are set up
}

const (
	demoKind     = "yidaitong demo"
	demoMarker   = "demo.json"
	demoLock     = "demo.lock"
	demoJournal  = "journey.json"
	demoAccounts = "accounts.json"
)

// demoEntries is everything that a demo ever puts into its folder, and so everything that --fresh deletes.
var demoEntries = []string{"deliveries", "truth", "node", "platform", "log", "keys", "paths", demoJournal, demoAccounts, demoMarker}

// openDemoFolder makes or takes over the folder. firms is 0 when the user named no number.
func openDemoFolder(dir string, firms int, fresh bool) (*demoFolder, error) {
	d := &demoFolder{dir: dir}
	if err := d.recognise(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create the demo's folder: %w", err)
	}
	if err := d.take(); err != nil {
		return nil, err
	}
	if err := d.start(firms, fresh); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// recognise refuses a folder with other people's files in it.
func (d *demoFolder) recognise() error {
	entries, err := os.ReadDir(d.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s cannot be used as a demo's folder: %w", d.dir, err)
	}
	if _, err := os.Stat(d.path(demoMarker)); err == nil {
		return nil
	}
	for _, e := range entries {
		if e.Name() != demoLock {
			return fmt.Errorf("%s is not a demo's folder and not empty; name an empty or a new one with --dir", d.dir)
		}
	}
	return nil
}

// take locks the folder for this process; the system gives it free when the process ends, however it ends.
func (d *demoFolder) take() error {
	lock, err := lockfile.Take(d.path(demoLock))
	if errors.Is(err, lockfile.ErrHeld) {
		return fmt.Errorf("another demo runs on %s; stop it first, or name another folder with --dir", d.dir)
	}
	if err != nil {
		return fmt.Errorf("lock the demo's folder: %w", err)
	}
	d.lock = lock
	return nil
}

// start reads what is there, or writes the marker of a new demo.
func (d *demoFolder) start(firms int, fresh bool) error {
	if fresh {
		for _, name := range demoEntries {
			if err := os.RemoveAll(d.path(name)); err != nil {
				return fmt.Errorf("start over: %w", err)
			}
		}
	}
	text, err := os.ReadFile(d.path(demoMarker))
	if errors.Is(err, fs.ErrNotExist) {
		d.Kind, d.City, d.Firms = demoKind, demoCity, firms
		if firms == 0 {
			d.Firms = demoFirms
		}
		return d.save()
	}
	if err != nil {
		return fmt.Errorf("read the demo's folder: %w", err)
	}
	if err := json.Unmarshal(text, d); err != nil || d.Kind != demoKind {
		return fmt.Errorf("%s is damaged or not a demo's; delete the folder by hand or name another with --dir", d.path(demoMarker))
	}
	if firms != 0 && firms != d.Firms {
		return fmt.Errorf("%s holds a city of %d firms, not %d; leave --firms away, start over with --fresh, or name another folder", d.dir, d.Firms, firms)
	}
	return nil
}

func (d *demoFolder) path(parts ...string) string {
	return filepath.Join(append([]string{d.dir}, parts...)...)
}

func (d *demoFolder) done(part string) bool { return slices.Contains(d.Done, part) }

// finish remembers that a part is set up.
func (d *demoFolder) finish(part string) error {
	d.Done = append(d.Done, part)
	return d.save()
}

func (d *demoFolder) save() error { return writeDemoFile(d.path(demoMarker), d) }

func writeDemoFile(file string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := journey.ReplaceFile(file, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

// Close gives the folder free.
func (d *demoFolder) Close() error { return d.lock.Close() }

// demoPassword returns a password that nobody knows and a person can type: 16 characters without lookalikes.
func demoPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
	out := make([]byte, 0, 18)
	var b [1]byte
	for len(out) < 16 {
		rand.Read(b[:]) // never fails: crypto/rand ends the process instead
		if int(b[0]) < 256-256%len(letters) {
			out = append(out, letters[int(b[0])%len(letters)])
		}
	}
	return string(out) + "-7"
}
