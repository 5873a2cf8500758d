package delivery

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// taken prepares content as a file of tax/tax_payment, or of whatever catalogue it fits, and checks what must hold for any content: it is
// refused with a sentence, or every row is in the copy that the engine reads, with as many cells as the copy has columns.
func taken(t *testing.T, all *catalog.Catalogs, known *catalog.Contract, content []byte) {
	t.Helper()
	dir := t.TempDir()
	s := &source{path: filepath.Join(dir, "in"), file: filepath.Join(dir, "in"), name: "in", number: 1}
	if err := os.WriteFile(s.file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.content, err = s.sniff(); err == nil && s.content.format == formatParquet {
		t.Skip("the engine's own format")
	}
	if err == nil {
		err = s.prepare(t.Context(), nil, all, known, dir)
	}
	if err != nil {
		var why *refusal
		if !errors.As(err, &why) || why.Error() == "" || why.chinese() == "" {
			t.Fatalf("not refused but failed: %v", err)
		}
		return
	}
	checkCopy(t, s)
}

func checkCopy(t *testing.T, s *source) {
	t.Helper()
	text, err := os.ReadFile(s.readPath)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord, reader.LazyQuotes = rune(s.delim), -1, true, false
	want, rows := len(s.layout), int64(0)
	if s.direct {
		rows = -1 // the header
	} else {
		want++ // the row's number
	}
	for {
		record, err := reader.Read()
		if err != nil {
			if err.Error() != "EOF" {
				t.Fatalf("the copy cannot be read: %v", err)
			}
			break
		}
		if len(record) != want {
			t.Fatalf("row %d of the copy has %d cells, want %d", rows+1, len(record), want)
		}
		rows++
	}
	if rows != s.received {
		t.Fatalf("the copy has %d rows, %d were received", rows, s.received)
	}
}

// fuzzContracts are the catalogues of two departments: to look for the header of every catalogue in every input would take most of the time.
func fuzzContracts(f *testing.F) (*catalog.Catalogs, *catalog.Contract) {
	f.Helper()
	few := fstest.MapFS{}
	for _, pattern := range []string{"tax/*.yaml", "court/*.yaml"} {
		files, err := fs.Glob(catalogs.FS, pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(catalogs.FS, file)
			if err != nil {
				f.Fatal(err)
			}
			few[file] = &fstest.MapFile{Data: text}
		}
	}
	all, err := catalog.Load(few)
	if err != nil {
		f.Fatal(err)
	}
	known, _ := all.Find("tax", "tax_payment")
	return all, known
}

const fuzzHeader = "纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期\n"

func FuzzDelimitedText(f *testing.F) {
	all, known := fuzzContracts(f)
	for _, seed := range []string{
		fuzzHeader + "1,甲,2024-03,增值税,1,2024-04-05\n",
		fuzzHeader + "1,\"甲\n乙\",2024-03,增值税,\"1,000\",2024-04-05\r\n\r\n1,2\n\"x\n",
		fuzzHeader + "1,甲\"乙\",2024-03,增值税,1,2024-04-05,,\n\"a\"b,1,1,1,1,1\n\xff,1,1,1,1,1\n\x00,1,1,1,1,1\n",
		"\ufeff" + strings.ReplaceAll(fuzzHeader, ",", "\t") + "1\t2\t3\t4\t5\t6",
		"标题\n\n" + strings.ReplaceAll(fuzzHeader, ",", ";") + "1;2;3;4;5;\"\"\"\"\n",
		"\xff\xfe,\x00\n\x00", "\x1f\x8b\x08\x00", "PK\x03\x04", `"`, "\"\n\"", "\r\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		taken(t, all, known, content)
		taken(t, all, nil, content)
	})
}

func FuzzJSON(f *testing.F) {
	all, known := fuzzContracts(f)
	for _, seed := range []string{
		`[{"税号":"1","税款所属期":"2024-03","税种":"增值税","实缴税额":1e3,"缴款日期":null}]`,
		`{"data":[{"税号":"1","税款所属期":{"a":[1]},"税种":"\u0000","实缴税额":true,"缴款日期":"\"\n,"},7,[]]}`,
		"{\"税号\":\"1\",\"税款所属期\":\"2024-03\",\"税种\":\"增\",\"实缴税额\":\"1\",\"缴款日期\":\"2\"}\n{\n[]\n{\"税号\":\"1\",\"税号\":\"2\"}x\n",
		`[`, `{`, `[{]`, `[[[[`, "{}\n{}", `{"a":{"b":[{}]}}`, `[{"税号":"\ud800"}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		taken(t, all, known, content)
		taken(t, all, nil, content)
	})
}

func FuzzWorkbook(f *testing.F) {
	all, known := fuzzContracts(f)
	book := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "纳税人识别号", "B1": "税款所属期", "C1": "税种", "D1": "实缴税额", "E1": "缴款日期", "A2": "1", "B2": 45352, "C2": "增值税", "D2": 1.5, "E2": "2024-04-05"} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			f.Fatal(err)
		}
	}
	var whole bytes.Buffer
	if err := book.Write(&whole); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()/2])
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		taken(t, all, known, content)
	})
}

// FuzzArchive takes any bytes for a zip archive: each of its members is taken or refused with a sentence, and nothing is written outside.
func FuzzArchive(f *testing.F) {
	all, _ := fuzzContracts(f)
	var whole bytes.Buffer
	z := zip.NewWriter(&whole)
	for name, text := range map[string]string{"tax_payment_1.csv": fuzzHeader + "1,甲,2024-03,增值税,1,2024-04-05\n", "../x.csv": "x", "a/b.json": "[]", "empty.csv": ""} {
		w, err := z.Create(name)
		if err != nil {
			f.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()-30])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := filepath.Join(t.TempDir(), "tax")
		path := filepath.Join(dir, "tax_payment_20240410.zip")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
		temp := t.TempDir()
		for i, s := range examine(all, path, time.Now()) {
			err := s.failure
			if err == nil && s.content.format == formatParquet {
				continue
			}
			if s.number = int64(i); err == nil {
				err = s.prepare(t.Context(), nil, all, s.contract, temp)
			}
			if err != nil && asRefusal(err) == nil {
				t.Fatalf("not refused but failed: %v", err)
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Fatalf("written outside: %v %v", left, err)
		}
	})
}

// FuzzParquet lets the engine read any bytes for a Parquet file: it takes them or they are refused with a sentence.
func FuzzParquet(f *testing.F) {
	all, known := fuzzContracts(f)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(f.TempDir(), "p.parquet")
	if _, err := db.Exec(`COPY (SELECT '1' AS 税号, DATE '2024-03-01' AS 税款所属期, '增值税' AS 税种, 1 AS 实缴税额, DATE '2024-04-05' AS 缴款日期) TO '` + path + `' (FORMAT parquet)`); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("PAR1\xff\xff\xff\x7fPAR1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		s := &source{path: filepath.Join(dir, "in"), file: filepath.Join(dir, "in"), name: "in", number: 1}
		if err := os.WriteFile(s.file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		err := s.prepareParquet(t.Context(), db, all, known, dir)
		if err != nil && asRefusal(err) == nil {
			t.Fatalf("not refused but failed: %v", err)
		}
	})
}

func FuzzHeader(f *testing.F) {
	all, known := fuzzContracts(f)
	f.Add("税号", "金额（万元）")
	f.Add("  ＵＳＣＩ ", "实缴税额/元")
	f.Fuzz(func(t *testing.T, first, second string) {
		rows := [][]string{{first, second}, {second, first}}
		_, _ = findTable(all.All(), nil, rows)
		table := tableOf(known, []string{first, second, first})
		for i, field := range table.columns {
			if field >= len(known.Fields) || (field >= 0 && table.headers[field] == "") {
				t.Fatalf("column %d means field %d", i, field)
			}
		}
		if table.columns[0] >= 0 && table.columns[2] == table.columns[0] {
			t.Fatal("two columns mean one field")
		}
	})
}

// FuzzGB18030 compares the fast decoder with the one of golang.org/x/text, read in pieces of any size.
func FuzzGB18030(f *testing.F) {
	for _, seed := range []string{"abc", "\xc1\xf9\xb0\xb2,\xca\xd0\n", "\x81\x30\x81\x30\x90\x30\x81\x30", "\x80\xff\x81", "\xfe\x39\xfe\x39\xfe", "a\x81\x30\x81", "\x81\x30\x81\x30"} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, piece int) {
		want, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(newGBReader(&pieces{text: text, size: max(1, piece%7)}))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q gives %q, want %q (%v)", text, got, want, err)
		}
	})
}

// pieces hands text out a few bytes at a time.
type pieces struct {
	text []byte
	size int
}

func (p *pieces) Read(into []byte) (int, error) {
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	n := copy(into, p.text[:min(p.size, len(p.text))])
	p.text = p.text[n:]
	return n, nil
}
