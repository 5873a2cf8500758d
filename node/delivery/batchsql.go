package delivery

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed sql/normalise.sql
var normaliseSQL string

//go:embed sql/contested.sql
var contestedSQL string

//go:embed sql/fate.sql
var fateSQL string

var (
	contestedTemplate = template.Must(template.New("contested").Parse(contestedSQL))
	fateTemplate      = template.Must(template.New("fate").Parse(fateSQL))
)

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// rawSQL reads a batch's files: one row per record, in the files' order, all cells as text without the blanks around them. Files of one layout
// are read together. Rewritten copies bring each row's number along; a file that is read as it stands has its rows in order, without gaps.
func rawSQL(c *catalog.Contract, sources []*source) string {
	var parts []string
	for first := 0; first < len(sources); {
		last := first + 1
		for last < len(sources) && sameLayout(sources[first], sources[last]) {
			last++
		}
		parts = append(parts, readSQL(c, sources[first:last], first))
		first = last
	}
	return "CREATE OR REPLACE TEMP TABLE raw AS\n" + strings.Join(parts, "\nUNION ALL\n")
}

func sameLayout(a, b *source) bool {
	return a.direct == b.direct && a.delim == b.delim && fmt.Sprint(a.layout) == fmt.Sprint(b.layout)
}

func readSQL(c *catalog.Contract, sources []*source, firstNo int) string {
	s := sources[0]
	var paths, columns, fields []string
	for _, each := range sources {
		paths = append(paths, lake.Path(each.readPath))
	}
	row := "NULL::BIGINT"
	if !s.direct {
		row = "row"
		columns = append(columns, "'row': 'BIGINT'")
	}
	at := map[int]int{}
	for i, field := range s.layout {
		columns = append(columns, fmt.Sprintf("'c%d': 'VARCHAR'", i))
		if field >= 0 {
			at[field] = i
		}
	}
	for i, f := range c.Fields {
		if column, ok := at[i]; ok {
			fields = append(fields, fmt.Sprintf("cell(c%d) AS %s", column, f.Name))
		} else {
			fields = append(fields, "NULL::VARCHAR AS "+f.Name)
		}
	}
	return fmt.Sprintf(`SELECT (%d + file_index)::INTEGER AS file_no, %s AS row, %s FROM read_csv([%s], columns = {%s}, auto_detect = false, header = %t, delim = %s, quote = '"', escape = '"', max_line_size = %d)`,
		firstNo, row, strings.Join(fields, ", "), strings.Join(paths, ", "), strings.Join(columns, ", "), s.direct, lake.Quote(string(s.delim)), 4*maxRecord)
}

// filesSQL says which rows of raw are which file's, and what every row of the file has in common.
func filesSQL(sources []*source) string {
	var rows []string
	start := int64(0)
	for i, s := range sources {
		rows = append(rows, fmt.Sprintf("(%d, %d, %d, %s, DATE '%s', [%s])", i, s.number, start, lake.Quote(s.id()), s.knownOn.Format("2006-01-02"), scalesOf(s)))
		start += s.received
	}
	return "CREATE OR REPLACE TEMP TABLE files AS SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS f(file_no, delivery_no, start, delivery, known_on, scales)"
}

// scalesOf lists, for each field of money, how many yuan one unit of the file's column is.
func scalesOf(s *source) string {
	var scales []string
	for i, f := range s.contract.Fields {
		switch unit := s.table.units[i]; {
		case unit != "":
			scales = append(scales, catalog.Scale(unit)+"::BIGINT")
		default:
			scales = append(scales, fieldScale(f)+"::BIGINT")
		}
	}
	return strings.Join(scales, ", ")
}

// fieldScale is how many yuan one unit of a field of money is.
func fieldScale(f catalog.Field) string {
	if f.Type == catalog.Wan {
		return "10000"
	}
	return "1"
}

// typedSQL turns cells into values: one row per row of raw. bad is true where a rule that keeps rows back is broken; h covers the whole content,
// k the key, or the content once more (in another order, so that the two never collide together) where the key is missing or incomplete.
func typedSQL(c *catalog.Contract, scaled bool) string {
	var cells, values, results []string
	for i, f := range c.Fields {
		cells = append(cells, fmt.Sprintf("%s AS c_%s", f.Name, f.Name))
		values = append(values, fmt.Sprintf("%s AS %s", valueSQL(f, "c_"+f.Name, i, scaled), f.Name))
		results = append(results, f.Name)
	}
	scales := ""
	if scaled {
		scales = "scales, "
	}
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE typed AS
SELECT pos, file_no, bad, %s, %s AS h, %s AS k FROM (
    SELECT *, coalesce(%s, false) AS bad FROM (
        SELECT *, %s FROM (
            SELECT start + %s - 1 AS pos, file_no, %s%s FROM raw JOIN files USING (file_no))))`,
		strings.Join(results, ", "), hashSQL(c), keySQL(c), badSQL(c), strings.Join(values, ", "), rowNumberSQL, scales, strings.Join(cells, ", "))
}

// rowNumberSQL is a row's number in its file, from raw joined with files.
const rowNumberSQL = "coalesce(raw.row, raw.rowid - files.start + 1)"

// valueSQL reads one cell as its field's type; NULL when it cannot be read.
func valueSQL(f catalog.Field, cell string, position int, scaled bool) string {
	switch f.Type {
	case catalog.Date:
		return "day(" + cell + ")"
	case catalog.Period:
		return "month_of(" + cell + ")"
	case catalog.Yuan, catalog.Wan:
		scale, plain := fieldScale(f), "is_plain("+cell+")"
		if scaled {
			scale = fmt.Sprintf("scales[%d]", position+1)
			plain += " AND " + scale + " = " + fieldScale(f)
		}
		return fmt.Sprintf("CASE WHEN %s THEN try_cast(%s AS %s) ELSE try_cast(money(%s, %s, %s) AS %s) END",
			plain, cell, f.Type.SQL(), cell, scale, fieldScale(f), f.Type.SQL())
	case catalog.Count:
		return "whole(" + cell + ")"
	case catalog.Number:
		return "quantity(" + cell + ")"
	}
	if len(f.Aliases) == 0 {
		return cell
	}
	return aliasSQL(f, cell)
}

// aliasSQL replaces the spellings that a contract knows by the value they stand for.
func aliasSQL(f catalog.Field, cell string) string {
	var b strings.Builder
	b.WriteString("CASE " + cell)
	for _, alias := range sortedKeys(f.Aliases) {
		fmt.Fprintf(&b, " WHEN %s THEN %s", lake.Quote(alias), lake.Quote(f.Aliases[alias]))
	}
	return b.String() + " ELSE " + cell + " END"
}

// fault is one rule about one field: when it is broken, and what it is called.
type fault struct {
	field string // "" for a rule about the whole row
	rule  string
	when  string // a condition over the fields' cells (c_NAME) and values (NAME)
}

// Rules about the values of a row.
const (
	ruleRequired   = "required"
	ruleType       = "type"
	ruleRange      = "range"
	ruleValues     = "values"
	ruleIdentifier = "identifier"
)

// faults are the rules of a contract that keep a row back.
func faults(c *catalog.Contract) []fault {
	var all []fault
	var identifiers []string
	for _, f := range c.Fields {
		cell := "c_" + f.Name
		if f.Required {
			all = append(all, fault{f.Name, ruleRequired, cell + " IS NULL"})
		}
		if f.Type != catalog.Text {
			all = append(all, fault{f.Name, ruleType, cell + " IS NOT NULL AND " + f.Name + " IS NULL"})
		}
		if when := rangeSQL(f); when != "" {
			all = append(all, fault{f.Name, ruleRange, when})
		}
		if len(f.Values) > 0 && !f.ValuesWarn {
			all = append(all, fault{f.Name, ruleValues, "NOT list_contains([" + quotedList(f.Values) + "], " + f.Name + ")"})
		}
		if f.Identifier.OfFirm() {
			identifiers = append(identifiers, cell+" IS NULL")
		}
	}
	if len(identifiers) > 0 {
		all = append(all, fault{"", ruleIdentifier, strings.Join(identifiers, " AND ")})
	}
	return all
}

func badSQL(c *catalog.Contract) string {
	var conditions []string
	for _, f := range faults(c) {
		conditions = append(conditions, "coalesce("+f.when+", false)")
	}
	return strings.Join(conditions, " OR ")
}

func rangeSQL(f catalog.Field) string {
	literal := func(bound string) string {
		if f.Type == catalog.Date || f.Type == catalog.Period {
			return "DATE " + lake.Quote(bound)
		}
		return bound
	}
	var conditions []string
	if f.Minimum != "" {
		conditions = append(conditions, f.Name+" < "+literal(f.Minimum))
	}
	if f.Maximum != "" {
		conditions = append(conditions, f.Name+" > "+literal(f.Maximum))
	}
	return strings.Join(conditions, " OR ")
}

func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = lake.Quote(v)
	}
	return strings.Join(quoted, ", ")
}

func fieldList(c *catalog.Contract, separator string) string {
	names := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		names[i] = f.Name
	}
	return strings.Join(names, separator)
}

// hashSQL and keySQL say the same of a row on its way and of a landed one. Hashes are never stored: both sides are computed when compared.
func hashSQL(c *catalog.Contract) string { return "hash(" + fieldList(c, ", ") + ")" }

func keySQL(c *catalog.Contract) string {
	backwards := make([]string, 0, len(c.Fields)+1)
	for i := len(c.Fields) - 1; i >= 0; i-- {
		backwards = append(backwards, c.Fields[i].Name)
	}
	content := "hash(" + strings.Join(backwards, ", ") + ", 1)"
	keys := keyNames(c)
	if len(keys) == 0 {
		return content
	}
	complete := strings.Join(keys, " IS NOT NULL AND ") + " IS NOT NULL"
	return fmt.Sprintf("CASE WHEN %s THEN hash(%s) ELSE %s END", complete, strings.Join(keys, ", "), content)
}

func keyNames(c *catalog.Contract) []string {
	var names []string
	for _, f := range c.Keys() {
		names = append(names, f.Name)
	}
	return names
}

// identitySQL is a number for what a row says about whose it is. It is stored, so it must come out the same in every version of the engine.
func identitySQL(c *catalog.Contract) string {
	var parts []string
	for _, f := range c.FirmIdentifiers() {
		parts = append(parts, "coalesce("+f.Name+", '')")
	}
	return "md5_number_lower(concat_ws(chr(31), " + strings.Join(parts, ", ") + "))"
}

// landSQL writes the rows that land to a Parquet file.
func landSQL(c *catalog.Contract, path string, contested bool) string {
	join, superseded, kept := "", "NULL::DATE", ""
	if contested {
		join, superseded, kept = "LEFT JOIN (SELECT * FROM fate WHERE pos IS NOT NULL) AS v ON v.pos = t.pos ", "v.superseded_on", "AND v.duplicate IS NOT true"
	}
	identity := ""
	if c.HasFirm() {
		identity = ", " + identitySQL(c) + " AS _identity"
	}
	return fmt.Sprintf(`COPY (SELECT %s, f.delivery AS _delivery, t.pos - f.start + 1 AS _row, f.known_on AS _known_on, %s AS _superseded_on%s, f.delivery_no * 4294967296 + t.pos - f.start + 1 AS _id
FROM typed AS t JOIN files AS f USING (file_no) %sWHERE NOT t.bad %s) TO %s (FORMAT parquet, COMPRESSION zstd)`,
		fieldList(c, ", "), superseded, identity, join, kept, lake.Quote(path))
}

// countSQL counts, file by file, what becomes of the rows.
func countSQL(contested bool) string {
	if !contested {
		return `SELECT file_no, count(*), count(*) FILTER (bad), 0 FROM typed GROUP BY file_no`
	}
	return `SELECT file_no, count(*), count(*) FILTER (bad), count(*) FILTER (v.duplicate) FROM typed AS t LEFT JOIN (SELECT * FROM fate WHERE pos IS NOT NULL) AS v ON v.pos = t.pos GROUP BY file_no`
}

// badRowsSQL are the rows that a rule keeps back, with cells and values side by side.
func badRowsSQL(c *catalog.Contract, scaled bool) string {
	var cells, values []string
	for i, f := range c.Fields {
		cells = append(cells, fmt.Sprintf("%s AS c_%s", f.Name, f.Name))
		values = append(values, fmt.Sprintf("%s AS %s", valueSQL(f, "c_"+f.Name, i, scaled), f.Name))
	}
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE bad_rows AS
SELECT *, %s FROM (
    SELECT delivery_no, %s AS row, scales, %s
    FROM raw JOIN files USING (file_no) WHERE start + %s - 1 IN (SELECT pos FROM typed WHERE bad))`,
		strings.Join(values, ", "), rowNumberSQL, strings.Join(cells, ", "), rowNumberSQL)
}

// quarantineSQL keeps what bad rows said, as one JSON object per row.
func quarantineSQL(c *catalog.Contract) string {
	var pairs []string
	for _, f := range c.Fields {
		pairs = append(pairs, lake.Quote(f.Name)+", c_"+f.Name)
	}
	return "INSERT INTO ledger.quarantine SELECT delivery_no, row, json_object(" + strings.Join(pairs, ", ") + ")::VARCHAR FROM bad_rows ORDER BY delivery_no, row"
}

// faultSQL notes every rule that a bad row broke, with the shape of the value but not the value.
func faultSQL(c *catalog.Contract) string {
	var each []string
	for _, f := range faults(c) {
		shape := "''"
		if f.field != "" {
			shape = "shape(c_" + f.field + ")"
		}
		each = append(each, fmt.Sprintf("CASE WHEN %s THEN {'field': %s, 'rule': %s, 'shape': %s} END", f.when, lake.Quote(f.field), lake.Quote(f.rule), shape))
	}
	return `INSERT INTO ledger.fault SELECT delivery_no, row, broken.field, broken.rule, broken.shape FROM (
    SELECT delivery_no, row, unnest([` + strings.Join(each, ", ") + `]) AS broken FROM bad_rows)
WHERE broken IS NOT NULL ORDER BY delivery_no, row`
}
