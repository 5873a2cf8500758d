package scorecard

import "math"

// Advice holds the terms on which a limit is advised. All are settings of the operator.
type Advice struct {
	// SalesShare is the part of a year's sales that a firm of the best grade may owe.
	SalesShare float64
	// WorstPD is the probability of default at and above which nothing is advised.
	WorstPD float64
	// CapFen bounds every limit, and StepFen is what it is rounded down to.
	CapFen, StepFen int64
}

// StandardAdvice is a fifth of a year's sales, falling to nothing at a PD of 16 %, at most 5 million yuan.
func StandardAdvice() Advice {
	return Advice{SalesShare: 0.20, WorstPD: 0.16, CapFen: 5_000_000_00, StepFen: 10_000_00}
}

// LimitFen advises a credit limit from the probability of default and twelve months' sales in yuan. The share of sales
// falls linearly with PD; nothing is advised where sales are unknown.
func (a Advice) LimitFen(pd, salesYuan float64) int64 {
	if math.IsNaN(pd) || math.IsNaN(salesYuan) || pd >= a.WorstPD || salesYuan <= 0 {
		return 0
	}
	share := a.SalesShare * (1 - pd/a.WorstPD)
	raw := math.Min(share*salesYuan*100, float64(a.CapFen))
	return int64(raw) / a.StepFen * a.StepFen
}
