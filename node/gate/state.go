package gate

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"
	_ "modernc.org/sqlite" // the driver "sqlite"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

//go:embed sql/state.sql
var stateSQL string

// state is what the gate must not forget, in its own database. One connection: what is decided is decided one after the other.
type state struct{ db *sql.DB }

func openState(ctx context.Context, dir string) (*state, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the gate's folder: %w", err)
	}
	// FULL: a use that was counted and an answer that left stay so after a power cut.
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	file := (&url.URL{Path: filepath.Join(dir, "gate.db")}).EscapedPath()
	db, err := sql.Open("sqlite", "file:"+file+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("open the gate's database: %w", err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, stateSQL); err != nil {
		return nil, errors.Join(fmt.Errorf("open the gate's database: %w", err), db.Close())
	}
	return &state{db}, nil
}

// update runs do in one transaction.
func (s *state) update(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin in the gate's database: %w", err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit to the gate's database: %w", err)
	}
	return nil
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// handled is what is known of an envelope that was handled before.
type handled struct {
	digest   []byte
	answerID string
}

func findHandled(ctx context.Context, tx *sql.Tx, name string) (*handled, error) {
	var h handled
	err := tx.QueryRowContext(ctx, `select digest, answer_id from handled where name = ?`, name).Scan(&h.digest, &h.answerID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &h, err
}

func putHandled(ctx context.Context, tx *sql.Tx, name string, digest []byte, answerID string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `insert into handled (name, digest, answer_id, handled_at) values (?, ?, ?, ?)`, name, digest, answerID, micros(at))
	return err
}

func putOutgoing(ctx context.Context, tx *sql.Tx, e *borderv1.Envelope, at time.Time) error {
	body, err := proto.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode an envelope: %w", err)
	}
	_, err = tx.ExecContext(ctx, `insert into outbox (id, envelope, made_at) values (?, ?, ?)`, e.GetId(), body, micros(at))
	return err
}

func putLeaf(ctx context.Context, tx *sql.Tx, text []byte, outgoingID string) error {
	_, err := tx.ExecContext(ctx, `insert into leaf (text, outgoing_id) values (?, ?) on conflict do nothing`, text, outgoingID)
	return err
}

func count(ctx context.Context, tx *sql.Tx, query string, args ...any) (n int64, err error) {
	err = tx.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// outgoing returns an envelope of the outbox, and whether its proof is attached.
func (s *state) outgoing(ctx context.Context, id string) (e *borderv1.Envelope, ready bool, err error) {
	var body []byte
	if err := s.db.QueryRowContext(ctx, `select envelope, ready from outbox where id = ?`, id).Scan(&body, &ready); err != nil {
		return nil, false, fmt.Errorf("read an answer from the outbox: %w", err)
	}
	e = &borderv1.Envelope{}
	if err := proto.Unmarshal(body, e); err != nil {
		return nil, false, fmt.Errorf("read an answer from the outbox: %w", err)
	}
	return e, ready, nil
}

// waiting returns envelopes that are ready and not stored at the platform yet, oldest first.
func (s *state) waiting(ctx context.Context, most int) ([]*borderv1.Envelope, error) {
	rows, err := s.db.QueryContext(ctx, `select envelope from outbox where sent_at = 0 and rejected = 0 and ready = 1 order by position limit ?`, most)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer rows.Close()
	var all []*borderv1.Envelope
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		e := &borderv1.Envelope{}
		if err := proto.Unmarshal(body, e); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// unlogged returns the leaves that are not known to stand in the log.
func (s *state) unlogged(ctx context.Context) ([]pendingLeaf, error) {
	rows, err := s.db.QueryContext(ctx, `select text, outgoing_id from leaf order by rowid`)
	if err != nil {
		return nil, fmt.Errorf("read the leaves to be logged: %w", err)
	}
	defer rows.Close()
	var all []pendingLeaf
	for rows.Next() {
		var p pendingLeaf
		if err := rows.Scan(&p.text, &p.outgoingID); err != nil {
			return nil, fmt.Errorf("read the leaves to be logged: %w", err)
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

type pendingLeaf struct {
	text       []byte
	outgoingID string
}
