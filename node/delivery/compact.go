package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// CompactReport says what a compaction did.
type CompactReport struct {
	Catalogues int     `json:"catalogues"` // whose segments were merged
	Before     int     `json:"before"`     // segments of the lake
	After      int     `json:"after"`
	Rows       int64   `json:"rows"` // written anew
	Seconds    float64 `json:"seconds"`
}

// manySegments is how many segments a catalogue may have before a load merges some of them.
const manySegments = 24

// maxSegmentRows bounds what a merged segment holds, so that no compaction needs room on the disk for more than one such file.
const maxSegmentRows = 64 << 20

// Compact merges the segments of every catalogue as far as that is worth it. What landed where stays known to the ledger, and rows keep their _id:
// an audit proves the same before and after. It fails when the lake cannot be written; what was merged until then stays merged.
func Compact(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs) (CompactReport, error) {
	started := time.Now()
	c := compaction{lake: l}
	var err error
	if c.states, err = states(ctx, l.DB()); err != nil {
		return c.report, err
	}
	if c.hashing, err = engineHashing(ctx, l.DB()); err != nil {
		return c.report, err
	}
	for _, s := range c.states {
		c.report.Before += len(s.segments)
	}
	c.report.After = c.report.Before
	for _, contract := range contracts.All() {
		if err := c.catalogue(ctx, contract, 2); err != nil {
			return c.report, err
		}
	}
	c.report.Seconds = time.Since(started).Seconds()
	return c.report, nil
}

// compactMany merges segments of the catalogues that a load left with too many.
func (r *run) compactMany(ctx context.Context) error {
	c := compaction{lake: r.lake, hashing: r.hashing, states: r.catalogues}
	for _, contract := range r.contracts.All() {
		if err := c.catalogue(ctx, contract, manySegments+1); err != nil {
			return err
		}
	}
	return nil
}

// compaction is one under way.
type compaction struct {
	lake    *lake.Lake
	hashing string
	states  map[string]*state
	report  CompactReport
}

// catalogue merges a catalogue's segments when it has at least that many.
func (c *compaction) catalogue(ctx context.Context, contract *catalog.Contract, atLeast int) error {
	its := c.states[contract.Table()]
	if its == nil || len(its.segments) < atLeast {
		return nil
	}
	merged := false
	for {
		first, last := mergeable(contract, its.segments)
		if last-first < 2 {
			break
		}
		if err := c.merge(ctx, contract, its, first, last); err != nil {
			return fmt.Errorf("merge the segments of %s: %w", contract.View(), err)
		}
		merged = true
	}
	if merged {
		c.report.Catalogues++
	}
	return nil
}

// smallSegment is how many rows cost next to nothing to write anew.
const smallSegment = 100_000

// mergeable are the newest segments, a run of neighbours, that are worth merging: from the newest back, as long as the next one is not much larger
// than what there is. So a row is written anew a few times at most while its catalogue grows from one delivery to a thousand.
func mergeable(c *catalog.Contract, segments []segment) (first, last int) {
	for last = len(segments); last > 1; last = min(first, last-1) {
		rows := int64(0)
		for first = last; first > 0; first-- {
			next := segments[first-1]
			if !fits(c, next) || rows+next.rows > maxSegmentRows || (first < last && next.rows > 4*max(rows, smallSegment)) {
				break
			}
			rows += next.rows
		}
		if last-first >= 2 {
			return first, last
		}
	}
	return 0, 0
}

// fits reports whether a segment can be rewritten without losing a column.
func fits(c *catalog.Contract, s segment) bool {
	return !slices.ContainsFunc(s.fields, func(name string) bool {
		_, known := c.Field(name)
		return !known && name != endsColumn
	})
}

// merge writes some neighbouring segments as one, and lets the ledger know in one transaction. The old files go when that has counted; what a crash
// leaves of them is swept when the lake is next opened.
func (c *compaction) merge(ctx context.Context, contract *catalog.Contract, its *state, first, last int) error {
	old := its.segments[first:last]
	seg := segment{
		path: mergedPath(old), department: contract.Department, catalogue: contract.Name,
		fields: strings.Split(fieldList(contract, ","), ","), hashing: hashingOf(contract, c.hashing),
	}
	if (&state{segments: old}).ends() {
		seg.fields = append(seg.fields, endsColumn)
	}
	for _, s := range old {
		seg.rows += s.rows
	}
	err := seg.seal(c.lake.Dir(), func(path string) error {
		return executeDB(ctx, c.lake.DB(), mergeSQL(contract, c.lake.Dir(), old, &seg, path))
	})
	if err != nil {
		return err
	}
	after := *its
	after.segments = slices.Concat(its.segments[:first], []segment{seg}, its.segments[last:])
	if err := c.enter(ctx, contract, old, &seg, &after); err != nil {
		return err
	}
	*its = after
	c.report.Rows += seg.rows
	c.report.After -= len(old) - 1
	for _, s := range old {
		if err := os.Remove(filepath.Join(c.lake.Dir(), filepath.FromSlash(s.path))); err != nil {
			return err
		}
	}
	return nil
}

// mergedPath names the first and the last delivery that an old segment was named after.
func mergedPath(old []segment) string {
	folder, from := splitPath(old[0].path)
	_, to := splitPath(old[len(old)-1].path)
	from, _, _ = strings.Cut(from, "-")
	if _, last, ok := strings.Cut(to, "-"); ok {
		to = last
	}
	return folder + from + "-" + to + ".parquet"
}

func splitPath(path string) (folder, name string) {
	at := strings.LastIndexByte(path, '/') + 1
	return path[:at], strings.TrimSuffix(path[at:], ".parquet")
}

func mergeSQL(c *catalog.Contract, dir string, old []segment, seg *segment, path string) string {
	columns := fieldList(c, ", ") + ", _delivery, _row, _known_on, _superseded_on"
	if c.HasFirm() {
		columns += ", _identity"
	}
	columns += ", _id, _key, _hash"
	if slices.Contains(seg.fields, endsColumn) {
		columns += ", " + endsColumn
	}
	return fmt.Sprintf("COPY (SELECT %s FROM %s) TO %s (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2)", columns, landedSQL(c, dir, old, seg.hashing), lake.Quote(path))
}

// enter puts the new segment in the place of the old ones.
func (c *compaction) enter(ctx context.Context, contract *catalog.Contract, old []segment, seg *segment, after *state) error {
	paths := make([]string, len(old))
	for i, s := range old {
		paths[i] = s.path
	}
	within := " IN (" + quotedList(paths) + ")"
	tx, err := c.lake.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		fmt.Sprintf("INSERT INTO ledger.part SELECT delivery_no, %s, sum(rows)::BIGINT FROM ledger.part WHERE path%s GROUP BY delivery_no", lake.Quote(seg.path), within),
		"DELETE FROM ledger.part WHERE path" + within,
		"DELETE FROM ledger.segment WHERE path" + within,
		seg.entrySQL(),
		fmt.Sprintf("UPDATE ledger.delivery SET segment = %s WHERE segment%s", lake.Quote(seg.path), within),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return errors.Join(&statementError{statement: statement, err: err}, tx.Rollback())
		}
	}
	if err := replaceView(ctx, tx, contract, viewSQL(contract, c.lake.Dir(), after)); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func executeDB(ctx context.Context, db *sql.DB, statement string) error {
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return &statementError{statement: statement, err: err}
	}
	return nil
}
