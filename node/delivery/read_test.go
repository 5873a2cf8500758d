package delivery_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// payments are three rows of tax/tax_payment, in the form that every case below has to come to.
var payments = [][]string{
	{"91341500799655058B", "六安市皋城农业科技有限公司", "2024-03-01", "增值税", "1234.50", "2024-04-05"},
	{"341502800000015", "六安市，带\"引号\"的公司", "2024-03-01", "企业所得税", "-300.00", "2024-04-15"},
	{"91341500MA2EXAMP0X", "金安区换行\n商行", "2024-02-01", "增值税", "0.00", "2024-03-01"},
}

const paymentsQuery = `SELECT taxpayer_id, firm_name, period, tax_kind, paid_yuan, paid_on FROM landed.tax__tax_payment ORDER BY _delivery, _row`

const plainCSV = `纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期
91341500799655058B,六安市皋城农业科技有限公司,2024-03,增值税,1234.50,2024-04-05
341502800000015,"六安市，带""引号""的公司",2024-03,企业所得税,-300.00,2024-04-15
91341500MA2EXAMP0X,"金安区换行
商行",2024-02,增值税,0.00,2024-03-01
`

func gb18030(t *testing.T, text string) string {
	t.Helper()
	encoded, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func utf16Text(order binary.ByteOrder, mark bool, text string) string {
	var b bytes.Buffer
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		var two [2]byte
		order.PutUint16(two[:], u)
		b.Write(two[:])
	}
	return b.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryFormComesToTheSameRows(t *testing.T) {
	crlf := strings.ReplaceAll(strings.ReplaceAll(plainCSV, "\n", "\r\n"), "换行\r\n商行", "换行\n商行")
	json := `[
 {"纳税人识别号":"91341500799655058B","纳税人名称":"六安市皋城农业科技有限公司","税款所属期":"2024-03","税种":"增值税","实缴税额":1234.50,"缴款日期":"2024-04-05"},
 {"税号":"341502800000015","纳税人名称":"六安市，带\"引号\"的公司","税款所属期":"202403","税种":"企业所得税","实缴税额":-300,"缴款日期":"2024/4/15","备注":null},
 {"纳税人识别号":"91341500MA2EXAMP0X","纳税人名称":"金安区换行\n商行","税款所属期":"2024年2月","税种":"增值税","实缴税额":"0","缴款日期":"20240301"}
]`
	lines := strings.NewReplacer("[\n ", "", ",\n ", "\n", "\n]", "\n").Replace(json)
	for _, tt := range []struct{ name, file, content string }{
		{"utf-8", "tax_payment_20240410.csv", plainCSV},
		{"without a last line end", "tax_payment_20240410.csv", strings.TrimSuffix(plainCSV, "\n")},
		{"mark of utf-8", "tax_payment_20240410.csv", "\ufeff" + plainCSV},
		{"carriage returns", "tax_payment_20240410.csv", crlf},
		{"gb18030", "tax_payment_20240410.csv", gb18030(t, plainCSV)},
		{"gb18030 called txt", "tax_payment_20240410.txt", gb18030(t, plainCSV)},
		{"utf-16 little endian", "tax_payment_20240410.csv", utf16Text(binary.LittleEndian, true, plainCSV)},
		{"utf-16 big endian", "tax_payment_20240410.csv", utf16Text(binary.BigEndian, true, plainCSV)},
		{"utf-16 without mark", "tax_payment_20240410.csv", utf16Text(binary.LittleEndian, false, plainCSV)},
		{"utf-16 big endian without mark, bars", "tax_payment_20240410.csv", utf16Text(binary.BigEndian, false, strings.ReplaceAll(plainCSV, ",", "|"))},
		{"utf-16 in gz", "tax_payment_20240410.csv.gz", gzipped(t, utf16Text(binary.LittleEndian, true, plainCSV))},
		{"an Excel hint about the delimiter", "tax_payment_20240410.csv", "sep=;\n" + strings.ReplaceAll(plainCSV, ",", ";")},
		{"json in utf-16", "tax_payment_20240410.json", utf16Text(binary.LittleEndian, false, json)},
		{"zip", "tax_payment_20240410.zip", zipped(t, entry{"a.csv", plainCSV})},
		{"gz in zip", "tax_payment_20240410.zip", zipped(t, entry{"a.jsonl.gz", gzipped(t, lines)})},
		{"gz", "tax_payment_20240410.csv.gz", gzipped(t, plainCSV)},
		{"gz of gb18030, called csv", "tax_payment_20240410.csv", gzipped(t, gb18030(t, plainCSV))},
		{"tabs", "tax_payment_20240410.csv", strings.ReplaceAll(plainCSV, ",", "\t")},
		{"semicolons", "tax_payment_20240410.csv", strings.ReplaceAll(plainCSV, ",", ";")},
		{"pipes", "tax_payment_20240410.csv", strings.ReplaceAll(plainCSV, ",", "|")},
		{"title rows", "tax_payment_20240410.csv", "六安市税务局税款缴纳情况表,,,,,\n单位：元,,,,,\n" + plainCSV},
		{"blank lines", "tax_payment_20240410.csv", strings.ReplaceAll(plainCSV, "2024-04-05\n", "2024-04-05\n\n\r\n")},
		{"synonyms, spaces and full width in the header", "tax_payment_20240410.csv", strings.Replace(plainCSV, "纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期", "税号,企业名称, 所属期 ,税种 名称,实缴金额（元）,入库日期", 1)},
		{"Chinese file name", "税款缴纳信息20240410.csv", plainCSV},
		{"json array", "tax_payment_20240410.json", json},
		{"json array in an object", "tax_payment_20240410.json", `{"code":200,"total":3,"data":` + json + `}`},
		{"json lines", "tax_payment_20240410.jsonl", lines},
		{"json lines called json, gz", "tax_payment_20240410.json", gzipped(t, lines)},
		{"json in gb18030", "tax_payment_20240410.json", gb18030(t, json)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			report := h.load(h.file("tax", tt.file, tt.content))
			if len(report.Refused) > 0 || report.Received != 3 || report.Landed != 3 {
				t.Fatalf("report %+v", report)
			}
			if got := h.query(paymentsQuery); !slices.EqualFunc(got, payments, slices.Equal) {
				t.Errorf("landed %q", got)
			}
			if got := h.query(`SELECT DISTINCT _known_on FROM landed.tax__tax_payment`); got[0][0] != "2024-04-10" {
				t.Errorf("known on %v", got)
			}
		})
	}
}

// workbook writes sheets of rows; numbers are stored as numbers and dates as dates.
func workbook(t *testing.T, path string, sheets map[string][][]any) {
	t.Helper()
	book := excelize.NewFile()
	names := make([]string, 0, len(sheets))
	for name := range sheets {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range sheets[name] {
			if err := book.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

func TestAWorkbookComesToTheSameRows(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "tax", "tax_payment_20240410.xlsx")
	workbook(t, path, map[string][][]any{
		"说明": {{"本表由税务局填报"}},
		"明细": {
			{"六安市税务局税款缴纳情况表"},
			{},
			{"序号", "纳税人识别号", "纳税人名称", "税款所属期", "税种", "实缴税额", "缴款日期"},
			{1, "91341500799655058B", "六安市皋城农业科技有限公司", "2024-03", "增值税", 1234.5, 45387},
			{2, "341502800000015", "六安市，带\"引号\"的公司", 45352, "企业所得税", "-300", "2024年4月15日"},
			{"", "  "},
			{3, "91341500MA2EXAMP0X", "金安区换行\n商行", "202402", "增值税", 0, "2024/3/1"},
		},
	})
	report := h.load(path)
	if len(report.Refused) > 0 || report.Landed != 3 {
		t.Fatalf("report %+v", report)
	}
	if got := h.query(paymentsQuery); !slices.EqualFunc(got, payments, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	if got := h.query(`SELECT format, header_row, unknown::VARCHAR FROM ledger.delivery`); !slices.Equal(got[0], []string{"xlsx", "3", "[序号, 工作表 说明]"}) {
		t.Errorf("ledger %q", got)
	}
}

func TestAParquetFileComesToTheSameRows(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "tax", "tax_payment_20240410.parquet")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	h.exec(`COPY (SELECT * FROM (VALUES
		('91341500799655058B', '六安市皋城农业科技有限公司', DATE '2024-03-01', '增值税', 1234.5::DOUBLE, DATE '2024-04-05'),
		('341502800000015', '六安市，带"引号"的公司', DATE '2024-03-31', '企业所得税', -300, TIMESTAMP '2024-04-15 08:00:00'::DATE),
		('91341500MA2EXAMP0X', '金安区换行' || chr(10) || '商行', DATE '2024-02-01', '增值税', 0, DATE '2024-03-01'),
		(NULL, NULL, NULL, NULL, NULL, NULL)) AS t(税号, 纳税人名称, 税款所属期, 税种, 实缴税额, 缴款日期)) TO '` + path + `' (FORMAT parquet)`)
	report := h.load(path)
	if report.Landed != 3 || report.Quarantined != 1 {
		t.Fatalf("report %+v", report)
	}
	if got := h.query(paymentsQuery); !slices.EqualFunc(got, payments, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := h.load(h.file("tax", "tax_payment_20240411.parquet", string(whole[:len(whole)/2])))
	if len(cut.Refused) != 1 || !strings.Contains(cut.Refused[0].Reason, "damaged Parquet") {
		t.Errorf("cut off: %+v", cut)
	}
}

// Cells of a Parquet file can be anything: what no row of text can hold keeps its row back, and columns that mean nothing are left alone.
func TestOddCellsOfAParquetFile(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "tax", "tax_payment_20240410.parquet")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	h.exec(`COPY (SELECT '91341500799655058B' AS 税号, DATE '2024-03-01' AS 税款所属期, kind AS 税种, 1::DECIMAL(9,2) AS 实缴税额, TIMESTAMP '2024-04-05 10:00:00' AS 缴款日期, repeat('y', 3000000) AS 附件, [1, 2] AS 列表
		FROM (VALUES ('增值税'), (repeat('长', 700000)), ('零' || chr(0) || '字节'), ('引"号,' || chr(13) || chr(10) || '换行'), (chr(9) || '制表' || chr(13))) AS t(kind)) TO '` + path + `' (FORMAT parquet)`)
	report := h.load(path)
	if report.Received != 5 || report.Landed != 3 || report.Quarantined != 2 {
		t.Fatalf("report %+v", report)
	}
	if got := h.query(`SELECT tax_kind FROM landed.tax__tax_payment ORDER BY _row`); !slices.EqualFunc(got, [][]string{{"增值税"}, {"引\"号,\r\n换行"}, {"制表"}}, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	if got := h.query(`SELECT row, rule FROM ledger.fault ORDER BY row`); !slices.EqualFunc(got, [][]string{{"2", "too_long"}, {"3", "encoding"}}, slices.Equal) {
		t.Errorf("faults %q", got)
	}
	h.mustHold()
}

// Two sheets with the table's header are one delivery; a file without a date in its name is delivered today.
func TestSheetsOfOneTableAreReadInOrder(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "court", "dishonest_debtor.xlsx")
	header := []any{"案号", "企业名称", "发布日期"}
	workbook(t, path, map[string][][]any{
		"1": {header, {"(2024)皖1502执1号", "甲公司", "2024-03-05"}},
		"2": {header, {"(2024)皖1502执2号", "乙公司", 45356.5}},
	})
	if report := h.load(path); report.Landed != 2 {
		t.Fatalf("report %+v", report)
	}
	got := h.query(`SELECT _row, case_no, published_on, _known_on FROM landed.court__dishonest_debtor ORDER BY _row`)
	want := [][]string{{"1", "(2024)皖1502执1号", "2024-03-05", "2026-10-16"}, {"2", "(2024)皖1502执2号", "2024-03-05", "2026-10-16"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
}

func TestCellsAreMended(t *testing.T) {
	h := newHouse(t)
	type cell struct{ sent, landed string }
	for field, cells := range map[string][]cell{
		"paid_on": {
			{"2024-03-05", "2024-03-05"}, {"2024-3-5", "2024-03-05"}, {"2024/3/5", "2024-03-05"}, {"20240305", "2024-03-05"}, {"2024年3月5日", "2024-03-05"},
			{"2024年03月05号", "2024-03-05"}, {"2024.3.5", "2024-03-05"}, {"45356", "2024-03-05"}, {"45356.75", "2024-03-05"}, {"２０２４－０３－０５", "2024-03-05"},
			{"2024-03-05 13:45:00", "2024-03-05"}, {"2024-03-05T13:45:00Z", "2024-03-05"}, {" \u30002024-03-05\u00a0", "2024-03-05"}, {"2024-02-29", "2024-02-29"},
			{"2023-02-29", ""}, {"2023-13-45", ""}, {"2023年2月30日", ""}, {"24-03-05", ""}, {"2024-03-05abc", ""}, {"epoch", ""}, {"infinity", ""}, {"2024115", ""}, {"3月5日", ""}, {"1900-01-01", ""}, {"9", ""},
		},
		"period": {
			{"2024-03", "2024-03-01"}, {"2024/3", "2024-03-01"}, {"202403", "2024-03-01"}, {"2024年3月", "2024-03-01"}, {"2024年03月份", "2024-03-01"}, {"2024.03", "2024-03-01"},
			{"2024-03-01", "2024-03-01"}, {"2024-03-31", "2024-03-01"}, {"20240301", "2024-03-01"}, {"45356", "2024-03-01"}, {"２０２４年３月", "2024-03-01"},
			{"2024-13", ""}, {"2024", ""}, {"20243", ""}, {"202413", ""}, {"三月", ""},
		},
		"paid_yuan": {
			{"1234.5", "1234.50"}, {"1,234.50", "1234.50"}, {"1，234.50", "1234.50"}, {"¥1,234.50", "1234.50"}, {"１２３４．５", "1234.50"}, {"0.12万元", "1200.00"}, {"0.12万", "1200.00"},
			{"1.5亿元", "150000000.00"}, {"1234.5元", "1234.50"}, {"(300.00)", "-300.00"}, {"（300）", "-300.00"}, {"-300", "-300.00"}, {"+5", "5.00"}, {".5", "0.50"}, {"1e3", "1000.00"}, {"1.23456789E8", "123456789.00"},
			{"0.005", "0.01"}, {"12.344999", "12.34"}, {"9999999999999999.99", "9999999999999999.99"},
			{"12a5.00", ""}, {"叁佰元", ""}, {"1,23", ""}, {"1,2345", ""}, {"inf", ""}, {"NaN", ""}, {"0x10", ""}, {"1_000", ""}, {"1.2.3", ""}, {"12 34", ""}, {"99999999999999999999", ""}, {"--5", ""},
		},
	} {
		// One file per field, one row per cell: what was not mended is in quarantine.
		text := "纳税人识别号,税款所属期,税种,实缴税额,缴款日期\n"
		for i, c := range cells {
			row := map[string]string{"paid_on": "2024-04-05", "period": "2024-03", "paid_yuan": "1"}
			row[field] = c.sent
			text += fmt.Sprintf("91341500%010d,\"%s\",增值税,\"%s\",\"%s\"\n", i, row["period"], row["paid_yuan"], row["paid_on"])
		}
		h.load(h.file("tax", "tax_payment_"+field+".csv", text))
		landed := map[string]string{}
		for _, row := range h.query(`SELECT _row, ` + field + ` FROM landed.tax__tax_payment WHERE starts_with(_delivery, 'tax_payment_` + field + `.')`) {
			landed[row[0]] = row[1]
		}
		for i, c := range cells {
			if got := landed[fmt.Sprint(i+1)]; got != c.landed {
				t.Errorf("%s: %q landed as %q, want %q", field, c.sent, got, c.landed)
			}
		}
	}
}

// Whatever stands between the words of the header separates the cells.
func TestAnyDelimiter(t *testing.T) {
	for _, delimiter := range []string{"^", "~", "#", "\x01", "\x1f", "！", "，", "||", "|+|", "@@", "$%$", "&", "  "} {
		h := newHouse(t)
		text := strings.ReplaceAll("纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期\n91341500799655058B,六安市皋城农业科技有限公司,2024-03,增值税,1234.50,2024-04-05\n341502800000015,,2024-03,\"a,b\",-300.00,2024-04-15\n", ",", delimiter)
		report := h.load(h.file("tax", "tax_payment_20240410.txt", text))
		if report.Landed != 2 {
			t.Errorf("%q: %+v", delimiter, report)
			continue
		}
		got := h.query(`SELECT firm_name, tax_kind, paid_yuan FROM landed.tax__tax_payment ORDER BY _row`)
		want := [][]string{{"六安市皋城农业科技有限公司", "增值税", "1234.50"}, {"∅", strings.Trim("a"+delimiter+"b", ""), "-300.00"}}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%q: landed %q", delimiter, got)
		}
	}
}
