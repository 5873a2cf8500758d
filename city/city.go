package city

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the engine that runs sql/
)

// Options say which city to make.
type Options struct {
	Out     string  // folder that receives deliveries/ and truth/; neither may exist in it yet
	Firms   int     // firms that live at some time between January 2022 and September 2026
	Records int     // wanted number of delivered rows, met by more or fewer invoices; 0 = natural volume
	Seed    int64   // the same seed gives the same content
	Damage  float64 // share of rows whose identifier is damaged or missing
	Format  string  // mixed (default), csv or parquet
	City    string  // GB/T 2260 code, default 341500 (Lu'an)

	Departments int  // how many of the 34 deliver; 0 = all
	Core        bool // only the catalogues that credit has been computed from since the first version: a small city is made in seconds

	Threads int // default: all cores

	// Progress, when not nil, is told what has just been written and how much of the work that was.
	Progress func(done, total int, what string)

	only      []string   // ids of the catalogues to write; empty: all
	batchRows int        // how many invoices are made at once
	quarters  int        // how many are lived, from the first of 2022
	increment *increment // nil: all that was ever delivered
}

// Summary is what was written.
type Summary struct {
	Firms       int   `json:"firms"`
	Records     int64 `json:"records"`
	Files       int   `json:"files"`
	Departments int   `json:"departments"`
	Catalogues  int   `json:"catalogues"`

	SocialCatalogues int `json:"social_catalogues"` // what no department keeps, beside those counted above

	Damaged int64   `json:"damaged"`
	Invalid int64   `json:"invalid"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

// MaxFirms is how many firms the identifiers made here can tell apart.
const MaxFirms = 5_000_000

// Generate writes a city. Either all of it is there afterwards or nothing: it is made in a temporary folder inside Out and
// moved into place at the end.
func Generate(ctx context.Context, o Options) (Summary, error) {
	began := time.Now()
	o = withDefaults(o)
	if err := o.check(); err != nil {
		return Summary{}, err
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return Summary{}, fmt.Errorf("make the folder for the city: %w", err)
	}
	work, err := os.MkdirTemp(o.Out, ".city-")
	if err != nil {
		return Summary{}, fmt.Errorf("make a temporary folder in %s: %w", o.Out, err)
	}
	defer os.RemoveAll(work)

	summary, err := generateIn(ctx, o, work)
	if err != nil {
		return Summary{}, err
	}
	// The deliveries come last: who finds them finds the truth as well.
	for _, name := range []string{"truth", "deliveries"} {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(o.Out, name)); err != nil {
			return Summary{}, fmt.Errorf("move the finished city into place: %w", err)
		}
	}
	summary.Seconds = time.Since(began).Seconds()
	return summary, nil
}

func withDefaults(o Options) Options {
	if o.City == "" {
		o.City = "341500"
	}
	if o.Format == "" {
		o.Format = "mixed"
	}
	if o.Departments == 0 {
		o.Departments = len(departments)
	}
	if o.quarters == 0 {
		o.quarters = quarters
	}
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.batchRows == 0 {
		o.batchRows = 400_000
	}
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	return o
}

// cities are the codes that sql/lists.sql has counties for.
var cities = []string{"341500", "341200"}

func (o Options) check() error {
	known := false
	for _, c := range cities {
		known = known || c == o.City
	}
	switch {
	case o.Out == "":
		return errors.New("no folder named for the city: say where to write it")
	case o.Firms < 20 || o.Firms > MaxFirms:
		return fmt.Errorf("a city has 20 to %d firms, not %d", MaxFirms, o.Firms)
	case o.Departments < 1 || o.Departments > len(departments):
		return fmt.Errorf("a city has 1 to %d departments, not %d", len(departments), o.Departments)
	case o.Records < 0:
		return fmt.Errorf("the number of records cannot be %d; give 0 for a natural volume", o.Records)
	case !(o.Damage >= 0 && o.Damage <= 0.9):
		return fmt.Errorf("damage is a share from 0 to 0.9, not %g", o.Damage)
	case o.Format != "mixed" && o.Format != "csv" && o.Format != "parquet":
		return fmt.Errorf("format %q is unknown; it is one of mixed, csv, parquet", o.Format)
	case !known:
		return fmt.Errorf("city %q is unknown; known are %v", o.City, cities)
	}
	for _, name := range []string{"deliveries", "truth"} {
		path := filepath.Join(o.Out, name)
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("%s is there already; name an empty folder or remove it first", path)
		}
	}
	return nil
}

// generateIn makes the city's files under work.
func generateIn(ctx context.Context, o Options, work string) (Summary, error) {
	db, err := openEngine(ctx, o, work)
	if err != nil {
		return Summary{}, err
	}
	defer db.Close()
	g := &generator{
		Options:    o,
		db:         db,
		deliveries: filepath.Join(work, "deliveries"),
		truth:      filepath.Join(work, "truth"),
		parts:      filepath.Join(work, "parts"),
		scratch:    filepath.Join(work, "scratch"),
	}
	return g.run(ctx)
}

// openEngine opens DuckDB in memory; what does not fit spills into work.
func openEngine(ctx context.Context, o Options, work string) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	share := 1.0
	if o.increment != nil {
		share = o.increment.share
	}
	// DuckDB 1.5.6 fails with an internal error when it takes a QUALIFY for the first of each group apart.
	settings := fmt.Sprintf(`SET disabled_optimizers = 'top_n_window_elimination'; SET threads = %d; SET memory_limit = '%d MB'; SET temp_directory = %s;
		CREATE MACRO seed() AS %d::BIGINT; CREATE MACRO firms() AS %d::BIGINT; CREATE MACRO city() AS '%s'; CREATE MACRO damage() AS %g::DOUBLE;
		CREATE MACRO last_month() AS %d; CREATE MACRO increment_share() AS %g::DOUBLE;`,
		o.Threads, 700+o.Firms/50, quoted(filepath.Join(work, "spill")), o.Seed, o.Firms, o.City, o.Damage, 3*o.quarters-1, share)
	if _, err := db.ExecContext(ctx, settings); err != nil {
		return nil, errors.Join(fmt.Errorf("set up DuckDB: %w", err), db.Close())
	}
	return db, nil
}
