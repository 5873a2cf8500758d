package city

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yidaitong/yidaitong/catalogs"
)

//go:embed sql
var sqlFiles embed.FS

// life is the order in which the city comes to be; each file says what it makes from what.
var life = []string{"macros", "lists", "firm", "health", "loan", "life", "court", "book", "damage"}

// quarters are those lived when a city is made: 2022 Q1 to 2026 Q3.
const quarters = 19

// lastDelivery is the day of the last one.
func (o Options) lastDelivery() time.Time { return deliveryDay(o.quarters - 1) }

// deliveryDay is the 10th of the month after a quarter, when what happened in it is delivered.
func deliveryDay(quarter int) time.Time {
	return time.Date(2022, time.Month(4+3*quarter), 10, 0, 0, 0, 0, time.UTC)
}

// generator makes one city.
type generator struct {
	Options
	db         *sql.DB
	deliveries string
	truth      string
	parts      string      // truth about rows, one Parquet file per catalogue and run
	scratch    string      // files that still have to be brought into their encoding
	catalogues []catalogue // all but the invoices
	invoices   []catalogue
	dirty      *template.Template
	steps      int

	invoiceScale float64 // how many times the natural number of invoices there are

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

// run makes the city. Two workers share the catalogues; one of them writes the invoices, last when their number depends on the rest.
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
	if err := first.tellNews(ctx); err != nil {
		return Summary{}, err
	}
	g.done(1, "lives")
	if err := g.writeAll(ctx, first, second); err != nil {
		return Summary{}, err
	}
	s := g.summarise(first, second)
	if err := first.writeTruth(ctx, &s); err != nil {
		return Summary{}, err
	}
	if err := g.writeMade(s); err != nil {
		return Summary{}, err
	}
	g.done(1, "truth")
	return s, nil
}

// writeAll writes every delivery.
func (g *generator) writeAll(ctx context.Context, first, second *worker) error {
	waiting := make(chan catalogue, len(g.catalogues))
	for _, c := range g.catalogues {
		waiting <- c
	}
	close(waiting)
	if g.Records > 0 {
		if err := together(ctx, func(ctx context.Context) error { return first.writeCatalogues(ctx, waiting) },
			func(ctx context.Context) error { return second.writeCatalogues(ctx, waiting) }); err != nil {
			return err
		}
		return first.writeInvoices(ctx, first.records+second.records)
	}
	return together(ctx, func(ctx context.Context) error { return first.writeCatalogues(ctx, waiting) },
		func(ctx context.Context) error {
			if err := second.writeInvoices(ctx, 0); err != nil {
				return err
			}
			return second.writeCatalogues(ctx, waiting)
		})
}

// together runs two tasks at once.
func together(ctx context.Context, one, other func(context.Context) error) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return one(groupCtx) })
	group.Go(func() error { return other(groupCtx) })
	return group.Wait()
}

func (g *generator) prepare() error {
	for _, dir := range []string{g.deliveries, g.truth, g.parts, g.scratch} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make a folder for the city: %w", err)
		}
	}
	all, err := readCatalogues(catalogs.FS, g.senders(), g.Core)
	if err != nil {
		return err
	}
	for _, c := range all {
		if len(g.only) > 0 && !slices.Contains(g.only, c.id()) {
			continue
		}
		if c.invoice {
			g.invoices = append(g.invoices, c)
		} else {
			g.catalogues = append(g.catalogues, c)
		}
	}
	if g.dirty, err = template.ParseFS(sqlFiles, "sql/dirty.sql.tmpl"); err != nil {
		return fmt.Errorf("read dirty.sql.tmpl: %w", err)
	}
	g.steps = 2 + len(g.catalogues)
	if len(g.invoices) > 0 {
		g.steps += g.quarters
	}
	return nil
}

// senders are the departments that deliver; what no department keeps comes with the last of them.
func (g *generator) senders() []string {
	if g.Departments < len(departments) {
		return departments[:g.Departments]
	}
	return append(slices.Clone(departments), social)
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
	senders := map[string]bool{}
	for _, c := range slices.Concat(g.catalogues, g.invoices) {
		if c.department == social {
			s.SocialCatalogues++
			continue
		}
		senders[c.department] = true
		s.Catalogues++
	}
	s.Departments = len(senders)
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

// writeCatalogues writes all deliveries of the catalogues that wait.
func (w *worker) writeCatalogues(ctx context.Context, waiting <-chan catalogue) error {
	for c := range waiting {
		if err := w.writeCatalogue(ctx, c); err != nil {
			return err
		}
		w.done(1, c.department+"/"+c.name)
	}
	return nil
}

// writeCatalogue writes all deliveries of a catalogue.
func (w *worker) writeCatalogue(ctx context.Context, c catalogue) error {
	fields, err := w.makeDirty(ctx, c, "")
	if err != nil {
		return err
	}
	return w.writeFiles(ctx, c, fields, "all", w.lastDelivery())
}

// makeDirty makes the table dirty from the catalogue's clean rows and those of the table waiting (none when empty), and returns the fields
// that are delivered.
func (w *worker) makeDirty(ctx context.Context, c catalogue, waiting string) ([]field, error) {
	query, err := sqlFiles.ReadFile(c.query())
	if err != nil {
		return nil, fmt.Errorf("read the query of %s: %w", c.id(), err)
	}
	fields, err := w.fields(ctx, c, string(query))
	if err != nil {
		return nil, err
	}
	return fields, w.soil(ctx, c, string(query), waiting)
}

// writeInvoices writes the invoices some quarters at a time, so many of them that with the records written so far the whole comes to the
// wanted number.
func (w *worker) writeInvoices(ctx context.Context, written int64) error {
	if len(w.invoices) == 0 {
		return nil
	}
	if err := w.runFile(ctx, "sql/invoice_plan.sql"); err != nil {
		return err
	}
	natural, err := w.naturalInvoices(ctx)
	if err != nil {
		return err
	}
	w.invoiceScale = 1
	switch {
	case w.increment != nil:
		w.invoiceScale = w.increment.InvoiceScale
	case w.Records > 0:
		// One in thirty comes twice, late or as the least that a firm writes.
		w.invoiceScale = max(0.01, (float64(w.Records)-float64(written))/(natural*1.035))
	}
	if err := w.exec(ctx, "the scale of invoices", fmt.Sprintf("CREATE MACRO invoice_scale() AS %g::DOUBLE", w.invoiceScale)); err != nil {
		return err
	}
	size := w.batch(natural * w.invoiceScale)
	for first := w.firstQuarter(); first < w.quarters; first += size {
		last := min(first+size, w.quarters) - 1
		if err := w.exec(ctx, "the quarters", fmt.Sprintf("SET VARIABLE first_quarter = %d; SET VARIABLE last_quarter = %d", first, last)); err != nil {
			return err
		}
		if err := w.runFile(ctx, "sql/invoice.sql"); err != nil {
			return err
		}
		for _, c := range w.invoices {
			if err := w.writeBatch(ctx, c, first, last); err != nil {
				return err
			}
		}
		w.done(last-first+1, "invoices to "+deliveryDay(last).AddDate(0, -1, 0).Format("2006-01"))
	}
	return nil
}

// firstQuarter is the first whose records may be delivered: an increment holds the corrections of two quarters before.
func (g *generator) firstQuarter() int {
	if g.increment == nil {
		return 0
	}
	return max(0, g.quarters-3)
}

// batch is how many quarters of invoices are made at once, so that they fit into memory.
func (w *worker) batch(rows float64) int {
	return max(1, min(w.quarters, int(float64(w.batchRows*w.quarters)/rows)))
}

// writeBatch writes some deliveries of a catalogue; what comes later still waits in a table for its own delivery.
func (w *worker) writeBatch(ctx context.Context, c catalogue, first, last int) error {
	waiting := ""
	if first > w.firstQuarter() {
		waiting = c.name + "_waiting"
	}
	fields, err := w.makeDirty(ctx, c, waiting)
	if err != nil {
		return err
	}
	until := deliveryDay(last)
	keep := fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s_waiting AS FROM dirty WHERE _known_on > DATE '%s'", c.name, until.Format(time.DateOnly))
	if err := w.exec(ctx, "what waits of "+c.id(), keep); err != nil {
		return err
	}
	return w.writeFiles(ctx, c, fields, fmt.Sprintf("%02d", first), until)
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
	Since                                                                             string // where only the last delivery is wanted: the first whose corrections may come with it
	ID, Clean, Waiting, Identifier, FirmName, Order, OldNumber, MayMiss, LastDelivery string
	YearlyIn                                                                          int      // month in which a catalogue comes that comes once a year; 0 for others
	Snapshots                                                                         []string // days on which the department sends all that it holds
	Key, Invalid                                                                      []string
	Late                                                                              []correction
	Versioned, Withdrawn, Marked                                                      bool
	Damage                                                                            float64
}

// snapshots are the days on which some departments send all that they hold.
var snapshots = []string{"2024-01-10", "2026-01-10"}

// soil makes the table dirty from clean rows.
func (w *worker) soil(ctx context.Context, c catalogue, clean, waiting string) error {
	in := dirtyInput{
		ID: c.id(), Clean: clean, Waiting: waiting, Identifier: c.identifier, FirmName: c.firmName, Order: c.order, Key: c.key, Invalid: c.invalid, Late: c.late,
		Versioned: c.versioned, Withdrawn: c.withdrawn, Marked: c.marked, LastDelivery: w.lastDelivery().Format(time.DateOnly), Damage: w.Damage, OldNumber: "who_reg_no", MayMiss: fmt.Sprint(!c.fixed),
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
	if w.increment != nil {
		in.Since = deliveryDay(w.firstQuarter()).Format(time.DateOnly)
	}
	if c.whole {
		in.Snapshots = snapshots
	}
	if c.yearly && !c.core {
		in.YearlyIn = 1 + 3*w.choose(4, c.id(), "month of the year")
	}
	var text bytes.Buffer
	if err := w.dirty.Execute(&text, in); err != nil {
		return fmt.Errorf("fill in dirty.sql.tmpl for %s: %w", c.id(), err)
	}
	return w.exec(ctx, "dirty.sql.tmpl for "+c.id(), text.String())
}

// field is a column that a catalogue's clean query delivers.
type field struct {
	contractField
	kind string // DuckDB's type of what the query yields
}

// fields are the columns that a clean query delivers: some of the contract's, with all that it requires.
func (w *worker) fields(ctx context.Context, c catalogue, query string) ([]field, error) {
	rows, err := w.conn.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+query+"\n)")
	if err != nil {
		return nil, fmt.Errorf("run the query of %s: %w", c.id(), err)
	}
	defer rows.Close()
	var fields []field
	got := map[string]bool{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, fmt.Errorf("list the columns of %s: %w", c.id(), err)
		}
		got[name] = true
		if strings.HasPrefix(name, "_") {
			continue
		}
		promised, ok := c.field(name)
		if !ok {
			return nil, fmt.Errorf("city/%s yields %s, which the contract of %s does not have", c.query(), name, c.id())
		}
		fields = append(fields, field{promised, kind})
	}
	needed := []string{"_firm", "_known_on", c.order}
	for _, f := range c.contract.fields {
		if f.required || f.key > 0 || f.name == c.identifier || f.name == c.firmName {
			needed = append(needed, f.name)
		}
	}
	for _, name := range needed {
		if !got[name] {
			return nil, fmt.Errorf("city/%s does not yield %s", c.query(), name)
		}
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
