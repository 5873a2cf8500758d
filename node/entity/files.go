package entity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the engine

	"github.com/yidaitong/yidaitong/node/lake"
)

// FilesReport is what matching two files found.
type FilesReport struct {
	Records int64   `json:"records"`
	Matched int64   `json:"matched"`
	Seconds float64 `json:"seconds"`
}

// matchMemoryMB is what the engine may use; what needs more goes to a temporary folder beside the result.
const matchMemoryMB = 3000

// MatchFiles links the records of one CSV file to the firms of another, with the rules that the node links by, and writes one row per record in
// the records' order: record_id, firm_id, confidence, rule; firm_id is empty where no firm is meant.
//
// The reference holds firm_id, name, usci, reg_no, address, legal_person; the records hold record_id and the same. Columns may stand in any
// order; all but the identifiers and name of the reference may be missing or empty.
func MatchFiles(ctx context.Context, referencePath, recordsPath, outPath string) (FilesReport, error) {
	started := time.Now()
	spill, err := os.MkdirTemp(filepath.Dir(outPath), ".match")
	if err != nil {
		return FilesReport{}, fmt.Errorf("match: nothing can be written to the folder of %s: name another with --out", outPath)
	}
	defer os.RemoveAll(spill)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return FilesReport{}, fmt.Errorf("match: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("SET memory_limit = '%dMB'; SET temp_directory = %s", matchMemoryMB, lake.Quote(spill))); err != nil {
		return FilesReport{}, fmt.Errorf("match: %w", err)
	}
	e, err := newEngine(ctx, db)
	if err != nil {
		return FilesReport{}, fmt.Errorf("match: %w", err)
	}
	defer e.Close()
	if err := e.readReference(ctx, referencePath); err != nil {
		return FilesReport{}, err
	}
	if err := e.readRecords(ctx, recordsPath); err != nil {
		return FilesReport{}, err
	}
	report, err := e.matchFiles(ctx, outPath)
	if err != nil {
		return FilesReport{}, fmt.Errorf("match: %w", err)
	}
	report.Seconds = time.Since(started).Seconds()
	return report, nil
}

func (e *engine) readReference(ctx context.Context, path string) error {
	column, err := e.readCSV(ctx, path, "reference_row", "firm_id", "name")
	if err != nil {
		return err
	}
	err = e.run(ctx, fmt.Sprintf(`
		CREATE TEMP TABLE reference_firm AS
			SELECT dense_rank() OVER (ORDER BY firm_id) AS id, * FROM reference_row;
		CREATE TEMP TABLE reference AS
			SELECT id AS firm_id, %[1]s AS usci, %[2]s AS reg_no, %[3]s AS org_code, NULL::VARCHAR AS firm_code, name AS firm_name,
				CASE WHEN regexp_matches(coalesce(%[1]s, ''), '^\s*92') THEN 'individual'
				     WHEN regexp_matches(coalesce(%[1]s, ''), '^\s*9[13]') OR regexp_matches(name, '公司|合作社|合伙|集团|厂$|中心$')
				     THEN 'enterprise' ELSE 'individual' END AS kind,
				NULL::VARCHAR AS division_code, %[4]s AS address, %[5]s AS legal_person, NULL::VARCHAR AS person_id
			FROM reference_firm
			QUALIFY row_number() OVER (PARTITION BY id ORDER BY line) = 1;
		CREATE TEMP TABLE reference_name AS SELECT DISTINCT id AS firm_id, name AS firm_name, false AS former FROM reference_firm WHERE name IS NOT NULL;`,
		column("usci"), column("reg_no"), column("org_code"), column("address"), column("legal_person")))
	if err != nil {
		return fmt.Errorf("match: read %s: %w", path, err)
	}
	return nil
}

func (e engine) readRecords(ctx context.Context, path string) error {
	column, err := e.readCSV(ctx, path, "record_row", "record_id")
	if err != nil {
		return err
	}
	err = e.run(ctx, fmt.Sprintf(`CREATE TEMP TABLE probe AS
		SELECT line AS probe_id, %s AS usci, %s AS reg_no, %s AS org_code, NULL::VARCHAR AS taxpayer_id, NULL::VARCHAR AS firm_code,
			%s AS firm_name, %s AS legal_person, %s AS address
		FROM record_row`,
		column("usci"), column("reg_no"), column("org_code"), column("name"), column("legal_person"), column("address")))
	if err != nil {
		return fmt.Errorf("match: read %s: %w", path, err)
	}
	return nil
}

// matchFiles links and writes; the file appears under its name only when it is complete.
func (e *engine) matchFiles(ctx context.Context, outPath string) (FilesReport, error) {
	var report FilesReport
	if err := e.learn(ctx); err != nil {
		return report, err
	}
	if err := e.settle(ctx); err != nil {
		return report, err
	}
	var seen lessons
	if err := e.pairLessons(ctx, &seen); err != nil {
		return report, fmt.Errorf("learn: %w", err)
	}
	if _, err := e.weigh(ctx, nil, seen); err != nil {
		return report, err
	}
	unfinished := outPath + ".part"
	if err := e.run(ctx, `COPY (
		SELECT r.record_id, f.firm_id, a.confidence, a.rule
		FROM record_row r
		LEFT JOIN answer a ON a.probe_id = r.line
		LEFT JOIN (SELECT DISTINCT id, firm_id FROM reference_firm) f ON f.id = a.firm_id
		ORDER BY r.line
	) TO `+lake.Quote(unfinished)+` (FORMAT csv, HEADER)`); err != nil {
		return report, errors.Join(fmt.Errorf("write %s: %w", outPath, err), removeIfThere(unfinished))
	}
	if err := os.Rename(unfinished, outPath); err != nil {
		return report, err
	}
	var err error
	if report.Records, err = e.count(ctx, "SELECT count(*) FROM record_row"); err != nil {
		return report, err
	}
	report.Matched, err = e.count(ctx, "SELECT count(*) FROM answer")
	return report, err
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// csvLine finds the place in the engine's message, whose other parts may quote the file's content.
var csvLine = regexp.MustCompile(`(?i)line:? (\d+)`)

// readCSV makes table of the file's rows as text, with their number in line, and returns how to name a column that may not be there.
func (e engine) readCSV(ctx context.Context, path, table string, required ...string) (func(string) string, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil, fmt.Errorf("match: %s cannot be read: give the path of a CSV file", path)
	}
	err := e.run(ctx, fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT row_number() OVER () AS line, * FROM read_csv(%s, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', null_padding = true)",
		table, lake.Quote(path)))
	if err != nil {
		place := ""
		if found := csvLine.FindStringSubmatch(err.Error()); found != nil {
			place = " in line " + found[1]
		}
		return nil, fmt.Errorf("match: %s is not a CSV file in UTF-8 with a head line%s; save it as one and run this again", path, place)
	}
	columns, err := e.columns(ctx, table)
	if err != nil {
		return nil, fmt.Errorf("match: read %s: %w", path, err)
	}
	for _, name := range required {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("match: %s has no column %s; its head line must name at least %s", path, name, strings.Join(required, ", "))
		}
	}
	return func(name string) string {
		if slices.Contains(columns, name) {
			return "nullif(trim(" + lake.Name(name) + "), '')"
		}
		return "NULL::VARCHAR"
	}, nil
}

func (e engine) columns(ctx context.Context, table string) ([]string, error) {
	rows, err := e.conn.QueryContext(ctx, "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
