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
	"sync"
	"text/template"
	"time"

	"golang.org/x/sync/errgroup"
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
	steps      int

	mu        sync.Mutex // guards what follows
	stepsDone int
}

// worker writes catalogues on a connection of its own: its temporary tables (clean, dirty, sale, ...) are nobody else's.
type worker struct {
	*generator
	conn    *sql.Conn
	files   int
	records int64
	bytes   int64
}

func (g *generator) newWorker(ctx context.Context) (*worker, error) {
	conn, err := g.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to DuckDB: %w", err)
	}
	return &worker{generator: g, conn: conn}, nil
}

// run makes the city. Two workers write at once, the invoices and all else, unless the number of invoices depends on the rest.
func (g *generator) run(ctx context.Context) (Summary, error) {
	if err := g.prepare(); err != nil {
		return Summary{}, err
	}
	first, err := g.newWorker(ctx)
	if err != nil {
		return Summary{}, err
	}
	defer first.conn.Close()
	second, err := g.newWorker(ctx)
	if err != nil {
		return Summary{}, err
	}
	defer second.conn.Close()
	for _, name := range life {
		if err := first.runFile(ctx, "sql/"+name+".sql"); err != nil {
			return Summary{}, err
		}
	}
	g.done(1, "lives")
	group, groupCtx := errgroup.WithContext(ctx)
	if g.Records > 0 {
		group.SetLimit(1)
	}
	group.Go(func() error { return first.writeCatalogues(groupCtx) })
	group.Go(func() error { return second.writeInvoices(groupCtx, first) })
	if err := group.Wait(); err != nil {
		return Summary{}, err
	}
	s := g.summarise(first, second)
	if err := first.writeTruth(ctx, &s); err != nil {
		return Summary{}, err
	}
	g.done(1, "truth")
	return s, nil
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

func (g *generator) done(steps int, what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stepsDone += steps
	g.Progress(g.stepsDone, g.steps, what)
}

func (g *generator) summarise(workers ...*worker) Summary {
	s := Summary{Firms: g.Firms}
	for _, w := range workers {
		s.Files += w.files
		s.Records += w.records
		s.Bytes += w.bytes
	}
	departments := map[string]bool{}
	for _, c := range slices.Concat(catalogues, invoices) {
		departments[c.department] = true
		s.Catalogues++
	}
	s.Departments = len(departments)
	return s
}

func (w *worker) runFile(ctx context.Context, path string) error {
	text, err := sqlFiles.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return w.exec(ctx, path, string(text))
}

// exec runs statements; name says in an error whose they are.
func (w *worker) exec(ctx context.Context, name, text string) error {
	if _, err := w.conn.ExecContext(ctx, text); err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	return nil
}

// writeCatalogue writes all deliveries of a catalogue.
func (w *worker) writeCatalogue(ctx context.Context, c catalogue) error {
	fields, err := w.makeDirty(ctx, c)
	if err != nil {
		return err
	}
	return w.writeFiles(ctx, c, fields, "all")
}

// makeDirty makes the table dirty from the catalogue's clean rows, and returns the fields that are delivered.
func (w *worker) makeDirty(ctx context.Context, c catalogue) ([]field, error) {
	query, err := sqlFiles.ReadFile("sql/clean/" + c.id() + ".sql")
	if err != nil {
		return nil, fmt.Errorf("read the query of %s: %w", c.id(), err)
	}
	if err := w.exec(ctx, c.id(), "CREATE OR REPLACE TEMP TABLE clean AS\n"+string(query)); err != nil {
		return nil, err
	}
	fields, err := w.fields(ctx, c)
	if err != nil {
		return nil, err
	}
	return fields, w.soil(ctx, c)
}

func (w *worker) writeCatalogues(ctx context.Context) error {
	for _, c := range catalogues {
		if err := w.writeCatalogue(ctx, c); err != nil {
			return err
		}
		w.done(1, c.department+"/"+c.name)
	}
	return nil
}

// writeInvoices writes the invoices quarter by quarter, so many of them that with what the other worker wrote the whole comes to the
// wanted number of records.
func (w *worker) writeInvoices(ctx context.Context, other *worker) error {
	if err := w.runFile(ctx, "sql/invoice_plan.sql"); err != nil {
		return err
	}
	natural, err := w.naturalInvoices(ctx)
	if err != nil {
		return err
	}
	scale := 1.0
	if w.Records > 0 {
		// One in thirty comes twice, late or as the least that a firm writes.
		scale = max(0.01, (float64(w.Records)-float64(other.records))/(natural*1.035))
	}
	if err := w.exec(ctx, "the scale of invoices", fmt.Sprintf("CREATE MACRO invoice_scale() AS %g::DOUBLE", scale)); err != nil {
		return err
	}
	size := w.batch(natural * scale)
	for first := 0; first < quarters; first += size {
		last := min(first+size, quarters) - 1
		if err := w.exec(ctx, "the quarters", fmt.Sprintf("SET VARIABLE first_quarter = %d; SET VARIABLE last_quarter = %d", first, last)); err != nil {
			return err
		}
		if err := w.runFile(ctx, "sql/invoice.sql"); err != nil {
			return err
		}
		for _, c := range invoices {
			if err := w.writeBatch(ctx, c, first, last); err != nil {
				return err
			}
		}
		w.done(last-first+1, "invoices to "+deliveryDay(last).AddDate(0, -1, 0).Format("2006-01"))
	}
	return nil
}

// batch is how many quarters of invoices are made at once, so that they fit into memory.
func (w *worker) batch(rows float64) int {
	return max(1, min(quarters, int(float64(w.batchRows)*quarters/rows)))
}

// writeBatch writes some deliveries of a catalogue; what comes later still waits in a table for its own delivery.
func (w *worker) writeBatch(ctx context.Context, c catalogue, first, last int) error {
	fields, err := w.makeDirty(ctx, c)
	if err != nil {
		return err
	}
	if last-first+1 < quarters {
		create := "CREATE OR REPLACE TEMP TABLE late AS FROM dirty WHERE false;"
		if first > 0 {
			create = fmt.Sprintf("CREATE OR REPLACE TEMP TABLE late AS FROM %s_waiting;", c.name)
		}
		step := fmt.Sprintf(`%s
			INSERT INTO late FROM dirty;
			CREATE OR REPLACE TEMP TABLE %s_waiting AS FROM late WHERE _known_on > DATE '%s';
			CREATE OR REPLACE TEMP TABLE dirty AS
			SELECT * REPLACE (row_number() OVER (PARTITION BY _known_on ORDER BY %s, _key, _copy) AS _row) FROM late WHERE _known_on <= DATE '%s';
			DROP TABLE late;`, create, c.name, deliveryDay(last).Format(time.DateOnly), c.order, deliveryDay(last).Format(time.DateOnly))
		if err := w.exec(ctx, "late rows of "+c.id(), step); err != nil {
			return err
		}
	}
	return w.writeFiles(ctx, c, fields, fmt.Sprintf("%02d", first))
}

// naturalInvoices is how many invoices the city writes when nobody asks for a number of records.
func (w *worker) naturalInvoices(ctx context.Context) (float64, error) {
	var n float64
	// Invoices to customers in the city are seen from both sides.
	err := w.conn.QueryRowContext(ctx, `SELECT (sum(round(issued * 1000)::BIGINT) + sum(round(received * outside_share * 1000)::BIGINT)
		+ sum(round(CASE WHEN EXISTS (FROM customer WHERE seller = firm) THEN issued * city_share ELSE 0 END * 1000)::BIGINT)) / 1000.0 FROM invoice_plan`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the natural number of invoices: %w", err)
	}
	return n, nil
}

// dirtyInput fills in dirty.sql.tmpl.
type dirtyInput struct {
	ID, Identifier, Order, OldNumber, MayMiss, LastDelivery string
	Key, Invalid                                            []string
	Late                                                    []correction
	Versioned                                               bool
	Damage                                                  float64
}

type correction struct{ Field, Value string }

// soil makes the table dirty from the table clean.
func (w *worker) soil(ctx context.Context, c catalogue) error {
	in := dirtyInput{
		ID: c.id(), Identifier: c.identifier, Order: c.order, Key: c.key, Invalid: c.invalid, Versioned: c.versioned,
		LastDelivery: lastDelivery.Format(time.DateOnly), Damage: w.Damage, OldNumber: "who_reg_no", MayMiss: fmt.Sprint(!c.fixed),
	}
	switch c.department {
	case "tax":
		in.OldNumber = "who_old_tax_no"
	case "housing_fund":
		in.OldNumber = "who_org_code"
	}
	if c.reference {
		in.Damage = 0
	}
	for _, field := range slices.Sorted(maps.Keys(c.late)) {
		in.Late = append(in.Late, correction{field, c.late[field]})
	}
	var text bytes.Buffer
	if err := w.dirty.Execute(&text, in); err != nil {
		return fmt.Errorf("fill in dirty.sql.tmpl for %s: %w", c.id(), err)
	}
	return w.exec(ctx, "dirty.sql.tmpl for "+c.id(), text.String())
}

// field is a column of a clean query.
type field struct {
	name string
	kind string // DuckDB's type
}

// fields are the columns of the table clean that are delivered.
func (w *worker) fields(ctx context.Context, c catalogue) ([]field, error) {
	rows, err := w.conn.QueryContext(ctx, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'clean' ORDER BY column_index")
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
		if w.titles[c.id()][f.name] == nil {
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
func (w *worker) writeTruth(ctx context.Context, s *Summary) error {
	text, err := sqlFiles.ReadFile("sql/truth.sql.tmpl")
	if err != nil {
		return fmt.Errorf("read truth.sql.tmpl: %w", err)
	}
	filled := strings.NewReplacer("{{truth}}", escaped(w.truth), "{{parts}}", escaped(w.parts)).Replace(string(text))
	if err := w.exec(ctx, "truth.sql.tmpl", filled); err != nil {
		return err
	}
	err = w.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT count(damage), (SELECT count(*) FROM %s) FROM %s",
		quoted(filepath.Join(w.truth, "invalid.parquet")), quoted(filepath.Join(w.truth, "record.parquet")))).Scan(&s.Damaged, &s.Invalid)
	if err != nil {
		return fmt.Errorf("count the damaged rows: %w", err)
	}
	return nil
}
