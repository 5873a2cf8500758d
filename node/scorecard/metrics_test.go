package scorecard

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s: %.6f, want %.6f", what, got, want)
	}
}

// ages is a worked example published on AnalyticBridge ("Scorecard building using WOE/IV"): five age groups of 625 good and
// 470 bad cases, information value 0.4652 (from percentages rounded to one decimal).
var ages = []struct{ goods, bads, woe float64 }{
	{50, 120, -1.1604}, {75, 110, -0.6680}, {125, 90, 0.04348}, {175, 80, 0.49774}, {200, 70, 0.76480},
}

func TestWOEAndIVOfThePublishedExample(t *testing.T) {
	var iv float64
	var goods, bads []float64
	for _, b := range ages {
		near(t, "WOE", WOE(b.goods, b.bads, 625, 470), b.woe, 0.001)
		iv += ivPart(b.goods, b.bads, 625, 470)
		goods, bads = append(goods, b.goods), append(bads, b.bads)
	}
	near(t, "IV", iv, 0.4652, 0.0005)
	// The stability index is the same formula between two distributions.
	near(t, "PSI of goods against bads", PSI(bads, goods), iv, 1e-12)
	if woe := WOE(10, 0, 100, 10); math.IsInf(woe, 0) || woe <= 0 {
		t.Errorf("WOE of a bin without bads is %v", woe)
	}
}

func TestPSI(t *testing.T) {
	near(t, "no change", PSI([]float64{10, 20, 30}, []float64{20, 40, 60}), 0, 1e-15)
	near(t, "half and half to 60:40", PSI([]float64{50, 50}, []float64{60, 40}), 0.1*math.Log(1.2)-0.1*math.Log(0.8), 1e-12)
	if psi := PSI([]float64{50, 50, 0}, []float64{40, 40, 20}); math.IsInf(psi, 0) || psi < 0.25 {
		t.Errorf("a new class gives %v, want a finite figure above 0.25", psi)
	}
}

func TestScaleOfThePublishedExample(t *testing.T) {
	// Siddiqi (2006): 600 points at 50:1 and 20 points to double the odds give factor 28.8539 and offset 487.123.
	s := StandardScale()
	near(t, "factor", s.Factor(), 28.8539, 5e-5)
	near(t, "offset", s.Offset(), 487.123, 5e-4)
	for odds, points := range map[float64]int{50: 600, 100: 620, 25: 580, 1: 487} {
		if got := s.Points(1 / (1 + odds)); got != points {
			t.Errorf("odds %v:1 give %d points, want %d", odds, got, points)
		}
	}
	near(t, "PD at 600", s.PD(600), 1.0/51, 1e-12)
	if s.Points(1e-12) != 850 || s.Points(1-1e-12) != 300 {
		t.Error("the score is not clipped to 300–850")
	}
}

// hanley is the rating of 109 CT images by one reader (Hanley and McNeil 1982), rows 1 to 5 for normal and abnormal.
func hanley() (score, y []float64) {
	for rating, counts := range [][2]int{{33, 3}, {6, 2}, {6, 2}, {11, 11}, {2, 33}} {
		for class, n := range counts {
			for range n {
				score, y = append(score, float64(rating+1)), append(y, float64(class))
			}
		}
	}
	return score, y
}

func TestAUCAndDeLongOfThePublishedExample(t *testing.T) {
	score, y := hanley()
	near(t, "AUC", AUC(score, y), 0.8932, 5e-5)
	auc, se := DeLong(score, y)
	near(t, "DeLong's AUC", auc, 0.8932, 5e-5)
	near(t, "DeLong's standard error", se, 0.0307, 5e-5)
	near(t, "KS", KS(score, y), 45.0/58-7.0/51, 1e-12)
	// Hanley and McNeil's own formula gives 0.032 on the same data; theirs is the planning formula.
	near(t, "half width by the planning formula", aucHalfWidth(0.893, 51, 58), 1.96*0.032, 0.002)
	low, high := BootstrapAUC(score, y, 2000, 1)
	near(t, "bootstrap's lower bound", low, 0.833, 0.015)
	near(t, "bootstrap's upper bound", high, 0.953, 0.015)
	if low, high := BootstrapGain(score, score, y, 200, 1); low != 0 || high != 0 {
		t.Errorf("a score gains %v to %v over itself", low, high)
	}
	turned := make([]float64, len(score))
	for i, v := range score {
		turned[i] = -v
	}
	if low, _ := BootstrapGain(score, turned, y, 200, 1); low < 0.5 {
		t.Errorf("a score gains only %v over its opposite", low)
	}
}

func TestKSOfThePublishedExample(t *testing.T) {
	// Ten cases with scores 0.95 … 0.10: the widest gap, 0.333, is at the third.
	score := []float64{0.95, 0.90, 0.85, 0.80, 0.70, 0.60, 0.40, 0.30, 0.20, 0.10}
	y := []float64{1, 0, 1, 0, 0, 1, 0, 0, 1, 0}
	near(t, "KS", KS(score, y), 1.0/3, 1e-12)
}

func TestBrier(t *testing.T) {
	near(t, "Brier", Brier([]float64{0.9, 0.2, 0.5}, []float64{1, 0, 0}), (0.01+0.04+0.25)/3, 1e-12)
}

func TestMetricsHoldUnderRankPreservingChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(t, "cases")
		score, moved, y := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range score {
			score[i] = float64(rapid.IntRange(-5, 5).Draw(t, "score"))
			moved[i] = math.Exp(score[i])
			y[i] = float64(rapid.IntRange(0, 1).Draw(t, "outcome"))
		}
		y[0], y[1] = 0, 1
		if a, b := AUC(score, y), AUC(moved, y); a != b {
			t.Fatalf("AUC %v and %v", a, b)
		}
		if a, b := KS(score, y), KS(moved, y); a != b {
			t.Fatalf("KS %v and %v", a, b)
		}
		if auc, _ := DeLong(score, y); math.Abs(auc-AUC(score, y)) > 1e-12 {
			t.Fatalf("AUC %v, by placements %v", AUC(score, y), auc)
		}
		if gini := 2*AUC(score, y) - 1; KS(score, y) < math.Abs(gini)/2-1e-12 {
			t.Fatalf("KS %v below half of Gini %v", KS(score, y), gini)
		}
	})
}
