package scorecard

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// together is a sample whose outcome depends on two columns only together, and falls with a third.
func together(n int, seed uint64) Sample {
	r := rand.New(rand.NewPCG(seed, 7))
	s := Sample{Columns: []string{"a", "b", "c"}, Direction: []int{0, 0, 1}}
	for range n {
		a, b, c := r.Float64()*10, r.Float64()*10, r.Float64()*10
		z := -1 - 0.2*(c-5)
		if (a > 5) != (b > 5) {
			z += 2.5
		}
		y := 0.0
		if r.Float64() < logistic(z) {
			y = 1
		}
		row := []float64{a, b, c}
		if r.IntN(20) == 0 {
			row[r.IntN(3)] = math.NaN()
		}
		s.X, s.Y = append(s.X, row), append(s.Y, y)
	}
	return s
}

func TestAPairSeesWhatNoColumnSeesAlone(t *testing.T) {
	train, test := together(1500, 1), together(1500, 2)
	growth := Growth{Runs: 2, Pairs: 2}
	with, err := Train(train, Options{Kind: KindBoosted, Seed: 1, CalibrationFolds: -1, Growth: growth})
	if err != nil {
		t.Fatal(err)
	}
	growth.Pairs = 0
	without, err := Train(train, Options{Kind: KindBoosted, Seed: 1, CalibrationFolds: -1, Growth: growth})
	if err != nil {
		t.Fatal(err)
	}
	a, b := AUC(with.PDs(test.X), test.Y), AUC(without.PDs(test.X), test.Y)
	if len(with.Pairs) == 0 || with.Pairs[0].Name() != "a × b" || a < b+0.1 {
		t.Errorf("AUC %.3f with pairs, %.3f without; pairs %d", a, b, len(with.Pairs))
	}
	var file bytes.Buffer
	if err := with.Write(&file); err != nil {
		t.Fatal(err)
	}
	back, err := Read(&file)
	if err != nil || back.PD(test.X[0]) != with.PD(test.X[0]) {
		t.Errorf("the card with pairs came back otherwise: %v", err)
	}
}

func TestPairsKeepTheDeclaredDirection(t *testing.T) {
	s := together(1500, 3)
	// Above 5 of a, more of c now means more bads: against its direction.
	for i, row := range s.X {
		if row[0] > 5 && row[2] > 5 {
			s.Y[i] = 1
		}
	}
	c, err := Train(s, Options{Kind: KindBoosted, Seed: 1, CalibrationFolds: -1, Growth: Growth{Runs: 2, Pairs: 3}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		row := []float64{r.Float64() * 10, r.Float64() * 10, r.Float64() * 10}
		more := []float64{row[0], row[1], row[2] + r.Float64()*3}
		if c.LogOdds(more) > c.LogOdds(row)+1e-12 {
			t.Fatalf("more of c raises the odds of bad at %v: %v to %v", row, c.LogOdds(row), c.LogOdds(more))
		}
	}
}
