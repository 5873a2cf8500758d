package lake

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/yidaitong/yidaitong/lockfile"
)

// Options bound what the engine may use. Zero values take all cores and 1 GB.
type Options struct {
	Threads  int
	MemoryMB int
}

// Lake is an open lake. While it is open no other process can open it.
type Lake struct {
	dir    string
	db     *sql.DB
	lock   *os.File
	memory int64
}

// ErrLocked says that another command holds the lake.
var ErrLocked = errors.New("the node's lake is in use by another command; wait until that has ended and run this again")

// Open opens the lake in dir, creating it when it is new. It fails with ErrLocked at once when another process has it open.
func Open(ctx context.Context, dir string, o Options) (*Lake, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	temp := filepath.Join(dir, "temp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	lock, err := takeLock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	if err := empty(temp); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if o.MemoryMB == 0 {
		o.MemoryMB = 1024
	}
	l := &Lake{dir: dir, lock: lock, memory: int64(o.MemoryMB) << 20}
	if l.db, err = openEngine(ctx, dir, temp, o); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// DB is the engine's connection pool.
func (l *Lake) DB() *sql.DB { return l.db }

// Temp is a folder for intermediate files. It is emptied when the lake is opened.
func (l *Lake) Temp() string { return filepath.Join(l.dir, "temp") }

// Memory is how many bytes the engine may use.
func (l *Lake) Memory() int64 { return l.memory }

// Dir is the lake's folder, as an absolute path.
func (l *Lake) Dir() string { return l.dir }

// Close writes what is pending and gives the lake free.
func (l *Lake) Close() error {
	var err error
	if l.db != nil {
		err = l.db.Close()
	}
	return errors.Join(err, l.lock.Close())
}

// takeLock holds the file's lock until the file is closed, which the system does for a process that dies.
func takeLock(path string) (*os.File, error) {
	f, err := lockfile.Take(path)
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("lock the lake: %w", err)
	}
	return f, nil
}

// empty removes what a command that was killed left in the temporary folder.
func empty(temp string) error {
	left, err := os.ReadDir(temp)
	if err != nil {
		return fmt.Errorf("empty the lake's temporary folder: %w", err)
	}
	for _, each := range left {
		if err := os.RemoveAll(filepath.Join(temp, each.Name())); err != nil {
			return fmt.Errorf("empty the lake's temporary folder: %w", err)
		}
	}
	return nil
}

func openEngine(ctx context.Context, dir, temp string, o Options) (*sql.DB, error) {
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	settings := []string{
		fmt.Sprintf("SET threads = %d", o.Threads),
		fmt.Sprintf("SET memory_limit = '%dMB'", o.MemoryMB),
		"SET temp_directory = " + Quote(temp),
		"SET preserve_insertion_order = true",
		"SET TimeZone = 'UTC'",
	}
	connector, err := duckdb.NewConnector(filepath.Join(dir, "lake.duckdb"), func(c driver.ExecerContext) error {
		for _, set := range settings {
			if _, err := c.ExecContext(context.Background(), set, nil); err != nil {
				return fmt.Errorf("%s: %w", set, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the lake's database: %w", err)
	}
	db := sql.OpenDB(connector)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the lake's database: %w", err), db.Close())
	}
	return db, nil
}

// Quote makes s a string literal of SQL.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Path makes a file's path a string literal for the engine's readers, which take some characters in it for wildcards.
func Path(path string) string {
	return Quote(strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path))
}

// Name makes s a quoted identifier of SQL.
func Name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
