package scorecard

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// Grown cards. The log-odds are a sum of one step function per column (Lou, Caruana, Gehrke 2012), grown in many small
// steps: each step looks at a random part of the cases and of the columns, takes the one cut that helps most and moves the
// bins on its two sides a little. A cut that would go against a column's declared direction is never taken. Several such
// runs are averaged, which smooths the shapes; the average of sums per bin is again a sum per bin.
//
// A boosted card learns the outcome. A taught card learns the teacher's order, which says more per case than the outcome
// does, and is put on the scale of the outcome by calibration afterwards.

// Growth are the settings of a grown card. The zero value of a field means the default written beside it.
type Growth struct {
	Bins     int     // 40 fine bins per column
	Rounds   int     // 300 steps per run; for a boosted card 0 means: chosen on a fifth of the cases held back
	Rate     float64 // 0.05 of the best move is made per step
	Runs     int     // 8 runs are averaged
	Cases    float64 // 0.5 of the cases are looked at per step
	Columns  float64 // 0.35 of the columns are looked at per step
	MinCases float64 // 5 cases on each side of a cut
	Shrink   float64 // 1 case of no effect is added to each side of a cut
	// Pairs is how many pairs of columns a boosted card may hold; 0 for none.
	Pairs int
	// Line is how far the shapes lean towards straight lines over ranks, from 0 to 1; LinePenalty steadies the lines, 50.
	Line, LinePenalty float64
}

func (g Growth) withDefaults() Growth {
	set := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	if g.Bins == 0 {
		g.Bins = 40
	}
	if g.Runs == 0 {
		g.Runs = 8
	}
	set(&g.Rate, 0.05)
	set(&g.Cases, 0.5)
	set(&g.Columns, 0.35)
	set(&g.MinCases, 5)
	set(&g.Shrink, 1)
	set(&g.LinePenalty, 50)
	return g
}

// ErrNoTeacher is returned when a taught card is asked for without a teacher's order.
var ErrNoTeacher = errors.New("a taught card needs the teacher's order of the cases")

// coded is a sample with every value replaced by the number of its bin.
type coded struct {
	features []Feature
	// code[f][i] is the bin of case i in feature f; ranges come first, in rising order.
	code   [][]uint16
	ranges []int
}

// encode bins the usable columns finely.
func (c *Card) encode(s *Sample, o Options) coded {
	allGoods, allBads := totals(s.Y, s.Weight)
	var e coded
	for at, name := range s.Columns {
		values, ranks := s.ordered(at, o)
		if why := useless(values); why != "" {
			c.leave(name, why)
			continue
		}
		bins := fineBins(values, s.Y, s.Weight, o.Growth.Bins, o.Specials[name])
		f := Feature{Column: name, Direction: s.direction(at), Weight: 1, Ranks: ranks, Bins: bins}
		evidence(f.Bins, allGoods, allBads, o.MinCases)
		ranges := 0
		for _, b := range bins {
			if !b.Missing && b.Special == nil {
				ranges++
			}
		}
		e.features = append(e.features, f)
		e.ranges = append(e.ranges, ranges)
		e.code = append(e.code, codes(&f, s.column(at)))
	}
	return e
}

// fineBins cuts a column into bins of about equal weight without looking at the outcome.
func fineBins(values, y, weight []float64, n int, specials []float64) []Bin {
	present, missing, special := partition(values, y, weight, specials)
	return binsOf(fineClasses(present, n), missing, special, specials)
}

func codes(f *Feature, values []float64) []uint16 {
	out := make([]uint16, len(values))
	for i, v := range values {
		out[i] = uint16(f.binIndex(v))
	}
	return out
}

// target is what a run learns: from the sums so far it gives each case's pull and its weight.
type target func(i int, sum float64) (pull, weight float64)

// growShapes makes the uncalibrated card of a boosted or taught kind. With a limit on features it grows twice: once on all
// columns to see which carry most, then anew on those.
func growShapes(s *Sample, o Options) (*Card, error) {
	start, aim, err := aimOf(s, o.Kind)
	if err != nil {
		return nil, err
	}
	c := &Card{Columns: s.Columns}
	e := c.encode(s, o)
	value, err := average(s, &e, start, aim, o)
	if err != nil {
		return nil, err
	}
	if kept := strongest(&e, value, o.MaxFeatures); kept != nil {
		for f := range e.features {
			if !slices.Contains(kept, f) {
				c.leave(e.features[f].Column, fmt.Sprintf("beyond the %d strongest", o.MaxFeatures))
			}
		}
		e = e.only(kept)
		if value, err = average(s, &e, start, aim, o); err != nil {
			return nil, err
		}
	}
	c.Intercept = start
	c.put(&e, value, s)
	if o.Growth.Pairs > 0 && o.Kind == KindBoosted {
		growPairs(c, s, &e, value, start, aim, o)
	}
	return c, nil
}

// average grows several runs and returns the mean of their shapes, leaning towards lines where asked.
func average(s *Sample, e *coded, start float64, aim target, o Options) ([][]float64, error) {
	if len(e.features) == 0 {
		return nil, errors.New("no column holds two different values; give other columns")
	}
	g := o.Growth
	rounds := g.Rounds
	if rounds == 0 {
		rounds = chooseRounds(s, e, start, aim, o)
	}
	total := e.zeros()
	for n := range g.Runs {
		u := newRun(s, e, start, aim, g, nil, rand.New(rand.NewPCG(o.Seed, uint64(n)+1)))
		for range rounds {
			u.step()
		}
		addScaled(total, u.value, (1-g.Line)/float64(g.Runs))
	}
	if g.Line > 0 {
		straight, err := lines(s, e, start, aim, g.LinePenalty)
		if err != nil {
			return nil, err
		}
		addScaled(total, straight, g.Line)
	}
	return total, nil
}

// strongest are the features that move the sum most, or nil where there is no limit or no more than it.
func strongest(e *coded, value [][]float64, limit int) []int {
	if limit <= 0 || len(e.features) <= limit {
		return nil
	}
	spread := make([]float64, len(e.features))
	for f := range e.features {
		shape := e.features[f]
		shape.Bins = slices.Clone(shape.Bins)
		for b := range shape.Bins {
			shape.Bins[b].LogOdds = value[f][b]
		}
		spread[f] = -shape.spread()
	}
	kept := ascending(spread)[:limit]
	slices.Sort(kept)
	return kept
}

// only keeps the given features.
func (e *coded) only(kept []int) coded {
	var out coded
	for _, f := range kept {
		out.features = append(out.features, e.features[f])
		out.code = append(out.code, e.code[f])
		out.ranges = append(out.ranges, e.ranges[f])
	}
	return out
}

// aimOf gives the starting sum and the target of a kind.
func aimOf(s *Sample, k Kind) (float64, target, error) {
	if k == KindTaught {
		if s.Teacher == nil {
			return 0, nil, ErrNoTeacher
		}
		var sum, weight float64
		for i, t := range s.Teacher {
			sum += s.weight(i) * t
			weight += s.weight(i)
		}
		return sum / weight, func(i int, z float64) (float64, float64) {
			w := s.weight(i)
			return w * (s.Teacher[i] - z), w
		}, nil
	}
	goods, bads := totals(s.Y, s.Weight)
	return math.Log(bads / goods), func(i int, z float64) (float64, float64) {
		w, p := s.weight(i), logistic(z)
		return w * (s.Y[i] - p), w * max(p*(1-p), 1e-6)
	}, nil
}

func (e *coded) zeros() [][]float64 {
	v := make([][]float64, len(e.features))
	for f := range v {
		v[f] = make([]float64, len(e.features[f].Bins))
	}
	return v
}

func addScaled(to, from [][]float64, by float64) {
	for f := range to {
		for b := range to[f] {
			to[f][b] += by * from[f][b]
		}
	}
}

// run is one growth of shapes.
type run struct {
	s     *Sample
	e     *coded
	g     Growth
	aim   target
	r     *rand.Rand
	rows  []int
	sum   []float64
	value [][]float64
	// Of the present step: the pull and weight of each case looked at, and of each bin.
	looked             []int
	pull, heft         []float64
	binPull, binWeight []float64
	binCases           []float64
}

// newRun starts a run over the given rows (nil means all).
func newRun(s *Sample, e *coded, start float64, aim target, g Growth, rows []int, r *rand.Rand) *run {
	if rows == nil {
		rows = others(len(s.X), nil)
	}
	widest := 0
	for f := range e.features {
		widest = max(widest, len(e.features[f].Bins))
	}
	u := &run{s: s, e: e, g: g, aim: aim, r: r, rows: rows, value: e.zeros(), sum: make([]float64, len(s.X)),
		pull: make([]float64, len(s.X)), heft: make([]float64, len(s.X)),
		binPull: make([]float64, widest), binWeight: make([]float64, widest), binCases: make([]float64, widest)}
	for i := range u.sum {
		u.sum[i] = start
	}
	return u
}

// cut is a step's choice: ranges below at move by left, the others by right; bins of their own move by own.
type cut struct {
	feature, at int
	gain        float64
	left, right float64
}

// step grows the shapes by one cut.
func (u *run) step() {
	u.look()
	best := cut{feature: -1}
	tried := max(1, int(u.g.Columns*float64(len(u.e.features))+0.5))
	for _, f := range u.r.Perm(len(u.e.features))[:tried] {
		if c := u.bestCut(f); c.gain > best.gain {
			best = c
		}
	}
	if best.feature >= 0 {
		u.move(best)
	}
}

// look draws the cases of this step and computes their pulls.
func (u *run) look() {
	u.looked = u.looked[:0]
	for _, i := range u.rows {
		if u.r.Float64() < u.g.Cases {
			u.looked = append(u.looked, i)
			u.pull[i], u.heft[i] = u.aim(i, u.sum[i])
		}
	}
}

// tally sums pulls per bin of a feature.
func (u *run) tally(f int) {
	n := len(u.e.features[f].Bins)
	clear(u.binPull[:n])
	clear(u.binWeight[:n])
	clear(u.binCases[:n])
	code := u.e.code[f]
	for _, i := range u.looked {
		b := code[i]
		u.binPull[b] += u.pull[i]
		u.binWeight[b] += u.heft[i]
		u.binCases[b] += u.s.weight(i)
	}
}

// bestCut finds the cut of a feature's ranges that helps most.
func (u *run) bestCut(f int) cut {
	u.tally(f)
	ranges := u.e.ranges[f]
	var pull, weight, cases float64
	for b := range ranges {
		pull += u.binPull[b]
		weight += u.binWeight[b]
		cases += u.binCases[b]
	}
	shrink := u.shrink(weight, cases)
	best := cut{feature: f}
	var leftPull, leftWeight, leftCases float64
	for at := 1; at < ranges; at++ {
		leftPull += u.binPull[at-1]
		leftWeight += u.binWeight[at-1]
		leftCases += u.binCases[at-1]
		if leftCases < u.g.MinCases || cases-leftCases < u.g.MinCases {
			continue
		}
		rightPull, rightWeight := pull-leftPull, weight-leftWeight
		left, right := leftPull/(leftWeight+shrink), rightPull/(rightWeight+shrink)
		if d := u.e.features[f].Direction; d > 0 && right > left || d < 0 && right < left {
			continue
		}
		gain := leftPull*left + rightPull*right - pull*pull/(weight+shrink)
		if gain > best.gain {
			best = cut{feature: f, at: at, gain: gain, left: left, right: right}
		}
	}
	return best
}

// shrink is the weight of Shrink average cases.
func (u *run) shrink(weight, cases float64) float64 {
	if cases == 0 {
		return u.g.Shrink
	}
	return u.g.Shrink * weight / cases
}

// move applies a cut.
func (u *run) move(c cut) {
	f := c.feature
	u.tally(f)
	by := make([]float64, len(u.e.features[f].Bins))
	for b := range by {
		switch {
		case b >= u.e.ranges[f]:
			if u.binWeight[b] > 0 {
				by[b] = u.binPull[b] / (u.binWeight[b] + u.shrink(u.binWeight[b], u.binCases[b])*u.g.MinCases)
			}
		case b < c.at:
			by[b] = c.left
		default:
			by[b] = c.right
		}
		by[b] *= u.g.Rate
		u.value[f][b] += by[b]
	}
	code := u.e.code[f]
	for i := range u.sum {
		u.sum[i] += by[code[i]]
	}
}

// chooseRounds finds how many steps do best on a fifth of the cases held back.
func chooseRounds(s *Sample, e *coded, start float64, aim target, o Options) int {
	const most, patience = 3000, 150
	if o.Kind == KindTaught {
		return 300
	}
	r := rand.New(rand.NewPCG(o.Seed, 0))
	held := stratified(s.Y, 5, r)[0]
	u := newRun(s, e, start, aim, o.Growth, others(len(s.X), held), r)
	best, bestLoss := 1, math.Inf(1)
	for n := 1; n <= most && n-best < patience; n++ {
		u.step()
		var loss float64
		for _, i := range held {
			loss += s.weight(i) * (softplus(u.sum[i]) - s.Y[i]*u.sum[i])
		}
		if loss < bestLoss {
			best, bestLoss = n, loss
		}
	}
	return best
}

// put writes the grown values into the card, centred so that the intercept is the average case, neighbouring ranges of
// equal value merged, and columns that never moved left out.
func (c *Card) put(e *coded, value [][]float64, s *Sample) {
	for f := range e.features {
		feature := e.features[f]
		for b := range feature.Bins {
			feature.Bins[b].LogOdds = value[f][b]
		}
		average := feature.averageLogOdds()
		for b := range feature.Bins {
			feature.Bins[b].LogOdds -= average
		}
		c.Intercept += average
		feature.Bins = mergeEqual(feature.Bins)
		if len(feature.Bins) < 2 {
			c.leave(feature.Column, "it never helped")
			continue
		}
		goods, bads := totals(s.Y, s.Weight)
		evidence(feature.Bins, goods, bads, 0)
		c.Features = append(c.Features, feature)
	}
	sort.SliceStable(c.Features, func(i, j int) bool { return c.Features[i].spread() > c.Features[j].spread() })
}

// spread is the standard deviation of what a feature adds over the cases.
func (f *Feature) spread() float64 {
	mean := f.averageLogOdds()
	return math.Sqrt(f.average(func(b Bin) float64 { return (b.LogOdds - mean) * (b.LogOdds - mean) }))
}

// mergeEqual joins neighbouring ranges that add the same.
func mergeEqual(bins []Bin) []Bin {
	out := bins[:0:0]
	for _, b := range bins {
		last := len(out) - 1
		if last >= 0 && !b.Missing && b.Special == nil && math.Abs(b.LogOdds-out[last].LogOdds) < 1e-12 {
			out[last].Upper = b.Upper
			out[last].Goods += b.Goods
			out[last].Bads += b.Bads
			continue
		}
		out = append(out, b)
	}
	return out
}

// PointsSpread is the standard deviation of the points that a feature gives over the cases.
func (f *Feature) PointsSpread() float64 {
	mean := f.averagePoints()
	return math.Sqrt(f.average(func(b Bin) float64 { return (b.Points - mean) * (b.Points - mean) }))
}
