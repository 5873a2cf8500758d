package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func addOrganisation(ctx context.Context, s *store.Store, name string) (string, error) {
	id := s.NewID()
	return id, s.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into organisation (id, kind, name, city, created_at) values ($1, $2, $3, $4, $5)`,
			id, "bank", name, "341500", store.Micros(s.Now()))
		return err
	})
}

func TestOpenTwiceKeepsRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		first := open(store.Options{})
		id, err := addOrganisation(t.Context(), first, "皋城银行 $1")
		if err != nil {
			t.Fatal(err)
		}
		second := open(store.Options{})
		var name string
		err = second.View(t.Context(), func(tx *store.Tx) error {
			return tx.Row(t.Context(), `select name from organisation where id = $1 and name <> '$1'`, id).Scan(&name)
		})
		if err != nil || name != "皋城银行 $1" {
			t.Errorf("read back %q, %v", name, err)
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{})
		refused := errors.New("refused")
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(t.Context(), `insert into lpr (published_on, one_year_bp, five_year_bp) values ($1, $2, $3)`, 1, 300, 350); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatalf("got %v", err)
		}
		err = s.View(t.Context(), func(tx *store.Tx) error {
			return tx.Row(t.Context(), `select 1 from lpr`).Scan(new(int))
		})
		if !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("the row is still there: %v", err)
		}
	})
}

// TestWritersLoseNothing lets many writers read, add one and write: whatever is not serialised is lost here.
func TestWritersLoseNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{})
		ctx := t.Context()
		err := s.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into lpr (published_on, one_year_bp, five_year_bp) values (1, 0, 0)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		const writers, each = 4, 10
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range each {
					err := s.Update(ctx, func(tx *store.Tx) error {
						var n int64
						if err := tx.Row(ctx, `select one_year_bp from lpr where published_on = 1`).Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, `update lpr set one_year_bp = $1 where published_on = 1`, n+1)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var n int64
		if err := s.View(ctx, func(tx *store.Tx) error {
			return tx.Row(ctx, `select one_year_bp from lpr where published_on = 1`).Scan(&n)
		}); err != nil || n != writers*each {
			t.Errorf("counted %d of %d, %v", n, writers*each, err)
		}
	})
}

// TestReadersDoNotWaitForAWriter opens a view while a write is under way.
func TestReadersDoNotWaitForAWriter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := s.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(ctx, `insert into lpr (published_on, one_year_bp, five_year_bp) values (1, 0, 0)`); err != nil {
				return err
			}
			var n int
			err := s.View(ctx, func(tx *store.Tx) error { return tx.Row(ctx, `select count(*) from lpr`).Scan(&n) })
			if n != 0 {
				t.Errorf("a reader saw %d rows that were not committed", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{})
		err := s.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into lpr (published_on, one_year_bp, five_year_bp) values (1, 0, 0)`)
			return err
		})
		if err == nil {
			t.Error("a view wrote")
		}
	})
}

func TestIDsRise(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a b?c.db"), store.Options{
		Clock: func() time.Time { return now },
		Rand:  strings.NewReader(strings.Repeat("\xff", 100)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last := ""
	for i := range 600 {
		if i == 300 {
			now = now.Add(-time.Hour) // a clock that steps back must not make an id twice
		}
		id := s.NewID()
		if len(id) != 26 || id <= last {
			t.Fatalf("after %s came %s", last, id)
		}
		last = id
	}
	// The ULID specification's own example: 2016-07-30T22:36:16.385Z is written 01ARYZ6S41.
	now = time.UnixMilli(1469918176385)
	t.Cleanup(func() {})
	fresh, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"), store.Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if got := fresh.NewID()[:10]; got != "01ARYZ6S41" {
		t.Errorf("time part is %s, want 01ARYZ6S41", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, dsn := range []string{"", "sqlite:", "mysql://x", "postgres://user:secret@host:notaport/db", "postgres://u:secret@127.0.0.1:1/db?connect_timeout=1"} {
		_, err := store.Open(t.Context(), dsn, store.Options{})
		if err == nil {
			t.Errorf("%q was opened", dsn)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows the password: %v", dsn, err)
		}
	}
}

func TestMicros(t *testing.T) {
	if store.Micros(time.Time{}) != 0 || !store.Time(0).IsZero() {
		t.Error("none is not 0")
	}
	at := time.Date(2026, 11, 20, 1, 2, 3, 456000, time.UTC)
	if got := store.Time(store.Micros(at)); !got.Equal(at) {
		t.Errorf("got %v", got)
	}
}
