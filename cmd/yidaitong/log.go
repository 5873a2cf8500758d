package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/yidaitong/yidaitong/translog"
)

// logVerb checks transparency logs.
func logVerb() verb {
	return verb{name: "log", summary: "check a transparency log", subverbs: []verb{
		{name: "verify", summary: "compute a log again from its entries and compare", run: logVerify},
	}}
}

func logVerify(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "log verify", `log verify --log URL|DIR [--origin O --key K]

Reads every entry and tile of a log, computes the tree again and compares it with the tiles and the checkpoint. The first place that does
not fit is named, and the exit status is 1. Without --key the checkpoint's signature is not checked.

examples:
  yidaitong log verify --log D/log/node --key "$(cat D/keys/public/node-341500.log)"
  yidaitong log verify --log https://platform.example/logs/platform --json`)
	where := fs.String("log", "", "the log's `folder or URL`")
	origin := fs.String("origin", "", "the log's name, when it has to be this one")
	key := fs.String("key", "", "the log's public `key`, as in D/keys/public/PARTY.log")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *where == "" || len(rest) > 0 {
		return usagef("log verify: give the log's folder or URL with --log; run 'yidaitong log verify -h' for examples")
	}
	verifier, err := logKey(*key)
	if err != nil {
		return err
	}
	check := translog.VerifyDir
	if strings.HasPrefix(*where, "http://") || strings.HasPrefix(*where, "https://") {
		check = translog.VerifyURL
	} else if _, err := os.Stat(*where); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no folder %s; name the folder that holds the log's file 'checkpoint', or its URL", *where)
	}
	report, err := check(ctx, *where, *origin, verifier)
	if err != nil {
		return fmt.Errorf("the log %s does not hold: %w", *where, err)
	}
	return c.result(report, func(w io.Writer) {
		fmt.Fprintf(w, "%s holds: %d leaves, root %s\n", report.Origin, report.Size, report.Root)
		if !report.Signed {
			fmt.Fprintln(w, "the checkpoint's signature was not checked: give the log's public key with --key")
		}
	})
}

// logKey reads a public key; none when the flag is empty.
func logKey(text string) (note.Verifier, error) {
	if text == "" {
		return nil, nil
	}
	v, err := note.NewVerifier(strings.TrimSpace(text))
	if err != nil {
		return nil, usagef("log verify: --key is no public key of a log; it looks like yidaitong/platform+1a2b3c4d+…")
	}
	return v, nil
}
