package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// Jobs is the queue of timed work, kept in the same database, so that a job and the row it is about are one commit.
type Jobs = river.Client[*sql.Tx]

// jobDriver is the queue's way into the engine.
func (s *Store) jobDriver() riverdriver.Driver[*sql.Tx] {
	if s.engine == PostgreSQL {
		return riverdatabasesql.New(s.write)
	}
	return riversqlite.New(s.write)
}

// NewJobs returns the queue. A config without queues only inserts.
func (s *Store) NewJobs(config *river.Config) (*Jobs, error) {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	client, err := river.NewClient(s.jobDriver(), config)
	if err != nil {
		return nil, fmt.Errorf("open the job queue: %w", err)
	}
	return client, nil
}

func (s *Store) migrateJobs(ctx context.Context) error {
	migrator, err := rivermigrate.New(s.jobDriver(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("job queue's migrations: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("job queue's migrations: %w", err)
	}
	return nil
}
