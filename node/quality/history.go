package quality

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// measures are what the ledger and the schema quality hold about a department's catalogues.
type measures struct {
	now        time.Time
	deliveries map[string][]*measured // by catalogue, oldest first
	fields     map[string]map[string]Field
	breaches   map[string]map[string]int64
	faults     map[string][]FaultCount
	history    map[string][]Score
	agreement  map[string]float64
	refused    int64
}

// measured is one delivery with its counts.
type measured struct {
	Delivery
	knownOn time.Time
	counts  counts
}

const deliveriesSQL = `SELECT d.catalogue, d.delivery_no, d.file, d.known_on, d.format, d.encoding, d.received, d.landed, d.quarantined, d.duplicates,
    array_to_string(list_transform(list_filter(list_zip(d.fields, d.headers), lambda p: p[2] = ''), lambda p: p[1]), chr(31)), array_to_string(d.unknown, chr(31)),
    m.rows, m.cells, m.expected, m.empty, m.odd, m.checked, m.wrong, m.contradictions, m.conflicts
FROM ledger.delivery AS d JOIN quality.delivery AS m USING (delivery_no) WHERE d.department = ? ORDER BY d.catalogue, d.known_on, d.delivery_no`

// readMeasures reads a department's measures with one query per table.
func readMeasures(ctx context.Context, db *sql.DB, its []*catalog.Contract, now time.Time) (*measures, error) {
	m := &measures{now: now, deliveries: map[string][]*measured{}, fields: map[string]map[string]Field{}, breaches: map[string]map[string]int64{},
		faults: map[string][]FaultCount{}, history: map[string][]Score{}, agreement: map[string]float64{}}
	contracts := map[string]*catalog.Contract{}
	for _, c := range its {
		contracts[c.Name] = c
		m.fields[c.Name], m.breaches[c.Name] = map[string]Field{}, map[string]int64{}
	}
	department := []any{its[0].Department}
	byNumber := map[int64]*measured{}
	err := each(ctx, db, deliveriesSQL, department, func(scan func(...any) error) error {
		d := &measured{}
		k := &d.counts
		var name, missing, unknown string
		var number int64
		if err := scan(&name, &number, &d.File, &d.knownOn, &d.Format, &d.Encoding, &d.Received, &d.Landed, &d.Quarantined, &d.Duplicates, &missing, &unknown,
			&k.rows, &k.cells, &k.expected, &k.empty, &k.odd, &k.checked, &k.wrong, &k.contradictions, &k.conflicts); err != nil {
			return err
		}
		c := contracts[name]
		if c == nil {
			return nil
		}
		d.KnownOn = d.knownOn.Format(time.DateOnly)
		d.MissingColumns, d.UnknownColumns = titlesOf(c, splitList(missing)), splitList(unknown)
		k.deliveries, k.received, k.landed, k.quarantined, k.duplicates = 1, d.Received, d.Landed, d.Quarantined, d.Duplicates
		k.expected += d.Quarantined * int64(expectedFields(c))
		m.deliveries[name] = append(m.deliveries[name], d)
		byNumber[number] = d
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `SELECT delivery_no, f.field, f.rule, count(*) FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no) WHERE d.department = ? GROUP BY ALL`,
		department, func(scan func(...any) error) error {
			var number, rows int64
			var field, rule string
			if err := scan(&number, &field, &rule, &rows); err != nil {
				return err
			}
			if d := byNumber[number]; d != nil {
				d.counts.fault(rule, rows)
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, c := range its {
		m.addLateness(c)
	}
	return m, m.addSums(ctx, db, contracts, department)
}

func expectedFields(c *catalog.Contract) int {
	n := 0
	for _, f := range c.Fields {
		if expected(f) {
			n++
		}
	}
	return n
}

func splitList(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, "\x1f")
}

func titlesOf(c *catalog.Contract, fields []string) []string {
	var titles []string
	for _, name := range fields {
		f, _ := c.Field(name)
		titles = append(titles, f.TitleZH)
	}
	return titles
}

// addLateness gives every delivery the days since the one before, and how many of them lay beyond what the cycle allows. Files of one day are one
// delivery in this.
func (m *measures) addLateness(c *catalog.Contract) {
	allowed := float64(cycleDays[c.UpdateCycle])
	var before time.Time
	for _, d := range m.deliveries[c.Name] {
		if !before.IsZero() && d.knownOn.After(before) {
			d.counts.days = d.knownOn.Sub(before).Hours() / 24
			d.counts.daysLate = math.Max(0, d.counts.days-allowed)
			d.DaysLate = int(d.counts.daysLate)
		}
		before = d.knownOn
		d.Dimensions = d.counts.dimensions(1)
	}
}

// addSums reads what is kept by catalogue.
func (m *measures) addSums(ctx context.Context, db *sql.DB, contracts map[string]*catalog.Contract, department []any) error {
	err := each(ctx, db, `SELECT m.catalogue, f.field, sum(f.filled)::BIGINT, sum(m.rows)::BIGINT, sum(f.odd)::BIGINT, sum(f.wrong)::BIGINT
		FROM quality.field AS f JOIN quality.delivery AS m USING (delivery_no) WHERE m.department = ? GROUP BY ALL`, department, func(scan func(...any) error) error {
		var name string
		var f Field
		if err := scan(&name, &f.Field, &f.Filled, &f.Of, &f.Odd, &f.Wrong); err != nil {
			return err
		}
		if its := m.fields[name]; its != nil {
			its[f.Field] = f
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, db, `SELECT m.catalogue, b.rule, sum(b.rows)::BIGINT FROM quality.breach AS b JOIN quality.delivery AS m USING (delivery_no) WHERE m.department = ? GROUP BY ALL`,
		department, func(scan func(...any) error) error {
			var name, rule string
			var rows int64
			if err := scan(&name, &rule, &rows); err != nil {
				return err
			}
			if its := m.breaches[name]; its != nil {
				its[rule] = rows
			}
			return nil
		})
	if err != nil {
		return err
	}
	err = each(ctx, db, `SELECT d.catalogue, f.field, f.rule, count(*) FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no)
		WHERE d.department = ? GROUP BY ALL ORDER BY count(*) DESC, f.field, f.rule`, department, func(scan func(...any) error) error {
		var name string
		var f FaultCount
		if err := scan(&name, &f.Field, &f.Rule, &f.Rows); err != nil {
			return err
		}
		if c := contracts[name]; c != nil {
			field, _ := c.Field(f.Field)
			f.TitleZH, f.RuleZH = field.TitleZH, titleOfRule(f.Rule)
			m.faults[name] = append(m.faults[name], f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return m.addKept(ctx, db, department)
}

// addKept reads the history of scores, the refused files and how far other departments agree.
func (m *measures) addKept(ctx context.Context, db *sql.DB, department []any) error {
	err := each(ctx, db, `SELECT catalogue, scored_on, deliveries, landed, normative, complete, accurate, consistent, timely, accessible
		FROM quality.score WHERE department = ? ORDER BY catalogue, scored_on`, department, func(scan func(...any) error) error {
		var name string
		var on time.Time
		var s Score
		d := &s.Dimensions
		if err := scan(&name, &on, &s.Deliveries, &s.Landed, &d.Normative, &d.Complete, &d.Accurate, &d.Consistent, &d.Timely, &d.Accessible); err != nil {
			return err
		}
		s.On = on.Format(time.DateOnly)
		d.Overall = (d.Normative + d.Complete + d.Accurate + d.Consistent + d.Timely + d.Accessible) / 6
		m.history[name] = append(m.history[name], s)
		return nil
	})
	if err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, `SELECT count(DISTINCT sha256 || file) FROM ledger.refusal WHERE department = ?`, department...).Scan(&m.refused); err != nil {
		return err
	}
	latest, err := latestCross(ctx, db)
	if err != nil {
		return err
	}
	for _, check := range crossChecks() {
		found, computed := latest[check.Name]
		if !computed || found.compared == 0 {
			continue
		}
		for _, side := range check.Sides {
			if side.Department == department[0] {
				m.agreement[side.Catalogue] = m.agreementOfName(side.Catalogue) * (1 - ratio(found.disagree, found.compared))
			}
		}
	}
	return nil
}

func (m *measures) agreementOf(c *catalog.Contract) float64 { return m.agreementOfName(c.Name) }

func (m *measures) agreementOfName(catalogue string) float64 {
	if a, ok := m.agreement[catalogue]; ok {
		return a
	}
	return 1
}

// sum adds up a catalogue's deliveries, with the days since the last one.
func (m *measures) sum(c *catalog.Contract) counts {
	var all counts
	its := m.deliveries[c.Name]
	for _, d := range its {
		all.add(d.counts)
	}
	if len(its) > 0 {
		since := m.now.Sub(its[len(its)-1].knownOn).Hours() / 24
		all.days += max(0, since)
		all.daysLate += max(0, since-float64(cycleDays[c.UpdateCycle]))
	}
	return all
}

// catalogue makes a catalogue's part of the report, with the counts behind its dimensions.
func (m *measures) catalogue(ctx context.Context, db *sql.DB, c *catalog.Contract) (Catalogue, counts, error) {
	q := Catalogue{Catalogue: c.Name, TitleZH: c.TitleZH, OwnerPost: c.OwnerPost, Version: c.Version, Cycle: cycleZH[c.UpdateCycle],
		Deliveries: []Delivery{}, Fields: []Field{}, Checks: []Check{}, Faults: append([]FaultCount{}, m.faults[c.Name]...), History: append([]Score{}, m.history[c.Name]...)}
	all := m.sum(c)
	q.Received, q.Landed, q.Quarantined, q.Duplicates, q.Conflicts = all.received, all.landed, all.quarantined, all.duplicates, all.conflicts
	for _, d := range m.deliveries[c.Name] {
		q.Deliveries = append(q.Deliveries, d.Delivery)
		q.Latest = d.KnownOn
		q.DaysLate = max(0, int(m.now.Sub(d.knownOn).Hours()/24)-cycleDays[c.UpdateCycle])
	}
	for _, f := range c.Fields {
		found := m.fields[c.Name][f.Name]
		found.Field, found.TitleZH, found.Of = f.Name, f.TitleZH, all.rows
		q.Fields = append(q.Fields, found)
	}
	for _, check := range c.Checks {
		q.Checks = append(q.Checks, Check{Check: check.Name, TitleZH: check.TitleZH, Broken: m.breaches[c.Name][check.Name]})
	}
	if all.deliveries == 0 {
		return q, all, nil
	}
	d := all.dimensions(m.agreementOf(c))
	q.Dimensions = &d
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+c.View()+" WHERE _superseded_on IS NOT NULL").Scan(&q.Corrected)
	return q, all, err
}

// trend is the department's quality by month of delivery.
func (m *measures) trend(its []*catalog.Contract) []TrendPoint {
	byMonth := map[string]*counts{}
	for _, c := range its {
		for _, d := range m.deliveries[c.Name] {
			month := d.KnownOn[:7]
			if byMonth[month] == nil {
				byMonth[month] = &counts{}
			}
			byMonth[month].add(d.counts)
		}
	}
	points := []TrendPoint{}
	for month, k := range byMonth {
		points = append(points, TrendPoint{Month: month, Deliveries: k.deliveries, Received: k.received, Quarantined: k.quarantined, Dimensions: k.dimensions(1)})
	}
	slices.SortFunc(points, func(a, b TrendPoint) int { return strings.Compare(a.Month, b.Month) })
	return points
}

// enterScores keeps today's scores of a department's catalogues: one row per catalogue and day, that of the last run.
func enterScores(ctx context.Context, db *sql.DB, its []*catalog.Contract, now time.Time) error {
	m, err := readMeasures(ctx, db, its, now)
	if err != nil {
		return err
	}
	today := now.Format(time.DateOnly)
	var rows []string
	for _, c := range its {
		all := m.sum(c)
		if all.deliveries == 0 {
			continue
		}
		d := all.dimensions(m.agreementOf(c))
		rows = append(rows, fmt.Sprintf("(DATE '%s', %s, %s, %d, %d, %f, %f, %f, %f, %f, %f)", today, lake.Quote(c.Department), lake.Quote(c.Name),
			all.deliveries, all.landed, d.Normative, d.Complete, d.Accurate, d.Consistent, d.Timely, d.Accessible))
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf("BEGIN; DELETE FROM quality.score WHERE scored_on = DATE '%s' AND department = %s; INSERT INTO quality.score VALUES %s; COMMIT",
		today, lake.Quote(its[0].Department), strings.Join(rows, ", ")))
	return err
}
