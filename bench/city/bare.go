package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	_ "github.com/duckdb/duckdb-go/v2" // the engine that is measured
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// bareMain reads every delivery below a folder as text and writes one Parquet file per catalogue and kind of file: no contract, no types, no keys,
// no counting of rows, no ledger. It is the least that anyone who wants the data in a lake has to pay.
func bareMain(ctx context.Context, deliveries string, memoryMB int) error {
	scratch, err := os.MkdirTemp("", "yidaitong-bare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("SET memory_limit = '%d MB'; SET temp_directory = %s; SET preserve_insertion_order = false", memoryMB, quoted(scratch))); err != nil {
		return err
	}
	groups, err := groupsOf(deliveries)
	if err != nil {
		return err
	}
	var rows int64
	for i, g := range groups {
		n, err := g.convert(ctx, db, scratch, i)
		if err != nil {
			return fmt.Errorf("%s as %s: %w", g.catalogue, g.kind, err)
		}
		rows += n
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]int64{"received": rows})
}

// group is the files of one catalogue that one statement reads.
type group struct {
	catalogue string
	kind      string // csv, csv utf-16, csv gb, zip, jsonl, json, parquet, xlsx
	files     []string
}

var dated = regexp.MustCompile(`_(full_|delete_)?[0-9]{8}\..*$`)

func groupsOf(deliveries string) ([]*group, error) {
	found := map[[2]string]*group{}
	var groups []*group
	err := filepath.WalkDir(deliveries, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		kind, err := kindOf(path)
		if err != nil {
			return err
		}
		key := [2]string{dated.ReplaceAllString(path, ""), kind}
		if found[key] == nil {
			found[key] = &group{catalogue: filepath.Base(key[0]), kind: kind}
			groups = append(groups, found[key])
		}
		found[key].files = append(found[key].files, path)
		return nil
	})
	return groups, err
}

// kindOf tells the kind of a file by its name, and of CSV the encoding by its first bytes.
func kindOf(path string) (string, error) {
	kind := strings.TrimPrefix(filepath.Ext(path), ".")
	if kind != "csv" {
		return kind, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	start = start[:n]
	switch line, _, _ := bytes.Cut(start, []byte("\n")); {
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}):
		return "csv utf-16", nil
	case !utf8.Valid(line):
		return "csv gb", nil
	}
	return "csv", nil
}

func (g *group) convert(ctx context.Context, db *sql.DB, scratch string, number int) (int64, error) {
	files := g.files
	read := "read_csv(%s, header = true, all_varchar = true, union_by_name = true, filename = true)"
	var err error
	switch g.kind {
	case "csv", "gz":
	case "csv utf-16":
		read = "read_csv(%s, header = true, all_varchar = true, union_by_name = true, filename = true, encoding = 'utf-16')"
	case "csv gb":
		files, err = each(files, scratch, fromGB)
	case "zip":
		files, err = each(files, scratch, unzipped)
	case "xlsx":
		files, err = each(files, scratch, sheetRows)
	case "jsonl", "json":
		read = "read_json(%s, union_by_name = true, filename = true, sample_size = 1000, maximum_object_size = 67108864)"
	case "parquet":
		read = "read_parquet(%s, union_by_name = true, filename = true)"
	default:
		return 0, fmt.Errorf("nobody reads such files")
	}
	if err != nil {
		return 0, err
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = quoted(file)
	}
	out := filepath.Join(scratch, fmt.Sprintf("%d.parquet", number))
	result, err := db.ExecContext(ctx, fmt.Sprintf("COPY (FROM "+read+") TO %s (FORMAT parquet)", "["+strings.Join(names, ", ")+"]", quoted(out)))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		if slices.Contains(g.files, file) {
			continue
		}
		if err := os.Remove(file); err != nil {
			return 0, err
		}
	}
	if err := os.Remove(out); err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// each brings files into a form that DuckDB reads.
func each(files []string, scratch string, convert func(from string, to io.Writer) error) ([]string, error) {
	var made []string
	for _, from := range files {
		to := filepath.Join(scratch, filepath.Base(from)+".csv")
		out, err := os.Create(to)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(convert(from, out), out.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(from), err)
		}
		made = append(made, to)
	}
	return made, nil
}

func fromGB(from string, to io.Writer) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(to, transform.NewReader(in, simplifiedchinese.GB18030.NewDecoder()))
	return err
}

func unzipped(from string, to io.Writer) error {
	archive, err := zip.OpenReader(from)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, member := range archive.File {
		in, err := member.Open()
		if err != nil {
			return err
		}
		_, err = io.Copy(to, in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return nil
}

// sheetRows writes the rows of all sheets that are as wide as the widest: titles and instructions are narrower.
func sheetRows(from string, to io.Writer) error {
	book, err := excelize.OpenFile(from)
	if err != nil {
		return err
	}
	defer book.Close()
	out := csv.NewWriter(to)
	headed := false
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			return err
		}
		width := 0
		for _, row := range rows {
			width = max(width, len(row))
		}
		if width < 2 {
			continue
		}
		header := slices.IndexFunc(rows, func(row []string) bool { return len(row) == width })
		if headed {
			header++
		}
		headed = true
		for _, row := range rows[header:] {
			if err := out.Write(append(row, make([]string, width-len(row))...)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
