package delivery

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// examine reads a file once for its checksum and kind, and says which deliveries it holds: itself, or one per member when it is a zip archive.
// A source that cannot be taken carries the reason in failure.
func examine(all *catalog.Catalogs, path string, now time.Time) []*source {
	s := &source{path: path, file: path, name: filepath.Base(path), department: departmentOf(all, path)}
	s.contract, _ = byName(s.candidates(all), s.name)
	s.knownOn, s.dated = dayOf(s.name, now)
	if s.bytes, s.sha256, s.failure = s.checksum(); s.failure != nil {
		return []*source{s}
	}
	s.content, s.failure = s.sniff()
	if s.failure != nil || s.content.format != formatZip {
		return []*source{s}
	}
	if s.content.gzip {
		s.failure = refuse(whyNestedZip)
		return []*source{s}
	}
	members := s.members(all)
	for _, m := range members {
		if m != s {
			m.examineMember(s.name, now)
		}
	}
	return members
}

func (s *source) examineMember(archive string, now time.Time) {
	if s.knownOn, s.dated = dayOf(filepath.Base(s.path), now); !s.dated {
		s.knownOn, s.dated = dayOf(archive, now)
	}
	if s.failure != nil {
		return
	}
	if s.bytes, s.sha256, s.failure = s.checksum(); s.failure != nil {
		return
	}
	if s.content, s.failure = s.sniff(); s.failure == nil && s.content.format == formatZip {
		s.failure = refuse(whyNestedZip)
	}
}

// dayOf is the day of delivery that a name tells, or today.
func dayOf(name string, now time.Time) (day time.Time, told bool) {
	if day, told = dayInName(name); !told {
		day = now
	}
	return day, told
}

// checksum reads the delivery through as it came.
func (s *source) checksum() (size int64, sum string, err error) {
	from, err := s.openRaw()
	if err != nil {
		return 0, s.sha256, err
	}
	defer from.Close()
	digest := sha256.New()
	// The reader is wrapped so that the buffer is used.
	if size, err = io.CopyBuffer(io.MultiWriter(digest, &s.tidy), struct{ io.Reader }{from}, make([]byte, tidyPart)); err != nil {
		return size, s.sha256, textFailure(s.content, err)
	}
	return size, hex.EncodeToString(digest.Sum(nil)), nil
}

// zipKind tells a workbook from an archive of deliveries: by the directory when the archive lies on disk whole, else by how it begins.
func (s *source) zipKind(sample []byte) (format, error) {
	if strings.HasPrefix(firstMember(sample), "mimetype") {
		return "", refuse(whyForeign, "OpenDocument (.ods)")
	}
	if s.member == nil && !s.content.gzip {
		archive, err := zip.OpenReader(s.file)
		if err == nil {
			defer archive.Close()
			if isWorkbook(&archive.Reader) {
				return formatXLSX, nil
			}
			return formatZip, nil
		}
	}
	if startsWorkbook(sample) || strings.HasSuffix(strings.ToLower(s.name), ".xlsx") {
		return formatXLSX, nil
	}
	return formatZip, nil
}

// recognise finds the catalogue of a delivery whose place and name say nothing, by its columns.
func (s *source) recognise(ctx context.Context, db *sql.DB, all *catalog.Catalogs, temp string) (*catalog.Contract, error) {
	probe := *s
	var err error
	switch s.content.format {
	case formatXLSX:
		err = probe.findBookTable(all, temp)
	case formatJSONArray, formatJSONLines:
		probe.table, err = s.findJSONTable(all)
		probe.contract = probe.table.contract
	case formatParquet:
		err = probe.findParquetTable(ctx, db, all, nil, temp)
	default:
		err = probe.findCSVTable(all, nil)
	}
	return probe.contract, err
}

// candidates are the catalogues that may be meant: a department's folder takes only its own.
func (s *source) candidates(all *catalog.Catalogs) []*catalog.Contract {
	if s.department != "" {
		return all.Of(s.department)
	}
	return all.All()
}

// departmentOf is the department whose folder a file lies in, "" for any other folder.
func departmentOf(all *catalog.Catalogs, path string) string {
	if folder := filepath.Base(filepath.Dir(path)); all.Of(folder) != nil {
		return folder
	}
	return ""
}

// CatalogueOf finds the catalogue that a file's place and name tell: a department's folder and a name that begins with the catalogue's.
func CatalogueOf(all *catalog.Catalogs, path string) (*catalog.Contract, bool) {
	s := &source{department: departmentOf(all, path)}
	return byName(s.candidates(all), filepath.Base(path))
}

// removeTemp removes a temporary copy that is no longer needed.
func removeTemp(path string, s *source) error {
	if path == s.file {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove a temporary copy: %w", err)
	}
	return nil
}
