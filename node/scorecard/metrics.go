package scorecard

import (
	"math"
	"sort"
)

// Metrics says how well predictions tell bads from goods.
type Metrics struct {
	AUC   float64 `json:"auc"`
	KS    float64 `json:"ks"`
	Gini  float64 `json:"gini"`
	Brier float64 `json:"brier"`
	Rows  int     `json:"rows"`
	Bads  int     `json:"bads"`
}

// Measure computes the metrics of predicted probabilities of default against outcomes (1 bad, 0 good).
func Measure(pd, y []float64) Metrics {
	m := Metrics{AUC: AUC(pd, y), KS: KS(pd, y), Brier: Brier(pd, y), Rows: len(y)}
	m.Gini = 2*m.AUC - 1
	for _, v := range y {
		m.Bads += int(v)
	}
	return m
}

// AUC is the chance that a bad case ranks above a good one, ties counting half. NaN with one class.
func AUC(score, y []float64) float64 {
	order := ascending(score)
	var bads, goods, rankSum float64
	for start := 0; start < len(order); {
		end := start
		var tiedBads float64
		for end < len(order) && score[order[end]] == score[order[start]] {
			tiedBads += y[order[end]]
			end++
		}
		averageRank := float64(start+1+end) / 2
		rankSum += averageRank * tiedBads
		bads += tiedBads
		goods += float64(end-start) - tiedBads
		start = end
	}
	if bads == 0 || goods == 0 {
		return math.NaN()
	}
	return (rankSum - bads*(bads+1)/2) / (bads * goods)
}

// KS is the largest distance between the score distributions of bads and goods. NaN with one class.
func KS(score, y []float64) float64 {
	order := ascending(score)
	var bads float64
	for _, v := range y {
		bads += v
	}
	goods := float64(len(y)) - bads
	if bads == 0 || goods == 0 {
		return math.NaN()
	}
	var seenBads, seenGoods, widest float64
	for i, at := range order {
		seenBads += y[at]
		seenGoods += 1 - y[at]
		if i+1 < len(order) && score[order[i+1]] == score[at] {
			continue
		}
		widest = max(widest, math.Abs(seenBads/bads-seenGoods/goods))
	}
	return widest
}

// Brier is the mean squared distance of probabilities from outcomes.
func Brier(pd, y []float64) float64 {
	var sum float64
	for i := range pd {
		sum += (pd[i] - y[i]) * (pd[i] - y[i])
	}
	return sum / float64(len(pd))
}

// PSI is the population stability index of two distributions over the same classes, given as counts or shares. An empty
// class counts as half a case of a thousand, so that one new class does not make the index infinite.
func PSI(expected, actual []float64) float64 {
	var sumExpected, sumActual float64
	for i := range expected {
		sumExpected += expected[i]
		sumActual += actual[i]
	}
	const least = 0.0005
	var psi float64
	for i := range expected {
		e := max(expected[i]/sumExpected, least)
		a := max(actual[i]/sumActual, least)
		psi += (a - e) * math.Log(a/e)
	}
	return psi
}

// WOE is a bin's weight of evidence: ln(share of goods / share of bads). A bin without goods or without bads is counted
// as if half a case were there, so that the figure stays finite.
func WOE(goods, bads, allGoods, allBads float64) float64 {
	if goods == 0 || bads == 0 {
		goods, bads = goods+0.5, bads+0.5
	}
	return math.Log((goods / allGoods) / (bads / allBads))
}

// ivPart is a bin's part of the information value.
func ivPart(goods, bads, allGoods, allBads float64) float64 {
	return (goods/allGoods - bads/allBads) * WOE(goods, bads, allGoods, allBads)
}

// aucHalfWidth is the half width of the 95 % interval of an AUC (Hanley and McNeil 1982).
func aucHalfWidth(auc float64, bads, goods int) float64 {
	q1, q2 := auc/(2-auc), 2*auc*auc/(1+auc)
	b, g := float64(bads), float64(goods)
	variance := (auc*(1-auc) + (b-1)*(q1-auc*auc) + (g-1)*(q2-auc*auc)) / (b * g)
	return 1.96 * math.Sqrt(variance)
}

func ascending(v []float64) []int {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return v[order[a]] < v[order[b]] })
	return order
}
