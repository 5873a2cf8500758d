package main

import (
	"context"
	"fmt"
	"io"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/news"
)

func newsVerb() verb {
	return verb{name: "news", summary: "say which firms texts mean, and what happened to them", subverbs: []verb{
		{name: "match", summary: "read the texts of one file against the firms of another", run: runNewsMatch},
	}}
}

const newsMatchUsage = `news match --reference R.csv --texts T.jsonl --out Y.jsonl [--labelled L.jsonl] [--json]

Reads every text of T (JSON lines: text_id, title, body) and writes a line to Y for each firm of R that it means: text_id, firm_id, form,
confidence, kind, tone, sure. A text that means nobody gives no line. R has the columns firm_id, name, address, legal_person; a firm may have
several lines, the first with the name it bears. L teaches: lines as in T with firm_id (empty: nobody is meant) and kind.

example:
  yidaitong news match --reference firms.csv --texts news.jsonl --out meant.jsonl`

func runNewsMatch(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "news match", newsMatchUsage)
	var files news.Files
	fs.StringVar(&files.Reference, "reference", "", "CSV `file` of the firms")
	fs.StringVar(&files.Texts, "texts", "", "JSON lines `file` of the texts")
	fs.StringVar(&files.Labelled, "labelled", "", "JSON lines `file` of texts whose meaning is known")
	fs.StringVar(&files.Out, "out", "", "JSON lines `file` to write")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if files.Reference == "" || files.Texts == "" || files.Out == "" || len(rest) > 0 {
		return usagef("news match: give --reference, --texts and --out and nothing else")
	}
	report, err := news.MatchFiles(ctx, files)
	if err != nil {
		return err
	}
	return c.result(report, func(w io.Writer) {
		fmt.Fprintf(w, "%d texts mean %d firms; %d events; %.2f s; written to %s\n", report.Texts, report.Firms, report.Events, report.Seconds, files.Out)
	})
}

const nodeNewsUsage = `node news --node D [--json]

Reads the social data that have landed since the last time: which firm each text means, what happened to it, and how sure that is.
'node refresh' does this too.

example:
  yidaitong node news --node D/node`

func runNodeNews(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node news", nodeNewsUsage)
	f.add(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("node news takes no argument %q", rest[0])
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := news.Refresh(ctx, n.DB(), n.Catalogs)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) {
			fmt.Fprintf(w, "%d texts read, %d events of firms found in %.1f s; %d labelled texts taught the models\n", report.Texts, report.Events, report.Seconds, report.Labelled)
		})
	})
}
