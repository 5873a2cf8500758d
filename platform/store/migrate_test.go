package store

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMigrationsRefuse(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"a bad name":      {"migrations/1_x.sql": {Data: []byte("select 1")}},
		"a number twice":  {"migrations/0001_x.sql": {Data: []byte("select 1")}, "migrations/0001_y.sql": {Data: []byte("select 1")}},
		"upper-case name": {"migrations/0001_X.sql": {Data: []byte("select 1")}},
	} {
		if _, err := migrations(files); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestMigrateRefusesAnotherText(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := migrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]migration{}, all...)
	changed[0].sha256 = "other"
	if err := s.migrateTo(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "another text") {
		t.Errorf("a changed migration was taken: %v", err)
	}
	if err := s.migrateTo(t.Context(), all[:0]); err == nil || !strings.Contains(err.Error(), "newer than this program") {
		t.Errorf("a newer database was taken: %v", err)
	}
	broken := append(append([]migration{}, all...), migration{9000, "9000_broken.sql", "create table half (a bigint); create tabel whole (a bigint)", "x"})
	if err := s.migrateTo(t.Context(), broken); err == nil {
		t.Error("a broken migration was taken")
	}
	if err := s.migrateTo(t.Context(), all); err != nil {
		t.Errorf("after the broken one: %v", err)
	}
	if _, err := s.write.ExecContext(t.Context(), "select * from half"); err == nil {
		t.Error("half of the broken migration is there")
	}
}

func TestText(t *testing.T) {
	for query, want := range map[string]string{
		"select $1, $2":                   "select ?1, ?2",
		"select '$1', \"$2\", $3":         "select '$1', \"$2\", ?3",
		"select 1 -- costs $1\n where $1": "select 1 -- costs $1\n where ?1",
		"select 'it''s $1', $12":          "select 'it''s $1', ?12",
		"select '$' || $1 || '$'":         "select '$' || ?1 || '$'",
	} {
		if got := SQLite.text(query); got != want {
			t.Errorf("%q became %q", query, got)
		}
		if got := PostgreSQL.text(query); got != query {
			t.Errorf("%q became %q on PostgreSQL", query, got)
		}
	}
}
