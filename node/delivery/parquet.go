package delivery

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// prepareParquet copies a Parquet file as text, so that its cells pass the same rules as everyone's.
func (s *source) prepareParquet(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	path, err := s.onDisk(temp)
	if err != nil {
		return err
	}
	columns, err := s.findParquetColumns(ctx, db, all, known, path)
	if err != nil {
		return err
	}
	s.delim, s.readPath = ',', filepath.Join(temp, strconv.FormatInt(s.number, 10)+".csv")
	// Rows that are too long are rare, and looking for them costs as much as reading: it is done only when there is one.
	s.received, err = s.copyParquet(ctx, db, path, columns, "error("+lake.Quote(longCell)+")", maxRecord/max(len(columns), 1))
	if err != nil && strings.Contains(err.Error(), longCell) {
		s.received, err = s.copyParquetWithout(ctx, db, path, columns)
	}
	if err != nil {
		return parquetFailure(ctx, err)
	}
	return removeTemp(path, s)
}

// longCell marks the engine's error that a cell is too long.
const longCell = "a cell is too long for a row"

// copyParquet writes the rows as text; a cell of more than longest bytes, or with a zero byte in it, becomes what instead says.
func (s *source) copyParquet(ctx context.Context, db *sql.DB, path string, columns []parquetColumn, instead string, longest int) (int64, error) {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.text()
		if c.isText() {
			cells[i] = fmt.Sprintf("CASE WHEN strlen(%s) > %d OR contains(%s, chr(0)) THEN %s ELSE trim(%s, %s) END", cells[i], longest, cells[i], instead, cells[i], lake.Quote(blanks))
		}
	}
	statement := fmt.Sprintf(`COPY (SELECT file_row_number + 1, %s FROM read_parquet(%s, file_row_number = true)) TO %s (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"')`,
		strings.Join(cells, ", "), lake.Path(path), lake.Quote(s.readPath))
	written, err := db.ExecContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	return written.RowsAffected()
}

// copyParquetWithout is copyParquet for a file that has rows which cannot be kept: they are set aside.
func (s *source) copyParquetWithout(ctx context.Context, db *sql.DB, path string, columns []parquetColumn) (int64, error) {
	s.rejects = strings.TrimSuffix(s.readPath, ".csv") + ".rejects.csv"
	var long, broken []string
	longest := maxRecord / max(len(columns), 1)
	for _, c := range columns {
		if c.isText() {
			long = append(long, fmt.Sprintf("coalesce(strlen(%s) > %d, false)", c.text(), longest))
			broken = append(broken, fmt.Sprintf("coalesce(contains(%s, chr(0)), false)", c.text()))
		}
	}
	isLong, isBroken := strings.Join(long, " OR "), strings.Join(broken, " OR ")
	statement := fmt.Sprintf(`COPY (SELECT file_row_number + 1, CASE WHEN %s THEN %s ELSE %s END, '' FROM read_parquet(%s, file_row_number = true) WHERE %s OR %s) TO %s (FORMAT csv, HEADER false)`,
		isBroken, lake.Quote(ruleEncoding), lake.Quote(ruleTooLong), lake.Path(path), isLong, isBroken, lake.Quote(s.rejects))
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return 0, err
	}
	return s.copyParquet(ctx, db, path, columns, "NULL", longest)
}

// parquetColumn is a column of a Parquet file and its type in the engine.
type parquetColumn struct{ name, kind string }

func columnNames(columns []parquetColumn) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

func (c parquetColumn) text() string { return lake.Name(c.name) + "::VARCHAR" }

// isText reports whether a column's values can be anything; numbers, days and times are short and have no blanks around them.
func (c parquetColumn) isText() bool {
	kind, _, _ := strings.Cut(c.kind, "(")
	switch kind {
	case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		return false
	}
	return kind != "DECIMAL" || strings.HasSuffix(c.kind, "]")
}

// findParquetTable finds the catalogue by the file's columns.
func (s *source) findParquetTable(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	path, err := s.onDisk(temp)
	if err != nil {
		return err
	}
	_, err = s.findParquetColumns(ctx, db, all, known, path)
	return err
}

// findParquetColumns relates the file's columns to a catalogue and returns those that mean something; the layout is theirs.
func (s *source) findParquetColumns(ctx context.Context, db *sql.DB, catalogs *catalog.Catalogs, known *catalog.Contract, path string) ([]parquetColumn, error) {
	if err := checkFooter(path); err != nil {
		return nil, err
	}
	all, err := parquetColumns(ctx, db, path)
	if err != nil {
		return nil, err
	}
	if err := checkParquetRows(ctx, db, path); err != nil {
		return nil, err
	}
	if s.table, err = findTable(s.candidates(catalogs), known, [][]string{columnNames(all)}); err != nil {
		return nil, s.placed(err)
	}
	s.contract, s.layout, s.table.headerRows = s.table.contract, nil, 0
	var meant []parquetColumn
	for i, field := range s.table.columns {
		if field != -1 {
			meant, s.layout = append(meant, all[i]), append(s.layout, field)
		}
	}
	return meant, nil
}

// maxFooter is how many bytes the description of a Parquet file may have; that of a hundred columns and a thousand row groups has some ten million.
const maxFooter = 32 << 20

// checkFooter looks at a Parquet file's end before the engine allocates what it promises.
func checkFooter(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return refuse(whyUnreadable, pathProblem(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return refuse(whyUnreadable, pathProblem(err))
	}
	var end [8]byte
	if _, err := f.ReadAt(end[:], max(0, info.Size()-8)); err != nil || string(end[4:]) != "PAR1" {
		return refuse(whyParquet)
	}
	if length := int64(binary.LittleEndian.Uint32(end[:4])); length > maxFooter || length+12 > info.Size() {
		return refuse(whyParquet)
	}
	return nil
}

// maxRowsPerByte is how many rows a byte of a Parquet file may stand for. Real rows take a byte or more each, columns of one repeated value almost none.
const maxRowsPerByte = 50

// checkParquetRows refuses a file of a few bytes that says it has billions of rows.
func checkParquetRows(ctx context.Context, db *sql.DB, path string) error {
	var rows, size int64
	err := db.QueryRowContext(ctx, "SELECT num_rows, file_size_bytes FROM parquet_file_metadata("+lake.Path(path)+")").Scan(&rows, &size)
	if err != nil {
		return parquetFailure(ctx, err)
	}
	if rows < 0 || rows > 10_000_000 && rows/maxRowsPerByte > size {
		return refuse(whyParquetRows, rows)
	}
	return nil
}

func parquetColumns(ctx context.Context, db *sql.DB, path string) ([]parquetColumn, error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet("+lake.Path(path)+"))")
	if err != nil {
		return nil, parquetFailure(ctx, err)
	}
	defer rows.Close()
	var columns []parquetColumn
	for rows.Next() {
		var c parquetColumn
		if err := rows.Scan(&c.name, &c.kind); err != nil {
			return nil, fmt.Errorf("read a Parquet file's columns: %w", err)
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// parquetFailure refuses the file, unless the load itself was stopped or the machine is what failed: a full disk, too little memory.
func parquetFailure(ctx context.Context, err error) error {
	if stopped := ctx.Err(); stopped != nil {
		return stopped
	}
	engine, ok := errors.AsType[*duckdb.Error](err)
	if ok && engine.Type == duckdb.ErrorTypeOutOfMemory || strings.Contains(err.Error(), "No space left") {
		return fmt.Errorf("read a Parquet file: %w", err)
	}
	return refuse(whyParquet)
}
