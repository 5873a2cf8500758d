package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// Options are the choices of a study; the zero value of a field means the default written beside it.
type Options struct {
	Seed    uint64 // 1
	Repeats int    // 10
	Folds   int    // 5
	Terms   Terms  // StandardTerms
	// Say is told what is being done; nil is silence.
	Say func(string)
}

// Report is what the study found.
type Report struct {
	Firms    int    `json:"firms"`
	Rated    int    `json:"rated"`
	Bads     int    `json:"bads"`
	Invoices Counts `json:"invoices"`
	AUC      Spread `json:"auc"`
	// KS is the mean over folds.
	KS       float64   `json:"ks"`
	KSSD     float64   `json:"ks_sd"`
	Repeats  []float64 `json:"auc_by_repeat"`
	Interval Interval  `json:"auc_interval"`
	// Shuffled is the AUC of the same card where verdicts were dealt to the firms by chance: what leaks shows as more than a half.
	Shuffled Spread `json:"auc_shuffled"`
	// Others are plainer models over the same folds.
	Others  []Yardstick `json:"yardsticks"`
	Model   Model       `json:"card"`
	Scores  []Scored    `json:"scores"`
	Grades  []GradeRow  `json:"grades"`
	Seconds float64     `json:"seconds"`

	// For the figures: the trained card, the fold-wise cross-validation, and the cases it was held on.
	Card     *scorecard.Card           `json:"-"`
	Validity scorecard.CrossValidation `json:"-"`
	Outcomes []float64                 `json:"-"`
	Titles   map[string]string         `json:"-"`
	Ratings  []string                  `json:"-"`
	// ByChance are the AUCs behind Shuffled.
	ByChance []float64 `json:"-"`
}

// Spread is a mean and its standard deviation over folds.
type Spread struct {
	Mean  float64 `json:"mean"`
	SD    float64 `json:"sd"`
	Folds int     `json:"folds"`
}

// Interval bounds, with 95 % confidence, the AUC of held-out scores averaged over the repeats.
type Interval struct {
	AUC           float64    `json:"auc"`
	DeLong        [2]float64 `json:"delong"`
	Bootstrap     [2]float64 `json:"bootstrap"`
	BootstrapRuns int        `json:"bootstrap_runs"`
}

// Yardstick is another model's cross-validated AUC.
type Yardstick struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	// Gain bounds, with 95 % confidence (paired bootstrap), how much higher the card's AUC is on held-out scores.
	Gain [2]float64 `json:"card_gains"`
}

// Model says what the card reads.
type Model struct {
	Kind     string    `json:"kind"`
	Version  string    `json:"version"`
	Features []Feature `json:"features"`
	Warnings []string  `json:"warnings,omitempty"`
}

// Feature is an indicator's part in the card.
type Feature struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	TitleEN string  `json:"title_en"`
	IV      float64 `json:"iv"`
	// Spread is the standard deviation of the points that it gives over the firms.
	Spread float64 `json:"points_sd"`
	Bins   int     `json:"bins"`
}

// Scored is the advice on one firm that the bank has not rated.
type Scored struct {
	Firm  string  `json:"firm"`
	Score int     `json:"score"`
	PD    float64 `json:"pd"`
	Grade string  `json:"grade"`
	// LimitYuan is 0 and Rate null where no loan is advised.
	LimitYuan int64    `json:"limit_yuan"`
	Rate      *float64 `json:"rate"`
	Reasons   []string `json:"reasons"`
}

// GradeRow sums a grade up over the firms without a verdict.
type GradeRow struct {
	Grade     string `json:"grade"`
	Firms     int    `json:"firms"`
	Lent      int    `json:"advised"`
	LimitYuan int64  `json:"limit_yuan"`
	// Rate is the mean of the advised rates.
	Rate float64 `json:"rate_mean"`
}

// ModelOptions are the card's training options: a taught card of ten features at most, each with twelve ranges at most.
func ModelOptions(seed uint64) scorecard.Options {
	return scorecard.Options{
		ID: "invoices", Kind: scorecard.KindTaught, Seed: seed, MaxFeatures: 10,
		Growth: scorecard.Growth{Bins: 12, Rounds: 150, Runs: 4, MinCases: 3, Line: 0.5},
	}
}

// Invoices runs the study over the folder.
func Invoices(ctx context.Context, dir string, o Options) (*Report, error) {
	started := time.Now()
	o = o.withDefaults()
	f, err := gather(ctx, dir, o.Say)
	if err != nil {
		return nil, err
	}
	churn, err := readChurn(filepath.Join(dir, ratesFile))
	if err != nil {
		return nil, err
	}
	r := &Report{Firms: len(f.codes), Invoices: f.load, Titles: map[string]string{}}
	s := f.sample()
	r.Rated, r.Outcomes = len(s.Y), s.Y
	for _, y := range s.Y {
		r.Bads += int(y)
	}
	for _, rating := range f.ratings {
		if rating != "" {
			r.Ratings = append(r.Ratings, rating)
		}
	}
	o.Say("cross-validating")
	if err := r.validate(s, o); err != nil {
		return nil, err
	}
	o.Say("training and scoring")
	if r.Card, err = scorecard.Train(s, ModelOptions(o.Seed)); err != nil {
		return nil, err
	}
	r.describe(f)
	r.score(f, churn, o.Terms)
	r.Seconds = time.Since(started).Seconds()
	return r, nil
}

func (o Options) withDefaults() Options {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Repeats == 0 {
		o.Repeats = 10
	}
	if o.Folds == 0 {
		o.Folds = 5
	}
	if o.Terms == (Terms{}) {
		o.Terms = StandardTerms()
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	return o
}

// uncalibrated leaves out the calibration, which changes no order and so no AUC.
func uncalibrated(o scorecard.Options) scorecard.Options {
	o.CalibrationFolds = -1
	return o
}

const bootstrapRuns = 2000

// validate measures the card and plainer models over the same folds.
func (r *Report) validate(s scorecard.Sample, o Options) error {
	v, err := scorecard.CrossValidate(s, uncalibrated(ModelOptions(o.Seed)), o.Repeats, o.Folds)
	if err != nil {
		return err
	}
	r.Validity = v
	r.AUC = Spread{Mean: v.Mean(), SD: v.SD(), Folds: o.Repeats * o.Folds}
	r.KS, r.KSSD, r.Repeats = v.MeanKS(), v.SDKS(), v.RepeatMeans()
	held := v.Average()
	auc, se := scorecard.DeLong(held, s.Y)
	low, high := scorecard.BootstrapAUC(held, s.Y, bootstrapRuns, o.Seed)
	r.Interval = Interval{AUC: auc, DeLong: [2]float64{auc - 1.96*se, min(auc+1.96*se, 1)}, Bootstrap: [2]float64{low, high}, BootstrapRuns: bootstrapRuns}
	if r.ByChance, err = shuffled(s, o, 10); err != nil {
		return err
	}
	chance := scorecard.CrossValidation{AUC: r.ByChance}
	r.Shuffled = Spread{Mean: chance.Mean(), SD: chance.SD(), Folds: len(r.ByChance)}
	return r.yardsticks(s, o)
}

// shuffled deals the verdicts, outcome and rating together, to the firms by chance and validates the card, several times over.
func shuffled(s scorecard.Sample, o Options, times int) (aucs []float64, err error) {
	for n := range times {
		dealt := s
		dealt.Y, dealt.Teacher = make([]float64, len(s.Y)), make([]float64, len(s.Y))
		for i, from := range rand.New(rand.NewPCG(o.Seed, uint64(n)+0x5f)).Perm(len(s.Y)) {
			dealt.Y[i], dealt.Teacher[i] = s.Y[from], s.Teacher[from]
		}
		v, err := scorecard.CrossValidate(dealt, uncalibrated(ModelOptions(o.Seed)), 1, o.Folds)
		if err != nil {
			return nil, err
		}
		aucs = append(aucs, v.AUC...)
	}
	return aucs, nil
}

func (r *Report) yardsticks(s scorecard.Sample, o Options) error {
	sales := only(s, "sales_total")
	for _, y := range []struct {
		name    string
		sample  scorecard.Sample
		options scorecard.Options
	}{
		{"valid sales over the whole period, alone", sales, scorecard.Options{Kind: scorecard.KindTaught, Growth: scorecard.Growth{Bins: 100, Rounds: 1, Runs: 1, Line: 1}}},
		{"classic card on the outcome", s, scorecard.Options{}},
		{"boosted card on the outcome", s, scorecard.Options{Kind: scorecard.KindBoosted, Growth: scorecard.Growth{Bins: 12, Rounds: 100, Runs: 2, MinCases: 3}}},
		{"taught card without the limit of ten features", s, func() scorecard.Options { m := ModelOptions(o.Seed); m.MaxFeatures = 0; return m }()},
	} {
		y.options.Seed = o.Seed
		v, err := scorecard.CrossValidate(y.sample, uncalibrated(y.options), o.Repeats, o.Folds)
		if err != nil {
			return fmt.Errorf("%s: %w", y.name, err)
		}
		low, high := scorecard.BootstrapGain(r.Validity.Average(), v.Average(), s.Y, bootstrapRuns, o.Seed)
		r.Others = append(r.Others, Yardstick{Name: y.name, Mean: v.Mean(), SD: v.SD(), Gain: [2]float64{low, high}})
	}
	return nil
}

// only keeps one column of a sample.
func only(s scorecard.Sample, column string) scorecard.Sample {
	out := s
	out.Columns, out.Direction, out.X = []string{column}, nil, nil
	for c, name := range s.Columns {
		if name != column {
			continue
		}
		out.Direction = []int{s.Direction[c]}
		for _, row := range s.X {
			out.X = append(out.X, []float64{row[c]})
		}
	}
	return out
}

func (r *Report) describe(f *firms) {
	r.Model = Model{Kind: string(r.Card.Kind), Version: r.Card.Version, Warnings: r.Card.Warnings}
	for _, feature := range r.Card.Features {
		i := f.columns[f.column(feature.Column)]
		r.Titles[i.Name] = i.TitleEN
		r.Model.Features = append(r.Model.Features, Feature{Name: i.Name, Title: i.TitleZH, TitleEN: i.TitleEN, IV: feature.IV, Spread: feature.PointsSpread(), Bins: len(feature.Bins)})
	}
}

// score advises on the firms without a verdict.
func (r *Report) score(f *firms, churn []Churn, t Terms) {
	advice := scorecard.StandardAdvice()
	sales := f.column("sales_12m")
	rows := map[string]*GradeRow{}
	for _, g := range r.Card.Grades.Names {
		rows[g] = &GradeRow{Grade: g}
	}
	for i, code := range f.codes {
		if f.ratings[i] != "" {
			continue
		}
		s := r.Card.Score(f.rows[i])
		one := Scored{Firm: code, Score: s.Points, PD: math.Round(s.PD*1e6) / 1e6, Grade: s.Grade, Reasons: []string{}}
		for _, reason := range s.Reasons {
			sign := "-"
			if reason.Raises {
				sign = "+"
			}
			one.Reasons = append(one.Reasons, sign+reason.Column)
		}
		row := rows[s.Grade]
		row.Firms++
		if rate, err := bestRate(churn, s.Grade, s.PD, t); err == nil {
			if one.LimitYuan = advice.LimitFen(s.PD, f.rows[i][sales]) / 100; one.LimitYuan > 0 {
				one.Rate = &rate
				row.Lent++
				row.LimitYuan += one.LimitYuan
				row.Rate += (rate - row.Rate) / float64(row.Lent)
			}
		}
		r.Scores = append(r.Scores, one)
	}
	for _, g := range r.Card.Grades.Names {
		r.Grades = append(r.Grades, *rows[g])
	}
}
