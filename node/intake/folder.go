package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// folders are the node's folders that intake owns.
type folders struct{ node string }

// inbox holds complete files that wait: inbox/DEPARTMENT/FILE.
func (f folders) inbox(department string) string {
	return filepath.Join(f.node, "inbox", department)
}

// parts holds uploads under way. Its name is hidden so that a load of the inbox passes it over; it lies inside the inbox so that a part becomes a
// file without being copied.
func (f folders) parts() string { return filepath.Join(f.node, "inbox", ".parts") }

// done holds the files that were loaded or refused, as they came.
func (f folders) done(state State, department string) string {
	name := "taken"
	if state == Refused {
		name = "refused"
	}
	return filepath.Join(f.node, "intake", name, department)
}

func (f folders) receipt(department, file string) string {
	return filepath.Join(f.node, "intake", "receipts", department, file+".json")
}

func (f folders) mark(department, catalogue string) string {
	return filepath.Join(f.node, "intake", "marks", department, catalogue+".json")
}

// Receipt is what became of a file that was loaded. Received = Landed + Quarantined + Duplicates.
type Receipt struct {
	Department  string    `json:"department"`
	Catalogue   string    `json:"catalogue"`
	File        string    `json:"file"`
	SHA256      string    `json:"sha256"`
	State       State     `json:"state"`
	Received    int64     `json:"received"`
	Landed      int64     `json:"landed"`
	Quarantined int64     `json:"quarantined"`
	Duplicates  int64     `json:"duplicates"`
	Refusals    []Refusal `json:"refusals,omitempty"`
	At          time.Time `json:"at"`
}

// Refusal is a file, or a file inside an archive, that was not taken, and what to do.
type Refusal struct {
	File     string `json:"file"`
	Reason   string `json:"reason"`
	ReasonZH string `json:"reason_zh"`
}

// readJSON reads what writeJSON wrote; found is false when there is no such file.
func readJSON(path string, into any) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", path, err)
	}
	return true, nil
}

// writeJSON replaces a file at once and makes it durable.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = errors.Join(os.Rename(f.Name(), path), syncFolder(filepath.Dir(path)))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
