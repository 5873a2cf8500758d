package catalog_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// drawn is a site as its files.
func drawn(t *testing.T, s catalog.Site) (pages int, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	pages, err := catalog.WriteSite(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages, files
}

var link = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

func TestTheSiteHasEveryCatalogueAndNoLooseLink(t *testing.T) {
	all := load(t)
	pages, files := drawn(t, catalog.Site{Contracts: all})
	if want := 1 + len(all.Departments()) + len(all.All()); pages != want {
		t.Errorf("%d pages, want %d", pages, want)
	}
	for name, text := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := path.Join(path.Dir(name), m[1])
			if _, ok := files[target]; !ok {
				t.Errorf("%s: the link %s leads nowhere", name, m[1])
			}
		}
	}
	for _, c := range all.All() {
		if !strings.Contains(files[c.Department+"/index.html"], c.TitleZH) || !strings.Contains(files["search.js"], c.TitleZH) {
			t.Errorf("%s is not on its department's page or not in the search", c.TitleZH)
		}
		page := files[c.Department+"/"+c.Name+".html"]
		for _, f := range c.Fields {
			if !strings.Contains(page, `id="`+f.Name+`"`) || !strings.Contains(page, "<b><span class=\"zh-text\">") {
				t.Errorf("%s: the field %s is not on its page", c.File, f.Name)
			}
		}
	}
}

func TestTheSiteTakesContractsForTextAndShowsHowTheyStand(t *testing.T) {
	text, err := catalogs.FS.ReadFile("market_regulation/abnormal_list.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hostile := strings.ReplaceAll(string(text), "列入原因", "<script>alert(1)</script>")
	contracts, err := catalog.Load(fstest.MapFS{"market_regulation/abnormal_list.yaml": {Data: []byte(hostile)}})
	if err != nil {
		t.Fatal(err)
	}
	latest := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	_, files := drawn(t, catalog.Site{Contracts: contracts, AsOf: latest.AddDate(0, 0, 20),
		UsedBy: map[string][]catalog.Use{"market_regulation__abnormal_list": {{TitleZH: "异常次数", TitleEN: "times abnormal"}}},
		Standings: map[string]catalog.Standing{"market_regulation__abnormal_list": {Deliveries: 7, Received: 12345, Landed: 12000, Latest: latest, DaysLate: 12, Overall: 0.876,
			Scores: []catalog.DimensionScore{{TitleZH: "规范性", TitleEN: "normative", Share: 0.9999}}}}})
	for name, text := range files {
		if strings.Contains(strings.ReplaceAll(text, "\\u003cscript", ""), "<script>alert") {
			t.Errorf("%s runs a contract's text", name)
		}
	}
	page := files["market_regulation/abnormal_list.html"]
	for _, want := range []string{"12,345", "2026-10-01", "逾期 12 天", "99.9%", "87.6%", "异常次数", "times abnormal", "企业经营异常名录管理暂行办法", "市场监督管理局登记注册科科长"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestGovernanceCounts counts a department of one sound catalogue and one with a gap in each respect.
func TestGovernanceCounts(t *testing.T) {
	text, err := catalogs.FS.ReadFile("human_resources/social_insurance.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sound := string(text)
	gaps := strings.NewReplacer("social_insurance", "pension", "value: \"人\"", "value: \"\"", "有条件共享", "不予共享").Replace(sound)
	owner := regexp.MustCompile(`username: "[^"]*"`)
	title := regexp.MustCompile(`departmentTitle\n    value: "([^"]*)"`).FindStringSubmatch(sound)[1]
	gaps = owner.ReplaceAllString(gaps, `username: "`+title+`"`)
	gaps = regexp.MustCompile(`securityGrade\n    value: \d`).ReplaceAllString(gaps, "securityGrade\n    value: 1")
	contracts, err := catalog.Load(fstest.MapFS{"human_resources/social_insurance.yaml": {Data: []byte(sound)}, "human_resources/pension.yaml": {Data: []byte(gaps)}})
	if err != nil {
		t.Fatal(err)
	}
	fields := len(contracts.All()[0].Fields)
	coded := 0
	for _, f := range contracts.All()[0].Fields {
		if f.Type != catalog.Text || f.Identifier == catalog.USCI {
			coded++
		}
	}
	standings := map[string]catalog.Standing{"human_resources__social_insurance": {Deliveries: 3}, "human_resources__pension": {Deliveries: 3, DaysLate: 1}}
	got := catalog.GovernanceOf(contracts, map[string]bool{"human_resources__social_insurance": true}, standings)
	want := catalog.Shares{Owned: 0.5, Fresh: 0.5, Graded: 0.5, Shared: 0.5, Used: 0.5,
		Complete: float64(2*fields-1) / float64(2*fields), Standardised: float64(2*coded-1) / float64(2*coded)}
	if len(got) != 1 || got[0].Catalogues != 2 || got[0].Fields != 2*fields || got[0].Shares != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if fresh := catalog.GovernanceOf(contracts, nil, nil)[0].Shares.Fresh; fresh >= 0 {
		t.Errorf("freshness without a node is %f", fresh)
	}
}

func FuzzParse(f *testing.F) {
	files, err := fs.Glob(catalogs.FS, "tax/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := catalogs.FS.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("schema: [{properties: [{name: x, logicalTypeOptions: {minimum: [1]}}]}]"))
	standard, err := catalog.NewStandard(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		contract, err := catalog.Parse("x.yaml", text)
		if (err == nil) == (contract == nil) {
			t.Errorf("a contract and an error, or neither: %v", err)
		}
		standard.Check("x.yaml", text)
	})
}
