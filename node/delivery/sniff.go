package delivery

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// format is what a file is, found out from what it holds and not from what it is called.
type format string

const (
	formatCSV       format = "csv"
	formatXLSX      format = "xlsx"
	formatJSONArray format = "json"
	formatJSONLines format = "jsonl"
	formatParquet   format = "parquet"
	formatZip       format = "zip" // an archive: its members are the deliveries
)

// sampleSize is how much of a file's beginning decides what it is.
const sampleSize = 64 << 10

// content is how a file's text is written.
type content struct {
	format   format
	gzip     bool
	encoding string // utf-8, utf-8-bom, gb18030, utf-16le, utf-16be
}

// plain reports whether what lies on disk is the delivery's text, as it stands.
func (s *source) plain() bool {
	return s.member == nil && !s.content.gzip && s.content.encoding == "utf-8" && s.delimAs == ""
}

// sniff finds out what a delivery is.
func (s *source) sniff() (content, error) {
	raw, err := s.openRaw()
	if err != nil {
		return content{}, err
	}
	defer raw.Close()
	sample, err := readSample(raw)
	if err != nil {
		return content{}, textFailure(content{}, err)
	}
	s.content = content{gzip: bytes.HasPrefix(sample, []byte{0x1f, 0x8b})}
	if s.content.gzip {
		if sample, err = s.unpackedSample(); err != nil {
			return content{}, err
		}
	}
	if len(bytes.TrimSpace(sample)) == 0 {
		return content{}, refuse(whyEmpty)
	}
	if bytes.HasPrefix(sample, []byte("PK\x03\x04")) || bytes.HasPrefix(sample, []byte("PK\x05\x06")) {
		kind, err := s.zipKind(sample)
		return content{format: kind, gzip: s.content.gzip, encoding: "utf-8"}, err
	}
	if bytes.HasPrefix(sample, []byte("PAR1")) {
		return content{format: formatParquet, gzip: s.content.gzip, encoding: "utf-8"}, nil
	}
	if err := refuseForeign(sample); err != nil {
		return content{}, err
	}
	return sniffText(s.content, sample)
}

// unpackedSample is the beginning of what a gz file holds. One that is cut off gives what it has; reading it through will tell.
func (s *source) unpackedSample() ([]byte, error) {
	plain, err := s.openBytes()
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	sample := make([]byte, sampleSize)
	n, err := io.ReadFull(plain, sample)
	if err != nil && !errors.Is(err, io.EOF) && n == 0 {
		return nil, refuse(whyGzip)
	}
	return sample[:n], nil
}

// refuseForeign names files of kinds that the node does not read.
func refuseForeign(sample []byte) error {
	for _, kind := range []struct{ magic, name string }{
		{"\xd0\xcf\x11\xe0", "Excel 97-2003 (.xls)"}, {"%PDF", "PDF"}, {"Rar!", "RAR"}, {"7z\xbc\xaf", "7z"}, {"BZh", "bz2"}, {"\xfd7zXZ", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"<", "HTML/XML"},
	} {
		if bytes.HasPrefix(bytes.TrimLeft(sample, " \t\r\n"), []byte(kind.magic)) {
			return refuse(whyForeign, kind.name)
		}
	}
	if len(sample) > 262 && string(sample[257:262]) == "ustar" {
		return refuse(whyForeign, "tar")
	}
	return nil
}

// sniffText finds the encoding, and tells JSON from delimited text.
func sniffText(c content, sample []byte) (content, error) {
	var err error
	if c.encoding, err = sniffEncoding(sample); err != nil {
		return content{}, err
	}
	text, err := io.ReadAll(decodeText(bytes.NewReader(sample), c.encoding))
	if err != nil {
		return content{}, refuse(whyEncoding)
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("[")) && looksJSONArray(text):
		c.format = formatJSONArray
	case bytes.HasPrefix(text, []byte("{")):
		c.format = formatJSONLines
		if !firstLineIsObject(text) {
			c.format = formatJSONArray
		}
	default:
		c.format = formatCSV
	}
	return c, nil
}

func looksJSONArray(text []byte) bool {
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	return len(rest) == 0 || rest[0] == '{' || rest[0] == ']'
}

// sniffEncoding decides by mark, then by what is valid. GB18030 is what Chinese office programs write unasked.
func sniffEncoding(sample []byte) (string, error) {
	switch {
	case bytes.HasPrefix(sample, []byte{0xef, 0xbb, 0xbf}):
		if !validUTF8(sample) {
			return "", refuse(whyMark)
		}
		return "utf-8-bom", nil
	case bytes.HasPrefix(sample, []byte{0xff, 0xfe}):
		return "utf-16le", nil
	case bytes.HasPrefix(sample, []byte{0xfe, 0xff}):
		return "utf-16be", nil
	}
	if kind := unmarkedUTF16(sample); kind != "" {
		return kind, nil
	}
	if bytes.IndexByte(sample, 0) >= 0 {
		return "", refuse(whyBinary)
	}
	header := sample
	if i := bytes.IndexByte(sample, '\n'); i >= 0 {
		header = sample[:i]
	}
	// The first line decides when rows further down are damaged.
	if validUTF8(sample) || (validUTF8(header) && !ascii(header)) {
		return "utf-8", nil
	}
	if validGB18030(sample) || validGB18030(header) {
		return "gb18030", nil
	}
	return "", refuse(whyEncoding)
}

// validUTF8 allows for a character that the sample's end has cut.
func validUTF8(sample []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(sample); cut++ {
		if utf8.Valid(sample[:len(sample)-cut]) {
			return true
		}
		if len(sample) < sampleSize {
			return false
		}
	}
	return false
}

func validGB18030(sample []byte) bool {
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(sample)
	if err != nil {
		return false
	}
	wrong := bytes.Count(decoded, []byte("\uFFFD"))
	return wrong == 0 || (wrong == 1 && len(sample) == sampleSize)
}

func ascii(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unmarkedUTF16 recognises UTF-16 without a mark by the zero bytes of its digits, commas and line ends.
func unmarkedUTF16(sample []byte) string {
	var even, odd int
	for i := 0; i+1 < len(sample) && i < 4096; i += 2 {
		if sample[i] == 0 && isMark(sample[i+1]) {
			even++
		}
		if sample[i+1] == 0 && isMark(sample[i]) {
			odd++
		}
	}
	switch {
	case odd > 2 && odd > 4*even:
		return "utf-16le"
	case even > 2 && even > 4*odd:
		return "utf-16be"
	default:
		return ""
	}
}

func isMark(c byte) bool { return c == '\n' || c == '\t' || c >= ' ' && c <= '~' }

func decodeText(from io.Reader, name string) io.Reader {
	var e encoding.Encoding
	switch name {
	case "utf-8":
		return from
	case "utf-8-bom":
		mark := make([]byte, 3)
		if _, err := io.ReadFull(from, mark); err != nil {
			return bytes.NewReader(nil)
		}
		return from
	case "gb18030":
		return newGBReader(from)
	case "utf-16le":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return transform.NewReader(from, e.NewDecoder())
}

func readSample(from io.Reader) ([]byte, error) {
	sample := make([]byte, sampleSize)
	n, err := io.ReadFull(from, sample)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return sample[:n], err
}

// textFailure says why reading a file's text broke off.
func textFailure(c content, err error) error {
	if refused := asRefusal(err); refused != nil {
		return refused
	}
	if c.gzip && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || isFlate(err)) {
		return refuse(whyGzipCut)
	}
	return refuse(whyBrokenOff, pathProblem(err))
}

func isFlate(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

// pathProblem is a system error without the path in it: the caller names the file.
func pathProblem(err error) string {
	var where *os.PathError
	if errors.As(err, &where) {
		return where.Err.Error()
	}
	return err.Error()
}
