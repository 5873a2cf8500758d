package scorecard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// CrossValidation is what repeated stratified cross-validation measured: every fold's card is trained from nothing on the
// other folds, bins and selection included.
type CrossValidation struct {
	Repeats int `json:"repeats"`
	Folds   int `json:"folds"`
	// AUC and KS hold one figure per fold, repeat after repeat.
	AUC []float64 `json:"auc"`
	KS  []float64 `json:"ks"`
	// Held holds, per repeat, each case's PD from the card that was trained without it.
	Held [][]float64 `json:"-"`
}

// Mean and SD over folds, and over the means of the repeats.
func (v CrossValidation) Mean() float64 { return mean(v.AUC) }

// SD is the standard deviation of the AUC from fold to fold.
func (v CrossValidation) SD() float64 { return deviation(v.AUC) }

// RepeatMeans are the mean AUC of each repeat: how much depends on how the folds fell.
func (v CrossValidation) RepeatMeans() []float64 {
	out := make([]float64, v.Repeats)
	for r := range out {
		out[r] = mean(v.AUC[r*v.Folds : (r+1)*v.Folds])
	}
	return out
}

// CrossValidate deals the cases into folds, repeats times over. Folds run side by side; the result does not depend on it.
func CrossValidate(s Sample, o Options, repeats, folds int) (CrossValidation, error) {
	v := CrossValidation{Repeats: repeats, Folds: folds, AUC: make([]float64, repeats*folds), KS: make([]float64, repeats*folds)}
	if repeats < 1 || folds < 2 {
		return v, fmt.Errorf("cross-validate: %d repeats of %d folds; give at least 1 repeat of 2 folds", repeats, folds)
	}
	if err := s.check(folds); err != nil {
		return v, fmt.Errorf("cross-validate: %w", err)
	}
	type job struct {
		at     int
		fold   []int
		repeat int
	}
	var jobs []job
	for r := range repeats {
		v.Held = append(v.Held, make([]float64, len(s.X)))
		dealt := stratified(s.Y, folds, rand.New(rand.NewPCG(o.Seed, uint64(r)+0xcf01d)))
		for f, fold := range dealt {
			jobs = append(jobs, job{r*folds + f, fold, r})
		}
	}
	if o.MinSampleBads == 0 {
		o.MinSampleBads = 2
	}
	errs := make([]error, len(jobs))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for n := range next {
				j := jobs[n]
				errs[n] = v.fold(&s, o, j.at, j.repeat, j.fold)
			}
		})
	}
	for n := range jobs {
		next <- n
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return v, fmt.Errorf("cross-validate: %w", err)
		}
	}
	return v, nil
}

// fold trains without the fold's cases and measures on them.
func (v *CrossValidation) fold(s *Sample, o Options, at, repeat int, fold []int) error {
	c, err := Train(s.Rows(others(len(s.X), fold)), o)
	if err != nil {
		return err
	}
	held := s.Rows(fold)
	pd := c.PDs(held.X)
	for n, i := range fold {
		v.Held[repeat][i] = pd[n]
	}
	v.AUC[at], v.KS[at] = AUC(pd, held.Y), KS(pd, held.Y)
	return nil
}

func mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// deviation is the standard deviation of a sample (n - 1).
func deviation(v []float64) float64 {
	if len(v) < 2 {
		return 0
	}
	m := mean(v)
	var sum float64
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(v)-1))
}

// MeanKS is the mean KS over folds.
func (v CrossValidation) MeanKS() float64 { return mean(v.KS) }

// Held draws a share of the cases to hold back, with equal shares of goods and bads.
func Held(y []float64, share float64, r *rand.Rand) []bool {
	held := make([]bool, len(y))
	for class := range 2 {
		var members []int
		for i, v := range y {
			if int(v) == class {
				members = append(members, i)
			}
		}
		r.Shuffle(len(members), func(a, b int) { members[a], members[b] = members[b], members[a] })
		for _, i := range members[:int(share*float64(len(members))+0.5)] {
			held[i] = true
		}
	}
	return held
}
