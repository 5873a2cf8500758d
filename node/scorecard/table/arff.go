package table

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// ARFF is Weka's file format: a header of attributes, then "@data" and one line of comma-separated values per case, "?" for
// a missing one.

type attribute struct {
	name  string
	words bool
}

func readARFF(path, textColumn string) (*Table, error) {
	in, err := open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	t, err := parseARFF(in, textColumn)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// parseARFF reads dense ARFF. Errors name lines, never values.
func parseARFF(in io.Reader, textColumn string) (*Table, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	var attributes []attribute
	t := &Table{}
	var collected *words
	text := -1
	inData := false
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "%"):
		case inData:
			if err := t.addARFF(line, n, attributes, collected, text); err != nil {
				return nil, err
			}
		case keyword(line, "@attribute"):
			a, err := parseAttribute(line, n)
			if err != nil {
				return nil, err
			}
			attributes = append(attributes, a)
			t.Names = append(t.Names, a.name)
		case keyword(line, "@data"):
			inData = true
			collected = newWords(len(attributes))
			if textColumn != "" {
				at, err := t.need(textColumn, "--id")
				if err != nil {
					return nil, err
				}
				text = at
			}
		case keyword(line, "@relation"):
		default:
			return nil, fmt.Errorf("line %d is neither @relation, @attribute nor @data: it is not an ARFF file", n)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("the file breaks off or a line is longer than 16 MB; fetch it again")
	}
	if !inData {
		return nil, fmt.Errorf("there is no @data line: it is not an ARFF file")
	}
	for c, a := range attributes {
		if a.words {
			collected.use(c)
		}
	}
	collected.settle(t)
	return t, nil
}

func keyword(line, word string) bool {
	return len(line) >= len(word) && strings.EqualFold(line[:len(word)], word)
}

// parseAttribute reads "@attribute NAME TYPE", where a name with blanks stands in quotes.
func parseAttribute(line string, n int) (attribute, error) {
	rest := strings.TrimSpace(line[len("@attribute"):])
	name, kind, ok := "", "", false
	if rest != "" && (rest[0] == '\'' || rest[0] == '"') {
		name, kind, ok = strings.Cut(rest[1:], rest[:1])
	} else if at := strings.IndexAny(rest, " \t{"); at > 0 {
		name, kind, ok = rest[:at], rest[at:], true
	}
	kind = strings.ToLower(strings.TrimSpace(kind))
	if !ok || name == "" || kind == "" {
		return attribute{}, fmt.Errorf("line %d: an @attribute needs a name and a type", n)
	}
	switch {
	case kind == "numeric" || kind == "real" || kind == "integer":
		return attribute{name: name}, nil
	case strings.HasPrefix(kind, "{"):
		return attribute{name: name, words: !numericSet(kind)}, nil
	case kind == "string":
		return attribute{name: name, words: true}, nil
	default:
		return attribute{}, fmt.Errorf("line %d: attributes of this type are not read; use numeric, a set {a,b} or string", n)
	}
}

// numericSet says whether a set of values, as {0,1}, holds numbers only.
func numericSet(kind string) bool {
	for _, v := range strings.Split(strings.Trim(kind, "{} "), ",") {
		if _, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
			return false
		}
	}
	return true
}

func (t *Table) addARFF(line string, n int, attributes []attribute, collected *words, text int) error {
	if strings.HasPrefix(line, "{") {
		return fmt.Errorf("line %d: sparse rows are not read; write every value", n)
	}
	fields := splitARFF(line)
	if len(fields) != len(attributes) {
		return fmt.Errorf("line %d has %d values for %d attributes", n, len(fields), len(attributes))
	}
	row := make([]float64, len(fields))
	for c, field := range fields {
		switch {
		case field == "?" || field == "":
			row[c] = math.NaN()
		case attributes[c].words:
			row[c] = collected.code(c, field)
		default:
			v, err := strconv.ParseFloat(field, 64)
			if err != nil {
				return fmt.Errorf("line %d, attribute %q: not a number", n, attributes[c].name)
			}
			row[c] = v
		}
	}
	t.Rows = append(t.Rows, row)
	if text >= 0 {
		t.Text = append(t.Text, fields[text])
	}
	return nil
}

// splitARFF cuts a line at commas outside quotes.
func splitARFF(line string) []string {
	var fields []string
	var field strings.Builder
	var quote rune
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			field.WriteRune(r)
		case r == '\'' || r == '"':
			quote = r
		case r == ',':
			fields = append(fields, strings.TrimSpace(field.String()))
			field.Reset()
		default:
			field.WriteRune(r)
		}
	}
	return append(fields, strings.TrimSpace(field.String()))
}
