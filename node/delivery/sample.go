package delivery

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// Sample is the beginning of a file as text, for somebody who has no data contract for it yet.
type Sample struct {
	File     string // base name; for a member of an archive, both names
	Format   string
	Encoding string
	Headers  []string
	Rows     [][]string // cells in the order of Headers, without the blanks around them
	Received int64      // rows that the whole file has
}

// ReadSample reads up to limit rows of a file in any format that a delivery may have; of an archive, the first member that can be read. The
// header is the first of the leading rows that holds the most names. Temporary files go to a folder under temp and are removed.
func ReadSample(ctx context.Context, db *sql.DB, path string, limit int, temp string) (Sample, error) {
	none := &catalog.Catalogs{}
	sources := examine(none, path, time.Time{})
	var failure error
	for _, s := range sources {
		if s.failure != nil {
			failure = cmp.Or(failure, s.failure)
			continue
		}
		sample, err := s.sample(ctx, db, none, limit, temp)
		if err == nil {
			return sample, nil
		}
		failure = cmp.Or(failure, err)
	}
	if refused, ok := errors.AsType[*refusal](failure); ok {
		return Sample{}, fmt.Errorf("%s %w", path, refused)
	}
	return Sample{}, fmt.Errorf("read %s: %w", path, failure)
}

// sample reads the delivery by a contract that takes each of its columns as text.
func (s *source) sample(ctx context.Context, db *sql.DB, none *catalog.Catalogs, limit int, temp string) (Sample, error) {
	own, err := os.MkdirTemp(temp, "sample")
	if err != nil {
		return Sample{}, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(own)
	headers, err := s.sampleHeaders(ctx, db, own)
	if err != nil {
		return Sample{}, err
	}
	contract := catalog.AsText(headers)
	if err := s.prepare(ctx, db, none, contract, own); err != nil {
		return Sample{}, err
	}
	found := Sample{File: s.name, Format: string(s.content.format), Encoding: s.content.encoding, Received: s.received}
	for _, f := range contract.Fields {
		found.Headers = append(found.Headers, f.TitleZH)
	}
	found.Rows, err = s.preparedRows(limit, len(contract.Fields))
	return found, err
}

// preparedRows reads the first rows of what prepare made for the engine.
func (s *source) preparedRows(limit, width int) ([][]string, error) {
	f, err := os.Open(s.readPath)
	if err != nil {
		return nil, refuse(whyUnreadable, pathProblem(err))
	}
	defer f.Close()
	reader := newRecordReader(f, s.delim)
	var rows [][]string
	for skip := s.direct; len(rows) < limit; skip = false {
		rec, err := reader.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, refuse(whyUnreadable, pathProblem(err))
		}
		if skip || rec.rule != "" {
			continue
		}
		cells := splitCells(rec.raw, s.delim, nil)
		if !s.direct {
			cells = cells[1:] // the row's number
		}
		row := make([]string, width)
		for column, field := range s.layout {
			if field >= 0 && column < len(cells) {
				row[field] = strings.Trim(cells[column], blanks)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// sampleHeaders finds the header of a delivery of which nothing is known.
func (s *source) sampleHeaders(ctx context.Context, db *sql.DB, temp string) ([]string, error) {
	switch s.content.format {
	case formatParquet:
		path, err := s.onDisk(temp)
		if err != nil {
			return nil, err
		}
		if err := checkFooter(path); err != nil {
			return nil, err
		}
		columns, err := parquetColumns(ctx, db, path)
		return columnNames(columns), err
	case formatXLSX:
		return s.bookHeaders(temp)
	case formatJSONArray, formatJSONLines:
		return s.objectHeaders()
	default:
		return s.textHeaders()
	}
}

func (s *source) bookHeaders(temp string) ([]string, error) {
	b, done, err := s.openBook(temp)
	if err != nil {
		return nil, err
	}
	defer done()
	for _, sheet := range b.sheets {
		rows, err := b.open(sheet)
		if err != nil {
			return nil, err
		}
		head, err := rows.head()
		rows.done()
		if err != nil {
			return nil, bookFailure(err)
		}
		if names := likelyHeader(head); len(names) > 0 {
			return names, nil
		}
	}
	return nil, refuse(whyNoSheet)
}

// sampledObjects is how many objects are looked at for the names of their members: the first need not have all.
const sampledObjects = 50

func (s *source) objectHeaders() ([]string, error) {
	text, err := s.openText()
	if err != nil {
		return nil, err
	}
	defer text.Close()
	d := jsontext.NewDecoder(&portioned{from: text, until: maxElement}, jsontext.AllowDuplicateNames(true))
	if s.content.format == formatJSONArray {
		if err := enterArray(d); err != nil {
			return nil, s.jsonFailure(err)
		}
	}
	var names []string
	seen := map[string]bool{}
	for range sampledObjects {
		if kind := d.PeekKind(); kind != '{' && len(names) > 0 {
			break
		}
		value, err := d.ReadValue()
		if err != nil {
			if len(names) > 0 {
				break
			}
			return nil, s.jsonFailure(err)
		}
		for _, name := range objectNames(value) {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// textHeaders takes the delimiter under which a row holds the most names.
func (s *source) textHeaders() ([]string, error) {
	text, err := s.openText()
	if err != nil {
		return nil, err
	}
	defer text.Close()
	sample, err := readSample(text)
	if err != nil {
		return nil, textFailure(s.content, err)
	}
	var best []string
	for _, delim := range append(append([]string{}, delimiters...), oddDelimiters(sample)...) {
		if names := likelyHeader(firstRows(sample, delim)); len(names) > len(best) {
			best = names
		}
	}
	if len(best) == 0 {
		return nil, refuse(whyUnknown)
	}
	return best, nil
}

// likelyHeader is the first of the rows with the most cells that read as names. A title above the header has one cell; a row of data has dates and
// numbers among its cells.
func likelyHeader(rows [][]string) []string {
	var best []string
	for _, row := range rows[:min(len(rows), headerWithin)] {
		var names []string
		for _, cell := range row {
			if cell = strings.Trim(cell, blanks); namelike(cell) {
				names = append(names, cell)
			}
		}
		if len(names) > len(best) && len(names) <= maxColumns {
			best = names
		}
	}
	return best
}

// namelike reports a cell that can be a column's name: short, with a letter, and not a code of digits.
func namelike(cell string) bool {
	letters, digits, length := 0, 0, 0
	for _, r := range cell {
		length++
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	return letters > 0 && length <= 40 && digits <= letters
}
