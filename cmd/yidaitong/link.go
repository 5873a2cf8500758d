package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/entity"
)

func linkVerb() verb {
	return verb{name: "link", summary: "why a record is linked as it is, and what a steward decides about it", subverbs: []verb{
		{name: "explain", summary: "what speaks for and against each firm that a record could mean", run: runLinkExplain},
		{name: "review", summary: "list the doubtful links", run: runLinkReview},
		{name: "decide", summary: "keep, split or make a link; the next refresh honours it", run: runLinkDecide},
		{name: "weights", summary: "what each agreement and disagreement weighs", run: runLinkWeights},
	}}
}

func runLinkExplain(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node link explain", `node link explain --node D RECORD

Shows what the record says of its firm, and for each firm that it could mean what speaks for and against, in bits (one bit doubles the odds).
RECORD is DEPARTMENT/CATALOGUE/FILE@ROW or DELIVERY-NUMBER:ROW, rows counted from 1. Values of records are shown: mind who looks on.

examples:
  yidaitong node link explain --node D/node tax/tax_payment/tax_payment_20261010.csv@17
  yidaitong node link explain --node D/node 42:17 --json`)
	f.add(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("node link explain needs one record, as in 'yidaitong node link explain --node D/node 42:17'")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		x, err := entity.Explain(ctx, n.DB(), n.Catalogs, rest[0])
		if err != nil {
			return err
		}
		return c.result(x, func(w io.Writer) { printExplanation(w, x) })
	})
}

func printExplanation(w io.Writer, x entity.Explanation) {
	fmt.Fprintf(w, "%s, delivery %s, row %d, writing %s\n", x.Catalogue, x.Delivery, x.Row, x.Writing)
	printSaid(w, x.Says)
	if x.Link == nil {
		fmt.Fprintln(w, "未关联 not linked")
	} else {
		fmt.Fprintf(w, "已关联 linked to firm %d by rule %s, confidence %.4f\n", x.Link.FirmID, x.Link.Rule, x.Link.Confidence)
	}
	if x.Decision != "" {
		fmt.Fprintf(w, "人工决定 decided: %s\n", x.Decision)
	}
	fmt.Fprintf(w, "起点 to start with: %+.2f bits for any one firm; a link needs a chance of %.2f\n", x.PriorBits, x.LinkFrom)
	for i, candidate := range x.Candidates {
		fmt.Fprintf(w, "\n%d. firm %d %s %s\n   %+.2f bits, chance %.4f%s\n", i+1, candidate.FirmID, candidate.Name, candidate.USCI, candidate.Bits, candidate.Share,
			map[bool]string{false: "  不得自动关联 a rule keeps it from being linked"}[candidate.Linkable])
		for _, evidence := range candidate.Evidence {
			shared := ""
			if evidence.Shared > 1 {
				shared = fmt.Sprintf("，%d 家相同 shared by %d", evidence.Shared, evidence.Shared)
			}
			fmt.Fprintf(w, "   %+8.2f  %s %s%s\n             %q / %q\n", evidence.Bits, evidence.ZH, evidence.EN, shared, evidence.Record, evidence.Firm)
		}
	}
	if len(x.Candidates) == 0 {
		fmt.Fprintln(w, "没有可能的主体 no firm of the register comes into question")
	}
}

func printSaid(w io.Writer, says []entity.Said) {
	for _, said := range says {
		fmt.Fprintf(w, "   %-13s %s\n", said.Field, said.Value)
	}
}

func runLinkReview(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node link review", `node link review --node D [--limit 20]

Lists what records say that is doubtful and that nobody has decided about, the likeliest first. Values of records are shown: mind who looks on.

examples:
  yidaitong node link review --node D/node
  yidaitong node link review --node D/node --limit 100 --json`)
	f.add(fs)
	limit := fs.Int("limit", 20, "how many to list")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 || *limit < 1 {
		return usagef("node link review takes no arguments, and a --limit of at least 1")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		doubts, waiting, err := entity.Review(ctx, n.DB(), *limit)
		if err != nil {
			return err
		}
		report := struct {
			Waiting int64          `json:"waiting"`
			Doubts  []entity.Doubt `json:"doubts"`
		}{waiting, doubts}
		return c.result(report, func(w io.Writer) { printReview(w, doubts, waiting) })
	})
}

func printReview(w io.Writer, doubts []entity.Doubt, waiting int64) {
	fmt.Fprintf(w, "%d 条待定 wait for a decision\n", waiting)
	for _, d := range doubts {
		fmt.Fprintf(w, "\nwriting %s  (%s)\n", d.Writing, strings.Join(d.Catalogues, ", "))
		printSaid(w, d.Says)
		fmt.Fprintf(w, "   %s %s\n   firm %d %s %s: %+.2f bits, chance %.4f\n", d.WhyZH, d.WhyEN, d.FirmID, d.FirmName, d.USCI, d.Bits, d.Share)
		if d.SecondID != 0 {
			fmt.Fprintf(w, "   firm %d %s\n", d.SecondID, d.SecondName)
		}
	}
}

func runLinkDecide(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node link decide", `node link decide --node D --by WHO --reason WHY RECORD keep|split|link [FIRM]

keep: as it is now, linked or not, it stays. split: it is not the firm that it is linked to. link: it is FIRM, a credit code or a firm's number.
RECORD is a record as 'node link explain' takes it, or the number of a writing as 'node link review' lists it. The decision covers every record that
says the same of its firm, stays on file, and is honoured by the next refresh; a later decision overrules it.

examples:
  yidaitong node link decide --node D/node --by wang.fang --reason "seen in the paper file" 42:17 link 91341502MA2ABC123X
  yidaitong node link decide --node D/node --by wang.fang --reason "another shop" 1234567890123456789 split`)
	f.add(fs)
	by := fs.String("by", "", "`who` decides")
	reason := fs.String("reason", "", "`why`")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	d := entity.Decision{At: time.Now(), By: *by, Reason: *reason}
	switch {
	case len(rest) == 3 && rest[1] == entity.DecideLink:
		d.Record, d.What, d.Firm = rest[0], rest[1], rest[2]
	case len(rest) == 2 && (rest[1] == entity.DecideKeep || rest[1] == entity.DecideSplit):
		d.Record, d.What = rest[0], rest[1]
	default:
		return usagef("node link decide needs a record and keep, split or 'link FIRM'")
	}
	if *by == "" || *reason == "" {
		return usagef("node link decide needs --by and --reason: both stay with the decision")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		firm, err := entity.Decide(ctx, n.DB(), n.Catalogs, d)
		if err != nil {
			return err
		}
		result := struct {
			Decision string `json:"decision"`
			FirmID   int64  `json:"firm_id"`
		}{d.What, firm}
		return c.result(result, func(w io.Writer) {
			fmt.Fprintf(w, "已记录，下次刷新时生效 kept; the next refresh honours it (%s, firm %d)\n", d.What, firm)
		})
	})
}

func runLinkWeights(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node link weights", `node link weights --node D

examples:
  yidaitong node link weights --node D/node`)
	f.add(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("node link weights takes no argument %q", rest[0])
	}
	return withNode(ctx, f, func(n *node.Node) error {
		weights, run, err := entity.Weights(ctx, n.DB())
		if err != nil {
			return err
		}
		report := struct {
			Run     int64           `json:"run"`
			Weights []entity.Weight `json:"weights"`
		}{run, weights}
		return c.result(report, func(w io.Writer) {
			fmt.Fprintf(w, "第 %d 次运行所学 learnt by run %d\n", run, run)
			for _, weight := range weights {
				fmt.Fprintf(w, "%+8.2f  %-9s %d  m %.6f  u %.6f  %9d  %s %s\n", weight.Bits, weight.Field, weight.Level, weight.M, weight.U, weight.Pairs, weight.ZH, weight.EN)
			}
		})
	})
}
