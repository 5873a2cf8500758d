package table

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the engine that reads CSV and Parquet

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// Table is a file's content. A number stands for itself (NaN where missing), a word for its place in the column's levels.
type Table struct {
	Names []string
	// Levels holds a column's words in alphabetical order; nil for a column of numbers.
	Levels [][]string
	Rows   [][]float64
	// Text holds, for the column asked for, what each row says literally.
	Text []string
}

// Read reads a file. textColumn, if not empty, is also kept literally (an identifier).
func Read(ctx context.Context, path, textColumn string) (*Table, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist; give the path of a CSV, Parquet or ARFF file", path)
	} else if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
	var t *Table
	var err error
	switch filepath.Ext(name) {
	case ".arff":
		t, err = readARFF(path, textColumn)
	case ".parquet":
		t, err = readEngine(ctx, path, "read_parquet(?)", textColumn)
	case ".csv", ".txt":
		t, err = readEngine(ctx, path, "read_csv(?, header = true, sample_size = -1, nullstr = ['', 'NA', '?', 'NULL'])", textColumn)
	default:
		return nil, fmt.Errorf("%s: the name must end in .csv, .parquet or .arff (with .gz or without) to say what the file is", path)
	}
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("%s holds no rows", path)
	}
	return t, nil
}

// Index is the place of a column, or -1.
func (t *Table) Index(name string) int { return slices.Index(t.Names, name) }

// need is Index with an error that lists what there is.
func (t *Table) need(name, flag string) (int, error) {
	at := t.Index(name)
	if at < 0 {
		shown := strings.Join(t.Names[:min(len(t.Names), 12)], ", ")
		if len(t.Names) > 12 {
			shown += ", …"
		}
		return -1, fmt.Errorf("%s: there is no column %q; the file has %s", flag, name, shown)
	}
	return at, nil
}

// Outcome reads a column as the outcome of each case: 1 bad, 0 good.
func (t *Table) Outcome(target string) ([]float64, error) {
	at, err := t.need(target, "--target")
	if err != nil {
		return nil, err
	}
	meaning := func(v float64) (float64, bool) { return v, v == 0 || v == 1 }
	if levels := t.Levels[at]; levels != nil {
		if len(levels) > 2 {
			return nil, fmt.Errorf("--target: column %q holds %d different words; it must hold 0 for good and 1 for bad", target, len(levels))
		}
		meaning = func(v float64) (float64, bool) { return outcomeWord(levels[int(v)]) }
	}
	y := make([]float64, len(t.Rows))
	for i, row := range t.Rows {
		if math.IsNaN(row[at]) {
			return nil, fmt.Errorf("--target: column %q is empty in row %d; leave out the rows whose outcome is not known", target, i+1)
		}
		v, ok := meaning(row[at])
		if !ok {
			return nil, fmt.Errorf("--target: column %q holds something other than 0 (good) and 1 (bad) in row %d", target, i+1)
		}
		y[i] = v
	}
	return y, nil
}

func outcomeWord(word string) (float64, bool) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "0", "false", "no", "n", "否", "good":
		return 0, true
	case "1", "true", "yes", "y", "是", "bad":
		return 1, true
	}
	return 0, false
}

// Sample makes a training sample of every column but the target and those left out.
func (t *Table) Sample(target string, leave []string) (scorecard.Sample, error) {
	y, err := t.Outcome(target)
	if err != nil {
		return scorecard.Sample{}, err
	}
	for _, name := range leave {
		if _, err := t.need(name, "--drop"); err != nil {
			return scorecard.Sample{}, err
		}
	}
	s := scorecard.Sample{Y: y}
	var keep []int
	for at, name := range t.Names {
		if name == target || slices.Contains(leave, name) {
			continue
		}
		keep = append(keep, at)
		s.Columns = append(s.Columns, name)
		s.Levels = append(s.Levels, t.Levels[at])
	}
	for _, row := range t.Rows {
		kept := make([]float64, len(keep))
		for n, at := range keep {
			kept[n] = row[at]
		}
		s.X = append(s.X, kept)
	}
	return s, nil
}

// RowsFor puts the table's rows into the order of a model's columns. A word that the model has not seen in training becomes
// unknown; unseen counts those values.
func (t *Table) RowsFor(c scorecard.Inputs) (rows [][]float64, unseen int, err error) {
	at := make([]int, len(c.Columns))
	code := make([][]float64, len(c.Columns))
	for n, name := range c.Columns {
		at[n] = t.Index(name)
		used := c.Reads[name]
		if at[n] < 0 {
			if used {
				return nil, 0, fmt.Errorf("the data have no column %q, which the model reads", name)
			}
			continue
		}
		levels, known := c.Levels[name], t.Levels[at[n]]
		if used && (levels == nil) != (known == nil) {
			return nil, 0, fmt.Errorf("column %q holds %s, but the model was trained on %s", name, kindWord(known), kindWord(levels))
		}
		for _, word := range known {
			code[n] = append(code[n], float64(slices.Index(levels, word)))
		}
	}
	rows = make([][]float64, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]float64, len(at))
		for n, from := range at {
			switch {
			case from < 0:
				rows[i][n] = math.NaN()
			case code[n] == nil || math.IsNaN(row[from]):
				rows[i][n] = row[from]
			default:
				rows[i][n] = code[n][int(row[from])]
				if rows[i][n] < 0 {
					unseen++
				}
			}
		}
	}
	return rows, unseen, nil
}

func kindWord(levels []string) string {
	if levels == nil {
		return "numbers"
	}
	return "words"
}

// Where tells which rows hold the value in a column.
func (t *Table) Where(column, value string) ([]bool, error) {
	at, err := t.need(column, "--split")
	if err != nil {
		return nil, err
	}
	wanted, err := strconv.ParseFloat(value, 64)
	if levels := t.Levels[at]; levels != nil {
		wanted, err = float64(slices.Index(levels, value)), nil
	}
	if err != nil {
		return nil, fmt.Errorf("--split: column %q holds numbers; give a number after the equals sign", column)
	}
	in := make([]bool, len(t.Rows))
	any := false
	for i, row := range t.Rows {
		in[i] = row[at] == wanted
		any = any || in[i]
	}
	if !any {
		return nil, fmt.Errorf("--split: no row of column %q holds that value", column)
	}
	return in, nil
}

// quote makes a column's name safe inside SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// readEngine reads through DuckDB: numbers and dates become doubles in the engine, words come as text.
func readEngine(ctx context.Context, path, from, textColumn string) (*Table, error) {
	unreadable := fmt.Errorf("%s cannot be read as a %s file; check that it is whole, has a header and the same number of fields in each row", path, filepath.Ext(strings.TrimSuffix(path, ".gz")))
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open the engine: %w", err)
	}
	defer db.Close()
	// The driver's own words are left out: they may quote the file.
	described, err := describe(ctx, db, path, from)
	if err != nil {
		return nil, unreadable
	}
	t := &Table{}
	var list []string
	for _, c := range described {
		t.Names = append(t.Names, c.name)
		list = append(list, c.expression())
	}
	if textColumn != "" {
		if _, err := t.need(textColumn, "--id"); err != nil {
			return nil, err
		}
		list = append(list, "CAST("+quote(textColumn)+" AS VARCHAR)")
	}
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+from, path)
	if err != nil {
		return nil, unreadable
	}
	defer rows.Close()
	if err := t.scan(rows, described, textColumn != ""); err != nil {
		return nil, unreadable
	}
	return t, nil
}

type described struct{ name, kind string }

func describe(ctx context.Context, db *sql.DB, path, from string) ([]described, error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+from+")", path)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []described
	for rows.Next() {
		var d described
		if err := rows.Scan(&d.name, &d.kind); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

func (d described) words() bool {
	return !strings.HasPrefix(d.kind, "DECIMAL") && !slices.Contains([]string{"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "HUGEINT", "DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP"}, d.kind)
}

func (d described) expression() string {
	switch {
	case d.words():
		return "CAST(" + quote(d.name) + " AS VARCHAR)"
	case d.kind == "DATE":
		return "CAST(" + quote(d.name) + " - DATE '1970-01-01' AS DOUBLE)"
	case d.kind == "TIMESTAMP":
		return "epoch(" + quote(d.name) + ") / 86400"
	default:
		return "CAST(" + quote(d.name) + " AS DOUBLE)"
	}
}

func (t *Table) scan(rows *sql.Rows, columns []described, text bool) error {
	numbers := make([]sql.NullFloat64, len(columns))
	words := make([]sql.NullString, len(columns))
	var literal sql.NullString
	into := make([]any, 0, len(columns)+1)
	for c := range columns {
		if columns[c].words() {
			into = append(into, &words[c])
		} else {
			into = append(into, &numbers[c])
		}
	}
	if text {
		into = append(into, &literal)
	}
	collected := newWords(len(columns))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row := make([]float64, len(columns))
		for c := range columns {
			switch {
			case columns[c].words() && words[c].Valid:
				row[c] = collected.code(c, words[c].String)
			case !columns[c].words() && numbers[c].Valid:
				row[c] = numbers[c].Float64
			default:
				row[c] = math.NaN()
			}
		}
		t.Rows = append(t.Rows, row)
		if text {
			t.Text = append(t.Text, literal.String)
		}
	}
	for c := range columns {
		if columns[c].words() {
			collected.use(c)
		}
	}
	collected.settle(t)
	return rows.Err()
}

// words gathers the different words of each column and numbers them as they come.
type words struct {
	seen []map[string]float64
	list [][]string
	used []bool
}

func newWords(columns int) *words {
	return &words{seen: make([]map[string]float64, columns), list: make([][]string, columns), used: make([]bool, columns)}
}

func (w *words) use(c int) { w.used[c] = true }

func (w *words) code(c int, word string) float64 {
	w.used[c] = true
	word = strings.TrimSpace(word)
	if w.seen[c] == nil {
		w.seen[c] = map[string]float64{}
	}
	code, known := w.seen[c][word]
	if !known {
		code = float64(len(w.list[c]))
		w.seen[c][word] = code
		w.list[c] = append(w.list[c], word)
	}
	return code
}

// settle renumbers words alphabetically, so that the order of rows does not matter, and gives the table its levels.
func (w *words) settle(t *Table) {
	t.Levels = make([][]string, len(t.Names))
	for c, list := range w.list {
		if !w.used[c] {
			continue
		}
		sorted := append([]string{}, list...)
		sort.Strings(sorted)
		t.Levels[c] = sorted
		place := make([]float64, len(list))
		for code, word := range list {
			place[code] = float64(sort.SearchStrings(sorted, word))
		}
		for _, row := range t.Rows {
			if !math.IsNaN(row[c]) {
				row[c] = place[int(row[c])]
			}
		}
	}
}

// open opens a file, unpacking it when its name ends in .gz.
func open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s is not a gzip file, though its name says so", path), f.Close())
	}
	return unpacked{z, f}, nil
}

type unpacked struct {
	io.Reader
	file *os.File
}

func (u unpacked) Close() error { return u.file.Close() }
