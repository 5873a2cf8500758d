package journey

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Evidence is what a sceptic would ask to see after a step: ids, figures, leaf numbers, a refusal's own words.
type Evidence map[string]any

// Line shows the evidence on one line, for a reader of a terminal.
func (e Evidence) Line() string {
	parts := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		text, isText := e[name].(string)
		if !isText {
			encoded, err := json.Marshal(e[name])
			if err != nil {
				continue
			}
			text = string(encoded)
		}
		parts = append(parts, name+"="+clip(text, 60))
	}
	return strings.Join(parts, " ")
}

// Step is one step of the journey as it really ran.
type Step struct {
	Name     string   `json:"name"`
	OK       bool     `json:"ok"`
	MS       int64    `json:"ms"`
	Evidence Evidence `json:"evidence"`
}

// Path is one way that an application can go, as it really went.
type Path struct {
	OK          bool     `json:"ok"`
	Application string   `json:"application"`
	Evidence    Evidence `json:"evidence,omitempty"`
}

// Journal remembers what was done, in a file that is replaced whole after every step. A step is in it only when it succeeded.
type Journal struct {
	file string

	Steps []Step           `json:"steps"`
	Paths map[string]Path  `json:"paths"`
	Facts map[string]Facts `json:"facts"` // by play: "" is the journey, the others are paths
}

// Facts are the ids that later steps of a play need.
type Facts map[string]string

// factsOf returns the facts of a play, to be read and added to.
func (j *Journal) factsOf(play string) Facts {
	if j.Facts[play] == nil {
		j.Facts[play] = Facts{}
	}
	return j.Facts[play]
}

// OpenJournal reads the journal in file, or starts an empty one.
func OpenJournal(file string) (*Journal, error) {
	j := &Journal{file: file, Paths: map[string]Path{}, Facts: map[string]Facts{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	if err := json.Unmarshal(text, j); err != nil {
		return nil, fmt.Errorf("the journal %s cannot be read (%w); start over with --fresh", file, err)
	}
	return j, nil
}

// Done returns the record of a step that succeeded earlier.
func (j *Journal) Done(name string) (Step, bool) {
	for _, s := range j.Steps {
		if s.Name == name {
			return s, true
		}
	}
	return Step{}, false
}

// Keep records a step that succeeded, in place of an earlier record of it.
func (j *Journal) Keep(s Step) error {
	for i := range j.Steps {
		if j.Steps[i].Name == s.Name {
			j.Steps[i] = s
			return j.Save()
		}
	}
	j.Steps = append(j.Steps, s)
	return j.Save()
}

// KeepPath records a path that ran to its end.
func (j *Journal) KeepPath(name string, p Path) error {
	j.Paths[name] = p
	return j.Save()
}

// Save writes the journal durably: a new file, synced, takes the place of the old one.
func (j *Journal) Save() error {
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := ReplaceFile(j.file, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// ReplaceFile puts text in the place of file so that a crash leaves either the old or the new text, never a part.
func ReplaceFile(file string, text []byte, mode fs.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".new*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}
