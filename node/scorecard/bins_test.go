package scorecard

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawCells(t *rapid.T) (cells []cell, goods, bads float64) {
	n := rapid.IntRange(2, 9).Draw(t, "cells")
	for i := range n {
		c := cell{upper: float64(i + 1), goods: float64(rapid.IntRange(0, 30).Draw(t, "goods")), bads: float64(rapid.IntRange(0, 10).Draw(t, "bads"))}
		if i == n-1 {
			c.upper = math.Inf(1)
		}
		cells = append(cells, c)
		goods, bads = goods+c.goods, bads+c.bads
	}
	return cells, goods + 1, bads + 1
}

// Every partition of a few cells can be tried; the dynamic programme must find the best of those that obey the rules.
func TestCoarseClassesAgreesWithTryingAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells, goods, bads := drawCells(t)
		rules := binRules{maxBins: 20, minShare: rapid.SampledFrom([]float64{0, 0.05, 0.2}).Draw(t, "share"), charge: rapid.SampledFrom([]float64{0, 2, 6}).Draw(t, "charge"), direction: rapid.IntRange(-1, 1).Draw(t, "direction")}
		merged, gain := coarseClasses(cells, goods, bads, rules)
		best := math.Inf(-1)
		for mask := range 1 << (len(cells) - 1) {
			if g, ok := worth(cells, mask, goods, bads, rules); ok {
				best = max(best, g)
			}
		}
		if math.IsInf(best, -1) {
			if len(merged) != 1 {
				t.Fatalf("no partition obeys the rules, but %d bins came", len(merged))
			}
			return
		}
		if math.Abs(gain-best) > 1e-9 {
			t.Fatalf("gain %v, trying all finds %v", gain, best)
		}
	})
}

// worth is the gain of the partition whose cuts are the bits of mask.
func worth(cells []cell, mask int, goods, bads float64, rules binRules) (float64, bool) {
	p := newPartition(cells, max(rules.minCases, rules.minShare*(goods+bads)))
	fee := rules.charge * (1/goods + 1/bads)
	var gain float64
	before, start := -1, 0
	for end := 1; end <= len(cells); end++ {
		if end < len(cells) && mask&(1<<(end-1)) == 0 {
			continue
		}
		if !p.allowed(start, end) || before >= 0 && !p.ordered(before, start, end, rules.direction) {
			return 0, false
		}
		gain += p.gain(start, end, goods, bads) - fee
		before, start = start, end
	}
	return gain, true
}

func TestBinsKeepEveryCaseAndTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(60, 300).Draw(t, "cases")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		values, y := make([]float64, n), make([]float64, n)
		for i := range values {
			values[i] = math.Round(r.NormFloat64() * 5)
			if r.Float64() < 0.1 {
				values[i] = math.NaN()
			} else if r.Float64() < 0.1 {
				values[i] = -999
			}
			if r.Float64() < 0.3 {
				y[i] = 1
			}
		}
		y[0], y[1] = 0, 1
		direction := rapid.IntRange(-1, 1).Draw(t, "direction")
		rules := binRules{fineBins: 20, maxBins: 5, minShare: 0.05, minCases: 5, charge: 1, bend: 1.25, direction: direction, specials: []float64{-999}}
		bins, iv := binColumn(values, y, nil, rules)
		if iv < 0 {
			t.Fatalf("information value %v", iv)
		}
		f := Feature{Bins: bins}
		counted := make([]float64, len(bins))
		for i, v := range values {
			b := f.binIndex(v)
			if b < 0 {
				t.Fatalf("value %v has no bin", v)
			}
			counted[b] += 1 - y[i] + 1000*y[i]
		}
		ranges := 0
		previous := math.NaN()
		for b, bin := range bins {
			if counted[b] != bin.Goods+1000*bin.Bads {
				t.Fatalf("bin %s says %v good and %v bad, holds another number", bin.Label(), bin.Goods, bin.Bads)
			}
			if bin.Missing || bin.Special != nil {
				continue
			}
			ranges++
			if only := bin.Lower == nil && bin.Upper == nil; !only && bin.Goods+bin.Bads < max(5, 0.05*float64(n)) {
				t.Fatalf("range %s holds %v of %d cases", bin.Label(), bin.Goods+bin.Bads, n)
			}
			rate := bin.Bads / (bin.Goods + bin.Bads)
			if direction > 0 && rate > previous || direction < 0 && rate < previous {
				t.Fatalf("bad rate %v after %v against the direction", rate, previous)
			}
			previous = rate
		}
		if ranges > 5 {
			t.Fatalf("%d ranges, at most 5 were asked for", ranges)
		}
	})
}

func TestMissingAndSpecialValuesStandAlone(t *testing.T) {
	values := []float64{math.NaN(), -1, 1, 2, 3, math.NaN(), -1, 4, 5, 6}
	y := []float64{1, 1, 0, 0, 0, 1, 0, 1, 0, 1}
	bins, _ := binColumn(values, y, nil, binRules{fineBins: 10, maxBins: 3, minCases: 1, bend: 1, specials: []float64{-1}})
	f := Feature{Bins: bins}
	missing, special := bins[f.binIndex(math.NaN())], bins[f.binIndex(-1)]
	if !missing.Missing || missing.Bads != 2 || missing.Goods != 0 {
		t.Errorf("missing: %+v", missing)
	}
	if special.Special == nil || special.Bads != 1 || special.Goods != 1 {
		t.Errorf("special: %+v", special)
	}
	if slices.ContainsFunc(bins, func(b Bin) bool {
		return !b.Missing && b.Special == nil && b.Lower == nil && b.Upper != nil && *b.Upper <= 1
	}) {
		t.Error("a range holds the special value alone")
	}
}

func TestRegressionOfOneYesNoColumnIsItsLogOddsRatio(t *testing.T) {
	var x [][]float64
	var y []float64
	for _, c := range []struct {
		x, y float64
		n    int
	}{{0, 0, 60}, {0, 1, 20}, {1, 0, 30}, {1, 1, 45}} {
		for range c.n {
			x, y = append(x, []float64{c.x}), append(y, c.y)
		}
	}
	m, err := regress(x, y, nil, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "intercept", m.intercept, math.Log(20.0/60), 1e-6)
	near(t, "slope", m.coefficients[0], math.Log(45.0/30)-math.Log(20.0/60), 1e-6)
	// Weights count like repeated cases.
	w, err := regress([][]float64{{0}, {0}, {1}, {1}}, []float64{0, 1, 0, 1}, []float64{60, 20, 30, 45}, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "weighted slope", w.coefficients[0], m.coefficients[0], 1e-6)
}

func TestRegressionOfSeparatedCasesStaysFinite(t *testing.T) {
	m, err := regress([][]float64{{-1}, {-1}, {1}, {1}}, []float64{0, 0, 1, 1}, nil, 0.1)
	if err != nil || math.IsNaN(m.coefficients[0]) || math.IsInf(m.coefficients[0], 0) {
		t.Errorf("coefficient %v, error %v", m.coefficients, err)
	}
}
