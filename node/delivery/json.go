package delivery

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// jsonTable relates the names in JSON objects to a contract's fields as they turn up.
type jsonTable struct {
	table
	fields map[string]int // name → position of its field, -1 for none
	cells  []string
	set    []bool

	operations bool // an object says what is to be done with it
}

func newJSONTable(t table) *jsonTable {
	// Behind the fields' cells stands the operation's.
	cells := len(t.contract.Fields) + 1
	return &jsonTable{table: t, fields: map[string]int{}, cells: make([]string, cells), set: make([]bool, cells)}
}

// maxNames is how many different names the objects of one file may have, and maxName how many bytes a name that is looked at.
const (
	maxNames = 10_000
	maxName  = 1000
)

// field is the position of a name's field. Several names may mean one field, as long as no object has both.
func (t *jsonTable) field(name string) int {
	if field, ok := t.fields[name]; ok {
		return field
	}
	if len(t.fields) >= maxNames || len(name) > maxName {
		return -1
	}
	column, ok := t.contract.Column(name)
	field := -1
	for i, f := range t.contract.Fields {
		// A unit in the name holds for the whole file: one that contradicts it is no known column.
		if ok && f.Name == column.Field.Name && (t.headers[i] == "" || t.units[i] == column.Unit) {
			field = i
		}
	}
	switch {
	case field < 0 && !ok && isOpHeader(name):
		field, t.operations = len(t.contract.Fields), true
	case field < 0:
		t.unknown = append(t.unknown, clip(name))
	case t.headers[field] == "":
		t.headers[field], t.units[field] = clip(name), column.Unit
	}
	t.fields[name] = field
	return field
}

// prepareJSON copies the objects of an array, of an object that wraps one, or of lines.
func (s *source) prepareJSON(all *catalog.Catalogs, known *catalog.Contract, temp string) error {
	if known == nil {
		t, err := s.findJSONTable(all)
		if err != nil {
			return err
		}
		known = t.contract
	}
	text, err := s.openText()
	if err != nil {
		return err
	}
	defer text.Close()
	s.contract, s.table = known, tableOf(known, nil)
	s.table.columns = []int{opColumn}
	w, err := s.canonical(temp)
	if err != nil {
		return err
	}
	t := newJSONTable(s.table)
	if s.content.format == formatJSONLines {
		err = s.copyJSONLines(text, t, w)
	} else {
		err = s.copyJSONArray(text, t, w)
	}
	if err := errors.Join(err, w.close()); err != nil {
		return err
	}
	s.table = t.table
	if !t.operations {
		s.layout[len(s.layout)-1] = -1
	}
	if missing := s.table.missing(); len(missing) > 0 && s.received > 0 {
		return refuse(whyNames, known.TitleZH, known.Name, strings.Join(missing, "、"))
	}
	return nil
}

// findJSONTable finds the catalogue by the names in the file's first object.
func (s *source) findJSONTable(all *catalog.Catalogs) (table, error) {
	text, err := s.openText()
	if err != nil {
		return table{}, err
	}
	defer text.Close()
	d := jsontext.NewDecoder(&portioned{from: text, until: maxElement}, jsontext.AllowDuplicateNames(true))
	if s.content.format == formatJSONArray {
		if err := enterArray(d); err != nil {
			return table{}, s.jsonFailure(err)
		}
	}
	value, err := d.ReadValue()
	if err != nil {
		return table{}, s.jsonFailure(err)
	}
	t, err := findTable(s.candidates(all), nil, [][]string{objectNames(value)})
	return t, s.placed(err)
}

func objectNames(value jsontext.Value) []string {
	d := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true))
	var names []string
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return nil
	}
	for d.PeekKind() == '"' && len(names) < maxNames {
		name, err := d.ReadToken()
		if err != nil {
			break
		}
		names = append(names, name.String())
		if d.SkipValue() != nil {
			break
		}
	}
	return names
}

// enterArray moves to the first element of the array of objects: the text's own, or the first one inside an object that wraps it.
func enterArray(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() == '[' {
		return nil
	}
	if token.Kind() != '{' {
		return errNoArray
	}
	for d.PeekKind() == '"' {
		if err := d.SkipValue(); err != nil {
			return err
		}
		if d.PeekKind() == '[' {
			_, err := d.ReadToken()
			return err
		}
		if err := d.SkipValue(); err != nil {
			return err
		}
	}
	return errNoArray
}

var errNoArray = errors.New("no array of objects")

// maxElement is how many bytes one element of an array may have, with what is read ahead of it. The decoder holds a whole string in memory.
const maxElement = 8 << 20

// portioned ends with a refusal when more than until bytes are read from it.
type portioned struct {
	from  io.Reader
	until int64
	read  int64
}

func (p *portioned) Read(into []byte) (int, error) {
	if p.read >= p.until {
		return 0, refuse(whyJSONLong, maxElement>>20, p.until-maxElement)
	}
	n, err := p.from.Read(into[:min(int64(len(into)), p.until-p.read)])
	p.read += int64(n)
	return n, err
}

func (s *source) jsonFailure(err error) error {
	if refused := asRefusal(err); refused != nil {
		return refused
	}
	switch {
	case errors.Is(err, errNoArray):
		return refuse(whyNoArray)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		if s.content.gzip {
			return textFailure(s.content, err)
		}
		return refuse(whyJSONCut)
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return refuse(whyJSON, syntax.ByteOffset)
	}
	return textFailure(s.content, err)
}

// copyJSONArray copies the array's objects. JSON that breaks off anywhere refuses the file: what stands behind the break is not known.
func (s *source) copyJSONArray(text io.Reader, t *jsonTable, w *rewritten) error {
	portion := &portioned{from: text, until: maxElement}
	d := jsontext.NewDecoder(portion, jsontext.AllowDuplicateNames(true))
	if err := enterArray(d); err != nil {
		return s.jsonFailure(err)
	}
	for {
		portion.until = d.InputOffset() + maxElement
		if d.PeekKind() == ']' {
			break
		}
		var err error
		if d.PeekKind() == '{' {
			err = s.copyObject(d, t, w)
		} else {
			err = s.copyOddValue(d, w)
		}
		if err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return s.jsonFailure(err)
	}
	return nil
}

// copyOddValue sets an element aside that is no object.
func (s *source) copyOddValue(d *jsontext.Decoder, w *rewritten) error {
	value, err := d.ReadValue()
	if err != nil {
		return s.jsonFailure(err)
	}
	return w.bad(ruleJSON, value)
}

func (s *source) copyObject(d *jsontext.Decoder, t *jsonTable, w *rewritten) error {
	rule, err := t.read(d)
	if err != nil {
		return s.jsonFailure(err)
	}
	if rule != "" {
		return w.bad(rule, []byte(strings.Join(t.cells, ",")))
	}
	return w.row(t.cells)
}

// read reads one object into the table's cells. Numbers keep the digits they were written with; what is nested stays JSON.
func (t *jsonTable) read(d *jsontext.Decoder) (rule string, err error) {
	clear(t.cells)
	clear(t.set)
	if _, err := d.ReadToken(); err != nil {
		return "", err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return "", err
		}
		field := t.field(name.String())
		if field < 0 || t.set[field] {
			if err := d.SkipValue(); err != nil {
				return "", err
			}
			continue
		}
		if t.cells[field], err = cellText(d); err != nil {
			return "", err
		}
		t.set[field] = t.cells[field] != ""
		if strings.IndexByte(t.cells[field], 0) >= 0 {
			rule = ruleEncoding
		}
	}
	_, err = d.ReadToken()
	return rule, err
}

func cellText(d *jsontext.Decoder) (string, error) {
	switch d.PeekKind() {
	case '{', '[':
		value, err := d.ReadValue()
		return string(value), err
	case 'n':
		_, err := d.ReadToken()
		return "", err
	default:
		token, err := d.ReadToken()
		if err != nil {
			return "", err
		}
		return token.String(), nil
	}
}

// copyJSONLines copies one object per line; a line that is none is set aside.
func (s *source) copyJSONLines(text io.Reader, t *jsonTable, w *rewritten) error {
	lines := newRecordReader(text, '\n')
	d := jsontext.NewDecoder(bytes.NewReader(nil), jsontext.AllowDuplicateNames(true))
	for {
		line, long, err := lines.nextLine()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return textFailure(s.content, err)
		case long:
			err = w.bad(ruleTooLong, nil)
		case len(bytes.TrimSpace(line)) == 0:
			continue
		default:
			err = copyJSONLine(d, line, t, w)
		}
		if err != nil {
			return err
		}
	}
}

func copyJSONLine(d *jsontext.Decoder, line []byte, t *jsonTable, w *rewritten) error {
	d.Reset(bytes.NewBuffer(line), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' {
		return w.bad(ruleJSON, line)
	}
	rule, err := t.read(d)
	if err == nil && d.PeekKind() != 0 {
		err = errNoArray
	}
	switch {
	case err != nil:
		return w.bad(ruleJSON, line)
	case rule != "":
		return w.bad(rule, line)
	default:
		return w.row(t.cells)
	}
}

// firstLineIsObject tells JSON lines from a single object over several lines.
func firstLineIsObject(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return len(line) >= sampleSize/2 || jsontext.Value(bytes.TrimSpace(line)).IsValid(jsontext.AllowDuplicateNames(true))
}
