package delivery

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed sql/conservation.sql
var conservationSQL string

//go:embed sql/landed_audit.sql
var landedAuditSQL string

// maxProblems bounds what an audit lists; a lake that is badly damaged says so often enough.
const maxProblems = 200

// audit collects what an audit finds.
type audit struct {
	report VerifyReport
}

func (a *audit) problemf(format string, args ...any) {
	if len(a.report.Problems) < maxProblems {
		a.report.Problems = append(a.report.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify audits the stored state, from the stored state alone: every Parquet file is there with its checksum and its rows, none is there that
// the ledger does not know, and every row that was ever received landed, was quarantined or was a duplicate, once.
func Verify(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs) (VerifyReport, error) {
	a := &audit{report: VerifyReport{Problems: []string{}}}
	segments, err := allSegments(ctx, l.DB())
	if err != nil {
		return a.report, err
	}
	a.report.Segments = int64(len(segments))
	stray, err := orphans(l.Dir(), segments)
	if err != nil {
		return a.report, err
	}
	for _, path := range stray {
		a.problemf("%s is in the lake but not in the ledger; open the node once to have it swept", path)
	}
	whole := a.segments(l, segments)
	if err := a.ledger(ctx, l.DB()); err != nil {
		return a.report, err
	}
	if err := a.parts(ctx, l.DB()); err != nil {
		return a.report, err
	}
	if err := a.files(ctx, l.DB()); err != nil {
		return a.report, err
	}
	if err := a.rows(ctx, l, contracts, whole); err != nil {
		return a.report, err
	}
	a.report.OK = len(a.report.Problems) == 0
	return a.report, nil
}

// segments checks the Parquet files' checksums, as many at once as there are cores, and returns the files that are whole.
func (a *audit) segments(l *lake.Lake, segments []segment) []segment {
	problems := make([]string, len(segments))
	var work errgroup.Group
	work.SetLimit(runtime.NumCPU())
	for i, s := range segments {
		work.Go(func() error {
			problems[i] = segmentProblem(l.Dir(), s)
			return nil
		})
	}
	_ = work.Wait() // none returns an error
	var whole []segment
	for i, s := range segments {
		if problems[i] == "" {
			whole = append(whole, s)
		} else {
			a.problemf("%s", problems[i])
		}
	}
	return whole
}

// segmentProblem says what is wrong with a Parquet file, "" when nothing is.
func segmentProblem(dir string, s segment) string {
	size, sum, err := checksum(filepath.Join(dir, s.path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.path + " is missing; restore it from a backup"
	case err != nil:
		return fmt.Sprintf("%s cannot be read: %s", s.path, pathProblem(err))
	case size != s.bytes || sum != s.sha256:
		return fmt.Sprintf("%s was changed since it landed (%d bytes, %d in the ledger, other checksum); restore it from a backup", s.path, size, s.bytes)
	default:
		return ""
	}
}

// ledger checks that each delivery's counts add up, and that the quarantine holds as many rows as the ledger says.
func (a *audit) ledger(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, conservationSQL)
	if err != nil {
		return fmt.Errorf("audit the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var delivery string
		var received, landed, quarantined, duplicates, ended, kept, explained int64
		if err := rows.Scan(&delivery, &received, &landed, &quarantined, &duplicates, &ended, &kept, &explained); err != nil {
			return fmt.Errorf("audit the ledger: %w", err)
		}
		a.report.Deliveries++
		a.report.Rows += received
		if received != landed+quarantined+duplicates {
			a.problemf("%s: %d rows received, but %d landed, %d quarantined and %d duplicates", delivery, received, landed, quarantined, duplicates)
		}
		if kept != quarantined-ended || explained != kept {
			a.problemf("%s: the ledger says %d rows quarantined and %d of them ended, %d are kept and %d have a reason", delivery, quarantined, ended, kept, explained)
		}
	}
	return rows.Err()
}

// parts checks that the landed rows of every delivery, but for those that were ended by law, are placed in Parquet files.
func (a *audit) parts(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT coalesce(d.delivery, ''), coalesce(d.landed - d.ended, 0), coalesce(p.rows, 0)
		FROM ledger.delivery AS d FULL JOIN (SELECT delivery_no, sum(rows)::BIGINT AS rows FROM ledger.part GROUP BY delivery_no) AS p USING (delivery_no)
		WHERE coalesce(d.landed - d.ended, 0) <> coalesce(p.rows, 0) ORDER BY 1`)
	if err != nil {
		return fmt.Errorf("audit the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var delivery string
		var landed, placed int64
		if err := rows.Scan(&delivery, &landed, &placed); err != nil {
			return fmt.Errorf("audit the ledger: %w", err)
		}
		a.problemf("%s: the ledger says %d rows landed and knows where %d are", delivery, landed, placed)
	}
	return rows.Err()
}

// files checks that every Parquet file holds the rows of the deliveries that the ledger puts into it.
func (a *audit) files(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT coalesce(p.path, s.path), coalesce(s.rows, -1), coalesce(p.rows, 0)
		FROM (SELECT path, sum(rows)::BIGINT AS rows FROM ledger.part GROUP BY path) AS p FULL JOIN ledger.segment AS s ON s.path = p.path
		WHERE p.rows IS DISTINCT FROM s.rows ORDER BY 1`)
	if err != nil {
		return fmt.Errorf("audit the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var path string
		var has, should int64
		if err := rows.Scan(&path, &has, &should); err != nil {
			return fmt.Errorf("audit the ledger: %w", err)
		}
		a.problemf("%s: the deliveries in it landed %d rows, its entry says %d", path, should, has)
	}
	return rows.Err()
}

// rows counts the landed rows of every delivery in the Parquet files, and looks for rows that stand twice or have no place in their file.
func (a *audit) rows(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, whole []segment) error {
	for _, c := range contracts.All() {
		segments := segmentsOf(c, whole)
		if len(segments) == 0 {
			continue
		}
		if err := a.landed(ctx, l, c, segments); err != nil {
			return err
		}
	}
	return nil
}

// landed audits a catalogue's rows. That no row stands twice is seen from the order in most lakes, and counted where it is not.
func (a *audit) landed(ctx context.Context, l *lake.Lake, c *catalog.Contract, segments []segment) error {
	found, falls, err := countLanded(ctx, l, c, segments, "count(*)")
	if err == nil && falls {
		found, _, err = countLanded(ctx, l, c, segments, "count(DISTINCT _row)")
	}
	if err != nil {
		return err
	}
	for _, d := range found {
		if d.found != d.expected {
			a.problemf("%s: the ledger says %d rows landed, %d are in the lake", d.delivery, d.expected, d.found)
		}
		if d.distinct != d.found || d.outside > 0 || d.inQuarantine > 0 {
			a.problemf("%s: %d rows stand in the lake more than once, %d have no place in their file, %d are in quarantine too", d.delivery, d.found-d.distinct, d.outside, d.inQuarantine)
		}
	}
	return nil
}

// landedCount is what the lake's files hold of a delivery.
type landedCount struct {
	delivery                                         string
	expected, found, distinct, outside, inQuarantine int64
}

func countLanded(ctx context.Context, l *lake.Lake, c *catalog.Contract, segments []segment, distinct string) (found []landedCount, falls bool, err error) {
	paths := make([]string, len(segments))
	for i, s := range segments {
		paths[i] = s.path
	}
	statement := strings.NewReplacer("{{landed}}", readSegments(l.Dir(), segments), "{{segments}}", quotedList(paths), "{{distinct}}", distinct).Replace(landedAuditSQL)
	rows, err := l.DB().QueryContext(ctx, statement)
	if err != nil {
		return nil, false, fmt.Errorf("audit %s: %w", c.View(), err)
	}
	defer rows.Close()
	for rows.Next() {
		var d landedCount
		var falling int64
		if err := rows.Scan(&d.delivery, &d.expected, &d.found, &d.distinct, &d.outside, &d.inQuarantine, &falling); err != nil {
			return nil, false, fmt.Errorf("audit %s: %w", c.View(), err)
		}
		found, falls = append(found, d), falls || falling > 0
	}
	return found, falls, rows.Err()
}
