package scorecard

import "math"

// Scale turns odds into points: Base points at BaseOdds good to one bad, PDO points more for twice the odds.
type Scale struct {
	Base     float64 `json:"base"`
	BaseOdds float64 `json:"base_odds"`
	PDO      float64 `json:"pdo"`
	Min      int     `json:"min"`
	Max      int     `json:"max"`
}

// StandardScale is the field's usual one (domain.md): 600 points at 50:1, 20 points double the odds, 300 to 850.
func StandardScale() Scale { return Scale{Base: 600, BaseOdds: 50, PDO: 20, Min: 300, Max: 850} }

// Factor is the points per unit of ln(odds).
func (s Scale) Factor() float64 { return s.PDO / math.Ln2 }

// Offset is the points at even odds.
func (s Scale) Offset() float64 { return s.Base - s.Factor()*math.Log(s.BaseOdds) }

// Points is the score of a probability of default, rounded and clipped.
func (s Scale) Points(pd float64) int {
	raw := s.Offset() + s.Factor()*math.Log((1-pd)/pd)
	return int(math.Round(min(max(raw, float64(s.Min)), float64(s.Max))))
}

// PD is the probability of default that a score stands for.
func (s Scale) PD(points float64) float64 {
	return 1 / (1 + math.Exp((points-s.Offset())/s.Factor()))
}

// Grades cuts probabilities of default into letters.
type Grades struct {
	// Below holds the upper limit of PD (exclusive) of every grade but the last, rising.
	Below []float64 `json:"below"`
	// Names has one more than Below, best first.
	Names []string `json:"names"`
}

// StandardGrades are A below 2 %, B below 4 %, C below 8 %, D below 16 %, E the rest: edges that are edges of the
// published PD bands too, so that a grade and a band never contradict each other.
func StandardGrades() Grades {
	return Grades{Below: []float64{0.02, 0.04, 0.08, 0.16}, Names: []string{"A", "B", "C", "D", "E"}}
}

// Of is the grade of a probability of default.
func (g Grades) Of(pd float64) string {
	for i, edge := range g.Below {
		if pd < edge {
			return g.Names[i]
		}
	}
	return g.Names[len(g.Names)-1]
}
