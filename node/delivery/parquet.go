package delivery

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// prepareParquet copies a Parquet file as text, so that its cells pass the same rules as everyone's.
func (s *source) prepareParquet(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	path, err := s.onDisk(temp)
	if err != nil {
		return err
	}
	names, err := s.findParquetColumns(ctx, db, all, known, path)
	if err != nil {
		return err
	}
	s.delim, s.readPath = ',', filepath.Join(temp, strconv.FormatInt(s.number, 10)+".csv")
	cells := make([]string, len(names))
	for i, name := range names {
		cells[i] = "trim(" + lake.Name(name) + "::VARCHAR, " + lake.Quote(blanks) + ")"
	}
	statement := fmt.Sprintf(`COPY (SELECT file_row_number + 1, %s FROM read_parquet(%s, file_row_number = true)) TO %s (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"')`,
		strings.Join(cells, ", "), lake.Path(path), lake.Quote(s.readPath))
	written, err := db.ExecContext(ctx, statement)
	if err != nil {
		return parquetFailure(ctx)
	}
	if s.received, err = written.RowsAffected(); err != nil {
		return fmt.Errorf("write a copy of %s: %w", s.name, err)
	}
	return removeTemp(path, s)
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

func (s *source) findParquetColumns(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract, path string) ([]string, error) {
	if err := checkFooter(path); err != nil {
		return nil, err
	}
	names, err := parquetColumns(ctx, db, path)
	if err != nil {
		return nil, err
	}
	if err := checkParquetRows(ctx, db, path); err != nil {
		return nil, err
	}
	if s.table, err = findTable(s.candidates(all), known, [][]string{names}); err != nil {
		return nil, s.placed(err)
	}
	s.contract, s.layout, s.table.headerRows = s.table.contract, s.table.columns, 0
	return names, nil
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
		return parquetFailure(ctx)
	}
	if rows < 0 || rows > 10_000_000 && rows/maxRowsPerByte > size {
		return refuse(whyParquetRows, rows)
	}
	return nil
}

func parquetColumns(ctx context.Context, db *sql.DB, path string) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name FROM (DESCRIBE FROM read_parquet("+lake.Path(path)+"))")
	if err != nil {
		return nil, parquetFailure(ctx)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read a Parquet file's columns: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// parquetFailure refuses the file, unless the load itself was stopped.
func parquetFailure(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return refuse(whyParquet)
}
