package scorecard

import (
	"fmt"
	"math"
	"sort"
)

// Dimensions is how many sides a credit portrait has, in the order of border's Dimension: repayment will, repayment
// capacity, operations, stability, growth, compliance.
const Dimensions = 6

// Trait is an indicator as the portrait uses it.
type Trait struct {
	Column string
	// Dimension is 1 to Dimensions.
	Dimension int
	// Direction is +1 where more is better, -1 where less is; a trait without one (0) is left out.
	Direction int
	// Weight is the trait's share within its dimension; 0 means 1.
	Weight float64
}

// Portrait places a firm among the firms of its city: it holds their distribution, trait by trait.
type Portrait struct {
	traits []Trait
	sorted [][]float64
}

// Facet is one side of a firm's portrait.
type Facet struct {
	// Value runs from 0 (worst of the city) to 100 (best); 50 where nothing is known.
	Value int
	// Drivers are up to three traits that moved the value furthest from the middle.
	Drivers []Reason
}

// NewPortrait takes the city's firms as rows in the order of traits.
func NewPortrait(traits []Trait, rows [][]float64) (*Portrait, error) {
	p := &Portrait{traits: traits, sorted: make([][]float64, len(traits))}
	for t, trait := range traits {
		if trait.Dimension < 1 || trait.Dimension > Dimensions {
			return nil, fmt.Errorf("indicator %q: dimension %d is not between 1 and %d", trait.Column, trait.Dimension, Dimensions)
		}
		for _, row := range rows {
			if v := row[t]; !math.IsNaN(v) {
				p.sorted[t] = append(p.sorted[t], v)
			}
		}
		sort.Float64s(p.sorted[t])
	}
	return p, nil
}

// rank is the share of the city's firms that the value beats, ties counting half, turned so that 1 is best.
func (p *Portrait) rank(t int, v float64) (float64, bool) {
	values := p.sorted[t]
	if p.traits[t].Direction == 0 || math.IsNaN(v) || len(values) == 0 {
		return 0, false
	}
	below := sort.SearchFloat64s(values, v)
	notAbove := sort.Search(len(values), func(i int) bool { return values[i] > v })
	share := (float64(below) + float64(notAbove)) / 2 / float64(len(values))
	if p.traits[t].Direction < 0 {
		share = 1 - share
	}
	return share, true
}

// Of draws one firm's portrait; row stands in the order of the traits.
func (p *Portrait) Of(row []float64) [Dimensions]Facet {
	var sum, weights [Dimensions]float64
	var moved [Dimensions][]Reason
	for t, trait := range p.traits {
		share, known := p.rank(t, row[t])
		if !known {
			continue
		}
		weight := trait.Weight
		if weight == 0 {
			weight = 1
		}
		d := trait.Dimension - 1
		sum[d] += weight * share
		weights[d] += weight
		moved[d] = append(moved[d], Reason{Column: trait.Column, Raises: share > 0.5, Points: weight * math.Abs(share-0.5)})
	}
	var facets [Dimensions]Facet
	for d := range facets {
		facets[d].Value = 50
		if weights[d] > 0 {
			facets[d].Value = int(math.Round(100 * sum[d] / weights[d]))
		}
		facets[d].Drivers = furthest(moved[d])
	}
	return facets
}

// maxDrivers is how many traits explain a side of the portrait.
const maxDrivers = 3

// furthest keeps the traits that stand visibly away from the middle.
func furthest(moved []Reason) []Reason {
	sort.SliceStable(moved, func(i, j int) bool { return moved[i].Points > moved[j].Points })
	var kept []Reason
	for _, r := range moved {
		if r.Points >= 0.05 && len(kept) < maxDrivers {
			kept = append(kept, r)
		}
	}
	return kept
}
