package news

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAutomatonFindsEveryOccurrence compares with looking for each pattern at each place.
func TestAutomatonFindsEveryOccurrence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("华源商贸")), 1, 5, -1)
		words := rapid.SliceOfNDistinct(word, 1, 12, rapid.ID).Draw(t, "patterns")
		slices.Sort(words)
		var patterns [][]rune
		for _, w := range words {
			patterns = append(patterns, []rune(w))
		}
		text := rapid.StringOfN(rapid.RuneFrom([]rune("华源商贸店")), 0, 40, -1).Draw(t, "text")
		runes := []rune(text)

		var want []hit
		for i := range runes {
			for p, w := range words {
				if strings.HasPrefix(string(runes[i:]), w) {
					want = append(want, hit{i, i + len(patterns[p]), int32(p)})
				}
			}
		}
		var got []hit
		newAutomaton(patterns).find(runes, func(h hit) { got = append(got, h) })
		order := func(a, b hit) int {
			if a.start != b.start {
				return a.start - b.start
			}
			return a.end - b.end
		}
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Fatalf("in %q with %q: found %v, want %v", text, words, got, want)
		}
	})
}

func TestLongestDoesNotOverlap(t *testing.T) {
	a := newAutomaton([][]rune{[]rune("华源"), []rune("华源商贸"), []rune("商贸城")})
	got := a.longest([]rune("在华源商贸城"))
	if len(got) != 1 || got[0] != (hit{1, 5, 1}) {
		t.Fatalf("found %v, want 华源商贸 alone", got)
	}
}
