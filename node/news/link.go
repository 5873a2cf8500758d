package news

import "math"

// linkWeights are the weights of a logistic regression over a candidate's features.
type linkWeights [featuresNumber]float64

// sum is the logarithm of the odds that the candidate is meant.
func (w linkWeights) sum(f features) float64 {
	sum := 0.0
	for i, v := range f {
		sum += w[i] * v
	}
	return sum
}

func (w linkWeights) probability(f features) float64 { return 1 / (1 + math.Exp(-w.sum(f))) }

// priorWeights serve while a city has no labelled texts: a clear form counts by itself, a short one needs something beside it.
func priorWeights() linkWeights {
	var w linkWeights
	for form, weight := range []float64{5.5, 4.5, 4.5, 4, 2.5, 0, -3} {
		w[featureForm+form] = weight
	}
	w[featureBias] = -0.5
	w[featureNamesakes] = -1.2
	w[featureItsPlace], w[featurePlaceHere], w[featureElsewhere] = 1, 2, -9
	w[featureRunsOn], w[featureRunsInto] = -4, -3
	w[featureHead], w[featureAnchored], w[featureRival] = 2.5, 4.5, -3
	w[featureIndividual], w[featureFormer], w[featureQuoted] = -0.7, -0.3, 0.5
	return w
}

// example is a candidate whose truth is known.
type example struct {
	features features
	meant    bool
}

// fit learns the weights from examples by gradient descent on the logistic loss with an L2 penalty towards the prior, so that what the examples
// do not show stays as it was.
func fit(examples []example) linkWeights {
	prior := priorWeights()
	w := prior
	if len(examples) == 0 {
		return w
	}
	// Most features are yes or no, so that few vectors are distinct.
	type tally struct{ all, meant float64 }
	tallies := map[features]*tally{}
	var distinct []features
	for _, e := range examples {
		t := tallies[e.features]
		if t == nil {
			t = &tally{}
			tallies[e.features] = t
			distinct = append(distinct, e.features)
		}
		t.all++
		t.meant += truth(e.meant)
	}
	const rounds, rate, penalty = 400, 2.0, 0.002
	for range rounds {
		var gradient linkWeights
		for _, f := range distinct {
			t := tallies[f]
			miss := t.all*w.probability(f) - t.meant
			for i, v := range f {
				gradient[i] += miss * v
			}
		}
		for i := range w {
			w[i] -= rate * (gradient[i]/float64(len(examples)) + penalty*(w[i]-prior[i]))
		}
	}
	return w
}
