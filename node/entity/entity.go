package entity

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// rulesVersion rises whenever the rules of this package change, so that links made by older rules are made again.
const rulesVersion = 4

// Report is what a linking run found.
type Report struct {
	Run      int64   // number of this run
	Firms    int64   // firms in the reference
	Looked   int64   // identities that were looked at, because they were new or a change of the register touched them
	Linked   int64   // landed rows that name a firm and are linked
	Unlinked int64   // landed rows that name a firm and are not
	Doubtful int64   // writings that wait for a steward
	Seconds  float64 // time it took
}

// Prepare makes the schemas entity and linked with their tables, where they are not there yet.
func Prepare(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, text("schema")); err != nil {
		return fmt.Errorf("prepare the entity tables: %w", err)
	}
	return nil
}

// Refresh brings entity.firm, entity.link and the linked views in line with what has landed. Firms keep their firm_id from run to run. An
// identity that was looked at before is looked at again only when a change of the register can touch it, when a steward decided about it, or when
// the rules have changed.
func Refresh(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) (Report, error) {
	started := time.Now()
	report, err := refresh(ctx, db, contracts)
	if err != nil {
		return report, fmt.Errorf("link the landed records: %w", err)
	}
	report.Seconds = time.Since(started).Seconds()
	return report, nil
}

func refresh(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) (Report, error) {
	var report Report
	if err := Prepare(ctx, db); err != nil {
		return report, err
	}
	e, err := newEngine(ctx, db)
	if err != nil {
		return report, err
	}
	defer e.Close()
	linkable := withFirm(contracts)
	r := &linking{engine: e, contracts: linkable}
	if err := r.readRegister(ctx, contracts); err != nil {
		return report, fmt.Errorf("register: %w", err)
	}
	if err := r.perform(ctx); err != nil {
		return report, err
	}
	if err := e.linkedViews(ctx, linkable); err != nil {
		return report, err
	}
	report.Run, report.Looked = r.number, r.looked
	if report.Firms, err = e.count(ctx, "SELECT count(*) FROM entity.firm"); err != nil {
		return report, err
	}
	if report.Doubtful, err = e.count(ctx, "SELECT count(*) FROM entity.doubt WHERE writing_id NOT IN (SELECT writing_id FROM entity.decision)"); err != nil {
		return report, err
	}
	report.Linked, report.Unlinked, err = e.countRows(ctx, linkable)
	return report, err
}

// withFirm are the contracts whose rows name a firm.
func withFirm(contracts *catalog.Catalogs) []*catalog.Contract {
	var found []*catalog.Contract
	for _, c := range contracts.All() {
		if c.HasFirm() {
			found = append(found, c)
		}
	}
	return found
}

// registrationColumns are what the reference catalogues say of a firm, under the names that they use for it.
var registrationColumns = []struct {
	name, sqlType string
	alias         string
}{
	{name: "usci", sqlType: "VARCHAR"}, {name: "reg_no", sqlType: "VARCHAR"}, {name: "org_code", sqlType: "VARCHAR"}, {name: "firm_code", sqlType: "VARCHAR"},
	{name: "firm_name", sqlType: "VARCHAR"}, {name: "former_name", sqlType: "VARCHAR"}, {name: "division_code", sqlType: "VARCHAR"},
	{name: "industry_code", sqlType: "VARCHAR"}, {name: "established_on", sqlType: "DATE"}, {name: "status", sqlType: "VARCHAR"},
	{name: "closed_on", sqlType: "DATE"}, {name: "address", sqlType: "VARCHAR"},
	{name: "legal_person", sqlType: "VARCHAR", alias: "operator_name"}, {name: "legal_person_id", sqlType: "VARCHAR", alias: "operator_id"},
}

// registrationQuery selects a reference catalogue's rows in the columns that all have in common.
func registrationQuery(c *catalog.Contract) string {
	kind := "CASE WHEN firm_name LIKE '%个体%' THEN 'individual' ELSE 'enterprise' END"
	if _, ok := c.Field("operator_name"); ok {
		kind = "'individual'"
	}
	var b strings.Builder
	b.WriteString("SELECT " + kind + " AS kind, _row, _known_on, _superseded_on")
	for _, column := range registrationColumns {
		source := "NULL"
		for _, name := range []string{column.name, column.alias} {
			if _, ok := c.Field(name); ok {
				source = name
			}
		}
		fmt.Fprintf(&b, ", CAST(%s AS %s) AS %s", source, column.sqlType, column.name)
	}
	return b.String() + " FROM " + c.View()
}

// renameQuery selects the names that firms gave up, as changes of registration tell them.
func renameQuery(contracts *catalog.Catalogs) string {
	c, ok := contracts.Find("market_regulation", "registration_change")
	if !ok {
		return "SELECT NULL::VARCHAR AS usci, NULL::VARCHAR AS firm_name WHERE false"
	}
	return "SELECT DISTINCT usci, value_before AS firm_name FROM " + c.View() + " WHERE item = '名称' AND value_before IS NOT NULL"
}

// linkedViews makes linked.DEPARTMENT__CATALOGUE: the landed rows that are linked, with their firm_id. A view that has the landed rows' columns
// already stays as it is.
func (e *engine) linkedViews(ctx context.Context, linkable []*catalog.Contract) error {
	standing, err := e.list(ctx, `
		WITH shape AS (
			SELECT schema_name, table_name, string_agg(column_name || ' ' || data_type, ', ' ORDER BY column_index) FILTER (column_name <> 'firm_id') AS columns
			FROM duckdb_columns() WHERE schema_name IN ('landed', 'linked') GROUP BY ALL
		)
		SELECT k.table_name FROM shape k JOIN shape l USING (table_name, columns) WHERE k.schema_name = 'linked' AND l.schema_name = 'landed'`)
	if err != nil {
		return err
	}
	for _, c := range linkable {
		if slices.Contains(standing, c.Table()) {
			continue
		}
		err := e.run(ctx, fmt.Sprintf(`CREATE OR REPLACE VIEW linked.%[1]s AS
			SELECT r.*, k.firm_id FROM %[2]s r JOIN entity.link k ON k.catalogue = '%[1]s' AND k._identity = r._identity`, c.Table(), c.View()))
		if err != nil {
			return fmt.Errorf("view of %s: %w", c.Table(), err)
		}
	}
	return nil
}

// countRows counts the landed rows that are linked, and those that name a firm and are not. Only catalogues that hold identities without a link are
// read for it.
func (e *engine) countRows(ctx context.Context, linkable []*catalog.Contract) (linked, unlinked int64, err error) {
	var counts []string
	for _, c := range linkable {
		open, err := e.count(ctx, "SELECT count(*) FROM (SELECT 1 FROM entity.unlinked WHERE catalogue = '"+c.Table()+"' LIMIT 1)")
		if err != nil {
			return 0, 0, err
		}
		without := "0"
		if open > 0 {
			without = fmt.Sprintf("(SELECT count(*) FROM %s WHERE _identity IN (SELECT _identity FROM entity.unlinked WHERE catalogue = '%s'))", c.View(), c.Table())
		}
		counts = append(counts, fmt.Sprintf("SELECT (SELECT count(*) FROM %s) AS landed, %s AS without", c.View(), without))
	}
	err = e.conn.QueryRowContext(ctx, "SELECT CAST(sum(landed - without) AS BIGINT), CAST(sum(without) AS BIGINT) FROM ("+strings.Join(counts, "\nUNION ALL\n")+")").Scan(&linked, &unlinked)
	return linked, unlinked, err
}
