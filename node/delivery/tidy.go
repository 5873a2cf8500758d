package delivery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// tidiness is what a look at a text's bytes, without cutting them into records, tells about it. It is taken along with the checksum, at a
// fraction of what reading the records costs, and is enough for the files that are as they should be: the engine reads those as they stand,
// fails where a row has another number of cells than the header or is no UTF-8, and is held to the number of lines counted here.
type tidiness struct {
	bytes, lines int64
	delims       [4]int64 // how many of each of tidyDelims
	odd          bool     // quotes, zero bytes, replacement characters, carriage returns that end no line, blank or very long lines
	wide         bool     // blanks other than the ordinary one
	tail         []byte   // the last bytes seen: what is looked for may lie across two parts
	sinceLine    int64    // bytes since the last line's end
}

// tidyDelims are the delimiters with which a file can be tidy.
const tidyDelims = ",\t;|"

// tidyPart is how much is looked at at once: small enough to stay in the processor's cache over all the looks.
const tidyPart = 128 << 10

// Write looks at the next part of the text. It never fails.
func (t *tidiness) Write(part []byte) (int, error) {
	n := len(part)
	for len(part) > 0 {
		size := min(len(part), tidyPart)
		t.look(part[:size])
		part = part[size:]
	}
	return n, nil
}

func (t *tidiness) look(part []byte) {
	seam := append(slices.Clone(t.tail), part[:min(len(part), 3)]...)
	if t.bytes == 0 {
		seam = append([]byte{'\n'}, seam...)
	}
	t.odd = t.odd || oddBytes(seam) || oddBytes(part) || oddReturns(seam) || oddReturns(part)
	if t.odd {
		return
	}
	t.wide = t.wide || wideBlanks(seam) || wideBlanks(part)
	t.lines += int64(bytes.Count(part, []byte{'\n'}))
	for i := range tidyDelims {
		t.delims[i] += int64(bytes.Count(part, []byte{tidyDelims[i]}))
	}
	if end := bytes.LastIndexByte(part, '\n'); end >= 0 {
		t.sinceLine = int64(len(part) - end - 1)
	} else if t.sinceLine += int64(len(part)); t.sinceLine > maxRecord/2 {
		t.odd = true
	}
	t.bytes += int64(len(part))
	t.tail = append(t.tail, part[max(0, len(part)-3):]...)
	t.tail = slices.Clone(t.tail[max(0, len(t.tail)-3):])
}

func oddBytes(part []byte) bool {
	return bytes.IndexByte(part, '"') >= 0 || bytes.IndexByte(part, 0) >= 0 || bytes.Contains(part, []byte("\uFFFD")) ||
		bytes.Contains(part, []byte("\n\n")) || bytes.Contains(part, []byte("\n\r\n"))
}

// oddReturns finds a carriage return with something else than a line feed behind it.
func oddReturns(part []byte) bool {
	if bytes.IndexByte(part, '\r') < 0 {
		return false
	}
	returns := bytes.Count(part, []byte{'\r'})
	if part[len(part)-1] == '\r' {
		returns--
	}
	return returns != bytes.Count(part, []byte("\r\n"))
}

// wideBlanks finds the characters besides the ordinary blank that the engine's trim takes for blanks.
func wideBlanks(part []byte) bool {
	if bytes.Contains(part, []byte("\u00a0")) || bytes.Contains(part, []byte("\u3000")) || bytes.Contains(part, []byte("\u1680")) || bytes.Contains(part, []byte("\u205f")) {
		return true
	}
	for {
		at := bytes.Index(part, []byte("\xe2\x80"))
		if at < 0 || at+2 >= len(part) {
			return false
		}
		if third := part[at+2]; third <= 0x8a || third == 0xaf {
			return true
		}
		part = part[at+2:]
	}
}

// rows is how many records of that many cells the text has below its header, when it can be read as it stands.
func (t *tidiness) rows(delim byte, cells int) (int64, bool) {
	which := bytes.IndexByte([]byte(tidyDelims), delim)
	lines := t.lines
	if t.sinceLine > 0 {
		lines++
	}
	if t.odd || lines == 0 || which < 0 || t.delims[which] != lines*int64(cells-1) || (delim != '\t' && t.delims[1] > 0) {
		return 0, false
	}
	return lines - 1, true
}

// textKind says what is known about the text that the engine reads.
type textKind int

const (
	textUnknown  textKind = iota
	textOrdinary          // it has no blanks but the ordinary one
)

// readTidy lets the engine read a tidy text as it stands, when its header is in its first line: the file itself, or where the text is packed or in
// another encoding a copy of it. It reports false when the text has to be read record by record.
func (s *source) readTidy(temp string) (bool, error) {
	if s.table.headerRows != 1 || s.delimAs != "" {
		return false, nil
	}
	if s.content.encoding != "utf-8" && s.content.encoding != "utf-8-bom" || s.content.gzip || s.member != nil {
		return s.copyTidy(temp)
	}
	return s.takeTidy(s.file, &s.tidy), nil
}

func (s *source) takeTidy(path string, t *tidiness) bool {
	rows, ok := t.rows(s.delim, len(s.layout))
	if !ok {
		return false
	}
	s.received, s.readPath, s.direct = rows, path, true
	if !t.wide {
		s.text = textOrdinary
	}
	return true
}

// copyTidy copies the text as UTF-8 as long as it is tidy.
func (s *source) copyTidy(temp string) (bool, error) {
	text, err := s.openText()
	if err != nil {
		return false, err
	}
	defer text.Close()
	path := filepath.Join(temp, strconv.FormatInt(s.number, 10)+".text.csv")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return false, fmt.Errorf("write a copy of %s: %w", s.name, err)
	}
	var t tidiness
	err = copyWhileTidy(f, text, &t)
	if closed := f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("write a copy of %s: %w", s.name, closed)
	}
	if err == nil && s.takeTidy(path, &t) {
		return true, nil
	}
	var written *writeError
	if errors.As(err, &written) {
		return false, fmt.Errorf("write a copy of %s: %w", s.name, written.err)
	}
	if err != nil {
		return false, textFailure(s.content, err)
	}
	return false, os.Remove(path)
}

// writeError is a failure of the place that is written to, not of the text.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }

func copyWhileTidy(to io.Writer, text io.Reader, t *tidiness) error {
	buf := make([]byte, tidyPart)
	for !t.odd {
		n, err := text.Read(buf)
		t.look(buf[:n])
		if _, failed := to.Write(buf[:n]); failed != nil {
			return &writeError{failed}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
