package delivery

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

//go:embed quality.html
var qualityHTML string

// shownOnPage is how many rows to mend the page lists; the workbook has all.
const shownOnPage = 100

var qualityTemplate = template.Must(template.New("quality").Funcs(template.FuncMap{
	"percent": percent,
	"page":    func(mends []Mend) []Mend { return mends[:min(len(mends), shownOnPage)] },
	"join":    func(list []string) string { return strings.Join(list, "、") },
	"width":   func(part, whole int64) int { return int(share(part, whole) * 100) },
}).Parse(qualityHTML))

func share(part, whole int64) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// percent never rounds a share below the whole up to it.
func percent(part, whole int64) string {
	text := fmt.Sprintf("%.1f%%", share(part, whole)*100)
	if part < whole && text == "100.0%" {
		return "99.9%"
	}
	return text
}

// WriteHTML writes the report as one page that needs nothing besides itself.
func (q QualityReport) WriteHTML(w io.Writer) error {
	if err := qualityTemplate.Execute(w, q); err != nil {
		return fmt.Errorf("write the quality page: %w", err)
	}
	return nil
}

// WriteXLSX writes the report as a workbook: an overview, the rows to mend, how full columns are, and refused files.
func (q QualityReport) WriteXLSX(w io.Writer) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range []struct {
		name   string
		widths []float64
		rows   [][]any
	}{
		{"总览", []float64{28, 12, 12, 12, 12, 12, 14, 12}, q.overview()},
		{"待修数据", []float64{24, 40, 10, 24, 20, 26, 60}, q.mendRows()},
		{"各列情况", []float64{28, 24, 12, 12, 12}, q.fieldRows()},
		{"拒收文件", []float64{40, 14, 90}, q.refusedRows()},
	} {
		if err := writeSheet(book, sheet.name, sheet.widths, sheet.rows); err != nil {
			return fmt.Errorf("write the workbook: %w", err)
		}
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// writeSheet writes rows under a header in bold that stays in sight.
func writeSheet(book *excelize.File, name string, widths []float64, rows [][]any) error {
	if _, err := book.NewSheet(name); err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE7F3"}}})
	if err != nil {
		return err
	}
	stream, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range widths {
		if err := stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, value := range row {
			cells[j] = safeCell(value)
			if i == 0 {
				cells[j] = excelize.Cell{StyleID: bold, Value: cells[j]}
			}
		}
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return err
		}
	}
	return stream.Flush()
}

// safeCell keeps a spreadsheet from reading text as a formula: file names and headers are what outsiders wrote.
func safeCell(value any) any {
	text, ok := value.(string)
	if ok && text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return value
}

func (q QualityReport) overview() [][]any {
	rows := [][]any{{"数据目录", "接收行数", "入库行数", "隔离行数", "重复行数", "更正行数", "最近报送", "逾期天数"}}
	for _, c := range q.Catalogues {
		rows = append(rows, []any{c.TitleZH, c.Received, c.Landed, c.Quarantined, c.Duplicates, c.Corrected, c.Latest, c.DaysLate})
	}
	return append(rows, []any{"合计", q.Received, q.Landed, q.Quarantined, q.Duplicates})
}

func (q QualityReport) mendRows() [][]any {
	rows := [][]any{{"数据目录", "文件", "行号", "列", "问题", "内容形态（不含原值）", "怎么改"}}
	for _, m := range q.ToMend {
		rows = append(rows, []any{m.TitleZH, m.File, m.Line, m.Column, m.RuleZH, m.Shape, m.Advice})
	}
	if q.ToMendTotal > int64(len(q.ToMend)) {
		rows = append(rows, []any{fmt.Sprintf("另有 %d 处未列出，修改后将继续列出", q.ToMendTotal-int64(len(q.ToMend)))})
	}
	return rows
}

func (q QualityReport) fieldRows() [][]any {
	rows := [][]any{{"数据目录", "列", "有值行数", "总行数", "不合标准"}}
	for _, c := range q.Catalogues {
		for _, f := range c.Fields {
			rows = append(rows, []any{c.TitleZH, f.TitleZH, f.Filled, f.Of, f.Odd})
		}
	}
	return rows
}

func (q QualityReport) refusedRows() [][]any {
	rows := [][]any{{"文件", "日期", "原因与办法"}}
	for _, r := range q.Refused {
		rows = append(rows, []any{r.File, r.On, r.Reason})
	}
	return rows
}
