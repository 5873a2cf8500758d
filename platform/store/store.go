package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crypto/rand"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Engine is the database behind a store.
type Engine string

const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// Options of Open; the zero value is right for a server.
type Options struct {
	Clock func() time.Time // time.Now when nil
	Rand  io.Reader        // crypto/rand when nil
}

// Store is an open database. On SQLite one connection writes and several read; on PostgreSQL both are one pool.
type Store struct {
	engine Engine
	write  *sql.DB
	read   *sql.DB
	clock  func() time.Time
	ids    ids
}

// Open opens "sqlite:FILE" or "postgres://…" and applies the migrations that are missing.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	s, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(ctx context.Context, dsn string, o Options) (*Store, error) {
	s := &Store{clock: o.Clock}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.ids.rand = o.Rand
	if s.ids.rand == nil {
		s.ids.rand = rand.Reader
	}
	var err error
	switch file, isSQLite := strings.CutPrefix(dsn, "sqlite:"); {
	case isSQLite && file != "":
		err = s.openSQLite(file)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		err = s.openPostgres(dsn)
	default:
		return nil, errors.New(`the database is given as "sqlite:FILE" or "postgres://USER@HOST/NAME"`)
	}
	if err != nil {
		return nil, err
	}
	if err := s.write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the %s database: %w", s.engine, redact(err)), s.Close())
	}
	return s, nil
}

func (s *Store) openSQLite(file string) error {
	s.engine = SQLite
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	// SQLite would make the file readable for everybody; its side files take the same mode.
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the database's file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("make the database's file: %w", err)
	}
	// WAL lets readers go on while the writer writes; FULL makes a commit survive a power cut;
	// secure_delete leaves no trace of what was deleted in the file.
	common := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"}}
	common.Set("_txlock", "immediate")
	if s.write, err = sql.Open("sqlite", sqliteURI(file, common)); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	readers := url.Values{"_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "query_only(1)"}}
	if s.read, err = sql.Open("sqlite", sqliteURI(file, readers)); err != nil {
		return errors.Join(fmt.Errorf("open the database for reading: %w", err), s.write.Close())
	}
	s.read.SetMaxOpenConns(8)
	s.read.SetMaxIdleConns(8)
	return nil
}

// sqliteURI escapes the file's name, so that a question mark in it does not start the parameters.
func sqliteURI(file string, parameters url.Values) string {
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + parameters.Encode()
}

func (s *Store) openPostgres(dsn string) error {
	s.engine = PostgreSQL
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return fmt.Errorf("open the database: %w", redact(err))
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	s.write, s.read = db, db
	return nil
}

// redact drops the connection text, which may hold a password, from a driver's error.
func redact(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("the address cannot be read; write postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	return err
}

// Close closes the connections.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Engine says which database it is.
func (s *Store) Engine() Engine { return s.engine }

// Writer is the connection pool that writes, for the job queue, which brings its own SQL.
func (s *Store) Writer() *sql.DB { return s.write }

// Now is the store's clock in UTC, cut to the microseconds that a row can hold.
func (s *Store) Now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// NewID returns a ULID of now; later ids of one store sort later.
func (s *Store) NewID() string { return s.ids.next(s.clock()) }

// retries bounds how often a write that lost against another one is done again.
const retries = 20

// Update runs do in a write transaction. Writes are as if one came after the other: on PostgreSQL a transaction that lost
// against another is done again, so do must have no effect outside of the transaction.
func (s *Store) Update(ctx context.Context, do func(tx *Tx) error) error {
	var err error
	for range retries {
		if err = s.run(ctx, s.write, &sql.TxOptions{Isolation: s.isolation()}, do); !lost(err) {
			return err
		}
	}
	return err
}

// View runs do in a read transaction: all its queries see the same moment.
func (s *Store) View(ctx context.Context, do func(tx *Tx) error) error {
	options := &sql.TxOptions{}
	if s.engine == PostgreSQL {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return s.run(ctx, s.read, options, do)
}

func (s *Store) isolation() sql.IsolationLevel {
	if s.engine == PostgreSQL {
		return sql.LevelSerializable
	}
	return sql.LevelDefault // one writer at a time: serialised by itself
}

func (s *Store) run(ctx context.Context, db *sql.DB, o *sql.TxOptions, do func(tx *Tx) error) error {
	raw, err := db.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer raw.Rollback()
	tx := &Tx{Tx: raw, engine: s.engine}
	if err := do(tx); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, then := range tx.then {
		then()
	}
	return nil
}

// lost reports whether a transaction failed only because another one came first.
func lost(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Tx is a transaction. Its Tx field is for the job queue; use Exec, Query and Row.
type Tx struct {
	*sql.Tx
	engine Engine
	then   []func()
}

// Then runs do once the transaction is committed, such as to wake who waits for its rows.
func (tx *Tx) Then(do func()) { tx.then = append(tx.then, do) }

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := tx.Tx.ExecContext(ctx, tx.engine.text(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query runs a query; the caller closes the rows, or uses Collect.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.Tx.QueryContext(ctx, tx.engine.text(query), args...)
}

// Row runs a query of at most one row; sql.ErrNoRows when there is none.
func (tx *Tx) Row(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.Tx.QueryRowContext(ctx, tx.engine.text(query), args...)
}

// Collect runs a query and scans each row.
func Collect[T any](ctx context.Context, tx *Tx, scan func(scan func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// text rewrites $n to ?n where the engine wants it, outside of quotes and comments.
func (e Engine) text(query string) string {
	if e == PostgreSQL {
		return query
	}
	var out strings.Builder
	out.Grow(len(query))
	var quote byte
	comment := false
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case comment:
			comment = c != '\n'
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '-' && strings.HasPrefix(query[i:], "--"):
			comment = true
		case c == '$' && i+1 < len(query) && query[i+1] >= '1' && query[i+1] <= '9':
			c = '?'
		}
		out.WriteByte(c)
	}
	return out.String()
}

// Micros is a time as rows hold it; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the reverse of Micros.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Bool is a boolean as rows hold it.
func Bool(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
