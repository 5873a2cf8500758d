package delivery

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// ruleFormula is broken by a cell whose formula has no stored result, or shows an error.
const ruleFormula = "formula"

// prepareXLSX copies the rows of every sheet that has the table's header, and names the sheets that have not. Cells are read as they are stored:
// dates as serial numbers, formulas as the result that Excel stored with them.
func (s *source) prepareXLSX(all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	b, done, err := s.openBook(temp)
	if err != nil {
		return err
	}
	defer done()
	copied := bookCopy{s: s, book: b, candidates: s.candidates(all), known: known, temp: temp}
	for _, sheet := range b.sheets {
		if err := copied.sheet(sheet); err != nil {
			return errors.Join(err, copied.close())
		}
	}
	if copied.w == nil {
		return copied.nothing()
	}
	for _, name := range copied.unread {
		s.table.unknown = append(s.table.unknown, "工作表 "+clip(name))
	}
	return copied.close()
}

// findBookTable finds the catalogue by the first sheet that fits one.
func (s *source) findBookTable(all *catalog.Catalogs, temp string) error {
	b, done, err := s.openBook(temp)
	if err != nil {
		return err
	}
	defer done()
	first := refuse(whyNoSheet)
	for i, sheet := range b.sheets {
		rows, err := b.open(sheet)
		if err != nil {
			return err
		}
		head, err := rows.head()
		rows.done()
		if err != nil {
			return bookFailure(err)
		}
		t, err := findTable(s.candidates(all), nil, head)
		if err == nil {
			s.contract, s.table = t.contract, t
			return nil
		}
		if i == 0 || len(head) > 0 {
			first = err
		}
	}
	return s.placed(first)
}

func (s *source) openBook(temp string) (*book, func(), error) {
	path, err := s.onDisk(temp)
	if err != nil {
		return nil, nil, err
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, errors.Join(refuse(whyBook), removeTemp(path, s))
	}
	done := func() {
		_ = archive.Close()
		_ = removeTemp(path, s)
	}
	b := &book{archive: &archive.Reader, parts: map[string]*zip.File{}}
	if err := b.read(); err != nil {
		done()
		return nil, nil, bookFailure(err)
	}
	return b, done, nil
}

// bookFailure refuses the workbook, unless the failure says more by itself.
func bookFailure(err error) error {
	if refused := asRefusal(err); refused != nil {
		return refused
	}
	return refuse(whySheet)
}

// bookCopy copies a workbook's sheets into one table.
type bookCopy struct {
	s          *source
	book       *book
	candidates []*catalog.Contract
	known      *catalog.Contract
	temp       string
	w          *rewritten
	failure    error // of the first sheet that has rows but not the header
	unread     []string
}

// sheet finds a sheet's header and copies what stands below it. A sheet without the table's header is left out and named.
func (c *bookCopy) sheet(sheet bookSheet) error {
	rows, err := c.book.open(sheet)
	if err != nil {
		return bookFailure(err)
	}
	defer rows.done()
	head, err := rows.head()
	if err != nil {
		return bookFailure(err)
	}
	return c.rows(sheet, rows, head)
}

func (c *bookCopy) rows(sheet bookSheet, rows *sheetRows, head [][]string) error {
	t, err := findTable(c.candidates, c.known, head)
	if err != nil {
		if len(head) > 0 {
			c.unread = append(c.unread, sheet.name)
			c.failure = firstOf(c.failure, err)
		}
		return nil
	}
	if c.w == nil {
		c.s.contract, c.s.table, c.known = t.contract, t, t.contract
		if c.w, err = c.s.canonical(c.temp); err != nil {
			return err
		}
	} else if !slices.Equal(t.units, c.s.table.units) {
		return refuse(whySheetUnits)
	}
	rows.ahead = rows.ahead[t.headerRows:]
	cells := make([]string, len(c.s.layout))
	for {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bookFailure(err)
		}
		if err := c.book.copyRow(c.w, t, row, cells); err != nil {
			return err
		}
	}
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// nothing says why not one sheet was read.
func (c *bookCopy) nothing() error {
	if c.failure != nil {
		return c.s.placed(c.failure)
	}
	return refuse(whyNoSheet)
}

func (c *bookCopy) close() error {
	if c.w == nil {
		return nil
	}
	return c.w.close()
}

// book is an open workbook.
type book struct {
	archive  *zip.Reader
	parts    map[string]*zip.File
	sheets   []bookSheet
	shared   sharedStrings
	date1904 bool // serial numbers of days count from 1904, as Excel for Mac once did
}

// bookSheet is one sheet: its name and the part that holds it.
type bookSheet struct{ name, part string }

// read finds the sheets and reads the strings that they share.
func (b *book) read() error {
	if err := refuseArchive(b.archive, math.MaxInt64); err != nil {
		return err
	}
	for _, f := range b.archive.File {
		b.parts[strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")] = f
	}
	main, err := b.related("_rels/.rels", "", "officeDocument")
	if err != nil {
		return err
	}
	workbook := "xl/workbook.xml"
	for _, r := range main {
		workbook = r.target
	}
	folder := path.Dir(workbook)
	parts, err := b.related(path.Join(folder, "_rels", path.Base(workbook)+".rels"), folder, "")
	if err != nil {
		return err
	}
	if err := b.readWorkbook(workbook, parts); err != nil {
		return err
	}
	for _, r := range parts {
		if r.kind == "sharedStrings" {
			return b.readShared(r.target)
		}
	}
	return nil
}

// relation is a part that another part refers to.
type relation struct{ id, kind, target string }

// related reads a part's relations; those of another kind are left out, a kind of "" takes all.
func (b *book) related(part, folder, kind string) ([]relation, error) {
	if b.parts[part] == nil {
		return nil, nil
	}
	x, done, err := b.xml(part)
	if err != nil {
		return nil, err
	}
	defer done()
	var found []relation
	for {
		if err := x.next(); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		if x.kind != tagStart || x.name != "Relationship" {
			continue
		}
		var r relation
		r.id, _ = x.attr("Id")
		r.kind, _ = x.attr("Type")
		r.target, _ = x.attr("Target")
		r.kind = path.Base(r.kind)
		if strings.HasPrefix(r.target, "/") {
			r.target = strings.TrimPrefix(r.target, "/")
		} else {
			r.target = path.Join(folder, r.target)
		}
		if kind == "" || r.kind == kind {
			found = append(found, r)
		}
	}
}

func (b *book) readWorkbook(part string, parts []relation) error {
	x, done, err := b.xml(part)
	if err != nil {
		return refuse(whyBook)
	}
	defer done()
	for {
		if err := x.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch {
		case x.kind != tagStart:
		case x.name == "workbookPr":
			value, _ := x.attr("date1904")
			b.date1904 = value == "1" || value == "true"
		case x.name == "sheet":
			name, _ := x.attr("name")
			id, _ := x.attr("id")
			at := slices.IndexFunc(parts, func(r relation) bool { return r.id == id && r.kind == "worksheet" })
			if at >= 0 {
				b.sheets = append(b.sheets, bookSheet{name, parts[at].target})
			}
		}
	}
}

// xml opens a part. Parts are bounded like everything that is unpacked.
func (b *book) xml(part string) (*xmlReader, func(), error) {
	from, err := b.part(part)
	if err != nil {
		return nil, nil, err
	}
	return newXMLReader(from), func() { _ = from.Close() }, nil
}

func (b *book) part(name string) (io.ReadCloser, error) {
	f := b.parts[name]
	if f == nil {
		return nil, refuse(whyBook)
	}
	if err := tooLarge(int64(f.UncompressedSize64), int64(f.CompressedSize64)); err != nil {
		return nil, err
	}
	from, err := f.Open()
	if err != nil {
		return nil, refuse(whyBook)
	}
	return from, nil
}

// maxShared is how many bytes of text the sheets of a workbook may share; they are held in memory.
const maxShared = 256 << 20

// sharedStrings are the texts that cells refer to by number.
type sharedStrings struct {
	text []byte
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return string(s.text[start:s.ends[i]]), true
}

func (b *book) readShared(part string) error {
	x, done, err := b.xml(part)
	if err != nil {
		return err
	}
	defer done()
	for {
		if err := x.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if x.kind != tagStart || x.name != "si" {
			continue
		}
		if b.shared.text, err = appendText(x, "si", b.shared.text); err != nil {
			return err
		}
		if len(b.shared.text) > maxShared || len(b.shared.ends) > maxShared/4 {
			return refuse(whyBookSize, maxShared>>20)
		}
		b.shared.ends = append(b.shared.ends, uint32(len(b.shared.text)))
	}
}

// appendText appends the text of the element whose start was just read: that of its t elements, without the readings of characters (rPh).
func appendText(x *xmlReader, element string, text []byte) ([]byte, error) {
	if x.empty {
		return text, nil
	}
	inside := false
	for {
		if err := x.next(); err != nil {
			return text, ended(err)
		}
		switch {
		case x.kind == xmlText && inside:
			text = append(text, x.text...)
		case x.kind == tagStart && x.name == "rPh":
			if err := x.skip(); err != nil {
				return text, err
			}
		case x.kind == tagStart && x.name == "t":
			inside = !x.empty
		case x.kind == tagEnd && x.name == "t":
			inside = false
		case x.kind == tagEnd && x.name == element:
			return text, nil
		}
		if len(text) > 2*maxShared {
			return text, refuse(whyBookSize, maxShared>>20)
		}
	}
}

// sheetRows reads a sheet's rows from top to bottom.
type sheetRows struct {
	book   *book
	x      *xmlReader
	done   func()
	merges []merge    // those that the present row has not reached, by first row
	open   []merge    // those that began above or in the present row
	row    sheetRow   // the present row
	ahead  []sheetRow // rows that head read, not handed out yet
	text   []byte
}

// sheetRow is a row with its cells by column.
type sheetRow struct {
	number int // in the sheet, from 1
	cells  []string
	kinds  []cellKind
}

// cellKind is how a workbook stores a cell.
type cellKind byte

const (
	storedText cellKind = iota
	storedNumber
	storedBroken // a formula without a stored result, or one that shows an error
)

// merge is an area of several rows whose value stands in its first cell.
type merge struct {
	column, first, last int
	value               string
	kind                cellKind
}

// open begins to read a sheet. What is merged stands behind the rows, so it is looked for first.
func (b *book) open(sheet bookSheet) (*sheetRows, error) {
	merges, err := b.mergesOf(sheet)
	if err != nil {
		return nil, err
	}
	x, done, err := b.xml(sheet.part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{book: b, x: x, done: done, merges: merges}, nil
}

// maxMerges is how many merged areas of a sheet are kept.
const maxMerges = 1 << 18

// mergesOf lists the areas of several rows.
func (b *book) mergesOf(sheet bookSheet) ([]merge, error) {
	x, done, err := b.xml(sheet.part)
	if err != nil {
		return nil, err
	}
	defer done()
	var found []merge
	for {
		if err := x.seek("mergeCell"); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		area, _ := x.attr("ref")
		first, last, ok := strings.Cut(area, ":")
		column, top := cellAt(first)
		_, bottom := cellAt(last)
		if ok && column >= 0 && top > 0 && bottom > top {
			found = append(found, merge{column: column, first: top, last: bottom})
		}
		if len(found) > maxMerges {
			return nil, refuse(whyBookSize, maxShared>>20)
		}
	}
	slices.SortStableFunc(found, func(a, b merge) int { return a.first - b.first })
	return found, nil
}

// maxSheetColumns is how many columns Excel has.
const maxSheetColumns = 16384

// cellAt takes a reference like B12 apart: its column from 0 and its row from 1; -1, 0 for what is none.
func cellAt(ref string) (column, row int) {
	i := 0
	for ; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	if err != nil || row < 1 || column < 1 || column > maxSheetColumns {
		return -1, 0
	}
	return column - 1, row
}

// head reads the rows among which the header is looked for; rows that the sheet leaves out are empty.
func (r *sheetRows) head() ([][]string, error) {
	for len(r.ahead) < headerWithin {
		err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for len(r.ahead) < min(r.row.number-1, headerWithin) {
			r.ahead = append(r.ahead, sheetRow{number: len(r.ahead) + 1})
		}
		r.ahead = append(r.ahead, sheetRow{r.row.number, slices.Clone(r.row.cells), slices.Clone(r.row.kinds)})
	}
	var head [][]string
	for _, row := range r.ahead[:min(len(r.ahead), headerWithin)] {
		head = append(head, row.cells)
	}
	return head, nil
}

// next hands out the next row, valid until the row after it.
func (r *sheetRows) next() (sheetRow, error) {
	if len(r.ahead) > 0 {
		row := r.ahead[0]
		r.ahead = r.ahead[1:]
		return row, nil
	}
	err := r.read()
	return r.row, err
}

// read reads the next row that the sheet holds.
func (r *sheetRows) read() error {
	for {
		if err := r.x.next(); err != nil {
			return err
		}
		if r.x.kind == tagStart && r.x.name == "row" {
			break
		}
		if r.x.kind == tagEnd && r.x.name == "sheetData" {
			return io.EOF
		}
	}
	number := r.row.number + 1
	if given, ok := r.x.attr("r"); ok {
		if n, err := strconv.Atoi(given); err == nil && n >= number {
			number = n
		}
	}
	r.row = sheetRow{number, r.row.cells[:0], r.row.kinds[:0]}
	if !r.x.empty {
		if err := r.readCells(); err != nil {
			return err
		}
	}
	r.fillMerged()
	return nil
}

func (r *sheetRows) readCells() error {
	for {
		if err := r.x.next(); err != nil {
			return ended(err)
		}
		switch {
		case r.x.kind == tagEnd && r.x.name == "row":
			return nil
		case r.x.kind != tagStart:
		case r.x.name != "c":
			if err := r.x.skip(); err != nil {
				return err
			}
		default:
			if err := r.readCell(); err != nil {
				return err
			}
		}
	}
}

// readCell reads a cell into its place in the row.
func (r *sheetRows) readCell() error {
	column := len(r.row.cells)
	if ref, ok := r.x.attr("r"); ok {
		if at, _ := cellAt(ref); at >= column {
			column = at
		}
	}
	if column >= maxSheetColumns {
		return errXML
	}
	for len(r.row.cells) < column {
		r.row.cells, r.row.kinds = append(r.row.cells, ""), append(r.row.kinds, storedText)
	}
	stored, _ := r.x.attr("t")
	text, formula, found, err := r.readValue()
	if err != nil {
		return err
	}
	value, kind := r.book.value(stored, text, formula && !found)
	r.row.cells, r.row.kinds = append(r.row.cells, value), append(r.row.kinds, kind)
	return nil
}

// readValue reads what a cell's element holds: its value, whether there is a formula and whether there is a value.
func (r *sheetRows) readValue() (text []byte, formula, found bool, err error) {
	r.text = r.text[:0]
	if r.x.empty {
		return nil, false, false, nil
	}
	inside := false
	for {
		if err := r.x.next(); err != nil {
			return nil, false, false, ended(err)
		}
		switch {
		case r.x.kind == tagEnd && r.x.name == "c":
			return r.text, formula, found, nil
		case r.x.kind == xmlText && inside:
			r.text = append(r.text, r.x.text...)
		case r.x.kind == tagEnd && r.x.name == "v":
			inside = false
		case r.x.kind != tagStart:
		case r.x.name == "v":
			inside, found = !r.x.empty, true
		case r.x.name == "is":
			found = true
			if r.text, err = appendText(r.x, "is", r.text); err != nil {
				return nil, false, false, err
			}
		case r.x.name == "f":
			formula = true
			if err := r.x.skip(); err != nil {
				return nil, false, false, err
			}
		}
		if len(r.text) > maxXMLToken {
			return nil, false, false, errXML
		}
	}
}

// value is what a cell shows, by the way in which it is stored.
func (b *book) value(stored string, text []byte, unknown bool) (string, cellKind) {
	switch {
	case unknown || stored == "e":
		return string(text), storedBroken
	case stored == "s":
		number, err := strconv.Atoi(string(bytes.TrimSpace(text)))
		shared, ok := b.shared.at(number)
		if err != nil || !ok {
			return "", storedBroken
		}
		return shared, storedText
	case stored == "b":
		return map[bool]string{true: "TRUE", false: "FALSE"}[string(bytes.TrimSpace(text)) == "1"], storedText
	case stored == "" || stored == "n":
		return plainNumber(bytes.TrimSpace(text)), storedNumber
	default:
		return string(text), storedText
	}
}

// plainNumber writes a stored number as Excel shows it, with at most 15 digits and no exponent: 1234.57 is stored as 1234.5699999999999, a code of
// 15 digits as 3.41502800000015E+14.
func plainNumber(text []byte) string {
	if len(text) <= 15 && !bytes.ContainsAny(text, "eE") {
		return string(text)
	}
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(number, 0) || math.Abs(number) >= 1e20 {
		return string(text)
	}
	shown, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', 15, 64), 64)
	if err != nil {
		return string(text)
	}
	return strconv.FormatFloat(shown, 'f', -1, 64)
}

// fillMerged repeats a merged area's value in the rows over which it reaches. Rows that hold nothing else stay empty.
func (r *sheetRows) fillMerged() {
	n := 0
	for ; n < len(r.merges) && r.merges[n].first <= r.row.number; n++ {
		m := r.merges[n]
		if m.first == r.row.number && m.column < len(r.row.cells) {
			m.value, m.kind = r.row.cells[m.column], r.row.kinds[m.column]
			r.open = append(r.open, m)
		}
	}
	r.merges = r.merges[n:]
	if len(r.open) == 0 {
		return
	}
	r.open = slices.DeleteFunc(r.open, func(m merge) bool { return m.last < r.row.number })
	if blankCells(r.row.cells) {
		return
	}
	for _, m := range r.open {
		for len(r.row.cells) <= m.column {
			r.row.cells, r.row.kinds = append(r.row.cells, ""), append(r.row.kinds, storedText)
		}
		if r.row.cells[m.column] == "" {
			r.row.cells[m.column], r.row.kinds[m.column] = m.value, m.kind
		}
	}
}

func blankCells(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// copyRow writes a row's cells in the order of the contract's fields; rows without a single value are layout, not data.
func (b *book) copyRow(w *rewritten, t table, row sheetRow, cells []string) error {
	if blankCells(row.cells) && !slices.Contains(row.kinds, storedBroken) {
		return nil
	}
	clear(cells)
	rule := ""
	for i, value := range row.cells[:min(len(row.cells), len(t.columns))] {
		field := t.columns[i]
		if field == opColumn && len(cells) > len(t.contract.Fields) {
			cells[len(cells)-1] = value
		}
		if field < 0 {
			continue
		}
		switch {
		case row.kinds[i] == storedBroken:
			rule = ruleFormula
		case strings.IndexByte(value, 0) >= 0 || !utf8.ValidString(value):
			rule = ruleEncoding
		case row.kinds[i] == storedNumber && b.date1904:
			value = since1900(t.contract.Fields[field], value)
		}
		cells[field] = value
	}
	if rule != "" {
		return w.bad(rule, []byte(strings.Join(cells, ",")))
	}
	return w.row(cells)
}

// since1900 makes a serial number of a workbook that counts from 1904 one that counts from 1900.
func since1900(f catalog.Field, value string) string {
	const between = 1462 // days
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || (f.Type != catalog.Date && f.Type != catalog.Period) || number < 0 || number > 100_000 {
		return value
	}
	return strconv.FormatFloat(number+between, 'f', -1, 64)
}
