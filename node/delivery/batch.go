package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
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
	f, err := r.settle(ctx, conn, b)
	if err != nil {
		return nil, err
	}
	counted, err := r.count(ctx, conn, b, f)
	if err != nil {
		return nil, err
	}
	seg, err := r.writeSegment(ctx, conn, b, counted, f, segmentPath(b.contract, b.sources[0].number))
	if err != nil {
		return nil, err
	}
	return counted, r.commit(ctx, conn, b, counted, seg, f)
}

// stage reads the files into typed rows.
func (r *run) stage(ctx context.Context, conn *sql.Conn, b batch) error {
	if err := execute(ctx, conn, typedSQL(b.contract, b.sources)); err != nil {
		if ofTheMachine(err) || ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%w: %w", errMisread, err)
	}
	if err := r.checkRows(ctx, conn, b); err != nil {
		return err
	}
	if err := execute(ctx, conn, filesSQL(b.sources)); err != nil {
		return err
	}
	return r.setAside(ctx, conn, b)
}

// checkRows compares what the engine read with what the reader counted, file by file.
func (r *run) checkRows(ctx context.Context, conn *sql.Conn, b batch) error {
	rows, err := conn.QueryContext(ctx, `SELECT _file, count(*), min(rowid), max(rowid), coalesce(min(_row), 0), coalesce(max(_row), 0) FROM typed GROUP BY _file`)
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

// setAside takes the rows that could not be read out of typed, where empty ones stand in their place.
func (r *run) setAside(ctx context.Context, conn *sql.Conn, b batch) error {
	var statements []string
	for i, s := range b.sources {
		if s.rejects != "" {
			statements = append(statements, fmt.Sprintf(`INSERT INTO unread SELECT %d, row, rule, coalesce(content, '') FROM read_csv(%s, columns = {'row': 'BIGINT', 'rule': 'VARCHAR', 'content': 'VARCHAR'}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', max_line_size = %d)`,
				i, lake.Path(s.rejects), 4*maxRecord))
		}
	}
	if len(statements) == 0 {
		return nil
	}
	return execute(ctx, conn, "CREATE OR REPLACE TEMP TABLE unread (_file INTEGER, row BIGINT, rule VARCHAR, content VARCHAR);\n"+strings.Join(statements, ";\n")+
		";\nDELETE FROM typed WHERE EXISTS (SELECT 1 FROM unread AS u WHERE u._file = typed._file AND u.row = typed._row)")
}

func withUnread(sources []*source) bool {
	return slices.ContainsFunc(sources, func(s *source) bool { return s.rejects != "" })
}

// fates are what settling a batch found out.
type fates struct {
	contested bool  // the temporary table fate says what becomes of rows that share their key with another
	again     int64 // how many rows that had been dropped as repetitions turned out to be none
}

// settle decides between rows that share a key.
func (r *run) settle(ctx context.Context, conn *sql.Conn, b batch) (fates, error) {
	s := r.state(b.contract)
	whole := slices.ContainsFunc(b.sources, func(s *source) bool { return s.kind == kindSnapshot })
	before := s.lastWhole != "" && slices.ContainsFunc(b.sources, func(source *source) bool { return source.knownOn.Format(time.DateOnly) <= s.lastWhole })
	return r.decide(ctx, conn, b.contract, whole || before, whole)
}

// decide makes the temporary table fate for the keys of typed that have more than one row: every key of typed where each must be looked at, and
// every key that ever landed where all must be.
func (r *run) decide(ctx context.Context, conn *sql.Conn, c *catalog.Contract, each, all bool) (fates, error) {
	given := map[string]any{
		"Landed": r.landedRows(c), "Keys": each, "All": all,
		"Department": lake.Quote(c.Department), "Catalogue": lake.Quote(c.Name),
	}
	if err := executeTemplate(ctx, conn, contestedTemplate, given); err != nil {
		return fates{}, err
	}
	var f fates
	if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM contested`).Scan(&f.contested); err != nil {
		return fates{}, fmt.Errorf("count contested keys: %w", err)
	}
	if !f.contested {
		return f, nil
	}
	if err := executeTemplate(ctx, conn, fateTemplate, given); err != nil {
		return fates{}, err
	}
	if err := conn.QueryRowContext(ctx, `SELECT count(*) FILTER (again) FROM fate`).Scan(&f.again); err != nil {
		return fates{}, fmt.Errorf("count the rows that are no repetitions: %w", err)
	}
	return f, nil
}

func executeTemplate(ctx context.Context, conn *sql.Conn, t *template.Template, given any) error {
	var statement strings.Builder
	if err := t.Execute(&statement, given); err != nil {
		return fmt.Errorf("write the statement: %w", err)
	}
	return execute(ctx, conn, statement.String())
}

// landedRows reads what landed of a catalogue before, with the types that the contract has now; "" when nothing has.
func (r *run) landedRows(c *catalog.Contract) string {
	segments := r.state(c).segments
	if len(segments) == 0 {
		return ""
	}
	return landedSQL(c, r.lake.Dir(), segments, hashingOf(c, r.hashing))
}

// landedSQL reads segments. Where they were written under the same contract by the same engine, keys and hashes are read as they are stored, else
// they are computed.
func landedSQL(c *catalog.Contract, dir string, segments []segment, hashing string) string {
	var parts []string
	for _, stored := range []bool{true, false} {
		var some []segment
		for _, s := range segments {
			if (s.hashing == hashing) == stored {
				some = append(some, s)
			}
		}
		if len(some) > 0 {
			parts = append(parts, segmentsSQL(c, dir, some, stored))
		}
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")"
}

func segmentsSQL(c *catalog.Contract, dir string, segments []segment, stored bool) string {
	has := func(column string) bool {
		return slices.ContainsFunc(segments, func(s segment) bool { return slices.Contains(s.fields, column) })
	}
	var fields []string
	for _, f := range c.Fields {
		value := "NULL"
		if has(f.Name) {
			value = f.Name
		}
		fields = append(fields, fmt.Sprintf("%s::%s AS %s", value, f.Type.SQL(), f.Name))
	}
	ends, identity, key, hash := "false", "", "_key", "_hash"
	if has(endsColumn) {
		ends = "coalesce(_ends, false)"
	}
	if c.HasFirm() {
		identity = ", _identity"
	}
	if !stored {
		key, hash = keySQL(c), hashSQL(c)
	}
	return fmt.Sprintf("SELECT %s, _id, _row, _delivery, _known_on, _superseded_on, _ends%s, %s AS _key, %s AS _hash FROM (SELECT %s, _id, _row, _delivery, _known_on, _superseded_on, %s AS _ends%s%s FROM %s)",
		fieldList(c, ", "), identity, key, hash, strings.Join(fields, ", "), ends, identity, map[bool]string{true: ", _key, _hash"}[stored], readSegments(dir, segments))
}

// engineHashing tells whether the engine hashes as the one did that wrote a segment.
func engineHashing(ctx context.Context, db *sql.DB) (string, error) {
	var probe string
	err := db.QueryRowContext(ctx, `SELECT hash('一贷通', 'yidaitong', DATE '2024-03-05', 12.50::DECIMAL(18,2), 12.5::DECIMAL(18,4), 7::BIGINT, 0.5::DOUBLE, NULL::VARCHAR)::VARCHAR`).Scan(&probe)
	if err != nil {
		return "", fmt.Errorf("ask how the engine hashes: %w", err)
	}
	return probe, nil
}

// hashingOf names how keys and hashes of a catalogue's rows come about: they can be compared where it is the same.
func hashingOf(c *catalog.Contract, engine string) string {
	var b strings.Builder
	b.WriteString(engine + hashSQL(c) + keySQL(c))
	for _, f := range c.Fields {
		b.WriteString(" " + f.Type.SQL())
	}
	return fingerprint(b.String())
}

// count says what becomes of every file's rows, and that none is lost.
func (r *run) count(ctx context.Context, conn *sql.Conn, b batch, f fates) ([]counts, error) {
	counted := make([]counts, len(b.sources))
	rows, err := conn.QueryContext(ctx, countSQL(f.contested))
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
func (r *run) writeSegment(ctx context.Context, conn *sql.Conn, b batch, counted []counts, f fates, path string) (segment, error) {
	seg := segment{department: b.contract.Department, catalogue: b.contract.Name, rows: f.again, fields: strings.Split(fieldList(b.contract, ","), ","), hashing: hashingOf(b.contract, r.hashing)}
	for _, c := range counted {
		seg.rows += c.landed
	}
	if seg.rows == 0 {
		return seg, nil
	}
	if withEnds(b.sources) || f.again > 0 {
		seg.fields = append(seg.fields, endsColumn)
	}
	seg.path = path
	if b.contract.HasFirm() {
		if err := execute(ctx, conn, identitiesSQL(b.contract)); err != nil {
			return seg, err
		}
	}
	err := seg.seal(r.lake.Dir(), func(temp string) error {
		return execute(ctx, conn, landSQL(b.contract, temp, b.sources, f, r.landedRows(b.contract)))
	})
	return seg, err
}

// commit enters the batch into the ledger in one transaction: from here on it counts.
func (r *run) commit(ctx context.Context, conn *sql.Conn, b batch, counted []counts, seg segment, f fates) error {
	quarantined := slices.ContainsFunc(counted, func(c counts) bool { return c.quarantined > 0 })
	if quarantined {
		if err := execute(ctx, conn, badRowsSQL(b.contract, b.sources)); err != nil {
			return err
		}
	}
	r.committing.Lock()
	defer r.committing.Unlock()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	after, err := r.enter(ctx, tx, b, counted, seg, quarantined, f)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	r.catalogues[b.contract.Table()] = after
	r.identified[b.contract.Table()] = r.identified[b.contract.Table()] || seg.rows > 0
	return nil
}

func (r *run) enter(ctx context.Context, tx *sql.Tx, b batch, counted []counts, seg segment, quarantined bool, f fates) (*state, error) {
	statements := r.entries(b, counted, seg)
	if quarantined {
		statements = append(statements, quarantineSQL, faultSQL(b.contract, b.sources))
		if withUnread(b.sources) {
			statements = append(statements,
				`INSERT INTO ledger.quarantine SELECT f.delivery_no, u.row, u.content FROM unread AS u JOIN files AS f USING (_file) ORDER BY ALL`,
				`INSERT INTO ledger.fault SELECT f.delivery_no, u.row, '', u.rule, '' FROM unread AS u JOIN files AS f USING (_file) ORDER BY ALL`)
		}
	}
	if f.contested {
		statements = append(statements, fateEntries(b, seg, f, b.sources[0].number)...)
	}
	if seg.rows > 0 && b.contract.HasFirm() {
		if !r.identified[b.contract.Table()] {
			statements = append(statements, makeIdentityTable(b.contract))
		}
		statements = append(statements, keepIdentities(b.contract, b.sources[0].number))
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("enter the ledger: %w", &statementError{statement: statement, err: err})
		}
	}
	return r.renewView(ctx, tx, b, seg, f)
}

// entries are the rows of the ledger about the deliveries and their segment.
func (r *run) entries(b batch, counted []counts, seg segment) []string {
	var deliveries, parts []string
	for i, s := range b.sources {
		path := ""
		if counted[i].landed > 0 {
			path = seg.path
			parts = append(parts, fmt.Sprintf("(%d, %s, %d)", s.number, lake.Quote(path), counted[i].landed))
		}
		deliveries = append(deliveries, entrySQL(s, counted[i], path, r.clock()))
	}
	statements := []string{"INSERT INTO ledger.delivery (" + entryColumns + ") VALUES " + strings.Join(deliveries, ", ")}
	if len(parts) > 0 {
		statements = append(statements, "INSERT INTO ledger.part VALUES "+strings.Join(parts, ", "))
	}
	if seg.rows > 0 {
		statements = append(statements, seg.entrySQL())
	}
	return statements
}

// fateEntries are the rows of the ledger about rows that share their key with another; since is the delivery from which on their days are others.
func fateEntries(b batch, seg segment, f fates, since int64) []string {
	name := fmt.Sprintf("%s AS department, %s AS catalogue", lake.Quote(b.contract.Department), lake.Quote(b.contract.Name))
	where := fmt.Sprintf("department = %s AND catalogue = %s", lake.Quote(b.contract.Department), lake.Quote(b.contract.Name))
	const changed = "FROM fate WHERE pos IS NULL AND NOT again"
	statements := []string{
		"DELETE FROM ledger.superseded WHERE " + where + " AND id IN (SELECT id " + changed + ")",
		fmt.Sprintf("INSERT INTO ledger.superseded (department, catalogue, id, superseded_on, since) SELECT %s, id, superseded_on, %d %s", name, since, changed),
		"INSERT INTO ledger.repeated SELECT " + name + ", id, twin FROM fate WHERE repeats AND twin IS NOT NULL ORDER BY id",
	}
	if f.again > 0 {
		statements = append(statements,
			"INSERT INTO ledger.part SELECT id // 4294967296, "+lake.Quote(seg.path)+", count(*) FROM fate WHERE again GROUP BY 1",
			`UPDATE ledger.delivery SET landed = landed + a.rows, duplicates = duplicates - a.rows
				FROM (SELECT id // 4294967296 AS delivery_no, count(*) AS rows FROM fate WHERE again GROUP BY 1) AS a WHERE a.delivery_no = delivery.delivery_no`,
			"DELETE FROM ledger.repeated WHERE "+where+" AND id IN (SELECT id FROM fate WHERE again)")
	}
	return statements
}

// renewView lets the landed view see the new segment, and the side table of supersessions once it has rows. It returns the state after the batch.
func (r *run) renewView(ctx context.Context, tx *sql.Tx, b batch, seg segment, f fates) (*state, error) {
	var after state
	if before := r.catalogues[b.contract.Table()]; before != nil {
		after = *before
	}
	if seg.rows > 0 {
		after.segments = append(slices.Clone(after.segments), seg)
	}
	for _, s := range b.sources {
		if s.kind == kindSnapshot {
			after.lastWhole = max(after.lastWhole, s.knownOn.Format(time.DateOnly))
		}
	}
	if f.contested && !after.superseded {
		if err := tx.QueryRowContext(ctx, `SELECT count(*) > 0 FROM fate WHERE pos IS NULL AND NOT again`).Scan(&after.superseded); err != nil {
			return nil, fmt.Errorf("enter the ledger: %w", err)
		}
	}
	return &after, replaceView(ctx, tx, b.contract, viewSQL(b.contract, r.lake.Dir(), &after))
}

const entryColumns = "delivery_no, delivery, department, catalogue, file, sha256, bytes, format, encoding, known_on, taken_at, header_row, headers, fields, unknown, received, landed, quarantined, duplicates, segment, kind"

// entrySQL is a delivery's row of the ledger, in the order of entryColumns.
func entrySQL(s *source, c counts, segment string, now time.Time) string {
	text := func(values ...string) string { return quotedList(values) }
	return fmt.Sprintf("(%d, %s, %d, %s, DATE '%s', TIMESTAMP '%s', %d, [%s]::VARCHAR[], [%s]::VARCHAR[], [%s]::VARCHAR[], %d, %d, %d, %d, %s, %s)",
		s.number, text(s.id(), s.contract.Department, s.contract.Name, s.name, s.sha256), s.bytes, text(string(s.content.format), s.content.encoding),
		s.knownOn.Format(time.DateOnly), now.UTC().Format("2006-01-02 15:04:05.000000"), max(s.table.headerRows, 0),
		text(s.table.headers...), text(strings.Split(fieldList(s.contract, ","), ",")...), text(s.table.unknown...),
		c.received, c.landed, c.quarantined, c.duplicates, lake.Quote(segment), lake.Quote(string(s.kind)))
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
	if engine := engineError(e.err); engine != nil && ofTheMachine(e.err) {
		return engine.Error()
	}
	first, _, _ := strings.Cut(e.statement, "\n")
	return "the engine could not run the statement that begins with " + clip(first)
}

func engineError(err error) *duckdb.Error {
	var engine *duckdb.Error
	if errors.As(err, &engine) {
		return engine
	}
	return nil
}

// ofTheMachine reports a failure that has nothing to do with what was read: no room on the disk or in memory, or stopped.
func ofTheMachine(err error) bool {
	engine := engineError(err)
	return engine != nil && (engine.Type == duckdb.ErrorTypeIO || engine.Type == duckdb.ErrorTypeOutOfMemory || engine.Type == duckdb.ErrorTypeInterrupt)
}

func (e *statementError) Unwrap() error { return e.err }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
