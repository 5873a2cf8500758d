package scorecard

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/border"
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

func TestTrainRefusesWhatNoHonestCardCanBeMadeOf(t *testing.T) {
	good := func() Sample { return twoSignals(300, 3) }
	for name, c := range map[string]struct {
		spoil func(*Sample)
		says  string
	}{
		"one class":       {func(s *Sample) { clear(s.Y) }, "one class"},
		"infinite value":  {func(s *Sample) { s.X[4][1] = math.Inf(1) }, `column "b", row 5: the value is infinite`},
		"too few bads":    {func(s *Sample) { clear(s.Y); s.Y[0], s.Y[1] = 1, 1 }, "only 2 cases of the rarer outcome"},
		"odd target":      {func(s *Sample) { s.Y[2] = 0.5 }, "row 3: the target is neither"},
		"short row":       {func(s *Sample) { s.X[7] = s.X[7][:2] }, "row 8 has 2 values for 4 columns"},
		"missing targets": {func(s *Sample) { s.Y = s.Y[:10] }, "300 rows but 10 targets"},
		"no columns":      {func(s *Sample) { s.Columns = nil }, "no rows or no columns"},
		"only constants": {func(s *Sample) {
			for _, row := range s.X {
				row[0], row[1], row[2], row[3] = 1, math.NaN(), 2, 3
			}
		}, "no column tells bads from goods"},
	} {
		s := good()
		c.spoil(&s)
		if _, err := Train(s, Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Train(good(), Options{Kind: "forest"}); err == nil || !strings.Contains(err.Error(), "cannot be trained") {
		t.Errorf("unknown kind: %v", err)
	}
	if _, err := Train(good(), Options{Kind: KindTaught}); err == nil || !strings.Contains(err.Error(), "teacher") {
		t.Errorf("taught without a teacher: %v", err)
	}
}

func TestUselessAndTellingColumnsAreNamed(t *testing.T) {
	s := twoSignals(600, 5)
	s.Columns = append(s.Columns, "constant", "empty", "outcome")
	s.Direction = nil
	for i := range s.X {
		s.X[i] = append(s.X[i], 7, math.NaN(), s.Y[i]+0.1*s.X[i][0])
	}
	c, err := Train(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]string{}
	for _, l := range c.Left {
		why[l.Column] = l.Why
	}
	if why["constant"] != "every value is the same" || why["empty"] != "every value is missing" {
		t.Errorf("left out: %v", why)
	}
	if len(c.Warnings) == 0 || !strings.Contains(c.Warnings[0], `give the target away, AUC above 0.95 alone: "outcome"`) {
		t.Errorf("warnings: %q", c.Warnings)
	}
}

func TestWordsAreColumnsToo(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	s := Sample{Columns: []string{"trade", "noise"}, Levels: [][]string{{"bakery", "mill", "rare", "shop"}, nil}}
	odds := []float64{-3, 0, 5, -1}
	for i := range 1000 {
		w := []float64{0, 1, 3}[i%3]
		if i == 0 {
			w = 2
		}
		y := 0.0
		if r.Float64() < logistic(odds[int(w)]) {
			y = 1
		}
		s.X, s.Y = append(s.X, []float64{w, r.NormFloat64()}), append(s.Y, y)
	}
	for _, kind := range []Kind{KindCard, KindBoosted} {
		c, err := Train(s, Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		pd := func(w float64) float64 { return c.PD([]float64{w, 0}) }
		if !(pd(0) < pd(3) && pd(3) < pd(1)) {
			t.Errorf("%s: PD of bakery %v, shop %v, mill %v", kind, pd(0), pd(3), pd(1))
		}
		if unseen := pd(-1); unseen <= pd(0) || unseen >= pd(1) {
			t.Errorf("%s: PD of a word never seen %v is not in the middle", kind, unseen)
		}
	}
}

func TestCalibrationTellsTheTruthOutsideTheSample(t *testing.T) {
	s, fresh := twoSignals(1500, 11), twoSignals(20000, 12)
	// A teacher who marks in units of his own: what he taught must be put on the scale of the outcome.
	for _, row := range s.X {
		s.Teacher = append(s.Teacher, 40-10*row[0])
	}
	for _, kind := range []Kind{KindCard, KindBoosted, KindTaught} {
		c, err := Train(s, Options{Kind: kind, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		pd := c.PDs(fresh.X)
		near(t, string(kind)+": mean PD against the share of bads", mean(pd), mean(fresh.Y), 0.025)
		order := ascending(pd)
		if kind == KindTaught {
			// He looked at one signal of the two, so that only the ends are sure.
			near(t, "taught: the safest fifth", mean(pick(pd, order[:4000])), mean(pick(fresh.Y, order[:4000])), 0.06)
			near(t, "taught: the riskiest fifth", mean(pick(pd, order[16000:])), mean(pick(fresh.Y, order[16000:])), 0.08)
			continue
		}
		for d := range 5 {
			part := order[d*4000 : (d+1)*4000]
			var said, was float64
			for _, i := range part {
				said, was = said+pd[i]/4000, was+fresh.Y[i]/4000
			}
			near(t, string(kind)+": a fifth of the cases", said, was, 0.08)
		}
	}
}

func TestGrownShapesFollowTheDeclaredDirection(t *testing.T) {
	s := twoSignals(400, 21)
	s.Teacher = s.Y
	for _, kind := range []Kind{KindBoosted, KindTaught} {
		c, err := Train(s, Options{Kind: kind, Seed: 4, Growth: Growth{Rounds: 200}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range c.Features {
			previous := math.NaN()
			for _, b := range f.Bins {
				if b.Missing {
					continue
				}
				if f.Direction > 0 && b.LogOdds > previous+1e-12 || f.Direction < 0 && b.LogOdds < previous-1e-12 {
					t.Errorf("%s, %s: bin %s goes against the direction %d", kind, f.Column, b.Label(), f.Direction)
				}
				previous = b.LogOdds
			}
		}
	}
}

func TestASumOfPointsIsTheScore(t *testing.T) {
	s := twoSignals(800, 9)
	c, err := Train(s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.X[:50] {
		points := c.Scale.Offset() - c.Scale.Factor()*c.Intercept
		for f, feature := range c.Features {
			_, worth := feature.worth(row[c.position(f)])
			points += worth
		}
		score := c.Score(row)
		if got := int(math.Round(points)); got != score.Points {
			t.Errorf("sum of points %d, score %d", got, score.Points)
		}
		near(t, "PD from the score", c.Scale.PD(points), score.PD, 1e-9)
	}
}

func TestReasonsPutTheLargestLossFirst(t *testing.T) {
	s := twoSignals(3000, 7)
	c, err := Train(s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	reasons := c.Reasons([]float64{3, 3, 0, 7})
	if len(reasons) < 2 || reasons[0].Raises || reasons[0].Column != "b" || !reasons[1].Raises || reasons[1].Column != "a" {
		t.Errorf("reasons %+v, want b lowering and then a raising", reasons)
	}
	feature, _ := c.Feature("b")
	_, here := feature.worth(3)
	near(t, "points lost against the best bin", reasons[0].Points, feature.bestPoints()-here, 1e-12)
}

func TestTheSameSeedGivesTheSameModelBitForBit(t *testing.T) {
	for _, kind := range []Kind{KindCard, KindBoosted} {
		var files [2]bytes.Buffer
		for n := range files {
			c, err := Train(twoSignals(500, 1), Options{Kind: kind, Seed: 9})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Write(&files[n]); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
			t.Errorf("%s: two runs gave two models", kind)
		}
	}
}

func TestCrossValidationLearnsNothingFromNoise(t *testing.T) {
	s := twoSignals(200, 2)
	r := rand.New(rand.NewPCG(8, 8))
	r.Shuffle(len(s.Y), func(a, b int) { s.Y[a], s.Y[b] = s.Y[b], s.Y[a] })
	v, err := CrossValidate(s, Options{Kind: KindBoosted, Growth: Growth{Rounds: 100}, CalibrationFolds: -1}, 4, 5)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AUC on shuffled outcomes", v.Mean(), 0.5, 0.1)
	if len(v.AUC) != 20 || len(v.RepeatMeans()) != 4 {
		t.Errorf("%d folds, %d repeats", len(v.AUC), len(v.RepeatMeans()))
	}
}

func TestPortraitPlacesAFirmAmongTheCitys(t *testing.T) {
	rows := [][]float64{{10, 5}, {20, 4}, {30, 3}, {40, math.NaN()}, {50, 1}}
	p, err := NewPortrait([]Trait{{Column: "sales", Dimension: 2, Direction: 1}, {Column: "arrears", Dimension: 1, Direction: -1}}, rows)
	if err != nil {
		t.Fatal(err)
	}
	best := p.Of([]float64{50, 1})
	if best[1].Value != 90 || best[0].Value != 88 {
		t.Errorf("the best firm: %+v", best)
	}
	if len(best[1].Drivers) != 1 || !best[1].Drivers[0].Raises || best[1].Drivers[0].Column != "sales" {
		t.Errorf("drivers: %+v", best[1].Drivers)
	}
	worst := p.Of([]float64{10, 5})
	if worst[1].Value != 10 || worst[0].Value != 13 || worst[0].Drivers[0].Raises {
		t.Errorf("the worst firm: %+v", worst)
	}
	unknown := p.Of([]float64{math.NaN(), math.NaN()})
	for d, facet := range unknown {
		if facet.Value != 50 || len(facet.Drivers) != 0 {
			t.Errorf("dimension %d of a firm of which nothing is known: %+v", d+1, facet)
		}
	}
	if _, err := NewPortrait([]Trait{{Column: "x", Dimension: 9}}, rows); err == nil {
		t.Error("a ninth dimension was accepted")
	}
}

func TestLimitFallsWithPD(t *testing.T) {
	a := StandardAdvice()
	for _, c := range []struct {
		pd, sales float64
		fen       int64
	}{
		{0, 1_000_000, 200_000_00}, {0.08, 1_000_000, 100_000_00}, {0.16, 1_000_000, 0}, {0.01, 1e9, 5_000_000_00},
		{0.3, 1_000_000, 0}, {0.01, 0, 0}, {0.01, -5, 0}, {0.01, math.NaN(), 0}, {0.08, 1_099_999, 100_000_00},
	} {
		if got := a.LimitFen(c.pd, c.sales); got != c.fen {
			t.Errorf("PD %v, sales %v: %d fen, want %d", c.pd, c.sales, got, c.fen)
		}
	}
}

func TestGradesAndBandsShareTheirEdges(t *testing.T) {
	g := StandardGrades()
	for pd, want := range map[float64]string{0: "A", 0.0199: "A", 0.02: "B", 0.05: "C", 0.1: "D", 0.16: "E", 1: "E"} {
		if got := g.Of(pd); got != want {
			t.Errorf("PD %v: grade %s, want %s", pd, got, want)
		}
	}
	for pd, want := range map[float64]int{0: 1, 0.01: 2, 0.02: 3, 0.04: 4, 0.08: 5, 0.16: 6, 0.9: 6} {
		if got := int(border.PDBand(pd)); got != want {
			t.Errorf("PD %v: band %d, want %d", pd, got, want)
		}
	}
}

func TestReadRefusesWhatIsNoModel(t *testing.T) {
	for text, says := range map[string]string{
		"":                          "not a model file",
		"{}":                        "not a model file",
		`{"checksum":"x","card":1}`: "altered",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAFeatureThatTurnsAgainstItsEvidenceIsLeftOut(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	s := Sample{Columns: []string{"true", "echo"}}
	for range 4000 {
		a := r.NormFloat64()
		echo := a + 0.5*r.NormFloat64()
		y := 0.0
		if r.Float64() < logistic(-1-3*a+1.2*echo) {
			y = 1
		}
		s.X, s.Y = append(s.X, []float64{a, echo}), append(s.Y, y)
	}
	c, err := Train(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Features) != 1 || c.Features[0].Column != "true" || len(c.Left) != 1 || !strings.Contains(c.Left[0].Why, "turns against") {
		t.Errorf("features %d, left out %+v", len(c.Features), c.Left)
	}
}

func TestALineRisesWithItsSignal(t *testing.T) {
	s := twoSignals(600, 31)
	s.Teacher = s.Y
	c, err := Train(s, Options{Kind: KindTaught, Growth: Growth{Line: 1, Rounds: 1, Runs: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if low, high := c.PD([]float64{2, -2, 0, 5}), c.PD([]float64{-2, 2, 0, -3}); low >= high {
		t.Errorf("PD of the safe case %v, of the risky one %v", low, high)
	}
	near(t, "AUC", c.Metrics.AUC, 0.8, 0.07)
}
