package scorecard

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// Options are the choices of a training run. The zero value of a field means the default written beside it.
type Options struct {
	ID   string // name of the card; "card"
	Kind Kind   // KindCard
	Seed uint64

	FineBins int     // 40
	MaxBins  int     // 8
	MinShare float64 // 0.05 of the cases in each range
	MinCases float64 // 5 cases in each bin
	// BinCharge is how much more information value than chance would give a further bin must bring; 6.
	BinCharge float64
	// Bend is how many times the information value of the better monotone binning a column without a direction must show to
	// be binned with a bend; 1.25.
	Bend float64
	// Specials are values that get a bin of their own, per column.
	Specials map[string][]float64

	// MinWordShare is the share of cases from which a word stands for itself; 0.02. Rarer words stand together.
	MinWordShare float64

	MinIV          float64 // 0.02
	MaxCorrelation float64 // 0.9 between the weights of evidence of two features
	MaxFeatures    int     // 0 means no limit
	L2             float64 // 5
	// MinSampleBads refuses a sample with fewer cases of the rarer outcome; 10.
	MinSampleBads int
	// CalibrationFolds is over how many folds probabilities are calibrated on cases not trained on; 5, -1 for none.
	CalibrationFolds int

	// Growth is for the kinds whose shapes are grown.
	Growth Growth

	Scale  Scale  // StandardScale
	Grades Grades // StandardGrades
}

func (o Options) withDefaults() Options {
	set := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	setInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	if o.ID == "" {
		o.ID = "card"
	}
	if o.Kind == "" {
		o.Kind = KindCard
	}
	setInt(&o.FineBins, 40)
	setInt(&o.MaxBins, 8)
	set(&o.MinShare, 0.05)
	set(&o.MinCases, 5)
	set(&o.BinCharge, 6)
	set(&o.Bend, 1.25)
	set(&o.MinWordShare, 0.02)
	set(&o.MinIV, 0.02)
	set(&o.MaxCorrelation, 0.9)
	set(&o.L2, 5)
	setInt(&o.MinSampleBads, 10)
	setInt(&o.CalibrationFolds, 5)
	o.Growth = o.Growth.withDefaults()
	if o.Scale == (Scale{}) {
		o.Scale = StandardScale()
	}
	if o.Grades.Names == nil {
		o.Grades = StandardGrades()
	}
	return o
}

// ErrKind is returned for a kind of card that cannot be trained.
var ErrKind = errors.New("this kind of card cannot be trained")

// Train makes a card. The same sample, options and seed give the same card to the last bit.
func Train(s Sample, o Options) (*Card, error) {
	o = o.withDefaults()
	c, err := fitted(&s, o)
	if err != nil {
		return nil, fmt.Errorf("train %s: %w", o.ID, err)
	}
	c.describe(&s, o)
	return c, nil
}

// fitted is a card that scores, without what is told about it.
func fitted(s *Sample, o Options) (*Card, error) {
	if err := s.check(o.MinSampleBads); err != nil {
		return nil, err
	}
	grow, err := grower(o.Kind)
	if err != nil {
		return nil, err
	}
	c, err := grow(s, o)
	if err != nil {
		return nil, err
	}
	if err := calibrate(c, s, o, grow); err != nil {
		return nil, err
	}
	c.ID, c.Kind, c.Scale, c.Grades = o.ID, o.Kind, o.Scale, o.Grades
	for at, name := range s.Columns {
		if levels := s.levels(at); levels != nil {
			if c.Levels == nil {
				c.Levels = map[string][]string{}
			}
			c.Levels[name] = levels
		}
	}
	c.setPoints()
	return c, nil
}

// grow is one way to make the uncalibrated card.
type grow func(*Sample, Options) (*Card, error)

func grower(k Kind) (grow, error) {
	switch k {
	case KindCard:
		return growClassic, nil
	case KindBoosted, KindTaught:
		return growShapes, nil
	default:
		return nil, fmt.Errorf("%w: %q; use %q, %q or %q", ErrKind, k, KindCard, KindBoosted, KindTaught)
	}
}

// describe fills in what a reader of the card must know: information values, warnings, metrics, fingerprint, version.
func (c *Card) describe(s *Sample, o Options) {
	c.weigh(s, o)
	_, bads := s.split()
	var weight float64
	for i := range s.X {
		weight += s.weight(i)
	}
	c.Data = Data{Fingerprint: s.Fingerprint(), Rows: len(s.X), Bads: len(bads), Weight: weight, Seed: o.Seed}
	c.Metrics = Measure(c.PDs(s.X), s.Y)
	if len(bads) < 50 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("only %d bad cases: the AUC is known to about ±%.2f", len(bads), aucHalfWidth(c.Metrics.AUC, len(bads), len(s.X)-len(bads))))
	}
	c.Version = c.digest()[:12]
}

// weigh finds each column's information value, on coarse bins because fine bins of few cases show more than there is, and
// warns of columns that know the outcome too well to have been known before it.
func (c *Card) weigh(s *Sample, o Options) {
	var alone, evident []string
	for at, name := range s.Columns {
		values, ranks := s.ordered(at, o)
		if useless(values) != "" {
			continue
		}
		_, iv := binColumn(values, s.Y, s.Weight, o.rules(s.direction(at), ranks != nil, name))
		if f := slices.IndexFunc(c.Features, func(f Feature) bool { return f.Column == name }); f >= 0 {
			c.Features[f].IV = iv
		}
		switch auc := columnAUC(values, s.Y); {
		case auc > 0.95:
			alone = append(alone, fmt.Sprintf("%q (%.3f)", name, auc))
		case iv > 0.5:
			evident = append(evident, fmt.Sprintf("%q (%.2f)", name, iv))
		}
	}
	const check = "; check that they were known before the outcome"
	if len(alone) > 0 {
		c.Warnings = append(c.Warnings, "may give the target away, AUC above 0.95 alone: "+strings.Join(alone, ", ")+check)
	}
	if len(evident) > 0 {
		c.Warnings = append(c.Warnings, "suspect, information value above 0.5: "+strings.Join(evident, ", ")+check)
	}
}

// PDs scores many rows.
func (c *Card) PDs(rows [][]float64) []float64 {
	out := make([]float64, len(rows))
	for i, row := range rows {
		out[i] = c.PD(row)
	}
	return out
}

// growClassic bins every column, selects, and regresses the outcome on the weights of evidence.
func growClassic(s *Sample, o Options) (*Card, error) {
	c := &Card{Columns: s.Columns}
	chosen, evidence := c.choose(s, c.binAll(s, o), o)
	for {
		if len(chosen) == 0 {
			return nil, errors.New("no column tells bads from goods: every one was left out; give other columns or more cases")
		}
		model, err := regress(transposed(evidence), s.Y, s.Weight, o.L2)
		if err != nil {
			return nil, err
		}
		wrong := wrongSign(model)
		if wrong < 0 {
			c.take(chosen, model)
			return c, nil
		}
		c.leave(chosen[wrong].Column, "its weight turns against its own evidence beside the other features")
		chosen = slices.Delete(chosen, wrong, wrong+1)
		evidence = slices.Delete(evidence, wrong, wrong+1)
	}
}

// binAll bins the columns that can be binned, with their information value, in column order.
func (c *Card) binAll(s *Sample, o Options) []Feature {
	var out []Feature
	for at, name := range s.Columns {
		values, ranks := s.ordered(at, o)
		if why := useless(values); why != "" {
			c.leave(name, why)
			continue
		}
		bins, iv := binColumn(values, s.Y, s.Weight, o.rules(s.direction(at), ranks != nil, name))
		if len(bins) < 2 || iv < o.MinIV {
			c.leave(name, fmt.Sprintf("information value %.3f is below %.2f", iv, o.MinIV))
			continue
		}
		out = append(out, Feature{Column: name, Direction: s.direction(at), IV: iv, Ranks: ranks, Bins: bins})
	}
	return out
}

// rules are the limits for the bins of a column. Words are ranked from fewest to most bads, so their bins rise.
func (o Options) rules(direction int, words bool, column string) binRules {
	if words {
		direction = -1
	}
	return binRules{fineBins: o.FineBins, maxBins: o.MaxBins, minShare: o.MinShare, minCases: o.MinCases, charge: o.BinCharge, bend: o.Bend, direction: direction, specials: o.Specials[column]}
}

// useless says why a column holds nothing to learn from, or "".
func useless(values []float64) string {
	first := math.NaN()
	missing := 0
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			missing++
		case math.IsNaN(first):
			first = v
		case v != first:
			return ""
		}
	}
	switch missing {
	case len(values):
		return "every value is missing"
	case 0:
		return "every value is the same"
	default:
		return ""
	}
}

// columnAUC is a column's AUC in its better direction, over the cases where it is known.
func columnAUC(values, y []float64) float64 {
	var known, outcome []float64
	for i, v := range values {
		if !math.IsNaN(v) {
			known = append(known, v)
			outcome = append(outcome, y[i])
		}
	}
	auc := AUC(known, outcome)
	return max(auc, 1-auc)
}

// choose keeps the strongest of any group of features that say the same, with the evidence of each for every case.
func (c *Card) choose(s *Sample, candidates []Feature, o Options) (chosen []Feature, evidence [][]float64) {
	sort.SliceStable(candidates, func(i, j int) bool { return candidates[i].IV > candidates[j].IV })
	for _, f := range candidates {
		woe := f.evidenceOf(s.column(slices.Index(c.Columns, f.Column)))
		if twin := correlated(woe, evidence, o.MaxCorrelation); twin >= 0 {
			c.leave(f.Column, fmt.Sprintf("says the same as %q", chosen[twin].Column))
			continue
		}
		if o.MaxFeatures > 0 && len(chosen) == o.MaxFeatures {
			c.leave(f.Column, fmt.Sprintf("beyond the %d strongest", o.MaxFeatures))
			continue
		}
		chosen = append(chosen, f)
		evidence = append(evidence, woe)
	}
	return chosen, evidence
}

func (c *Card) leave(column, why string) { c.Left = append(c.Left, LeftOut{Column: column, Why: why}) }

// evidenceOf replaces values by the weight of evidence of their bins.
func (f *Feature) evidenceOf(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		if b := f.binIndex(v); b >= 0 {
			out[i] = f.Bins[b].WOE
		}
	}
	return out
}

// correlated is the index of a column whose correlation with v is beyond the limit, or -1.
func correlated(v []float64, columns [][]float64, limit float64) int {
	for i, other := range columns {
		if math.Abs(correlation(v, other)) > limit {
			return i
		}
	}
	return -1
}

func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb float64
	for i := range a {
		sa += a[i]
		sb += b[i]
	}
	ma, mb := sa/n, sb/n
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// transposed turns columns into rows.
func transposed(columns [][]float64) [][]float64 {
	rows := make([][]float64, len(columns[0]))
	for i := range rows {
		rows[i] = make([]float64, len(columns))
		for c := range columns {
			rows[i][c] = columns[c][i]
		}
	}
	return rows
}

// wrongSign finds the feature with the most positive coefficient: more evidence of good must not raise the odds of bad.
func wrongSign(m fit) int {
	worst := -1
	for i, b := range m.coefficients {
		if b >= 0 && (worst < 0 || b > m.coefficients[worst]) {
			worst = i
		}
	}
	return worst
}

// take makes the fitted features the card's.
func (c *Card) take(features []Feature, m fit) {
	c.Intercept = m.intercept
	for f := range features {
		features[f].Weight = m.coefficients[f]
		for b := range features[f].Bins {
			bin := &features[f].Bins[b]
			bin.LogOdds = m.coefficients[f] * bin.WOE
		}
	}
	c.Features = features
}
