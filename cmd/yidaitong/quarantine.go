package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
)

func quarantineVerb() verb {
	return verb{name: "quarantine", summary: "rows that rules keep back: list, mend, replay", subverbs: []verb{
		{name: "list", summary: "which rules keep back how many rows, and which", run: runQuarantineList},
		{name: "mend", summary: "say what a row should have said; it lands when it then holds", run: runQuarantineMend},
		{name: "replay", summary: "read the rows again after a contract was corrected", run: runQuarantineReplay},
	}}
}

// onlyFlags narrow a command down to a department or a catalogue.
func onlyFlags(fs *flag.FlagSet) *delivery.Only {
	var only delivery.Only
	fs.StringVar(&only.Department, "department", "", "only this department's, by its `code`, as in tax")
	fs.StringVar(&only.Catalogue, "catalogue", "", "only this catalogue's, by its `code`, as in tax_payment; needs --department")
	return &only
}

func checkOnly(only *delivery.Only, rest []string) error {
	if len(rest) > 0 {
		return usagef("unexpected argument %q", rest[0])
	}
	if only.Catalogue != "" && only.Department == "" {
		return usagef("--catalogue needs --department, as in '--department tax --catalogue tax_payment'")
	}
	return nil
}

func runQuarantineList(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node quarantine list", `node quarantine list --node D [--department X [--catalogue Y]] [--values]

Shows what the contracts' rules keep back: how many rows break which rule, then the rows with their delivery, line, field and rule. Values are
shown only with --values, on standard output, for a steward inside the government network: mind who looks on.

examples:
  yidaitong node quarantine list --node D/node
  yidaitong node quarantine list --node D/node --department tax --catalogue tax_payment --limit 500 --json`)
	f.add(fs)
	only := onlyFlags(fs)
	values := fs.Bool("values", false, "show what the rows say")
	limit := fs.Int("limit", 20, "how many rows to list")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if err := checkOnly(only, rest); err != nil {
		return err
	}
	if *limit < 0 {
		return usagef("--limit %d is no number of rows", *limit)
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Quarantined(ctx, *only, *values, *limit)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) { printQuarantine(w, report) })
	})
}

func printQuarantine(w io.Writer, report delivery.QuarantineReport) {
	fmt.Fprintf(w, "隔离区 %d 行 rows in quarantine\n", report.Rows)
	for _, r := range report.Rules {
		fmt.Fprintf(w, "  %8d  %s/%s %s %s %s\n", r.Rows, r.Department, r.Catalogue, r.Rule, r.Field, r.TitleZH)
	}
	for _, row := range report.Shown {
		var broken []string
		for _, b := range row.Broken {
			broken = append(broken, b.String())
		}
		fmt.Fprintf(w, "%s  %s/%s %s 第 %d 行 line: %s\n", row.Row, row.Department, row.Catalogue, row.File, row.Line, strings.Join(broken, ", "))
		fields := make([]string, 0, len(row.Values))
		for field := range row.Values {
			fields = append(fields, field)
		}
		slices.Sort(fields)
		for _, field := range fields {
			fmt.Fprintf(w, "    %-24s %q\n", field, row.Values[field])
		}
	}
}

// setFlags collects --set field=value.
type setFlags map[string]string

func (s setFlags) String() string { return "" }

func (s setFlags) Set(text string) error {
	field, value, ok := strings.Cut(text, "=")
	if !ok || field == "" {
		return fmt.Errorf("write field=value")
	}
	if _, twice := s[field]; twice {
		return fmt.Errorf("%q is set twice", field)
	}
	s[field] = value
	return nil
}

func runQuarantineMend(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	m := delivery.Mend{Set: map[string]string{}}
	fs := newFlags(c, "node quarantine mend", `node quarantine mend --node D ROW --set field=value... --by POST --reason TEXT

Puts values into one row, as the file would have written them (in the unit of its column), and checks it again by the contract's rules. When it
holds it lands as a row of its own delivery; the mend and what the row said are kept beside it. Otherwise nothing changes and the rules that it
still breaks are named. Of a row that could not be cut into cells every field that matters must be set. ROW is DELIVERY-NUMBER:ROW, as
'node quarantine list' shows it. A personal value is better given with --set-from FILE, one field=value a line, than on the command line.

examples:
  yidaitong node quarantine mend --node D/node 42:17 --set paid_on=2024-04-05 --by 税务局征管科 --reason 纳税人来函更正`)
	f.add(fs)
	fs.Var(setFlags(m.Set), "set", "`field=value`; may stand several times")
	from := fs.String("set-from", "", "read field=value, one a line, from this `file`, or from standard input when it is -")
	fs.StringVar(&m.By, "by", "", "the `post` that answers for the mend")
	fs.StringVar(&m.Reason, "reason", "", "why, in a `sentence` without personal data")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *from != "" {
		if err := readSet(*from, m.Set); err != nil {
			return err
		}
	}
	if len(rest) != 1 || len(m.Set) == 0 || m.By == "" || m.Reason == "" {
		return usagef("node quarantine mend needs one row, --set, --by and --reason, as in 'yidaitong node quarantine mend --node D/node 42:17 --set paid_on=2024-04-05 --by 税务局征管科 --reason 来函更正'")
	}
	m.Row = rest[0]
	return withNode(ctx, f, func(n *node.Node) error {
		done, err := n.Mend(ctx, m)
		if err != nil {
			return err
		}
		return c.result(done, func(w io.Writer) {
			if done.Duplicates > 0 {
				fmt.Fprintf(w, "%s 说的与已有的行相同，计为重复 says what another row says already: counted as a duplicate\n", m.Row)
				return
			}
			fmt.Fprintf(w, "%s 已入库 landed in %s/%s; the next refresh counts it\n", m.Row, done.Department, done.Catalogue)
		})
	})
}

// readSet reads field=value, one a line.
func readSet(path string, into setFlags) error {
	text, err := readPrivate(path)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		if err := into.Set(line); err != nil {
			return fmt.Errorf("line %d of %s: %w", i+1, path, err)
		}
	}
	return nil
}

func runQuarantineReplay(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node quarantine replay", `node quarantine replay --node D [--department X [--catalogue Y]]

Reads the rows in quarantine again under the contracts as they are now, the operator's own under D/catalogs among them. Those that hold land as
rows of their own delivery and day; the others stay. It may be run as often as one likes.

examples:
  yidaitong node quarantine replay --node D/node --department tax --catalogue tax_payment`)
	f.add(fs)
	only := onlyFlags(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if err := checkOnly(only, rest); err != nil {
		return err
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Replay(ctx, *only)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) {
			fmt.Fprintf(w, "%d rows read again = %d landed + %d duplicates + %d kept, in %.1f s; %d were not tried because they could not be cut into cells\n",
				report.Tried, report.Landed, report.Duplicates, report.Kept, report.Seconds, report.Unreadable)
			for _, each := range report.Catalogues {
				fmt.Fprintf(w, "  %s/%s: %d landed, %d duplicates, %d kept\n", each.Department, each.Catalogue, each.Landed, each.Duplicates, each.Kept)
			}
		})
	})
}
