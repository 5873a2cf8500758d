package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

func nodeVerb() verb {
	return verb{name: "node", summary: "a city's data node: take in, link, score, answer", subverbs: []verb{
		{name: "init", summary: "make a folder the node of a city", run: runNodeInit},
		{name: "load", summary: "take in what departments delivered", run: runNodeLoad},
	}}
}

// nodeFlags are the flags that every verb over an open node has.
type nodeFlags struct {
	dir    string
	memory int
}

func (f *nodeFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&f.dir, "node", "", "the node's `folder`")
	fs.IntVar(&f.memory, "memory", 1024, "`megabytes` that the analytical engine may use")
}

func (f *nodeFlags) open(ctx context.Context) (*node.Node, error) {
	if f.dir == "" {
		return nil, usagef("--node is missing: name the node's folder")
	}
	return node.OpenWith(ctx, f.dir, node.Options{Lake: lake.Options{MemoryMB: f.memory}})
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

