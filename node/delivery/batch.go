package delivery

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// batch is some files of one catalogue that go through the same statements together and are committed together.
type batch struct {
	contract *catalog.Contract
	sources  []*source // prepared, in the order of their numbers
}

// counts are what became of one file's rows.
type counts struct{ received, landed, quarantined, duplicates int64 }

// errMisread says that the engine cut a file into other rows than the reader did. The files are then rewritten and read again.
var errMisread = errors.New("the engine read other rows than the file has")

// land takes a batch from its files into the lake. Only the last step makes it count.
func (r *run) land(ctx context.Context, conn *sql.Conn, b batch) ([]counts, error) {
	if err := r.stage(ctx, conn, b); err != nil {
		return nil, err
	}
	contested, err := r.settle(ctx, conn, b)
	if err != nil {
		return nil, err
	}
	counted, err := r.count(ctx, conn, b, contested)
	if err != nil {
		return nil, err
	}
	seg, err := r.writeSegment(ctx, conn, b, counted, contested)
	if err != nil {
		return nil, err
	}
	return counted, r.commit(ctx, conn, b, counted, seg, contested)
}

// stage reads the files into raw and typed rows.
func (r *run) stage(ctx context.Context, conn *sql.Conn, b batch) error {
	if err := execute(ctx, conn, rawSQL(b.contract, b.sources)); err != nil {
		return fmt.Errorf("%w: %w", errMisread, err)
	}
	if err := r.checkRows(ctx, conn, b); err != nil {
		return err
	}
	if err := execute(ctx, conn, filesSQL(b.sources)); err != nil {
		return err
	}
	if err := r.setAside(ctx, conn, b); err != nil {
		return err
	}
	return execute(ctx, conn, typedSQL(b.contract, scaled(b.sources)))
}

// scaled reports whether a header states a unit of money other than its field's.
func scaled(sources []*source) bool {
	return slices.ContainsFunc(sources, func(s *source) bool {
		return slices.ContainsFunc(s.table.units, func(unit string) bool { return unit != "" })
	})
}

// checkRows compares what the engine read with what the reader counted, file by file.
func (r *run) checkRows(ctx context.Context, conn *sql.Conn, b batch) error {
	rows, err := conn.QueryContext(ctx, `SELECT file_no, count(*), min(rowid), max(rowid), coalesce(min(row), 0), coalesce(max(row), 0) FROM raw GROUP BY file_no`)
	if err != nil {
		return fmt.Errorf("count the rows read: %w", err)
	}
	defer rows.Close()
	starts := make([]int64, len(b.sources))
	for i := 1; i < len(b.sources); i++ {
		starts[i] = starts[i-1] + b.sources[i-1].received
	}
	seen := 0
	for rows.Next() {
		var no, n, firstID, lastID, firstRow, lastRow int64
		if err := rows.Scan(&no, &n, &firstID, &lastID, &firstRow, &lastRow); err != nil {
			return fmt.Errorf("count the rows read: %w", err)
		}
		s := b.sources[no]
		inPlace := firstRow == 1 && lastRow == n
		if s.direct {
			inPlace = firstID == starts[no] && lastID == starts[no]+n-1
		}
		if n != s.received || !inPlace {
			return errMisread
		}
		seen++
	}
	if seen != len(b.sources) {
		return errMisread
	}
	return rows.Err()
}

// setAside takes the rows that could not be read out of raw, where empty ones stand in their place.
func (r *run) setAside(ctx context.Context, conn *sql.Conn, b batch) error {
	statement := "CREATE OR REPLACE TEMP TABLE unread (file_no INTEGER, row BIGINT, rule VARCHAR, content VARCHAR)"
	some := false
	for i, s := range b.sources {
		if s.rejects == "" {
			continue
		}
		some = true
		statement += fmt.Sprintf(`; INSERT INTO unread SELECT %d, row, rule, coalesce(content, '') FROM read_csv(%s, columns = {'row': 'BIGINT', 'rule': 'VARCHAR', 'content': 'VARCHAR'}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', max_line_size = %d)`,
			i, lake.Path(s.rejects), 4*maxRecord)
	}
	if some {
		statement += `; DELETE FROM raw WHERE EXISTS (SELECT 1 FROM unread AS u WHERE u.file_no = raw.file_no AND u.row = raw.row)`
	}
	return execute(ctx, conn, statement)
}

// settle decides between rows that share a key. It reports whether there were any.
func (r *run) settle(ctx context.Context, conn *sql.Conn, b batch) (bool, error) {
	landed := ""
	if segments := r.landedSegments(b.contract); len(segments) > 0 {
		landed = landedRows(b.contract, r.lake.Dir(), segments)
	}
	given := map[string]string{
		"Landed": landed, "Key": keySQL(b.contract), "Hash": hashSQL(b.contract),
		"Department": lake.Quote(b.contract.Department), "Catalogue": lake.Quote(b.contract.Name),
	}
	var statement strings.Builder
	if err := contestedTemplate.Execute(&statement, given); err != nil {
		return false, fmt.Errorf("write the statement: %w", err)
	}
	if err := execute(ctx, conn, statement.String()); err != nil {
		return false, err
	}
	var contested bool
	if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM contested`).Scan(&contested); err != nil {
		return false, fmt.Errorf("count contested keys: %w", err)
	}
	if !contested {
		return false, nil
	}
	statement.Reset()
	if err := fateTemplate.Execute(&statement, given); err != nil {
		return false, fmt.Errorf("write the statement: %w", err)
	}
	return true, execute(ctx, conn, statement.String())
}

// landedRows reads what landed before with the types that the contract has now, so that hashes agree.
func landedRows(c *catalog.Contract, dir string, segments []segment) string {
	var fields []string
	for _, f := range c.Fields {
		if slices.ContainsFunc(segments, func(s segment) bool { return slices.Contains(s.fields, f.Name) }) {
			fields = append(fields, fmt.Sprintf("%s::%s AS %s", f.Name, f.Type.SQL(), f.Name))
		} else {
			fields = append(fields, fmt.Sprintf("NULL::%s AS %s", f.Type.SQL(), f.Name))
		}
	}
	return "(SELECT " + strings.Join(fields, ", ") + ", _id, _delivery, _known_on, _superseded_on FROM " + readSegments(dir, segments) + ")"
}

// count says what becomes of every file's rows, and that none is lost.
func (r *run) count(ctx context.Context, conn *sql.Conn, b batch, contested bool) ([]counts, error) {
	counted := make([]counts, len(b.sources))
	rows, err := conn.QueryContext(ctx, countSQL(contested))
	if err != nil {
		return nil, fmt.Errorf("count the rows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var no, all, bad, duplicates int64
		if err := rows.Scan(&no, &all, &bad, &duplicates); err != nil {
			return nil, fmt.Errorf("count the rows: %w", err)
		}
		received := b.sources[no].received
		counted[no] = counts{received: received, quarantined: received - all + bad, duplicates: duplicates, landed: all - bad - duplicates}
	}
	for i, s := range b.sources {
		if counted[i].received == 0 {
			// Not one row could be read: all were set aside.
			counted[i] = counts{received: s.received, quarantined: s.received}
		}
	}
	return counted, rows.Err()
}

// writeSegment writes the batch's landed rows and makes them durable under their final name. The ledger does not know the file yet.
func (r *run) writeSegment(ctx context.Context, conn *sql.Conn, b batch, counted []counts, contested bool) (segment, error) {
	seg := segment{department: b.contract.Department, catalogue: b.contract.Name, fields: strings.Split(fieldList(b.contract, ","), ",")}
	for _, c := range counted {
		seg.rows += c.landed
	}
	if seg.rows == 0 {
		return seg, nil
	}
	seg.path = filepath.ToSlash(filepath.Join(landedFolder, b.contract.Department, b.contract.Name, fmt.Sprintf("%010d.parquet", b.sources[0].number)))
	final := filepath.Join(r.lake.Dir(), seg.path)
	if err := os.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return seg, fmt.Errorf("land %s: %w", b.contract.View(), err)
	}
	temp := final + ".part"
	if err := execute(ctx, conn, landSQL(b.contract, temp, contested)); err != nil {
		return seg, err
	}
	var err error
	if seg.bytes, seg.sha256, err = sealFile(temp, final); err != nil {
		return seg, fmt.Errorf("land %s: %w", b.contract.View(), err)
	}
	return seg, nil
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
	if size, err = io.Copy(digest, f); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(digest.Sum(nil)), nil
}

// commit enters the batch into the ledger in one transaction: from here on it counts.
func (r *run) commit(ctx context.Context, conn *sql.Conn, b batch, counted []counts, seg segment, contested bool) error {
	quarantined := slices.ContainsFunc(counted, func(c counts) bool { return c.quarantined > 0 })
	if quarantined {
		if err := execute(ctx, conn, badRowsSQL(b.contract, scaled(b.sources))); err != nil {
			return err
		}
	}
	r.committing.Lock()
	defer r.committing.Unlock()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	if err := r.enter(ctx, tx, b, counted, seg, quarantined, contested); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	if seg.rows > 0 {
		r.segments = append(r.segments, seg)
	}
	return nil
}

func (r *run) enter(ctx context.Context, tx *sql.Tx, b batch, counted []counts, seg segment, quarantined, contested bool) error {
	var statements []string
	var entries []string
	for i, s := range b.sources {
		path := ""
		if counted[i].landed > 0 {
			path = seg.path
		}
		entries = append(entries, entrySQL(s, counted[i], path, r.clock()))
	}
	statements = append(statements, "INSERT INTO ledger.delivery VALUES "+strings.Join(entries, ", "))
	if seg.rows > 0 {
		statements = append(statements, fmt.Sprintf("INSERT INTO ledger.segment VALUES (%s, %s, %s, %d, %d, %s, [%s])",
			lake.Quote(seg.path), lake.Quote(seg.department), lake.Quote(seg.catalogue), seg.rows, seg.bytes, lake.Quote(seg.sha256), quotedList(seg.fields)))
	}
	if quarantined {
		statements = append(statements, quarantineSQL(b.contract), faultSQL(b.contract),
			`INSERT INTO ledger.quarantine SELECT f.delivery_no, u.row, u.content FROM unread AS u JOIN files AS f USING (file_no) ORDER BY ALL`,
			`INSERT INTO ledger.fault SELECT f.delivery_no, u.row, '', u.rule, '' FROM unread AS u JOIN files AS f USING (file_no) ORDER BY ALL`)
	}
	if contested {
		name := fmt.Sprintf("department = %s AND catalogue = %s", lake.Quote(b.contract.Department), lake.Quote(b.contract.Name))
		statements = append(statements,
			"DELETE FROM ledger.superseded WHERE "+name+" AND id IN (SELECT id FROM fate WHERE pos IS NULL)",
			fmt.Sprintf("INSERT INTO ledger.superseded SELECT %s, %s, id, superseded_on FROM fate WHERE pos IS NULL AND superseded_on IS NOT NULL", lake.Quote(b.contract.Department), lake.Quote(b.contract.Name)))
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("enter the ledger: %w", err)
		}
	}
	return r.renewView(ctx, tx, b.contract, seg)
}

// renewView lets the landed view see the new segment, and the side table of supersessions once it has rows.
func (r *run) renewView(ctx context.Context, tx *sql.Tx, c *catalog.Contract, seg segment) error {
	segments := segmentsOf(c, r.segments)
	if seg.rows > 0 {
		segments = append(segments, seg)
	}
	var superseded bool
	err := tx.QueryRowContext(ctx, `SELECT count(*) > 0 FROM ledger.superseded WHERE department = ? AND catalogue = ?`, c.Department, c.Name).Scan(&superseded)
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	return replaceView(ctx, tx, c, viewSQL(c, r.lake.Dir(), segments, superseded))
}

// entrySQL is a delivery's row of the ledger.
func entrySQL(s *source, c counts, segment string, now time.Time) string {
	text := func(values ...string) string { return quotedList(values) }
	return fmt.Sprintf("(%d, %s, %d, %s, DATE '%s', TIMESTAMP '%s', %d, [%s]::VARCHAR[], [%s]::VARCHAR[], [%s]::VARCHAR[], %d, %d, %d, %d, %s)",
		s.number, text(s.id(), s.contract.Department, s.contract.Name, s.name, s.sha256), s.bytes, text(string(s.content.format), s.content.encoding),
		s.knownOn.Format(time.DateOnly), now.UTC().Format("2006-01-02 15:04:05.000000"), max(s.table.headerRows, 0),
		text(s.table.headers...), text(strings.Split(fieldList(s.contract, ","), ",")...), text(s.table.unknown...),
		c.received, c.landed, c.quarantined, c.duplicates, lake.Quote(segment))
}

func execute(ctx context.Context, conn *sql.Conn, statement string) error {
	if _, err := conn.ExecContext(ctx, statement); err != nil {
		return &statementError{statement: statement, err: err}
	}
	return nil
}

// statementError keeps the engine's message apart: it may quote a value out of a file, which must not reach a log.
type statementError struct {
	statement string
	err       error
}

func (e *statementError) Error() string {
	var engine *duckdb.Error
	if errors.As(e.err, &engine) && (engine.Type == duckdb.ErrorTypeIO || engine.Type == duckdb.ErrorTypeOutOfMemory || engine.Type == duckdb.ErrorTypeInterrupt) {
		return engine.Error()
	}
	first, _, _ := strings.Cut(e.statement, "\n")
	return "the engine could not run the statement that begins with " + clip(first)
}

func (e *statementError) Unwrap() error { return e.err }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
