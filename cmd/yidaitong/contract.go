package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/draft"
	"github.com/yidaitong/yidaitong/node/lake"
)

func contractVerb() verb {
	return verb{name: "contract", summary: "write the data contract of a new catalogue", subverbs: []verb{
		{name: "draft", summary: "propose a contract from a sample of a file", run: runContractDraft},
	}}
}

const contractDraftUsage = `node contract draft FILE --department X --name Y [--title T] [--department-title Z] [--out F]

Proposes the data contract of a file: fields, types, units, identifiers found by their check characters, a key under which the sample's rows
differ, short lists of values, marks of personal data, examples made up. What only a person can know is left open and marked 【待填】;
'node catalog --validate' names what is still open. With --node the draft goes to D/catalogs/X/Y.yaml, where the node finds it.

examples:
  yidaitong node contract draft 气象站点观测.csv --department weather --department-title 气象局 --name observation --title 站点观测记录
  yidaitong node contract draft sample.xlsx --node D/node --department tax --name refund --title 退税信息`

// sampleRows is how many rows of the file are looked at.
const sampleRows = 5000

func runContractDraft(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "node contract draft", contractDraftUsage)
	var o draft.Options
	fs.StringVar(&o.Department, "department", "", "the department's `code`, as in weather")
	fs.StringVar(&o.DepartmentTitle, "department-title", "", "the department's Chinese `name`; known for departments that have a catalogue")
	fs.StringVar(&o.Name, "name", "", "the catalogue's `code`, as in observation")
	fs.StringVar(&o.Title, "title", "", "the catalogue's Chinese `title`")
	dir := fs.String("node", "", "the node's `folder`: the draft goes to its catalogs")
	operators := fs.String("catalogs", "", "`folder` of the operator's data contracts; D/catalogs when absent")
	out := fs.String("out", "", "write the contract to this `file`; standard output when absent")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || o.Department == "" || o.Name == "" {
		return usagef("node contract draft needs one file, --department and --name, as in 'yidaitong node contract draft sample.csv --department weather --name observation'")
	}
	if *out == "" && *dir != "" {
		*out = filepath.Join(*dir, "catalogs", o.Department, o.Name+".yaml")
	}
	proposed, err := draftFrom(ctx, rest[0], *dir, *operators, o)
	if err != nil {
		return err
	}
	if *out == "" && !c.json {
		_, err := c.out.Write(proposed.YAML())
		return err
	}
	if *out != "" {
		if err := newContract(*out, proposed.YAML()); err != nil {
			return err
		}
	}
	open := proposed.Open()
	report := struct {
		draft.Draft
		File string   `json:"file"`
		Open []string `json:"open"`
	}{proposed, *out, open}
	return c.result(report, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d fields from %d rows; %d things are left open:\n", *out, len(proposed.Fields), proposed.Rows, len(open))
		for _, each := range open {
			fmt.Fprintln(w, "  "+each)
		}
	})
}

// draftFrom reads the sample in an engine of its own.
func draftFrom(ctx context.Context, path, dir, operators string, o draft.Options) (proposed draft.Draft, err error) {
	known, err := node.Contracts(dir, operators)
	if err != nil {
		return proposed, err
	}
	temp, err := os.MkdirTemp("", "yidaitong-draft")
	if err != nil {
		return proposed, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	l, err := lake.Open(ctx, temp, lake.Options{})
	if err != nil {
		return proposed, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	sample, err := delivery.ReadSample(ctx, l.DB(), path, sampleRows, l.Temp())
	if err != nil {
		return proposed, err
	}
	return draft.Propose(sample, known, o)
}

// newContract writes a contract where there is none: a draft never overwrites what somebody has worked on.
func newContract(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the contract: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; move it away, or give another --name or --out", path)
	}
	if err != nil {
		return fmt.Errorf("write the contract: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
