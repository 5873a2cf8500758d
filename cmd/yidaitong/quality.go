package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/quality"
)

func runNodeQuality(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node quality", `node quality --node D --department X [--html F] [--xlsx F]

The page and the workbook are in Chinese, for the department; they name files, rows, columns and rules and hold no value.

examples:
  yidaitong node quality --node D/node --department tax --html tax.html --xlsx tax.xlsx
  yidaitong node quality --node D/node --department court --json`)
	f.add(fs)
	department := fs.String("department", "", "the department's `code`, as in tax")
	page := fs.String("html", "", "write the report as a web page to this `file`")
	workbook := fs.String("xlsx", "", "write the report as an Excel workbook to this `file`")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *department == "" || len(rest) > 0 {
		return usagef("node quality needs --department, as in 'yidaitong node quality --node D/node --department tax'")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Quality(ctx, *department)
		if err != nil {
			return err
		}
		if err := errors.Join(writeTo(*page, report.WriteHTML), writeTo(*workbook, report.WriteXLSX)); err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) { printQuality(w, report) })
	})
}

// writeTo writes a whole file or none; no path means that it is not wanted.
func writeTo(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	temp := path + ".new"
	file, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the report %s: %w", path, err), os.Remove(temp))
	}
	return os.Rename(temp, path)
}

func printQuality(w io.Writer, report quality.Report) {
	fmt.Fprintf(w, "%s (%s): %d rows received = %d landed + %d quarantined + %d duplicates; %d files refused\n", report.TitleZH, report.Department,
		report.Received, report.Landed, report.Quarantined, report.Duplicates, len(report.Refused))
	for _, catalogue := range report.Catalogues {
		fmt.Fprintf(w, "  %s: %d received, %d landed, %d quarantined, %d duplicates\n", catalogue.Catalogue, catalogue.Received, catalogue.Landed, catalogue.Quarantined, catalogue.Duplicates)
		if d := catalogue.Dimensions; d != nil {
			fmt.Fprintf(w, "    normative %s, complete %s, accurate %s, consistent %s, timely %s, accessible %s; overall %s\n", quality.Percent(d.Normative),
				quality.Percent(d.Complete), quality.Percent(d.Accurate), quality.Percent(d.Consistent), quality.Percent(d.Timely), quality.Percent(d.Accessible), quality.Percent(d.Overall))
		}
		for _, fault := range catalogue.Faults {
			fmt.Fprintf(w, "    %d rows: %s %s\n", fault.Rows, fault.TitleZH, fault.RuleZH)
		}
	}
	for _, c := range report.Cross {
		fmt.Fprintf(w, "  %s: %d of %d disagree; %d rows of this department's to look at\n", c.TitleZH, c.Disagree, c.Compared, c.RowCount)
	}
}
