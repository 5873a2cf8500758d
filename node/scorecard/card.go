package scorecard

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Card is a trained model: per feature a table of bins, each worth so many log-odds of being bad. The sum of a firm's
// bins and the intercept is its log-odds; the rest (points, grade, reasons) is read off it.
//
// A card is never changed once trained; its file carries a checksum and a changed file is refused.
type Card struct {
	ID string `json:"id"`
	// Version is derived from everything else in the card: equal versions score equally.
	Version string `json:"version"`
	Kind    Kind   `json:"kind"`
	// Columns are the columns of the training sample in their order: a row to score has one value for each.
	Columns []string `json:"columns"`
	// Levels lists the words of the columns that hold words; a row has a word's place in this list, or -1 for another word.
	Levels    map[string][]string `json:"levels,omitempty"`
	Intercept float64             `json:"intercept"`
	Features  []Feature           `json:"features"`
	// Pairs are what two columns say together; few or none.
	Pairs   []Pair  `json:"pairs,omitempty"`
	Scale   Scale   `json:"scale"`
	Grades  Grades  `json:"grades"`
	Data    Data    `json:"data"`
	Metrics Metrics `json:"metrics"`
	// Left says which columns did not enter, and why.
	Left []LeftOut `json:"left_out,omitempty"`
	// Warnings are what a reader must know before using the card (a column that may give the target away, few bads).
	Warnings []string `json:"warnings,omitempty"`
}

// Kind is how a card was trained. Every kind scores the same way.
type Kind string

// The ways to train a card.
const (
	// KindCard is the classic one: weight of evidence and logistic regression.
	KindCard Kind = "card"
	// KindBoosted grows the bins' values in small steps, one feature after the other in turn.
	KindBoosted Kind = "boosted"
	// KindTaught fits additive shapes to the order that a teacher gave, and calibrates them on the outcomes.
	KindTaught Kind = "taught"
)

// Feature is one column's part of a card.
type Feature struct {
	Column    string  `json:"column"`
	Direction int     `json:"direction"`
	IV        float64 `json:"iv"`
	// Weight is the coefficient of the weight of evidence; 1 where bins were fitted directly.
	Weight float64 `json:"weight"`
	// Ranks orders a column of words from fewest to most bads; the bins are ranges of ranks.
	Ranks []float64 `json:"ranks,omitempty"`
	Bins  []Bin     `json:"bins"`
	// Other is what a word that no bin names is worth in a card that says so (an imported one); nil means the average.
	Other *Bin `json:"other,omitempty"`
}

// Bin is a range of values [Lower, Upper), the missing values, or one special value.
type Bin struct {
	// Missing marks the bin of missing values.
	Missing bool `json:"missing,omitempty"`
	// Special is the value that this bin holds alone.
	Special *float64 `json:"special,omitempty"`
	// Lower and Upper bound a range; nil means open.
	Lower *float64 `json:"lower,omitempty"`
	Upper *float64 `json:"upper,omitempty"`
	Goods float64  `json:"goods"`
	Bads  float64  `json:"bads"`
	WOE   float64  `json:"woe"`
	// LogOdds is what the bin adds to the log-odds of being bad.
	LogOdds float64 `json:"log_odds"`
	// Points is what the bin adds to the score, before rounding.
	Points float64 `json:"points"`
}

// Data says what a card was trained on.
type Data struct {
	Fingerprint string  `json:"fingerprint"`
	Rows        int     `json:"rows"`
	Bads        int     `json:"bads"`
	Weight      float64 `json:"weight"`
	Seed        uint64  `json:"seed"`
}

// LeftOut is a column that did not enter a card.
type LeftOut struct {
	Column string `json:"column"`
	Why    string `json:"why"`
}

// Score is what a card says about one firm.
type Score struct {
	Points int
	PD     float64
	Grade  string
	// Reasons are at most four: first what lowers the score, by points lost against the best bin, then what raises it.
	Reasons []Reason
}

// Reason names a column that moved a score.
type Reason struct {
	Column string
	// Raises is false where the column costs points.
	Raises bool
	// Points are those lost against the feature's best bin, or gained over its average.
	Points float64
}

// maxReasons is how many reasons a score carries.
const maxReasons = 4

// Score scores one row, whose values stand in the order of Columns.
func (c *Card) Score(row []float64) Score {
	pd := c.PD(row)
	return Score{Points: c.Scale.Points(pd), PD: pd, Grade: c.Grades.Of(pd), Reasons: c.Reasons(row)}
}

// PD is the probability that the case is bad.
func (c *Card) PD(row []float64) float64 { return logistic(c.LogOdds(row)) }

// LogOdds is ln(PD / (1 - PD)).
func (c *Card) LogOdds(row []float64) float64 {
	z := c.Intercept
	for f := range c.Features {
		logOdds, _ := c.Features[f].worth(row[c.position(f)])
		z += logOdds
	}
	if len(c.Pairs) > 0 {
		z += c.pairLogOdds(row)
	}
	return z
}

// position is where feature f's value stands in a row.
func (c *Card) position(f int) int {
	return slices.Index(c.Columns, c.Features[f].Column)
}

// Inputs are what a row to score must hold.
type Inputs struct {
	// Columns stand in the order of a row's values.
	Columns []string
	// Reads says which of the columns the model looks at.
	Reads map[string]bool
	// Levels lists the words of the columns of words.
	Levels map[string][]string
}

// Inputs are what the card reads.
func (c *Card) Inputs() Inputs {
	in := Inputs{Columns: c.Columns, Reads: map[string]bool{}, Levels: c.Levels}
	for i := range c.Features {
		in.Reads[c.Features[i].Column] = true
	}
	for i := range c.Pairs {
		in.Reads[c.Pairs[i].A.Column], in.Reads[c.Pairs[i].B.Column] = true, true
	}
	return in
}

// Row puts named values in the order of Columns; a name that is not given is missing.
func (c *Card) Row(values map[string]float64) []float64 {
	row := make([]float64, len(c.Columns))
	for i, name := range c.Columns {
		v, ok := values[name]
		if !ok {
			v = math.NaN()
		}
		row[i] = v
	}
	return row
}

// Reasons are the first few of EveryReason.
func (c *Card) Reasons(row []float64) []Reason {
	all := c.EveryReason(row)
	return all[:min(len(all), maxReasons)]
}

// EveryReason ranks the features that moved the row's score. A missing value is no reason, whatever it is worth: a reason says something about
// the case, and about what is not known nothing can be said.
func (c *Card) EveryReason(row []float64) []Reason {
	var lowers, raises []Reason
	for f := range c.Features {
		feature := &c.Features[f]
		value := row[c.position(f)]
		if math.IsNaN(value) {
			continue
		}
		_, here := feature.worth(value)
		here += c.pairPoints(feature.Column, row)
		best, average := feature.bestPoints(), feature.averagePoints()
		switch {
		case here < average-0.5:
			lowers = append(lowers, Reason{Column: feature.Column, Points: best - here})
		case here > average+0.5:
			raises = append(raises, Reason{Column: feature.Column, Raises: true, Points: here - average})
		}
	}
	byPoints := func(r []Reason) {
		sort.SliceStable(r, func(i, j int) bool { return r[i].Points > r[j].Points })
	}
	byPoints(lowers)
	byPoints(raises)
	return append(lowers, raises...)
}

// worth is what a value adds to the log-odds and to the points. A value that no bin holds (missing where none was missing in
// training, a word never seen) is worth the average.
func (f *Feature) worth(v float64) (logOdds, points float64) {
	if b := f.binIndex(v); b >= 0 {
		return f.Bins[b].LogOdds, f.Bins[b].Points
	}
	return f.Unknown()
}

func logOddsOf(b *Bin) float64 { return b.LogOdds }

func pointsOf(b *Bin) float64 { return b.Points }

// otherwise is what a value is worth that no bin holds.
func (f *Feature) otherwise(of func(*Bin) float64) float64 {
	if f.Other != nil {
		return of(f.Other)
	}
	return f.average(func(b Bin) float64 { return of(&b) })
}

// binIndex is the number of the bin that holds a value, or -1.
func (f *Feature) binIndex(v float64) int {
	if math.IsNaN(v) {
		return slices.IndexFunc(f.Bins, func(b Bin) bool { return b.Missing })
	}
	if f.Ranks != nil {
		if v < 0 || int(v) >= len(f.Ranks) {
			return -1
		}
		v = f.Ranks[int(v)]
	}
	ranges := -1
	for i := range f.Bins {
		b := &f.Bins[i]
		switch {
		case b.Missing:
		case b.Special != nil:
			if *b.Special == v {
				return i
			}
		case ranges < 0 && (b.Upper == nil || v < *b.Upper):
			ranges = i
		}
	}
	return ranges
}

// Unknown is what a value that no bin holds adds to the log-odds and to the points.
func (f *Feature) Unknown() (logOdds, points float64) {
	return f.otherwise(logOddsOf), f.otherwise(pointsOf)
}

// Best are the points of the feature's best bin.
func (f *Feature) Best() float64 { return f.bestPoints() }

func (f *Feature) bestPoints() float64 {
	best := math.Inf(-1)
	for _, b := range f.Bins {
		best = max(best, b.Points)
	}
	return best
}

func (f *Feature) averagePoints() float64 {
	return f.average(func(b Bin) float64 { return b.Points })
}

func (f *Feature) averageLogOdds() float64 {
	return f.average(func(b Bin) float64 { return b.LogOdds })
}

func (f *Feature) average(of func(Bin) float64) float64 {
	var sum, cases float64
	for _, b := range f.Bins {
		sum += of(b) * (b.Goods + b.Bads)
		cases += b.Goods + b.Bads
	}
	if cases == 0 {
		return 0
	}
	return sum / cases
}

// setPoints derives every bin's points from its log-odds.
func (c *Card) setPoints() {
	for f := range c.Features {
		for b := range c.Features[f].Bins {
			bin := &c.Features[f].Bins[b]
			bin.Points = -c.Scale.Factor() * bin.LogOdds
		}
		if other := c.Features[f].Other; other != nil {
			other.Points = -c.Scale.Factor() * other.LogOdds
		}
	}
	for p := range c.Pairs {
		for _, row := range c.Pairs[p].Cells {
			for i := range row {
				row[i].Points = -c.Scale.Factor() * row[i].LogOdds
			}
		}
	}
}

// Feature returns the named feature, if the card has it.
func (c *Card) Feature(column string) (Feature, bool) {
	for _, f := range c.Features {
		if f.Column == column {
			return f, true
		}
	}
	return Feature{}, false
}

// Label writes a bin's range as a reader would: "[10, 20)".
func (b Bin) Label() string {
	switch {
	case b.Missing:
		return "missing"
	case b.Special != nil:
		return fmt.Sprintf("= %.6g", *b.Special)
	case b.Lower == nil && b.Upper == nil:
		return "any"
	case b.Lower == nil:
		return fmt.Sprintf("< %.6g", *b.Upper)
	case b.Upper == nil:
		return fmt.Sprintf("≥ %.6g", *b.Lower)
	default:
		return fmt.Sprintf("[%.6g, %.6g)", *b.Lower, *b.Upper)
	}
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
