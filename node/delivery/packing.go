package delivery

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
)

// Bounds on what comes out of packed bytes. Delivered tables shrink by ten to fifty times; a bomb shrinks a thousand times.
const (
	maxRatio    = 250      // times the packed size, once more than ratioFrom came out
	ratioFrom   = 64 << 20 // bytes
	maxUnpacked = 32 << 30 // bytes of one delivery
)

// member is a file inside a zip archive.
type member struct {
	offset, packed, size int64 // of its bytes in the archive; size is what it unpacks to
	deflated             bool
	crc                  uint32
}

// openRaw opens the delivery's bytes: a file's, or those of an archive's member, unpacked.
func (s *source) openRaw() (io.ReadCloser, error) {
	f, err := os.Open(s.file)
	if err != nil {
		return nil, refuse(whyUnreadable, pathProblem(err))
	}
	if s.member == nil {
		return f, nil
	}
	packed := &meter{from: io.NewSectionReader(f, s.member.offset, s.member.packed)}
	var unpacked io.Reader = packed
	if s.member.deflated {
		unpacked = flate.NewReader(bufio.NewReaderSize(packed, 64<<10))
	}
	return &layered{Reader: &checked{from: &bounded{from: unpacked, packed: packed}, member: s.member, sum: crc32.NewIEEE()}, file: f}, nil
}

// openBytes opens the delivery's bytes without the gzip around them, if there is one.
func (s *source) openBytes() (io.ReadCloser, error) {
	raw, err := s.openRaw()
	if err != nil || !s.content.gzip {
		return raw, err
	}
	packed := &meter{from: raw}
	z, err := gzip.NewReader(bufio.NewReaderSize(packed, 64<<10))
	if err != nil {
		_ = raw.Close()
		if refused := asRefusal(err); refused != nil {
			return nil, refused
		}
		return nil, refuse(whyGzip)
	}
	return &layered{Reader: &bounded{from: z, packed: packed}, file: raw}, nil
}

// openText opens the delivery's text as UTF-8.
func (s *source) openText() (io.ReadCloser, error) {
	plain, err := s.openBytes()
	if err != nil {
		return nil, err
	}
	return &layered{Reader: decodeText(plain, s.content.encoding), file: plain}, nil
}

// onDisk returns a file that holds the delivery's bytes unpacked: the delivery itself, or a copy in temp.
func (s *source) onDisk(temp string) (string, error) {
	if s.member == nil && !s.content.gzip {
		return s.file, nil
	}
	from, err := s.openBytes()
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(temp, "unpacked-*")
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w", s.name, err)
	}
	// A failure to write is the node's, a failure to read is the delivery's.
	reading := &failing{from: from}
	_, err = io.Copy(to, reading)
	if reading.err != nil {
		return "", errors.Join(textFailure(s.content, reading.err), to.Close())
	}
	if err := errors.Join(err, to.Close()); err != nil {
		return "", fmt.Errorf("unpack %s: %w", s.name, err)
	}
	return to.Name(), nil
}

// layered closes the file under a chain of readers.
type layered struct {
	io.Reader
	file io.Closer
}

func (l *layered) Close() error { return l.file.Close() }

// meter counts what was read through it.
type meter struct {
	from io.Reader
	read int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.read += int64(n)
	return n, err
}

// bounded refuses a delivery that unpacks to more than its packed size can honestly hold.
type bounded struct {
	from   io.Reader
	packed *meter
	read   int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	if refused := tooLarge(b.read, b.packed.read); refused != nil {
		return 0, refused
	}
	return n, err
}

// tooLarge refuses size bytes out of packed ones when they are more than the bounds allow.
func tooLarge(size, packed int64) error {
	switch {
	case size > ratioFrom && size/maxRatio > packed:
		return refuse(whyBomb, size/max(packed, 1), maxRatio)
	case size > maxUnpacked:
		return refuse(whyUnpackedSize, maxUnpacked>>30)
	}
	return nil
}

// checked compares what a member unpacked to with what the archive says of it.
type checked struct {
	from   io.Reader
	member *member
	read   int64
	sum    hash.Hash32
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += int64(n)
	_, _ = c.sum.Write(p[:n])
	switch {
	case c.read > c.member.size:
		return 0, refuse(whyZipMember)
	case err == nil || asRefusal(err) != nil:
		return n, err
	case !errors.Is(err, io.EOF) || c.read != c.member.size || c.sum.Sum32() != c.member.crc:
		return 0, refuse(whyZipMember)
	}
	return n, err
}

// failing remembers what reading broke off with.
type failing struct {
	from io.Reader
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}
