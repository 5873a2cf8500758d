package delivery

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// headerWithin is how many rows may stand above a table's header and at it: titles, units, notes.
const headerWithin = 20

// table is how a file's columns relate to a contract's fields.
type table struct {
	contract   *catalog.Contract
	headerRows int      // rows of the file up to and with the header
	columns    []int    // for each column of the file: the position of its field, or -1
	headers    []string // for each field: the header it came under, or ""
	units      []string // for each field: the unit of money that its header states, or ""
	unknown    []string // headers that mean no field
}

// byName finds the catalogue after which a file is named; the longest name that fits wins.
func byName(candidates []*catalog.Contract, name string) (found *catalog.Contract, ok bool) {
	base := strings.ToLower(name)
	for _, c := range candidates {
		fits := namedAfter(base, c.Name) || namedAfter(base, strings.ToLower(c.TitleZH))
		if fits && (found == nil || len(c.Name) > len(found.Name)) {
			found = c
		}
	}
	return found, found != nil
}

// namedAfter reports whether a file's name is the catalogue's, followed by nothing, a date, a number or an ending.
func namedAfter(base, name string) bool {
	rest, ok := strings.CutPrefix(base, name)
	return ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
}

var dateInName = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])(?:[^0-9]|$)`)

// dayInName is the day of delivery that a file's name tells.
func dayInName(base string) (time.Time, bool) {
	parts := dateInName.FindStringSubmatch(base)
	if parts == nil {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, strings.Join(parts[1:], "-"))
	return day, err == nil
}

// maxColumns is how many columns a file may have; the widest catalogue has some fifty.
const maxColumns = 4096

// findTable finds the header among a file's first rows, for the catalogue that is known or for whichever of the candidates fits best.
func findTable(candidates []*catalog.Contract, known *catalog.Contract, rows [][]string) (table, error) {
	for _, row := range rows[:min(len(rows), headerWithin)] {
		if len(row) > maxColumns {
			return table{}, refuse(whyManyColumns, len(row), maxColumns)
		}
	}
	if known != nil {
		t, _ := bestRow(known, rows)
		if missing := t.missing(); len(missing) > 0 {
			return table{}, refuse(whyColumns, known.TitleZH, known.Name, strings.Join(missing, "、"))
		}
		return t, nil
	}
	return fittingTable(candidates, rows)
}

// placed says of a delivery in a department's folder that it fits none of that department's catalogues.
func (s *source) placed(err error) error {
	if r, ok := errors.AsType[*refusal](err); ok && r.why == whyUnknown && s.department != "" {
		return refuse(whyUnknownHere, s.department)
	}
	return err
}

// fittingTable chooses the catalogue whose columns the rows have, all that are required and most of the others.
func fittingTable(candidates []*catalog.Contract, rows [][]string) (table, error) {
	var best []table
	most := 0
	for _, c := range candidates {
		t, matched := bestRow(c, rows)
		if matched == 0 || len(t.missing()) > 0 || matched < most {
			continue
		}
		if matched > most {
			best, most = nil, matched
		}
		best = append(best, t)
	}
	switch {
	case len(best) == 1:
		return best[0], nil
	case len(best) == 0:
		return table{}, refuse(whyUnknown)
	}
	var names []string
	for _, t := range best {
		names = append(names, t.contract.Department+"/"+t.contract.Name)
	}
	return table{}, refuse(whyAmbiguous, strings.Join(names, ", "))
}

// bestRow is the row that names the most fields of a contract.
func bestRow(c *catalog.Contract, rows [][]string) (best table, matched int) {
	best = tableOf(c, nil)
	for i, row := range rows {
		if i == headerWithin {
			break
		}
		t := tableOf(c, row)
		if n := t.matched(); n > matched {
			best, matched = t, n
			best.headerRows = i + 1
		}
	}
	return best, matched
}

// tableOf relates a header row to a contract. Where two columns mean one field, the first holds.
func tableOf(c *catalog.Contract, header []string) table {
	t := table{contract: c, columns: make([]int, len(header)), headers: make([]string, len(c.Fields)), units: make([]string, len(c.Fields))}
	for i, h := range header {
		t.columns[i] = t.place(h)
	}
	return t
}

// hasOp reports whether a column says what is to be done with each row.
func (t *table) hasOp() bool { return slices.Contains(t.columns, opColumn) }

// place finds the field of a header that is new to the table: -1 for none, opColumn for the column of operations.
func (t *table) place(header string) int {
	column, ok := t.contract.Column(header)
	field := -1
	if ok {
		field = slices.IndexFunc(t.contract.Fields, func(f catalog.Field) bool { return f.Name == column.Field.Name })
	}
	if !ok && isOpHeader(header) && !t.hasOp() {
		return opColumn
	}
	if !ok || t.headers[field] != "" {
		if strings.TrimSpace(header) != "" {
			t.unknown = append(t.unknown, clip(strings.TrimSpace(header)))
		}
		return -1
	}
	t.headers[field], t.units[field] = clip(strings.TrimSpace(header)), column.Unit
	return field
}

// clip keeps a header to a length that a report can show.
func clip(header string) string {
	if runes := []rune(header); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return header
}

func (t *table) matched() int {
	n := 0
	for _, h := range t.headers {
		if h != "" {
			n++
		}
	}
	return n
}

// missing are the titles of the columns without which no row can be taken.
func (t *table) missing() []string {
	var missing []string
	identified := !t.contract.HasFirm()
	for i, f := range t.contract.Fields {
		switch {
		case t.headers[i] != "":
			identified = identified || f.Identifier.OfFirm()
		case f.Required:
			missing = append(missing, f.TitleZH)
		}
	}
	if !identified {
		var names []string
		for _, f := range t.contract.FirmIdentifiers() {
			names = append(names, f.TitleZH)
		}
		missing = append(missing, fmt.Sprintf("%s（至少一列）", strings.Join(names, "/")))
	}
	return missing
}
