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

// Rows are ended by law when their time has come (Retain) or when a person has a right to it (EndSubject). They are removed from the Parquet files,
// which are written anew without them, from the quarantine, from the mends and from everything in the ledger that names them. What became of them
// when they came stays counted, and beside it how many were ended.

// negativeYears is how long something bad about a person may be kept after the matter has ended.
// 《征信业管理条例》(国务院令第631号)第十六条: 不良信息的保存期限，自不良行为或者事件终止之日起为5年；超过5年的，应当予以删除。
const negativeYears = 5

// RetentionReport says what ends, or has ended.
type RetentionReport struct {
	AsOf        string    `json:"as_of"`
	Applied     bool      `json:"applied"`
	Landed      int64     `json:"landed"`
	Quarantined int64     `json:"quarantined"`
	Mends       int64     `json:"mends"`
	Catalogues  []EndedOf `json:"catalogues"`
}

// EndedOf is what ends of one catalogue.
type EndedOf struct {
	Department  string `json:"department"`
	Catalogue   string `json:"catalogue"`
	TitleZH     string `json:"title_zh"`
	Rule        string `json:"rule"`
	Landed      int64  `json:"landed"`
	Quarantined int64  `json:"quarantined"`
	Mends       int64  `json:"mends"`
}

// Retain finds the rows whose time has come by a day, and ends them when told to. Something bad about a person (a catalogue whose contract names the
// field by which a matter ends) goes five years after the matter has ended, in all its versions, and not before. Everything else goes when it has
// been kept for as long as its contract says: since it was superseded, or since it became known; a row of a register that is in force stays.
// Each catalogue counts as a whole or not at all.
func Retain(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, asOf time.Time, apply bool, clock func() time.Time) (RetentionReport, error) {
	report := RetentionReport{AsOf: asOf.Format(time.DateOnly), Applied: apply, Catalogues: []EndedOf{}}
	e, err := newEnder(ctx, l, contracts, clock)
	if err != nil {
		return report, err
	}
	defer e.conn.Close()
	for _, c := range contracts.All() {
		which := outlived(c, asOf)
		done, err := e.end(ctx, c, which, apply)
		if err != nil {
			return report, fmt.Errorf("end rows of %s: %w", c.View(), err)
		}
		if done.Landed+done.Quarantined+done.Mends == 0 {
			continue
		}
		report.Catalogues = append(report.Catalogues, done)
		report.Landed, report.Quarantined, report.Mends = report.Landed+done.Landed, report.Quarantined+done.Quarantined, report.Mends+done.Mends
	}
	return report, nil
}

// doomed are the rows to end: conditions over landed rows (the contract's fields, _id, _key, _known_on, _ended_on; rows is the table of all) and over
// quarantined rows and mends (q: their cells as JSON in said; d: their delivery).
type doomed struct{ landed, kept, ground string }

// outlived are a catalogue's rows whose time has come.
func outlived(c *catalog.Contract, asOf time.Time) doomed {
	day := "DATE '" + asOf.Format(time.DateOnly) + "'"
	which := doomed{
		kept:   fmt.Sprintf("d.known_on + INTERVAL %d YEAR <= %s", c.RetainYears, day),
		ground: fmt.Sprintf("保存期限 %d 年届满 kept for %d years", c.RetainYears, c.RetainYears),
	}
	if c.EndedBy != "" {
		which.ground = fmt.Sprintf("《征信业管理条例》第十六条：终止满 %d 年 ended %d years ago", negativeYears, negativeYears)
		which.landed = fmt.Sprintf(`_key IN (SELECT _key FROM (SELECT _key, %[1]s FROM rows WHERE NOT _ends QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _known_on DESC, _id DESC) = 1)
			WHERE %[1]s + INTERVAL %[2]d YEAR <= %[3]s)`, c.EndedBy, negativeYears, day)
		return which
	}
	since := "coalesce(_ended_on, _known_on)"
	if c.Role == catalog.RoleReference {
		since = "_ended_on"
	}
	which.landed = fmt.Sprintf("%s + INTERVAL %d YEAR <= %s", since, c.RetainYears, day)
	return which
}

// ender ends rows, catalogue by catalogue.
type ender struct {
	run
	conn *sql.Conn
}

func newEnder(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, clock func() time.Time) (*ender, error) {
	e := &ender{run: run{lake: l, contracts: contracts, clock: clock}}
	var err error
	if e.catalogues, err = states(ctx, l.DB()); err != nil {
		return nil, err
	}
	if e.hashing, err = engineHashing(ctx, l.DB()); err != nil {
		return nil, err
	}
	if e.conn, err = l.DB().Conn(ctx); err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	return e, nil
}

// end finds the rows of a catalogue that a condition dooms, and ends them when told to.
func (e *ender) end(ctx context.Context, c *catalog.Contract, which doomed, apply bool) (EndedOf, error) {
	done := EndedOf{Department: c.Department, Catalogue: c.Name, TitleZH: c.TitleZH, Rule: which.ground}
	if err := execute(ctx, e.conn, e.doomedSQL(c, which)); err != nil {
		return done, err
	}
	err := e.conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM ending), (SELECT count(*) FROM ending_kept), (SELECT count(*) FROM ending_mend)`).Scan(&done.Landed, &done.Quarantined, &done.Mends)
	if err != nil {
		return done, fmt.Errorf("count the rows: %w", err)
	}
	if !apply || done.Landed+done.Quarantined+done.Mends == 0 {
		return done, nil
	}
	return done, e.remove(ctx, c, done)
}

// doomedSQL makes the temporary tables ending (_id), ending_kept and ending_mend (delivery_no, row). A mend goes with its row, and one of a row that
// became a duplicate by its own words.
func (e *ender) doomedSQL(c *catalog.Contract, which doomed) string {
	name := fmt.Sprintf("department = %s AND catalogue = %s", lake.Quote(c.Department), lake.Quote(c.Name))
	landed := "CREATE OR REPLACE TEMP TABLE ending (_id BIGINT)"
	if rows := e.landedRows(c); rows != "" {
		landed = fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE ending AS
WITH rows AS (SELECT p.*, CASE WHEN s.id IS NULL THEN p._superseded_on ELSE s.superseded_on END AS _ended_on
	FROM %s AS p LEFT JOIN (SELECT id, superseded_on FROM ledger.superseded WHERE %s) AS s ON s.id = p._id)
SELECT _id FROM rows WHERE %s`, rows, name, which.landed)
	}
	return fmt.Sprintf(`%s;
CREATE OR REPLACE TEMP TABLE ending_kept AS
SELECT q.delivery_no, q.row FROM (SELECT delivery_no, row, content AS said FROM ledger.quarantine) AS q JOIN ledger.delivery AS d USING (delivery_no) WHERE d.%s AND (%s);
CREATE OR REPLACE TEMP TABLE ending_mend AS
SELECT q.delivery_no, q.row FROM (SELECT delivery_no, row, said || mended AS said FROM ledger.mend WHERE said <> '') AS q JOIN ledger.delivery AS d USING (delivery_no)
WHERE d.%[2]s AND ((%[3]s) OR q.delivery_no * 4294967296 + q.row IN (SELECT _id FROM ending))`, landed, strings.Replace(name, "AND catalogue", "AND d.catalogue", 1), which.kept)
}

// rewriting is a segment and what stands in its place; the new one is nil when nothing is left.
type rewriting struct {
	old segment
	new *segment
}

// remove writes the segments anew without the rows that end, and enters it all into the ledger in one transaction.
func (e *ender) remove(ctx context.Context, c *catalog.Contract, done EndedOf) error {
	var number int64
	if err := e.conn.QueryRowContext(ctx, `SELECT coalesce(max(ending_no), 0) + 1 FROM ledger.ending`).Scan(&number); err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	its := e.state(c)
	var rewritten []rewriting
	for _, s := range its.segments {
		rewrite, err := e.rewrite(ctx, s, number)
		if err != nil {
			return err
		}
		if rewrite != nil {
			rewritten = append(rewritten, *rewrite)
		}
	}
	after := its
	after.segments = nil
	for _, s := range its.segments {
		i := slices.IndexFunc(rewritten, func(r rewriting) bool { return r.old.path == s.path })
		switch {
		case i < 0:
			after.segments = append(after.segments, s)
		case rewritten[i].new != nil:
			after.segments = append(after.segments, *rewritten[i].new)
		}
	}
	if err := e.enter(ctx, c, done, number, rewritten, &after); err != nil {
		return err
	}
	e.catalogues[c.Table()] = &after
	for _, r := range rewritten {
		if err := os.Remove(filepath.Join(e.lake.Dir(), filepath.FromSlash(r.old.path))); err != nil {
			return fmt.Errorf("remove a file that was written anew: %w", err)
		}
	}
	return nil
}

// rewrite writes a segment without the rows that end; nil when it has none of them. Columns that the contract has no more stay as they are.
func (e *ender) rewrite(ctx context.Context, old segment, number int64) (*rewriting, error) {
	from := readSegments(e.lake.Dir(), []segment{old})
	var ending int64
	if err := e.conn.QueryRowContext(ctx, "SELECT count(*) FROM "+from+" WHERE _id IN (SELECT _id FROM ending)").Scan(&ending); err != nil {
		return nil, fmt.Errorf("look into %s: %w", old.path, err)
	}
	if ending == 0 {
		return nil, nil
	}
	if ending == old.rows {
		return &rewriting{old: old}, nil
	}
	seg := old
	base, _, _ := strings.Cut(strings.TrimSuffix(old.path, ".parquet"), ".e")
	seg.path, seg.rows = fmt.Sprintf("%s.e%06d.parquet", base, number), old.rows-ending
	err := seg.seal(e.lake.Dir(), func(path string) error {
		return execute(ctx, e.conn, fmt.Sprintf("COPY (SELECT * FROM %s WHERE _id NOT IN (SELECT _id FROM ending)) TO %s (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2)", from, lake.Quote(path)))
	})
	return &rewriting{old: old, new: &seg}, err
}

func (e *ender) enter(ctx context.Context, c *catalog.Contract, done EndedOf, number int64, rewritten []rewriting, after *state) error {
	name := fmt.Sprintf("department = %s AND catalogue = %s", lake.Quote(c.Department), lake.Quote(c.Name))
	statements := []string{
		"UPDATE ledger.delivery SET ended = ended + n.rows FROM (SELECT _id // 4294967296 AS delivery_no, count(*) AS rows FROM ending GROUP BY 1) AS n WHERE n.delivery_no = delivery.delivery_no",
		"UPDATE ledger.delivery SET ended_quarantined = ended_quarantined + n.rows FROM (SELECT delivery_no, count(*) AS rows FROM ending_kept GROUP BY 1) AS n WHERE n.delivery_no = delivery.delivery_no",
		"DELETE FROM ledger.superseded WHERE " + name + " AND id IN (SELECT _id FROM ending)",
		"DELETE FROM ledger.repeated WHERE " + name + " AND (id IN (SELECT _id FROM ending) OR twin IN (SELECT _id FROM ending))",
		"DELETE FROM ledger.quarantine WHERE (delivery_no, row) IN (SELECT (delivery_no, row) FROM ending_kept)",
		"DELETE FROM ledger.fault WHERE (delivery_no, row) IN (SELECT (delivery_no, row) FROM ending_kept)",
		"UPDATE ledger.mend SET said = '', mended = '' WHERE (delivery_no, row) IN (SELECT (delivery_no, row) FROM ending_mend)",
		fmt.Sprintf("INSERT INTO ledger.ending VALUES (%d, %s, %s, %d, %d, %d, %s, TIMESTAMP '%s')", number, lake.Quote(c.Department), lake.Quote(c.Name), done.Landed, done.Quarantined, done.Mends,
			lake.Quote(done.Rule), e.clock().UTC().Format(stampLayout)),
	}
	for _, r := range rewritten {
		statements = append(statements, r.entries(e.lake.Dir())...)
	}
	if c.HasFirm() && len(rewritten) > 0 {
		gone := ""
		if len(after.segments) > 0 {
			gone = " WHERE _identity NOT IN (SELECT _identity FROM " + readSegments(e.lake.Dir(), after.segments) + ")"
		}
		statements = append(statements, makeIdentityTable(c), "DELETE FROM "+identityTable(c)+gone)
	}
	tx, err := e.conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("enter the ledger: %w", &statementError{statement: statement, err: err}), tx.Rollback())
		}
	}
	if err := replaceView(ctx, tx, c, viewSQL(c, e.lake.Dir(), after)); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	return nil
}

// entries put a segment's rewritten file in its place.
func (r rewriting) entries(dir string) []string {
	was := lake.Quote(r.old.path)
	statements := []string{"DELETE FROM ledger.part WHERE path = " + was, "DELETE FROM ledger.segment WHERE path = " + was}
	path := ""
	if r.new != nil {
		path = r.new.path
		statements = append(statements, r.new.entrySQL(),
			fmt.Sprintf("INSERT INTO ledger.part SELECT _id // 4294967296, %s, count(*) FROM %s GROUP BY 1", lake.Quote(path), readSegments(dir, []segment{*r.new})))
	}
	return append(statements, fmt.Sprintf("UPDATE ledger.delivery SET segment = %s WHERE segment = %s", lake.Quote(path), was))
}
