package catalog

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// FoldHeader brings the spellings of a column header together: full width and compatibility forms, case, spaces and line breaks inside.
func FoldHeader(header string) string {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\ufeff' || r == '*' {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(header))
	return strings.Trim(folded, ":_-\"'")
}

// unitSuffix is a unit that a header carries in brackets, as in 金额(万元). Headers are folded first, so brackets are half width.
var unitSuffix = regexp.MustCompile(`^(.+?)[(\[/](?:单位[::]?)?([^()\[\]/]{1,8})[)\]]?$`)

// scales are the factors by which a unit exceeds yuan.
var scales = map[string]string{"元": "1", "人民币元": "1", "千元": "1000", "万元": "10000", "万": "10000", "百万元": "1000000", "亿元": "100000000"}

// Column is what a header means: a field of the contract, and the unit that the header says its amounts are in ("" for the field's own).
type Column struct {
	Field Field
	Unit  string // 元, 千元, 万元, 百万元, 亿元
}

// Column finds the field that a header names by code, title or synonym, with or without a unit in brackets.
func (c *Contract) Column(header string) (Column, bool) {
	folded := FoldHeader(header)
	if f, ok := c.fieldByHeader(folded); ok {
		return Column{Field: f, Unit: headerUnit(folded, f)}, true
	}
	parts := unitSuffix.FindStringSubmatch(folded)
	if parts == nil {
		return Column{}, false
	}
	f, ok := c.fieldByHeader(parts[1])
	if !ok || !f.measuredIn(parts[2]) {
		return Column{}, false
	}
	return Column{Field: f, Unit: headerUnit(folded, f)}, true
}

func (c *Contract) fieldByHeader(folded string) (Field, bool) {
	i, ok := c.headers[folded]
	if !ok {
		return Field{}, false
	}
	return c.Fields[i], true
}

// measuredIn reports whether a header's bracket is a unit in which the field may come.
func (f Field) measuredIn(unit string) bool {
	if f.Type == Yuan || f.Type == Wan {
		_, ok := scales[unit]
		return ok
	}
	return f.Type == Count || f.Type == Number
}

// headerUnit is the unit of money that a header states, when the field is one of money and it is not the field's own unit.
func headerUnit(folded string, f Field) string {
	if f.Type != Yuan && f.Type != Wan {
		return ""
	}
	parts := unitSuffix.FindStringSubmatch(folded)
	if parts == nil || parts[2] == f.Unit {
		return ""
	}
	if _, ok := scales[parts[2]]; !ok {
		return ""
	}
	return parts[2]
}

// Scale is the decimal factor that turns a number in unit into yuan; "" when the unit is none of money.
func Scale(unit string) string { return scales[unit] }

// AsText is a contract of no department that takes each column as text under the title that it has; titles that mean the same as an earlier one
// and empty ones are left out. It reads a file of which nothing is known yet.
func AsText(titles []string) *Contract {
	c := &Contract{Department: "sample", Name: "sample", TitleZH: "样本", Role: RoleRecord, headers: map[string]int{}}
	for _, title := range titles {
		folded := FoldHeader(title)
		if _, taken := c.headers[folded]; taken || folded == "" {
			continue
		}
		c.headers[folded] = len(c.Fields)
		c.Fields = append(c.Fields, Field{Name: "c" + strconv.Itoa(len(c.Fields)+1), TitleZH: title, Type: Text})
	}
	return c
}
