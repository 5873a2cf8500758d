package scorecard

import "math"

// Lines over ranks. A step function of few cases is coarse; a straight line over the normal scores of a column's ranks is
// smooth and cannot run away at the ends. Averaged with grown shapes it steadies them (Growth.Line). Its ridge penalty
// counts as so many cases of no effect (Growth.LinePenalty).

// lines fits the teacher's order (or the outcome) by a ridge regression on normal scores, and returns the shapes as values
// per bin.
func lines(s *Sample, e *coded, start float64, aim target, penalty float64) ([][]float64, error) {
	scores := make([][]float64, len(e.features))
	for f := range scores {
		scores[f] = normalScores(&e.features[f], e.ranges[f])
	}
	k := len(scores)
	gradient := make([]float64, k)
	hessian := make([][]float64, k)
	for a := range hessian {
		hessian[a] = make([]float64, k)
		hessian[a][a] = penalty
	}
	x := make([]float64, k)
	for i := range s.X {
		for f := range x {
			x[f] = scores[f][e.code[f][i]]
		}
		pull, weight := aim(i, start)
		for a := range k {
			gradient[a] += pull * x[a]
			for b := 0; b <= a; b++ {
				hessian[a][b] += weight * x[a] * x[b]
			}
		}
	}
	slopes, err := solve(hessian, gradient)
	if err != nil {
		return nil, err
	}
	for f := range scores {
		for b := range scores[f] {
			scores[f][b] *= slopes[f]
		}
	}
	return scores, nil
}

// normalScores gives each range the normal quantile of its middle rank; bins of their own get 0, the middle.
func normalScores(f *Feature, ranges int) []float64 {
	var total float64
	for b := range ranges {
		total += f.Bins[b].Goods + f.Bins[b].Bads
	}
	out := make([]float64, len(f.Bins))
	var below float64
	for b := range ranges {
		here := f.Bins[b].Goods + f.Bins[b].Bads
		p := (below + here/2 + 0.5) / (total + 1)
		out[b] = math.Sqrt2 * math.Erfinv(2*p-1)
		below += here
	}
	return out
}
