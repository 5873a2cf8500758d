package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/scorecard"
	"github.com/yidaitong/yidaitong/node/scorecard/table"
	"github.com/yidaitong/yidaitong/node/scorecard/trees"
)

func modelVerb() verb {
	return verb{name: "model", summary: "train a scorecard on a file of cases, and score files with it", subverbs: []verb{
		{name: "train", summary: "train a card on a CSV, Parquet or ARFF file", run: runModelTrain},
		{name: "score", summary: "score the rows of a file with a model", run: runModelScore},
		{name: "export", summary: "write a card as PMML or as one SQL statement", run: runModelExport},
		{name: "import", summary: "take over a PMML scorecard or a LightGBM model", run: runModelImport},
	}}
}

// trainFlags are the choices of 'model train'.
type trainFlags struct {
	data, target, id, out, kind, drop, split, cv string
	testShare                                    float64
	seed                                         uint64
	pairs                                        int
}

const trainUsage = `model train --data F --target COL --out M.json [flags]

A column of the file is a number, a date or one of a few words; the target is 1 for a bad case, 0 for a good one.

examples:
  yidaitong model train --data loans.csv --target Default --id LoanNr --drop ChgOffDate,BalanceGross --split Selected=1 --out card.json
  yidaitong model train --data firms.arff.gz --target bankruptcy --kind boosted --cv 5x2 --out card.json`

// trained is what 'model train' prints.
type trained struct {
	Model    string             `json:"model"`
	Version  string             `json:"version"`
	Kind     string             `json:"kind"`
	Train    *scorecard.Metrics `json:"train"`
	Test     *scorecard.Metrics `json:"test,omitempty"`
	CV       *crossValidated    `json:"cv,omitempty"`
	Features []trainedFeature   `json:"features"`
	Pairs    []trainedPair      `json:"pairs,omitempty"`
	Left     int                `json:"left_out"`
	Warnings []string           `json:"warnings,omitempty"`
	Seconds  float64            `json:"seconds"`
}

type crossValidated struct {
	AUCMean float64 `json:"auc_mean"`
	AUCSD   float64 `json:"auc_sd"`
	KSMean  float64 `json:"ks_mean"`
	Folds   int     `json:"folds"`
	Repeats int     `json:"repeats"`
}

type trainedFeature struct {
	Name string  `json:"name"`
	IV   float64 `json:"iv"`
	Bins int     `json:"bins"`
}

// trainedPair is a pair of columns with the standard deviation of the points it gives.
type trainedPair struct {
	Name   string  `json:"name"`
	Points float64 `json:"points_sd"`
}

func runModelTrain(ctx context.Context, c *console, args []string) error {
	var f trainFlags
	flags := newFlags(c, "model train", trainUsage)
	flags.StringVar(&f.data, "data", "", "the file of cases (.csv, .parquet, .arff, each also .gz)")
	flags.StringVar(&f.target, "target", "", "the column that says 1 for bad and 0 for good")
	flags.StringVar(&f.id, "id", "", "the column that identifies a case; it is not learnt from")
	flags.StringVar(&f.out, "out", "", "where the model goes")
	flags.StringVar(&f.kind, "kind", "card", "card (weight of evidence and regression) or boosted (shapes grown in small steps)")
	flags.StringVar(&f.drop, "drop", "", "columns to leave out, by commas")
	flags.StringVar(&f.split, "split", "", "COLUMN=VALUE: train on the rows that hold it, test on the others")
	flags.Float64Var(&f.testShare, "test-share", 0, "the share of the rows to test on, drawn by chance")
	flags.StringVar(&f.cv, "cv", "", "FOLDSxREPEATS: cross-validate on the training rows, as 5x10")
	flags.IntVar(&f.pairs, "pairs", 0, "of a boosted card: how many pairs of columns it may hold")
	flags.Uint64Var(&f.seed, "seed", 1, "the same seed gives the same model")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	if err := f.check(rest); err != nil {
		return err
	}
	result, err := f.train(ctx)
	if err != nil {
		return fmt.Errorf("model train: %w", err)
	}
	return c.result(result, result.print)
}

func (f *trainFlags) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return usagef("model train: %q is left over; every choice has a flag, see -h", rest[0])
	case f.data == "" || f.target == "" || f.out == "":
		return usagef("model train: give --data, --target and --out")
	case f.kind != string(scorecard.KindCard) && f.kind != string(scorecard.KindBoosted):
		return usagef("model train: --kind %s is not one of card, boosted", f.kind)
	case f.split != "" && f.testShare != 0:
		return usagef("model train: --split and --test-share exclude each other")
	case f.split != "" && !strings.Contains(f.split, "="):
		return usagef("model train: --split needs COLUMN=VALUE")
	case f.pairs < 0 || f.pairs > 100 || f.pairs > 0 && f.kind != string(scorecard.KindBoosted):
		return usagef("model train: --pairs is a number up to 100 and needs --kind boosted")
	case f.testShare < 0 || f.testShare >= 1:
		return usagef("model train: --test-share must lie between 0 and 1")
	}
	if _, _, err := f.folds(); err != nil {
		return err
	}
	return nil
}

// folds reads --cv; 0 folds means none.
func (f *trainFlags) folds() (folds, repeats int, err error) {
	if f.cv == "" {
		return 0, 0, nil
	}
	a, b, _ := strings.Cut(f.cv, "x")
	folds, errA := strconv.Atoi(a)
	repeats, errB := strconv.Atoi(b)
	if errA != nil || errB != nil || folds < 2 || folds > 100 || repeats < 1 || repeats > 1000 {
		return 0, 0, usagef("model train: --cv needs FOLDSxREPEATS with at least 2 folds and 1 repeat, as 5x10")
	}
	return folds, repeats, nil
}

func (f *trainFlags) train(ctx context.Context) (*trained, error) {
	started := time.Now()
	t, err := table.Read(ctx, f.data, f.id)
	if err != nil {
		return nil, err
	}
	sample, err := t.Sample(f.target, f.leave())
	if err != nil {
		return nil, err
	}
	inside, outside, err := f.parts(t, sample.Y)
	if err != nil {
		return nil, err
	}
	options := scorecard.Options{ID: strings.TrimSuffix(filepath.Base(f.out), ".json"), Kind: scorecard.Kind(f.kind), Seed: f.seed, Growth: scorecard.Growth{Pairs: f.pairs}}
	part := sample.Rows(inside)
	card, err := scorecard.Train(part, options)
	if err != nil {
		return nil, err
	}
	out := &trained{Model: f.out, Version: card.Version, Kind: f.kind, Train: &card.Metrics, Left: len(card.Left), Warnings: card.Warnings}
	if n := repeated(t.Text); n > 0 {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%d rows repeat an earlier row's %s: a case that stands on both sides of a split makes the figures too good", n, f.id))
	}
	for _, feature := range card.Features {
		out.Features = append(out.Features, trainedFeature{Name: feature.Column, IV: feature.IV, Bins: len(feature.Bins)})
	}
	for i := range card.Pairs {
		out.Pairs = append(out.Pairs, trainedPair{Name: card.Pairs[i].Name(), Points: card.Pairs[i].Spread()})
	}
	if len(outside) > 0 {
		test := sample.Rows(outside)
		m := scorecard.Measure(card.PDs(test.X), test.Y)
		out.Test = &m
		if math.IsNaN(m.AUC) {
			return nil, errors.New("the test rows hold one outcome only; choose another --split or a larger --test-share")
		}
	}
	if folds, repeats, _ := f.folds(); folds > 0 {
		v, err := scorecard.CrossValidate(part, options, repeats, folds)
		if err != nil {
			return nil, err
		}
		out.CV = &crossValidated{AUCMean: v.Mean(), AUCSD: v.SD(), KSMean: v.MeanKS(), Folds: folds, Repeats: repeats}
	}
	if err := writeModel(f.out, card); err != nil {
		return nil, err
	}
	out.Seconds = time.Since(started).Seconds()
	return out, nil
}

// repeated counts the rows whose identifier stood in an earlier row.
func repeated(ids []string) int {
	seen := make(map[string]bool, len(ids))
	n := 0
	for _, id := range ids {
		if seen[id] {
			n++
		}
		seen[id] = true
	}
	return n
}

// leave are the columns that are not learnt from.
func (f *trainFlags) leave() []string {
	var names []string
	for _, name := range strings.Split(f.drop, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	if f.id != "" && !slices.Contains(names, f.id) {
		names = append(names, f.id)
	}
	if column, _, ok := strings.Cut(f.split, "="); ok && !slices.Contains(names, column) {
		names = append(names, column)
	}
	return names
}

// parts divides the rows into those to train and those to test on.
func (f *trainFlags) parts(t *table.Table, y []float64) (inside, outside []int, err error) {
	in := make([]bool, len(y))
	switch {
	case f.split != "":
		column, value, _ := strings.Cut(f.split, "=")
		if in, err = t.Where(column, value); err != nil {
			return nil, nil, err
		}
	case f.testShare > 0:
		held := scorecard.Held(y, f.testShare, rand.New(rand.NewPCG(f.seed, 0x7e57)))
		for i := range in {
			in[i] = !held[i]
		}
	default:
		for i := range in {
			in[i] = true
		}
	}
	for i := range in {
		if in[i] {
			inside = append(inside, i)
		} else {
			outside = append(outside, i)
		}
	}
	return inside, outside, nil
}

func (r *trained) print(w io.Writer) {
	fmt.Fprintf(w, "%s (%s, version %s)\n", r.Model, r.Kind, r.Version)
	fmt.Fprintf(w, "train  AUC %.4f  KS %.3f  Brier %.4f  (%d rows, %d bad)\n", r.Train.AUC, r.Train.KS, r.Train.Brier, r.Train.Rows, r.Train.Bads)
	if r.Test != nil {
		fmt.Fprintf(w, "test   AUC %.4f  KS %.3f  Brier %.4f  (%d rows, %d bad)\n", r.Test.AUC, r.Test.KS, r.Test.Brier, r.Test.Rows, r.Test.Bads)
	}
	if r.CV != nil {
		fmt.Fprintf(w, "cross  AUC %.4f ± %.4f from fold to fold, KS %.3f  (%d folds, %d times)\n", r.CV.AUCMean, r.CV.AUCSD, r.CV.KSMean, r.CV.Folds, r.CV.Repeats)
	}
	for _, f := range r.Features {
		fmt.Fprintf(w, "  %-32s IV %.3f  %d bins\n", f.Name, f.IV, f.Bins)
	}
	for _, p := range r.Pairs {
		fmt.Fprintf(w, "  %-32s ±%.1f points together\n", p.Name, p.Points)
	}
	fmt.Fprintf(w, "%d columns left out; the model file says why\n", r.Left)
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
}

// writeModel writes a card's model file.
func writeModel(path string, card *scorecard.Card) error { return writeBeside(path, card.Write) }

const scoreUsage = `model score --model M.json --data F --out S.csv [--id COL] [--contributions F]

writes id,pd,score,grade,reason_1…reason_4; a reason is +COLUMN where the column raises the score, -COLUMN where it lowers it.

example:
  yidaitong model score --model card.json --data new.csv --id LoanNr --out scores.csv`

// scored is what 'model score' prints.
type scored struct {
	Rows    int            `json:"rows"`
	Grades  map[string]int `json:"grades"`
	Unseen  int            `json:"unseen_words"`
	Out     string         `json:"out"`
	Seconds float64        `json:"seconds"`
}

func runModelScore(ctx context.Context, c *console, args []string) error {
	var model, data, out, id, parts string
	flags := newFlags(c, "model score", scoreUsage)
	flags.StringVar(&model, "model", "", "the model file")
	flags.StringVar(&data, "data", "", "the file of cases (.csv, .parquet, .arff, each also .gz)")
	flags.StringVar(&out, "out", "", "where the scores go, as CSV")
	flags.StringVar(&id, "id", "", "the column that identifies a case; without it the row's number does")
	flags.StringVar(&parts, "contributions", "", "of a model of trees: where each column's Shapley value goes, as CSV")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("model score: %q is left over; every choice has a flag, see -h", rest[0])
	}
	if model == "" || data == "" || out == "" {
		return usagef("model score: give --model, --data and --out")
	}
	result, err := scoreFile(ctx, model, data, out, id, parts)
	if err != nil {
		return fmt.Errorf("model score: %w", err)
	}
	return c.result(result, func(w io.Writer) {
		fmt.Fprintf(w, "%d rows scored into %s in %.1f s\n", result.Rows, result.Out, result.Seconds)
	})
}

func scoreFile(ctx context.Context, model, data, out, id, parts string) (*scored, error) {
	started := time.Now()
	card, err := openModel(model)
	if err != nil {
		return nil, err
	}
	t, err := table.Read(ctx, data, id)
	if err != nil {
		return nil, err
	}
	rows, unseen, err := t.RowsFor(card.Inputs())
	if err != nil {
		return nil, err
	}
	r := &scored{Rows: len(rows), Grades: map[string]int{}, Unseen: unseen, Out: out}
	temp, err := os.CreateTemp(filepath.Dir(out), ".scores-*")
	if err != nil {
		return nil, fmt.Errorf("--out: the folder of %s cannot be written to; create it or choose another", out)
	}
	defer os.Remove(temp.Name())
	if err := errors.Join(writeScores(temp, card, rows, t.Text, r.Grades), temp.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(temp.Name(), out); err != nil {
		return nil, fmt.Errorf("write the scores: %w", err)
	}
	if parts != "" {
		m, ok := card.(*trees.Model)
		if !ok {
			return nil, errors.New("--contributions: a card's contributions are its points; only a model of trees has Shapley values")
		}
		if err := writeBeside(parts, func(w io.Writer) error { return writeShapley(w, m, rows, t.Text) }); err != nil {
			return nil, err
		}
	}
	r.Seconds = time.Since(started).Seconds()
	return r, nil
}

func readModel(path string) (*scorecard.Card, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist; train a model first", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	defer f.Close()
	card, err := scorecard.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return card, nil
}

// writeScores writes one line per row; ids are the row numbers where there are none.
func writeScores(to io.Writer, card anyModel, rows [][]float64, ids []string, grades map[string]int) error {
	buffered := bufio.NewWriter(to)
	w := csv.NewWriter(buffered)
	record := []string{"id", "pd", "score", "grade", "reason_1", "reason_2", "reason_3", "reason_4"}
	if err := w.Write(record); err != nil {
		return fmt.Errorf("write the scores: %w", err)
	}
	for i, row := range rows {
		s := card.Score(row)
		grades[s.Grade]++
		record = append(record[:0], strconv.Itoa(i+1), strconv.FormatFloat(s.PD, 'g', 9, 64), strconv.Itoa(s.Points), s.Grade, "", "", "", "")
		if ids != nil {
			record[0] = ids[i]
		}
		for n, reason := range s.Reasons {
			sign := "-"
			if reason.Raises {
				sign = "+"
			}
			record[4+n] = sign + reason.Column
		}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("write the scores: %w", err)
		}
	}
	w.Flush()
	return errors.Join(w.Error(), buffered.Flush())
}

// writeShapley writes what each column adds to a row's raw score: id, raw, pd, base and the columns; raw is the sum of base and columns.
func writeShapley(to io.Writer, m *trees.Model, rows [][]float64, ids []string) error {
	w := csv.NewWriter(to)
	if err := w.Write(append([]string{"id", "raw", "pd", "base"}, m.Columns...)); err != nil {
		return fmt.Errorf("write the contributions: %w", err)
	}
	digits := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for i, row := range rows {
		phi, base := m.Shapley(row)
		record := []string{strconv.Itoa(i + 1), digits(m.Raw(row)), digits(m.PD(row)), digits(base)}
		if ids != nil {
			record[0] = ids[i]
		}
		for _, v := range phi {
			record = append(record, digits(v))
		}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("write the contributions: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}
