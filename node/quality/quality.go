package quality

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// maxMend is how many rows to mend a report lists; the rest shows once these are mended.
const maxMend = 50_000

// Of reports on everything that a department has sent so far. It measures what is new first.
func Of(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, department string, now time.Time) (Report, error) {
	its := contracts.Of(department)
	if len(its) == 0 {
		return Report{}, fmt.Errorf("there is no department %q; the departments are %s", department, departmentCodes(contracts))
	}
	r := Report{Department: department, TitleZH: its[0].DepartmentZH, AsOf: now.Format(time.DateOnly), Trend: []TrendPoint{}, Cross: []CrossResult{}, Refused: []RefusedFile{}, ToMend: []Mend{}}
	if _, err := Measure(ctx, l, contracts, department, now); err != nil {
		return r, err
	}
	if err := crossCheck(ctx, l.DB(), department, now); err != nil {
		return r, fmt.Errorf("check %s against other departments: %w", department, err)
	}
	m, err := readMeasures(ctx, l.DB(), its, now)
	if err != nil {
		return r, fmt.Errorf("read the measures of %s: %w", department, err)
	}
	var all counts
	var agreement, weight float64
	for _, c := range its {
		quality, counted, err := m.catalogue(ctx, l.DB(), c)
		if err != nil {
			return r, fmt.Errorf("report on %s: %w", c.View(), err)
		}
		r.Received += quality.Received
		r.Landed += quality.Landed
		r.Quarantined += quality.Quarantined
		r.Duplicates += quality.Duplicates
		r.Catalogues = append(r.Catalogues, quality)
		if quality.Dimensions != nil {
			all.add(counted)
			agreement, weight = agreement+m.agreementOf(c)*float64(counted.landed), weight+float64(counted.landed)
		}
	}
	all.refused = m.refused
	if all.deliveries > 0 {
		d := all.dimensions(share(agreement, weight))
		r.Dimensions = &d
	}
	r.Trend = m.trend(its)
	if r.Cross, err = readCross(ctx, l.DB(), contracts, department); err != nil {
		return r, err
	}
	if err := r.addRefused(ctx, l.DB()); err != nil {
		return r, err
	}
	return r, r.addMends(ctx, l.DB(), its)
}

// share is part of whole, 1 of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return 1
	}
	return part / whole
}

func departmentCodes(contracts *catalog.Catalogs) string {
	var codes []string
	for _, d := range contracts.Departments() {
		codes = append(codes, d.Code)
	}
	return strings.Join(codes, ", ")
}

var cycleZH = map[catalog.Cycle]string{
	catalog.CycleDaily: "每日", catalog.CycleMonthly: "每月", catalog.CycleQuarterly: "每季度", catalog.CycleYearly: "每年",
}

// cycleDays is a cycle's length and the days of grace after it. Departments deliver a period's data in the first days of the next.
var cycleDays = map[catalog.Cycle]int{
	catalog.CycleDaily: 1 + 7, catalog.CycleMonthly: 31 + 15, catalog.CycleQuarterly: 92 + 15, catalog.CycleYearly: 366 + 60,
}

func (r *Report) addRefused(ctx context.Context, db *sql.DB) error {
	err := each(ctx, db, `SELECT file, max(refused_at), arg_max(reason_zh, refused_at) FROM ledger.refusal WHERE department = ? GROUP BY file, sha256 ORDER BY 2 DESC, 1`,
		[]any{r.Department}, func(scan func(...any) error) error {
			var f RefusedFile
			var on time.Time
			if err := scan(&f.File, &on, &f.Reason); err != nil {
				return err
			}
			f.On = on.Format(time.DateOnly)
			r.Refused = append(r.Refused, f)
			return nil
		})
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	return nil
}

// addMends lists what to put right, newest file first.
func (r *Report) addMends(ctx context.Context, db *sql.DB, its []*catalog.Contract) error {
	contracts := map[string]*catalog.Contract{}
	for _, c := range its {
		contracts[c.Name] = c
	}
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM ledger.fault JOIN ledger.delivery USING (delivery_no) WHERE department = ?`, r.Department).Scan(&r.ToMendTotal)
	if err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	err = each(ctx, db, fmt.Sprintf(`SELECT d.catalogue, d.file, f.row, f.row + d.header_row, f.field, coalesce(d.headers[nullif(list_position(d.fields, f.field), 0)], ''), f.rule, f.shape
		FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no) WHERE d.department = ?
		ORDER BY d.known_on DESC, d.delivery_no DESC, f.row, f.field LIMIT %d`, maxMend), []any{r.Department}, func(scan func(...any) error) error {
		var m Mend
		var field string
		if err := scan(&m.Catalogue, &m.File, &m.Row, &m.Line, &field, &m.Column, &m.Rule, &m.Shape); err != nil {
			return err
		}
		c := contracts[m.Catalogue]
		if c == nil {
			return nil
		}
		f, _ := c.Field(field)
		if m.Column == "" {
			m.Column = f.TitleZH
		}
		m.TitleZH, m.RuleZH, m.Advice = c.TitleZH, titleOfRule(m.Rule), advice(c, f, m.Rule)
		r.ToMend = append(r.ToMend, m)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	return nil
}

// each runs a query and hands every row's scan to a function.
func each(ctx context.Context, db *sql.DB, query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
