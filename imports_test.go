package yidaitong

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/yidaitong/yidaitong/"

// importRules says which parts of the tree a part may import. A part is the first folder of a path; cmd and the
// programs that play or measure the whole wire everything together and are free.
var importRules = map[string][]string{
	"lockfile": {},
	"border":   {},
	"translog": {"border", "lockfile"},
	"catalogs": {},
	"node":     {"border", "translog", "catalogs", "lockfile"},
	"platform": {"border", "translog", "lockfile"},
	"city":     {"catalogs"},
	"journey":  {},
}

// nodeOrder is the direction in which data flow through the node: a package may import those that stand before it. The lake stands before
// delivery because a delivery lands in it; the lake knows nothing of deliveries.
var nodeOrder = []string{"catalog", "lake", "delivery", "draft", "intake", "quality", "entity", "news", "indicator", "scorecard", "rights", "gate"}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the packages: %v", err)
	}
	var packages []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("read the list of packages: %v", err)
		}
		packages = append(packages, p)
	}
}

// breaches returns the imports that the rules forbid, as "importer -> imported".
func breaches(packages []goPackage) []string {
	var found []string
	for _, p := range packages {
		from := strings.TrimPrefix(p.ImportPath, module)
		allowed, ruled := importRules[part(from)]
		if !ruled {
			continue
		}
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours || part(to) == part(from) && !againstTheFlow(from, to) {
				continue
			}
			if part(to) == part(from) || !contains(allowed, part(to)) {
				found = append(found, from+" -> "+to)
			}
		}
	}
	sort.Strings(found)
	return found
}

// againstTheFlow reports whether a node package imports one that comes after it.
func againstTheFlow(from, to string) bool {
	f, t := flowIndex(from), flowIndex(to)
	return f >= 0 && t > f
}

func flowIndex(path string) int {
	rest, ok := strings.CutPrefix(path, "node/")
	if !ok {
		return -1
	}
	for i, name := range nodeOrder {
		if part(rest) == name {
			return i
		}
	}
	return -1
}

func part(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func TestImportRules(t *testing.T) {
	for _, b := range breaches(listPackages(t)) {
		t.Errorf("forbidden import: %s", b)
	}
}

// TestImportRulesSeeABreach proves that the check can fail.
func TestImportRulesSeeABreach(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"platform/lending", "node/lake"},
		{"node/gate", "platform/consent"},
		{"border", "node/catalog"},
		{"node/lake", "node/scorecard"},
		{"translog", "platform/store"},
		{"city", "node/entity"},
	} {
		got := breaches([]goPackage{{ImportPath: module + c.from, Imports: []string{"fmt", module + c.to}}})
		if len(got) != 1 {
			t.Errorf("%s -> %s: not seen as a breach", c.from, c.to)
		}
	}
	for _, c := range []struct{ from, to string }{
		{"platform/lending", "border/v1"},
		{"node/gate", "node/catalog"},
		{"cmd/yidaitong", "node"},
	} {
		if got := breaches([]goPackage{{ImportPath: module + c.from, Imports: []string{module + c.to}}}); len(got) != 0 {
			t.Errorf("%s -> %s: wrongly seen as a breach", c.from, c.to)
		}
	}
}

// TestNothingOfOneMachine keeps notes to self and paths of one machine out of the tree.
func TestNothingOfOneMachine(t *testing.T) {
	patterns := map[string]string{
		`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`: "a note to self",
		`/(wo` + `rk|ro` + `ot|ho` + `me)/[a-z]`:        "a path of one machine",
	}
	for pattern, what := range patterns {
		out, err := exec.CommandContext(t.Context(), "git", "grep", "-nIE", pattern, "--",
			":!*.lock", ":!go.sum", ":!package-lock.json", ":!tools/go.sum").Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 1 {
			continue
		}
		if err != nil {
			t.Fatalf("search the tree: %v", err)
		}
		t.Errorf("%s:\n%s", what, out)
	}
}
