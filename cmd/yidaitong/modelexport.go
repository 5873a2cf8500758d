package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/yidaitong/yidaitong/node/scorecard"
	"github.com/yidaitong/yidaitong/node/scorecard/pmml"
	"github.com/yidaitong/yidaitong/node/scorecard/trees"
)

const exportUsage = `model export --model M.json --format pmml|sql --out F [--dialect duckdb|postgresql|spark] [--table T] [--keep A,B]

pmml is a Scorecard of PMML 4.4; sql is one SELECT over table T that gives log_odds, pd, score, grade and up to four reasons for each row.

examples:
  yidaitong model export --model card.json --format pmml --out card.pmml
  yidaitong model export --model card.json --format sql --dialect postgresql --table loans --keep id --out card.sql`

func runModelExport(_ context.Context, c *console, args []string) error {
	var model, format, out, dialect, tableName, keep string
	flags := newFlags(c, "model export", exportUsage)
	flags.StringVar(&model, "model", "", "the model file")
	flags.StringVar(&format, "format", "", "pmml or sql")
	flags.StringVar(&out, "out", "", "where the export goes")
	flags.StringVar(&dialect, "dialect", "duckdb", "of sql: duckdb, postgresql or spark")
	flags.StringVar(&tableName, "table", "cases", "of sql: the table that is scored")
	flags.StringVar(&keep, "keep", "", "of sql: columns of the table that stand in the result, by commas")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	d := scorecard.Dialect(dialect)
	switch {
	case len(rest) > 0:
		return usagef("model export: %q is left over; every choice has a flag, see -h", rest[0])
	case model == "" || out == "":
		return usagef("model export: give --model, --format and --out")
	case format != "pmml" && format != "sql":
		return usagef("model export: --format %q is not one of pmml, sql", format)
	case d != scorecard.DuckDB && d != scorecard.PostgreSQL && d != scorecard.Spark:
		return usagef("model export: --dialect %s is not one of duckdb, postgresql, spark", dialect)
	}
	card, err := readModel(model)
	if err != nil {
		return fmt.Errorf("model export: %w", err)
	}
	err = writeBeside(out, func(w io.Writer) error {
		if format == "pmml" {
			return pmml.Write(w, card)
		}
		_, err := fmt.Fprintf(w, "-- card %s, version %s: one row per row of %s\n%s;\n", strings.ReplaceAll(card.ID, "\n", " "), card.Version, tableName,
			card.SQL(d, d.Name(tableName), split(keep)))
		return err
	})
	if err != nil {
		return fmt.Errorf("model export: %w", err)
	}
	result := map[string]any{"model": card.ID, "version": card.Version, "format": format, "out": out, "features": len(card.Features), "pairs": len(card.Pairs)}
	return c.result(result, func(w io.Writer) {
		fmt.Fprintf(w, "%s (version %s) written to %s as %s\n", card.ID, card.Version, out, format)
	})
}

// split cuts a list by commas.
func split(list string) []string {
	var out []string
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// writeBeside writes a file beside its place and moves it there.
func writeBeside(path string, write func(io.Writer) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".model-*")
	if err != nil {
		return fmt.Errorf("--out: the folder of %s cannot be written to; create it or choose another", path)
	}
	defer os.Remove(temp.Name())
	if err := errors.Join(write(temp), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("--out: %s cannot be written; check that it is no folder", path)
	}
	return nil
}

const importUsage = `model import --pmml F | --lightgbm F --out M.json [--scale BASE,ODDS,PDO]

--pmml reads a Scorecard; --scale says what its points mean (600,50,20: 600 points at 50 goods to 1 bad, 20 points more for twice the odds).
--lightgbm reads the text file that LightGBM's save_model writes, of a binary objective.

examples:
  yidaitong model import --pmml bank.pmml --scale 600,50,20 --out bank.json
  yidaitong model import --lightgbm model.txt --out challenger.json`

// imported is what 'model import' prints.
type imported struct {
	Model    string   `json:"model"`
	Version  string   `json:"version"`
	Kind     string   `json:"kind"`
	Columns  []string `json:"columns"`
	Features int      `json:"features,omitempty"`
	Trees    int      `json:"trees,omitempty"`
	// Monotone says per constrained column what the trees do: kept, or broken.
	Monotone []trees.Constraint `json:"monotone,omitempty"`
	Warnings []string           `json:"warnings,omitempty"`
}

func runModelImport(_ context.Context, c *console, args []string) error {
	var pmmlFile, lightgbm, out, scaleText string
	flags := newFlags(c, "model import", importUsage)
	flags.StringVar(&pmmlFile, "pmml", "", "a PMML file with a Scorecard")
	flags.StringVar(&lightgbm, "lightgbm", "", "a model text file of LightGBM")
	flags.StringVar(&out, "out", "", "where the model goes")
	flags.StringVar(&scaleText, "scale", "600,50,20", "points, odds of good to bad at those points, points to double the odds")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	scale, ok := scaleOf(scaleText)
	switch {
	case len(rest) > 0:
		return usagef("model import: %q is left over; every choice has a flag, see -h", rest[0])
	case (pmmlFile == "") == (lightgbm == "") || out == "":
		return usagef("model import: give --out and either --pmml or --lightgbm")
	case !ok:
		return usagef("model import: --scale needs BASE,ODDS,PDO with ODDS and PDO above zero, as 600,50,20")
	}
	var result *imported
	if pmmlFile != "" {
		result, err = importPMML(pmmlFile, out, scale)
	} else {
		result, err = importTrees(lightgbm, out, scale)
	}
	if err != nil {
		return fmt.Errorf("model import: %w", err)
	}
	return c.result(result, result.print)
}

func (r *imported) print(w io.Writer) {
	fmt.Fprintf(w, "%s (%s, version %s): %d columns\n", r.Model, r.Kind, r.Version, len(r.Columns))
	for _, m := range r.Monotone {
		fmt.Fprintf(w, "  %s: %s\n", m.Column, m)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
}

func scaleOf(text string) (scorecard.Scale, bool) {
	scale := scorecard.StandardScale()
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return scale, false
	}
	for i, to := range []*float64{&scale.Base, &scale.BaseOdds, &scale.PDO} {
		v, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		if err != nil {
			return scale, false
		}
		*to = v
	}
	return scale, scale.BaseOdds > 0 && scale.PDO > 0
}

// maxImport bounds what is read of an outsider's model, in bytes.
const maxImport = 1 << 30

func readImport(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s does not exist; give the path of the file to import", path)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	if err := read(io.LimitReader(f, maxImport)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func importPMML(path, out string, scale scorecard.Scale) (*imported, error) {
	var card *scorecard.Card
	err := readImport(path, func(r io.Reader) (err error) {
		card, err = pmml.Read(r, scale)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := writeModel(out, card); err != nil {
		return nil, err
	}
	return &imported{Model: out, Version: card.Version, Kind: string(card.Kind), Columns: card.Columns, Features: len(card.Features), Warnings: card.Warnings}, nil
}

func importTrees(path, out string, scale scorecard.Scale) (*imported, error) {
	var m *trees.Model
	err := readImport(path, func(r io.Reader) (err error) {
		m, err = trees.ReadLightGBM(r, strings.TrimSuffix(filepath.Base(out), ".json"), scale)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := writeBeside(out, m.Write); err != nil {
		return nil, err
	}
	return &imported{Model: out, Version: m.Version, Kind: "trees", Columns: m.Columns, Trees: len(m.Trees), Monotone: m.Constraints()}, nil
}

// anyModel is a model of any kind as the commands use it.
type anyModel interface {
	Inputs() scorecard.Inputs
	Score(row []float64) scorecard.Score
	PD(row []float64) float64
}

// openModel reads a model file of any kind.
func openModel(path string) (anyModel, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist; train a model first", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	defer f.Close()
	var kind struct {
		Trees json.RawMessage `json:"trees"`
	}
	if err := json.NewDecoder(f).Decode(&kind); err != nil || kind.Trees == nil {
		return readModel(path)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	m, err := trees.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
