// Package gatetest makes small serving snapshots, keys and envelopes for tests of the gate and of those who talk with it. It is for tests only.
package gatetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"
	"google.golang.org/protobuf/encoding/protojson"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// City is the city of all test data.
const City = "341500"

// Snapshot is what current/ is to hold.
type Snapshot struct {
	Generation   int64
	AsOf         string // a date; 2026-10-15 when empty
	ModelReasons []borderv1.Reason
	Firms        []Firm
	Events       []Event
	Persons      map[string]string // name by resident id
	Digest       *borderv1.CityDigest
}

// Firm is one row of firm.parquet, with its trend.
type Firm struct {
	ID                                 int64
	USCI, Name, Status                 string
	LegalPerson, LegalPersonID         string
	Score                              any // nil or a number
	Grade                              any
	PD                                 any
	LimitFen                           any
	Dims                               [6]any
	DimDrivers                         [6]string
	Reasons                            string
	Sales, Tax, Heads, Loan, Age, Grow any
	Trend                              []Point
}

// Point is an earlier score.
type Point struct {
	AsOf  string
	Score int
}

// Event is one row of event.parquet.
type Event struct {
	FirmID         int64
	Code, Severity int
	KnownOn, Key   string
}

// Good is a firm about which everything is known.
func Good(id int64, name string) Firm {
	return Firm{ID: id, USCI: USCI(int(id)), Name: name, Status: "存续", LegalPerson: "王小明", LegalPersonID: ResidentID(int(id)),
		Score: 688, Grade: "B", PD: 0.031, LimitFen: int64(80_000_000),
		Dims:       [6]any{81, 64, 55, 70, 43, 92},
		DimDrivers: [6]string{"1:+;7:+", "9:+;12:-", "18:-", "26:+;27:+", "32:-", "38:+"},
		Reasons:    "9:+;18:-;7:+;32:-",
		Sales:      4_200_000.5, Tax: 61_000.0, Heads: 12.0, Loan: 0.0, Age: 88.0, Grow: -0.12,
		Trend: []Point{{"2026-04-15", 661}, {"2026-07-15", 675}, {"2026-10-15", 688}}}
}

// Write makes a snapshot in dir/snapshots and leads dir/current to it, as a refresh does.
func Write(t testing.TB, dir string, s Snapshot) {
	t.Helper()
	if s.AsOf == "" {
		s.AsOf = "2026-10-15"
	}
	name := filepath.Join("snapshots", fmt.Sprintf("%06d", s.Generation))
	folder := filepath.Join(dir, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	writeTables(t, db, folder, s)
	day := strings.ReplaceAll(s.AsOf, "-", "")
	meta, err := json.Marshal(map[string]any{"generation": s.Generation, "as_of": s.AsOf, "model_id": "card-" + City,
		"model_version": "20261015.1", "data_version": fmt.Sprintf("%s.%d", day, s.Generation), "model_reasons": s.ModelReasons})
	if err != nil {
		t.Fatal(err)
	}
	if s.Digest != nil {
		text, err := protojson.Marshal(s.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "digest.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "meta.json"), meta, 0o600); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(dir, "current.new")
	if err := os.Symlink(name, next); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(dir, "current")); err != nil {
		t.Fatal(err)
	}
}

func writeTables(t testing.TB, db *sql.DB, dir string, s Snapshot) {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`create table firm (firm_id bigint, usci varchar, firm_name varchar, kind varchar, division_code varchar, industry_code varchar, status varchar,
		established_on date, legal_person varchar, legal_person_id varchar, score integer, grade varchar, pd double, limit_fen bigint,
		dim_1 integer, dim_2 integer, dim_3 integer, dim_4 integer, dim_5 integer, dim_6 integer,
		dim_1_drivers varchar, dim_2_drivers varchar, dim_3_drivers varchar, dim_4_drivers varchar, dim_5_drivers varchar, dim_6_drivers varchar,
		reasons varchar, sales_12m double, tax_paid_12m double, headcount double, loan_balance double, firm_age_months double, sales_growth double)`)
	exec(`create table trend (firm_id bigint, as_of date, score integer)`)
	exec(`create table event (firm_id bigint, alert_code integer, severity integer, occurred_on date, known_on date, event_key varchar)`)
	exec(`create table person (resident_id varchar, person_name varchar)`)
	for _, f := range s.Firms {
		args := []any{f.ID, f.USCI, f.Name, f.Status, f.LegalPerson, f.LegalPersonID, f.Score, f.Grade, f.PD, f.LimitFen}
		args = append(args, f.Dims[:]...)
		for _, d := range f.DimDrivers {
			args = append(args, d)
		}
		args = append(args, f.Reasons, f.Sales, f.Tax, f.Heads, f.Loan, f.Age, f.Grow)
		exec(`insert into firm values (?, ?, ?, 'enterprise', '341502', 'C1353', ?, date '2019-06-01', nullif(?, ''), nullif(?, ''), ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, args...)
		for _, p := range f.Trend {
			exec(`insert into trend values (?, cast(? as date), ?)`, f.ID, p.AsOf, p.Score)
		}
	}
	for _, e := range s.Events {
		exec(`insert into event values (?, ?, ?, cast(? as date), cast(? as date), ?)`, e.FirmID, e.Code, e.Severity, e.KnownOn, e.KnownOn, e.Key)
	}
	for id, name := range s.Persons {
		exec(`insert into person values (?, ?)`, id, name)
	}
	for _, table := range []string{"firm", "trend", "event", "person"} {
		exec(fmt.Sprintf(`copy %s to '%s' (format parquet)`, table, strings.ReplaceAll(filepath.Join(dir, table+".parquet"), "'", "''")))
	}
}

// USCI returns a valid unified social credit code by number.
func USCI(n int) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	body := fmt.Sprintf("91341500%09d", n)
	sum, weight := 0, 1
	for i := range len(body) {
		sum += strings.IndexByte(alphabet, body[i]) * weight
		weight = weight * 3 % 31
	}
	return body + alphabet[(31-sum%31)%31:][:1]
}

// ResidentID returns a valid resident identity number by number.
func ResidentID(n int) string {
	body := fmt.Sprintf("341502198001%02d%03d", n/1000%28+1, n%1000)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * w
	}
	return body + "10X98765432"[sum%11:][:1]
}

// Clock is a clock that a test moves.
type Clock struct{ At time.Time }

// Now returns the time that was set.
func (c *Clock) Now() time.Time { return c.At }
