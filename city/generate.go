package city

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

//go:embed sql
var sqlFiles embed.FS

// life is the order in which the city comes to be; each file says what it makes from what.
var life = []string{"macros", "lists", "firm", "health", "loan", "life", "court", "book", "damage"}

// quarters are those lived: 2022 Q1 to 2026 Q3. What happened in one is delivered on the 10th of the month after it.
const quarters = 19

var lastDelivery = deliveryDay(quarters - 1)

func deliveryDay(quarter int) time.Time {
	return time.Date(2022, time.Month(4+3*quarter), 10, 0, 0, 0, 0, time.UTC)
}

// generator makes one city.
type generator struct {
	Options
	db         *sql.DB
	deliveries string
	truth      string
	parts      string // truth about rows, one Parquet file per catalogue and run
	scratch    string // files that still have to be brought into their encoding
	titles     titles
	dirty      *template.Template
	summary    Summary
	steps      int
	stepsDone  int
}

func (g *generator) run(ctx context.Context) error {
	if err := g.prepare(); err != nil {
		return err
	}
	for _, name := range life {
		if err := g.runFile(ctx, "sql/"+name+".sql"); err != nil {
			return err
		}
	}
	g.done("lives")
	for _, c := range catalogues {
		if err := g.writeCatalogue(ctx, c); err != nil {
			return err
		}
		g.done(c.department + "/" + c.name)
	}
	if err := g.writeInvoices(ctx); err != nil {
		return err
	}
	if err := g.writeTruth(ctx); err != nil {
		return err
	}
	g.done("truth")
	g.count()
	return nil
}

func (g *generator) prepare() error {
	for _, dir := range []string{g.deliveries, g.truth, g.parts, g.scratch} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make a folder for the city: %w", err)
		}
	}
	var err error
	if g.titles, err = readTitles(headersTSV); err != nil {
		return err
	}
	if g.dirty, err = template.ParseFS(sqlFiles, "sql/dirty.sql.tmpl"); err != nil {
		return fmt.Errorf("read dirty.sql.tmpl: %w", err)
	}
	g.steps = 2 + len(catalogues) + quarters
	return nil
}

func (g *generator) done(what string) {
	g.stepsDone++
	g.Progress(g.stepsDone, g.steps, what)
}

// count fills in what only the whole tells.
func (g *generator) count() {
	departments := map[string]bool{}
	for _, c := range append(slices.Clone(catalogues), invoices...) {
		departments[c.department] = true
		g.summary.Catalogues++
	}
	g.summary.Departments = len(departments)
	g.summary.Firms = g.Firms
}

func (g *generator) runFile(ctx context.Context, path string) error {
	text, err := sqlFiles.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return g.exec(ctx, path, string(text))
}

// exec runs statements; name says in an error whose they are.
func (g *generator) exec(ctx context.Context, name, text string) error {
	if _, err := g.db.ExecContext(ctx, text); err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	return nil
}

func cleanQuery(c catalogue) (string, error) {
	text, err := sqlFiles.ReadFile("sql/clean/" + c.id() + ".sql")
	if err != nil {
		return "", fmt.Errorf("read the query of %s: %w", c.id(), err)
	}
	return string(text), nil
}

// writeCatalogue writes all deliveries of a catalogue.
func (g *generator) writeCatalogue(ctx context.Context, c catalogue) error {
	query, err := cleanQuery(c)
	if err != nil {
		return err
	}
	if err := g.exec(ctx, c.id(), "CREATE OR REPLACE TEMP TABLE clean AS\n"+query); err != nil {
		return err
	}
	fields, err := g.fields(ctx, c)
	if err != nil {
		return err
	}
	if err := g.soil(ctx, c, "clean"); err != nil {
		return err
	}
	return g.writeFiles(ctx, c, fields, "all")
}

// writeInvoices writes the invoices quarter by quarter, so many of them that the whole comes to the wanted number of records.
func (g *generator) writeInvoices(ctx context.Context) error {
	if err := g.runFile(ctx, "sql/invoice_plan.sql"); err != nil {
		return err
	}
	scale, err := g.invoiceScale(ctx)
	if err != nil {
		return err
	}
	if err := g.exec(ctx, "the scale of invoices", fmt.Sprintf("CREATE MACRO invoice_scale() AS %g::DOUBLE", scale)); err != nil {
		return err
	}
	for q := range quarters {
		if err := g.exec(ctx, "the quarter", fmt.Sprintf("SET VARIABLE quarter = %d", q)); err != nil {
			return err
		}
		if err := g.runFile(ctx, "sql/invoice_quarter.sql"); err != nil {
			return err
		}
		for _, c := range invoices {
			if err := g.writeQuarter(ctx, c, q); err != nil {
				return err
			}
		}
		g.done("invoices of " + deliveryDay(q).AddDate(0, -1, -9).Format("2006-01"))
	}
	return nil
}

// writeQuarter writes one delivery of a catalogue; what comes late waits in a table for its own delivery.
func (g *generator) writeQuarter(ctx context.Context, c catalogue, quarter int) error {
	query, err := cleanQuery(c)
	if err != nil {
		return err
	}
	if err := g.exec(ctx, c.id(), "CREATE OR REPLACE TEMP TABLE clean AS\n"+query); err != nil {
		return err
	}
	fields, err := g.fields(ctx, c)
	if err != nil {
		return err
	}
	if err := g.soil(ctx, c, "clean"); err != nil {
		return err
	}
	day := deliveryDay(quarter).Format(time.DateOnly)
	waiting := c.name + "_waiting"
	create := "INSERT INTO " + waiting + " FROM dirty"
	if quarter == 0 {
		create = "CREATE TEMP TABLE " + waiting + " AS FROM dirty"
	}
	step := fmt.Sprintf(`%s WHERE _known_on > DATE '%s';
		DELETE FROM dirty WHERE _known_on > DATE '%s';
		INSERT INTO dirty SELECT * REPLACE (_row + (SELECT count(*) FROM dirty) AS _row)
		FROM (SELECT * REPLACE (row_number() OVER (ORDER BY %s, _key) AS _row) FROM %s WHERE _known_on = DATE '%s');
		DELETE FROM %s WHERE _known_on = DATE '%s';`, create, day, day, c.order, waiting, day, waiting, day)
	if err := g.exec(ctx, "late rows of "+c.id(), step); err != nil {
		return err
	}
	return g.writeFiles(ctx, c, fields, fmt.Sprintf("%02d", quarter))
}

// invoiceScale is the factor on the natural number of invoices that brings the whole to the wanted number of records.
func (g *generator) invoiceScale(ctx context.Context) (float64, error) {
	if g.Records == 0 {
		return 1, nil
	}
	// Invoices to customers in the city are seen from both sides.
	var natural float64
	err := g.db.QueryRowContext(ctx, `SELECT sum(round(issued * 1000)::BIGINT) / 1000.0 + sum(round(received * outside_share * 1000)::BIGINT) / 1000.0
		+ sum(round(CASE WHEN EXISTS (FROM customer WHERE seller = firm) THEN issued * city_share ELSE 0 END * 1000)::BIGINT) / 1000.0 FROM invoice_plan`).Scan(&natural)
	if err != nil {
		return 0, fmt.Errorf("count the natural number of invoices: %w", err)
	}
	wanted := float64(g.Records) - float64(g.summary.Records)
	return max(0.01, wanted/(natural*1.035)), nil
}

// dirtyInput fills in dirty.sql.tmpl.
type dirtyInput struct {
	ID, From, Identifier, Order, OldNumber, MayMiss, LastDelivery string
	Key, Invalid                                                  []string
	Late                                                          []correction
	Versioned                                                     bool
	Damage                                                        float64
}

type correction struct{ Field, Value string }

// soil makes the table dirty from the clean rows in the table from.
func (g *generator) soil(ctx context.Context, c catalogue, from string) error {
	in := dirtyInput{
		ID: c.id(), From: from, Identifier: c.identifier, Order: c.order, Key: c.key, Invalid: c.invalid, Versioned: c.versioned,
		LastDelivery: lastDelivery.Format(time.DateOnly), Damage: g.Damage, OldNumber: "who_reg_no", MayMiss: fmt.Sprint(!c.fixed),
	}
	switch {
	case c.department == "tax":
		in.OldNumber = "who_old_tax_no"
	case c.department == "housing_fund":
		in.OldNumber = "who_org_code"
	}
	if c.reference {
		in.Damage, in.OldNumber = 0, "who_reg_no"
	}
	for _, field := range slices.Sorted(maps.Keys(c.late)) {
		in.Late = append(in.Late, correction{field, c.late[field]})
	}
	var text bytes.Buffer
	if err := g.dirty.Execute(&text, in); err != nil {
		return fmt.Errorf("fill in dirty.sql.tmpl for %s: %w", c.id(), err)
	}
	return g.exec(ctx, "dirty.sql.tmpl for "+c.id(), text.String())
}

// field is a column of a clean query.
type field struct {
	name string
	kind string // DuckDB's type
}

// fields are the columns of the table clean that are delivered.
func (g *generator) fields(ctx context.Context, c catalogue) ([]field, error) {
	rows, err := g.db.QueryContext(ctx, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'clean' ORDER BY column_index")
	if err != nil {
		return nil, fmt.Errorf("list the columns of %s: %w", c.id(), err)
	}
	defer rows.Close()
	var fields []field
	for rows.Next() {
		var f field
		if err := rows.Scan(&f.name, &f.kind); err != nil {
			return nil, fmt.Errorf("list the columns of %s: %w", c.id(), err)
		}
		if strings.HasPrefix(f.name, "_") {
			continue
		}
		if g.titles[c.id()][f.name] == nil {
			return nil, fmt.Errorf("headers.tsv has no title for %s.%s", c.id(), f.name)
		}
		fields = append(fields, f)
	}
	return fields, rows.Err()
}

// choose picks one of n by the seed and what it is for.
func (g *generator) choose(n int, purpose ...string) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d", g.Seed)
	for _, p := range purpose {
		fmt.Fprintf(h, "\x00%s", p)
	}
	return int((h.Sum64() >> 17) % uint64(n))
}

// writeTruth writes what only the city knows.
func (g *generator) writeTruth(ctx context.Context) error {
	text, err := sqlFiles.ReadFile("sql/truth.sql.tmpl")
	if err != nil {
		return fmt.Errorf("read truth.sql.tmpl: %w", err)
	}
	filled := strings.NewReplacer("{{truth}}", escaped(g.truth), "{{parts}}", escaped(g.parts)).Replace(string(text))
	if err := g.exec(ctx, "truth.sql.tmpl", filled); err != nil {
		return err
	}
	err = g.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(damage), (SELECT count(*) FROM %s) FROM %s",
		quoted(filepath.Join(g.truth, "invalid.parquet")), quoted(filepath.Join(g.truth, "record.parquet")))).Scan(&g.summary.Damaged, &g.summary.Invalid)
	if err != nil {
		return fmt.Errorf("count the damaged rows: %w", err)
	}
	return nil
}
