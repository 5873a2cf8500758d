package delivery_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const penaltyQuery = `SELECT taxpayer_id, period, tax_kind, paid_yuan, paid_on FROM landed.tax__tax_payment ORDER BY _delivery, _row`

// made saves a workbook that a function filled and returns its path.
func made(t *testing.T, name string, fill func(book *excelize.File)) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	fill(book)
	path := filepath.Join(t.TempDir(), "tax", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func set(t *testing.T, book *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
}

// A header over two rows with merged cells, areas merged downwards, a note below, and a sheet that is no table.
func TestMergedCellsAndSeveralSheets(t *testing.T) {
	h := newHouse(t)
	path := made(t, "tax_payment_20240410.xlsx", func(book *excelize.File) {
		set(t, book, "Sheet1",
			[]any{"税款缴纳情况表"},
			[]any{"纳税人识别号", "缴纳情况"},
			[]any{nil, "税款所属期", "税种", "实缴税额", "缴款日期"},
			[]any{"91341500799655058B", "2024-03", "增值税", 1, 45387},
			[]any{nil, nil, "印花税", 2, 45387},
			[]any{nil, nil, "契税", 3, 45387},
			[]any{"341502800000015", "2024-02", "增值税", 4, 45387},
		)
		for _, area := range [][2]string{{"A1", "E1"}, {"A2", "A3"}, {"B2", "E2"}, {"A4", "A6"}, {"B4", "B6"}, {"A9", "A20"}} {
			if err := book.MergeCell("Sheet1", area[0], area[1]); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"填表说明", "续表", "别的表"} {
			if _, err := book.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		set(t, book, "填表说明", []any{"请如实填写"})
		set(t, book, "续表", []any{"税种", "实缴金额", "税号", "所属期", "缴款日期"}, []any{"房产税", 5, "91341500799655058B", "2024-03", "2024/4/5"})
		set(t, book, "别的表", []any{"税种", "说明"}, []any{"房产税", "x"})
	})
	report := h.load(path)
	if len(report.Refused) > 0 || report.Received != 5 {
		t.Fatalf("report %+v", report)
	}
	want := [][]string{
		{"91341500799655058B", "2024-03-01", "增值税", "1.00", "2024-04-05"},
		{"91341500799655058B", "2024-03-01", "印花税", "2.00", "2024-04-05"},
		{"91341500799655058B", "2024-03-01", "契税", "3.00", "2024-04-05"},
		{"341502800000015", "2024-02-01", "增值税", "4.00", "2024-04-05"},
		{"91341500799655058B", "2024-03-01", "房产税", "5.00", "2024-04-05"},
	}
	if got := h.query(penaltyQuery); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	if got := h.query(`SELECT unknown::VARCHAR, header_row FROM ledger.delivery`); got[0][0] != "[工作表 填表说明, 工作表 别的表]" || got[0][1] != "3" {
		t.Errorf("not read: %q", got)
	}
	h.mustHold()
}

func TestCellsOfAWorkbook(t *testing.T) {
	h := newHouse(t)
	header := []any{"纳税人识别号", "税款所属期", "税种", "实缴税额", "缴款日期", "备注"}
	path := made(t, "tax_payment_20240410.xlsx", func(book *excelize.File) {
		set(t, book, "Sheet1", header,
			[]any{341502800000015, "2024-03", "大号", 1234.57, time.Date(2024, 4, 5, 13, 0, 0, 0, time.UTC)},
			[]any{"91341500799655058B", "2024-03", "公式", nil, 45387},
			[]any{"91341500799655058B", "2024-03", "没有结果", nil, 45387},
			[]any{"91341500799655058B", "2024-03", "出错", "#DIV/0!", 45387},
			[]any{"91341500799655058B", "2024-03", "富文本", "1 ", 45387},
			[]any{"91341500799655058B", "2024-03", " <a & \"b\"> ", "￥１，２３４．５０", "２０２４年４月５日"},
		)
		if err := book.SetCellRichText("Sheet1", "C6", []excelize.RichTextRun{{Text: "富"}, {Text: "文", Font: &excelize.Font{Bold: true}}, {Text: "本"}}); err != nil {
			t.Fatal(err)
		}
	})
	path = edited(t, path, "xl/worksheets/sheet1.xml", func(sheet string) string {
		sheet = strings.Replace(sheet, "<v>1234.57</v>", "<v>1234.5699999999999</v>", 1)
		sheet = strings.Replace(sheet, "<v>341502800000015</v>", "<v>3.41502800000015E+14</v>", 1)
		cell := func(ref, inner string) string { return `<c r="` + ref + `"` + inner + `</c>` }
		sheet = strings.Replace(sheet, `<c r="E3"`, cell("D3", `><f>1+1</f><v>2</v>`)+`<c r="E3"`, 1)
		sheet = strings.Replace(sheet, `<c r="E4"`, cell("D4", `><f>1+1</f>`)+`<c r="E4"`, 1)
		return strings.Replace(sheet, `<c r="D5" t="s">`, `<c r="D5" t="e">`, 1)
	})
	report := h.load(path)
	if report.Received != 6 || report.Landed != 4 || report.Quarantined != 2 {
		t.Fatalf("report %+v", report)
	}
	want := [][]string{
		{"341502800000015", "2024-03-01", "大号", "1234.57", "2024-04-05"},
		{"91341500799655058B", "2024-03-01", "公式", "2.00", "2024-04-05"},
		{"91341500799655058B", "2024-03-01", "富文本", "1.00", "2024-04-05"},
		{"91341500799655058B", "2024-03-01", `<a & "b">`, "1234.50", "2024-04-05"},
	}
	if got := h.query(penaltyQuery); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	if got := h.query(`SELECT row, rule FROM ledger.fault ORDER BY row`); !slices.EqualFunc(got, [][]string{{"3", "formula"}, {"4", "formula"}}, slices.Equal) {
		t.Errorf("faults %q", got)
	}
	// A workbook that counts days from 1904; a number that is no day stays one.
	mac := made(t, "tax_payment_20240411.xlsx", func(book *excelize.File) {
		yes := true
		if err := book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
		set(t, book, "Sheet1", header, []any{"91341500799655058B", 45352 - 1462, "麦金塔", 45352, 45387 - 1462})
	})
	h.load(mac)
	if got := h.query(`SELECT period, paid_yuan, paid_on FROM landed.tax__tax_payment WHERE tax_kind = '麦金塔'`); len(got) != 1 || !slices.Equal(got[0], []string{"2024-03-01", "45352.00", "2024-04-05"}) {
		t.Errorf("counted from 1904: %q", got)
	}
}

// edited copies a zip with one member changed.
func edited(t *testing.T, path, name string, change func(string) string) string {
	t.Helper()
	from, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, f := range from.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			before := string(text)
			if text = []byte(change(before)); string(text) == before {
				t.Fatal("nothing was changed")
			}
		}
		w, err := to.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "tax", filepath.Base(path))
	if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

// Other programs write other XML: prefixes, cells without references, inline strings, comments, absolute targets.
func TestWorkbooksOfOtherPrograms(t *testing.T) {
	h := newHouse(t)
	cell := func(text string) string {
		return `<x:c t='inlineStr'><x:is><x:t xml:space="preserve">` + text + `</x:t></x:is></x:c>`
	}
	var header string
	for _, title := range []string{"纳税人识别号", "税款所属期", "税种", "实缴税额", "缴款日期"} {
		header += cell(title)
	}
	sheet := `<?xml version="1.0"?><!-- <row> --><x:worksheet xmlns:x="m"><x:sheetData><x:row>` + header + `</x:row><x:row>` +
		cell("91341500799655058B") + `<x:c t="str"><x:f>"a>b"</x:f><x:v>2024-03</x:v></x:c>` + cell("a&#38;b&#x4e00;") + `<x:c><x:v>7</x:v></x:c><x:c t="d"><x:v>2024-04-05T00:00:00</x:v></x:c></x:row>` +
		`<x:row/></x:sheetData></x:worksheet>`
	content := zipped(t,
		entry{"[Content_Types].xml", `<Types/>`},
		entry{"_rels/.rels", `<Relationships><Relationship Id="1" Type="http://x/officeDocument" Target="/book/main.xml"/></Relationships>`},
		entry{"book/main.xml", `<workbook><sheets><sheet name="a&amp;b" sheetId="1" r:id="rId7"/></sheets></workbook>`},
		entry{"book/_rels/main.xml.rels", `<Relationships><Relationship Target="/book/s.xml" Type="http://x/worksheet" Id="rId7"/></Relationships>`},
		entry{"book/s.xml", sheet},
	)
	if report := h.load(h.file("tax", "tax_payment_20240410.xlsx", content)); report.Landed != 1 {
		t.Fatalf("report %+v", report)
	}
	if got := h.query(penaltyQuery); !slices.Equal(got[0], []string{"91341500799655058B", "2024-03-01", "a&b一", "7.00", "2024-04-05"}) {
		t.Errorf("landed %q", got)
	}
	for name, broken := range map[string]string{
		"an entity of its own":  strings.Replace(sheet, `<?xml version="1.0"?>`, `<!DOCTYPE x [<!ENTITY a "aaaa">]>`, 1),
		"ends in a row":         sheet[:strings.LastIndex(sheet, "<x:row/>")-12],
		"a tag that never ends": strings.Replace(sheet, "<x:row/>", "<x:row "+strings.Repeat("a", 2<<20), 1),
	} {
		archive := zipped(t, entry{"[Content_Types].xml", ""}, entry{"xl/workbook.xml", `<workbook><sheet name="a" r:id="1"/></workbook>`},
			entry{"xl/_rels/workbook.xml.rels", `<Relationship Id="1" Type="worksheet" Target="s.xml"/>`}, entry{"xl/s.xml", broken})
		report := h.load(h.file("tax", "tax_payment_20240411.xlsx", archive))
		if len(report.Refused) != 1 || !strings.Contains(report.Refused[0].Reason, "damaged sheet") {
			t.Errorf("%s: %+v", name, report)
		}
	}
}
