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
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sheetRows is the most that anyone delivers as a spreadsheet.
const sheetRows = 100_000

// file is one delivery of a catalogue.
type file struct {
	catalogue
	fields []field
	day    time.Time
	kind   string // "": what is new; full: all that the department holds; delete: what it takes back
	format string
	rows   int64
	first  int64 // where the file's rows begin in the table dirty
}

func (f file) base() string {
	kind := ""
	if f.kind != "" {
		kind = f.kind + "_"
	}
	return f.name + "_" + kind + f.day.Format("20060102") + "." + extension(f.format)
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
	rows, err := w.conn.QueryContext(ctx, fmt.Sprintf("SELECT _known_on, _kind, count(*), min(rowid) FROM dirty WHERE _known_on <= DATE '%s' GROUP BY ALL ORDER BY ALL", until.Format(time.DateOnly)))
	if err != nil {
		return nil, fmt.Errorf("list the deliveries of %s: %w", c.id(), err)
	}
	defer rows.Close()
	var files []file
	for rows.Next() {
		f := file{catalogue: c, fields: fields}
		if err := rows.Scan(&f.day, &f.kind, &f.rows, &f.first); err != nil {
			return nil, fmt.Errorf("list the deliveries of %s: %w", c.id(), err)
		}
		if f.format = c.format(w.Format, f.day.Year()); extension(f.format) == formatXLSX && f.rows > sheetRows {
			f.format = formatGB // too long for a spreadsheet that a clerk would still open
		}
		files = append(files, f)
	}
	return files, rows.Err()
}

// writeRecords notes whose rows the files hold and what was done to them.
func (w *worker) writeRecords(ctx context.Context, c catalogue, files []file, part string) error {
	var names, firsts strings.Builder
	for _, f := range files {
		is := fmt.Sprintf(" WHEN _known_on = DATE '%s' AND _kind = '%s' THEN", f.day.Format(time.DateOnly), f.kind)
		fmt.Fprintf(&names, "%s '%s'", is, f.base())
		fmt.Fprintf(&firsts, "%s %d", is, f.first)
	}
	return w.exec(ctx, "the record of "+c.id(), fmt.Sprintf(`COPY (
		SELECT '%s' AS department, '%s' AS catalogue, CASE%s END AS file, rowid - CASE%s END + 1 AS row, _usci AS usci, _damage AS damage, _name_damage AS name_damage,
		       CASE _copy WHEN 1 THEN 'twice' WHEN 2 THEN 'late' WHEN 3 THEN 'again' WHEN 4 THEN 'withdrawn' END AS copy, _invalid AS invalid
		FROM dirty WHERE _known_on <= DATE '%s'
		) TO %s (FORMAT parquet)`, c.department, c.name, names.String(), firsts.String(), files[len(files)-1].day.Format(time.DateOnly),
		quoted(filepath.Join(w.parts, "record_"+c.id()+"_"+part+".parquet"))))
}

func (w *worker) writeFile(ctx context.Context, f file) error {
	path := filepath.Join(w.deliveries, f.department, f.base())
	columns := w.columns(f)
	var cells strings.Builder
	for i, c := range columns {
		if i > 0 {
			cells.WriteString(", ")
		}
		fmt.Fprintf(&cells, `%s AS "%s"`, c.text, c.title)
	}
	// The table is in the order of the files, and so is what is read from it.
	query := fmt.Sprintf("SELECT %s FROM (SELECT *, rowid - %d + 1 AS _row FROM dirty WHERE _known_on = DATE '%s' AND _kind = '%s')",
		cells.String(), f.first, f.day.Format(time.DateOnly), f.kind)
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
		return w.writeXLSX(ctx, f, columns, query, path)
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
