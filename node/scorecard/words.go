package scorecard

import (
	"math"
	"sort"
)

// Words. A column of words has no order of its own: its words are ordered by the share of bads among their cases, drawn
// towards the share of all so that a rare word does not stand at an end by chance. Words with too few cases stand together
// at the place of all. From there on the column is binned like one of numbers.

// ordered returns a column's values as numbers that have an order, and for a column of words the rank of each word.
func (s *Sample) ordered(c int, o Options) (values, ranks []float64) {
	values = s.column(c)
	levels := s.levels(c)
	if levels == nil {
		return values, nil
	}
	ranks = s.rankWords(values, len(levels), max(o.MinCases, o.MinWordShare*float64(len(s.X))))
	for i, v := range values {
		if !math.IsNaN(v) {
			values[i] = ranks[int(v)]
		}
	}
	return values, ranks
}

func (s *Sample) rankWords(values []float64, words int, minCases float64) []float64 {
	goods, bads := totals(s.Y, s.Weight)
	overall := bads / (goods + bads)
	cells := make([]cell, words)
	for i, v := range values {
		if !math.IsNaN(v) {
			cells[int(v)].count(s.Y[i], s.weight(i))
		}
	}
	const drawn = 20
	rate := make([]float64, words)
	for w, c := range cells {
		rate[w] = overall
		if n := c.goods + c.bads; n >= minCases {
			rate[w] = (c.bads + drawn*overall) / (n + drawn)
		}
	}
	distinct := append([]float64{}, rate...)
	sort.Float64s(distinct)
	ranks := make([]float64, words)
	for w := range ranks {
		ranks[w] = float64(sort.SearchFloat64s(distinct, rate[w]))
	}
	return ranks
}
