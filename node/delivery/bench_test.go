package delivery

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

func BenchmarkGB18030(b *testing.B) {
	line, err := simplifiedchinese.GB18030.NewEncoder().String("91341500799655058B,六安市皋城农业科技有限公司,2024-03,增值税,1234.50,2024-04-05\n")
	if err != nil {
		b.Fatal(err)
	}
	text := bytes.Repeat([]byte(line), 100_000)
	for name, open := range map[string]func(io.Reader) io.Reader{
		"ours":   func(from io.Reader) io.Reader { return newGBReader(from) },
		"x/text": func(from io.Reader) io.Reader { return simplifiedchinese.GB18030.NewDecoder().Reader(from) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := io.Copy(io.Discard, open(bytes.NewReader(text))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWorkbook prepares a workbook of 50,000 rows of six columns, beside the reader of excelize over the same file.
func BenchmarkWorkbook(b *testing.B) {
	all, err := catalog.Load(catalogs.FS)
	if err != nil {
		b.Fatal(err)
	}
	known, _ := all.Find("tax", "tax_payment")
	dir := b.TempDir()
	path := filepath.Join(dir, "tax_payment_20240410.xlsx")
	book := excelize.NewFile()
	stream, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	rows := [][]any{{"纳税人识别号", "纳税人名称", "税款所属期", "税种", "实缴税额", "缴款日期"}}
	for i := range 50_000 {
		rows = append(rows, []any{fmt.Sprintf("91341500%010d", i), "六安市皋城农业科技有限公司", "2024-03", "增值税", float64(i) / 7, 45387})
	}
	for i, row := range rows {
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			b.Fatal(err)
		}
	}
	if err := stream.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := book.SaveAs(path); err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s := &source{path: path, file: path, name: "in", number: 1, content: content{format: formatXLSX}}
			if err := s.prepare(b.Context(), nil, all, known, dir); err != nil || s.received != 50_000 {
				b.Fatal(err, s.received)
			}
		}
	})
	b.Run("excelize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			book, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
			if err != nil {
				b.Fatal(err)
			}
			rows, err := book.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for rows.Next() {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != 50_001 {
				b.Fatal(n)
			}
			if err := rows.Close(); err != nil {
				b.Fatal(err)
			}
			if err := book.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
