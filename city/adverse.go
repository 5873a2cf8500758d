package city

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Adverse writes one delivery of the court in which the firm appears: an enforcement filed ten days before the day, and its publication as
// a dishonest judgment debtor two days before it. It returns the files. Asked again for the same firm and day it writes the same
// bytes to the same files, so that an interrupted run may simply ask again.
func Adverse(ctx context.Context, dir, usci string, on time.Time) ([]string, error) {
	firm, err := truthOf(ctx, dir, usci)
	if err != nil {
		return nil, err
	}
	h := fnv.New32a()
	fmt.Fprint(h, usci, on.Format(time.DateOnly))
	caseNo := fmt.Sprintf("（%d）皖%s执%d号", on.Year(), firm.division[2:], 5000+h.Sum32()%4000)
	day := func(days int) string { return on.AddDate(0, 0, -days).Format(time.DateOnly) }

	enforcement := [][2]string{{"执行案号", caseNo}, {"被执行人证件号码", usci}, {"被执行人名称", firm.name}, {"执行标的(元)", "486200.00"}, {"立案日期", day(10)}, {"结案日期", ""}}
	dishonest := [][2]string{{"执行案号", caseNo}, {"统一社会信用代码", usci}, {"失信被执行人名称", firm.name}, {"法定代表人", firm.legalPerson}, {"发布日期", day(2)}, {"撤销日期", ""}}

	court := filepath.Join(dir, "deliveries", "court")
	if err := os.MkdirAll(court, 0o755); err != nil {
		return nil, fmt.Errorf("make the court's folder: %w", err)
	}
	stamp := on.Format("20060102")
	files := []struct {
		path string
		text []byte
	}{
		{filepath.Join(court, "enforcement_"+stamp+".jsonl"), append(object(enforcement), '\n')},
		{filepath.Join(court, "dishonest_debtor_"+stamp+".json"), append(append([]byte("[\n\t"), object(dishonest)...), "\n]\n"...)},
	}
	var paths []string
	for _, f := range files {
		if err := writeOnce(f.path, f.text); err != nil {
			return nil, err
		}
		paths = append(paths, f.path)
	}
	return paths, nil
}

type firmTruth struct{ name, division, legalPerson string }

func truthOf(ctx context.Context, dir, usci string) (firmTruth, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return firmTruth{}, fmt.Errorf("open DuckDB: %w", err)
	}
	defer db.Close()
	var f firmTruth
	err = db.QueryRowContext(ctx, "SELECT name, division_code, legal_person FROM "+quoted(filepath.Join(dir, "truth", "firm.parquet"))+" WHERE usci = ?", usci).
		Scan(&f.name, &f.division, &f.legalPerson)
	if errors.Is(err, sql.ErrNoRows) {
		return firmTruth{}, fmt.Errorf("the city in %s has no firm with that code; take one from truth/firm.parquet", dir)
	}
	if err != nil {
		return firmTruth{}, fmt.Errorf("look up the firm in the truth under %s: %w", dir, err)
	}
	return f, nil
}

// object is one JSON object with its members in order; an empty value is null.
func object(members [][2]string) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		value := []byte("null")
		if m[1] != "" {
			value, _ = json.Marshal(m[1]) // a string always marshals
		}
		fmt.Fprintf(&b, "%q:%s", m[0], value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// writeOnce writes a file as a whole; it is left alone when it holds these bytes already, and never overwritten with others.
func writeOnce(path string, text []byte) error {
	there, err := os.ReadFile(path)
	if err == nil {
		if bytes.Equal(there, text) {
			return nil
		}
		return fmt.Errorf("%s is there already with other content; choose another day", path)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for %s: %w", path, err)
	}
	temporary := path + ".part"
	if err := os.WriteFile(temporary, text, 0o644); err != nil {
		return fmt.Errorf("write the court's delivery: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write the court's delivery: %w", err)
	}
	return nil
}

// quoted is a text as an SQL literal.
func quoted(s string) string { return "'" + escaped(s) + "'" }

func escaped(s string) string { return strings.ReplaceAll(s, "'", "''") }
