package entity

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"strings"
)

//go:embed sql/*.sql
var queries embed.FS

// The engine links the rows of a table probe to those of a table reference, both temporary tables of its connection:
//
//	reference       firm_id, usci, reg_no, org_code, firm_code, firm_name, kind, division_code, address, legal_person, person_id
//	reference_name  firm_id, firm_name, former: all names of each firm
//	probe           probe_id, usci, reg_no, org_code, taxpayer_id, firm_code, firm_name, legal_person, address
//	answer          probe_id, firm_id, rule, confidence: at most one row per probe, made here
//	doubt           probe_id, firm_id, share, bits, second_id, why: what a steward should see, made here
//
// It goes in stages, each over what the one before left open: codes that name one firm; then all fields weighed together, which repairs codes by
// their check digit; then branches.
type engine struct {
	conn *sql.Conn
	// What was learnt of the reference's names: their divisions and industries.
	divisions, industries []string
}

func newEngine(ctx context.Context, db *sql.DB) (*engine, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	e := &engine{conn: conn}
	if err := e.defineRules(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// Close ends the connection, and with it the temporary tables.
func (e engine) Close() error {
	err := e.conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		err = nil
	}
	if closed := e.conn.Close(); closed != nil && !errors.Is(closed, sql.ErrConnDone) {
		err = errors.Join(err, closed)
	}
	return err
}

func (e engine) run(ctx context.Context, query string) error {
	_, err := e.conn.ExecContext(ctx, query)
	return err
}

func text(name string) string {
	found, err := queries.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic("entity: no file sql/" + name + ".sql")
	}
	return string(found)
}

func (e engine) runFile(ctx context.Context, name string) error {
	if err := e.run(ctx, text(name)); err != nil {
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
func (e *engine) learn(ctx context.Context) error {
	if err := e.soundTable(ctx); err != nil {
		return fmt.Errorf("sounds: %w", err)
	}
	var err error
	if e.divisions, err = e.list(ctx, text("divisions")); err != nil {
		return fmt.Errorf("divisions: %w", err)
	}
	const names = "CREATE OR REPLACE TEMP TABLE reference_text AS SELECT DISTINCT firm_name AS text FROM reference_name"
	if err := e.run(ctx, names); err != nil {
		return err
	}
	// Some ten thousand names show which words names end with.
	if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE first_text AS SELECT text FROM reference_text WHERE hash(text) % (SELECT greatest(count(*) // 40000, 1) FROM reference_text) = 0"); err != nil {
		return err
	}
	if err := e.spell(ctx, "first_text", "first_spelling", e.divisions, nil); err != nil {
		return fmt.Errorf("names: %w", err)
	}
	if e.industries, err = e.list(ctx, text("industries")); err != nil {
		return fmt.Errorf("industries: %w", err)
	}
	if err := e.spell(ctx, "reference_text", "known_spelling", e.divisions, e.industries); err != nil {
		return fmt.Errorf("names: %w", err)
	}
	if err := e.sounded(ctx, "SELECT unnest([core, division]) AS text FROM known_spelling", "known_sound"); err != nil {
		return fmt.Errorf("sounds: %w", err)
	}
	return e.runFile(ctx, "reference")
}

// settle links the probes whose codes name one firm, and brings the others into normal form.
func (e engine) settle(ctx context.Context) error {
	if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE probe_text AS SELECT DISTINCT firm_name AS text FROM probe WHERE firm_name IS NOT NULL"); err != nil {
		return err
	}
	if err := e.spell(ctx, "probe_text", "probe_spelling", e.divisions, e.industries); err != nil {
		return fmt.Errorf("names: %w", err)
	}
	return e.runFile(ctx, "exact")
}

// openProbes makes open_probe of the given rows that a condition chooses.
func (e engine) openProbes(ctx context.Context, chosen string) error {
	if err := e.run(ctx, strings.ReplaceAll(text("open"), "{{chosen}}", chosen)); err != nil {
		return fmt.Errorf("open records: %w", err)
	}
	if err := e.sounded(ctx, "SELECT unnest([core, division]) AS text FROM open_raw", "probe_sound"); err != nil {
		return fmt.Errorf("sounds: %w", err)
	}
	return e.runFile(ctx, "comparable")
}

// weigh compares the open probes with all firms that they could mean and decides. It learns the weights when it is given none, from the lessons
// of pairs that codes settled and from the open probes themselves.
func (e engine) weigh(ctx context.Context, given *weights, seen lessons) (weights, error) {
	if err := e.compareProbes(ctx, "g.probe_id NOT IN (SELECT probe_id FROM answer)"); err != nil {
		return weights{}, err
	}
	var w weights
	if given != nil {
		w = *given
	} else {
		firms, err := e.count(ctx, "SELECT count(*) FROM known")
		if err != nil {
			return w, err
		}
		w = startingWeights(firms)
		if err := e.learnNames(ctx, &w); err != nil {
			return w, fmt.Errorf("learn: %w", err)
		}
		w.take(seen)
		if err := e.maximise(ctx, &w); err != nil {
			return w, fmt.Errorf("learn: %w", err)
		}
	}
	if err := e.defineBits(ctx, w); err != nil {
		return w, err
	}
	if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE weighed AS "+weighQuery("compared", leastBits)); err != nil {
		return w, fmt.Errorf("weigh: %w", err)
	}
	return w, e.runFile(ctx, "judge")
}

// compareProbes compares the probes that a condition chooses with the firms that they could mean.
func (e engine) compareProbes(ctx context.Context, chosen string) error {
	if err := e.openProbes(ctx, chosen); err != nil {
		return err
	}
	if err := e.runFile(ctx, "open_key"); err != nil {
		return err
	}
	if err := e.run(ctx, strings.ReplaceAll(text("candidate"), "{{every}}", knownKeys("known", "known_name"))); err != nil {
		return fmt.Errorf("candidates: %w", err)
	}
	return e.runFile(ctx, "compare")
}

// leastBits is how little may speak for a pair that still counts.
const leastBits = -12

func weighQuery(pairs string, least int) string {
	return strings.NewReplacer("{{pairs}}", pairs, "{{least}}", fmt.Sprint(least)).Replace(text("weigh"))
}

// knownKeys are the keys of the firms in two tables as reference.sql makes them.
func knownKeys(known, name string) string {
	return strings.NewReplacer("{{known}}", known, "{{name}}", name).Replace(text("known_key"))
}
