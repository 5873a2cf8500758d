package scorecard

import "math/rand/v2"

// Calibration. A card fitted on few cases is too sure of itself: its log-odds are stretched. Each case is therefore
// scored once by a card that was grown without it, and the outcomes are regressed on those log-odds (Platt 1999). As he
// proposes, an outcome counts as if one more case of either kind had been seen: few cases never prove a PD of nothing. The
// line found is folded into the card's own bins, so that the calibrated card is again a sum of points per bin.

// calibrate shrinks the card's log-odds to what cases outside the training say. A sample too small to grow a card without
// one of the folds leaves the card as fitted.
func calibrate(c *Card, s *Sample, o Options, grow grow) error {
	if o.CalibrationFolds < 2 {
		return nil
	}
	held, enough := heldOut(s, o, grow)
	if !enough {
		return nil
	}
	line, err := regress(held, cautious(s.Y), s.Weight, 1e-6)
	if err != nil {
		return err
	}
	slope := line.coefficients[0]
	if slope <= 0 {
		return nil
	}
	c.Intercept = line.intercept + slope*c.Intercept
	for f := range c.Features {
		c.Features[f].Weight *= slope
		for b := range c.Features[f].Bins {
			c.Features[f].Bins[b].LogOdds *= slope
		}
	}
	for p := range c.Pairs {
		for _, row := range c.Pairs[p].Cells {
			for i := range row {
				row[i].LogOdds *= slope
			}
		}
	}
	return nil
}

// heldOut is each case's log-odds from a card grown without it, as rows of one column; false where a fold leaves too little.
func heldOut(s *Sample, o Options, grow grow) ([][]float64, bool) {
	held := make([][]float64, len(s.X))
	for _, fold := range stratified(s.Y, o.CalibrationFolds, rand.New(rand.NewPCG(o.Seed, 0xca11b))) {
		inside := s.Rows(others(len(s.X), fold))
		if inside.check(1) != nil {
			return nil, false
		}
		part, err := grow(&inside, o)
		if err != nil {
			return nil, false
		}
		for _, i := range fold {
			held[i] = []float64{part.LogOdds(s.X[i])}
		}
	}
	return held, true
}

// cautious draws outcomes in from 0 and 1 by what one more case of either kind would change.
func cautious(y []float64) []float64 {
	var bads float64
	for _, v := range y {
		bads += v
	}
	goods := float64(len(y)) - bads
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = v*(bads+1)/(bads+2) + (1-v)/(goods+2)
	}
	return out
}

// stratified deals the cases into folds with equal shares of goods and bads.
func stratified(y []float64, folds int, r *rand.Rand) [][]int {
	var byClass [2][]int
	for i, v := range y {
		byClass[int(v)] = append(byClass[int(v)], i)
	}
	out := make([][]int, folds)
	at := 0
	for class := range byClass {
		r.Shuffle(len(byClass[class]), func(a, b int) {
			byClass[class][a], byClass[class][b] = byClass[class][b], byClass[class][a]
		})
		for _, i := range byClass[class] {
			out[at%folds] = append(out[at%folds], i)
			at++
		}
	}
	return out
}

// others are the indices below n that are not in fold.
func others(n int, fold []int) []int {
	in := make([]bool, n)
	for _, i := range fold {
		in[i] = true
	}
	var out []int
	for i := range n {
		if !in[i] {
			out = append(out, i)
		}
	}
	return out
}
