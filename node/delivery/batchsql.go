package delivery

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
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

// nothing is what people write into a cell that says nothing.
var nothing = []string{"", "-", "--", "—", "——", "/", `\N`, "NULL", "null", "N/A", "n/a", "无", "空"}

// typedSQL reads a batch's files into a table: one row per record, in the files' order, so that rowid is its position in the batch. Its columns
// are the contract's fields, _file (number of the file within the batch), _row (the record's number, where the file brings it along), _bad (a
// rule that keeps rows back is broken), _said (what the cells of a bad row said, as JSON), _ends (the row ends what stands under its key), _who
// (the identifiers of the firm), _hash (the whole content) and _key (the key, or the content where there is none). The files are read once and
// together, in groups of one layout.
func typedSQL(c *catalog.Contract, sources []*source) string {
	operations := withOperations(sources)
	var parts, values []string
	for first := 0; first < len(sources); {
		last := first + 1
		for last < len(sources) && sameLayout(sources[first], sources[last]) {
			last++
		}
		parts = append(parts, readSQL(c, sources[first:last], first, operations, unitFields(sources)))
		first = last
	}
	for i, f := range c.Fields {
		values = append(values, fmt.Sprintf("%s AS %s", valueSQL(f, "c_"+f.Name, unitSQL(sources, i)), f.Name))
	}
	who := ""
	if c.HasFirm() {
		who = "hash(" + strings.Join(firmNames(c), ", ") + ") AS _who, "
	}
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE typed AS
SELECT _file, _row, _bad, CASE WHEN _bad THEN %s END AS _said, _ends, %s%s, %s AS _hash, %s AS _key FROM (
    SELECT *, %s AS _bad FROM (
        SELECT *, %s FROM (
%s)))`,
		saidSQL(c, operations), who, fieldList(c, ", "), hashSQL(c), keySQL(c), badSQL(c, sources), strings.Join(values, ", "), strings.Join(parts, "\nUNION ALL\n"))
}

func sameLayout(a, b *source) bool {
	return a.direct == b.direct && a.delim == b.delim && a.kind == b.kind && a.text == b.text &&
		slices.Equal(a.layout, b.layout) && slices.Equal(a.table.units, b.table.units)
}

// unitFields are the fields of money over which a file of the batch states a unit.
func unitFields(sources []*source) []int {
	var found []int
	for i := range sources[0].table.units {
		if slices.ContainsFunc(sources, func(s *source) bool { return s.table.units[i] != "" }) {
			found = append(found, i)
		}
	}
	return found
}

// unitSQL is how many yuan one unit of a field's column is: "" where no file of the batch says so, else the column that readSQL makes or, where all
// files say the same, the number itself.
func unitSQL(sources []*source, field int) string {
	units := map[string]bool{}
	for _, s := range sources {
		units[unitOf(s, field)] = true
	}
	if len(units) > 1 {
		return fmt.Sprintf("u%d", field)
	}
	return unitOf(sources[0], field)
}

// withOperations reports whether a file of the batch has a column that says what is to be done with a row.
func withOperations(sources []*source) bool {
	return slices.ContainsFunc(sources, func(s *source) bool { return slices.Contains(s.layout, opColumn) })
}

// withEnds reports whether rows of the batch may end others.
func withEnds(sources []*source) bool {
	return withOperations(sources) || slices.ContainsFunc(sources, func(s *source) bool { return s.kind == kindDeletion })
}

// readSQL reads files of one layout: all cells as text without the blanks around them. Rewritten copies bring each row's number along; a file
// that is read as it stands has its rows in order, without gaps.
func readSQL(c *catalog.Contract, sources []*source, firstNo int, operations bool, units []int) string {
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
		if field != -1 {
			at[field] = i
		}
	}
	for i, f := range c.Fields {
		fields = append(fields, cellSQL(s, at, i)+" AS c_"+f.Name)
	}
	if operations {
		fields = append(fields, "upper("+cellSQL(s, at, opColumn)+") AS c__op")
	}
	for _, i := range units {
		fields = append(fields, fmt.Sprintf("%s::BIGINT AS u%d", cmp.Or(unitOf(s, i), fieldScale(c.Fields[i])), i))
	}
	fields = append(fields, endsSQL(s, at)+" AS _ends")
	return fmt.Sprintf(`SELECT (%d + file_index)::INTEGER AS _file, %s AS _row, %s FROM read_csv([%s], columns = {%s}, auto_detect = false, header = %t, delim = %s, quote = '"', escape = '"', nullstr = [%s], max_line_size = %d)`,
		firstNo, row, strings.Join(fields, ", "), strings.Join(paths, ", "), strings.Join(columns, ", "), s.direct, lake.Quote(string(s.delim)), quotedList(nothing), 4*maxRecord)
}

// cellSQL is the text of a field's column. Where the file is known to have no other blanks than the ordinary, only cells that have one at an end
// are looked at: trimming costs five times as much as looking.
func cellSQL(s *source, at map[int]int, field int) string {
	column, ok := at[field]
	switch {
	case !ok:
		return "NULL::VARCHAR"
	case s.text == textOrdinary:
		return fmt.Sprintf("ordinary_cell(c%d)", column)
	default:
		return fmt.Sprintf("cell(c%d)", column)
	}
}

// unitOf is how many yuan one unit of a file's column of money is, "" when the header says nothing.
func unitOf(s *source, field int) string {
	if unit := s.table.units[field]; unit != "" {
		return catalog.Scale(unit)
	}
	return ""
}

// filesSQL says which rows of typed are which file's, and what every row of the file has in common.
func filesSQL(sources []*source) string {
	var rows []string
	start := int64(0)
	for i, s := range sources {
		rows = append(rows, fmt.Sprintf("(%d, %d::BIGINT, %d::BIGINT, %s, DATE '%s', %s)", i, s.number, start, lake.Quote(s.id()), s.knownOn.Format("2006-01-02"), lake.Quote(string(s.kind))))
		start += s.received
	}
	return "CREATE OR REPLACE TEMP TABLE files AS SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS f(_file, delivery_no, start, delivery, known_on, kind)"
}

// fieldScale is how many yuan one unit of a field of money is.
func fieldScale(f catalog.Field) string {
	if f.Type == catalog.Wan {
		return "10000"
	}
	return "1"
}

// rowNumberSQL is a row's number in its file, and idSQL its _id, from typed AS t joined with files AS f.
const (
	rowNumberSQL = "coalesce(t._row, t.rowid - f.start + 1)"
	idSQL        = "f.delivery_no * 4294967296 + " + rowNumberSQL
)

// valueSQL reads one cell as its field's type; NULL when it cannot be read. unit is what the column's header states, in yuan, or "".
func valueSQL(f catalog.Field, cell, unit string) string {
	switch f.Type {
	case catalog.Date:
		return "day(" + cell + ")"
	case catalog.Period:
		return "month_of(" + cell + ")"
	case catalog.Yuan, catalog.Wan:
		scale := fieldScale(f)
		read := fmt.Sprintf("try_cast(money(%s, %s, %s) AS %s)", cell, cmp.Or(unit, scale), scale, f.Type.SQL())
		// What the engine's own conversion takes is a plain number, but for the underscores that it lets stand between digits.
		plain := fmt.Sprintf("CASE WHEN NOT contains(%s, '_') THEN try_cast(%s AS %s) END", cell, cell, f.Type.SQL())
		switch {
		case unit == "" || unit == scale:
			return fmt.Sprintf("coalesce(%s, try_cast(without_commas(%s) AS %s), %s)", plain, cell, f.Type.SQL(), read)
		case unit == "10000" && scale == "1":
			return fmt.Sprintf("coalesce(try_cast(plain_wan(%s) AS %s), %s)", cell, f.Type.SQL(), read)
		case strings.HasPrefix(unit, "u"):
			return fmt.Sprintf("coalesce(CASE WHEN %s = %s THEN %s END, %s)", unit, scale, plain, read)
		default:
			return read
		}
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
	ruleOperation  = "operation" // the column that says what is to be done with the row says something else
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

// endFaults are the rules for a row that ends what stands under its key: it must name the key, and need not say anything else. Where a catalogue
// has no key such a row repeats the whole content, and is held to all rules.
func endFaults(c *catalog.Contract) []fault {
	if len(c.Keys()) == 0 {
		return faults(c)
	}
	var all []fault
	for _, f := range c.Keys() {
		all = append(all, fault{f.Name, ruleRequired, "c_" + f.Name + " IS NULL"})
		if f.Type != catalog.Text {
			all = append(all, fault{f.Name, ruleType, "c_" + f.Name + " IS NOT NULL AND " + f.Name + " IS NULL"})
		}
	}
	return all
}

// operationFault is the rule about the column of operations.
var operationFault = fault{"", ruleOperation, "c__op IS NOT NULL AND operation(c__op) IS NULL"}

func badSQL(c *catalog.Contract, sources []*source) string {
	bad := anyOf(faults(c))
	if withEnds(sources) {
		bad = "CASE WHEN _ends THEN " + anyOf(endFaults(c)) + " ELSE " + bad + " END"
	}
	if withOperations(sources) {
		bad = "(" + bad + ") OR " + anyOf([]fault{operationFault})
	}
	return bad
}

func anyOf(rules []fault) string {
	conditions := []string{"false"}
	for _, f := range rules {
		conditions = append(conditions, "coalesce("+f.when+", false)")
	}
	return strings.Join(conditions, " OR ")
}

// endsSQL tells the rows that end what stands under their key.
func endsSQL(s *source, at map[int]int) string {
	_, operations := at[opColumn]
	switch {
	case s.kind == kindDeletion:
		return "true"
	case operations:
		return "coalesce(operation(upper(" + cellSQL(s, at, opColumn) + ")) = 'D', false)"
	default:
		return "false"
	}
}

// saidSQL keeps what the cells of a row said as one JSON object.
func saidSQL(c *catalog.Contract, operations bool) string {
	var pairs []string
	for _, f := range c.Fields {
		pairs = append(pairs, lake.Quote(f.Name)+", c_"+f.Name)
	}
	if operations {
		pairs = append(pairs, "'_op', c__op")
	}
	return "json_object(" + strings.Join(pairs, ", ") + ")::VARCHAR"
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

// hashSQL and keySQL say the same of a row on its way and of a landed one. They are stored with a row as _hash and _key, and computed anew for
// segments that were written under another contract or by an engine that hashes otherwise (see hashing).
func hashSQL(c *catalog.Contract) string { return "hash(" + fieldList(c, ", ") + ")" }

func keySQL(c *catalog.Contract) string {
	backwards := make([]string, 0, len(c.Fields)+1)
	for i := len(c.Fields) - 1; i >= 0; i-- {
		backwards = append(backwards, c.Fields[i].Name)
	}
	// In another order than in hashSQL, so that the two never collide together.
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

func firmNames(c *catalog.Contract) []string {
	var names []string
	for _, f := range c.FirmIdentifiers() {
		names = append(names, f.Name)
	}
	return names
}

// identitySQL is a number for what a row says about whose it is. It is stored, so it must come out the same in every version of the engine.
func identitySQL(c *catalog.Contract) string {
	var parts []string
	for _, name := range firmNames(c) {
		parts = append(parts, "coalesce("+name+", '')")
	}
	return "md5_number_lower(concat_ws(chr(31), " + strings.Join(parts, ", ") + "))"
}

// identitiesSQL computes the identities of a batch: one row per different set of identifiers. Computed row by row they would cost a quarter of
// the whole load, and a firm's rows in a batch are many.
func identitiesSQL(c *catalog.Contract) string {
	var names []string
	for _, name := range firmNames(c) {
		names = append(names, "any_value("+name+") AS "+name)
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE identities AS SELECT *, %s AS _identity FROM (SELECT _who, %s FROM typed WHERE NOT _bad GROUP BY _who)",
		identitySQL(c), strings.Join(names, ", "))
}

// landSQL writes the rows that land to a Parquet file: those of the batch, and those of earlier deliveries that turn out to be no repetitions.
// Version 2 of the pages' encodings with LZ4 takes half the time of the default with Zstandard and a fifth more space.
func landSQL(c *catalog.Contract, path string, sources []*source, f fates, landed string) string {
	join, superseded, kept := "", "NULL::DATE", ""
	if f.contested {
		join, superseded, kept = "LEFT JOIN (SELECT * FROM fate WHERE pos IS NOT NULL) AS v ON v.pos = t.rowid ", "v.superseded_on", "AND v.repeats IS NOT true"
	}
	identity, ends := "", ""
	if c.HasFirm() {
		identity = ", i._identity"
		join += "JOIN identities AS i ON i._who = t._who "
	}
	if withEnds(sources) {
		ends, superseded = ", t._ends", "CASE WHEN t._ends THEN f.known_on ELSE "+superseded+" END"
	}
	rows := fmt.Sprintf(`SELECT %s, f.delivery AS _delivery, %s AS _row, f.known_on AS _known_on, %s AS _superseded_on%s, %s AS _id, t._key, t._hash%s
FROM typed AS t JOIN files AS f ON f._file = t._file %sWHERE NOT t._bad %s`,
		prefixed(c, "t."), rowNumberSQL, superseded, identity, idSQL, ends, join, kept)
	if f.again > 0 {
		rows += "\nUNION ALL BY NAME\n" + againSQL(c, landed)
	}
	return fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2)", rows, lake.Quote(path))
}

// againSQL takes the content of rows that had been dropped as repetitions from the rows whose content they repeated.
func againSQL(c *catalog.Contract, landed string) string {
	identity := ""
	if c.HasFirm() {
		identity = ", p._identity"
	}
	return fmt.Sprintf(`SELECT %s, d.delivery AS _delivery, v.id %% 4294967296 AS _row, d.known_on AS _known_on, v.superseded_on AS _superseded_on%s, v.id AS _id, p._key, p._hash, p._ends
FROM fate AS v JOIN %s AS p ON p._id = v.twin JOIN ledger.delivery AS d ON d.delivery_no = v.id // 4294967296 WHERE v.again`,
		prefixed(c, "p."), identity, landed)
}

func prefixed(c *catalog.Contract, prefix string) string {
	return prefix + fieldList(c, ", "+prefix)
}

// countSQL counts, file by file, what becomes of the rows.
func countSQL(contested bool) string {
	if !contested {
		return `SELECT _file, count(*), count(*) FILTER (_bad), 0 FROM typed GROUP BY _file`
	}
	return `SELECT _file, count(*), count(*) FILTER (_bad), count(*) FILTER (v.repeats) FROM typed AS t LEFT JOIN (SELECT * FROM fate WHERE pos IS NOT NULL) AS v ON v.pos = t.rowid GROUP BY _file`
}

// badRowsSQL are the rows that a rule keeps back, with cells and values side by side.
func badRowsSQL(c *catalog.Contract, sources []*source) string {
	var cells, values []string
	for i, f := range c.Fields {
		cells = append(cells, fmt.Sprintf("_said->>'$.%s' AS c_%s", f.Name, f.Name))
		values = append(values, fmt.Sprintf("%s AS %s", valueSQL(f, "c_"+f.Name, unitSQL(sources, i)), f.Name))
	}
	if withOperations(sources) {
		cells = append(cells, "_said->>'$._op' AS c__op")
	}
	for _, i := range unitFields(sources) {
		var units []string
		for _, s := range sources {
			units = append(units, cmp.Or(unitOf(s, i), fieldScale(c.Fields[i])))
		}
		cells = append(cells, fmt.Sprintf("[%s][t._file + 1]::BIGINT AS u%d", strings.Join(units, ", "), i))
	}
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE bad_rows AS
SELECT *, %s FROM (
    SELECT f.delivery_no, %s AS row, t._ends, _said, %s
    FROM typed AS t JOIN files AS f ON f._file = t._file WHERE t._bad)`,
		strings.Join(values, ", "), rowNumberSQL, strings.Join(cells, ", "))
}

// quarantineSQL keeps what bad rows said, as one JSON object per row.
const quarantineSQL = "INSERT INTO ledger.quarantine SELECT delivery_no, row, _said FROM bad_rows ORDER BY delivery_no, row"

// faultSQL notes every rule that a bad row broke.
func faultSQL(c *catalog.Contract, sources []*source) string {
	return "INSERT INTO ledger.fault " + brokenSQL(c, sources)
}

// brokenSQL tells every rule that a bad row broke, with the shape of the value but not the value.
func brokenSQL(c *catalog.Contract, sources []*source) string {
	var each []string
	add := func(f fault, when string) {
		shape := "''"
		if f.field != "" {
			shape = "shape(c_" + f.field + ")"
		}
		each = append(each, fmt.Sprintf("CASE WHEN %s%s THEN {'field': %s, 'rule': %s, 'shape': %s} END", when, "("+f.when+")", lake.Quote(f.field), lake.Quote(f.rule), shape))
	}
	for _, f := range faults(c) {
		add(f, "NOT _ends AND ")
	}
	if withEnds(sources) {
		for _, f := range endFaults(c) {
			add(f, "_ends AND ")
		}
	}
	if withOperations(sources) {
		add(operationFault, "")
	}
	return `SELECT delivery_no, row, broken.field, broken.rule, broken.shape FROM (
    SELECT delivery_no, row, unnest([` + strings.Join(each, ", ") + `]) AS broken FROM bad_rows)
WHERE broken IS NOT NULL ORDER BY delivery_no, row`
}
