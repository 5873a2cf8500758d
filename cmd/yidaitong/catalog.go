package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/indicator"
)

const catalogUsage = `node catalog [--node D] [--html DIR] [--validate [--dir DIR] [--schema F]]

Without --validate it prints how well each department's catalogues are governed, as shares: complete, owned, standardised, fresh, graded, shared, used.
With --node the operator's contracts are among them, and freshness and quality come from what was delivered. --html draws the catalogue as a site
that needs no server: open index.html.

--validate holds the contracts (those that the program carries, or those under --dir) against the Open Data Contract Standard v3.0.2 and against
the rules of a data bureau, and names every fault with file, field and what to do. --schema takes another JSON schema of the standard.

examples:
  yidaitong node catalog --html site
  yidaitong node catalog --node D/node --html site --json
  yidaitong node catalog --validate
  yidaitong node catalog --validate --dir D/node/catalogs`

func runNodeCatalog(ctx context.Context, c *console, args []string) error {
	fs := newFlags(c, "node catalog", catalogUsage)
	var f nodeFlags
	f.add(fs)
	site := fs.String("html", "", "draw the catalogue as a site in this `folder`")
	validate := fs.Bool("validate", false, "check the contracts")
	dir := fs.String("dir", "", "with --validate: the `folder` of contracts to check")
	schema := fs.String("schema", "", "with --validate: a JSON schema `file` of the standard, in place of the program's own")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) > 0:
		return usagef("node catalog takes no argument %q", rest[0])
	case *validate && (*site != "" || f.dir != ""):
		return usagef("node catalog --validate takes --dir and --schema only")
	case !*validate && (*dir != "" || *schema != ""):
		return usagef("--dir and --schema belong to --validate")
	case *validate:
		return validateContracts(c, *dir, *schema)
	}
	if f.dir == "" {
		contracts, err := node.Contracts("", f.catalogs)
		if err != nil {
			return err
		}
		return showCatalog(c, catalog.Site{Contracts: contracts}, *site)
	}
	return withNode(ctx, f, func(n *node.Node) error {
		standings, err := n.Standings(ctx)
		if err != nil {
			return err
		}
		return showCatalog(c, catalog.Site{Contracts: n.Catalogs, Standings: standings, AsOf: n.Clock()}, *site)
	})
}

// validation is what --validate prints.
type validation struct {
	OK        bool             `json:"ok"`
	Contracts int              `json:"contracts"`
	Faults    []*catalog.Fault `json:"faults"`
}

func validateContracts(c *console, dir, schemaFile string) error {
	var tree fs.FS = catalogs.FS
	if dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no folder of data contracts; it should hold DEPARTMENT/CATALOGUE.yaml", dir)
		}
		tree = os.DirFS(dir)
	}
	var schema []byte
	if schemaFile != "" {
		var err error
		if schema, err = os.ReadFile(schemaFile); err != nil {
			return fmt.Errorf("read the standard's schema: %w", err)
		}
	}
	standard, err := catalog.NewStandard(schema)
	if err != nil {
		return err
	}
	n, faults, err := catalog.Validate(tree, standard)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("there is no data contract in %s; contracts are DEPARTMENT/CATALOGUE.yaml", dir)
	}
	err = c.result(validation{len(faults) == 0, n, append([]*catalog.Fault{}, faults...)}, func(w io.Writer) {
		for _, fault := range faults {
			fmt.Fprintf(w, "%s: %s %s\n", fault.File, fault.Field, fault.Problem)
		}
		if len(faults) == 0 {
			fmt.Fprintf(w, "%d contracts keep the standard and the rules\n", n)
		}
	})
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%d faults in %d contracts; the first is in %s: %s %s", len(faults), n, faults[0].File, faults[0].Field, faults[0].Problem)
	}
	return err
}

// catalogSummary is what node catalog prints.
type catalogSummary struct {
	Departments int                         `json:"departments"`
	Catalogues  int                         `json:"catalogues"`
	Fields      int                         `json:"fields"`
	Governance  []catalog.Governance        `json:"governance"`
	Standings   map[string]catalog.Standing `json:"standings,omitempty"`
	Pages       int                         `json:"pages,omitempty"`
	Seconds     float64                     `json:"seconds"`
}

func showCatalog(c *console, s catalog.Site, dir string) error {
	started := time.Now()
	s.UsedBy = indicatorUses(s.Contracts)
	used := map[string]bool{}
	for table := range s.UsedBy {
		used[table] = true
	}
	summary := catalogSummary{Catalogues: len(s.Contracts.All()), Governance: catalog.GovernanceOf(s.Contracts, used, s.Standings), Standings: s.Standings}
	summary.Departments = len(summary.Governance)
	for _, g := range summary.Governance {
		summary.Fields += g.Fields
	}
	if dir != "" {
		var err error
		if summary.Pages, err = catalog.WriteSite(dir, s); err != nil {
			return err
		}
	}
	summary.Seconds = time.Since(started).Seconds()
	return c.result(summary, func(w io.Writer) { printCatalog(w, summary, dir) })
}

// indicatorUses says which indicators are computed from a catalogue, by table.
func indicatorUses(contracts *catalog.Catalogs) map[string][]catalog.Use {
	uses := map[string][]catalog.Use{}
	for _, c := range contracts.All() {
		for _, i := range indicator.All() {
			if slices.Contains(i.Sources, c.Department+"/"+c.Name) {
				uses[c.Table()] = append(uses[c.Table()], catalog.Use{TitleZH: i.TitleZH, TitleEN: i.TitleEN})
			}
		}
	}
	return uses
}

func printCatalog(w io.Writer, s catalogSummary, dir string) {
	fmt.Fprintf(w, "%d departments, %d catalogues, %d fields\n\n", s.Departments, s.Catalogues, s.Fields)
	fmt.Fprintf(w, "%-28s %10s %9s %6s %13s %6s %7s %7s %5s\n", "department", "catalogues", "complete", "owned", "standardised", "fresh", "graded", "shared", "used")
	for _, g := range s.Governance {
		v := g.Shares
		fmt.Fprintf(w, "%-28s %10d %9s %6s %13s %6s %7s %7s %5s\n", g.Department, g.Catalogues, whole(v.Complete), whole(v.Owned), whole(v.Standardised), whole(v.Fresh), whole(v.Graded), whole(v.Shared), whole(v.Used))
	}
	if dir != "" {
		fmt.Fprintf(w, "\n%d pages written to %s; open index.html\n", s.Pages, dir)
	}
}

// whole writes a share in percent, never rounded up to all; "-" for one that was not measured.
func whole(share float64) string {
	if share < 0 {
		return "-"
	}
	percent := int(share*100 + 0.5)
	if share < 1 {
		percent = min(percent, 99)
	}
	return fmt.Sprintf("%d%%", percent)
}
