package node

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/indicator"
)

// Lineage leads from an indicator's value about one firm back to the delivered rows that it can have been made of.
type Lineage struct {
	Indicator string             `json:"indicator"`
	TitleZH   string             `json:"title_zh"`
	Formula   string             `json:"formula"`
	Window    string             `json:"window"`
	Unit      string             `json:"unit"`
	FirmID    int64              `json:"firm_id"`
	AsOf      string             `json:"as_of"`
	Value     *float64           `json:"value"` // null where the indicator has none
	Sources   []LineageCatalogue `json:"sources"`
}

// LineageCatalogue is one catalogue that an indicator is made from.
type LineageCatalogue struct {
	Catalogue  string            `json:"catalogue"` // DEPARTMENT/CATALOGUE
	TitleZH    string            `json:"title_zh"`
	From       string            `json:"from"` // first day of the window, "" where everything known counts
	DatedBy    string            `json:"dated_by"`
	Rows       int64             `json:"rows"`
	Deliveries []LineageDelivery `json:"deliveries"`
}

// LineageDelivery is the firm's rows of one delivery.
type LineageDelivery struct {
	Number  int64   `json:"number"`
	File    string  `json:"file"`
	KnownOn string  `json:"known_on"`
	SHA256  string  `json:"sha256"`
	Rows    []int64 `json:"rows"`   // numbers of rows of data, counted from 1; at most maxLineageRows
	Count   int64   `json:"count"`  // of all
	Mended  []int64 `json:"mended"` // those of rows that a steward mended
}

// maxLineageRows is how many rows of a delivery are listed; the count tells of the others.
const maxLineageRows = 1000

// Lineage finds the rows that were in force on the date, are linked to the firm and lie within the indicator's window. asOf is the last refresh's
// when zero; the value is that of the last refresh, and is null when another date is asked for.
func (n *Node) Lineage(ctx context.Context, usci, name string, asOf time.Time) (Lineage, error) {
	all := indicator.All()
	at := slices.IndexFunc(all, func(i indicator.Indicator) bool { return i.Name == name })
	if at < 0 {
		return Lineage{}, fmt.Errorf("there is no indicator %q; indicators are named as in sales_12m or court_cases_24m", name)
	}
	i := all[at]
	l := Lineage{Indicator: i.Name, TitleZH: i.TitleZH, Formula: i.Formula, Window: i.Window, Unit: i.Unit, Sources: []LineageCatalogue{}}
	last, periodEnd, err := n.lastRefresh(ctx)
	if err != nil {
		return l, err
	}
	if l.FirmID, err = n.firmOf(ctx, usci); err != nil {
		return l, err
	}
	if asOf.IsZero() || asOf.Equal(last) {
		asOf = last
		if l.Value, err = n.figure(ctx, l.FirmID, i.Name); err != nil {
			return l, err
		}
	} else {
		periodEnd = time.Date(asOf.Year(), asOf.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1)
	}
	l.AsOf = asOf.Format(time.DateOnly)
	for _, source := range i.Sources {
		department, catalogue, _ := strings.Cut(source, "/")
		c, ok := n.Catalogs.Find(department, catalogue)
		if !ok {
			return l, fmt.Errorf("the indicator is made from %s, of which there is no contract", source)
		}
		found, err := n.trace(ctx, c, l.FirmID, asOf, periodEnd, i.Window)
		if err != nil {
			return l, fmt.Errorf("trace %s: %w", source, err)
		}
		l.Sources = append(l.Sources, found)
	}
	return l, nil
}

// firmOf is the firm of the register with that code.
func (n *Node) firmOf(ctx context.Context, usci string) (int64, error) {
	var id int64
	err := n.DB().QueryRowContext(ctx, "SELECT firm_id FROM entity.firm WHERE usci = ?", strings.ToUpper(strings.TrimSpace(usci))).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errors.New("no firm of the register has that unified social credit code; check its eighteen characters")
	}
	if err != nil {
		return 0, fmt.Errorf("look into the register: %w", err)
	}
	return id, nil
}

// lastRefresh tells the dates of the last refresh that was finished.
func (n *Node) lastRefresh(ctx context.Context) (asOf, periodEnd time.Time, err error) {
	err = n.DB().QueryRowContext(ctx, "SELECT as_of, period_end FROM refresh.state").Scan(&asOf, &periodEnd)
	if err != nil {
		return asOf, periodEnd, errors.New("the node was never refreshed, or not since rows were ended; run 'yidaitong node refresh' first")
	}
	return asOf, periodEnd, nil
}

func (n *Node) figure(ctx context.Context, firm int64, name string) (*float64, error) {
	var value sql.NullFloat64
	err := n.DB().QueryRowContext(ctx, "SELECT "+name+" FROM refresh.figure WHERE firm_id = ?", firm).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read the figure: %w", err)
	}
	if !value.Valid || math.IsNaN(value.Float64) {
		return nil, nil
	}
	return &value.Float64, nil
}

// windowMonths are the months of an indicator's window, 0 for one that has no beginning.
func windowMonths(window string) int {
	for _, months := range []int{3, 6, 12, 24, 36} {
		if window == fmt.Sprintf("%dm", months) {
			return months
		}
	}
	return 0
}

// trace lists the firm's rows of a catalogue that were in force on the date and lie in the window. A row is dated by its period, or else by the first
// field of its contract that is a date; one without a date counts whenever it was in force. Months begin with the window's first month, days on
// the earlier of that and the same day of the month so many months before: no row that a figure may count is left out.
func (n *Node) trace(ctx context.Context, c *catalog.Contract, firm int64, asOf, periodEnd time.Time, window string) (LineageCatalogue, error) {
	found := LineageCatalogue{Catalogue: c.Department + "/" + c.Name, TitleZH: c.TitleZH, Deliveries: []LineageDelivery{}}
	if !c.HasFirm() {
		return found, nil
	}
	condition := ""
	dated := slices.IndexFunc(c.Fields, func(f catalog.Field) bool { return f.Type == catalog.Period })
	if dated < 0 {
		dated = slices.IndexFunc(c.Fields, func(f catalog.Field) bool { return f.Type == catalog.Date })
	}
	if months := windowMonths(window); months > 0 && dated >= 0 {
		from := time.Date(periodEnd.Year(), periodEnd.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 1-months, 0)
		if day := asOf.AddDate(0, -months, 0); c.Fields[dated].Type == catalog.Date && day.Before(from) {
			from = day
		}
		found.From, found.DatedBy = from.Format(time.DateOnly), c.Fields[dated].Name
		condition = fmt.Sprintf(" AND (l.%[1]s IS NULL OR (l.%[1]s >= %[2]s AND l.%[1]s <= %[3]s))", found.DatedBy, dateSQL(from), dateSQL(asOf))
	}
	rows, err := n.DB().QueryContext(ctx, fmt.Sprintf(`WITH mine AS (
			SELECT l._id // 4294967296 AS delivery_no, l._row, m.row AS mended FROM linked.%s AS l
			LEFT JOIN (SELECT DISTINCT delivery_no, row FROM ledger.mend) AS m ON m.delivery_no = l._id // 4294967296 AND m.row = l._row
			WHERE l.firm_id = ? AND l._known_on <= %[2]s AND (l._superseded_on IS NULL OR l._superseded_on > %[2]s)%[3]s)
		SELECT d.delivery_no, d.file, d.known_on::VARCHAR, d.sha256, count(*), list(m._row ORDER BY m._row)[1:%[4]d], coalesce(list(m.mended ORDER BY m.mended) FILTER (m.mended IS NOT NULL), [])
		FROM mine AS m JOIN ledger.delivery AS d USING (delivery_no) GROUP BY ALL ORDER BY d.delivery_no`, c.Table(), dateSQL(asOf), condition, maxLineageRows), firm)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	for rows.Next() {
		var d LineageDelivery
		var listed, mended any
		if err := rows.Scan(&d.Number, &d.File, &d.KnownOn, &d.SHA256, &d.Count, &listed, &mended); err != nil {
			return found, err
		}
		d.Rows, d.Mended = numbers(listed), numbers(mended)
		found.Rows += d.Count
		found.Deliveries = append(found.Deliveries, d)
	}
	return found, rows.Err()
}

// numbers reads the engine's list of whole numbers.
func numbers(list any) []int64 {
	found := []int64{}
	values, _ := list.([]any)
	for _, v := range values {
		if n, ok := v.(int64); ok {
			found = append(found, n)
		}
	}
	return found
}
