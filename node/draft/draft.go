package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
)

// Draft is a proposed contract.
type Draft struct {
	Department      string  `json:"department"`
	DepartmentTitle string  `json:"department_title"`
	Name            string  `json:"name"`
	Title           string  `json:"title"`
	Role            string  `json:"role"`
	Grade           int     `json:"security_grade"`
	Fields          []Field `json:"fields"`
	Rows            int     `json:"rows"` // of the sample
}

// Field is a proposed column, with the reasons for what is proposed.
type Field struct {
	catalog.Field
	Why []string
}

// Options say what the sample cannot. Department and Name are codes; an empty title is left open.
type Options struct {
	Department, DepartmentTitle string
	Name, Title                 string
}

// codePattern is what the contract's parser takes for a code.
var codePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Propose drafts a contract from a sample. Contracts that are known serve as a dictionary of headers.
func Propose(sample delivery.Sample, known *catalog.Catalogs, o Options) (Draft, error) {
	for flag, code := range map[string]string{"department": o.Department, "name": o.Name} {
		if !codePattern.MatchString(code) {
			return Draft{}, fmt.Errorf("--%s %q is no code; write it in small letters, as in tax or tax_return", flag, code)
		}
	}
	if len(sample.Rows) == 0 {
		return Draft{}, fmt.Errorf("%s has no row from which a contract could be drafted", sample.File)
	}
	d := Draft{Department: o.Department, DepartmentTitle: o.DepartmentTitle, Name: o.Name, Title: o.Title, Role: string(catalog.RoleRecord), Rows: len(sample.Rows)}
	if its := known.Of(o.Department); d.DepartmentTitle == "" && len(its) > 0 {
		d.DepartmentTitle = its[0].DepartmentZH
	}
	words := dictionaryOf(known)
	for i, header := range sample.Headers {
		d.Fields = append(d.Fields, propose(header, valuesOf(sample.Rows, i), words))
	}
	d.titleApart(sample.Headers)
	d.nameApart()
	d.identifyOnce()
	d.chooseKey(sample.Rows)
	d.Grade = 1
	for _, f := range d.Fields {
		d.Grade = max(d.Grade, f.Grade)
	}
	if slices.ContainsFunc(d.Fields, func(f Field) bool { return f.Identifier == catalog.ResidentID }) &&
		!slices.ContainsFunc(d.Fields, func(f Field) bool { return f.Identifier.OfFirm() }) {
		d.Role = string(catalog.RolePerson)
	}
	return d, nil
}

func valuesOf(rows [][]string, column int) []string {
	values := make([]string, len(rows))
	for i, row := range rows {
		values[i] = row[column]
	}
	return values
}

// titleApart keeps the unit in the titles of columns that differ in nothing else.
func (d *Draft) titleApart(headers []string) {
	seen := map[string]int{}
	for i := range d.Fields {
		folded := catalog.FoldHeader(d.Fields[i].TitleZH)
		if first, twice := seen[folded]; twice {
			for _, j := range []int{first, i} {
				d.Fields[j].TitleZH, d.Fields[j].Synonyms = headers[j], nil
			}
			continue
		}
		seen[folded] = i
	}
}

// nameApart gives a field whose code is another's, or is how another column is headed, a number.
func (d *Draft) nameApart() {
	taken := map[string]int{}
	for i, f := range d.Fields {
		for _, header := range append([]string{f.TitleZH}, f.Synonyms...) {
			taken[catalog.FoldHeader(header)] = i
		}
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		name := f.Name
		for n := 2; ; n++ {
			if other, used := taken[catalog.FoldHeader(name)]; !used || other == i {
				break
			}
			name = numbered(f.Name, n)
		}
		f.Name = name
		taken[catalog.FoldHeader(name)] = i
	}
}

// numbered puts a number behind a name; the unit stays at the end, where the rules look for it.
func numbered(name string, n int) string {
	for _, unit := range []string{"_yuan", "_wan"} {
		if stem, ok := strings.CutSuffix(name, unit); ok {
			return fmt.Sprintf("%s_%d%s", stem, n, unit)
		}
	}
	return fmt.Sprintf("%s_%d", name, n)
}

// identifyOnce leaves each kind of identifier to one field: a row is about one firm. A second column of credit codes is somebody else's, as a
// counterparty's.
func (d *Draft) identifyOnce() {
	seen := map[catalog.Identifier]bool{}
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Identifier == "" {
			continue
		}
		if seen[f.Identifier] {
			f.Why = append(f.Why, fmt.Sprintf("另有一列已作 %s，本列按普通字段处理，请核对哪一列是本行所指的主体", f.Identifier))
			f.Identifier = ""
		}
		seen[f.Identifier] = true
	}
}

// keyWidth is how many columns a guessed key may have.
const keyWidth = 4

// chooseKey takes the fewest columns under which no two rows of the sample agree: numbers of documents first, then the identifier of the subject,
// then months, days and kinds. Amounts, counts and free text are never part of a key.
func (d *Draft) chooseKey(rows [][]string) {
	var candidates []int
	for i, f := range d.Fields {
		if rank(f.Field) > 0 {
			candidates = append(candidates, i)
		}
	}
	slices.SortStableFunc(candidates, func(a, b int) int { return cmp.Compare(rank(d.Fields[a].Field), rank(d.Fields[b].Field)) })
	candidates = candidates[:min(len(candidates), 10)]
	for width := 1; width <= min(keyWidth, len(candidates)); width++ {
		if key := firstUnique(rows, candidates, width); key != nil {
			for _, i := range key {
				f := &d.Fields[i]
				f.Key, f.Required = true, !f.Identifier.OfFirm()
				f.Why = append(f.Why, fmt.Sprintf("样本 %d 行中，主键各列合起来没有重复，请核对是否总是如此", len(rows)))
			}
			return
		}
	}
}

// rank orders the columns that can be part of a key; 0 is never.
func rank(f catalog.Field) int {
	switch {
	case f.Identifier == catalog.USCI, f.Identifier == catalog.TaxpayerID, f.Identifier == catalog.ResidentID, f.Identifier == catalog.RegNo:
		return 2
	case f.Personal || f.Identifier != "":
		return 0
	case f.Type == catalog.Text && numberOfDocument.MatchString(f.TitleZH) && !strings.HasPrefix(f.Standard, "GB"):
		return 1
	case f.Type == catalog.Period, f.Type == catalog.Count && strings.HasSuffix(f.TitleZH, "年度"):
		return 3
	case f.Type == catalog.Date:
		return 4
	case len(f.Values) > 0:
		return 5
	default:
		return 0
	}
}

var numberOfDocument = regexp.MustCompile(`(编号|号码|文号|案号|证号|单号|户号|号|编码|代码)$`)

// firstUnique is the first choice of so many columns under which all rows differ and none is empty.
func firstUnique(rows [][]string, candidates []int, width int) []int {
	chosen := make([]int, 0, width)
	var choose func(from int) []int
	choose = func(from int) []int {
		if len(chosen) == width {
			if unique(rows, chosen) {
				return slices.Clone(chosen)
			}
			return nil
		}
		for i := from; i < len(candidates); i++ {
			chosen = append(chosen, candidates[i])
			if found := choose(i + 1); found != nil {
				return found
			}
			chosen = chosen[:len(chosen)-1]
		}
		return nil
	}
	return choose(0)
}

func unique(rows [][]string, columns []int) bool {
	seen := make(map[string]bool, len(rows))
	for _, row := range rows {
		var b strings.Builder
		for _, c := range columns {
			if row[c] == "" {
				return false
			}
			b.WriteString(row[c])
			b.WriteByte(0x1f)
		}
		if seen[b.String()] {
			return false
		}
		seen[b.String()] = true
	}
	return true
}

// Open lists what the draft leaves to a person, in the words of the contract's fields.
func (d Draft) Open() []string {
	var open []string
	property := ""
	for line := range strings.Lines(string(d.YAML())) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "- property: "); ok {
			property = name
		}
		if strings.HasPrefix(line, "#") || !strings.Contains(line, catalog.Open) {
			continue
		}
		key, hint, _ := strings.Cut(strings.TrimPrefix(line, "- "), ": ")
		if key == "value" || key == "unit" {
			key = property
		}
		open = append(open, key+": "+strings.ReplaceAll(strings.Trim(hint, `"`), catalog.Open, ""))
	}
	if !slices.ContainsFunc(d.Fields, func(f Field) bool { return f.Key }) {
		open = append(open, "primaryKey: 样本中找不到不重复的列，请指定主键")
	}
	return open
}
