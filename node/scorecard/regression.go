package scorecard

import (
	"errors"
	"math"
)

// fit is a logistic regression: ln(odds of bad) = intercept + Σ coefficient·x.
type fit struct {
	intercept    float64
	coefficients []float64
}

// regress fits y on the rows of x by Newton's method, with half the squared coefficients times l2 added to the loss (the
// intercept is free). It converges for any l2 > 0.
func regress(x [][]float64, y, weight []float64, l2 float64) (fit, error) {
	k := len(x[0]) + 1
	beta := make([]float64, k)
	loss := penalised(x, y, weight, beta, l2)
	for range 60 {
		gradient, hessian := derivatives(x, y, weight, beta, l2)
		step, err := solve(hessian, gradient)
		if err != nil {
			return fit{}, err
		}
		next, nextLoss := beta, loss
		for scale := 1.0; scale > 1e-6; scale /= 2 {
			next = make([]float64, k)
			for i := range beta {
				next[i] = beta[i] - scale*step[i]
			}
			if nextLoss = penalised(x, y, weight, next, l2); nextLoss <= loss {
				break
			}
		}
		done := math.Abs(loss-nextLoss) <= 1e-10*(1+math.Abs(loss))
		beta, loss = next, nextLoss
		if done {
			break
		}
	}
	return fit{intercept: beta[0], coefficients: beta[1:]}, nil
}

func linear(beta, row []float64) float64 {
	z := beta[0]
	for i, v := range row {
		z += beta[i+1] * v
	}
	return z
}

func weightOf(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// penalised is the negative log-likelihood with the penalty.
func penalised(x [][]float64, y, weight, beta []float64, l2 float64) float64 {
	var loss float64
	for i, row := range x {
		z := linear(beta, row)
		loss += weightOf(weight, i) * (softplus(z) - y[i]*z)
	}
	for _, b := range beta[1:] {
		loss += l2 / 2 * b * b
	}
	return loss
}

// softplus is ln(1 + e^z) without overflow.
func softplus(z float64) float64 {
	if z > 0 {
		return z + math.Log1p(math.Exp(-z))
	}
	return math.Log1p(math.Exp(z))
}

func derivatives(x [][]float64, y, weight, beta []float64, l2 float64) (gradient []float64, hessian [][]float64) {
	k := len(beta)
	gradient = make([]float64, k)
	hessian = make([][]float64, k)
	for i := range hessian {
		hessian[i] = make([]float64, k)
	}
	full := make([]float64, k)
	full[0] = 1
	for i, row := range x {
		copy(full[1:], row)
		w := weightOf(weight, i)
		p := logistic(linear(beta, row))
		residual, curvature := w*(p-y[i]), w*p*(1-p)
		for a := range k {
			gradient[a] += residual * full[a]
			for b := 0; b <= a; b++ {
				hessian[a][b] += curvature * full[a] * full[b]
			}
		}
	}
	for a := 1; a < k; a++ {
		gradient[a] += l2 * beta[a]
		hessian[a][a] += l2
	}
	for a := range k {
		hessian[a][a] += 1e-9
	}
	return gradient, hessian
}

var errSingular = errors.New("the columns determine each other: the regression has no unique answer; drop one of them")

// solve solves h·x = g for symmetric positive definite h (lower triangle given) by Cholesky's decomposition, in place.
func solve(h [][]float64, g []float64) ([]float64, error) {
	k := len(g)
	for j := range k {
		for m := range j {
			h[j][j] -= h[j][m] * h[j][m]
		}
		if h[j][j] <= 0 || math.IsNaN(h[j][j]) {
			return nil, errSingular
		}
		h[j][j] = math.Sqrt(h[j][j])
		for i := j + 1; i < k; i++ {
			for m := range j {
				h[i][j] -= h[i][m] * h[j][m]
			}
			h[i][j] /= h[j][j]
		}
	}
	x := make([]float64, k)
	for i := range k {
		x[i] = g[i]
		for m := range i {
			x[i] -= h[i][m] * x[m]
		}
		x[i] /= h[i][i]
	}
	for i := k - 1; i >= 0; i-- {
		for m := i + 1; m < k; m++ {
			x[i] -= h[m][i] * x[m]
		}
		x[i] /= h[i][i]
	}
	return x, nil
}
