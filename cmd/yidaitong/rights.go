package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
)

func runNodeRetention(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node retention", `node retention --node D --as-of DATE [--apply]

Says which rows' time has come by the day: what is bad about a person five years after the matter ended (《征信业管理条例》第十六条), everything
else when its contract's years are over. With --apply these rows are removed from the lake's files, the quarantine and the mends; how many they
were stays in the ledger, and 'node verify' proves the rest. The next refresh computes all figures without them.

examples:
  yidaitong node retention --node D/node --as-of 2026-10-15
  yidaitong node retention --node D/node --as-of 2026-10-15 --apply --json`)
	f.add(fs)
	asOf := fs.String("as-of", "", "the `date` by which rows end, as in 2026-10-15")
	apply := fs.Bool("apply", false, "end them")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, *asOf)
	if err != nil || len(rest) > 0 {
		return usagef("node retention needs --as-of and nothing else, as in 'yidaitong node retention --node D/node --as-of 2026-10-15'")
	}
	if *apply && day.After(time.Now()) {
		return usagef("--as-of %s is yet to come: what ends then cannot be removed today", *asOf)
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Retain(ctx, day, *apply)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) { printRetention(w, report) })
	})
}

func printRetention(w io.Writer, report delivery.RetentionReport) {
	verb := "将终止 would end"
	if report.Applied {
		verb = "已终止 ended"
	}
	fmt.Fprintf(w, "截至 %s %s: %d landed rows, %d in quarantine, %d mends\n", report.AsOf, verb, report.Landed, report.Quarantined, report.Mends)
	for _, each := range report.Catalogues {
		fmt.Fprintf(w, "  %s/%s %s: %d + %d + %d（%s）\n", each.Department, each.Catalogue, each.TitleZH, each.Landed, each.Quarantined, each.Mends, each.Rule)
	}
}

func runNodeLineage(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node lineage", `node lineage --node D --firm USCI --indicator NAME [--as-of DATE]

Leads from an indicator's value about a firm back to the delivered rows: catalogue, file, delivery and row numbers within the indicator's window,
and which of them a steward mended. It shows no value of a row.

examples:
  yidaitong node lineage --node D/node --firm 91341500MA2EXAMP0X --indicator sales_12m --json`)
	f.add(fs)
	firm := fs.String("firm", "", "the firm's unified social credit `code`")
	name := fs.String("indicator", "", "the indicator's `name`, as in sales_12m")
	asOf := fs.String("as-of", "", "the `date` as of which to look; that of the last refresh when absent")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *firm == "" || *name == "" || len(rest) > 0 {
		return usagef("node lineage needs --firm and --indicator, as in 'yidaitong node lineage --node D/node --firm 91341500MA2EXAMP0X --indicator sales_12m'")
	}
	var day time.Time
	if *asOf != "" {
		if day, err = time.Parse(time.DateOnly, *asOf); err != nil {
			return usagef("--as-of %q is no date; write it as in 2026-10-15", *asOf)
		}
	}
	return withNode(ctx, f, func(n *node.Node) error {
		l, err := n.Lineage(ctx, *firm, *name, day)
		if err != nil {
			return err
		}
		return c.result(l, func(w io.Writer) { printLineage(w, l) })
	})
}

func printLineage(w io.Writer, l node.Lineage) {
	value := "无值 none"
	if l.Value != nil {
		value = fmt.Sprintf("%g %s", *l.Value, l.Unit)
	}
	fmt.Fprintf(w, "%s %s = %s, 截至 as of %s\n口径 formula: %s；窗口 window: %s\n", l.Indicator, l.TitleZH, value, l.AsOf, l.Formula, l.Window)
	for _, s := range l.Sources {
		from := ""
		if s.From != "" {
			from = fmt.Sprintf("，%s 自 from %s", s.DatedBy, s.From)
		}
		fmt.Fprintf(w, "%s %s: %d 行 rows%s\n", s.Catalogue, s.TitleZH, s.Rows, from)
		for _, d := range s.Deliveries {
			fmt.Fprintf(w, "  %s（报送 delivery %d，%s）行 rows %s", d.File, d.Number, d.KnownOn, strings.Trim(fmt.Sprint(d.Rows), "[]"))
			if d.Count > int64(len(d.Rows)) {
				fmt.Fprintf(w, " …共 in all %d", d.Count)
			}
			if len(d.Mended) > 0 {
				fmt.Fprintf(w, "；经人工修正 mended %s", strings.Trim(fmt.Sprint(d.Mended), "[]"))
			}
			fmt.Fprintln(w)
		}
	}
}
