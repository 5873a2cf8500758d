package city

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// file is one delivery of a catalogue.
type file struct {
	catalogue
	fields []field
	day    time.Time
	format string
	rows   int64
	first  int64 // where the file's rows begin in the table dirty
}

func (f file) base() string {
	return f.name + "_" + f.day.Format("20060102") + "." + extension(f.format)
}

// writeFiles writes every delivery up to a day that the table dirty holds rows for, and what is true of those rows.
func (w *worker) writeFiles(ctx context.Context, c catalogue, fields []field, part string, until time.Time) error {
	files, err := w.filesOf(ctx, c, fields, until)
	if err != nil || len(files) == 0 {
		return err
	}
	if err := os.MkdirAll(filepath.Join(w.deliveries, c.department), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", c.department, err)
	}
	for _, f := range files {
		if err := w.writeFile(ctx, f); err != nil {
			return fmt.Errorf("write %s/%s: %w", c.department, f.base(), err)
		}
		info, err := os.Stat(filepath.Join(w.deliveries, f.department, f.base()))
		if err != nil {
			return fmt.Errorf("look at what was written: %w", err)
		}
		w.files++
		w.records += f.rows
		w.bytes += info.Size()
	}
	return w.writeRecords(ctx, c, files, part)
}

func (w *worker) filesOf(ctx context.Context, c catalogue, fields []field, until time.Time) ([]file, error) {
	rows, err := w.conn.QueryContext(ctx, fmt.Sprintf("SELECT _known_on, count(*), min(rowid) FROM dirty WHERE _known_on <= DATE '%s' GROUP BY _known_on ORDER BY _known_on", until.Format(time.DateOnly)))
	if err != nil {
		return nil, fmt.Errorf("list the deliveries of %s: %w", c.id(), err)
	}
	defer rows.Close()
	var files []file
	for rows.Next() {
		f := file{catalogue: c, fields: fields}
		if err := rows.Scan(&f.day, &f.rows, &f.first); err != nil {
			return nil, fmt.Errorf("list the deliveries of %s: %w", c.id(), err)
		}
		f.format = c.format(w.Format, f.day.Year())
		files = append(files, f)
	}
	return files, rows.Err()
}

// writeRecords notes whose rows the files hold and what was done to them.
func (w *worker) writeRecords(ctx context.Context, c catalogue, files []file, part string) error {
	var names, firsts strings.Builder
	for _, f := range files {
		fmt.Fprintf(&names, " WHEN DATE '%s' THEN '%s'", f.day.Format(time.DateOnly), f.base())
		fmt.Fprintf(&firsts, " WHEN DATE '%s' THEN %d", f.day.Format(time.DateOnly), f.first)
	}
	return w.exec(ctx, "the record of "+c.id(), fmt.Sprintf(`COPY (
		SELECT '%s' AS department, '%s' AS catalogue, CASE _known_on%s END AS file, rowid - CASE _known_on%s END + 1 AS row, _usci AS usci, _damage AS damage, _name_damage AS name_damage,
		       CASE _copy WHEN 1 THEN 'twice' WHEN 2 THEN 'late' END AS copy, _invalid AS invalid
		FROM dirty WHERE _known_on <= DATE '%s'
		) TO %s (FORMAT parquet)`, c.department, c.name, names.String(), firsts.String(), files[len(files)-1].day.Format(time.DateOnly),
		quoted(filepath.Join(w.parts, "record_"+c.id()+"_"+part+".parquet"))))
}

func (w *worker) writeFile(ctx context.Context, f file) error {
	path := filepath.Join(w.deliveries, f.department, f.base())
	columns := w.columns(f)
	// The table is in the order of the files, and so is what is read from it.
	query := fmt.Sprintf("SELECT %s FROM (SELECT *, rowid - %d + 1 AS _row FROM dirty WHERE _known_on = DATE '%s')", strings.Join(columns, ", "), f.first, f.day.Format(time.DateOnly))
	asCSV := "FORMAT csv, HEADER, DELIMITER '" + delimiter(f.format) + "'"
	switch f.format {
	case formatCSV, formatSemicolon, formatTab:
		return w.copyTo(ctx, query, path, asCSV)
	case formatLines:
		return w.copyTo(ctx, query, path, "FORMAT json")
	case formatArray:
		return w.copyTo(ctx, query, path, "FORMAT json, ARRAY true")
	case formatParquet:
		return w.copyTo(ctx, query, path, "FORMAT parquet")
	case formatXLSX, formatSheets:
		return w.writeXLSX(ctx, f, query, path)
	}
	plain := filepath.Join(w.scratch, f.id()+".csv")
	if err := w.copyTo(ctx, query, plain, asCSV); err != nil {
		return err
	}
	defer os.Remove(plain)
	return encodeFile(plain, path, f)
}

func (w *worker) copyTo(ctx context.Context, query, path, options string) error {
	_, err := w.conn.ExecContext(ctx, fmt.Sprintf("COPY (%s) TO %s (%s)", query, quoted(path), options))
	return err
}

// encodeFile writes a UTF-8 file again as the department sends it: in another encoding or packed.
func encodeFile(from, to string, f file) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
	}()
	buffered := bufio.NewWriterSize(out, 1<<16)
	if err := f.encode(buffered, in); err != nil {
		return err
	}
	return buffered.Flush()
}

// encode writes what a clerk's Windows program would have made of a UTF-8 text, or packs it.
func (f file) encode(out io.Writer, in io.Reader) error {
	switch f.format {
	case formatBOM:
		_, err := io.Copy(out, io.MultiReader(strings.NewReader("\ufeff"), in))
		return err
	case formatGB:
		return transcode(out, in, simplifiedchinese.GB18030)
	case formatUTF16:
		return transcode(out, in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))
	case formatGzip:
		packed := gzip.NewWriter(out)
		if _, err := io.Copy(packed, in); err != nil {
			return err
		}
		return packed.Close()
	case formatZip:
		archive := zip.NewWriter(out)
		member, err := archive.CreateHeader(&zip.FileHeader{Name: strings.TrimSuffix(f.base(), ".zip"), Method: zip.Deflate, Modified: f.day})
		if err != nil {
			return err
		}
		if _, err := io.Copy(member, in); err != nil {
			return err
		}
		return archive.Close()
	}
	return fmt.Errorf("nobody writes the format %q", f.format)
}

// transcode writes a UTF-8 text in another encoding, with the line ends of Windows.
func transcode(out io.Writer, in io.Reader, to encoding.Encoding) error {
	encoder := transform.NewWriter(out, to.NewEncoder())
	if _, err := io.Copy(crlf{encoder}, in); err != nil {
		return err
	}
	return encoder.Close()
}

// crlf ends lines as Windows does.
type crlf struct{ w io.Writer }

func (c crlf) Write(p []byte) (int, error) {
	if _, err := io.WriteString(c.w, strings.ReplaceAll(string(p), "\n", "\r\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Styles in which a department may write dates, months and amounts; one style per file.
var (
	dateStyles  = []string{"%Y-%m-%d", excelDates, "%Y%m%d", "%Y年%-m月%-d日"}
	monthStyles = []string{"%Y-%m", "%Y%m", "%Y年%m月", "%Y-%m-%d"}
)

// columns are the select list of a file: each field as text in this file's style, under this year's title.
func (g *generator) columns(f file) []string {
	year := strconv.Itoa(f.day.Year())
	dates := g.dateStyle(f)
	months := monthStyles[g.choose(len(monthStyles), f.id(), year, "months")]
	commas := g.choose(5, f.id(), year, "commas") == 0
	var columns []string
	if f.format == formatXLSX && g.choose(2, f.id(), "numbered") == 0 {
		columns = append(columns, `_row::VARCHAR AS "序号"`)
	}
	for _, field := range f.fields {
		if g.leftOut(f, field.name, year) {
			continue
		}
		title := field.titles[g.choose(len(field.titles), f.id(), field.name, year, "title")]
		text := field.text(dates, months, commas)
		if f.format == formatLines || f.format == formatArray {
			text = field.jsonText(text, slices.ContainsFunc(f.invalid, func(i string) bool { return strings.HasPrefix(i, field.name+":") }))
		}
		for _, invalid := range f.invalid {
			if name, why, _ := strings.Cut(invalid, ":"); name == field.name {
				text = fmt.Sprintf("CASE WHEN _invalid = '%s' THEN %s ELSE %s END", invalid, spoiltCell(field, why), text)
			}
		}
		columns = append(columns, fmt.Sprintf(`%s AS "%s"`, text, title))
	}
	return columns
}

func (g *generator) dateStyle(f file) string {
	return dateStyles[g.choose(len(dateStyles), f.id(), strconv.Itoa(f.day.Year()), "dates")]
}

func (g *generator) leftOut(f file, name, year string) bool {
	for _, optional := range f.optional {
		if optional == name {
			return g.choose(4, f.id(), name, year, "left out") == 0
		}
	}
	return false
}

// text is the SQL expression of a field's cell.
func (f field) text(dates, months string, commas bool) string {
	switch {
	case f.kind == "DATE" && f.monthly:
		return fmt.Sprintf("strftime(%s, '%s')", f.name, months)
	case f.kind == "DATE":
		return fmt.Sprintf("strftime(%s, '%s')", f.name, dates)
	case strings.HasPrefix(f.kind, "DECIMAL") && commas:
		return fmt.Sprintf("format('{:,.2f}', %s::DOUBLE)", f.name)
	case strings.HasPrefix(f.kind, "DECIMAL"):
		return fmt.Sprintf("%s::DECIMAL(18, 2)::VARCHAR", f.name)
	default:
		return f.name + "::VARCHAR"
	}
}

// jsonText leaves numbers numbers, except in a column in which a clerk's slip has to fit as well.
func (f field) jsonText(text string, mayBeSpoilt bool) string {
	if (f.kind == "BIGINT" || strings.HasPrefix(f.kind, "DECIMAL")) && !mayBeSpoilt {
		return f.name
	}
	return text
}

// spoiltCell is the SQL expression of a cell that no contract accepts.
func spoiltCell(f field, why string) string {
	switch why {
	case "bad_date":
		if f.monthly {
			return "'2023-13'"
		}
		return fmt.Sprintf("one_of(['%s', '2023-02-30', '2023-13-05', '待定'], _key, 2, 'spoilt')", "0000-00-00")
	case "negative_count":
		return fmt.Sprintf("(-1 - %s)::VARCHAR", f.name)
	case "letters_in_amount":
		return fmt.Sprintf("replace(%s::DECIMAL(18, 2)::VARCHAR, '.', 'o') || one_of(['', '元整', '?'], _key, 2, 'spoilt')", f.name)
	default:
		return "NULL"
	}
}

// writeXLSX writes a spreadsheet: a title row where the catalogue has one, the header, and numbers as numbers.
func (w *worker) writeXLSX(ctx context.Context, f file, query, path string) error {
	rows, err := w.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	titles, err := rows.Columns()
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	line := 1
	put := func(cells []any) error {
		cell, err := excelize.CoordinatesToCellName(1, line)
		if err != nil {
			return err
		}
		line++
		return sheet.SetRow(cell, cells)
	}
	if f.heading != "" {
		last, err := excelize.CoordinatesToCellName(len(titles), 1)
		if err != nil {
			return err
		}
		if err := put([]any{f.heading + "（" + f.day.AddDate(0, -1, 0).Format("2006年1月") + "）"}); err != nil {
			return err
		}
		if err := sheet.MergeCell("A1", last); err != nil {
			return err
		}
	}
	header := make([]any, len(titles))
	for i, t := range titles {
		header[i] = t
	}
	if err := put(header); err != nil {
		return err
	}
	kinds := w.kindsOf(f, titles)
	dated, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		return err
	}
	values, targets := make([]*string, len(titles)), make([]any, len(titles))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cells[i] = spreadsheetCell(v, kinds[i], dated)
		}
		if err := put(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return book.SaveAs(path)
}

// kindsOf are DuckDB's types of the columns with these titles; DATE only where this file holds dates as Excel's own.
func (g *generator) kindsOf(f file, columns []string) []string {
	kindOf := map[string]string{"序号": "BIGINT"}
	for _, field := range f.fields {
		for _, title := range field.titles {
			kindOf[title] = field.kind
			if field.kind == "DATE" && g.dateStyle(f) != excelDates {
				kindOf[title] = "VARCHAR"
			}
		}
	}
	kinds := make([]string, len(columns))
	for i, title := range columns {
		kinds[i] = kindOf[title]
	}
	return kinds
}

// excelDates is the style that a spreadsheet has as real dates, shown as Excel shows them.
const excelDates = "%Y/%-m/%-d"

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
