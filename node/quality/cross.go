package quality

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed sql/cross/*.sql
var crossSQL embed.FS

// check compares what two catalogues say about the same firms. Each side learns how many firms disagree and which of its own rows speak of
// them; what the other side says stays there.
type check struct {
	Name     string // of the SQL file that makes one row (firm_id, period, disagrees) per firm and period of which both sides speak
	TitleZH  string
	AdviceZH string
	Sides    []side
}

// side is one of the catalogues that a check compares.
type side struct {
	Department, Catalogue string
	Period                string // the period of a row, as the check's SQL spells it
	Where                 string // which rows the check is about, "" for all
}

func (s side) table() string { return s.Department + "__" + s.Catalogue }

// crossChecks are the checks across catalogues, in the order in which reports list them.
func crossChecks() []check {
	const afterClosing = "period > (SELECT max(closed_on) FROM entity.firm AS closed WHERE closed.firm_id = linked_row.firm_id) + INTERVAL 3 MONTH"
	register := []side{
		{"market_regulation", "enterprise_registration", "'closed'", ""},
		{"market_regulation", "individual_registration", "'closed'", ""},
	}
	return []check{
		{"revenue_invoiced", "全年申报销售收入明显低于同年有效销项发票金额", "核对申报收入与开票数据是否同口径；漏报的更正申报，作废发票的及时报送状态", []side{
			{"tax", "tax_return", "year(period)::VARCHAR", "tax_kind = '增值税'"},
			{"tax", "sales_invoice", "year(issued_on)::VARCHAR", ""},
		}},
		{"revenue_reported", "企业年报营业收入与同年增值税申报销售收入相差过大", "核对年报的单位（万元）和口径，或核对纳税申报是否齐全", []side{
			{"market_regulation", "annual_report", "report_year::VARCHAR", ""},
			{"tax", "tax_return", "year(period)::VARCHAR", "tax_kind = '增值税'"},
		}},
		{"headcount_reported", "企业年报从业人数与同年社会保险参保人数相差过大", "核对从业人数与参保人数的口径与年度；漏报的补报", []side{
			{"market_regulation", "annual_report", "report_year::VARCHAR", ""},
			{"human_resources", "social_insurance", "year(period)::VARCHAR", ""},
		}},
		{"headcount_fund", "住房公积金缴存人数多于同月社会保险参保人数", "核对当月人数；单位合并缴存的注明", []side{
			{"housing_fund", "contribution", "strftime(period, '%Y-%m')", ""},
			{"human_resources", "social_insurance", "strftime(period, '%Y-%m')", ""},
		}},
		{"closed_pays_tax", "登记为注销或吊销三个月以后仍有税款缴纳", "核对登记状态与注销日期；或核对缴款单位标识是否填错", append([]side{{"tax", "tax_payment", "'closed'", afterClosing}}, register...)},
		{"closed_insures", "登记为注销或吊销三个月以后仍有参保缴费", "核对登记状态与注销日期；或核对单位标识是否填错", append([]side{{"human_resources", "social_insurance", "'closed'", afterClosing}}, register...)},
		{"closed_uses_power", "登记为注销或吊销三个月以后仍有用电", "核对登记状态与注销日期；或核对户号与用电主体是否已变更", append([]side{{"utilities", "electricity", "'closed'", afterClosing}}, register...)},
	}
}

// maxCrossRows is how many rows of a side are kept to be looked at; the counts are of all.
const maxCrossRows = 20_000

// outcome is a check's last result.
type outcome struct {
	on                 time.Time
	basis              string
	compared, disagree int64
}

func latestCross(ctx context.Context, db *sql.DB) (map[string]outcome, error) {
	found := map[string]outcome{}
	err := each(ctx, db, `SELECT name, max(computed_at), arg_max(basis, computed_at), arg_max(compared, computed_at), arg_max(disagree, computed_at) FROM quality.cross_check GROUP BY name`,
		nil, func(scan func(...any) error) error {
			var name string
			var o outcome
			err := scan(&name, &o.on, &o.basis, &o.compared, &o.disagree)
			found[name] = o
			return err
		})
	return found, err
}

// crossCheck computes the checks that a department has a side in, where something has come in or was linked since the last time.
func crossCheck(ctx context.Context, db *sql.DB, department string, now time.Time) error {
	views, err := texts(ctx, db, `SELECT view_name FROM duckdb_views() WHERE schema_name = 'linked' UNION SELECT table_name FROM duckdb_tables() WHERE schema_name = 'linked'`)
	if err != nil {
		return fmt.Errorf("look for linked rows: %w", err)
	}
	latest, err := latestCross(ctx, db)
	if err != nil {
		return err
	}
	for _, c := range crossChecks() {
		if !slices.ContainsFunc(c.Sides, func(s side) bool { return s.Department == department }) ||
			slices.ContainsFunc(c.Sides, func(s side) bool { return !slices.Contains(views, s.table()) }) {
			continue
		}
		basis, err := basisOf(ctx, db, c)
		if err != nil {
			return err
		}
		if latest[c.Name].basis == basis {
			continue
		}
		if err := c.compute(ctx, db, basis, now); err != nil {
			return fmt.Errorf("compute the check %s: %w", c.Name, err)
		}
	}
	return nil
}

// basisOf says from what a check would be computed now: the last delivery of each side, and the links.
func basisOf(ctx context.Context, db *sql.DB, c check) (string, error) {
	var tables []string
	for _, s := range c.Sides {
		tables = append(tables, lake.Quote(s.table()))
	}
	list := strings.Join(tables, ", ")
	var basis string
	err := db.QueryRowContext(ctx, fmt.Sprintf(`SELECT concat_ws('/',
		(SELECT coalesce(max(delivery_no), 0) FROM ledger.delivery WHERE department || '__' || catalogue IN (%[1]s)),
		(SELECT coalesce(sum(landed), 0) FROM ledger.delivery WHERE department || '__' || catalogue IN (%[1]s)),
		(SELECT count(*) FROM entity.link WHERE catalogue IN (%[1]s)), (SELECT count(*) FROM entity.firm), (SELECT count(closed_on) FROM entity.firm))`, list)).Scan(&basis)
	if err != nil {
		return "", fmt.Errorf("read what is linked: %w", err)
	}
	return basis, nil
}

func (c check) compute(ctx context.Context, db *sql.DB, basis string, now time.Time) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	text, err := crossSQL.ReadFile("sql/cross/" + c.Name + ".sql")
	if err != nil {
		return err
	}
	name := lake.Quote(c.Name)
	statements := []string{
		"CREATE OR REPLACE TEMP TABLE cross_found AS " + string(text),
		"BEGIN",
		"DELETE FROM quality.cross_row WHERE name = " + name,
	}
	for _, s := range c.Sides {
		where := ""
		if s.Where != "" {
			where = "AND " + s.Where
		}
		statements = append(statements, fmt.Sprintf(`INSERT INTO quality.cross_row SELECT %s, %s, %s, _delivery, _row FROM (
			SELECT _delivery, _row, firm_id, %s AS period FROM linked.%s AS linked_row WHERE _superseded_on IS NULL %s) AS r
			SEMI JOIN (SELECT firm_id, period FROM cross_found WHERE disagrees) AS f USING (firm_id, period) ORDER BY _delivery DESC, _row LIMIT %d`,
			name, lake.Quote(s.Department), lake.Quote(s.Catalogue), s.Period, s.table(), where, maxCrossRows))
	}
	statements = append(statements, fmt.Sprintf("INSERT INTO quality.cross_check SELECT %s, TIMESTAMP '%s', %s, count(*), count(*) FILTER (disagrees) FROM cross_found",
		name, now.UTC().Format(time.DateTime), lake.Quote(basis)), "COMMIT", "DROP TABLE cross_found")
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK")
			return err
		}
	}
	return nil
}

// shownCrossRows is how many of its rows a department is shown per check.
const shownCrossRows = 2_000

// readCross is what a department may see of the checks: counts, and its own rows.
func readCross(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, department string) ([]CrossResult, error) {
	latest, err := latestCross(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("read the checks: %w", err)
	}
	results := []CrossResult{}
	for _, c := range crossChecks() {
		o, computed := latest[c.Name]
		if !computed || !slices.ContainsFunc(c.Sides, func(s side) bool { return s.Department == department }) {
			continue
		}
		r := CrossResult{Check: c.Name, TitleZH: c.TitleZH, AdviceZH: c.AdviceZH, On: o.on.Format(time.DateOnly), Compared: o.compared, Disagree: o.disagree, Rows: []CrossRow{}}
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM quality.cross_row WHERE name = ? AND department = ?`, c.Name, department).Scan(&r.RowCount); err != nil {
			return nil, fmt.Errorf("read the checks: %w", err)
		}
		err := each(ctx, db, fmt.Sprintf(`SELECT r.catalogue, d.file, r.row + d.header_row FROM quality.cross_row AS r JOIN ledger.delivery AS d USING (delivery)
			WHERE r.name = ? AND r.department = ? AND d.department = ? ORDER BY d.known_on DESC, d.delivery_no DESC, r.row LIMIT %d`, shownCrossRows),
			[]any{c.Name, department, department}, func(scan func(...any) error) error {
				var row CrossRow
				if err := scan(&row.Catalogue, &row.File, &row.Line); err != nil {
					return err
				}
				if contract, ok := contracts.Find(department, row.Catalogue); ok {
					row.TitleZH = contract.TitleZH
				}
				r.Rows = append(r.Rows, row)
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("read the checks: %w", err)
		}
		results = append(results, r)
	}
	return results, nil
}
