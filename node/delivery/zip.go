package delivery

import (
	"archive/zip"
	"cmp"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// maxMembers is how many files one archive may hold, and maxArchive how many bytes they may unpack to together.
const (
	maxMembers = 10_000
	maxArchive = 64 << 30
)

// isWorkbook reports whether the archive is an Excel workbook and no archive of deliveries.
func isWorkbook(archive *zip.Reader) bool {
	return slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == "[Content_Types].xml" })
}

// firstMember is the name that the first entry of an archive bears, read from the archive's first bytes.
func firstMember(sample []byte) string {
	if len(sample) < 30 {
		return ""
	}
	length := int(sample[26]) | int(sample[27])<<8
	return string(sample[30:min(30+length, len(sample))])
}

// startsWorkbook guesses from an archive's first bytes whether it is a workbook. Every program begins a workbook with one of these.
func startsWorkbook(sample []byte) bool {
	first := firstMember(sample)
	return first == "[Content_Types].xml" || strings.HasPrefix(first, "xl/") || strings.HasPrefix(first, "_rels/") || strings.HasPrefix(first, "docProps/")
}

// members makes a source of every file in the archive s. An archive that cannot be trusted as a whole is one refused source.
func (s *source) members(all *catalog.Catalogs) []*source {
	archive, err := zip.OpenReader(s.file)
	if err != nil {
		s.failure = refuse(whyZip)
		return []*source{s}
	}
	defer archive.Close()
	if s.failure = refuseArchive(&archive.Reader, s.bytes); s.failure != nil {
		return []*source{s}
	}
	var found []*source
	for _, f := range archive.File {
		name := memberName(f)
		if f.Mode().IsDir() || strings.HasSuffix(name, "/") || isLitter(name) {
			continue
		}
		found = append(found, s.memberSource(all, f, name))
	}
	if len(found) == 0 {
		s.failure = refuse(whyZipEmpty)
		return []*source{s}
	}
	slices.SortStableFunc(found, func(a, b *source) int { return cmp.Compare(a.path, b.path) })
	return found
}

// refuseArchive checks the archive's directory before anything is unpacked: members that overlap, and what they come to together.
func refuseArchive(archive *zip.Reader, size int64) error {
	if len(archive.File) > maxMembers {
		return refuse(whyZipMembers, len(archive.File), maxMembers)
	}
	var packed, unpacked uint64
	for _, f := range archive.File {
		packed += f.CompressedSize64
		unpacked += f.UncompressedSize64
		if packed > uint64(size) {
			return refuse(whyZipOverlap)
		}
		if unpacked > maxArchive || f.UncompressedSize64 > maxArchive {
			return refuse(whyUnpackedSize, maxArchive>>30)
		}
	}
	return nil
}

// memberSource is the source of one member; it is refused by what the archive's directory says, or sniffed.
func (s *source) memberSource(all *catalog.Catalogs, f *zip.File, name string) *source {
	m := &source{file: s.file, name: s.name + "/" + clipName(name), sha256: s.sha256, bytes: int64(f.UncompressedSize64), department: s.department}
	m.path = filepath.Join(filepath.Dir(s.path), filepath.FromSlash(m.name))
	if leavesFolder(name) {
		m.path, m.failure = s.path+"/"+clipName(path.Base(name)), refuse(whyZipPath)
		return m
	}
	if m.department == "" {
		m.department = innerDepartment(all, name)
	}
	for _, base := range []string{path.Base(name), s.name} {
		if m.contract == nil {
			m.contract, _ = byName(m.candidates(all), base)
		}
	}
	offset, err := f.DataOffset()
	switch {
	case f.Flags&1 != 0:
		m.failure = refuse(whyZipPassword)
	case err != nil || !f.Mode().IsRegular() || (f.Method != zip.Store && f.Method != zip.Deflate):
		m.failure = refuse(whyZipMember)
	default:
		m.failure = tooLarge(int64(f.UncompressedSize64), int64(f.CompressedSize64))
	}
	m.member = &member{offset: offset, packed: int64(f.CompressedSize64), size: int64(f.UncompressedSize64), deflated: f.Method == zip.Deflate, crc: f.CRC32}
	return m
}

// innerDepartment is the department that the innermost folder named after one tells.
func innerDepartment(all *catalog.Catalogs, name string) string {
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if all.Of(path.Base(dir)) != nil {
			return path.Base(dir)
		}
	}
	return ""
}

// memberName is a member's path inside the archive. Chinese Windows writes names in GB18030 without saying so.
func memberName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		if decoded, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = decoded
		}
	}
	return strings.ReplaceAll(name, `\`, "/")
}

// isLitter knows what operating systems and office programs leave in archives.
func isLitter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") && !leavesFolder(name) || strings.HasPrefix(base, "~$") || base == "Thumbs.db" || base == "desktop.ini"
}

// leavesFolder reports a path that points out of the folder into which the archive would be unpacked. Members are never written under their
// names; the sender is told all the same, because nothing honest writes such a path.
func leavesFolder(name string) bool {
	return !fs.ValidPath(path.Clean(name)) || strings.HasPrefix(name, "/") || slices.Contains(strings.Split(name, "/"), "..") || len(name) > 1 && name[1] == ':'
}

// clipName keeps a member's path to what a report can show.
func clipName(name string) string {
	shown := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return '_'
		}
		return r
	}, name))
	if len(shown) > 200 {
		shown = shown[len(shown)-200:]
	}
	return string(shown)
}
