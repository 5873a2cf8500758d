package scorecard

import (
	"math"
	"slices"
)

// Pair is what two columns say together beyond what each says alone: a table of cells, each worth so many log-odds of being bad. Its cells
// average to nothing over the training cases.
type Pair struct {
	A     Axis     `json:"a"`
	B     Axis     `json:"b"`
	Cells [][]Cell `json:"cells"`
}

// Axis cuts one side of a pair into bins; a value that no bin holds makes the whole pair worth nothing.
type Axis struct {
	Column    string    `json:"column"`
	Direction int       `json:"direction"`
	Ranks     []float64 `json:"ranks,omitempty"`
	Bins      []Bin     `json:"bins"`
}

// Cell is one bin of A (row) and one of B (column).
type Cell struct {
	Goods   float64 `json:"goods"`
	Bads    float64 `json:"bads"`
	LogOdds float64 `json:"log_odds"`
	Points  float64 `json:"points"`
}

// Place is the number of the bin that holds a value, or -1.
func (a *Axis) Place(v float64) int {
	f := Feature{Ranks: a.Ranks, Bins: a.Bins}
	return f.binIndex(v)
}

// Worth is the cell that two values fall into; the empty cell where one of them falls into none.
func (p *Pair) Worth(a, b float64) Cell {
	i, j := p.A.Place(a), p.B.Place(b)
	if i < 0 || j < 0 {
		return Cell{}
	}
	return p.Cells[i][j]
}

// Name is the pair as a list of features names it.
func (p *Pair) Name() string { return p.A.Column + " × " + p.B.Column }

// Spread is the standard deviation of the points that a pair gives over the cases.
func (p *Pair) Spread() float64 {
	var sum, squares, cases float64
	for _, row := range p.Cells {
		for _, c := range row {
			n := c.Goods + c.Bads
			sum += n * c.Points
			squares += n * c.Points * c.Points
			cases += n
		}
	}
	if cases == 0 {
		return 0
	}
	mean := sum / cases
	return math.Sqrt(max(squares/cases-mean*mean, 0))
}

// pairLogOdds is what all pairs add to a row's log-odds.
func (c *Card) pairLogOdds(row []float64) float64 {
	var z float64
	for i := range c.Pairs {
		p := &c.Pairs[i]
		z += p.Worth(row[slices.Index(c.Columns, p.A.Column)], row[slices.Index(c.Columns, p.B.Column)]).LogOdds
	}
	return z
}

// pairPoints is what the pairs of a column take part in add to the points, half of each: a pair belongs to both of its columns.
func (c *Card) pairPoints(column string, row []float64) float64 {
	var points float64
	for i := range c.Pairs {
		p := &c.Pairs[i]
		if p.A.Column == column || p.B.Column == column {
			points += p.Worth(row[slices.Index(c.Columns, p.A.Column)], row[slices.Index(c.Columns, p.B.Column)]).Points / 2
		}
	}
	return points
}
