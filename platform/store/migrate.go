package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

type migration struct {
	version int64
	name    string
	text    string
	sha256  string
}

// migrations are the embedded files in the order of their numbers.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, path := range names {
		name := path[len("migrations/"):]
		parts := migrationName.FindStringSubmatch(name)
		if parts == nil {
			return nil, fmt.Errorf("migration %s: a name is four digits, an underline, words, .sql", name)
		}
		version, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return nil, err
		}
		if n := len(all); n > 0 && all[n-1].version == version {
			return nil, fmt.Errorf("migrations %s and %s have the same number", all[n-1].name, name)
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		all = append(all, migration{version, name, string(text), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// migrate applies what is missing, each migration in its own transaction, and refuses a database that was made by other files.
func (s *Store) migrate(ctx context.Context) error {
	all, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	if err := s.migrateTo(ctx, all); err != nil {
		return err
	}
	return s.migrateJobs(ctx)
}

func (s *Store) migrateTo(ctx context.Context, all []migration) error {
	err := s.Update(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `create table if not exists schema_migration (
			version bigint primary key, name text not null, sha256 text not null, applied_at bigint not null)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	known := map[int64]bool{}
	for _, m := range all {
		known[m.version] = true
		if err := s.apply(ctx, m); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return s.refuseNewer(ctx, known)
}

func (s *Store) apply(ctx context.Context, m migration) error {
	return s.Update(ctx, func(tx *Tx) error {
		if s.engine == PostgreSQL {
			// Two servers that start together must not both apply it.
			if _, err := tx.Exec(ctx, `lock table schema_migration in exclusive mode`); err != nil {
				return err
			}
		}
		done, err := Collect(ctx, tx, func(scan func(...any) error) (sum string, err error) {
			err = scan(&sum)
			return sum, err
		}, `select sha256 from schema_migration where version = $1`, m.version)
		if err != nil {
			return err
		}
		if len(done) == 1 {
			if done[0] != m.sha256 {
				return fmt.Errorf("it was applied with another text; use the program that made this database, or restore a backup")
			}
			return nil
		}
		if _, err := tx.Tx.ExecContext(ctx, m.text); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into schema_migration (version, name, sha256, applied_at) values ($1, $2, $3, $4)`,
			m.version, m.name, m.sha256, Micros(s.Now()))
		return err
	})
}

// refuseNewer keeps an old program away from a newer program's database.
func (s *Store) refuseNewer(ctx context.Context, known map[int64]bool) error {
	return s.View(ctx, func(tx *Tx) error {
		versions, err := Collect(ctx, tx, func(scan func(...any) error) (v int64, err error) {
			err = scan(&v)
			return v, err
		}, `select version from schema_migration`)
		if err != nil {
			return err
		}
		for _, v := range versions {
			if !known[v] {
				return fmt.Errorf("the database is newer than this program (migration %04d); use the newer program", v)
			}
		}
		return nil
	})
}

// Version is the number of the newest migration that was applied.
func (s *Store) Version(ctx context.Context) (version int64, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.Row(ctx, `select max(version) from schema_migration`).Scan(&version)
	})
	return version, err
}
