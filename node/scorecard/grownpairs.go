package scorecard

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// Pairs of a grown card (GA2M: Lou, Caruana, Gehrke, Hooker 2013). Beside the shapes of single columns, the pairs that promise most are grown on what
// the shapes leave unexplained: a step takes one cut through each of the two columns and moves the four fields between them. As in their FAST, a pair's
// promise is what its best such four fields would explain. A step against a declared direction is never taken, so that the sum keeps it.

// pairColumns is among how many of the strongest columns pairs are looked for.
const pairColumns = 30

// axisBins is into how many bins a side of a pair is cut.
const axisBins = 8

// pairGrid is a pair while it grows: the bins of both sides as coarse numbers per case, and the cells' values.
type pairGrid struct {
	a, b int // features
	// ofA and ofB map a fine bin to a coarse one; coarse bins below rangesA and rangesB are ranges, those above missing and special values.
	ofA, ofB         []int
	rangesA, rangesB int
	wideA, wideB     int
	value            []float64
	// Of the present step.
	pull, weight, cases []float64
}

// coarse joins a feature's fine ranges into up to axisBins of about equal numbers of cases; other bins stay alone.
func (e *coded) coarse(f int) (of []int, ranges, wide int) {
	bins := e.features[f].Bins
	var total, seen float64
	for _, b := range bins[:e.ranges[f]] {
		total += b.Goods + b.Bads
	}
	of = make([]int, len(bins))
	for i := range bins[:e.ranges[f]] {
		of[i] = ranges
		seen += bins[i].Goods + bins[i].Bads
		if i == e.ranges[f]-1 || seen >= total*float64(ranges+1)/axisBins {
			ranges++
		}
	}
	wide = ranges
	for i := e.ranges[f]; i < len(bins); i++ {
		of[i] = wide
		wide++
	}
	return of, ranges, wide
}

func (e *coded) grid(a, b int) *pairGrid {
	g := &pairGrid{a: a, b: b}
	g.ofA, g.rangesA, g.wideA = e.coarse(a)
	g.ofB, g.rangesB, g.wideB = e.coarse(b)
	n := g.wideA * g.wideB
	g.value, g.pull, g.weight, g.cases = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	return g
}

// cell is the number of the cell of case i.
func (g *pairGrid) cell(e *coded, i int) int {
	return g.ofA[e.code[g.a][i]]*g.wideB + g.ofB[e.code[g.b][i]]
}

// fields is a step through a pair: a cut through each side, and the moves of the four fields, A's lower half first.
type fields struct {
	atA, atB int
	gain     float64
	move     [4]float64
}

// tally sums the pulls of the cases looked at.
func (g *pairGrid) tally(u *run) {
	clear(g.pull)
	clear(g.weight)
	clear(g.cases)
	for _, i := range u.looked {
		c := g.cell(u.e, i)
		g.pull[c] += u.pull[i]
		g.weight[c] += u.heft[i]
		g.cases[c] += u.s.weight(i)
	}
}

// best is the step that helps most.
func (g *pairGrid) best(u *run) fields {
	g.tally(u)
	var best fields
	pull, weight, cases := g.prefix(g.pull), g.prefix(g.weight), g.prefix(g.cases)
	dA, dB := u.e.features[g.a].Direction, u.e.features[g.b].Direction
	for atA := 1; atA < g.rangesA; atA++ {
		for atB := 1; atB < g.rangesB; atB++ {
			p, w, n := g.quarters(pull, atA, atB), g.quarters(weight, atA, atB), g.quarters(cases, atA, atB)
			f := fields{atA: atA, atB: atB}
			enough := true
			for q := range 4 {
				enough = enough && n[q] >= u.g.MinCases
				f.move[q] = p[q] / (w[q] + u.shrink(w[q], n[q]))
				f.gain += p[q] * f.move[q]
			}
			if enough && f.gain > best.gain && f.follows(dA, dB) {
				best = f
			}
		}
	}
	return best
}

// follows says whether the moves go with the declared directions: more of what is better never raises the odds of bad.
func (f *fields) follows(dA, dB int) bool {
	m := f.move
	against := func(direction int, lower, upper float64) bool {
		return direction > 0 && upper > lower || direction < 0 && upper < lower
	}
	return !against(dA, m[0], m[2]) && !against(dA, m[1], m[3]) && !against(dB, m[0], m[1]) && !against(dB, m[2], m[3])
}

// prefix holds the sums of all cells below a corner, over the ranges of both sides.
func (g *pairGrid) prefix(v []float64) []float64 {
	width := g.rangesB + 1
	out := make([]float64, (g.rangesA+1)*width)
	for i := range g.rangesA {
		for j := range g.rangesB {
			out[(i+1)*width+j+1] = v[i*g.wideB+j] + out[i*width+j+1] + out[(i+1)*width+j] - out[i*width+j]
		}
	}
	return out
}

func (g *pairGrid) quarters(p []float64, atA, atB int) [4]float64 {
	width := g.rangesB + 1
	at := func(i, j int) float64 { return p[i*width+j] }
	low := at(atA, atB)
	return [4]float64{low, at(atA, g.rangesB) - low, at(g.rangesA, atB) - low, at(g.rangesA, g.rangesB) - at(atA, g.rangesB) - at(g.rangesA, atB) + low}
}

// apply moves the cells and the cases' sums.
func (g *pairGrid) apply(u *run, f fields) {
	by := make([]float64, len(g.value))
	for i := range g.rangesA {
		for j := range g.rangesB {
			q := 0
			if i >= f.atA {
				q += 2
			}
			if j >= f.atB {
				q++
			}
			by[i*g.wideB+j] = u.g.Rate * f.move[q]
			g.value[i*g.wideB+j] += by[i*g.wideB+j]
		}
	}
	for i := range u.sum {
		u.sum[i] += by[g.cell(u.e, i)]
	}
}

// growPairs adds pairs to a card whose shapes are put.
func growPairs(c *Card, s *Sample, e *coded, value [][]float64, start float64, aim target, o Options) {
	sums := make([]float64, len(s.X))
	for i := range sums {
		sums[i] = start
		for f := range e.features {
			sums[i] += value[f][e.code[f][i]]
		}
	}
	chosen := promising(s, e, value, sums, aim, o)
	if len(chosen) == 0 {
		return
	}
	rounds := pairRounds(s, e, chosen, sums, aim, o)
	total := make([]*pairGrid, len(chosen))
	for k, ab := range chosen {
		total[k] = e.grid(ab[0], ab[1])
	}
	for n := range o.Growth.Runs {
		grids, u := pairRun(s, e, chosen, sums, aim, o.Growth, nil, rand.New(rand.NewPCG(o.Seed, 0x9a1200+uint64(n))))
		for range rounds {
			stepPairs(u, grids)
		}
		for k := range total {
			for i, v := range grids[k].value {
				total[k].value[i] += v / float64(o.Growth.Runs)
			}
		}
	}
	for _, g := range total {
		c.putPair(e, g, s)
	}
	sort.SliceStable(c.Pairs, func(i, j int) bool { return c.Pairs[i].logSpread() > c.Pairs[j].logSpread() })
}

// pairRun is a run that goes on from the sums of the shapes.
func pairRun(s *Sample, e *coded, chosen [][2]int, sums []float64, aim target, g Growth, rows []int, r *rand.Rand) ([]*pairGrid, *run) {
	u := newRun(s, e, 0, aim, g, rows, r)
	copy(u.sum, sums)
	grids := make([]*pairGrid, len(chosen))
	for k, ab := range chosen {
		grids[k] = e.grid(ab[0], ab[1])
	}
	return grids, u
}

func stepPairs(u *run, grids []*pairGrid) {
	u.look()
	at, best := -1, fields{}
	tried := max(1, int(u.g.Columns*float64(len(grids))+0.5))
	for _, k := range u.r.Perm(len(grids))[:tried] {
		if f := grids[k].best(u); f.gain > best.gain {
			at, best = k, f
		}
	}
	if at >= 0 {
		grids[at].apply(u, best)
	}
}

// promising are the pairs whose best four fields explain most of what the shapes leave.
func promising(s *Sample, e *coded, value [][]float64, sums []float64, aim target, o Options) [][2]int {
	strong := strongest(e, value, pairColumns)
	if strong == nil {
		strong = others(len(e.features), nil)
	}
	all := o.Growth
	all.Cases = 1
	u := newRun(s, e, 0, aim, all, nil, rand.New(rand.NewPCG(o.Seed, 0xfa57)))
	copy(u.sum, sums)
	u.look()
	type promise struct {
		pair [2]int
		gain float64
	}
	var list []promise
	for i, a := range strong {
		for _, b := range strong[i+1:] {
			if gain := e.grid(a, b).best(u).gain; gain > 0 {
				list = append(list, promise{[2]int{a, b}, gain})
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].gain > list[j].gain })
	var out [][2]int
	for _, p := range list[:min(len(list), o.Growth.Pairs)] {
		out = append(out, p.pair)
	}
	return out
}

// pairRounds finds how many steps do best on a fifth of the cases held back; 0 where no step helps.
func pairRounds(s *Sample, e *coded, chosen [][2]int, sums []float64, aim target, o Options) int {
	const most, patience = 2000, 100
	r := rand.New(rand.NewPCG(o.Seed, 0x9a12))
	held := stratified(s.Y, 5, r)[0]
	grids, u := pairRun(s, e, chosen, sums, aim, o.Growth, others(len(s.X), held), r)
	loss := func() (sum float64) {
		for _, i := range held {
			sum += s.weight(i) * (softplus(u.sum[i]) - s.Y[i]*u.sum[i])
		}
		return sum
	}
	best, bestLoss := 0, loss()
	for n := 1; n <= most && n-best < patience; n++ {
		stepPairs(u, grids)
		if l := loss(); l < bestLoss {
			best, bestLoss = n, l
		}
	}
	return best
}

// putPair writes a grown pair into the card, centred on its cells' cases.
func (c *Card) putPair(e *coded, g *pairGrid, s *Sample) {
	if !slices.ContainsFunc(g.value, func(v float64) bool { return v != 0 }) {
		return
	}
	p := Pair{A: e.axis(g.a, g.ofA, g.wideA), B: e.axis(g.b, g.ofB, g.wideB), Cells: make([][]Cell, g.wideA)}
	for i := range p.Cells {
		p.Cells[i] = make([]Cell, g.wideB)
		for j := range p.Cells[i] {
			p.Cells[i][j].LogOdds = g.value[i*g.wideB+j]
		}
	}
	var sum, cases float64
	for i := range s.X {
		cell := &p.Cells[g.ofA[e.code[g.a][i]]][g.ofB[e.code[g.b][i]]]
		w := s.weight(i)
		cell.Bads += w * s.Y[i]
		cell.Goods += w * (1 - s.Y[i])
		sum += w * cell.LogOdds
		cases += w
	}
	for i := range p.Cells {
		for j := range p.Cells[i] {
			p.Cells[i][j].LogOdds -= sum / cases
		}
	}
	c.Intercept += sum / cases
	c.Pairs = append(c.Pairs, p)
}

// axis is a side of a pair with its coarse bins.
func (e *coded) axis(f int, of []int, wide int) Axis {
	feature := &e.features[f]
	a := Axis{Column: feature.Column, Direction: feature.Direction, Ranks: feature.Ranks, Bins: make([]Bin, wide)}
	for i, b := range feature.Bins {
		to := &a.Bins[of[i]]
		if to.Goods+to.Bads == 0 {
			to.Lower, to.Missing, to.Special = b.Lower, b.Missing, b.Special
		}
		to.Upper = b.Upper
		to.Goods += b.Goods
		to.Bads += b.Bads
	}
	return a
}

// logSpread is the root of the mean square of what a pair adds over the cases; its mean is nothing.
func (p *Pair) logSpread() float64 {
	var squares, cases float64
	for _, row := range p.Cells {
		for _, c := range row {
			squares += (c.Goods + c.Bads) * c.LogOdds * c.LogOdds
			cases += c.Goods + c.Bads
		}
	}
	return math.Sqrt(squares / max(cases, 1))
}
