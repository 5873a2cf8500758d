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
// JSON, so that a file may be reformatted but not changed. Other kinds of model stand under another word than "card".

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
	if err := Seal(w, "card", c); err != nil {
		return fmt.Errorf("write model %s: %w", c.ID, err)
	}
	return nil
}

// Seal writes a model of some kind with its checksum.
func Seal(w io.Writer, kind string, model any) error {
	text, err := json.Marshal(model)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	var file bytes.Buffer
	if err := json.Indent(&file, fmt.Appendf(nil, `{"checksum":"sha256:%s",%q:%s}`, hex.EncodeToString(sum[:]), kind, text), "", " "); err != nil {
		return err
	}
	file.WriteByte('\n')
	_, err = file.WriteTo(w)
	return err
}

// Unseal reads a model of a kind into a pointer and refuses one that was altered.
func Unseal(r io.Reader, kind string, model any) error {
	var file map[string]json.RawMessage
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return fmt.Errorf("it is not a model file: %w", err)
	}
	var checksum string
	if err := json.Unmarshal(file["checksum"], &checksum); err != nil || len(file[kind]) == 0 {
		return fmt.Errorf("it is not a model file: it has no %s or no checksum", kind)
	}
	var text bytes.Buffer
	if err := json.Compact(&text, file[kind]); err != nil {
		return err
	}
	sum := sha256.Sum256(text.Bytes())
	if checksum != "sha256:"+hex.EncodeToString(sum[:]) {
		return ErrAltered
	}
	return json.Unmarshal(text.Bytes(), model)
}

// Read reads a model file and refuses one that was altered or does not hold together.
func Read(r io.Reader) (*Card, error) {
	c := new(Card)
	if err := Unseal(r, "card", c); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return c, c.sound()
}

// sound checks what scoring relies on.
func (c *Card) sound() error {
	if len(c.Grades.Names) != len(c.Grades.Below)+1 {
		return fmt.Errorf("model %s: %d grades need %d limits, it has %d", c.ID, len(c.Grades.Names), len(c.Grades.Names)-1, len(c.Grades.Below))
	}
	for _, p := range c.Pairs {
		if slices.Index(c.Columns, p.A.Column) < 0 || slices.Index(c.Columns, p.B.Column) < 0 {
			return fmt.Errorf("model %s: the pair %s is not among its columns", c.ID, p.Name())
		}
		if len(p.Cells) != len(p.A.Bins) || slices.ContainsFunc(p.Cells, func(row []Cell) bool { return len(row) != len(p.B.Bins) }) {
			return fmt.Errorf("model %s: the pair %s has not one cell for each two bins", c.ID, p.Name())
		}
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

// Assemble finishes a card that was made elsewhere (an import): it derives points from log-odds and the version from all of it, and checks that it
// holds together.
func (c *Card) Assemble() error {
	c.setPoints()
	c.Version = c.digest()[:12]
	return c.sound()
}
