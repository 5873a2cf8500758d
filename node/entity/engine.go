package entity

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
)

//go:embed sql/*.sql
var queries embed.FS

// The engine links the rows of a table probe to those of a table reference, both temporary tables of its connection:
//
//	reference       firm_id, usci, reg_no, org_code, firm_code, firm_name, kind, division_code, address, legal_person, person_id
//	reference_name  firm_id, firm_name, former: all names of each firm
//	probe           probe_id, usci, reg_no, org_code, taxpayer_id, firm_code, firm_name, legal_person, address
//	answer          probe_id, firm_id, rule, confidence: at most one row per probe, made here
//
// It goes in stages, each over what the one before left open: codes that name one firm; codes repaired by their check digit; then names,
// persons and addresses that agree.
type engine struct{ conn *sql.Conn }

// What a link must reach, in bits of evidence: 5 bits are 32 to 1.
const (
	threshold = 5
	margin    = 4
)

func newEngine(ctx context.Context, db *sql.DB) (engine, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return engine{}, err
	}
	e := engine{conn}
	if err := e.defineRules(ctx); err != nil {
		return engine{}, errors.Join(err, e.Close())
	}
	return e, nil
}

// Close gives the connection, and the temporary tables with it, back.
func (e engine) Close() error { return e.conn.Close() }

func (e engine) run(ctx context.Context, query string) error {
	_, err := e.conn.ExecContext(ctx, query)
	return err
}

func (e engine) runFile(ctx context.Context, name string) error {
	text, err := queries.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return err
	}
	if err := e.run(ctx, string(text)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (e engine) count(ctx context.Context, query string) (int64, error) {
	var n sql.NullInt64
	err := e.conn.QueryRowContext(ctx, query).Scan(&n)
	return n.Int64, err
}

// learn brings the reference into normal form.
func (e engine) learn(ctx context.Context) error {
	if err := e.defineCores(ctx); err != nil {
		return fmt.Errorf("divisions: %w", err)
	}
	if err := e.runFile(ctx, "reference"); err != nil {
		return err
	}
	// A small reference does not make a name common: rarity is told against a thousand firms at least.
	firms, err := e.count(ctx, "SELECT greatest(count(*), 1000) FROM known")
	if err != nil {
		return err
	}
	for _, macro := range []string{
		fmt.Sprintf("known_firms() AS %d", firms),
		fmt.Sprintf("threshold() AS %d", threshold),
		fmt.Sprintf("margin() AS %d", margin),
	} {
		if err := e.run(ctx, "CREATE OR REPLACE TEMP MACRO "+macro); err != nil {
			return err
		}
	}
	return nil
}

// answer links probe to the reference that was learned.
func (e engine) answer(ctx context.Context) error {
	if err := e.runFile(ctx, "exact"); err != nil {
		return err
	}
	open, err := e.count(ctx, "SELECT count(*) FROM given WHERE probe_id NOT IN (SELECT probe_id FROM answer)")
	if err != nil || open == 0 {
		return err
	}
	if err := e.runFile(ctx, "candidate"); err != nil {
		return err
	}
	return e.runFile(ctx, "evidence")
}
