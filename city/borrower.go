package city

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Borrower is a firm of a generated city as the person who heads it knows it.
type Borrower struct {
	USCI          string
	Name          string
	Kind          string // enterprise or individual
	DivisionCode  string
	IndustryCode  string
	EstablishedOn time.Time
	LegalPerson   string
	LegalPersonID string
	Health        float64 // hidden health in the last month lived; about -3 to 3
}

// PickBorrower returns an operating enterprise of the city in dir that does well, has a register entry without damage, and about
// which nothing bad was ever written down. The choice depends on the city alone. The n-th such firm is returned, n from 0.
func PickBorrower(ctx context.Context, dir string, n int) (Borrower, error) {
	return pick(ctx, dir, "unblemished AND health BETWEEN 0.6 AND 2.2 AND born < DATE '2022-01-01'", "abs(health - 1.2)", n)
}

// PickWeak returns an operating enterprise that does badly; the n-th, n from 0.
func PickWeak(ctx context.Context, dir string, n int) (Borrower, error) {
	return pick(ctx, dir, "NOT unblemished AND health < -1.2 AND born < DATE '2023-01-01'", "health", n)
}

func pick(ctx context.Context, dir, condition, order string, n int) (Borrower, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return Borrower{}, fmt.Errorf("open DuckDB: %w", err)
	}
	defer db.Close()
	truth := func(name string) string { return quoted(filepath.Join(dir, "truth", name+".parquet")) }
	query := fmt.Sprintf(`SELECT f.usci, f.name, f.kind, f.division_code, f.industry_code, f.born, f.legal_person, f.legal_person_id, h.health
		FROM %s f JOIN %s h ON h.firm = f.firm AND h.month = DATE '2026-09-01'
		WHERE f.kind = 'enterprise' AND f.status = '存续' AND f.died IS NULL AND %s
		  AND f.usci NOT IN (SELECT usci FROM %s WHERE department = 'market_regulation' AND catalogue = 'enterprise_registration' AND (damage IS NOT NULL OR name_damage IS NOT NULL))
		ORDER BY %s, f.firm LIMIT 1 OFFSET %d`, truth("firm"), truth("health"), condition, truth("record"), order, n)
	var b Borrower
	err = db.QueryRowContext(ctx, query).Scan(&b.USCI, &b.Name, &b.Kind, &b.DivisionCode, &b.IndustryCode, &b.EstablishedOn, &b.LegalPerson, &b.LegalPersonID, &b.Health)
	if errors.Is(err, sql.ErrNoRows) {
		return Borrower{}, fmt.Errorf("the city in %s has no such firm; generate one with more firms", dir)
	}
	if err != nil {
		return Borrower{}, fmt.Errorf("look for a firm in the truth under %s: %w", dir, err)
	}
	return b, nil
}
