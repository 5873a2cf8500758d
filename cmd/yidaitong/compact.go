package main

import (
	"context"
	"fmt"
	"io"

	"github.com/yidaitong/yidaitong/node"
)

func runNodeCompact(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node compact", `node compact --node D

Merges the many small files that many deliveries leave into few, so that the lake stays quick to read. Nothing that is in the lake changes;
'node verify' proves the same before and after. A load does it by itself for catalogues with more than 24 files.

examples:
  yidaitong node compact --node D/node --json`)
	f.add(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("node compact takes no arguments besides its flags")
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.Compact(ctx)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) {
			fmt.Fprintf(w, "%d files became %d: %d rows of %d catalogues written anew in %.1f s\n", report.Before, report.After, report.Rows, report.Catalogues, report.Seconds)
		})
	})
}
