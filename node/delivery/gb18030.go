package delivery

import (
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// gbReader turns GB18030 into UTF-8. It gives what the decoder of golang.org/x/text gives, at several times its speed: pairs of bytes, which
// nearly all Chinese text consists of, are looked up, and runs of ASCII are copied; anything else goes through that decoder.
type gbReader struct {
	from       io.Reader
	pairs      *[1 << 15]uint32
	in         []byte
	start, end int // of what is not decoded yet
	out        []byte
	handed     int // of out
	failure    error
}

func newGBReader(from io.Reader) *gbReader {
	return &gbReader{from: from, pairs: gbPairs(), in: make([]byte, 64<<10), out: make([]byte, 0, 160<<10)}
}

// gbPairs are the characters that two bytes stand for, by the two bytes without the first one's high bit: three bytes of UTF-8, the first lowest. A
// character that UTF-8 writes in two bytes has its length in the highest byte. 0 is no pair.
var gbPairs = sync.OnceValue(func() *[1 << 15]uint32 {
	var pairs [1 << 15]uint32
	decoder := simplifiedchinese.GB18030.NewDecoder()
	for first := 0x81; first <= 0xfe; first++ {
		for second := 0x40; second <= 0xfe; second++ {
			text, err := decoder.Bytes([]byte{byte(first), byte(second)})
			r, size := utf8.DecodeRune(text)
			if err != nil || r == utf8.RuneError || size != len(text) {
				continue
			}
			var packed uint32
			for i, c := range text {
				packed |= uint32(c) << (8 * i)
			}
			if size == 2 {
				packed |= 2 << 24
			}
			pairs[(first&0x7f)<<8|second] = packed
		}
	}
	return &pairs
})

func (g *gbReader) Read(p []byte) (int, error) {
	for g.handed == len(g.out) {
		if g.failure != nil && g.start == g.end {
			return 0, g.failure
		}
		g.decode()
	}
	n := copy(p, g.out[g.handed:])
	g.handed += n
	return n, nil
}

// decode fills out with what is next. Four bytes may belong together, so the last three wait for more.
func (g *gbReader) decode() {
	g.out, g.handed = g.out[:0], 0
	if g.failure == nil {
		copy(g.in, g.in[g.start:g.end])
		g.start, g.end = 0, g.end-g.start
		n, err := g.from.Read(g.in[g.end:])
		g.end += n
		g.failure = err
	}
	last := g.failure != nil
	for g.start < g.end {
		g.decodePairs()
		rest := g.in[g.start:g.end]
		if len(rest) == 0 || !last && len(rest) < 4 {
			return
		}
		g.decodeOdd(rest[:min(len(rest), 4)], last)
	}
}

// decodePairs decodes up to the next character that is neither ASCII nor a pair, or to the last byte.
func (g *gbReader) decodePairs() {
	in, at := g.in[:g.end], g.start
	out := g.out
	for at < len(in) {
		first := in[at]
		if first < utf8.RuneSelf {
			out = append(out, first)
			at++
			continue
		}
		if at+1 == len(in) {
			break
		}
		packed := g.pairs[int(first&0x7f)<<8|int(in[at+1])]
		if packed == 0 {
			break
		}
		if packed>>24 == 0 {
			out = append(out, byte(packed), byte(packed>>8), byte(packed>>16))
		} else {
			out = append(out, byte(packed), byte(packed>>8))
		}
		at += 2
	}
	g.out, g.start = out, at
}

// decodeOdd decodes one character that is no pair.
func (g *gbReader) decodeOdd(four []byte, last bool) {
	var text [16]byte
	decoder := simplifiedchinese.GB18030.NewDecoder()
	for length := 1; length <= len(four); length++ {
		n, read, err := decoder.Transform(text[:], four[:length], last && length == len(four))
		if errors.Is(err, transform.ErrShortSrc) && read == 0 {
			continue
		}
		g.out = append(g.out, text[:n]...)
		g.start += max(read, 1)
		return
	}
	g.out = utf8.AppendRune(g.out, utf8.RuneError)
	g.start++
}
