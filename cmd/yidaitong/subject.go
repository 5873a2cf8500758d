package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/yidaitong/yidaitong/node"
)

func rightsVerb() verb {
	return verb{name: "rights", summary: "what the node holds about a firm or a person: export, delete", subverbs: []verb{
		{name: "export", summary: "write every row about a firm or a person into files", run: runRightsExport},
		{name: "delete", summary: "remove the rows about a firm or a person, or seal them where a law keeps them", run: runRightsDelete},
	}}
}

func subjectFlag(fs *flag.FlagSet) *string {
	return fs.String("subject", "", "`file` with one unified social credit code or resident ID, or - for standard input")
}

func readSubject(path string) (string, error) {
	text, err := readPrivate(path)
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" || strings.ContainsAny(text, " \t\r\n") {
		return "", fmt.Errorf("the subject's file must hold one unified social credit code or resident ID and nothing else")
	}
	return text, nil
}

func runRightsExport(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node rights export", `node rights export --node D --subject FILE|- --out DIR

Writes the landed and quarantined rows about a firm (those linked to it) or a person (those that hold the resident ID) into DIR, one JSON file per
catalogue. DIR holds personal data then: hand it over and remove it.

examples:
  yidaitong node rights export --node D/node --subject - --out D/export`)
	f.add(fs)
	from := subjectFlag(fs)
	out := fs.String("out", "", "the `folder` to write into")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *from == "" || *out == "" || len(rest) > 0 {
		return usagef("node rights export needs --subject and --out, as in 'yidaitong node rights export --node D/node --subject - --out D/export'")
	}
	identifier, err := readSubject(*from)
	if err != nil {
		return err
	}
	return withNode(ctx, f, func(n *node.Node) error {
		found, err := n.ExportSubject(ctx, identifier, *out)
		if err != nil {
			return err
		}
		return c.result(map[string]any{"catalogues": found}, func(w io.Writer) { printSubject(w, found) })
	})
}

func runRightsDelete(ctx context.Context, c *console, args []string) error {
	var f nodeFlags
	fs := newFlags(c, "node rights delete", `node rights delete --node D --subject FILE|- --by POST --reason TEXT [--apply]

Says which rows about a firm or a person would go; with --apply they go from the lake's files, the quarantine and the mends. Rows of catalogues that
rest on a law or an administrative regulation are sealed for the years of their contract (《个人信息保护法》第四十七条): stored, and used by nothing. The
registers of firms stay. Run 'node refresh' twice after it: the next snapshot is without the rows, and the one after takes the old one away.

examples:
  yidaitong node rights delete --node D/node --subject - --by 数据资源管理局 --reason 本人申请 --apply`)
	f.add(fs)
	from := subjectFlag(fs)
	by := fs.String("by", "", "the `post` that answers for the deletion")
	reason := fs.String("reason", "", "why, in a `sentence` without personal data")
	apply := fs.Bool("apply", false, "do it")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if *from == "" || *by == "" || *reason == "" || len(rest) > 0 {
		return usagef("node rights delete needs --subject, --by and --reason, as in 'yidaitong node rights delete --node D/node --subject - --by 数据资源管理局 --reason 本人申请'")
	}
	identifier, err := readSubject(*from)
	if err != nil {
		return err
	}
	return withNode(ctx, f, func(n *node.Node) error {
		report, err := n.DeleteSubject(ctx, identifier, *by, *reason, *apply)
		if err != nil {
			return err
		}
		return c.result(report, func(w io.Writer) { printSubject(w, report.Catalogues) })
	})
}

func printSubject(w io.Writer, found []node.SubjectCount) {
	fmt.Fprintf(w, "%d 个目录 catalogues\n", len(found))
	for _, each := range found {
		fmt.Fprintf(w, "  %s %s: %d 行 landed（封存 sealed %d）, %d in quarantine, %d mends\n", each.Catalogue, each.TitleZH, each.Landed, each.Sealed, each.Quarantined, each.Mends)
	}
}
