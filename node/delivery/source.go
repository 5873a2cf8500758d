package delivery

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// source is one delivery on its way into the lake: a file, or a file inside an archive.
type source struct {
	path       string // as reports show it: for an archive's member, the archive and the member's path in it
	name       string // the file's base name; for a member, the archive's and the member's path
	file       string // what lies on disk
	member     *member
	sha256     string
	bytes      int64
	knownOn    time.Time
	dated      bool  // its name tells the day
	number     int64 // its place in the ledger
	content    content
	department string // whose folder it lies in: no other's catalogues are meant; "" when no folder tells
	contract   *catalog.Contract
	failure    error     // why it cannot be taken, found before it is prepared
	twins      []*source // files of this load with the very same content
	kind       kind
	tidy       tidiness // of the bytes as they came

	// What preparing found out.
	table    table
	received int64
	readPath string // what the engine reads: the file itself, or a rewritten copy
	direct   bool   // readPath is the text as it came, with its header in the first line
	text     textKind
	delim    byte
	delimAs  string // what stands between cells in the file, when that is more than the byte delim
	layout   []int  // for each column of readPath: the position of its field, -1 for none, or opColumn
	rejects  string // file of the rows that could not be read, "" when there are none
}

// id names the delivery everywhere in the lake.
func (s *source) id() string { return s.name + "@" + s.sha256[:12] }

// prepare reads a file through once: it finds the header, counts the rows, sets aside those that cannot be read, and gives the engine
// something that it can read set-wise. Files in temp are the caller's to remove.
func (s *source) prepare(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	var err error
	switch s.content.format {
	case formatXLSX:
		err = s.prepareXLSX(all, known, temp)
	case formatJSONArray, formatJSONLines:
		err = s.prepareJSON(all, known, temp)
	case formatParquet:
		err = s.prepareParquet(ctx, db, all, known, temp)
	default:
		err = s.prepareCSV(all, known, temp)
	}
	if err != nil {
		return err
	}
	if s.received == 0 {
		return refuse(whyNoRows)
	}
	return nil
}

// rewritten writes the copy of a file that the engine reads, and the rows that it shall not read beside it.
type rewritten struct {
	s       *source
	file    *os.File
	out     *bufio.Writer
	rejects *os.File
	reject  *bufio.Writer
	cells   int // per row
	line    []byte
	number  []byte
}

// maxRejected is how much of an unreadable row is kept.
const maxRejected = 64 << 10

func (s *source) rewrite(temp string, cells int) (*rewritten, error) {
	s.readPath = filepath.Join(temp, strconv.FormatInt(s.number, 10)+".csv")
	f, err := os.OpenFile(s.readPath, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write a copy of %s: %w", s.name, err)
	}
	return &rewritten{s: s, file: f, out: bufio.NewWriterSize(f, 256<<10), cells: cells}, nil
}

// raw writes a record as it stands, behind its number.
func (w *rewritten) raw(record []byte) error {
	w.s.received++
	w.number = append(strconv.AppendInt(w.number[:0], w.s.received, 10), w.s.delim)
	_, err := w.out.Write(w.number)
	if err == nil {
		_, err = w.out.Write(record)
	}
	if err == nil {
		err = w.out.WriteByte('\n')
	}
	if err != nil {
		return fmt.Errorf("write a copy of %s: %w", w.s.name, err)
	}
	return nil
}

// blanks are taken off around cells.
const blanks = " \t\r\n\u00a0\u3000\ufeff"

// row writes cells, quoted where they must be.
func (w *rewritten) row(cells []string) error {
	size := 0
	for _, cell := range cells {
		size += len(cell)
	}
	if size > maxRecord {
		return w.bad(ruleTooLong, nil)
	}
	w.line = w.line[:0]
	for i, cell := range cells {
		if i > 0 {
			w.line = append(w.line, w.s.delim)
		}
		w.line = appendCell(w.line, strings.Trim(cell, blanks), w.s.delim)
	}
	return w.raw(w.line)
}

// bad sets a row aside and writes an empty one in its place, so that rows keep their numbers.
func (w *rewritten) bad(rule string, content []byte) error {
	if w.reject == nil {
		w.s.rejects = strings.TrimSuffix(w.s.readPath, ".csv") + ".rejects.csv"
		f, err := os.OpenFile(w.s.rejects, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("write a copy of %s: %w", w.s.name, err)
		}
		w.rejects, w.reject = f, bufio.NewWriterSize(f, 64<<10)
	}
	text := strings.ReplaceAll(strings.ToValidUTF8(string(content[:min(len(content), maxRejected)]), "\uFFFD"), "\x00", "\uFFFD")
	line := append(strconv.AppendInt(nil, w.s.received+1, 10), ',')
	line = append(append(line, rule...), ',')
	line = append(appendCell(line, text, ','), '\n')
	if _, err := w.reject.Write(line); err != nil {
		return fmt.Errorf("write a copy of %s: %w", w.s.name, err)
	}
	empty := append([]byte(`""`), strings.Repeat(string(w.s.delim), w.cells-1)...)
	return w.raw(empty)
}

func (w *rewritten) close() error {
	err := errors.Join(w.out.Flush(), w.file.Close())
	if w.reject != nil {
		err = errors.Join(err, w.reject.Flush(), w.rejects.Close())
	}
	if err != nil {
		return fmt.Errorf("write a copy of %s: %w", w.s.name, err)
	}
	return nil
}

func appendCell(line []byte, cell string, delim byte) []byte {
	if !strings.ContainsAny(cell, "\"\r\n") && strings.IndexByte(cell, delim) < 0 {
		return append(line, cell...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(cell, `"`, `""`)...)
	return append(line, '"')
}

// canonical writes rows whose cells are already in the order of the contract's fields, with the cell of the operation behind them if there is one.
func (s *source) canonical(temp string) (*rewritten, error) {
	s.delim, s.layout = ',', nil
	for i := range s.table.contract.Fields {
		s.layout = append(s.layout, i)
	}
	if s.table.hasOp() {
		s.layout = append(s.layout, opColumn)
	}
	return s.rewrite(temp, len(s.layout))
}
