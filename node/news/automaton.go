package news

import (
	"slices"
)

// automaton finds every place at which one of many patterns stands in a text, in one pass over the text (Aho and Corasick, 1975). States are
// numbered in breadth-first order, so that the children of a state lie side by side and need no map: a million patterns take some 100 bytes each.
type automaton struct {
	first   []uint32 // first child of state s; its last is before first[s+1]
	label   []rune   // rune on the way from its parent to state s
	fail    []uint32 // state of the longest proper suffix of s that is a state
	pattern []int32  // the pattern that ends in s, or -1
	output  []uint32 // nearest state along fail in which a pattern ends, or 0
	length  []int32  // runes on the way to s
	roots   map[rune]uint32
}

// hit is one occurrence of a pattern, in runes of the text.
type hit struct {
	start, end int
	pattern    int32
}

// span is a state under construction: the sorted patterns lo to hi-1 share their first depth runes.
type span struct{ lo, hi, depth int }

// newAutomaton builds the automaton of patterns, which must be sorted and distinct, none empty.
func newAutomaton(patterns [][]rune) *automaton {
	a := &automaton{label: []rune{0}, pattern: []int32{-1}, length: []int32{0}, roots: map[rune]uint32{}}
	queue := []span{{0, len(patterns), 0}}
	for s := 0; s < len(queue); s++ {
		here := queue[s]
		a.first = append(a.first, uint32(len(queue)))
		at := here.lo
		if at < here.hi && len(patterns[at]) == here.depth {
			a.pattern[s] = int32(at)
			at++
		}
		for at < here.hi {
			r, last := patterns[at][here.depth], at+1
			for last < here.hi && patterns[last][here.depth] == r {
				last++
			}
			if s == 0 {
				a.roots[r] = uint32(len(queue))
			}
			queue = append(queue, span{at, last, here.depth + 1})
			a.label = append(a.label, r)
			a.pattern = append(a.pattern, -1)
			a.length = append(a.length, int32(here.depth+1))
			at = last
		}
	}
	a.first = append(a.first, uint32(len(queue)))
	a.linkFailures()
	return a
}

// linkFailures goes through the states breadth first: a parent's failure is known before its children's.
func (a *automaton) linkFailures() {
	a.fail = make([]uint32, len(a.label))
	a.output = make([]uint32, len(a.label))
	for s := range uint32(len(a.label)) {
		for child := a.first[s]; child < a.first[s+1]; child++ {
			if s != 0 {
				a.fail[child] = a.step(a.fail[s], a.label[child])
			}
			if f := a.fail[child]; a.pattern[f] >= 0 {
				a.output[child] = f
			} else {
				a.output[child] = a.output[f]
			}
		}
	}
}

// step is the state after rune r in state s.
func (a *automaton) step(s uint32, r rune) uint32 {
	for s != 0 {
		children := a.label[a.first[s]:a.first[s+1]]
		if i, ok := slices.BinarySearch(children, r); ok {
			return a.first[s] + uint32(i)
		}
		s = a.fail[s]
	}
	return a.roots[r]
}

// find gives every occurrence to found, in the order of their ends, the longer first.
func (a *automaton) find(text []rune, found func(hit)) {
	s := uint32(0)
	for i, r := range text {
		s = a.step(s, r)
		for o := s; o != 0; o = a.output[o] {
			if a.pattern[o] >= 0 {
				found(hit{i + 1 - int(a.length[o]), i + 1, a.pattern[o]})
			}
		}
	}
}

// longest keeps of all occurrences those that a reader would see: from left to right, the longest at each place, none overlapping.
func (a *automaton) longest(text []rune) []hit {
	var all []hit
	a.find(text, func(h hit) { all = append(all, h) })
	slices.SortFunc(all, func(x, y hit) int {
		if x.start != y.start {
			return x.start - y.start
		}
		return y.end - x.end
	})
	kept, end := all[:0], 0
	for _, h := range all {
		if h.start >= end {
			kept = append(kept, h)
			end = h.end
		}
	}
	return kept
}
