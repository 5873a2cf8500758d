package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOnboardingAsWritten runs the commands with which data-onboarding.md takes a new department from a sample to a quality report, exactly as they
// stand there, one block after the other in one shell.
func TestOnboardingAsWritten(t *testing.T) {
	text, err := os.ReadFile("data-onboarding.md")
	if err != nil {
		t.Fatal(err)
	}
	section, _, _ := strings.Cut(string(text)[strings.Index(string(text), "## A new department"):], "\n## Deliver")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) < 7 {
		t.Fatalf("only %d blocks of commands", len(blocks))
	}
	bin := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "yidaitong"), "../cmd/yidaitong").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var script strings.Builder
	for _, block := range blocks {
		script.WriteString(block[1])
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("the last command failed: %v\n%s", err, out)
	}
	from := 0
	for _, says := range []string{
		"8 things are left open", "8 faults in 1 contracts", "1 contracts keep the standard and the rules",
		"5 rows received = 5 landed", "8 rows received = 1 landed + 2 quarantined + 5 duplicates",
		"烟草专卖局 (tobacco): 8 rows received = 6 landed + 2 quarantined", "pages written to site", "the node holds: 2 deliveries",
	} {
		at := strings.Index(string(out)[from:], says)
		if at < 0 {
			t.Fatalf("after %d characters nothing says %q:\n%s", from, says, out)
		}
		from += at
	}
	for _, name := range []string{"quality.html", "quality.xlsx", "site/index.html", "site/tobacco/retail_licence.html"} {
		if info, err := os.Stat(filepath.Join(shell.Dir, "tobacco", filepath.FromSlash(name))); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", name, err)
		}
	}
}
