package entity

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// rulesVersion rises whenever the rules of this package change, so that links made by older rules are made again.
const rulesVersion = 2

// Report is what a linking run found.
type Report struct {
	Firms    int64   // firms in the reference
	Linked   int64   // landed rows that name a firm and are linked
	Unlinked int64   // landed rows that name a firm and are not
	Seconds  float64 // time it took
}

// Prepare makes the schemas entity and linked with their tables, where they are not there yet.
func Prepare(ctx context.Context, db *sql.DB) error {
	text, err := queries.ReadFile("sql/schema.sql")
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, string(text)); err != nil {
		return fmt.Errorf("prepare the entity tables: %w", err)
	}
	return nil
}

// Refresh brings entity.firm, entity.link and the linked views in line with what has landed. Firms keep their firm_id from run to run. An
// identity that was looked at before is looked at again only when the reference or the rules have changed.
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
	if err := e.register(ctx, contracts, linkable); err != nil {
		return report, fmt.Errorf("register: %w", err)
	}
	if err := e.linkNew(ctx, linkable); err != nil {
		return report, err
	}
	if err := e.linkedViews(ctx, linkable); err != nil {
		return report, err
	}
	if report.Firms, err = e.count(ctx, "SELECT count(*) FROM entity.firm"); err != nil {
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

// register reads the reference catalogues and, when they or the rules have changed since the last run, makes the firms anew and forgets the
// links.
func (e *engine) register(ctx context.Context, contracts *catalog.Catalogs, linkable []*catalog.Contract) error {
	var sources []string
	for _, c := range linkable {
		if c.Role == catalog.RoleReference {
			sources = append(sources, registrationQuery(c))
		}
	}
	if len(sources) == 0 {
		return fmt.Errorf("no catalogue has the role %q", catalog.RoleReference)
	}
	err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE registration AS "+strings.Join(sources, "\nUNION ALL\n")+
		";\nCREATE OR REPLACE TEMP TABLE rename AS "+renameQuery(contracts)+
		";\n"+fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE basis AS SELECT
			coalesce((SELECT bit_xor(hash(registration)) FROM registration), 0) AS registrations,
			coalesce((SELECT bit_xor(hash(rename)) FROM rename), 0) AS renames, %d AS rules`, rulesVersion))
	if err != nil {
		return err
	}
	unchanged, err := e.count(ctx, "SELECT count(*) FROM basis JOIN entity.basis USING (registrations, renames, rules)")
	if err != nil || unchanged > 0 {
		return err
	}
	if err := e.runFile(ctx, "register"); err != nil {
		return err
	}
	return e.run(ctx, `BEGIN; DELETE FROM entity.link; DELETE FROM entity.unlinked; DELETE FROM entity.basis;
		INSERT INTO entity.basis SELECT registrations, renames, rules FROM basis; COMMIT`)
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

// linkNew links the identities that were not looked at yet: each distinct set of identifiers once, whatever number of catalogues holds it.
func (e *engine) linkNew(ctx context.Context, linkable []*catalog.Contract) error {
	if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE seen AS SELECT catalogue, _identity FROM entity.link UNION ALL FROM entity.unlinked"); err != nil {
		return err
	}
	var sources []string
	for _, c := range linkable {
		sources = append(sources, identityQuery(c))
	}
	err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE identity AS SELECT *, hash(usci, reg_no, org_code, taxpayer_id, firm_code, firm_name, legal_person) AS probe_id FROM ("+
		strings.Join(sources, "\nUNION ALL\n")+")")
	if err != nil {
		return err
	}
	news, err := e.count(ctx, "SELECT count(*) FROM identity")
	if err != nil || news == 0 {
		return err
	}
	err = e.run(ctx, `
		CREATE OR REPLACE TEMP TABLE reference AS
			SELECT firm_id, usci, reg_no, org_code, firm_code, firm_name, kind, division_code, address, legal_person, legal_person_id AS person_id FROM entity.firm;
		CREATE OR REPLACE TEMP TABLE reference_name AS FROM entity.name;
		CREATE OR REPLACE TEMP TABLE probe AS
			SELECT probe_id, any_value(usci) AS usci, any_value(reg_no) AS reg_no, any_value(org_code) AS org_code, any_value(taxpayer_id) AS taxpayer_id,
				any_value(firm_code) AS firm_code, any_value(firm_name) AS firm_name, any_value(legal_person) AS legal_person, NULL::VARCHAR AS address
			FROM identity GROUP BY probe_id`)
	if err != nil {
		return err
	}
	if err := e.learn(ctx); err != nil {
		return err
	}
	if err := e.settle(ctx); err != nil {
		return err
	}
	if _, err := e.weigh(ctx, nil); err != nil {
		return err
	}
	return e.run(ctx, `BEGIN;
		INSERT INTO entity.link SELECT i.catalogue, i._identity, a.firm_id, a.rule, a.confidence FROM identity i JOIN answer a USING (probe_id) ORDER BY i.catalogue;
		INSERT INTO entity.unlinked SELECT catalogue, _identity FROM identity WHERE probe_id NOT IN (SELECT probe_id FROM answer);
		COMMIT`)
}

// identityQuery selects the distinct identities of a catalogue that were not looked at yet.
func identityQuery(c *catalog.Contract) string {
	fields := map[catalog.Identifier]string{}
	for _, f := range c.FirmIdentifiers() {
		fields[f.Identifier] = f.Name
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT '%s' AS catalogue, _identity", c.Table())
	for _, id := range []catalog.Identifier{catalog.USCI, catalog.RegNo, catalog.OrgCode, catalog.TaxpayerID, catalog.FirmCode, catalog.FirmName, catalog.LegalName} {
		if name := fields[id]; name != "" {
			fmt.Fprintf(&b, ", any_value(%s) AS %s", name, id)
		} else {
			fmt.Fprintf(&b, ", NULL::VARCHAR AS %s", id)
		}
	}
	fmt.Fprintf(&b, " FROM %s WHERE _identity IS NOT NULL AND _identity NOT IN (SELECT _identity FROM seen WHERE catalogue = '%s') GROUP BY _identity", c.View(), c.Table())
	return b.String()
}

// linkedViews makes linked.DEPARTMENT__CATALOGUE: the landed rows that are linked, with their firm_id.
func (e *engine) linkedViews(ctx context.Context, linkable []*catalog.Contract) error {
	for _, c := range linkable {
		err := e.run(ctx, fmt.Sprintf(`CREATE OR REPLACE VIEW linked.%[1]s AS
			SELECT r.*, k.firm_id FROM %[2]s r JOIN entity.link k ON k.catalogue = '%[1]s' AND k._identity = r._identity`, c.Table(), c.View()))
		if err != nil {
			return fmt.Errorf("view of %s: %w", c.Table(), err)
		}
	}
	return nil
}

// countRows counts the landed rows that are linked, and those that name a firm and are not.
func (e *engine) countRows(ctx context.Context, linkable []*catalog.Contract) (linked, unlinked int64, err error) {
	var counts []string
	for _, c := range linkable {
		counts = append(counts, fmt.Sprintf("SELECT (SELECT count(*) FROM linked.%s) AS linked, (SELECT count(*) FROM %s) AS landed", c.Table(), c.View()))
	}
	err = e.conn.QueryRowContext(ctx, "SELECT CAST(sum(linked) AS BIGINT), CAST(sum(landed - linked) AS BIGINT) FROM ("+strings.Join(counts, "\nUNION ALL\n")+")").Scan(&linked, &unlinked)
	return linked, unlinked, err
}
