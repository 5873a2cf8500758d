package catalog

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed site/*
var siteFiles embed.FS

// Site is what the catalogue site shows besides the contracts themselves.
type Site struct {
	Contracts *Catalogs
	UsedBy    map[string][]Use    // by table: the indicators that are computed from it
	Standings map[string]Standing // by table; nil where no node was asked
	AsOf      time.Time           // of the standings
}

// Use is something that is computed from a catalogue.
type Use struct{ TitleZH, TitleEN string }

// WriteSite draws the catalogue as a static site in a folder: an index with a search, a page per department, a page per catalogue. It needs no server
// and no network; without JavaScript the pages are plain lists.
func WriteSite(dir string, s Site) (pages int, err error) {
	t, err := template.New("").Funcs(s.functions()).ParseFS(siteFiles, "site/*.html")
	if err != nil {
		return 0, fmt.Errorf("read the site's pages: %w", err)
	}
	w := siteWriter{dir: dir, pages: t}
	used := map[string]bool{}
	for table := range s.UsedBy {
		used[table] = true
	}
	governance := GovernanceOf(s.Contracts, used, s.Standings)
	for _, name := range []string{"site.css", "site.js"} {
		text, err := siteFiles.ReadFile("site/" + name)
		if err != nil {
			return 0, err
		}
		w.file(name, text)
	}
	w.file("search.js", s.searchIndex())
	fields := 0
	for _, g := range governance {
		fields += g.Fields
	}
	w.page("index.html", "index", map[string]any{"Site": s, "Governance": governance, "Fields": fields, "Up": ""})
	for _, g := range governance {
		w.page(g.Department+"/index.html", "department", map[string]any{"Site": s, "Governance": g, "Contracts": s.Contracts.Of(g.Department), "Up": "../"})
	}
	for _, c := range s.Contracts.All() {
		standing, known := s.Standings[c.Table()]
		w.page(c.Department+"/"+c.Name+".html", "catalogue", map[string]any{"Site": s, "Contract": c, "Standing": standing, "Known": known, "Uses": s.UsedBy[c.Table()], "Up": "../"})
	}
	return w.count, w.err
}

// siteWriter writes pages until the first failure.
type siteWriter struct {
	dir   string
	pages *template.Template
	count int
	err   error
}

func (w *siteWriter) page(name, template string, data any) {
	if w.err != nil {
		return
	}
	var b strings.Builder
	if err := w.pages.ExecuteTemplate(&b, template, data); err != nil {
		w.err = fmt.Errorf("draw %s: %w", name, err)
		return
	}
	w.file(name, []byte(b.String()))
	w.count++
}

func (w *siteWriter) file(name string, text []byte) {
	if w.err != nil {
		return
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644)); err != nil {
		w.err = fmt.Errorf("write the site: %w", err)
	}
}

// searchIndex is a script that holds, per catalogue, what the search looks through: [page, title, English title, department, code, sharing, cycle, level, fields].
// It is a script and not data to be fetched, because pages opened from a folder may not fetch.
func (s Site) searchIndex() []byte {
	entries := make([][]any, 0, len(s.Contracts.All()))
	for _, c := range s.Contracts.All() {
		fields := make([][]string, 0, len(c.Fields))
		for _, f := range c.Fields {
			fields = append(fields, append([]string{f.TitleZH, f.TitleEN, f.Name, f.Standard}, f.Synonyms...))
		}
		entries = append(entries, []any{c.Department + "/" + c.Name + ".html", c.TitleZH, c.TitleEN, c.DepartmentZH, c.Department, c.SharingClass, c.UpdateCycle, c.SecurityGrade, fields, c.Purpose})
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return []byte("window.catalogues = [];\n") // texts always marshal
	}
	return append(append([]byte("window.catalogues = "), text...), ";\n"...)
}

func (s Site) functions() template.FuncMap {
	return template.FuncMap{
		"percent": func(share float64) string {
			switch {
			case share < 0:
				return "—"
			case share < 1 && share > 0.9995:
				return "99.9%"
			default:
				return strings.TrimSuffix(fmt.Sprintf("%.1f", share*100), ".0") + "%"
			}
		},
		"tone": func(share float64) string {
			switch {
			case share < 0:
				return "none"
			case share >= 0.95:
				return "good"
			case share >= 0.8:
				return "fair"
			default:
				return "poor"
			}
		},
		"dict": func(pairs ...string) map[string]string {
			named := map[string]string{}
			for i := 0; i+1 < len(pairs); i += 2 {
				named[pairs[i]] = pairs[i+1]
			}
			return named
		},
		"comma":   comma,
		"english": func(code string) string { return strings.ReplaceAll(code, "_", " ") },
		"cycleZH": func(c Cycle) string {
			return map[Cycle]string{CycleDaily: "每日", CycleMonthly: "每月", CycleQuarterly: "每季度", CycleYearly: "每年"}[c]
		},
		"typeZH": func(f Field) string {
			return map[Type]string{Text: "文本", Date: "日期", Period: "年月", Yuan: "金额", Wan: "金额", Count: "整数", Number: "数值"}[f.Type]
		},
		"typeEN": func(f Field) string {
			return map[Type]string{Text: "text", Date: "date", Period: "month", Yuan: "amount", Wan: "amount", Count: "integer", Number: "number"}[f.Type]
		},
		"sharingEN": func(class string) string {
			return map[string]string{"无条件共享": "shared unconditionally", "有条件共享": "shared on conditions", "不予共享": "not shared"}[class]
		},
		"classEN": func(class string) string {
			return map[string]string{"一般": "general", "重要": "important", "核心": "core"}[class]
		},
		"roleZH": func(r Role) string {
			return map[Role]string{RoleReference: "市场主体名册", RolePerson: "关于个人的记录", RoleRecord: "业务记录"}[r]
		},
		"roleEN": func(r Role) string {
			return map[Role]string{RoleReference: "register of firms", RolePerson: "records about persons", RoleRecord: "records"}[r]
		},
		"identifierZH": func(i Identifier) string {
			return map[Identifier]string{USCI: "主体标识", RegNo: "主体标识", OrgCode: "主体标识", TaxpayerID: "主体标识", FirmCode: "主体标识", FirmName: "主体名称", LegalName: "法定代表人", ResidentID: "个人标识", PersonName: "个人姓名"}[i]
		},
		"identifierEN": func(i Identifier) string {
			return map[Identifier]string{USCI: "names the firm", RegNo: "names the firm", OrgCode: "names the firm", TaxpayerID: "names the firm", FirmCode: "names the firm", FirmName: "the firm's name", LegalName: "legal person", ResidentID: "names the person", PersonName: "the person's name"}[i]
		},
		"rulesZH":  func(f Field) []string { return f.rules(wordsZH) },
		"rulesEN":  func(f Field) []string { return f.rules(wordsEN) },
		"join":     func(list []string) string { return strings.Join(list, "、") },
		"standing": func(c *Contract) *Standing { return standingOf(s.Standings, c) },
		"day":      func(t time.Time) string { return t.Format(time.DateOnly) },
		"asked":    func() bool { return s.Standings != nil },
		"asOf":     func() string { return s.AsOf.Format(time.DateOnly) },
	}
}

func standingOf(all map[string]Standing, c *Contract) *Standing {
	if s, ok := all[c.Table()]; ok && s.Deliveries > 0 {
		return &s
	}
	return nil
}

// ruleWords are the words in which a field's rules are told.
type ruleWords struct{ required, pattern, atLeast, atMost, oneOf, counted, between string }

var (
	wordsZH = ruleWords{"必填", "格式", "不小于 ", "不大于 ", "取值：", "（其他值只计数）", "、"}
	wordsEN = ruleWords{"required", "pattern", "at least ", "at most ", "one of: ", " (others are only counted)", ", "}
)

// rules are a field's rules in words.
func (f Field) rules(w ruleWords) []string {
	var all []string
	if f.Required {
		all = append(all, w.required)
	}
	if f.Minimum != "" {
		all = append(all, w.atLeast+f.Minimum)
	}
	if f.Maximum != "" {
		all = append(all, w.atMost+f.Maximum)
	}
	if len(f.Values) > 0 {
		rule := w.oneOf + strings.Join(f.Values, w.between)
		if f.ValuesWarn {
			rule += w.counted
		}
		all = append(all, rule)
	}
	if f.Pattern != "" {
		all = append(all, w.pattern+" "+f.Pattern)
	}
	return all
}

// comma writes a count with thousands apart.
func comma(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
