package scorecard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
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
	o = o.withDefaults()
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
	inside := s.Rows(others(len(s.X), fold))
	c, err := fitted(&inside, o)
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

// SDKS is the standard deviation of the KS from fold to fold.
func (v CrossValidation) SDKS() float64 { return deviation(v.KS) }

// Average is each case's held-out PD, averaged over the repeats.
func (v CrossValidation) Average() []float64 {
	out := make([]float64, len(v.Held[0]))
	for _, held := range v.Held {
		for i, pd := range held {
			out[i] += pd / float64(len(v.Held))
		}
	}
	return out
}

// DeLong is the AUC and its standard error (DeLong, DeLong, Clarke-Pearson 1988): the variance of the average placement of
// bads among goods and of goods among bads.
func DeLong(score, y []float64) (auc, standardError float64) {
	var bads, goods []float64
	for i, v := range score {
		if y[i] == 1 {
			bads = append(bads, v)
		} else {
			goods = append(goods, v)
		}
	}
	ofBads, ofGoods := make([]float64, len(bads)), make([]float64, len(goods))
	for i, b := range bads {
		for j, g := range goods {
			above := 0.0
			switch {
			case b > g:
				above = 1
			case b == g:
				above = 0.5
			}
			ofBads[i] += above / float64(len(goods))
			ofGoods[j] += above / float64(len(bads))
		}
	}
	variance := math.Pow(deviation(ofBads), 2)/float64(len(bads)) + math.Pow(deviation(ofGoods), 2)/float64(len(goods))
	return mean(ofBads), math.Sqrt(variance)
}

// BootstrapAUC draws goods and bads with replacement and returns the middle 95 % of the AUCs.
func BootstrapAUC(score, y []float64, runs int, seed uint64) (low, high float64) {
	return bootstrap(y, runs, seed, func(drawn []int, outcome []float64) float64 {
		return AUC(pick(score, drawn), outcome)
	})
}

// BootstrapGain is the middle 95 % of how much higher the AUC of one score is than that of another on the same cases.
func BootstrapGain(score, other, y []float64, runs int, seed uint64) (low, high float64) {
	return bootstrap(y, runs, seed, func(drawn []int, outcome []float64) float64 {
		return AUC(pick(score, drawn), outcome) - AUC(pick(other, drawn), outcome)
	})
}

func bootstrap(y []float64, runs int, seed uint64, measure func(drawn []int, outcome []float64) float64) (low, high float64) {
	r := rand.New(rand.NewPCG(seed, 0xb007))
	s := Sample{Y: y}
	goods, bads := s.split()
	found := make([]float64, runs)
	for n := range found {
		drawn := make([]int, 0, len(y))
		for _, class := range [][]int{goods, bads} {
			for range class {
				drawn = append(drawn, class[r.IntN(len(class))])
			}
		}
		found[n] = measure(drawn, pick(y, drawn))
	}
	slices.Sort(found)
	return found[int(0.025*float64(runs))], found[min(int(0.975*float64(runs)), runs-1)]
}

func pick(values []float64, at []int) []float64 {
	out := make([]float64, len(at))
	for n, i := range at {
		out[n] = values[i]
	}
	return out
}
