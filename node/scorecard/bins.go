package scorecard

import (
	"math"
	"sort"
)

// Binning proceeds in two steps. Fine classing cuts a column into up to fineBins ranges of about equal weight. Coarse
// classing then merges neighbours: of all partitions that obey the limits, dynamic programming finds the one with the
// largest information value after a charge per bin, where the charge is what a meaningless cut would gain by chance.

// binRules are the limits a column's bins obey.
type binRules struct {
	fineBins, maxBins int
	minShare          float64
	minCases          float64
	// charge is a multiple of the information value that one more bin of pure noise is expected to show.
	charge    float64
	bend      float64
	direction int
	specials  []float64
}

// cell is a range of values with what was counted in it.
type cell struct {
	upper       float64
	goods, bads float64
}

// binColumn returns the bins of a column with weight of evidence filled in, ranges first, and their information value.
func binColumn(values, y, weight []float64, rules binRules) ([]Bin, float64) {
	present, missing, specials := partition(values, y, weight, rules.specials)
	allGoods, allBads := totals(y, weight)
	cells := fineClasses(present, rules.fineBins)
	merged := bestClasses(cells, allGoods, allBads, rules)
	bins := binsOf(merged, missing, specials, rules.specials)
	return bins, evidence(bins, allGoods, allBads, rules.minCases)
}

// binsOf lists ranges first, in rising order, then special values, then the missing ones.
func binsOf(ranges []cell, missing cell, special []cell, specials []float64) []Bin {
	bins := make([]Bin, 0, len(ranges)+1+len(special))
	for i, c := range ranges {
		b := Bin{Goods: c.goods, Bads: c.bads}
		if i > 0 {
			b.Lower = new(ranges[i-1].upper)
		}
		if i+1 < len(ranges) {
			b.Upper = new(c.upper)
		}
		bins = append(bins, b)
	}
	for i, c := range special {
		if c.goods+c.bads > 0 {
			bins = append(bins, Bin{Special: new(specials[i]), Goods: c.goods, Bads: c.bads})
		}
	}
	if missing.goods+missing.bads > 0 {
		bins = append(bins, Bin{Missing: true, Goods: missing.goods, Bads: missing.bads})
	}
	return bins
}

// evidence fills in the weight of evidence and returns the information value. A bin of its own (missing, special) that
// holds too few cases to say anything is left neutral.
func evidence(bins []Bin, allGoods, allBads, minCases float64) float64 {
	var iv float64
	for i := range bins {
		b := &bins[i]
		if (b.Missing || b.Special != nil) && b.Goods+b.Bads < minCases {
			continue
		}
		b.WOE = WOE(b.Goods, b.Bads, allGoods, allBads)
		iv += ivPart(b.Goods, b.Bads, allGoods, allBads)
	}
	return iv
}

type observation struct{ value, y, weight float64 }

// partition separates ordinary values, sorted, from missing and special ones.
func partition(values, y, weight, specials []float64) (present []observation, missing cell, special []cell) {
	special = make([]cell, len(specials))
	for i, v := range values {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		switch s := indexOf(specials, v); {
		case math.IsNaN(v):
			missing.count(y[i], w)
		case s >= 0:
			special[s].count(y[i], w)
		default:
			present = append(present, observation{v, y[i], w})
		}
	}
	sort.Slice(present, func(a, b int) bool { return present[a].value < present[b].value })
	return present, missing, special
}

func (c *cell) count(y, w float64) {
	c.bads += w * y
	c.goods += w * (1 - y)
}

func indexOf(list []float64, v float64) int {
	for i, s := range list {
		if s == v {
			return i
		}
	}
	return -1
}

func totals(y, weight []float64) (goods, bads float64) {
	var all cell
	for i := range y {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		all.count(y[i], w)
	}
	return all.goods, all.bads
}

// fineClasses cuts sorted observations into at most n cells of about equal weight, never between equal values. A cell's
// upper edge lies halfway to the next value.
func fineClasses(sorted []observation, n int) []cell {
	if len(sorted) == 0 {
		return nil
	}
	var total float64
	for _, o := range sorted {
		total += o.weight
	}
	var cells []cell
	var now cell
	var seen float64
	for i, o := range sorted {
		now.count(o.y, o.weight)
		seen += o.weight
		last := i == len(sorted)-1
		if !last && (sorted[i+1].value == o.value || seen < total*float64(len(cells)+1)/float64(n)) {
			continue
		}
		now.upper = math.Inf(1)
		if !last {
			now.upper = between(o.value, sorted[i+1].value)
		}
		cells = append(cells, now)
		now = cell{}
	}
	return cells
}

// between is a number above a and not above b, for a < b.
func between(a, b float64) float64 {
	middle := a + (b-a)/2
	if middle <= a {
		return b
	}
	return middle
}

// bestClasses merges fine cells in the declared direction. Without one, rising and falling are both tried and the better
// kept: a shape that bends is believed only where it is worth rules.bend times as much as the better straight one.
func bestClasses(cells []cell, allGoods, allBads float64, rules binRules) []cell {
	if rules.direction != 0 {
		merged, _ := coarseClasses(cells, allGoods, allBads, rules)
		return merged
	}
	var best []cell
	bestGain := math.Inf(-1)
	for _, direction := range []int{1, -1, 0} {
		r := rules
		r.direction = direction
		merged, gain := coarseClasses(cells, allGoods, allBads, r)
		if direction == 0 {
			gain /= rules.bend
		}
		if best == nil || gain > bestGain {
			best, bestGain = merged, gain
		}
	}
	return best
}

// coarseClasses merges fine cells into the partition with the most information value after the charge per bin.
func coarseClasses(cells []cell, allGoods, allBads float64, rules binRules) ([]cell, float64) {
	n := len(cells)
	if n == 0 {
		return nil, 0
	}
	least := max(rules.minCases, rules.minShare*(allGoods+allBads))
	fee := rules.charge * (1/allGoods + 1/allBads)
	p := newPartition(cells, least)
	// best[i][j] is the largest gain of a partition of cells[0:j] whose last bin is cells[i:j]; from[i][j] is where the bin
	// before it starts. used[i][j] counts its bins.
	best, from, used := grid(n, math.Inf(-1)), intGrid(n), intGrid(n)
	for j := 1; j <= n; j++ {
		for i := 0; i < j; i++ {
			if !p.allowed(i, j) {
				continue
			}
			own := p.gain(i, j, allGoods, allBads) - fee
			if i == 0 {
				best[0][j], from[0][j], used[0][j] = own, -1, 1
				continue
			}
			for h := 0; h < i; h++ {
				before := best[h][i]
				if math.IsInf(before, -1) || used[h][i] >= rules.maxBins || !p.ordered(h, i, j, rules.direction) {
					continue
				}
				if before+own > best[i][j] {
					best[i][j], from[i][j], used[i][j] = before+own, h, used[h][i]+1
				}
			}
		}
	}
	start := 0
	for i := 1; i < n; i++ {
		if best[i][n] > best[start][n] {
			start = i
		}
	}
	if math.IsInf(best[start][n], -1) {
		return []cell{p.merge(0, n)}, 0
	}
	var merged []cell
	for i, j := start, n; i >= 0; i, j = from[i][j], i {
		merged = append([]cell{p.merge(i, j)}, merged...)
	}
	return merged, best[start][n]
}

// prefix holds running totals of cells, so that any run of cells is known at once.
type prefix struct {
	cells       []cell
	goods, bads []float64
	least       float64
}

func newPartition(cells []cell, least float64) *prefix {
	p := &prefix{cells: cells, goods: make([]float64, len(cells)+1), bads: make([]float64, len(cells)+1), least: least}
	for i, c := range cells {
		p.goods[i+1] = p.goods[i] + c.goods
		p.bads[i+1] = p.bads[i] + c.bads
	}
	return p
}

func (p *prefix) merge(i, j int) cell {
	return cell{upper: p.cells[j-1].upper, goods: p.goods[j] - p.goods[i], bads: p.bads[j] - p.bads[i]}
}

func (p *prefix) allowed(i, j int) bool {
	c := p.merge(i, j)
	return c.goods+c.bads >= p.least
}

func (p *prefix) gain(i, j int, allGoods, allBads float64) float64 {
	c := p.merge(i, j)
	return ivPart(c.goods, c.bads, allGoods, allBads)
}

// ordered says whether the bad rate of cells[i:j] may follow that of cells[h:i].
func (p *prefix) ordered(h, i, j, direction int) bool {
	if direction == 0 {
		return true
	}
	a, b := p.merge(h, i), p.merge(i, j)
	before, after := a.bads/(a.goods+a.bads), b.bads/(b.goods+b.bads)
	if direction > 0 {
		return after <= before
	}
	return after >= before
}

func grid(n int, v float64) [][]float64 {
	g := make([][]float64, n)
	for i := range g {
		g[i] = make([]float64, n+1)
		for j := range g[i] {
			g[i][j] = v
		}
	}
	return g
}

func intGrid(n int) [][]int {
	g := make([][]int, n)
	for i := range g {
		g[i] = make([]int, n+1)
	}
	return g
}
