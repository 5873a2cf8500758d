package delivery

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// QuarantineReport is what a steward sees of the quarantine.
type QuarantineReport struct {
	Rows  int64             `json:"rows"` // in quarantine, of what was asked for
	Rules []QuarantineCount `json:"rules"`
	Shown []QuarantinedRow  `json:"shown"` // the first of the rows, by delivery and row
}

// QuarantineCount is how many rows of a catalogue break one rule about one field.
type QuarantineCount struct {
	Department string `json:"department"`
	Catalogue  string `json:"catalogue"`
	Field      string `json:"field"` // "" where the rule is about the whole row
	TitleZH    string `json:"title_zh"`
	Rule       string `json:"rule"`
	Rows       int64  `json:"rows"`
}

// QuarantinedRow is one row in quarantine. It holds no value unless values were asked for.
type QuarantinedRow struct {
	Row        string            `json:"row"` // DELIVERY-NUMBER:ROW, by which Mend knows it
	Department string            `json:"department"`
	Catalogue  string            `json:"catalogue"`
	File       string            `json:"file"`
	KnownOn    string            `json:"known_on"`
	Line       int64             `json:"line"` // the row's number in the file, its header counted
	Broken     []Broken          `json:"broken"`
	Values     map[string]string `json:"values,omitempty"` // by field; of an unreadable row its text, under ""
}

// Broken is one rule that a row breaks.
type Broken struct {
	Field string `json:"field"` // "" where the rule is about the whole row
	Rule  string `json:"rule"`
	Shape string `json:"shape"` // of the value: 9 for a digit, A for a letter
}

func (b Broken) String() string {
	switch {
	case b.Field == "":
		return b.Rule
	case b.Shape == "":
		return b.Field + " " + b.Rule
	default:
		return fmt.Sprintf("%s %s (%s)", b.Field, b.Rule, b.Shape)
	}
}

// Quarantined lists rows in quarantine: how many break which rule, and the first of them. Values are for a steward inside the government network.
func Quarantined(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, only Only, values bool, limit int) (QuarantineReport, error) {
	report := QuarantineReport{Rules: []QuarantineCount{}, Shown: []QuarantinedRow{}}
	if err := only.check(contracts); err != nil {
		return report, err
	}
	which := "true"
	if only.Department != "" {
		which = "d.department = " + lake.Quote(only.Department)
	}
	if only.Catalogue != "" {
		which += " AND d.catalogue = " + lake.Quote(only.Catalogue)
	}
	err := l.DB().QueryRowContext(ctx, "SELECT count(*) FROM ledger.quarantine JOIN ledger.delivery AS d USING (delivery_no) WHERE "+which).Scan(&report.Rows)
	if err != nil {
		return report, fmt.Errorf("read the quarantine: %w", err)
	}
	if err := countBroken(ctx, l.DB(), contracts, which, &report); err != nil {
		return report, err
	}
	return report, listQuarantined(ctx, l.DB(), which, values, limit, &report)
}

func countBroken(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, which string, report *QuarantineReport) error {
	rows, err := db.QueryContext(ctx, "SELECT d.department, d.catalogue, f.field, f.rule, count(*) FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no) WHERE "+which+" GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4")
	if err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n QuarantineCount
		if err := rows.Scan(&n.Department, &n.Catalogue, &n.Field, &n.Rule, &n.Rows); err != nil {
			return fmt.Errorf("read the quarantine: %w", err)
		}
		if c, ok := contracts.Find(n.Department, n.Catalogue); ok {
			f, _ := c.Field(n.Field)
			n.TitleZH = f.TitleZH
		}
		report.Rules = append(report.Rules, n)
	}
	return rows.Err()
}

func listQuarantined(ctx context.Context, db *sql.DB, which string, values bool, limit int, report *QuarantineReport) error {
	content := "''"
	if values {
		content = "q.content"
	}
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`WITH chosen AS (
			SELECT q.delivery_no, q.row, d.department, d.catalogue, d.file, d.known_on, d.header_row, %s AS content
			FROM ledger.quarantine AS q JOIN ledger.delivery AS d USING (delivery_no) WHERE %s ORDER BY q.delivery_no, q.row LIMIT %d)
		SELECT c.delivery_no, c.row, c.department, c.catalogue, c.file, c.known_on::VARCHAR, c.header_row + c.row, c.content,
			to_json(list({'field': f.field, 'rule': f.rule, 'shape': f.shape} ORDER BY f.field, f.rule))::VARCHAR
		FROM chosen AS c JOIN ledger.fault AS f USING (delivery_no, row) GROUP BY ALL ORDER BY c.delivery_no, c.row`, content, which, limit))
	if err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var q QuarantinedRow
		var number, row int64
		var said, broken string
		if err := rows.Scan(&number, &row, &q.Department, &q.Catalogue, &q.File, &q.KnownOn, &q.Line, &said, &broken); err != nil {
			return fmt.Errorf("read the quarantine: %w", err)
		}
		q.Row = rowName(number, row)
		if err := json.Unmarshal([]byte(broken), &q.Broken); err != nil {
			return fmt.Errorf("read the quarantine: %w", err)
		}
		if values {
			q.Values = q.saidValues(said)
		}
		report.Shown = append(report.Shown, q)
	}
	return rows.Err()
}

func (q *QuarantinedRow) unread() bool {
	return slices.ContainsFunc(q.Broken, func(b Broken) bool { return slices.Contains(readerRules, b.Rule) })
}

func (q *QuarantinedRow) saidValues(said string) map[string]string {
	var cells map[string]*string
	if q.unread() || json.Unmarshal([]byte(said), &cells) != nil {
		return map[string]string{"": said}
	}
	values := map[string]string{}
	for field, value := range cells {
		if value != nil {
			values[field] = *value
		}
	}
	return values
}

func rowName(number, row int64) string { return fmt.Sprintf("%d:%d", number, row) }

var rowNamePattern = regexp.MustCompile(`^([0-9]{1,15}):([0-9]{1,10})$`)

// ParseRow reads a row's name, DELIVERY-NUMBER:ROW.
func ParseRow(name string) (number, row int64, err error) {
	parts := rowNamePattern.FindStringSubmatch(name)
	if parts == nil {
		return 0, 0, fmt.Errorf("%q names no row; write DELIVERY-NUMBER:ROW, as in 42:17, the way 'node quarantine list' does", name)
	}
	number, _ = strconv.ParseInt(parts[1], 10, 64)
	row, _ = strconv.ParseInt(parts[2], 10, 64)
	return number, row, nil
}

// Mend is what a steward puts into a quarantined row, on whose authority and why.
type Mend struct {
	Row    string            // DELIVERY-NUMBER:ROW
	Set    map[string]string // by field or by any header that the contract knows; written as the file would write it, in the unit of its column
	By     string            // the steward's post
	Reason string

	row    int64
	cells  map[int]string // by the field's position; the operation stands behind the fields
	unread bool           // the row was never cut into cells: what is not set is empty
	said   string         // what the row said before
}

// MendRefused says that a row would still break rules with the mend, so that nothing was changed.
type MendRefused struct {
	Row    string   `json:"row"`
	Broken []Broken `json:"broken"`
}

func (e *MendRefused) Error() string {
	var each []string
	for _, b := range e.Broken {
		each = append(each, b.String())
	}
	return fmt.Sprintf("row %s still breaks: %s; nothing was changed, set these fields too", e.Row, strings.Join(each, ", "))
}

// maxMend bounds what a steward writes into one field, in bytes.
const maxMend = 64 << 10

// ApplyMend puts values into one quarantined row and checks it by the contract's rules again. When it holds it lands, and the mend is kept beside what
// the row said as it was sent; otherwise the error is a *MendRefused.
func ApplyMend(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, m Mend, clock func() time.Time) (ReplayCount, error) {
	if strings.TrimSpace(m.By) == "" || strings.TrimSpace(m.Reason) == "" || len(m.Set) == 0 {
		return ReplayCount{}, errors.New("a mend needs at least one field to set, the steward's post and a reason")
	}
	number, row, err := ParseRow(m.Row)
	if err != nil {
		return ReplayCount{}, err
	}
	m.row = row
	r, err := newReplaying(ctx, l, contracts, clock)
	if err != nil {
		return ReplayCount{}, err
	}
	defer r.conn.Close()
	c, err := r.contractOf(ctx, number, &m)
	if err != nil {
		return ReplayCount{}, err
	}
	if err := m.place(c); err != nil {
		return ReplayCount{}, err
	}
	r.mend = &m
	deliveries, _, err := r.waiting(ctx, c, number)
	if err != nil {
		return ReplayCount{}, err
	}
	return r.again(ctx, c, deliveries)
}

// contractOf finds the catalogue of a quarantined row, and whether the row was ever cut into cells.
func (r *replaying) contractOf(ctx context.Context, number int64, m *Mend) (*catalog.Contract, error) {
	var department, name string
	err := r.conn.QueryRowContext(ctx, `SELECT d.department, d.catalogue, coalesce((SELECT bool_or(f.rule IN (`+quotedList(readerRules)+`)) FROM ledger.fault AS f WHERE f.delivery_no = q.delivery_no AND f.row = q.row), false)
		FROM ledger.quarantine AS q JOIN ledger.delivery AS d USING (delivery_no) WHERE q.delivery_no = ? AND q.row = ?`, number, m.row).Scan(&department, &name, &m.unread)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("row %s is not in quarantine; 'node quarantine list' shows the rows that are", m.Row)
	}
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	c, ok := r.contracts.Find(department, name)
	if !ok {
		return nil, fmt.Errorf("row %s is of %s/%s, of which there is no contract any more; put it back", m.Row, department, name)
	}
	return c, nil
}

// place finds the fields that are set.
func (m *Mend) place(c *catalog.Contract) error {
	m.cells = map[int]string{}
	for header, value := range m.Set {
		column, ok := c.Column(header)
		field := slices.IndexFunc(c.Fields, func(f catalog.Field) bool { return f.Name == column.Field.Name })
		if !ok && isOpHeader(header) {
			ok, field = true, len(c.Fields)
		}
		if !ok {
			return fmt.Errorf("%s has no field %q; its fields are %s", c.TitleZH, clip(header), fieldList(c, ", "))
		}
		if _, twice := m.cells[field]; twice {
			return fmt.Errorf("%q is set twice", clip(header))
		}
		if len(value) > maxMend || strings.ContainsAny(value, "\x00\r\n") {
			return fmt.Errorf("the value for %q is longer than %d bytes or runs over several lines", clip(header), maxMend)
		}
		m.cells[field] = value
	}
	return nil
}

// operates reports whether the mend says what is to be done with the row.
func (m *Mend) operates(c *catalog.Contract) bool {
	if m == nil {
		return false
	}
	_, ok := m.cells[len(c.Fields)]
	return ok
}

// entrySQL is the mend's row of the ledger.
func (m *Mend) entrySQL(c *catalog.Contract, replay int64, now time.Time) string {
	number, row, _ := ParseRow(m.Row)
	set := map[string]string{}
	var fields []string
	for field, value := range m.cells {
		name := "_op"
		if field < len(c.Fields) {
			name = c.Fields[field].Name
		}
		set[name], fields = value, append(fields, name)
	}
	slices.Sort(fields)
	mended, _ := json.Marshal(set) // a map of texts can always be written
	return fmt.Sprintf("INSERT INTO ledger.mend VALUES (%d, %d, %d, [%s], %s, %s, %s, %s, TIMESTAMP '%s')", replay, number, row, quotedList(fields),
		lake.Quote(m.said), lake.Quote(string(mended)), lake.Quote(m.By), lake.Quote(m.Reason), now.Format(stampLayout))
}
