package journey

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Form is a form of a page as a browser without JavaScript sees it: only fields that stand in it can be filled, only choices that
// it offers can be taken, and nothing is sent while a required field is empty.
type Form struct {
	page   *Page
	node   *goquery.Selection
	name   string
	fields []*field
}

// field is a control, or a group of check boxes or radio buttons of one name.
type field struct {
	name     string
	kind     string // text, hidden, select, checkbox, radio, submit; textarea and the kinds of text are text
	values   []string
	choices  []string // what select, checkbox, radio and submit offer
	multiple bool
	readonly bool
	required bool
	maxRunes int
}

// Form finds a form by its data-form name, and says which forms the page has when this one is not there.
func (p *Page) Form(name string) (*Form, error) {
	return p.formWhere(name, fmt.Sprintf("form[data-form=%q]", name))
}

// FormOf is Form among several of the same name: the one inside the thing of this kind and id.
func (p *Page) FormOf(kind, id, name string) (*Form, error) {
	return p.formWhere(name, fmt.Sprintf("[data-kind=%q][data-id=%q] form[data-form=%q]", kind, id, name))
}

func (p *Page) formWhere(name, selector string) (*Form, error) {
	node := p.doc.Find(selector).First()
	if node.Length() == 0 {
		return nil, fmt.Errorf("the page %s has no form %q (it has: %s)%s", p.URL.Path, name, strings.Join(p.forms(), ", "), p.saying())
	}
	f := &Form{page: p, node: node, name: name}
	f.read()
	return f, nil
}

// HasForm reports whether the page offers the form.
func (p *Page) HasForm(name string) bool { return p.Has(fmt.Sprintf("form[data-form=%q]", name)) }

func (p *Page) forms() []string {
	names := []string{}
	p.doc.Find("form[data-form]").Each(func(_ int, s *goquery.Selection) {
		names = append(names, s.AttrOr("data-form", ""))
	})
	return names
}

func (p *Page) saying() string {
	if said := p.Problem(); said != "" {
		return "; it says: " + said
	}
	return ""
}

// read collects the controls inside the form, and those outside that name it in their form attribute.
func (f *Form) read() {
	controls := f.node.Find("input, select, textarea, button").FilterFunction(func(_ int, s *goquery.Selection) bool {
		_, elsewhere := s.Attr("form")
		return !elsewhere
	})
	if id := f.node.AttrOr("id", ""); id != "" {
		selector := fmt.Sprintf("input[form=%[1]q], select[form=%[1]q], textarea[form=%[1]q], button[form=%[1]q]", id)
		controls = controls.AddSelection(f.page.doc.Find(selector))
	}
	controls.Each(func(_ int, s *goquery.Selection) { f.add(s) })
}

func (f *Form) add(s *goquery.Selection) {
	name := s.AttrOr("name", "")
	_, disabled := s.Attr("disabled")
	if name == "" || disabled || s.ParentsFiltered("fieldset[disabled]").Length() > 0 {
		return
	}
	kind := kindOf(s)
	if kind == "" {
		return
	}
	c := f.field(name)
	if c == nil || kind == "hidden" || c.kind != kind {
		c = &field{name: name, kind: kind}
		if limit, err := strconv.Atoi(s.AttrOr("maxlength", "")); err == nil {
			c.maxRunes = limit
		}
		f.fields = append(f.fields, c)
	}
	if _, required := s.Attr("required"); required {
		c.required = true
	}
	if _, readonly := s.Attr("readonly"); readonly {
		c.readonly = true
	}
	switch kind {
	case "select":
		readOptions(c, s)
	case "checkbox", "radio":
		c.multiple = kind == "checkbox"
		value := s.AttrOr("value", "on")
		c.choices = append(c.choices, value)
		if _, checked := s.Attr("checked"); checked {
			c.values = append(c.values, value)
		}
	case "submit":
		c.choices = append(c.choices, s.AttrOr("value", ""))
	case "text", "hidden":
		c.values = []string{s.AttrOr("value", "")}
		if goquery.NodeName(s) == "textarea" {
			c.values = []string{s.Text()}
		}
	}
}

// kindOf sorts a control; empty for what a form does not send or this browser does not know.
func kindOf(s *goquery.Selection) string {
	switch tag := goquery.NodeName(s); tag {
	case "select":
		return "select"
	case "textarea":
		return "text"
	case "button":
		if s.AttrOr("type", "submit") == "submit" {
			return "submit"
		}
		return ""
	}
	switch t := strings.ToLower(s.AttrOr("type", "text")); t {
	case "hidden", "checkbox", "radio", "submit":
		return t
	case "button", "reset", "image", "file":
		return ""
	default:
		return "text"
	}
}

func readOptions(c *field, s *goquery.Selection) {
	_, c.multiple = s.Attr("multiple")
	s.Find("option").Each(func(_ int, o *goquery.Selection) {
		if _, disabled := o.Attr("disabled"); disabled {
			return
		}
		value := o.AttrOr("value", squeeze(o.Text()))
		c.choices = append(c.choices, value)
		if _, selected := o.Attr("selected"); selected {
			c.values = append(c.values, value)
		}
	})
	if len(c.values) == 0 && !c.multiple && len(c.choices) > 0 {
		c.values = c.choices[:1]
	}
}

// field finds a control by name. A hidden one stands back behind a visible one of the same name.
func (f *Form) field(name string) *field {
	var hidden *field
	for _, c := range f.fields {
		switch {
		case c.name != name:
		case c.kind != "hidden":
			return c
		case hidden == nil:
			hidden = c
		}
	}
	return hidden
}

// Choices are the values that a select, a group of radio buttons or of check boxes offers.
func (f *Form) Choices(name string) []string {
	if c := f.field(name); c != nil {
		return slices.Clone(c.choices)
	}
	return nil
}

// Fill sets a field as a person would: a text, a choice that is offered, check boxes that exist.
func (f *Form) Fill(name string, values ...string) error {
	c := f.field(name)
	switch {
	case c == nil:
		return fmt.Errorf("form %q of %s has no field %q", f.name, f.page.URL.Path, name)
	case c.kind == "hidden" || c.kind == "submit" || c.readonly:
		return fmt.Errorf("form %q of %s: a person cannot write into field %q", f.name, f.page.URL.Path, name)
	case len(values) > 1 && !c.multiple:
		return fmt.Errorf("form %q of %s: field %q takes one value, not %d", f.name, f.page.URL.Path, name, len(values))
	case c.kind == "text" && len(values) == 1 && c.maxRunes > 0 && len([]rune(values[0])) > c.maxRunes:
		return fmt.Errorf("form %q of %s: field %q takes at most %d characters", f.name, f.page.URL.Path, name, c.maxRunes)
	}
	if c.kind != "text" {
		for _, v := range values {
			if !slices.Contains(c.choices, v) {
				return fmt.Errorf("form %q of %s: field %q does not offer that choice (it offers %s)", f.name, f.page.URL.Path, name, strings.Join(c.choices, ", "))
			}
		}
	}
	c.values = values
	return nil
}

// Tick sets a check box, or a group of them, to everything that it offers.
func (f *Form) Tick(name string) error {
	c := f.field(name)
	if c == nil || c.kind != "checkbox" {
		return fmt.Errorf("form %q of %s has no check box %q", f.name, f.page.URL.Path, name)
	}
	c.values = slices.Clone(c.choices)
	return nil
}

// Submit sends the form with its first submit button, as pressing Enter does.
func (b *Browser) Submit(ctx context.Context, f *Form) (*Page, error) {
	form, err := f.encode()
	if err != nil {
		return nil, err
	}
	target, err := f.page.URL.Parse(f.node.AttrOr("action", ""))
	if err != nil {
		return nil, fmt.Errorf("form %q of %s: %w", f.name, f.page.URL.Path, err)
	}
	method := strings.ToUpper(f.node.AttrOr("method", http.MethodGet))
	body := strings.NewReader("")
	if method == http.MethodGet {
		target.RawQuery = form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("send form %q: %w", f.name, err)
	}
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", b.base.Scheme+"://"+b.base.Host)
	}
	req.Header.Set("Referer", f.page.URL.String())
	return b.do(req)
}

func (f *Form) encode() (url.Values, error) {
	out := url.Values{}
	pressed := false
	for _, c := range f.fields {
		if c.kind == "submit" {
			if !pressed && len(c.choices) > 0 {
				out.Add(c.name, c.choices[0])
				pressed = true
			}
			continue
		}
		if c.required && strings.Join(c.values, "") == "" {
			return nil, fmt.Errorf("form %q of %s: field %q must be filled", f.name, f.page.URL.Path, c.name)
		}
		for _, v := range c.values {
			out.Add(c.name, v)
		}
	}
	return out, nil
}
