package delivery

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// most is how much memory reading one hostile file may ask for in all.
const most = 96 << 20

// hostile prepares a file that write makes, as tax_payment or as whatever it fits, and checks what that costs. It returns what was said.
func hostile(t *testing.T, name string, write func(w io.Writer)) (*source, string) {
	t.Helper()
	all, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "tax")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	write(f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sources := examine(all, path, time.Now())
	s := sources[0]
	if err = s.failure; err == nil {
		s.number = 1
		err = s.prepare(t.Context(), nil, all, s.contract, temp)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > most {
		t.Errorf("%d MB were allocated", used>>20)
	}
	if err == nil {
		return s, ""
	}
	if asRefusal(err) == nil {
		t.Fatalf("not refused but failed: %v", err)
	}
	return s, err.Error()
}

func repeat(w io.Writer, text string, times int) {
	block := bytes.Repeat([]byte(text), max(1, (1<<20)/len(text)))
	for size := len(text) * times; size > 0; size -= len(block) {
		_, _ = w.Write(block[:min(size, len(block))])
	}
}

// hole makes a file longer without taking room on the disk.
func hole(t *testing.T, w io.Writer, size int64) {
	t.Helper()
	f, _ := w.(*os.File)
	at, err := f.Seek(size, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(at); err != nil {
		t.Fatal(err)
	}
}

const goodRow = "91341500799655058B,甲公司,2024-03,增值税,1,2024-04-05\n"

// endless gives one block of bytes again and again, as the stream of a file that nobody has room for.
type endless struct {
	block []byte
	left  int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, e.block[:min(int64(len(e.block)), e.left)])
	e.left -= int64(n)
	return n, nil
}

// A line of two gigabytes is one row that is kept back, and is never held in memory.
func TestALineOfTwoGigabytes(t *testing.T) {
	reader := newRecordReader(io.MultiReader(strings.NewReader(goodRow), &endless{bytes.Repeat([]byte("x"), 1<<20), 2 << 30}, strings.NewReader("\n"+goodRow)), ',')
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var rules []string
	for {
		rec, err := reader.next()
		if err != nil {
			break
		}
		rules = append(rules, rec.rule)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 || strings.Join(rules, ";") != ";"+ruleTooLong+";" {
		t.Errorf("%d MB were allocated, the rows are %q", used>>20, rules)
	}
}

// The same in a file: among its rows, as its header, and behind a quote that never closes.
func TestALongLine(t *testing.T) {
	s, said := hostile(t, "tax_payment_20240410.csv", func(w io.Writer) {
		repeat(w, fuzzHeader, 1)
		repeat(w, goodRow, 2000) // more than what is looked at to find out what the file is
		hole(t, w, 128<<20)
		repeat(w, "\n"+goodRow, 1)
	})
	if said != "" || s.received != 2002 || s.rejects == "" {
		t.Errorf("%q, %d rows", said, s.received)
	}
	if info, err := os.Stat(s.readPath); err != nil || info.Size() > 1<<20 {
		t.Errorf("the copy: %v %v", info, err)
	}
	if _, said := hostile(t, "tax_payment_20240410.csv", func(w io.Writer) { repeat(w, "列", 10<<20) }); !strings.Contains(said, "without the columns") {
		t.Errorf("as a header: %q", said)
	}
	if s, said := hostile(t, "tax_payment_20240410.csv", func(w io.Writer) {
		repeat(w, fuzzHeader+`"`, 1)
		repeat(w, "x", 4<<20)
		repeat(w, "\n"+goodRow, 1)
	}); said != "" || s.received != 2 {
		t.Errorf("behind a quote: %q, %d rows", said, s.received)
	}
}

func TestAMillionColumns(t *testing.T) {
	for name, write := range map[string]func(w io.Writer){
		"named":   func(w io.Writer) { repeat(w, "税号,", 1_000_000) },
		"empty":   func(w io.Writer) { repeat(w, ",", 1_000_000); repeat(w, "\n", 1) },
		"in data": func(w io.Writer) { repeat(w, fuzzHeader, 1); repeat(w, ",", 1_000_000); repeat(w, "\n", 1) },
	} {
		for _, file := range []string{"tax_payment_20240410.csv", "x.csv"} {
			s, said := hostile(t, file, write)
			if said == "" && s.received != 1 || said != "" && !strings.Contains(said, "columns") {
				t.Errorf("%s, %s: %q, %d rows", name, file, said, s.received)
			}
		}
	}
	s, said := hostile(t, "tax_payment_20240410.json", func(w io.Writer) {
		repeat(w, `[{"税号":"1","税款所属期":"2024-03","税种":"增值税","实缴税额":1,"缴款日期":"2024-04-05"`, 1)
		for i := range 300_000 {
			fmt.Fprintf(w, `,"c%d":1`, i)
		}
		repeat(w, "}]", 1)
	})
	if said != "" || s.received != 1 {
		t.Errorf("json: %q, %d rows", said, s.received)
	}
}

func TestJSONThatIsOneHugeValue(t *testing.T) {
	for name, open := range map[string]string{
		"a string": `[{"税号":"`, "a name": `[{"`, "nested": `[{"税号":[`, "an element": `["`, "a wrapper": `{"note":"`, "a number": `[{"税号":1`, "blanks": `[ `,
	} {
		fill := "1"
		if name == "blanks" {
			fill = " "
		}
		if _, said := hostile(t, "tax_payment_20240410.json", func(w io.Writer) { repeat(w, open, 1); repeat(w, fill, 16<<20) }); !strings.Contains(said, "more than 8 MB") && !strings.Contains(said, "cut off") && !strings.Contains(said, "without the") {
			t.Errorf("%s: %q", name, said)
		}
	}
	if _, said := hostile(t, "tax_payment_20240410.json", func(w io.Writer) { repeat(w, "[{\"税号\":", 1); repeat(w, "[", 10<<20) }); !strings.Contains(said, "not valid JSON") {
		t.Errorf("deep: %q", said)
	}
	if s, said := hostile(t, "tax_payment_20240410.jsonl", func(w io.Writer) {
		repeat(w, `{"税号":"1","税款所属期":"2024-03","税种":"增值税","实缴税额":1,"缴款日期":"2024-04-05"}`+"\n{\"税号\":\"", 1)
		repeat(w, "1", 16<<20)
	}); said != "" || s.received != 2 {
		t.Errorf("a line: %q, %d rows", said, s.received)
	}
}

// compressed writes a gz file.
func compressed(w io.Writer, write func(w io.Writer)) {
	z := gzip.NewWriter(w)
	write(z)
	_ = z.Close()
}

func TestBombs(t *testing.T) {
	if _, said := hostile(t, "tax_payment_20240410.csv.gz", func(w io.Writer) {
		compressed(w, func(w io.Writer) { repeat(w, fuzzHeader, 1); repeat(w, ",,,,,\n", 12<<20) })
	}); !strings.Contains(said, "times its size") {
		t.Errorf("gz: %q", said)
	}
	if _, said := hostile(t, "tax_payment_20240410.json.gz", func(w io.Writer) {
		compressed(w, func(w io.Writer) { repeat(w, "[", 1); repeat(w, "{},", 24<<20) })
	}); !strings.Contains(said, "times its size") {
		t.Errorf("gz of json: %q", said)
	}
	sheet := func(part string, write func(w io.Writer)) func(w io.Writer) {
		return func(w io.Writer) {
			z := zip.NewWriter(w)
			for name, text := range map[string]string{
				"[Content_Types].xml":        "",
				"xl/workbook.xml":            `<workbook><sheet name="a" r:id="1"/></workbook>`,
				"xl/_rels/workbook.xml.rels": `<a><Relationship Id="1" Type="worksheet" Target="s.xml"/><Relationship Id="2" Type="sharedStrings" Target="t.xml"/></a>`,
				"xl/s.xml":                   "<sheetData></sheetData>", "xl/t.xml": "<sst></sst>",
			} {
				f, err := z.Create(name)
				if err != nil {
					t.Fatal(err)
				}
				if name == part {
					write(f)
				} else {
					_, _ = io.WriteString(f, text)
				}
			}
			_ = z.Close()
		}
	}
	for name, c := range map[string]struct {
		part, says string
		write      func(w io.Writer)
	}{
		"rows":           {"xl/s.xml", "times its size", func(w io.Writer) { repeat(w, "<sheetData>", 1); repeat(w, "<row/>", 12<<20) }},
		"one text":       {"xl/s.xml", "damaged sheet", func(w io.Writer) { repeat(w, "<sheetData><row><c><v>", 1); repeat(w, "1", 4<<20) }},
		"many texts":     {"xl/s.xml", "damaged sheet", func(w io.Writer) { repeat(w, "<sheetData><row><c><v>", 1); repeat(w, "1<!---->", 4<<20) }},
		"cells":          {"xl/s.xml", "damaged sheet", func(w io.Writer) { repeat(w, "<sheetData><row>", 1); repeat(w, "<c/>", 1_000_000) }},
		"shared strings": {"xl/t.xml", "damaged sheet", func(w io.Writer) { repeat(w, "<sst><si><t>", 1); repeat(w, "x", 4<<20) }},
		"merged areas":   {"xl/s.xml", "more text than", func(w io.Writer) { repeat(w, `<mergeCell ref="A1:A9"/>`, 2_000_000) }},
		"far rows": {"xl/s.xml", "without the columns", func(w io.Writer) {
			repeat(w, `<sheetData><row r="99999999999"/><row r="1000000000"><c r="A1000000000"/></row></sheetData>`, 1)
		}},
	} {
		if _, said := hostile(t, "tax_payment_20240410.xlsx", sheet(c.part, c.write)); !strings.Contains(said, c.says) {
			t.Errorf("workbook, %s: %q", name, said)
		}
	}
}
