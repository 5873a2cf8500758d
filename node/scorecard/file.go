package scorecard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A model file is one JSON object {"checksum": "sha256:…", "card": {…}}; the checksum is taken over the card's compact
// JSON, so that a file may be reformatted but not changed.
type modelFile struct {
	Checksum string          `json:"checksum"`
	Card     json.RawMessage `json:"card"`
}

// ErrAltered is returned for a model file whose content does not match its checksum.
var ErrAltered = errors.New("the model file was altered after it was written; train it again or fetch the original")

// digest is the SHA-256 of the card without its version, in hexadecimal.
func (c *Card) digest() string {
	unversioned := *c
	unversioned.Version = ""
	text, err := json.Marshal(&unversioned)
	if err != nil {
		panic("scorecard: a card always marshals: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Write writes the model file.
func (c *Card) Write(w io.Writer) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write model %s: %w", c.ID, err)
	}
	sum := sha256.Sum256(text)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(modelFile{Checksum: "sha256:" + hex.EncodeToString(sum[:]), Card: text}); err != nil {
		return fmt.Errorf("write model %s: %w", c.ID, err)
	}
	return nil
}

// Read reads a model file and refuses one that was altered or does not hold together.
func Read(r io.Reader) (*Card, error) {
	var file modelFile
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("read model: it is not a model file: %w", err)
	}
	if len(file.Card) == 0 || file.Checksum == "" {
		return nil, errors.New("read model: it is not a model file: it has no card or no checksum")
	}
	var text bytes.Buffer
	if err := json.Compact(&text, file.Card); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	sum := sha256.Sum256(text.Bytes())
	if file.Checksum != "sha256:"+hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("read model: %w", ErrAltered)
	}
	c := new(Card)
	if err := json.Unmarshal(text.Bytes(), c); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return c, c.sound()
}

// sound checks what scoring relies on.
func (c *Card) sound() error {
	if len(c.Grades.Names) != len(c.Grades.Below)+1 {
		return fmt.Errorf("model %s: %d grades need %d limits, it has %d", c.ID, len(c.Grades.Names), len(c.Grades.Names)-1, len(c.Grades.Below))
	}
	for _, f := range c.Features {
		if slices.Index(c.Columns, f.Column) < 0 {
			return fmt.Errorf("model %s: feature %q is not among its columns", c.ID, f.Column)
		}
		if len(f.Bins) == 0 {
			return fmt.Errorf("model %s: feature %q has no bins", c.ID, f.Column)
		}
	}
	return nil
}
