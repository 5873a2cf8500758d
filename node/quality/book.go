package quality

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes the report as a workbook: an overview, the rows to mend, what other departments contradict, how full columns are, every delivery,
// and refused files.
func (r Report) WriteXLSX(w io.Writer) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range []struct {
		name   string
		widths []float64
		rows   [][]any
	}{
		{"总览", []float64{28, 12, 12, 12, 12, 12, 14, 12, 10, 10, 10, 10, 10, 10, 10}, r.overview()},
		{"待修数据", []float64{24, 40, 10, 24, 20, 26, 60}, r.mendRows()},
		{"跨部门核对", []float64{44, 24, 40, 10, 60}, r.crossRows()},
		{"各列情况", []float64{28, 24, 12, 12, 12, 14}, r.fieldRows()},
		{"各次报送", []float64{24, 44, 12, 10, 12, 12, 12, 12, 10, 10, 10, 10, 10, 10, 10, 30, 30}, r.deliveryRows()},
		{"拒收文件", []float64{40, 14, 90}, r.refusedRows()},
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

// formulaStarts are what a spreadsheet may take for the beginning of a formula; Chinese editions take full-width signs as well.
const formulaStarts = "=+-@\t\r\n|%＝＋－＠"

// safeCell keeps a spreadsheet from reading text as a formula: file names and headers are what outsiders wrote.
func safeCell(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " "))
	if text != "" && strings.ContainsRune(formulaStarts, first) {
		return "'" + text
	}
	return value
}

// percentOf is a share as a number that a spreadsheet can sort; one below the whole is never rounded up to it.
func percentOf(share float64) any {
	percent := math.Round(share*1000) / 10
	if share < 1 {
		percent = min(percent, 99.9)
	}
	return percent
}

func (d *Dimensions) cells() []any {
	if d == nil {
		return []any{"", "", "", "", "", "", ""}
	}
	var cells []any
	for _, each := range d.named() {
		cells = append(cells, percentOf(each.Share))
	}
	return append(cells, percentOf(d.Overall))
}

var dimensionHeaders = []any{"规范性%", "完整性%", "准确性%", "一致性%", "时效性%", "可访问性%", "总分"}

func (r Report) overview() [][]any {
	rows := [][]any{append([]any{"数据目录", "接收行数", "入库行数", "隔离行数", "重复行数", "更正行数", "最近报送", "逾期天数"}, dimensionHeaders...)}
	for _, c := range r.Catalogues {
		rows = append(rows, append([]any{c.TitleZH, c.Received, c.Landed, c.Quarantined, c.Duplicates, c.Corrected, c.Latest, c.DaysLate}, c.Dimensions.cells()...))
	}
	return append(rows, append([]any{"合计", r.Received, r.Landed, r.Quarantined, r.Duplicates, "", "", ""}, r.Dimensions.cells()...))
}

func (r Report) mendRows() [][]any {
	rows := [][]any{{"数据目录", "文件", "行号", "列", "问题", "内容形态（不含原值）", "怎么改"}}
	for _, m := range r.ToMend {
		rows = append(rows, []any{m.TitleZH, m.File, m.Line, m.Column, m.RuleZH, m.Shape, m.Advice})
	}
	if r.ToMendTotal > int64(len(r.ToMend)) {
		rows = append(rows, []any{fmt.Sprintf("另有 %d 处未列出，修改后将继续列出", r.ToMendTotal-int64(len(r.ToMend)))})
	}
	return rows
}

func (r Report) crossRows() [][]any {
	rows := [][]any{{"核对项", "数据目录", "文件", "行号", "怎么办"}}
	for _, c := range r.Cross {
		for _, row := range c.Rows {
			rows = append(rows, []any{c.TitleZH, row.TitleZH, row.File, row.Line, c.AdviceZH})
		}
		if c.RowCount > int64(len(c.Rows)) {
			rows = append(rows, []any{c.TitleZH, fmt.Sprintf("另有 %d 行未列出", c.RowCount-int64(len(c.Rows)))})
		}
	}
	return rows
}

func (r Report) fieldRows() [][]any {
	rows := [][]any{{"数据目录", "列", "有值行数", "总行数", "不合标准", "校验位错误"}}
	for _, c := range r.Catalogues {
		for _, f := range c.Fields {
			rows = append(rows, []any{c.TitleZH, f.TitleZH, f.Filled, f.Of, f.Odd, f.Wrong})
		}
	}
	return rows
}

func (r Report) deliveryRows() [][]any {
	header := append([]any{"数据目录", "文件", "日期", "格式", "接收", "入库", "隔离", "重复"}, dimensionHeaders...)
	rows := [][]any{append(header, "缺少的列", "多出的列")}
	for _, c := range r.Catalogues {
		for _, d := range c.Deliveries {
			cells := append([]any{c.TitleZH, d.File, d.KnownOn, d.Format, d.Received, d.Landed, d.Quarantined, d.Duplicates}, d.Dimensions.cells()...)
			rows = append(rows, append(cells, strings.Join(d.MissingColumns, "、"), strings.Join(d.UnknownColumns, "、")))
		}
	}
	return rows
}

func (r Report) refusedRows() [][]any {
	rows := [][]any{{"文件", "日期", "原因与办法"}}
	for _, f := range r.Refused {
		rows = append(rows, []any{f.File, f.On, f.Reason})
	}
	return rows
}
