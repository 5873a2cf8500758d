package delivery

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// landedFolder holds the Parquet files, under the lake's folder: landed/DEPARTMENT/CATALOGUE/NUMBER.parquet.
const landedFolder = "landed"

// endsColumn marks, in segments that have such rows, those that end what stands under their key. They are never in force and no view shows them;
// they are kept so that a row that is known to be older and arrives later is ended as well.
const endsColumn = "_ends"

// segment is a Parquet file of landed rows. Besides the contract's fields a row has _delivery, _row, _known_on, _superseded_on, _identity (where it
// names a firm), _id, and _key and _hash, by which versions of a row are found.
type segment struct {
	path                  string // under the lake's folder, with slashes
	department, catalogue string
	rows, bytes           int64
	sha256                string
	fields                []string // the contract's when it was written, and endsColumn where it is there
	hashing               string   // how _key and _hash were computed, see hashingOf; "" when they are absent
}

func segmentPath(c *catalog.Contract, number int64) string {
	return strings.Join([]string{landedFolder, c.Department, c.Name, fmt.Sprintf("%010d.parquet", number)}, "/")
}

// seal lets write make a segment's file under another name, makes it durable, takes its checksum and gives it its name. The ledger does not know
// it yet.
func (s *segment) seal(dir string, write func(path string) error) error {
	final := filepath.Join(dir, filepath.FromSlash(s.path))
	if err := os.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return fmt.Errorf("land %s/%s: %w", s.department, s.catalogue, err)
	}
	temp := final + ".part"
	err := write(temp)
	if err == nil {
		if s.bytes, s.sha256, err = sealFile(temp, final); err == nil {
			return nil
		}
		err = fmt.Errorf("land %s/%s: %w", s.department, s.catalogue, err)
	}
	// What was written is of no use, and where the disk is full its room is needed.
	if removed := os.Remove(temp); removed != nil && !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// sealFile makes a written file durable, takes its checksum and gives it its final name.
func sealFile(temp, final string) (size int64, sum string, err error) {
	size, sum, err = checksum(temp)
	if err != nil {
		return 0, "", err
	}
	f, err := os.OpenFile(temp, os.O_RDWR, 0)
	if err != nil {
		return 0, "", err
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(temp, final)); err != nil {
		return 0, "", err
	}
	folder, err := os.Open(filepath.Dir(final))
	if err != nil {
		return 0, "", err
	}
	return size, sum, errors.Join(folder.Sync(), folder.Close())
}

func checksum(path string) (size int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	digest := sha256.New()
	if size, err = io.CopyBuffer(digest, struct{ io.Reader }{f}, make([]byte, 256<<10)); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(digest.Sum(nil)), nil
}

// entrySQL is the segment's row of the ledger.
func (s *segment) entrySQL() string {
	return fmt.Sprintf("INSERT INTO ledger.segment (path, department, catalogue, rows, bytes, sha256, fields, hashing) VALUES (%s, %s, %s, %d, %d, %s, [%s], %s)",
		lake.Quote(s.path), lake.Quote(s.department), lake.Quote(s.catalogue), s.rows, s.bytes, lake.Quote(s.sha256), quotedList(s.fields), lake.Quote(s.hashing))
}

func allSegments(ctx context.Context, db *sql.DB) ([]segment, error) {
	rows, err := db.QueryContext(ctx, `SELECT path, department, catalogue, rows, bytes, sha256, array_to_string(fields, ','), coalesce(hashing, '') FROM ledger.segment ORDER BY path`)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	var found []segment
	for rows.Next() {
		var s segment
		var fields string
		if err := rows.Scan(&s.path, &s.department, &s.catalogue, &s.rows, &s.bytes, &s.sha256, &fields, &s.hashing); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		s.fields = strings.Split(fields, ",")
		found = append(found, s)
	}
	return found, rows.Err()
}

// state is what the ledger says of a catalogue's landed rows.
type state struct {
	segments   []segment // in the order of their paths
	superseded bool      // rows were superseded by later loads
	lastWhole  string    // day of the last delivery of the whole, "" when there was none
}

// ends reports whether rows that end others may be among the landed ones.
func (s *state) ends() bool {
	return slices.ContainsFunc(s.segments, func(each segment) bool { return slices.Contains(each.fields, endsColumn) })
}

// states reads the ledger's state of every catalogue that has one, by the catalogue's table.
func states(ctx context.Context, db *sql.DB) (map[string]*state, error) {
	found := map[string]*state{}
	of := func(department, catalogue string) *state {
		name := department + "__" + catalogue
		if found[name] == nil {
			found[name] = &state{}
		}
		return found[name]
	}
	segments, err := allSegments(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, s := range segments {
		its := of(s.department, s.catalogue)
		its.segments = append(its.segments, s)
	}
	rows, err := db.QueryContext(ctx, `SELECT department, catalogue, '' FROM ledger.superseded GROUP BY ALL
		UNION ALL SELECT department, catalogue, max(known_on)::VARCHAR FROM ledger.delivery WHERE kind = 'snapshot' GROUP BY ALL`)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var department, catalogue, whole string
		if err := rows.Scan(&department, &catalogue, &whole); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		its := of(department, catalogue)
		its.superseded = its.superseded || whole == ""
		its.lastWhole = max(its.lastWhole, whole)
	}
	return found, rows.Err()
}

// state is the catalogue's state by now.
func (r *run) state(c *catalog.Contract) state {
	r.committing.Lock()
	defer r.committing.Unlock()
	if s := r.catalogues[c.Table()]; s != nil {
		return *s
	}
	return state{}
}
