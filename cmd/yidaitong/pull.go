package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/intake"
)

// pullReport is what 'node pull --json' prints.
type pullReport struct {
	intake.Pulled
	Load *delivery.LoadReport `json:"load"` // null when the view had nothing new
}

func runNodePull(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "node pull", `node pull --node D --from postgres://… --view V --department X --catalogue Y [--since COLUMN]

Reads a view of a department's PostgreSQL database in one read-only transaction into a file of the inbox, and loads that. With --since only rows at
and above the highest value read before are read. The password is best kept in a file that PGPASSFILE names.

examples:
  yidaitong node pull --node D/node --from 'postgres://reader@10.0.0.5/bureau?sslmode=verify-full' --view share.tax_payment --department tax --catalogue tax_payment --since updated_at
  yidaitong node pull --node D/node --from postgres://reader@10.0.0.5/bureau --view abnormal --department market_regulation --catalogue abnormal_list --whole`)
	var f nodeFlags
	f.add(fs)
	from := fs.String("from", "", "the database's `address`, beginning with postgres://")
	view := fs.String("view", "", "the `view`, with its schema where it is not on the search path")
	department := fs.String("department", "", "the department's `code`, as in tax")
	name := fs.String("catalogue", "", "the catalogue's `code`, as in tax_payment")
	since := fs.String("since", "", "the `column` that grows with every change; without it the whole view is read")
	whole := fs.Bool("whole", false, "the view is all there is: what it no longer has ends")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if f.dir == "" || *from == "" || *view == "" || *department == "" || *name == "" || len(rest) > 0 {
		return usagef("node pull needs --node, --from, --view, --department and --catalogue, as its help shows with -h")
	}
	if *whole && *since != "" {
		return usagef("--whole and --since contradict each other: a part of the view is not all there is")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		contract, ok := n.Catalogs.Find(*department, *name)
		if !ok {
			return fmt.Errorf("there is no catalogue %s of the department %s; see 'yidaitong node catalog'", *name, *department)
		}
		source := intake.View{From: *from, Name: *view, Since: *since, Whole: *whole, Catalogue: contract}
		pulled, err := intake.Pull(ctx, f.dir, source, time.Now)
		if err != nil {
			return err
		}
		report := pullReport{Pulled: pulled}
		if pulled.Path != "" {
			if report.Load, err = loadPulled(ctx, n, pulled); err != nil {
				return err
			}
			if err := intake.Advance(f.dir, source, pulled, time.Now()); err != nil {
				return err
			}
		}
		return c.result(report, func(w io.Writer) { printPulled(w, report) })
	})
}

// loadPulled loads what was read, and makes sure that every row of the view is accounted for.
func loadPulled(ctx context.Context, n *node.Node, pulled intake.Pulled) (*delivery.LoadReport, error) {
	report, err := n.Load(ctx, []string{pulled.Path}, nil)
	if err != nil {
		return nil, err
	}
	if _, err := intake.Settle(n.Dir, pulled.Path, report, time.Now()); err != nil {
		return nil, err
	}
	if len(report.Refused) > 0 {
		return nil, fmt.Errorf("the view was read but %s", report.Refused[0].Reason)
	}
	if report.Received != pulled.Rows {
		return nil, errors.New("the view gave another number of rows than were loaded; keep the node's folder as it is and report this")
	}
	return &report, nil
}

func printPulled(w io.Writer, report pullReport) {
	if report.Load == nil {
		fmt.Fprintln(w, "the view has nothing new")
		return
	}
	fmt.Fprintf(w, "%d rows read; ", report.Rows)
	printLoad(w, *report.Load)
}
