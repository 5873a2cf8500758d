package portal

import (
	"strconv"

	"github.com/a-h/templ"
)

// describe ties a field to its hint and its fault for screen readers, and marks it as needed.
func describe(f *form, name string, hint, optional bool) templ.Attributes {
	a := templ.Attributes{}
	by := ""
	if hint {
		by = f.id("h", name)
	}
	if f.problem(name) != nil {
		a["aria-invalid"] = "true"
		by += " " + f.id("e", name)
	}
	if by != "" {
		a["aria-describedby"] = by
	}
	if !optional {
		a["aria-required"] = "true"
	}
	return a
}

func describeGroup(f *form, name string) templ.Attributes {
	a := templ.Attributes{"id": f.id("f", name)}
	if f.problem(name) != nil {
		a["aria-describedby"] = f.id("e", name)
	}
	return a
}

func orText(kind string) string {
	if kind == "" {
		return "text"
	}
	return kind
}

// keptValue is what was typed; a password or a resident number is never sent back.
func keptValue(f *form, in input) string {
	if in.Type == "password" || in.Name == "resident_id" {
		return ""
	}
	return f.values.Get(in.Name)
}

func maxLength(n int) string {
	if n == 0 {
		n = 200
	}
	return strconv.Itoa(n)
}
