package delivery

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// prepareParquet copies a Parquet file as text, so that its cells pass the same rules as everyone's.
func (s *source) prepareParquet(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	if err := s.findParquetTable(ctx, db, all, known); err != nil {
		return err
	}
	names, err := parquetColumns(ctx, db, s.path)
	if err != nil {
		return err
	}
	s.delim, s.readPath = ',', filepath.Join(temp, strconv.FormatInt(s.number, 10)+".csv")
	cells := make([]string, len(names))
	for i, name := range names {
		cells[i] = "trim(" + lake.Name(name) + "::VARCHAR, " + lake.Quote(blanks) + ")"
	}
	statement := fmt.Sprintf(`COPY (SELECT file_row_number + 1, %s FROM read_parquet(%s, file_row_number = true)) TO %s (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"')`,
		strings.Join(cells, ", "), lake.Path(s.path), lake.Quote(s.readPath))
	written, err := db.ExecContext(ctx, statement)
	if err != nil {
		return parquetFailure(ctx)
	}
	if s.received, err = written.RowsAffected(); err != nil {
		return fmt.Errorf("write a copy of %s: %w", s.name, err)
	}
	return nil
}

func (s *source) findParquetTable(ctx context.Context, db *sql.DB, all *catalog.Catalogs, known *catalog.Contract) error {
	names, err := parquetColumns(ctx, db, s.path)
	if err != nil {
		return err
	}
	if s.table, err = findTable(all, known, [][]string{names}); err != nil {
		return err
	}
	s.contract, s.layout, s.table.headerRows = s.table.contract, s.table.columns, 0
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
