package main

import (
	"context"
	"fmt"
	"io"

	"github.com/yidaitong/yidaitong/node/study"
)

func studyVerb() verb {
	return verb{name: "study", summary: "take real data through the node's own code and report how well it scores", subverbs: []verb{
		{name: "invoices", summary: "the real invoices of 425 firms", run: runStudyInvoices},
	}}
}

const studyUsage = `study invoices DIR [--figures OUT] [--seed N]

DIR holds firms_rated.csv, firms_unrated.csv, invoices_{rated,unrated}_{input,output}.csv.gz and rate_churn.csv.

examples:
  yidaitong study invoices ../shared/data/cumcm2020c
  yidaitong study invoices ../shared/data/cumcm2020c --json --figures docs/img`

func runStudyInvoices(ctx context.Context, c *console, args []string) error {
	var figures string
	var seed uint64
	flags := newFlags(c, "study invoices", studyUsage)
	flags.StringVar(&figures, "figures", "", "draw the figures of docs/real-invoices.md into this folder")
	flags.Uint64Var(&seed, "seed", 1, "how the folds fall and the card grows; the same seed gives the same report")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("study invoices: name the one folder that holds the invoices")
	}
	say := func(what string) {
		if c.progress {
			fmt.Fprintf(c.err, "%s …\n", what)
		}
	}
	report, err := study.Invoices(ctx, rest[0], study.Options{Seed: seed, Say: say})
	if err != nil {
		return fmt.Errorf("study invoices: %w", err)
	}
	if figures != "" {
		if err := report.Draw(figures); err != nil {
			return fmt.Errorf("study invoices: %w", err)
		}
	}
	return c.result(report, func(w io.Writer) { printStudy(w, report) })
}

func printStudy(w io.Writer, r *study.Report) {
	i := r.Invoices
	fmt.Fprintf(w, "%d firms, %d invoices received = %d landed + %d quarantined + %d duplicates\n", r.Firms, i.Received, i.Landed, i.Quarantined, i.Duplicates)
	fmt.Fprintf(w, "%d firms with a verdict, %d of them defaulted\n\n", r.Rated, r.Bads)
	fmt.Fprintf(w, "cross-validated over %d folds: AUC %.4f ± %.3f from fold to fold, KS %.3f ± %.3f\n", r.AUC.Folds, r.AUC.Mean, r.AUC.SD, r.KS, r.KSSD)
	fmt.Fprintf(w, "95 %% interval with %d defaults: %.3f to %.3f (DeLong), %.3f to %.3f (bootstrap)\n", r.Bads, r.Interval.DeLong[0], r.Interval.DeLong[1], r.Interval.Bootstrap[0], r.Interval.Bootstrap[1])
	fmt.Fprintf(w, "with the verdicts dealt by chance: AUC %.3f ± %.3f\n", r.Shuffled.Mean, r.Shuffled.SD)
	for _, y := range r.Others {
		fmt.Fprintf(w, "  %-48s %.4f ± %.3f  the card gains %+.3f to %+.3f\n", y.Name, y.Mean, y.SD, y.Gain[0], y.Gain[1])
	}
	fmt.Fprintf(w, "\nthe card (%s, version %s), by the points that each feature moves:\n", r.Model.Kind, r.Model.Version)
	for _, f := range r.Model.Features {
		fmt.Fprintf(w, "  %-30s ±%4.1f points  %s\n", f.Name, f.Spread, f.Title)
	}
	fmt.Fprintf(w, "\nthe %d firms without a verdict:\n", len(r.Scores))
	for _, g := range r.Grades {
		fmt.Fprintf(w, "  %s  %3d firms, a loan advised to %3d, %.1f million yuan in all at %.2f %%\n", g.Grade, g.Firms, g.Lent, float64(g.LimitYuan)/1e6, 100*g.Rate)
	}
	fmt.Fprintf(w, "%.1f s\n", r.Seconds)
}
