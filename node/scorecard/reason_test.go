package scorecard_test

import (
	"math"
	"testing"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// TestWhatIsNotKnownIsNoReason trains on cases of which those without a figure turn bad most often: missing costs points, and yet a case
// must not be told what the figure would have meant.
func TestWhatIsNotKnownIsNoReason(t *testing.T) {
	s := scorecard.Sample{Columns: []string{"overdue_days"}, Direction: []int{-1}}
	for i := range 1200 {
		value, bad := float64(i%40), 0.0
		if i%3 == 0 {
			value = math.NaN()
		}
		if i%3 == 0 && i%2 == 0 || i%20 == 1 {
			bad = 1
		}
		s.X = append(s.X, []float64{value})
		s.Y = append(s.Y, bad)
	}
	for _, kind := range []scorecard.Kind{scorecard.KindCard, scorecard.KindBoosted} {
		card, err := scorecard.Train(s, scorecard.Options{Kind: kind, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		unknown, known := card.Score([]float64{math.NaN()}), card.Score([]float64{3})
		if unknown.Points >= known.Points {
			t.Fatalf("%s: missing costs no points here (%d against %d): the test shows nothing", kind, unknown.Points, known.Points)
		}
		if len(unknown.Reasons) != 0 {
			t.Errorf("%s: not known, and yet a reason: %+v", kind, unknown.Reasons)
		}
		if len(known.Reasons) == 0 {
			t.Errorf("%s: a known value that raises the score is no reason", kind)
		}
	}
}
