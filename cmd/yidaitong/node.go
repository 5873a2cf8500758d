package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
	"github.com/yidaitong/yidaitong/translog"
)

func nodeVerb() verb {
	return verb{name: "node", summary: "a city's data node: take in, link, score, answer", subverbs: []verb{
		{name: "init", summary: "make a folder the node of a city", run: runNodeInit},
		{name: "load", summary: "take in what departments delivered", run: runNodeLoad},
		{name: "receive", summary: "take in what departments' systems push over HTTPS", run: runNodeReceive},
		{name: "pull", summary: "take in a view of a department's PostgreSQL database", run: runNodePull},
		{name: "refresh", summary: "link, compute and score what is new, and publish it for serving", run: runNodeRefresh},
		linkVerb(),
		{name: "catalog", summary: "show, check and publish the data catalogues", run: runNodeCatalog},
		contractVerb(),
		{name: "quality", summary: "say what was wrong with what a department sent", run: runNodeQuality},
		quarantineVerb(),
		{name: "retention", summary: "end the rows whose time has come by law", run: runNodeRetention},
		{name: "lineage", summary: "lead from a firm's indicator back to the delivered rows", run: runNodeLineage},
		rightsVerb(),
		{name: "news", summary: "read which firms the landed texts mean, and what happened to them", run: runNodeNews},
		{name: "verify", summary: "audit the node's stored state", run: runNodeVerify},
		{name: "compact", summary: "merge the lake's many small files into few", run: runNodeCompact},
		{name: "serve", summary: "answer the platform's requests, outbound only", run: runNodeServe},
	}}
}

// nodeFlags are the flags that every verb over an open node has.
type nodeFlags struct {
	dir      string
	memory   int
	catalogs string
}

func (f *nodeFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&f.dir, "node", "", "the node's `folder`")
	fs.StringVar(&f.catalogs, "catalogs", "", "`folder` of the operator's data contracts, laid over the program's own; D/catalogs when absent")
	fs.IntVar(&f.memory, "memory", 1024, "`megabytes` that the analytical engine may use")
}

func (f *nodeFlags) open(ctx context.Context) (*node.Node, error) {
	if f.dir == "" {
		return nil, usagef("--node is missing: name the node's folder")
	}
	return node.OpenWith(ctx, f.dir, node.Options{Lake: lake.Options{MemoryMB: f.memory}, Catalogs: f.catalogs})
}

// withNode opens a node, does the work and closes it.
func withNode(ctx context.Context, f nodeFlags, work func(*node.Node) error) error {
	n, err := f.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(work(n), n.Close())
}

func runNodeInit(_ context.Context, c *console, args []string) error {
	fs := newFlags(c, "node init", `node init --node D --city CODE

examples:
  yidaitong node init --node D/node --city 341500`)
	dir := fs.String("node", "", "the node's `folder`, made when it is new")
	city := fs.String("city", "", "the city's GB/T 2260 division `code`")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *dir == "" || *city == "" || len(rest) > 0 {
		return usagef("node init needs --node and --city and nothing else, as in 'yidaitong node init --node D/node --city 341500'")
	}
	if err := node.Init(*dir, *city); err != nil {
		return err
	}
	return c.result(map[string]string{"node": *dir, "city": *city}, func(w io.Writer) {
		fmt.Fprintf(w, "%s is the node of city %s\n", *dir, *city)
	})
}

func runNodeLoad(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node load", `node load --node D PATH...

Takes files and whole folders. A file that cannot be taken is named with the reason and the others go on; the exit status is 1 only
when there were files and not one could be taken.

examples:
  yidaitong node load --node D/node D/deliveries
  yidaitong node load --node D/node court/dishonest_debtor_20261016.csv`)
	f.add(fs)
	paths, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef("node load needs the files or folders to take in, as in 'yidaitong node load --node D/node D/deliveries'")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Load(ctx, paths, loadProgress(c))
		if err != nil {
			return err
		}
		if err := c.result(report, func(w io.Writer) { printLoad(w, report) }); err != nil {
			return err
		}
		if report.Files == 0 {
			return nothingLoaded(report)
		}
		return nil
	})
}

func nothingLoaded(report delivery.LoadReport) error {
	if len(report.Refused) == 0 {
		return errors.New("there is no file under the paths given; name the folder of the deliveries")
	}
	first := report.Refused[0]
	return fmt.Errorf("nothing could be taken in; %s %s", first.File, first.Reason)
}

// loadProgress draws a line on a terminal and says nothing elsewhere.
func loadProgress(c *console) func(delivery.Progress) {
	if !c.progress {
		return nil
	}
	return func(p delivery.Progress) {
		fmt.Fprintf(c.err, "\r\033[K%d of %d files, %d rows, %s", p.FilesDone, p.FilesTotal, p.Rows, p.Catalogue)
		if p.FilesDone == p.FilesTotal {
			fmt.Fprintln(c.err)
		}
	}
}

func printLoad(w io.Writer, report delivery.LoadReport) {
	fmt.Fprintf(w, "%d files: %d rows received = %d landed + %d quarantined + %d duplicates, in %.1f s\n",
		report.Files, report.Received, report.Landed, report.Quarantined, report.Duplicates, report.Seconds)
	for _, refused := range report.Refused {
		fmt.Fprintf(w, "refused: %s %s\n", filepath.ToSlash(refused.File), refused.Reason)
	}
}

func runNodeRefresh(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node refresh", `node refresh --node D [--as-of DATE]

examples:
  yidaitong node refresh --node D/node
  yidaitong node refresh --node D/node --as-of 2026-10-15`)
	f.add(fs)
	asOf := fs.String("as-of", "", "the `date` as of which to compute, as in 2026-10-15; the day the data speak of when absent")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("node refresh takes no argument %q", rest[0])
	}
	var o node.RefreshOptions
	if *asOf != "" {
		if o.AsOf, err = time.Parse(time.DateOnly, *asOf); err != nil {
			return usagef("--as-of %q is no date; write it as in 2026-10-15", *asOf)
		}
	}
	return withNode(ctx, f, func(n *node.Node) error {
		if c.progress {
			o.Progress = func(s node.Step) { fmt.Fprintf(c.err, "%-12s %6.1f s\n", s.Name, s.Seconds) }
		}
		report, err := node.Refresh(ctx, n, o)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) {
			fmt.Fprintf(w, "%d firms scored, %d of %d computed anew on %d indicators; %d records linked, %d not; %.1f s\n",
				report.Scored, report.Concerned, report.Firms, report.Indicators, report.Linked, report.Unlinked, report.Seconds)
		})
	})
}

func runNodeVerify(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node verify", `node verify --node D

Audits from the stored state alone: for every file, received = landed + quarantined + duplicates; every Parquet file with its checksum and its
rows; nothing unaccounted for; and the node's transparency log, where it stands beside the node (D/../log/node).

examples:
  yidaitong node verify --node D/node --json`)
	f.add(fs)
	logDir := fs.String("log", "", "the node's transparency log `folder`; ../log/node beside the node when absent")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("node verify takes no argument %q", rest[0])
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Verify(ctx)
		if err != nil {
			return err
		}
		if problem := checkNodeLog(ctx, n, *logDir); problem != "" {
			report.Problems, report.OK = append(report.Problems, problem), false
		}
		if err := c.result(report, func(w io.Writer) { printVerify(w, report) }); err != nil {
			return err
		}
		if !report.OK {
			return fmt.Errorf("the node %s does not hold: %s", f.dir, report.Problems[0])
		}
		return nil
	})
}

// checkNodeLog verifies the node's log where there is one, with its public key when that lies beside it, and returns what is wrong with it.
func checkNodeLog(ctx context.Context, n *node.Node, dir string) string {
	beside := filepath.Dir(filepath.Clean(n.Dir))
	if dir == "" {
		dir = filepath.Join(beside, "log", "node")
		if _, err := os.Stat(filepath.Join(dir, "checkpoint")); err != nil {
			return ""
		}
	}
	text, err := os.ReadFile(filepath.Join(beside, "keys", "public", "node-"+n.City+".log"))
	if err != nil {
		text = nil
	}
	key, err := logKey(strings.TrimSpace(string(text)))
	if err != nil {
		return err.Error()
	}
	if _, err := translog.VerifyDir(ctx, dir, "", key); err != nil {
		return fmt.Sprintf("the log %s does not hold: %v", dir, err)
	}
	return ""
}

func printVerify(w io.Writer, report delivery.VerifyReport) {
	for _, problem := range report.Problems {
		fmt.Fprintln(w, problem)
	}
	if report.OK {
		fmt.Fprintf(w, "the node holds: %d deliveries, %d rows, %d Parquet files\n", report.Deliveries, report.Rows, report.Segments)
	}
}

func runNodeServe(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "node serve", `node serve --node D --platform URL

Dials the platform and answers what it asks, until it is stopped. It listens on no port and leaves the lake free for load and refresh.

examples:
  yidaitong node serve --node D/node --platform https://127.0.0.1:8443`)
	dir := fs.String("node", "", "the node's `folder`")
	platform := fs.String("platform", "", "the `URL` of the platform's listener for nodes")
	keys := fs.String("keys", "", "the `folder` of keys; ../keys beside the node when absent")
	logDir := fs.String("log", "", "the node's transparency log `folder`; ../log/node beside the node when absent")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *dir == "" || *platform == "" || len(rest) > 0 {
		return usagef("node serve needs --node and --platform and nothing else, as in 'yidaitong node serve --node D/node --platform https://127.0.0.1:8443'")
	}
	logger := slog.New(slog.NewTextHandler(c.err, nil))
	return node.Serve(ctx, node.ServeOptions{Dir: *dir, Platform: *platform, KeyDir: *keys, LogDir: *logDir, Clock: time.Now, Logger: logger})
}
