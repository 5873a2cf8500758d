package city

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// writeXLSX writes a spreadsheet: a merged heading where the catalogue has one, the header, and numbers as numbers.
func (w *worker) writeXLSX(ctx context.Context, f file, columns []column, query, path string) error {
	rows, err := w.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	book := excelize.NewFile()
	defer book.Close()
	if f.format != formatSheets {
		if err := f.writeSheet(book, "Sheet1", columns, rows, f.rows); err != nil {
			return err
		}
		return book.SaveAs(path)
	}
	if err := explain(book, "Sheet1", columns); err != nil {
		return err
	}
	if err := book.SetSheetName("Sheet1", "填报说明"); err != nil {
		return err
	}
	for i, part := range []string{"第一部分", "第二部分"} {
		if _, err := book.NewSheet(part); err != nil {
			return err
		}
		if err := f.writeSheet(book, part, columns, rows, (f.rows+int64(1-i))/2); err != nil {
			return err
		}
	}
	return saveInOrder(book, path)
}

// saveInOrder saves a workbook of several streamed sheets, which excelize packs in any order.
func saveInOrder(book *excelize.File, path string) (err error) {
	packed, err := book.WriteToBuffer()
	if err != nil {
		return err
	}
	members, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		return err
	}
	slices.SortFunc(members.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
	}()
	archive := zip.NewWriter(out)
	for _, member := range members.File {
		if err := archive.Copy(member); err != nil {
			return err
		}
	}
	return archive.Close()
}

// explain fills a sheet with what a form says about itself.
func explain(book *excelize.File, sheet string, columns []column) error {
	lines := []string{"填报说明", "一、请按统一格式填写，不得增删列。", "二、金额单位见表头，日期填写到日。"}
	for i, c := range columns {
		lines = append(lines, strconv.Itoa(i+1)+". "+c.title+"：如实填写。")
	}
	for i, line := range lines {
		if err := book.SetCellStr(sheet, "A"+strconv.Itoa(i+1), line); err != nil {
			return err
		}
	}
	return nil
}

// sheetWriter writes a sheet from the top.
type sheetWriter struct {
	*excelize.StreamWriter
	line int
}

func (s *sheetWriter) put(cells []any) error {
	s.line++
	cell, err := excelize.CoordinatesToCellName(1, s.line)
	if err != nil {
		return err
	}
	return s.SetRow(cell, cells)
}

// writeSheet writes the next n rows.
func (f file) writeSheet(book *excelize.File, name string, columns []column, rows *sql.Rows, n int64) error {
	stream, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	sheet := &sheetWriter{StreamWriter: stream}
	if f.heading != "" {
		if err := f.writeHeading(sheet, len(columns)); err != nil {
			return err
		}
	}
	header := make([]any, len(columns))
	for i, c := range columns {
		header[i] = c.title
	}
	if err := sheet.put(header); err != nil {
		return err
	}
	dated, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		return err
	}
	values, targets := make([]*string, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for ; n > 0 && rows.Next(); n-- {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cells[i] = spreadsheetCell(v, columns[i].kind, dated)
		}
		if err := sheet.put(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return sheet.Flush()
}

// writeHeading writes what stands above the header: a merged title, and on forms with several sheets who filled them in.
func (f file) writeHeading(sheet *sheetWriter, columns int) error {
	lines := []string{f.heading + "（" + f.day.AddDate(0, -1, 0).Format("2006年1月") + "）"}
	if f.format == formatSheets {
		lines = append(lines, "填报日期："+f.day.Format("2006年1月2日"))
	}
	for _, line := range lines {
		if err := sheet.put([]any{line}); err != nil {
			return err
		}
		last, err := excelize.CoordinatesToCellName(columns, sheet.line)
		if err != nil {
			return err
		}
		if err := sheet.MergeCell("A"+strconv.Itoa(sheet.line), last); err != nil {
			return err
		}
	}
	return nil
}

func spreadsheetCell(text *string, kind string, dated int) any {
	if text == nil {
		return nil
	}
	switch {
	case kind == "DATE":
		if day, err := time.Parse("2006/1/2", *text); err == nil {
			return excelize.Cell{StyleID: dated, Value: day}
		}
	case kind == "BIGINT", kind == "DOUBLE", strings.HasPrefix(kind, "DECIMAL"):
		if n, err := strconv.ParseFloat(*text, 64); err == nil {
			return n
		}
	}
	return *text
}
