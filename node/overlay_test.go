package node

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// trainedJudge is a card that has learned from sales and a little from tax arrears, and has never seen a dishonest debtor.
func trainedJudge(t *testing.T) judge {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	s := scorecard.Sample{Columns: []string{"sales_12m", "tax_arrears_open", "dishonest_active"}, Direction: []int{1, -1, -1}}
	for range 2000 {
		sales, arrears := r.Float64(), float64(r.IntN(10)/9)
		odds := -2 - 3*(sales-0.5) + 0.3*arrears
		bad := 0.0
		if r.Float64() < 1/(1+math.Exp(-odds)) {
			bad = 1
		}
		s.X = append(s.X, []float64{sales, arrears, 0})
		s.Y = append(s.Y, bad)
	}
	card, err := scorecard.Train(s, scorecard.Options{ID: "card-341500", Kind: scorecard.KindBoosted, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return newJudge(card)
}

func TestOverlayTakesWhatTheCardCannotKnow(t *testing.T) {
	j := trainedJudge(t)
	clean := j.score(map[string]float64{"sales_12m": 0.9, "tax_arrears_open": 0, "dishonest_active": 0})
	listed := j.score(map[string]float64{"sales_12m": 0.9, "tax_arrears_open": 0, "dishonest_active": 1})
	if fall := clean.Points - listed.Points; fall < 79 || fall > 81 {
		t.Errorf("a listed debtor loses %d points, not 80", fall)
	}
	if len(listed.Reasons) == 0 || listed.Reasons[0].Column != "dishonest_active" || listed.Reasons[0].Raises {
		t.Errorf("the first reason is %+v", listed.Reasons)
	}
	if listed.PD <= clean.PD || listed.Grade <= clean.Grade {
		t.Errorf("PD %.3f grade %s, before %.3f grade %s", listed.PD, listed.Grade, clean.PD, clean.Grade)
	}
}

// TestOverlayTopsUp checks that card and overlay together take the overlay's points, not the sum of both.
func TestOverlayTopsUp(t *testing.T) {
	j := trainedJudge(t)
	figures := map[string]float64{"sales_12m": 0.5, "tax_arrears_open": 0, "dishonest_active": 0}
	before := j.score(figures)
	figures["tax_arrears_open"] = 1
	after := j.score(figures)
	own := j.taken(j.card.Row(figures), "tax_arrears_open")
	want := math.Max(15, own)
	if fall := float64(before.Points - after.Points); math.Abs(fall-want) > 1.01 {
		t.Errorf("arrears cost %.0f points, not %.1f (the card itself takes %.1f)", fall, want, own)
	}
	figures["tax_arrears_open"] = math.NaN()
	if unknown := j.score(figures); unknown.PD != j.card.PD(j.card.Row(figures)) {
		t.Error("a missing figure moved the overlay")
	}
}

func TestReasonsAreRanked(t *testing.T) {
	got := ranked([]scorecard.Reason{
		{Column: "a", Raises: true, Points: 50}, {Column: "b", Points: 5}, {Column: "c", Points: 30}, {Column: "d", Raises: true, Points: 60}, {Column: "e", Points: 1},
	})
	want := []string{"c", "b", "e", "d"}
	for i, column := range want {
		if len(got) != len(want) || got[i].Column != column {
			t.Fatalf("%+v", got)
		}
	}
}
