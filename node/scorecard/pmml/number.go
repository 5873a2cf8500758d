package pmml

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// number is a double written such that it is read back as the same double.
type number float64

func numberOf(v float64) *number { return new(number(v)) }

func digits(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// MarshalXMLAttr writes the number.
func (n number) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: digits(float64(n))}, nil
}

// UnmarshalXMLAttr reads the number and refuses what is none or infinite.
func (n *number) UnmarshalXMLAttr(a xml.Attr) error {
	v, err := parse(a.Value)
	if err != nil {
		return fmt.Errorf("attribute %s: %w", a.Name.Local, err)
	}
	*n = number(v)
	return nil
}

func parse(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%.40q is not a number", text)
	}
	return v, nil
}

// listed writes words as an Array of strings: each in quotes, quotes and backslashes inside with a backslash before them.
func listed(words []string) array {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
	}
	return array{Count: len(words), Type: "string", Text: strings.Join(quoted, " ")}
}

// words reads an Array: words in quotes or without, between white space.
func (a array) words() []string {
	var out []string
	var word strings.Builder
	quoted, open := false, false
	flush := func() {
		if open {
			out = append(out, word.String())
		}
		word.Reset()
		open = false
	}
	runes := []rune(a.Text)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\' && i+1 < len(runes) && quoted:
			i++
			word.WriteRune(runes[i])
		case r == '"' && quoted:
			quoted = false
			flush()
		case r == '"' && !open:
			quoted, open = true, true
		case !quoted && strings.ContainsRune(" \t\r\n", r):
			flush()
		default:
			open = true
			word.WriteRune(r)
		}
	}
	flush()
	return out
}
