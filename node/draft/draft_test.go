package draft_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/draft"
	"github.com/yidaitong/yidaitong/node/lake"
)

// licences is a department's file as no contract of the tree knows it: thirty rows with a title above, a unit in a header, a wrong credit code among
// right ones, values that repeat and values that must not be copied.
func licences() (header []string, rows [][]string) {
	codes := []string{"91330100799655058B", "9144030071526726XG", "91110000802100433B", "91110108551385082Q", "914403001922038216"}
	header = []string{"许可证编号", "零售户名称", "信用代码", "经办人", "身份证号", "联系电话", "核发日期", "统计月份", "许可状态", "上年销售额（万元）", "从业人数", "备注说明"}
	for i := range 30 {
		code := codes[i%len(codes)]
		if i == 7 {
			code = "91330100799655058X"
		}
		rows = append(rows, []string{
			fmt.Sprintf("皖烟零%06d", 700100+i), fmt.Sprintf("金寨县某%c便民超市商行", '甲'+rune(i)), code, []string{"王小明", "李建国", "欧阳文静"}[i%3],
			"11010519491231002X", fmt.Sprintf("139%08d", 77000000+i), fmt.Sprintf("2023/%d/%d", 1+i%12, 1+i%28), fmt.Sprintf("2024年%d月", 1+i%12),
			[]string{"在营", "歇业", "整顿"}[i%3], fmt.Sprintf("%d.%d", 1000+i*37, i%10), fmt.Sprint(3 + i%9), fmt.Sprintf("绝密批注%d", i),
		})
	}
	return header, rows
}

func lines(title string, header []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString(title)
	for _, row := range append([][]string{header}, rows...) {
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	return b.String()
}

// house reads samples.
type house struct {
	t     *testing.T
	lake  *lake.Lake
	known *catalog.Catalogs
}

func newHouse(t *testing.T) *house {
	t.Helper()
	known, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.Context(), filepath.Join(t.TempDir(), "lake"), lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &house{t, l, known}
}

func (h *house) propose(name string, content []byte) (draft.Draft, error) {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		h.t.Fatal(err)
	}
	sample, err := delivery.ReadSample(h.t.Context(), h.lake.DB(), path, 5000, h.lake.Temp())
	if err != nil {
		return draft.Draft{}, err
	}
	return draft.Propose(sample, h.known, draft.Options{Department: "tobacco", DepartmentTitle: "烟草专卖局", Name: "retail_licence", Title: "烟草专卖零售许可证"})
}

// filled is a draft's text as a person would complete it.
func filled(text string) string {
	return strings.NewReplacer(
		catalog.Open+"一句话说明每一行记录什么", "每行是一张零售许可证",
		catalog.Open+"责任岗位，如某某局某某科科长（写岗位，不写姓名）", "烟草专卖局专卖科科长",
		catalog.Open+"数据目录英文名", "retail licences",
		catalog.Open+"依据的法律法规，书名号括起", "《烟草专卖法》",
		catalog.Open+"无条件共享 / 有条件共享 / 不予共享", "有条件共享",
		catalog.Open+"一般 / 重要 / 核心（GB/T 43697）", "一般",
		catalog.Open+"d 每日 / m 每月 / q 每季 / y 每年", "m",
		`"`+catalog.Open+"保存年数，写数字"+`"`, "10",
		catalog.Open+"英文名", "name",
		"status: draft", "status: active",
	).Replace(text)
}

func TestADraftHoldsOnceItsGapsAreFilled(t *testing.T) {
	h := newHouse(t)
	header, rows := licences()
	d, err := h.propose("台账.csv", []byte(lines("2024年零售许可证台账,,,,,,,,,,,\n", header, rows)))
	if err != nil {
		t.Fatal(err)
	}
	standard, err := catalog.NewStandard(nil)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) []*catalog.Fault {
		_, faults, err := catalog.Validate(fstest.MapFS{"tobacco/retail_licence.yaml": {Data: []byte(text)}}, standard)
		if err != nil {
			t.Fatal(err)
		}
		return faults
	}
	text := string(d.YAML())
	open := validate(text)
	for _, field := range []string{"description.purpose", "team[owner].username", "customProperties[legalBasis]", "customProperties[sharingClass]",
		"customProperties[securityClass]", "slaProperties[frequency]", "slaProperties[retention]", "customProperties[titleEn]"} {
		if !slices.ContainsFunc(open, func(f *catalog.Fault) bool { return f.Field == field }) {
			t.Errorf("validation does not name the gap %s", field)
		}
	}
	if len(d.Open()) < 8 {
		t.Errorf("the draft lists only %q as open", d.Open())
	}
	for _, fault := range validate(filled(text)) {
		t.Errorf("filled in, it still has the fault %v", fault)
	}
	contract, err := catalog.Parse("x.yaml", []byte(filled(text)))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		title, unit string
		kind        catalog.Type
		identifier  catalog.Identifier
		key         bool
		personal    bool
		values      int
	}{
		{"许可证编号", "", catalog.Text, "", true, false, 0},
		{"零售户名称", "", catalog.Text, catalog.FirmName, false, false, 0},
		{"信用代码", "", catalog.Text, catalog.USCI, false, false, 0},
		{"经办人", "", catalog.Text, catalog.PersonName, false, true, 0},
		{"身份证号", "", catalog.Text, catalog.ResidentID, false, true, 0},
		{"联系电话", "", catalog.Text, "", false, true, 0},
		{"核发日期", "", catalog.Date, "", false, false, 0},
		{"统计月份", "", catalog.Period, "", false, false, 0},
		{"许可状态", "", catalog.Text, "", false, false, 3},
		{"上年销售额", "万元", catalog.Wan, "", false, false, 0},
		{"从业人数", "人", catalog.Count, "", false, false, 0},
		{"备注说明", "", catalog.Text, "", false, false, 0},
	}
	for i, w := range want {
		f := contract.Fields[i]
		if f.TitleZH != w.title || f.Type != w.kind || f.Unit != w.unit || f.Identifier != w.identifier || f.Key != w.key || f.Personal != w.personal || len(f.Values) != w.values {
			t.Errorf("field %d is %s: %s in %q, identifier %q, key %v, personal %v, values %v; want %+v", i, f.TitleZH, f.Type, f.Unit, f.Identifier, f.Key, f.Personal, f.Values, w)
		}
	}
	if contract.SecurityGrade != 4 || contract.Role != catalog.RoleRecord {
		t.Errorf("level %d, role %s", contract.SecurityGrade, contract.Role)
	}
	for _, row := range rows {
		for i, cell := range row {
			if want[i].values == 0 && len(cell) > 2 && strings.Contains(text, cell) {
				t.Errorf("the draft holds the sample's value of %s", want[i].title)
			}
		}
	}
}

// TestADraftTakesWhatItProposes loads the sample itself under the completed draft.
func TestADraftTakesWhatItProposes(t *testing.T) {
	h := newHouse(t)
	header, rows := licences()
	content := lines("", header, rows)
	d, err := h.propose("台账.csv", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.known.Overlay(fstest.MapFS{"tobacco/retail_licence.yaml": {Data: []byte(filled(string(d.YAML())))}})
	if err != nil {
		t.Fatal(err)
	}
	if err := delivery.Prepare(t.Context(), h.lake, all); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tobacco", "retail_licence_20261016.csv")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
	report, err := delivery.Load(t.Context(), h.lake, all, []string{path}, delivery.LoadOptions{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if report.Landed != int64(len(rows)) {
		t.Errorf("loaded %+v, want all %d rows landed", report, len(rows))
	}
}

func TestEveryFormatGivesTheSameDraft(t *testing.T) {
	h := newHouse(t)
	header, rows := licences()
	plain := lines("", header, rows)
	want, err := h.propose("a.csv", []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	var jsonl strings.Builder
	for _, row := range rows {
		var members []string
		for i, cell := range row {
			members = append(members, fmt.Sprintf("%q: %q", header[i], cell))
		}
		jsonl.WriteString("{" + strings.Join(members, ", ") + "}\n")
	}
	array := "[" + strings.ReplaceAll(strings.TrimSpace(jsonl.String()), "\n", ",") + "]"
	parquet := filepath.Join(t.TempDir(), "a.parquet")
	csv := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(csv, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.lake.DB().ExecContext(t.Context(), "COPY (FROM read_csv("+lake.Path(csv)+", all_varchar = true)) TO "+lake.Quote(parquet)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	columns, err := os.ReadFile(parquet)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"gb.csv": []byte(gb), "semicolon.txt": []byte(strings.ReplaceAll(plain, ",", ";")), "lines.jsonl": []byte(jsonl.String()), "array.json": []byte(array),
		"book.xlsx": workbook(t, header, rows), "columns.parquet": columns,
	} {
		got, err := h.propose(name, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(got.YAML()) != string(want.YAML()) {
			t.Errorf("%s gives another draft:\n%s", name, got.YAML())
		}
	}
}

func workbook(t *testing.T, header []string, rows [][]string) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	_ = book.SetCellValue("Sheet1", "A1", "零售许可证台账")
	for i, row := range append([][]string{header}, rows...) {
		for j, cell := range row {
			at, _ := excelize.CoordinatesToCellName(j+1, i+2)
			if err := book.SetCellStr("Sheet1", at, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOddSamplesGiveDraftsOrSentences(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct{ name, content, says string }{
		{"empty.csv", "", "empty"},
		{"header.csv", "名称,日期\n", "no row"},
		{"numbers.csv", "1,2,3\n4,5,6\n", ""},
	} {
		if _, err := h.propose(tt.name, []byte(tt.content)); err == nil || !strings.Contains(err.Error(), tt.name) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want a sentence that names the file and says %q", tt.name, err, tt.says)
		}
	}
	d, err := h.propose("twice.csv", []byte("名称,金额(元),金额(万元),名称,,1号楼\n甲厂,1,2,乙厂,x,y\n"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range d.Fields {
		if names[f.Name] {
			t.Errorf("two fields are called %s", f.Name)
		}
		names[f.Name] = true
	}
	if _, err := catalog.Parse("x", []byte(filled(string(d.YAML())))); err != nil {
		t.Errorf("columns that are there twice: %v\n%s", err, d.YAML())
	}
	if _, err := draft.Propose(delivery.Sample{Rows: [][]string{{"a"}}, Headers: []string{"b"}}, h.known, draft.Options{Department: "Tax", Name: "x"}); err == nil || !strings.Contains(err.Error(), "--department") {
		t.Errorf("a department in capitals: %v", err)
	}
}

// TestAnySampleGivesAContractThatReads drafts from tables of odd headers and cells: once the gaps are filled, the parser takes every draft, and no long
// cell is in it.
func TestAnySampleGivesAContractThatReads(t *testing.T) {
	known, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	cell := rapid.OneOf(
		rapid.SampledFrom([]string{"", "-", "是", "否", "12", "0012", "1,234.50", "12.5万元", "60%", "2024-03-05", "2024/3/5", "20240305", "2024年3月", "202403", "45291",
			"91330100799655058B", "11010519491231002X", "13912345678", "王小明", "六安市示例商行", "a@b.cn", "100000000000000", "-5"}),
		rapid.StringMatching(`[\p{Han}a-z0-9"':#{}\[\],&*!|>%@\\ -]{0,12}`),
	)
	header := rapid.OneOf(
		rapid.SampledFrom([]string{"统一社会信用代码", "企业名称", "金额", "金额(元)", "金额（万元）", "日期", "年度", "负责人", "联系电话", "编号", "usci", "USCI", "2024年", "状态", "身份证号", "备注"}),
		rapid.StringMatching(`[\p{Han}]{1,8}`),
		rapid.StringMatching(`[A-Za-z0-9 _().:"'#{}*&-]{1,10}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		titles := rapid.SliceOfN(header, 1, 8).Draw(t, "headers")
		var headers []string
		for _, f := range catalog.AsText(titles).Fields {
			headers = append(headers, f.TitleZH)
		}
		if len(headers) == 0 {
			t.Skip("no header")
		}
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, len(headers), len(headers)), 1, 40).Draw(t, "rows")
		d, err := draft.Propose(delivery.Sample{Headers: headers, Rows: rows}, known, draft.Options{Department: "tobacco", DepartmentTitle: "烟草专卖局", Name: "any", Title: "任意"})
		if err != nil {
			t.Fatal(err)
		}
		text := filled(string(d.YAML()))
		contract, err := catalog.Parse("any.yaml", []byte(text))
		if err != nil {
			t.Fatalf("headers %q: %v\n%s", headers, err, text)
		}
		if len(contract.Fields) != len(headers) {
			t.Errorf("%d fields of %d columns", len(contract.Fields), len(headers))
		}
		for i, f := range contract.Fields {
			if _, ok := contract.Column(headers[i]); !ok {
				t.Errorf("the draft does not know its own header %q", headers[i])
			}
			for _, row := range rows {
				if len([]rune(row[i])) > 8 && f.Example == row[i] && f.Example != "2024-03-05" {
					t.Errorf("the example of %q is the sample's value", headers[i])
				}
			}
		}
	})
}
