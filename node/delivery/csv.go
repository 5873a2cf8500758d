package delivery

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// delimiters are tried in this order; the one whose rows fit the catalogue best is taken.
var delimiters = []string{",", "\t", ";", "|"}

// standIn takes the place of a delimiter of several bytes while the text is read. No text that a person wrote holds it.
const standIn = 0x1f

func (s *source) prepareCSV(all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	if err := s.findCSVTable(all, known); err != nil {
		return err
	}
	if tidy, err := s.readTidy(temp); err != nil || tidy {
		return err
	}
	if s.plain() && s.table.headerRows == 1 {
		clean, err := s.scanCSV()
		if err != nil || clean {
			return err
		}
	}
	return s.rewriteCSV(temp)
}

// findCSVTable finds delimiter and header in the file's first rows: with the usual delimiters, or with whatever else stands between its words.
func (s *source) findCSVTable(all *catalog.Catalogs, known *catalog.Contract) error {
	text, err := s.openText()
	if err != nil {
		return err
	}
	defer text.Close()
	sample, err := readSample(text)
	if err != nil {
		return textFailure(s.content, err)
	}
	failure := s.tryDelimiters(all, known, sample, delimiters)
	if failure != nil && s.tryDelimiters(all, known, sample, oddDelimiters(sample)) != nil {
		return failure
	}
	s.contract, s.layout = s.table.contract, s.table.columns
	return nil
}

// tryDelimiters takes the delimiter under which the first rows fit best; when none does, it returns the first one's failure.
func (s *source) tryDelimiters(all *catalog.Catalogs, known *catalog.Contract, sample []byte, tried []string) error {
	var failure error
	found := false
	for _, delim := range tried {
		t, err := findTable(s.candidates(all), known, firstRows(sample, delim))
		if err != nil {
			failure = cmp.Or(failure, s.placed(err))
			continue
		}
		if found && t.matched() <= s.table.matched() {
			continue
		}
		s.table, s.delim, s.delimAs, found = t, delim[0], "", true
		if len(delim) > 1 {
			s.delim, s.delimAs = standIn, delim
		}
	}
	if !found && failure == nil {
		return refuse(whyUnknown)
	}
	if found {
		return nil
	}
	return failure
}

// maxDelimiters is how many unusual delimiters are tried.
const maxDelimiters = 8

// oddDelimiters are the runs of signs that stand most often between the words of the first lines, most frequent first.
func oddDelimiters(sample []byte) []string {
	seen := map[string]int{}
	for n := 0; n < headerWithin && len(sample) > 0; n++ {
		var line []byte
		line, sample, _ = bytes.Cut(sample, []byte{'\n'})
		for _, run := range strings.FieldsFunc(string(line[:min(len(line), 16<<10)]), partOfWord) {
			// A delimiter beside an empty cell stands twice.
			if half := run[:len(run)/2]; half != "" && run == half+half {
				seen[half]++
			}
			if len(run) <= 4 {
				seen[run]++
			}
		}
	}
	found := slices.SortedFunc(maps.Keys(seen), func(a, b string) int { return cmp.Or(-cmp.Compare(seen[a], seen[b]), cmp.Compare(a, b)) })
	found = slices.DeleteFunc(found, func(d string) bool { return len(d) == 1 && d[0] >= utf8.RuneSelf })
	return found[:min(len(found), maxDelimiters)]
}

// partOfWord reports a character that stands inside headers and values rather than between them.
func partOfWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("\"()（）[]【】<>《》_-./:：\r\ufeff%％¥￥*", r)
}

// firstRows are the first rows of a sample as one delimiter would cut them.
func firstRows(sample []byte, delim string) [][]string {
	from, by := delimited(bytes.NewReader(sample), delim)
	reader := newRecordReader(from, by)
	var rows [][]string
	for len(rows) < headerWithin {
		rec, err := reader.next()
		if err != nil {
			break
		}
		var cells []string
		if rec.rule == "" {
			cells = splitCells(rec.raw, by, nil)
		}
		rows = append(rows, cells)
	}
	return rows
}

// delimited lets text be read with a delimiter of one byte.
func delimited(text io.Reader, delim string) (io.Reader, byte) {
	if len(delim) == 1 {
		return text, delim[0]
	}
	return newReplacer(text, delim, standIn), standIn
}

// scanCSV counts the rows of a file that the engine may read as it stands. It reports false when the file needs rewriting after all.
func (s *source) scanCSV() (clean bool, err error) {
	f, err := os.Open(s.file)
	if err != nil {
		return false, refuse(whyUnreadable, pathProblem(err))
	}
	defer f.Close()
	reader := newRecordReader(f, s.delim)
	rows := int64(0)
	for {
		rec, err := reader.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, textFailure(s.content, err)
		}
		if reader.odd || rec.rule != "" || rec.cells != len(s.layout) {
			return false, nil
		}
		rows++
	}
	s.received, s.readPath, s.direct = rows-1, s.path, true
	return true, nil
}

// rewriteCSV copies a file as UTF-8 without what stands above its rows, with unreadable rows set aside.
func (s *source) rewriteCSV(temp string) error {
	text, err := s.openText()
	if err != nil {
		return err
	}
	defer text.Close()
	s.received, s.direct = 0, false
	w, err := s.rewrite(temp, len(s.layout))
	if err != nil {
		return err
	}
	var from io.Reader = text
	if s.delimAs != "" {
		from, _ = delimited(text, s.delimAs)
	}
	err = s.copyRecords(newRecordReader(from, s.delim), w)
	return errors.Join(err, w.close())
}

func (s *source) copyRecords(reader *recordReader, w *rewritten) error {
	var cells []string
	for n := 0; ; n++ {
		rec, err := reader.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return textFailure(s.content, err)
		case n < s.table.headerRows:
			continue
		case rec.rule != "":
			err = w.bad(rec.rule, rec.raw)
		case rec.cells == len(s.layout) && rec.plain:
			err = w.raw(rec.raw)
		default:
			cells = splitCells(rec.raw, s.delim, cells)
			if s.delimAs != "" {
				for i, cell := range cells {
					cells[i] = strings.ReplaceAll(cell, string(rune(standIn)), s.delimAs)
				}
			}
			err = s.copyRow(w, rec, cells)
		}
		if err != nil {
			return err
		}
	}
}

// copyRow copies a row that has quotes or another number of cells than the header. Surplus cells may be empty.
func (s *source) copyRow(w *rewritten, rec record, cells []string) error {
	want := len(s.layout)
	for len(cells) > want && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case len(cells) > want:
		return w.bad(ruleTooMany, rec.raw)
	case len(cells) < want:
		return w.bad(ruleTooFew, rec.raw)
	default:
		return w.row(cells)
	}
}

// replacer hands text on with one string in it replaced by one byte.
type replacer struct {
	from    io.Reader
	old     []byte
	new     byte
	buf     []byte
	start   int // of what is not handed on yet
	end     int
	failure error
}

func newReplacer(from io.Reader, old string, with byte) *replacer {
	return &replacer{from: from, old: []byte(old), new: with, buf: make([]byte, 64<<10)}
}

func (r *replacer) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.failure == nil && r.end-r.start < len(r.old) {
		r.fill()
	}
	n := 0
	for n < len(p) && r.start < r.end {
		if bytes.HasPrefix(r.buf[r.start:r.end], r.old) {
			p[n] = r.new
			r.start += len(r.old)
		} else if r.failure == nil && r.end-r.start < len(r.old) {
			break // it may be the beginning of the string
		} else {
			p[n] = r.buf[r.start]
			r.start++
		}
		n++
	}
	if n == 0 {
		return 0, r.failure
	}
	return n, nil
}

func (r *replacer) fill() {
	copy(r.buf, r.buf[r.start:r.end])
	r.start, r.end = 0, r.end-r.start
	n, err := r.from.Read(r.buf[r.end:])
	r.end += n
	r.failure = err
}
