package delivery

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// Rows in quarantine are read again when a contract was corrected (Replay) or when a steward says what one of them should have said (Mend). Those
// that hold land as rows of their own delivery, under their own number and day, and are put in order with all others as if they had landed in the
// first place; the others stay. For every delivery received = landed + quarantined + duplicates before and after.

// ReplayReport says what became of quarantined rows that were read again. Tried = Landed + Duplicates + Kept.
type ReplayReport struct {
	Tried      int64         `json:"tried"`
	Landed     int64         `json:"landed"`
	Duplicates int64         `json:"duplicates"`
	Kept       int64         `json:"kept"`       // still break a rule
	Unreadable int64         `json:"unreadable"` // were not tried: the file could not be cut into cells there, so no contract can help
	Catalogues []ReplayCount `json:"catalogues"`
	Seconds    float64       `json:"seconds"`
}

// ReplayCount is a replay's rows in one catalogue.
type ReplayCount struct {
	Department string `json:"department"`
	Catalogue  string `json:"catalogue"`
	Tried      int64  `json:"tried"`
	Landed     int64  `json:"landed"`
	Duplicates int64  `json:"duplicates"`
	Kept       int64  `json:"kept"`
}

// Only narrows down to a department or one catalogue of it; empty fields do not.
type Only struct{ Department, Catalogue string }

func (o Only) takes(c *catalog.Contract) bool {
	return (o.Department == "" || o.Department == c.Department) && (o.Catalogue == "" || o.Catalogue == c.Name)
}

// check refuses a department or a catalogue that there is not.
func (o Only) check(contracts *catalog.Catalogs) error {
	if !slices.ContainsFunc(contracts.All(), o.takes) {
		return fmt.Errorf("there is no catalogue %s/%s; 'node catalog' lists the catalogues", orAny(o.Department), orAny(o.Catalogue))
	}
	return nil
}

func orAny(name string) string {
	if name == "" {
		return "*"
	}
	return name
}

// readerRules are broken by rows that could not be cut into cells: the quarantine keeps their text as it came.
var readerRules = []string{ruleTooFew, ruleTooMany, ruleQuoting, ruleEncoding, ruleTooLong, ruleJSON, ruleFormula}

// replayRows bounds the quarantined rows that go through one statement together.
const replayRows = 500_000

// Replay reads quarantined rows again under the contracts as they are now. Each batch of a catalogue's rows counts as a whole or not at all; run
// again it finds nothing more to do. It fails when the lake cannot be written; what was committed until then stays.
func Replay(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, only Only, clock func() time.Time) (ReplayReport, error) {
	started := time.Now()
	report := ReplayReport{Catalogues: []ReplayCount{}}
	if err := only.check(contracts); err != nil {
		return report, err
	}
	r, err := newReplaying(ctx, l, contracts, clock)
	if err != nil {
		return report, err
	}
	defer r.conn.Close()
	for _, c := range contracts.All() {
		if !only.takes(c) {
			continue
		}
		counted, unreadable, err := r.catalogue(ctx, c)
		report.Unreadable += unreadable
		if counted.Tried > 0 {
			report.Catalogues = append(report.Catalogues, counted)
			report.Tried, report.Landed, report.Duplicates, report.Kept = report.Tried+counted.Tried, report.Landed+counted.Landed, report.Duplicates+counted.Duplicates, report.Kept+counted.Kept
		}
		if err != nil {
			return report, fmt.Errorf("replay the quarantine of %s: %w", c.View(), err)
		}
	}
	report.Seconds = time.Since(started).Seconds()
	return report, nil
}

// replaying is a replay under way. What it lands goes the way of a load.
type replaying struct {
	run
	conn *sql.Conn
	mend *Mend // puts cells in the place of others in the one row that is read; nil for a replay
}

func newReplaying(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, clock func() time.Time) (*replaying, error) {
	r := &replaying{run: run{lake: l, contracts: contracts, clock: clock, identified: map[string]bool{}}}
	var err error
	if r.catalogues, err = states(ctx, l.DB()); err != nil {
		return nil, err
	}
	if r.hashing, err = engineHashing(ctx, l.DB()); err != nil {
		return nil, err
	}
	if r.conn, err = l.DB().Conn(ctx); err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	if _, err := r.conn.ExecContext(ctx, normaliseSQL); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the engine: %w", err), r.conn.Close())
	}
	return r, nil
}

// held is a delivery of the ledger, as far as its quarantined rows need it to be read again.
type held struct {
	number          int64
	file, sha256    string
	knownOn         time.Time
	kind            kind
	headers, fields []string
	operations      bool  // it has a column that says what is to be done with a row
	rows            int64 // in quarantine, those that can be read
}

// catalogue reads a catalogue's quarantined rows again, in batches of whole deliveries.
func (r *replaying) catalogue(ctx context.Context, c *catalog.Contract) (ReplayCount, int64, error) {
	counted := ReplayCount{Department: c.Department, Catalogue: c.Name}
	deliveries, unreadable, err := r.waiting(ctx, c, 0)
	if err != nil {
		return counted, 0, err
	}
	for first := 0; first < len(deliveries); {
		last, rows := first, int64(0)
		for last < len(deliveries) && (last == first || rows+deliveries[last].rows <= replayRows) {
			rows += deliveries[last].rows
			last++
		}
		done, err := r.again(ctx, c, deliveries[first:last])
		counted.Tried, counted.Landed, counted.Duplicates, counted.Kept = counted.Tried+done.Tried, counted.Landed+done.Landed, counted.Duplicates+done.Duplicates, counted.Kept+done.Kept
		if err != nil {
			return counted, unreadable, err
		}
		first = last
	}
	return counted, unreadable, nil
}

// waiting are the deliveries of a catalogue that have readable rows in quarantine, or the one of that number, and how many rows are unreadable.
func (r *replaying) waiting(ctx context.Context, c *catalog.Contract, number int64) (found []held, unreadable int64, err error) {
	rows, err := r.conn.QueryContext(ctx, `WITH unread AS (SELECT DISTINCT delivery_no, row FROM ledger.fault WHERE rule IN (`+quotedList(readerRules)+`)),
		kept AS (SELECT q.delivery_no, count(*) AS rows, count(u.row) AS unread, bool_or(q.content LIKE '%"_op":%') AS operations FROM ledger.quarantine AS q LEFT JOIN unread AS u USING (delivery_no, row) GROUP BY 1)
		SELECT d.delivery_no, d.file, d.sha256, d.known_on, d.kind, to_json(d.headers)::VARCHAR, to_json(d.fields)::VARCHAR, k.operations, k.rows, k.unread
		FROM ledger.delivery AS d JOIN kept AS k USING (delivery_no)
		WHERE d.department = ? AND d.catalogue = ? AND (? = 0 OR d.delivery_no = ?) ORDER BY d.delivery_no`, c.Department, c.Name, number, number)
	if err != nil {
		return nil, 0, fmt.Errorf("read the quarantine: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d held
		var headers, fields string
		var all, unread int64
		if err := rows.Scan(&d.number, &d.file, &d.sha256, &d.knownOn, &d.kind, &headers, &fields, &d.operations, &all, &unread); err != nil {
			return nil, 0, fmt.Errorf("read the quarantine: %w", err)
		}
		if err := errors.Join(json.Unmarshal([]byte(headers), &d.headers), json.Unmarshal([]byte(fields), &d.fields)); err != nil {
			return nil, 0, fmt.Errorf("read the quarantine: %w", err)
		}
		unreadable += unread
		if d.rows = all - unread; d.rows > 0 || number > 0 {
			found = append(found, d)
		}
	}
	return found, unreadable, rows.Err()
}

// again reads the quarantined rows of some deliveries again and lands those that hold.
func (r *replaying) again(ctx context.Context, c *catalog.Contract, deliveries []held) (ReplayCount, error) {
	done := ReplayCount{Department: c.Department, Catalogue: c.Name}
	temp, err := os.MkdirTemp(r.lake.Temp(), "replay")
	if err != nil {
		return done, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	b := batch{contract: c}
	for _, d := range deliveries {
		s := d.source(c)
		if err := r.copyKept(ctx, s, d, temp); err != nil {
			return done, err
		}
		done.Tried += s.received
		b.sources = append(b.sources, s)
	}
	f, counted, err := r.judge(ctx, b)
	if err != nil {
		return done, err
	}
	for _, each := range counted {
		done.Landed, done.Duplicates, done.Kept = done.Landed+each.landed, done.Duplicates+each.duplicates, done.Kept+each.quarantined
	}
	if r.mend != nil && done.Kept > 0 {
		return done, r.stillBroken(ctx, b)
	}
	return done, r.landAgain(ctx, b, counted, f, done)
}

// source is the delivery as if it came again with its readable quarantined rows alone: its cells are named by today's fields as far as the
// headers under which they came, or else the fields that they were taken for, still mean something.
func (d held) source(c *catalog.Contract) *source {
	s := &source{name: d.file, sha256: d.sha256, knownOn: d.knownOn, number: d.number, contract: c, kind: d.kind}
	s.table = tableOf(c, nil)
	return s
}

// cellNames says for each field of the contract under which name the quarantine keeps its cells, "" for none, and in which unit.
func (d held) cellNames(c *catalog.Contract) (names, units []string) {
	names, units = make([]string, len(c.Fields)), make([]string, len(c.Fields))
	at := func(name string) int {
		return slices.IndexFunc(c.Fields, func(f catalog.Field) bool { return f.Name == name })
	}
	placed := map[string]bool{}
	for i, header := range d.headers {
		column, ok := c.Column(header)
		if to := at(column.Field.Name); header != "" && ok && names[to] == "" {
			names[to], units[to], placed[d.fields[i]] = d.fields[i], column.Unit, true
		}
	}
	for _, name := range d.fields {
		if to := at(name); to >= 0 && names[to] == "" && !placed[name] {
			names[to] = name
		}
	}
	return names, units
}

// copyKept writes the delivery's readable quarantined rows, or the one that is mended, as text that the engine reads like any rewritten file.
func (r *replaying) copyKept(ctx context.Context, s *source, d held, temp string) error {
	names, units := d.cellNames(s.contract)
	s.table.units = units
	if d.operations || r.mend.operates(s.contract) {
		s.table.columns = []int{opColumn}
	}
	w, err := s.canonical(temp)
	if err != nil {
		return err
	}
	rows, err := r.kept(ctx, d.number)
	if err != nil {
		return errors.Join(err, w.close())
	}
	defer rows.Close()
	copied := int64(0)
	for rows.Next() {
		var row int64
		var said string
		if err := rows.Scan(&row, &said); err != nil {
			return errors.Join(fmt.Errorf("read the quarantine: %w", err), w.close())
		}
		cells, err := r.cells(s, names, said)
		if err == nil {
			// A record is written behind its number in the delivery.
			s.received = row - 1
			err = w.row(cells)
		}
		if err != nil {
			return errors.Join(err, w.close())
		}
		copied++
	}
	s.received = copied
	if err := errors.Join(rows.Err(), w.close()); err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	if s.rejects != "" {
		return fmt.Errorf("a row of delivery %d is longer than a record may be", s.number)
	}
	return nil
}

// kept reads what the quarantine keeps of a delivery: rows that were cut into cells, or the one that is mended.
func (r *replaying) kept(ctx context.Context, number int64) (*sql.Rows, error) {
	which := "NOT EXISTS (SELECT 1 FROM ledger.fault AS f WHERE f.delivery_no = q.delivery_no AND f.row = q.row AND f.rule IN (" + quotedList(readerRules) + "))"
	if r.mend != nil {
		which = fmt.Sprintf("q.row = %d", r.mend.row)
	}
	// The rows come in order, as those of a file do.
	rows, err := r.lake.DB().QueryContext(ctx, fmt.Sprintf("SELECT row, content FROM ledger.quarantine AS q WHERE delivery_no = %d AND %s ORDER BY row", number, which))
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	return rows, nil
}

// cells are what a quarantined row says, in the order of the contract's fields with the operation behind them.
func (r *replaying) cells(s *source, names []string, said string) ([]string, error) {
	kept := map[string]*string{}
	if r.mend == nil || !r.mend.unread {
		if err := json.Unmarshal([]byte(said), &kept); err != nil {
			return nil, errors.New("a quarantined row is no JSON object; restore the lake from a backup")
		}
	}
	cells := make([]string, len(s.layout))
	for i := range cells {
		name := "_op"
		if i < len(names) {
			name = names[i]
		}
		if value := kept[name]; value != nil {
			cells[i] = *value
		}
	}
	if r.mend != nil {
		r.mend.said = said
		for field, value := range r.mend.cells {
			cells[field] = value
		}
	}
	return cells, nil
}

// judge reads the rows as typed rows, and decides between those that share a key.
func (r *replaying) judge(ctx context.Context, b batch) (fates, []counts, error) {
	if err := execute(ctx, r.conn, typedSQL(b.contract, b.sources)); err != nil {
		return fates{}, nil, err
	}
	if err := execute(ctx, r.conn, filesSQL(b.sources)); err != nil {
		return fates{}, nil, err
	}
	var read, expected int64
	if err := r.conn.QueryRowContext(ctx, `SELECT count(*) FROM typed`).Scan(&read); err != nil {
		return fates{}, nil, fmt.Errorf("count the rows read: %w", err)
	}
	for _, s := range b.sources {
		expected += s.received
	}
	if read != expected {
		return fates{}, nil, errMisread
	}
	// After a delivery of the whole every key must be looked at; the keys that it did not name are none of the rows' here.
	f, err := r.decide(ctx, r.conn, b.contract, r.state(b.contract).lastWhole != "", false)
	if err != nil {
		return f, nil, err
	}
	counted, err := r.count(ctx, r.conn, b, f)
	return f, counted, err
}

// stillBroken says which rules a mended row breaks.
func (r *replaying) stillBroken(ctx context.Context, b batch) error {
	if err := execute(ctx, r.conn, badRowsSQL(b.contract, b.sources)); err != nil {
		return err
	}
	rows, err := r.conn.QueryContext(ctx, brokenSQL(b.contract, b.sources))
	if err != nil {
		return fmt.Errorf("ask which rules are broken: %w", err)
	}
	defer rows.Close()
	refused := &MendRefused{}
	for rows.Next() {
		var number, row int64
		var f Broken
		if err := rows.Scan(&number, &row, &f.Field, &f.Rule, &f.Shape); err != nil {
			return fmt.Errorf("ask which rules are broken: %w", err)
		}
		refused.Row, refused.Broken = rowName(number, row), append(refused.Broken, f)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("ask which rules are broken: %w", err)
	}
	return refused
}

// landAgain lands the rows that hold and notes which rules the others break now.
func (r *replaying) landAgain(ctx context.Context, b batch, counted []counts, f fates, done ReplayCount) error {
	var replay, since int64
	err := r.conn.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(replay_no), 0) + 1 FROM ledger.replay), (SELECT coalesce(max(delivery_no), 0) + 1 FROM ledger.delivery)`).Scan(&replay, &since)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	seg, err := r.writeSegment(ctx, r.conn, b, counted, f, replayPath(b.contract, b.sources[0].number, replay))
	if err != nil {
		return err
	}
	if err := execute(ctx, r.conn, badRowsSQL(b.contract, b.sources)); err != nil {
		return err
	}
	tx, err := r.conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	statements := replayEntries(b, counted, seg)
	if f.contested {
		statements = append(statements, fateEntries(b, seg, f, since)...)
	}
	if seg.rows > 0 && b.contract.HasFirm() {
		statements = append(statements, makeIdentityTable(b.contract), keepIdentities(b.contract, b.sources[0].number))
	}
	if done.Landed+done.Duplicates > 0 {
		now := r.clock().UTC()
		statements = append(statements, fmt.Sprintf("INSERT INTO ledger.replay VALUES (%d, %s, %s, %d, %d, %d, %s, TIMESTAMP '%s')", replay, lake.Quote(b.contract.Department), lake.Quote(b.contract.Name),
			done.Tried, done.Landed, done.Duplicates, lake.Quote(seg.path), now.Format(stampLayout)))
		if r.mend != nil {
			statements = append(statements, r.mend.entrySQL(b.contract, replay, now))
		}
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("enter the ledger: %w", &statementError{statement: statement, err: err}), tx.Rollback())
		}
	}
	after, err := r.renewView(ctx, tx, b, seg, f)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	r.catalogues[b.contract.Table()] = after
	return nil
}

// stampLayout is how the ledger's time stamps are written.
const stampLayout = "2006-01-02 15:04:05.000000"

// replayPath names the segment of rows that landed by a replay: it sorts behind the delivery that they are of.
func replayPath(c *catalog.Contract, number, replay int64) string {
	return strings.TrimSuffix(segmentPath(c, number), ".parquet") + fmt.Sprintf(".r%06d.parquet", replay)
}

// replayEntries take the rows that hold out of the quarantine and count them where they went. A row that still breaks a rule stays, with the rules
// that it breaks now.
func replayEntries(b batch, counted []counts, seg segment) []string {
	var moved []string
	for i, s := range b.sources {
		if counted[i].landed+counted[i].duplicates > 0 {
			moved = append(moved, fmt.Sprintf("(%d, %d, %d)", s.number, counted[i].landed, counted[i].duplicates))
		}
	}
	const tried = `(SELECT f.delivery_no, t._row AS row, t._bad FROM typed AS t JOIN files AS f USING (_file)) AS tried`
	statements := []string{
		"DELETE FROM ledger.fault USING " + tried + " WHERE fault.delivery_no = tried.delivery_no AND fault.row = tried.row",
		faultSQL(b.contract, b.sources),
	}
	if len(moved) == 0 {
		return statements
	}
	values := "(VALUES " + strings.Join(moved, ", ") + ") AS m(delivery_no, landed, duplicates)"
	statements = append(statements,
		"DELETE FROM ledger.quarantine USING "+tried+" WHERE quarantine.delivery_no = tried.delivery_no AND quarantine.row = tried.row AND NOT tried._bad",
		fmt.Sprintf(`UPDATE ledger.delivery SET landed = delivery.landed + m.landed, duplicates = delivery.duplicates + m.duplicates, quarantined = quarantined - m.landed - m.duplicates,
			segment = CASE WHEN segment = '' AND m.landed > 0 THEN %s ELSE segment END FROM %s WHERE m.delivery_no = delivery.delivery_no`, lake.Quote(seg.path), values),
		fmt.Sprintf("INSERT INTO ledger.part SELECT delivery_no, %s, landed FROM %s WHERE landed > 0", lake.Quote(seg.path), values))
	if seg.rows > 0 {
		statements = append(statements, seg.entrySQL())
	}
	return statements
}
