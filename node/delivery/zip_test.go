package delivery_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// entry is a file to put into an archive.
type entry struct{ name, content string }

func zipped(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, NonUTF8: !strings.HasPrefix(e.name, "utf8")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func paymentRows(kind string, n int) string {
	var b strings.Builder
	b.WriteString(paymentHeader)
	for i := range n {
		fmt.Fprintf(&b, "91341500%010d,甲公司,2024-03,%s,%d,2024-04-05\n", i, kind, i)
	}
	return b.String()
}

func bookOf(t *testing.T, rows ...[]any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	workbook(t, path, map[string][][]any{"1": rows})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every file in an archive is a delivery of its own, with its own day, checksum and account; an archive's place and name tell what its members do not.
func TestAnArchivesMembersAreDeliveriesOfTheirOwn(t *testing.T) {
	h := newHouse(t)
	header := []any{"纳税人识别号", "税款所属期", "税种", "实缴税额", "缴款日期"}
	parquet := filepath.Join(t.TempDir(), "p.parquet")
	h.exec(`COPY (SELECT '91341500799655058B' AS 税号, DATE '2024-03-01' AS 税款所属期, '列存税' AS 税种, 1 AS 实缴税额, DATE '2024-04-05' AS 缴款日期) TO '` + parquet + `' (FORMAT parquet)`)
	columns, err := os.ReadFile(parquet)
	if err != nil {
		t.Fatal(err)
	}
	archive := zipped(t,
		entry{"一季度/tax_payment_20240410.csv", paymentRows("增值税", 3)},
		entry{"二季度/深/税款缴纳信息20240710.csv", gb18030(t, paymentRows("印花税", 2))},
		entry{gb18030(t, "导出数据.csv"), paymentRows("房产税", 1) + ",,2024-03,增值税,100,2024-04-05\n"},
		entry{"tax_payment_20240101.csv.gz", gzipped(t, paymentRows("契税", 1))},
		entry{"tax_payment_20240102.xlsx", bookOf(t, header, []any{"91341500799655058B", "2024-03", "工作簿税", 1, 45387})},
		entry{"tax_payment_20240103.xlsx.gz", gzipped(t, bookOf(t, header, []any{"91341500799655058B", "2024-03", "压缩簿税", 1, 45387}))},
		entry{"tax_payment_20240104.parquet", string(columns)},
		entry{"空目录/", ""},
		entry{"__MACOSX/._tax_payment_20240410.csv", "x"},
		entry{"一季度/.DS_Store", "x"},
		entry{"说明.txt", "本批数据由税务局报送"},
	)
	report := h.load(h.file("tax", "tax_payment_20240930.zip", archive))
	if report.Files != 7 || report.Received != 11 || report.Landed != 10 || report.Quarantined != 1 || len(report.Refused) != 1 || !strings.HasSuffix(report.Refused[0].File, "tax_payment_20240930.zip/说明.txt") {
		t.Fatalf("report %+v", report)
	}
	got := h.query(`SELECT tax_kind, _known_on, count(*), regexp_extract(any_value(_delivery), '^[^@]*') FROM landed.tax__tax_payment GROUP BY ALL ORDER BY 2, 1`)
	want := [][]string{
		{"契税", "2024-01-01", "1", "tax_payment_20240930.zip/tax_payment_20240101.csv.gz"},
		{"工作簿税", "2024-01-02", "1", "tax_payment_20240930.zip/tax_payment_20240102.xlsx"},
		{"压缩簿税", "2024-01-03", "1", "tax_payment_20240930.zip/tax_payment_20240103.xlsx.gz"},
		{"列存税", "2024-01-04", "1", "tax_payment_20240930.zip/tax_payment_20240104.parquet"},
		{"增值税", "2024-04-10", "3", "tax_payment_20240930.zip/一季度/tax_payment_20240410.csv"},
		{"印花税", "2024-07-10", "2", "tax_payment_20240930.zip/二季度/深/税款缴纳信息20240710.csv"},
		{"房产税", "2024-09-30", "1", "tax_payment_20240930.zip/导出数据.csv"},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("landed %q", got)
	}
	// What was in the archive counts as taken when it comes again by itself.
	if again := h.load(h.file("tax", "tax_payment_x.csv", paymentRows("增值税", 3))); again.Duplicates != 3 {
		t.Errorf("a member sent again: %+v", again)
	}
	h.mustHold()
	if left, err := os.ReadDir(h.lake.Temp()); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

// An archive in no department's folder may hold several departments' folders; one in a department's folder holds only that department's.
func TestAnArchiveDoesNotReachIntoAnotherDepartment(t *testing.T) {
	h := newHouse(t)
	court := "案号,企业名称,发布日期\n(2024)皖1502执1号,甲公司,2024-03-05\n"
	archive := zipped(t, entry{"court/dishonest_debtor_20240410.csv", court}, entry{"tax/tax_payment_20240410.csv", paymentRows("增值税", 1)}, entry{"x.csv", court})
	report := h.load(h.file("tax", "batch_20240410.zip", archive))
	if report.Files != 1 || len(report.Refused) != 2 || report.Catalogues[0].Catalogue != "tax_payment" {
		t.Fatalf("in tax's folder: %+v", report)
	}
	other := newHouse(t)
	if report := other.load(other.file("bureau", "batch_20240410.zip", archive)); report.Files != 3 || report.Landed != 2 || report.Duplicates != 1 {
		t.Errorf("in the bureau's folder: %+v", report)
	}
	if report := h.load(h.file("tax", "x.csv", court)); len(report.Refused) != 1 || !strings.Contains(report.Refused[0].Reason, "fits none of tax's data catalogues") {
		t.Errorf("another department's columns in tax's folder: %+v", report)
	}
}

func TestArchivesThatCannotBeTrustedAreRefused(t *testing.T) {
	rows := paymentRows("增值税", 500)
	whole := zipped(t, entry{"tax_payment_20240410.csv", rows})
	// The directory's entry is the last thing that names the file; sizes stand before the name.
	at := strings.LastIndex(whole, "tax_payment_20240410.csv")
	patched := func(offset int, value uint32) string {
		b := []byte(whole)
		binary.LittleEndian.PutUint32(b[at+offset:], value)
		return string(b)
	}
	locked := []byte(whole)
	locked[at-38] |= 1
	h := newHouse(t)
	for name, c := range map[string]struct{ content, says string }{
		"cut off":          {whole[:len(whole)/2], "cut off or damaged"},
		"nothing in it":    {zipped(t), "without a file in it"},
		"password":         {string(locked), "locked with a password"},
		"wrong checksum":   {patched(-30, 1), "damaged inside its zip archive"},
		"smaller than it":  {patched(-22, 10), "damaged inside its zip archive"},
		"larger than it":   {patched(-22, uint32(len(rows)+1)), "damaged inside its zip archive"},
		"damaged bytes":    {whole[:200] + "\xff\xff\xff\xff" + whole[204:], "damaged inside its zip archive"},
		"a zip in a zip":   {zipped(t, entry{"tax_payment_20240410.zip", whole}), "an archive inside an archive"},
		"out of the place": {zipped(t, entry{"../../court/judgment_20240410.csv", rows}), "a path that leaves the folder"},
		"an absolute path": {zipped(t, entry{"/etc/tax_payment_20240410.csv", rows}), "a path that leaves the folder"},
		"a drive":          {zipped(t, entry{`C:\tax\tax_payment_20240410.csv`, rows}), "a path that leaves the folder"},
		"backslashes":      {zipped(t, entry{`..\tax_payment_20240410.csv`, rows}), "a path that leaves the folder"},
		"a bomb":           {bomb(t, 128<<20, 1), "times its size"},
		"overlapping":      {bomb(t, 1<<20, 400), "lie over each other"},
		"too many files":   {zipped(t, slices.Repeat([]entry{{"a.csv", "x"}}, 10_001)...), "10001 files, more than the 10000"},
		"gz of a zip":      {gzipped(t, whole), "an archive inside an archive"},
	} {
		t.Run(name, func(t *testing.T) {
			report := h.load(h.file("tax", "tax_payment_20240410.zip", c.content))
			if report.Files != 0 || len(report.Refused) != 1 || !strings.Contains(report.Refused[0].Reason, c.says) {
				t.Errorf("report %+v, want %q", report, c.says)
			}
			if outside, err := filepath.Glob(filepath.Join(h.dir, "..", "..", "*", "judgment_20240410.csv")); err != nil || len(outside) > 0 {
				t.Errorf("written outside: %v %v", outside, err)
			}
		})
	}
}

// bomb is an archive of the same few kilobytes under many names, which unpack to size each.
func bomb(t *testing.T, size int64, times int) string {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	sum := crc32.NewIEEE()
	block := bytes.Repeat([]byte("0"), 1<<20)
	for range size >> 20 {
		_, _ = w.Write(block)
		_, _ = sum.Write(block)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	raw, err := z.CreateRaw(&zip.FileHeader{Name: "tax_payment_20240410.csv", Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(size)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if times == 1 {
		return b.String()
	}
	// The same entry of the directory again and again, all towards the same bytes.
	text := b.Bytes()
	end := bytes.LastIndex(text, []byte("PK\x05\x06"))
	start := bytes.LastIndex(text, []byte("PK\x01\x02"))
	directory := bytes.Repeat(text[start:end], times)
	closing := slices.Clone(text[end:])
	binary.LittleEndian.PutUint16(closing[8:], uint16(times))
	binary.LittleEndian.PutUint16(closing[10:], uint16(times))
	binary.LittleEndian.PutUint32(closing[12:], uint32(len(directory)))
	return string(text[:start]) + string(directory) + string(closing)
}
