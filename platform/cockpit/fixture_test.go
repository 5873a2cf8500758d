package cockpit_test

import (
	"regexp"
	"strconv"
	"strings"
)

// statement is one statement of a fixture, its placeholders renumbered from 1 and the values that they mean.
type statement struct {
	text   string
	values []int
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// statements splits a fixture at its semicolons: a prepared statement takes one statement and only the values that it names.
func statements(fixture string) []statement {
	var all []statement
	for text := range strings.SplitSeq(fixture, ";\n") {
		var s statement
		seen := map[string]int{}
		s.text = placeholder.ReplaceAllStringFunc(text, func(p string) string {
			if seen[p] == 0 {
				n, err := strconv.Atoi(p[1:])
				if err != nil {
					panic(err)
				}
				s.values = append(s.values, n)
				seen[p] = len(s.values)
			}
			return "cast($" + strconv.Itoa(seen[p]) + " as bigint)"
		})
		all = append(all, s)
	}
	return all
}

func (s statement) pick(values []any) []any {
	picked := make([]any, len(s.values))
	for i, n := range s.values {
		picked[i] = values[n-1]
	}
	return picked
}
