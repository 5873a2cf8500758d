package intake

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// View is a view of a department's PostgreSQL database that stands for one of its catalogues.
type View struct {
	From      string // the database, as postgres://user@host/name?sslmode=verify-full; a password is better kept in PGPASSFILE
	Name      string // VIEW or SCHEMA.VIEW
	Since     string // a column that grows with every change; "" to read the whole view each time
	Whole     bool   // the view is the whole truth: what it no longer has ends
	Catalogue *catalog.Contract
}

// Pulled is what one reading of a view brought.
type Pulled struct {
	Rows int64  `json:"rows"`
	Path string `json:"path"` // in the inbox; "" when the view had nothing new
	Mark string `json:"mark"` // how far the column of Since has been read with it
}

// mark remembers how far a view has been read.
type mark struct {
	View   string    `json:"view"`
	Column string    `json:"column"`
	Value  string    `json:"value"`
	Rows   int64     `json:"rows"` // of the last reading
	At     time.Time `json:"at"`
}

// maxPulled is how many bytes of text one reading may bring.
const maxPulled = 64 << 30

// Pull reads a view into a file of the inbox: all its rows, or those at and above the mark of the last reading. It reads in one read-only
// transaction, so that the rows are those of one instant, and the file appears whole or not at all. Advance moves the mark.
func Pull(ctx context.Context, node string, v View, clock func() time.Time) (Pulled, error) {
	config, err := pgx.ParseConfig(v.From)
	if err != nil {
		return Pulled{}, errors.New("--from is no address of a PostgreSQL database; write it as in postgres://reader@10.0.0.5/bureau?sslmode=verify-full")
	}
	if !strings.HasPrefix(v.From, "postgres://") && !strings.HasPrefix(v.From, "postgresql://") {
		return Pulled{}, errors.New("--from must begin with postgres://")
	}
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.RuntimeParams["timezone"] = "Asia/Shanghai"
	config.RuntimeParams["datestyle"] = "ISO"
	config.RuntimeParams["application_name"] = "yidaitong"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 15 * time.Second
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return Pulled{}, v.failure(config, "connect to", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return Pulled{}, v.failure(config, "begin to read", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	p := &pull{view: v, folders: folders{node}, now: clock(), tx: tx, config: config}
	return p.run(ctx)
}

// failure is an error of the database without the address, the password and any value in it.
func (v View) failure(config *pgx.ConnConfig, doing string, err error) error {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Errorf("%s the database %s at %s: %s (SQLSTATE %s)", doing, config.Database, config.Host, cmp.Or(reasons[server.Code], "the server refused it; its log says why"), server.Code)
	}
	if errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) {
		return fmt.Errorf("%s the database %s at %s: it did not answer in time; check the address and the firewall", doing, config.Database, config.Host)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s the database %s at %s: the connection failed; check the address, the certificate (sslmode, sslrootcert) and the firewall", doing, config.Database, config.Host)
}

// reasons say what to do about the errors that a reader of a view meets, by their SQLSTATE. The server's own text may quote a value.
var reasons = map[string]string{
	"28P01": "the password was refused; check PGPASSFILE or PGPASSWORD", "28000": "the user was refused; check the user's name and pg_hba.conf",
	"3D000": "there is no such database", "42P01": "there is no such view; check --view", "3F000": "there is no such schema; check --view",
	"42501": "the user may not read the view; have SELECT granted on it", "42703": "the view has no such column; check --since",
	"57014": "the server cancelled the reading; raise its statement_timeout for the user", "57P01": "the server shut down; run this again",
	"53300": "the server has too many connections; run this again later", "22P02": "the mark of the last reading does not fit the column any more; see docs/operation.md on marks",
}

// pull is one reading of a view.
type pull struct {
	view    View
	folders folders
	now     time.Time
	tx      pgx.Tx
	config  *pgx.ConnConfig
}

func (p *pull) run(ctx context.Context) (Pulled, error) {
	columns, err := p.columns(ctx)
	if err != nil {
		return Pulled{}, err
	}
	before, err := p.lastMark()
	if err != nil {
		return Pulled{}, err
	}
	selected, err := p.selected(columns)
	if err != nil {
		return Pulled{}, err
	}
	rows, err := p.rows(columns, before)
	if err != nil {
		return Pulled{}, err
	}
	counted, next, err := p.measure(ctx, rows)
	if err != nil || counted == 0 {
		return Pulled{Mark: before.Value}, err
	}
	path, err := p.copy(ctx, "SELECT "+selected+rows, counted)
	if err != nil {
		return Pulled{}, err
	}
	return Pulled{Rows: counted, Path: path, Mark: cmp.Or(next, before.Value)}, nil
}

// Advance moves the view's mark to where a reading ended, once what it brought has been loaded: the next reading goes on from there. Killed before, or
// with a file that was refused, the next reading brings the same rows once more, and none is lost.
func Advance(node string, v View, pulled Pulled, now time.Time) error {
	if v.Since == "" || pulled.Mark == "" {
		return nil
	}
	return writeJSON(folders{node}.mark(v.Catalogue.Department, v.Catalogue.Name), mark{View: v.Name, Column: v.Since, Value: pulled.Mark, Rows: pulled.Rows, At: now.UTC()})
}

// lastMark is how far the view has been read. A mark of another view or column does not count.
func (p *pull) lastMark() (mark, error) {
	if p.view.Since == "" {
		return mark{}, nil
	}
	var m mark
	if _, err := readJSON(p.folders.mark(p.view.Catalogue.Department, p.view.Catalogue.Name), &m); err != nil {
		return mark{}, err
	}
	if m.View != p.view.Name || m.Column != p.view.Since {
		return mark{}, nil
	}
	return m, nil
}

// column is one of the view's columns.
type column struct{ name, kind string }

// columns describes the view without reading a row.
func (p *pull) columns(ctx context.Context) ([]column, error) {
	prepared, err := p.tx.Conn().Prepare(ctx, "", "SELECT * FROM "+p.from())
	if err != nil {
		return nil, p.view.failure(p.config, "read "+p.view.Name+" in", err)
	}
	var found []column
	for _, f := range prepared.Fields {
		kind, ok := p.tx.Conn().TypeMap().TypeForOID(f.DataTypeOID)
		c := column{name: f.Name}
		if ok {
			c.kind = kind.Name
		}
		found = append(found, c)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the view %s has no columns", p.view.Name)
	}
	return found, nil
}

func (p *pull) from() string { return pgx.Identifier(strings.Split(p.view.Name, ".")).Sanitize() }

var plainType = regexp.MustCompile(`^[a-z0-9_]+$`)

// selected lists the columns in a form that everyone writes: days and times of the place, yes and no in words.
func (p *pull) selected(columns []column) (string, error) {
	var selected []string
	for _, c := range columns {
		name := pgx.Identifier{c.name}.Sanitize()
		switch c.kind {
		case "bool":
			selected = append(selected, fmt.Sprintf("CASE WHEN %s THEN '是' WHEN NOT %s THEN '否' END AS %s", name, name, name))
		case "timestamptz":
			selected = append(selected, fmt.Sprintf("%s::timestamp AS %s", name, name))
		case "bytea":
			return "", fmt.Errorf("the column %s of %s holds bytes, which no catalogue has; leave it out of the view", c.name, p.view.Name)
		default:
			selected = append(selected, name)
		}
	}
	return strings.Join(selected, ", "), nil
}

// rows says which rows to read, from FROM on.
func (p *pull) rows(columns []column, before mark) (string, error) {
	all := " FROM " + p.from()
	if p.view.Since == "" {
		return all, nil
	}
	at := slices.IndexFunc(columns, func(c column) bool { return c.name == p.view.Since })
	switch {
	case at < 0:
		return "", fmt.Errorf("the view %s has no column %s to read on from; check --since", p.view.Name, p.view.Since)
	case before.Value == "":
		return all, nil
	case !plainType.MatchString(columns[at].kind):
		return "", fmt.Errorf("the column %s of %s has a type that cannot be read on from; use a time, a date, a number or a text", p.view.Since, p.view.Name)
	}
	name := pgx.Identifier{p.view.Since}.Sanitize()
	// At the mark, not above it: rows that were written in the same instant after the last reading would be lost. Rows without a value come each time.
	return fmt.Sprintf("%s WHERE %s >= %s::%s OR %s IS NULL", all, name, literal(before.Value), columns[at].kind, name), nil
}

// literal quotes a value whatever the server's standard_conforming_strings.
func literal(value string) string {
	return `E'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + `'`
}

// measure counts the rows of the same instant, and finds the next mark.
func (p *pull) measure(ctx context.Context, rows string) (counted int64, next string, err error) {
	highest := "''"
	if p.view.Since != "" {
		highest = "coalesce(max(" + pgx.Identifier{p.view.Since}.Sanitize() + ")::text, '')"
	}
	if err = p.tx.QueryRow(ctx, "SELECT count(*), "+highest+rows).Scan(&counted, &next); err != nil {
		return 0, "", p.view.failure(p.config, "read "+p.view.Name+" in", err)
	}
	return counted, next, nil
}

// copy streams the rows to a file, makes it durable and gives it its name in the inbox.
func (p *pull) copy(ctx context.Context, query string, counted int64) (string, error) {
	inbox := p.folders.inbox(p.view.Catalogue.Department)
	if err := errors.Join(os.MkdirAll(inbox, 0o700), os.MkdirAll(p.folders.parts(), 0o700)); err != nil {
		return "", fmt.Errorf("prepare the inbox: %w", err)
	}
	f, err := os.CreateTemp(p.folders.parts(), "pull-*.csv")
	if err != nil {
		return "", fmt.Errorf("write what was read: %w", err)
	}
	path, err := p.copyTo(ctx, f, query, counted, inbox)
	if err != nil {
		_ = f.Close()
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return path, nil
}

func (p *pull) copyTo(ctx context.Context, f *os.File, query string, counted int64, inbox string) (string, error) {
	out := &pulledText{to: bufio.NewWriterSize(f, 1<<20)}
	tag, err := p.tx.Conn().PgConn().CopyTo(ctx, out, "COPY ("+query+") TO STDOUT WITH (FORMAT csv, HEADER true)")
	if out.err != nil {
		return "", fmt.Errorf("write what was read of %s: %w", p.view.Name, out.err)
	}
	if err != nil {
		return "", p.view.failure(p.config, "read "+p.view.Name+" in", err)
	}
	if tag.RowsAffected() != counted {
		return "", fmt.Errorf("the view %s gave %d rows and then %d; it is not stable within a transaction, make it so", p.view.Name, counted, tag.RowsAffected())
	}
	if err := errors.Join(out.to.Flush(), f.Sync()); err != nil {
		return "", fmt.Errorf("write what was read of %s: %w", p.view.Name, err)
	}
	kind := ""
	if p.view.Whole {
		kind = "_full"
	}
	// The time in the name puts several readings of one day in their order: within a day, deliveries count by their names.
	name := fmt.Sprintf("%s%s_%s.csv", p.view.Catalogue.Name, kind, p.now.Format("20060102_150405.000000"))
	path := filepath.Join(inbox, name)
	if err := errors.Join(f.Close(), os.Rename(f.Name(), path), syncFolder(inbox)); err != nil {
		return "", fmt.Errorf("put what was read of %s into the inbox: %w", p.view.Name, err)
	}
	return path, nil
}

// pulledText writes what a view gives, up to a bound.
type pulledText struct {
	to      *bufio.Writer
	written int64
	err     error
}

func (t *pulledText) Write(p []byte) (int, error) {
	t.written += int64(len(p))
	if t.written > maxPulled {
		t.err = fmt.Errorf("it is more than the %d GB that are read at once; narrow the view", maxPulled>>30)
		return 0, t.err
	}
	n, err := t.to.Write(p)
	if err != nil {
		t.err = err
	}
	return n, err
}
