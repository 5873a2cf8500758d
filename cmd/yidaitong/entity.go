package main

import (
	"context"
	"fmt"
	"io"

	"github.com/yidaitong/yidaitong/node/entity"
)

func entityVerb() verb {
	return verb{name: "entity", summary: "say which firm a record is about", subverbs: []verb{
		{name: "match", summary: "link the records of one file to the firms of another", run: runEntityMatch},
	}}
}

const entityMatchUsage = `entity match --reference R.csv --records X.csv --out Y.csv [--json]

Links every record of X to the firm of R that it is about, or to none, and writes record_id, firm_id, confidence and rule to Y in X's order.
R has the columns firm_id, name, usci, reg_no, address, legal_person; X has record_id and the same ones, as departments write them.

example:
  yidaitong entity match --reference firms.csv --records cases.csv --out links.csv`

func runEntityMatch(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "entity match", entityMatchUsage)
	reference := fs.String("reference", "", "CSV file of the firms")
	records := fs.String("records", "", "CSV file of the records")
	out := fs.String("out", "", "CSV file to write")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("entity match: %q is not expected; name the files with --reference, --records and --out", rest[0])
	}
	if *reference == "" || *records == "" || *out == "" {
		return usagef("entity match: give --reference, --records and --out")
	}
	report, err := entity.MatchFiles(ctx, *reference, *records, *out)
	if err != nil {
		return err
	}
	return c.result(report, func(w io.Writer) {
		fmt.Fprintf(w, "%d of %d records matched in %.2f s; written to %s\n", report.Matched, report.Records, report.Seconds, *out)
	})
}
