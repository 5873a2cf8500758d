package delivery

import (
	"context"
	"fmt"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// Beside the rows the lake keeps, for every catalogue that names firms, the table landed_identity.DEPARTMENT__CATALOGUE: one row per different set
// of firm identifiers that ever landed in it, as _identity, the identifiers' fields, and _delivery_no, the number of the first delivery of the
// batch in which it was first seen. Firms are few against rows, and whose a row is depends on nothing else.

// identityTable is the name of a catalogue's table of identities.
func identityTable(c *catalog.Contract) string { return "landed_identity." + c.Table() }

// makeIdentityTable makes the table with the columns that the contract has now.
func makeIdentityTable(c *catalog.Contract) string {
	columns := []string{"_identity UBIGINT NOT NULL", "_delivery_no BIGINT NOT NULL"}
	later := ""
	for _, name := range firmNames(c) {
		columns = append(columns, name+" VARCHAR")
		later += fmt.Sprintf(";\nALTER TABLE %s ADD COLUMN IF NOT EXISTS %s VARCHAR", identityTable(c), name)
	}
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)%s", identityTable(c), strings.Join(columns, ", "), later)
}

// keepIdentities adds the batch's new identities, from the temporary table that identitiesSQL makes.
func keepIdentities(c *catalog.Contract, number int64) string {
	names := strings.Join(firmNames(c), ", ")
	return fmt.Sprintf("INSERT INTO %s (_identity, _delivery_no, %s) SELECT _identity, %d, %s FROM identities AS i WHERE NOT EXISTS (SELECT 1 FROM %s AS k WHERE k._identity = i._identity)",
		identityTable(c), names, number, names, identityTable(c))
}

// fillIdentityTables makes the tables of catalogues whose rows landed before there were such tables.
func fillIdentityTables(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, all map[string]*state) error {
	rows, err := l.DB().QueryContext(ctx, `SELECT table_name FROM duckdb_tables() WHERE schema_name = 'landed_identity'`)
	if err != nil {
		return fmt.Errorf("look for the tables of identities: %w", err)
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("look for the tables of identities: %w", err)
		}
		there[name] = true
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for the tables of identities: %w", err)
	}
	for _, c := range contracts.All() {
		its := all[c.Table()]
		if its == nil || len(its.segments) == 0 || !c.HasFirm() || there[c.Table()] {
			continue
		}
		if err := fillIdentityTable(ctx, l, c, its); err != nil {
			return err
		}
	}
	return nil
}

func fillIdentityTable(ctx context.Context, l *lake.Lake, c *catalog.Contract, its *state) error {
	var values []string
	for _, name := range firmNames(c) {
		values = append(values, "any_value("+name+")")
	}
	statement := fmt.Sprintf("BEGIN;\n%s;\nINSERT INTO %s (_identity, _delivery_no, %s) SELECT _identity, min(_id // 4294967296), %s FROM %s GROUP BY _identity;\nCOMMIT",
		makeIdentityTable(c), identityTable(c), strings.Join(firmNames(c), ", "), strings.Join(values, ", "), landedSQL(c, l.Dir(), its.segments, ""))
	if _, err := l.DB().ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("make the table of identities of %s: %w", c.View(), err)
	}
	return nil
}
