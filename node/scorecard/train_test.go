package scorecard

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// twoSignals makes cases whose odds depend on a and b; c is noise and d repeats a.
func twoSignals(n int, seed uint64) Sample {
	r := rand.New(rand.NewPCG(seed, 1))
	s := Sample{Columns: []string{"a", "b", "c", "d"}, Direction: []int{1, -1, 0, 0}}
	for range n {
		a, b := r.NormFloat64(), r.NormFloat64()
		row := []float64{a, b, r.NormFloat64(), 2*a + 1}
		if r.Float64() < 0.1 {
			row[1] = math.NaN()
			b = 1
		}
		y := 0.0
		if r.Float64() < logistic(-2-a+0.8*b) {
			y = 1
		}
		s.X, s.Y = append(s.X, row), append(s.Y, y)
	}
	return s
}

func TestTrainFindsSignalsAndLeavesTheRest(t *testing.T) {
	s := twoSignals(3000, 7)
	c, err := Train(s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range c.Features {
		names = append(names, f.Column)
	}
	if got := strings.Join(names, " "); got != "a b" {
		t.Errorf("features %q, want a b; left out: %+v", got, c.Left)
	}
	fresh := twoSignals(3000, 8)
	m := Measure(c.PDs(fresh.X), fresh.Y)
	if m.AUC < 0.75 {
		t.Errorf("AUC on new cases %.3f, want at least 0.75", m.AUC)
	}
	best := c.Score([]float64{3, -3, 0, 7})
	worst := c.Score([]float64{-3, 3, 0, -5})
	if best.Points <= worst.Points || best.PD >= worst.PD {
		t.Errorf("best %+v, worst %+v", best, worst)
	}
	if len(worst.Reasons) == 0 || worst.Reasons[0].Raises {
		t.Errorf("reasons of the worst case: %+v", worst.Reasons)
	}
}

func TestModelFileRefusesAlteration(t *testing.T) {
	c, err := Train(twoSignals(500, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.LogOdds([]float64{1, 1, 1, 1}), c.LogOdds([]float64{1, 1, 1, 1}); got != want {
		t.Errorf("log-odds after reading %v, before %v", got, want)
	}
	altered := strings.Replace(file.String(), `"intercept": -`, `"intercept": -1`, 1)
	if _, err := Read(strings.NewReader(altered)); err == nil || !strings.Contains(err.Error(), "altered") {
		t.Errorf("an altered file gave %v", err)
	}
}
