package delivery

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// xmlReader cuts the XML of a workbook's parts into tags and text. It knows no more of XML than workbooks use: elements, attributes, the five
// named and the numeric references, comments, CDATA. A document type, which could define references of its own, is an error.
type xmlReader struct {
	from    io.Reader
	buf     []byte
	start   int // of what is not consumed
	end     int
	failure error

	// What next found.
	kind  xmlKind
	name  string // the element's name without a prefix; for tagStart and tagEnd
	attrs []byte // what stands between the name and the tag's end; valid until next is called
	empty bool   // a start that is its own end
	text  []byte // with references resolved; valid until next is called
}

type xmlKind int

const (
	tagStart xmlKind = iota
	tagEnd
	xmlText
)

// maxXMLToken is how many bytes one tag or one run of text may have. A cell holds 32,767 characters.
const maxXMLToken = 1 << 20

var errXML = errors.New("no XML that a workbook has")

func newXMLReader(from io.Reader) *xmlReader {
	return &xmlReader{from: from, buf: make([]byte, 64<<10)}
}

// next moves to the next tag or text. It returns io.EOF after the last.
func (x *xmlReader) next() error {
	for {
		c, err := x.peek()
		if err != nil {
			return err
		}
		if c != '<' {
			return x.readText()
		}
		skipped, err := x.skipMarkup()
		if err != nil {
			return err
		}
		if skipped {
			continue
		}
		return x.readTag()
	}
}

func (x *xmlReader) readText() error {
	length, err := x.find("<")
	if errors.Is(err, io.EOF) {
		length, err = x.end-x.start, nil
	}
	if err != nil {
		return err
	}
	x.kind, x.text = xmlText, unescape(x.buf[x.start:x.start+length])
	x.start += length
	return nil
}

// skipMarkup passes over what is neither tag nor text; CDATA becomes text in its place.
func (x *xmlReader) skipMarkup() (bool, error) {
	for _, m := range []struct{ open, close string }{{"<?", "?>"}, {"<!--", "-->"}} {
		if x.begins(m.open) {
			x.start += len(m.open)
			return true, ended(x.passOver(m.close))
		}
	}
	if x.begins("<!") {
		return false, errXML
	}
	return false, nil
}

// passOver drops everything up to and with a mark, however much it is.
func (x *xmlReader) passOver(mark string) error {
	for {
		if i := bytes.Index(x.buf[x.start:x.end], []byte(mark)); i >= 0 {
			x.start += i + len(mark)
			return nil
		}
		x.start = max(x.start, x.end-len(mark)+1)
		if err := x.more(); err != nil {
			return err
		}
	}
}

// seek passes over everything up to the next tag of that name, without taking what lies between apart, and leaves its attributes in attrs.
func (x *xmlReader) seek(name string) error {
	if err := x.passOver(name + " "); err != nil {
		return err
	}
	length, err := x.find(">")
	if err != nil {
		return ended(err)
	}
	x.attrs = x.buf[x.start : x.start+length]
	x.start += length
	return nil
}

func (x *xmlReader) readTag() error {
	length, err := x.tagLength()
	if err != nil {
		return err
	}
	tag := x.buf[x.start+1 : x.start+length-1]
	x.start += length
	x.kind, x.empty = tagStart, false
	if bytes.HasPrefix(tag, []byte{'/'}) {
		x.kind, tag = tagEnd, tag[1:]
	} else if bytes.HasSuffix(tag, []byte{'/'}) {
		x.empty, tag = true, tag[:len(tag)-1]
	}
	name := tag
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name = tag[:i]
	}
	x.attrs = tag[len(name):]
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	x.name = tagName(name)
	return nil
}

// tagName spares an allocation for the tags of which a sheet has millions.
func tagName(name []byte) string {
	for _, known := range [...]string{"c", "v", "row", "t", "si", "f", "is", "r"} {
		if string(name) == known {
			return known
		}
	}
	return string(name)
}

// tagLength is how long the tag is that begins here; a > inside quotes does not end it.
func (x *xmlReader) tagLength() (int, error) {
	quote := byte(0)
	for i := 1; ; i++ {
		if i > maxXMLToken {
			return 0, errXML
		}
		for x.start+i >= x.end {
			if err := x.more(); err != nil {
				return 0, errXML
			}
		}
		switch c := x.buf[x.start+i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			return 0, errXML
		case c == '>':
			return i + 1, nil
		}
	}
}

// attr is an attribute's value, with or without a prefix to its name.
func (x *xmlReader) attr(name string) (string, bool) {
	rest := x.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		key, after, ok := bytes.Cut(rest, []byte{'='})
		after = bytes.TrimLeft(after, " \t\r\n")
		if !ok || len(after) == 0 || (after[0] != '"' && after[0] != '\'') {
			return "", false
		}
		value, next, ok := bytes.Cut(after[1:], after[:1])
		if !ok {
			return "", false
		}
		key = bytes.TrimRight(key, " \t\r\n")
		if i := bytes.IndexByte(key, ':'); i >= 0 {
			key = key[i+1:]
		}
		if string(key) == name {
			return string(unescape(value)), true
		}
		rest = next
	}
}

// skip passes over the element whose start was just read.
func (x *xmlReader) skip() error {
	for depth := 1; !x.empty || depth > 1; {
		if err := x.next(); err != nil {
			return ended(err)
		}
		switch {
		case x.kind == tagStart && !x.empty:
			depth++
		case x.kind == tagEnd:
			depth--
		}
		x.empty = false
		if depth == 0 {
			return nil
		}
	}
	return nil
}

// ended says that a text which ends inside an element is broken.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return errXML
	}
	return err
}

// find is how far away a mark is.
func (x *xmlReader) find(mark string) (int, error) {
	for from := 0; ; {
		if i := bytes.Index(x.buf[x.start+from:x.end], []byte(mark)); i >= 0 {
			return from + i, nil
		}
		if from = max(from, x.end-x.start-len(mark)+1); from > maxXMLToken {
			return 0, errXML
		}
		if err := x.more(); err != nil {
			return 0, err
		}
	}
}

func (x *xmlReader) begins(with string) bool {
	for x.end-x.start < len(with) {
		if x.more() != nil {
			return false
		}
	}
	return bytes.HasPrefix(x.buf[x.start:x.end], []byte(with))
}

func (x *xmlReader) peek() (byte, error) {
	for x.start == x.end {
		if err := x.more(); err != nil {
			return 0, err
		}
	}
	return x.buf[x.start], nil
}

// more reads on; what is not consumed moves to the buffer's beginning.
func (x *xmlReader) more() error {
	if x.failure != nil {
		return x.failure
	}
	if x.start > 0 {
		copy(x.buf, x.buf[x.start:x.end])
		x.start, x.end = 0, x.end-x.start
	}
	if x.end == len(x.buf) {
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	n, err := x.from.Read(x.buf[x.end:])
	x.end += n
	if n > 0 {
		return nil
	}
	x.failure = err
	return err
}

// unescape resolves references. One that is unknown stays as it is written.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '&') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			break
		}
		out = append(out, text[:i]...)
		text = text[i:]
		end := bytes.IndexByte(text[:min(len(text), 12)], ';')
		r, ok := rune(0), false
		if end > 0 {
			r, ok = reference(string(text[1:end]))
		}
		if !ok {
			out, text = append(out, '&'), text[1:]
			continue
		}
		out, text = utf8.AppendRune(out, r), text[end+1:]
	}
	return append(out, text...)
}

func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune
}
