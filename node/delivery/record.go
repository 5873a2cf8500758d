package delivery

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// maxRecord is the longest record that is read as one; a longer line is kept back without being held in memory.
const maxRecord = 1 << 20

// Rules about a whole row of a file, which the reader checks before any field is looked at.
const (
	ruleTooFew   = "columns_few"
	ruleTooMany  = "columns_many"
	ruleQuoting  = "quoting"
	ruleEncoding = "encoding"
	ruleTooLong  = "too_long"
	ruleJSON     = "json"
)

// record is one record of delimited text.
type record struct {
	raw   []byte // without the line's end; valid until the next record is read
	cells int
	plain bool   // holds neither quotes nor control characters, so that raw can be taken as it is
	rule  string // what makes it unreadable, "" for a good one
}

// recordReader cuts delimited UTF-8 text into records. A record with bad quoting ends with its line, so that one slip costs one row.
type recordReader struct {
	from    io.Reader
	delim   byte
	buf     []byte
	start   int // of what is not yet consumed
	end     int
	failure error

	// odd says that the text needs rewriting before another program can read it: blank lines, carriage returns that end no line, quotes inside
	// cells, records that are kept back.
	odd bool
}

func newRecordReader(from io.Reader, delim byte) *recordReader {
	return &recordReader{from: from, delim: delim, buf: make([]byte, 256<<10)}
}

// next reads the next record that is not blank. It returns io.EOF after the last.
func (r *recordReader) next() (record, error) {
	for {
		line, err := r.line(0)
		if err != nil {
			return record{}, err
		}
		if line == nil {
			r.odd = true
			if err := r.skipLine(); err != nil {
				return record{}, err
			}
			return record{rule: ruleTooLong}, nil
		}
		if len(trimEnd(line)) == 0 {
			r.odd = true
			r.start += len(line)
			continue
		}
		return r.record(line)
	}
}

// record reads the record that begins with line, which the buffer holds.
func (r *recordReader) record(line []byte) (record, error) {
	body := trimEnd(line)
	if bytes.IndexByte(body, '"') < 0 {
		r.start += len(line)
		rec := record{raw: body, cells: bytes.Count(body, []byte{r.delim}) + 1, plain: !r.controls(body)}
		return r.examined(rec), nil
	}
	consumed, err := r.quoted()
	if err != nil {
		return record{}, err
	}
	if consumed == 0 {
		r.odd = true
		line, _ = r.line(0)
		r.start += len(line)
		return record{raw: trimEnd(line), rule: ruleQuoting}, nil
	}
	raw := trimEnd(r.buf[r.start : r.start+consumed])
	r.start += consumed
	cells, plain := countQuoted(raw, r.delim)
	r.odd = r.odd || !plain || r.controls(raw)
	return r.examined(record{raw: raw, cells: cells}), nil
}

// examined checks the bytes of a record.
func (r *recordReader) examined(rec record) record {
	if bytes.IndexByte(rec.raw, 0) >= 0 || !utf8.Valid(rec.raw) || bytes.Contains(rec.raw, []byte("\uFFFD")) {
		rec.rule, r.odd = ruleEncoding, true
	}
	return rec
}

// controls reports tabs and line ends inside a record: around a cell they are blanks, which are taken off when the record is rewritten.
func (r *recordReader) controls(raw []byte) bool {
	found := bytes.IndexByte(raw, '\r') >= 0 || bytes.IndexByte(raw, '\n') >= 0 || (r.delim != '\t' && bytes.IndexByte(raw, '\t') >= 0)
	r.odd = r.odd || found
	return found
}

// quoted finds the length of the record at start, which holds quotes and may run over several lines; 0 when the quoting is bad.
func (r *recordReader) quoted() (int, error) {
	inside, atStart := false, true
	for i := 0; ; i++ {
		c, ok, err := r.at(i)
		if err != nil {
			return 0, err
		}
		if !ok || i > maxRecord {
			if inside {
				return 0, nil
			}
			return i, nil
		}
		switch {
		case inside && c == '"':
			following, more, err := r.at(i + 1)
			if err != nil {
				return 0, err
			}
			switch {
			case more && following == '"':
				i++
			case !more || following == r.delim || following == '\n' || following == '\r':
				inside = false
			default:
				return 0, nil
			}
		case inside:
		case c == '\n':
			return i + 1, nil
		case c == '"' && atStart:
			inside = true
		}
		atStart = !inside && c == r.delim
	}
}

// countQuoted counts the cells of a well-formed record; plain is false when a quote stands inside an unquoted cell.
func countQuoted(raw []byte, delim byte) (cells int, plain bool) {
	cells, plain = 1, true
	inside, atStart := false, true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inside && c == '"' && i+1 < len(raw) && raw[i+1] == '"':
			i++
		case inside && c == '"':
			inside = false
		case inside:
		case c == delim:
			cells++
			atStart = true
			continue
		case c == '"' && atStart:
			inside = true
		case c == '"':
			plain = false
		}
		atStart = false
	}
	return cells, plain
}

// splitCells takes a well-formed record apart.
func splitCells(raw []byte, delim byte, cells []string) []string {
	cells = cells[:0]
	var cell []byte
	inside, atStart := false, true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inside && c == '"' && i+1 < len(raw) && raw[i+1] == '"':
			cell = append(cell, '"')
			i++
		case inside && c == '"':
			inside = false
		case inside:
			cell = append(cell, c)
		case c == delim:
			cells = append(cells, string(cell))
			cell, atStart = cell[:0], true
			continue
		case c == '"' && atStart:
			inside = true
		default:
			cell = append(cell, c)
		}
		atStart = false
	}
	return append(cells, string(cell))
}

// line returns the line at offset from start, with its end; nil for one that is longer than a record may be.
func (r *recordReader) line(offset int) ([]byte, error) {
	from := offset
	for {
		if i := bytes.IndexByte(r.buf[r.start+from:r.end], '\n'); i >= 0 {
			return r.buf[r.start+offset : r.start+from+i+1], nil
		}
		if from = r.end - r.start; from > maxRecord {
			return nil, nil
		}
		if err := r.more(); errors.Is(err, io.EOF) {
			if r.start+offset == r.end {
				return nil, io.EOF
			}
			return r.buf[r.start+offset : r.end], nil
		} else if err != nil {
			return nil, err
		}
	}
}

// skipLine drops everything up to the next line's beginning.
func (r *recordReader) skipLine() error {
	for {
		if i := bytes.IndexByte(r.buf[r.start:r.end], '\n'); i >= 0 {
			r.start += i + 1
			return nil
		}
		r.start = r.end
		if err := r.more(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// at returns the byte at offset i from start; ok is false behind the text's end.
func (r *recordReader) at(i int) (c byte, ok bool, err error) {
	for r.start+i >= r.end {
		if err := r.more(); errors.Is(err, io.EOF) {
			return 0, false, nil
		} else if err != nil {
			return 0, false, err
		}
	}
	return r.buf[r.start+i], true, nil
}

// more reads on; what is not consumed moves to the buffer's beginning.
func (r *recordReader) more() error {
	if r.failure != nil {
		return r.failure
	}
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.start, r.end = 0, r.end-r.start
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := r.from.Read(r.buf[r.end:])
	r.end += n
	if n > 0 {
		return nil
	}
	r.failure = err
	return err
}

func trimEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}

// nextLine reads the next line as it stands; long says that it was longer than a record may be, and was dropped.
func (r *recordReader) nextLine() (line []byte, long bool, err error) {
	line, err = r.line(0)
	if err != nil {
		return nil, false, err
	}
	if line == nil {
		return nil, true, r.skipLine()
	}
	r.start += len(line)
	return trimEnd(line), false, nil
}
