// Package problem holds the reason why a person's action was not done, in words for that person, in Chinese and English.
//
// It owns the error that services return and pages show. It must never carry a raw value of personal data.
package problem

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Kind groups problems by what the caller can do about them.
type Kind int

const (
	Invalid     Kind = iota + 1 // correct the fields and send again
	NotFound                    // no such thing, or not yours: the two are not told apart
	Forbidden                   // your role may not do this
	Conflict                    // somebody else changed it first, or it is past the step at which this can be done
	Locked                      // wait until the stated time
	Unavailable                 // the other side did not answer yet; try again later
)

// Error is one problem. Code is stable and fit for tests and logs; ZH and EN are for the person.
type Error struct {
	Kind   Kind
	Code   string
	ZH, EN string
	Fields []Field
}

// Field is what is wrong with one field of a form. Name is the form field's name.
type Field struct {
	Name   string
	Code   string
	ZH, EN string
}

func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.EN
	}
	said := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		said[i] = f.Name + ": " + f.EN
	}
	return strings.Join(said, "; ")
}

// New returns a problem without fields.
func New(kind Kind, code, zh, en string) *Error {
	return &Error{Kind: kind, Code: code, ZH: zh, EN: en}
}

// Of returns the problem inside err, or nil when err is a failure of the system instead of one of the person.
func Of(err error) *Error {
	var p *Error
	if errors.As(err, &p) {
		return p
	}
	return nil
}

// Is reports whether err is a problem of that kind.
func Is(err error, kind Kind) bool {
	p := Of(err)
	return p != nil && p.Kind == kind
}

// Wrap is for the end of a service's method: it says what was being done when the system failed. A row that was not there is a
// problem of the person (not found, or not theirs), and problems pass as they are.
func Wrap(doing string, err error) error {
	switch {
	case err == nil, Of(err) != nil:
		return err
	case errors.Is(err, sql.ErrNoRows):
		return New(NotFound, "not_found", "没有找到。", "There is no such thing.")
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Fields collects what is wrong with a form, so that a person hears everything at once.
type Fields []Field

// Add notes one more wrong field.
func (f *Fields) Add(name, code, zh, en string) {
	*f = append(*f, Field{Name: name, Code: code, ZH: zh, EN: en})
}

// Err returns the problem, or nil when every field was right.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid_input", ZH: "请检查标出的内容后再提交。", EN: "Please correct the marked fields and send again.", Fields: f}
}
