package quality

import (
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// plan is how some deliveries of a catalogue are measured: which expression counts what about each field.
type plan struct {
	contract   *catalog.Contract
	deliveries []int64
	verdicts   []string // fields whose values are judged once per distinct value, because a pattern or a check character is dear
}

func planFor(c *catalog.Contract, deliveries []int64) plan {
	p := plan{contract: c, deliveries: deliveries}
	for _, f := range c.Fields {
		if f.Type == catalog.Text && (f.Pattern != "" || checkOf(f) != "") {
			p.verdicts = append(p.verdicts, f.Name)
		}
	}
	return p
}

// The kinds of check characters.
const (
	checkUSCI     = "usci"
	checkTaxpayer = "taxpayer" // a credit code, or a resident's number for those who have none; older numbers have no check character in common
	checkResident = "resident"
)

// checkOf says which check character the values of a field bear, "" for none.
func checkOf(f catalog.Field) string {
	switch {
	case f.Identifier == catalog.TaxpayerID:
		return checkTaxpayer
	case f.Identifier == catalog.USCI, strings.HasPrefix(f.Standard, "GB 32100"):
		return checkUSCI
	case f.Identifier == catalog.ResidentID, strings.HasPrefix(f.Standard, "GB 11643"):
		return checkResident
	default:
		return ""
	}
}

// expected reports whether the contract expects a value in every row: in what it requires, in keys, and in the identifiers by which rows are
// linked first. Other columns may be empty by nature (a day of removal).
func expected(f catalog.Field) bool {
	switch f.Identifier {
	case catalog.USCI, catalog.TaxpayerID, catalog.FirmName, catalog.ResidentID:
		return true
	default:
		return f.Required || f.Key
	}
}

// fresh selects the landed rows to measure. Numbers of deliveries only rise and are part of _id, so the bounds let the engine skip what is old.
func (p plan) fresh(columns string) string {
	first, last := p.deliveries[0], p.deliveries[len(p.deliveries)-1]
	numbers := make([]string, len(p.deliveries))
	for i, n := range p.deliveries {
		numbers[i] = fmt.Sprint(n)
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE _id >= %d AND _id < %d AND _id // 4294967296 IN (%s)", columns, p.contract.View(), first<<32, (last+1)<<32, strings.Join(numbers, ", "))
}

// statements measure: verdicts on distinct values first, then one pass over the rows, then the entries.
func (p plan) statements(now time.Time) []string {
	var all []string
	for _, name := range p.verdicts {
		f, _ := p.contract.Field(name)
		all = append(all, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE verdict_%s AS SELECT v, %s AS odd, %s AS wrong FROM (SELECT DISTINCT %s AS v FROM (%s) WHERE %s IS NOT NULL)",
			name, oddValue(f), wrongValue(f), name, p.fresh(name), name))
	}
	return append(all, "CREATE OR REPLACE TEMP TABLE counted AS "+p.countSQL(), p.enterSQL(now))
}

func (p plan) judged(name string) bool {
	for _, each := range p.verdicts {
		if each == name {
			return true
		}
	}
	return false
}

// oddValue tells the values v that break the field's pattern, in capitals.
func oddValue(f catalog.Field) string {
	if f.Pattern == "" {
		return "false"
	}
	return "NOT regexp_full_match(upper(v), " + lake.Quote(strings.TrimSuffix(strings.TrimPrefix(f.Pattern, "^"), "$")) + ")"
}

// wrongValue tells the values v that have the form of an identifier but not its check character.
func wrongValue(f catalog.Field) string {
	const usci, resident = "usci_formed(upper(v)) AND usci_wrong(upper(v))", "resident_formed(upper(v)) AND resident_wrong(upper(v))"
	switch checkOf(f) {
	case checkUSCI:
		return usci
	case checkResident:
		return resident
	case checkTaxpayer:
		return "CASE WHEN resident_formed(upper(v)) AND NOT starts_with(v, '9') THEN resident_wrong(upper(v)) ELSE " + usci + " END"
	default:
		return "false"
	}
}

// countSQL makes one row per delivery with every count, in the columns rows, conflicts, contradictions, filled_F, odd_F, wrong_F, broken_I.
func (p plan) countSQL() string {
	c := p.contract
	var counts, columns, joins, broken []string
	add := func(expression, name string) { counts = append(counts, expression+" AS "+name) }
	for _, f := range c.Fields {
		columns = append(columns, "t."+f.Name)
		if f.Required {
			add("count(*)", "filled_"+f.Name) // landing made sure of it
		} else {
			add("count("+f.Name+")", "filled_"+f.Name)
		}
		switch {
		case p.judged(f.Name):
			columns = append(columns, fmt.Sprintf("v_%[1]s.odd AS is_odd_%[1]s, v_%[1]s.wrong AS is_wrong_%[1]s", f.Name))
			joins = append(joins, fmt.Sprintf("LEFT JOIN verdict_%[1]s AS v_%[1]s ON t.%[1]s = v_%[1]s.v", f.Name))
			add("count(*) FILTER (is_odd_"+f.Name+")", "odd_"+f.Name)
			add("count(*) FILTER (is_wrong_"+f.Name+")", "wrong_"+f.Name)
		case f.ValuesWarn:
			add("count(*) FILTER (NOT list_contains(["+quotedList(f.Values)+"], "+f.Name+"))", "odd_"+f.Name)
		}
	}
	for i, check := range c.Checks {
		add("count(*) FILTER ("+check.Never+")", fmt.Sprintf("broken_%d", i))
		broken = append(broken, "coalesce("+check.Never+", false)")
	}
	contradictions := "0::BIGINT"
	if len(broken) > 0 {
		contradictions = "count(*) FILTER (" + strings.Join(broken, " OR ") + ")"
	}
	return fmt.Sprintf(`SELECT t._id // 4294967296 AS delivery_no, count(*) AS rows, count(*) FILTER (_superseded_on = _known_on) AS conflicts, %s AS contradictions, %s
FROM (SELECT t._id, t._superseded_on, t._known_on, %s FROM (%s) AS t %s) AS t GROUP BY t._id // 4294967296`,
		contradictions, strings.Join(counts, ", "), strings.Join(columns, ", "), p.fresh("*"), strings.Join(joins, " "))
}

func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = lake.Quote(v)
	}
	return strings.Join(quoted, ", ")
}

// enterSQL enters the counts, in one transaction. A delivery of which nothing landed is entered with zeros.
func (p plan) enterSQL(now time.Time) string {
	c := p.contract
	numbers := make([]string, len(p.deliveries))
	for i, n := range p.deliveries {
		numbers[i] = fmt.Sprint(n)
	}
	which := "delivery_no IN (" + strings.Join(numbers, ", ") + ")"
	var fields, breaches []string
	sums := map[string][]string{}
	for _, f := range c.Fields {
		odd, wrong := "0", "0"
		switch {
		case p.judged(f.Name):
			odd, wrong = "odd_"+f.Name, "wrong_"+f.Name
		case f.ValuesWarn:
			odd = "odd_" + f.Name
		}
		fields = append(fields, fmt.Sprintf("{'field': %s, 'filled': filled_%s, 'odd': %s::BIGINT, 'wrong': %s::BIGINT}", lake.Quote(f.Name), f.Name, odd, wrong))
		sums["cells"] = append(sums["cells"], "filled_"+f.Name)
		sums["odd"], sums["wrong"] = append(sums["odd"], odd), append(sums["wrong"], wrong)
		if expected(f) {
			sums["expected"], sums["empty"] = append(sums["expected"], "rows"), append(sums["empty"], "rows - filled_"+f.Name)
		}
		if checkOf(f) != "" || f.Minimum != "" || f.Maximum != "" {
			sums["checked"] = append(sums["checked"], "filled_"+f.Name)
		}
	}
	for i, check := range c.Checks {
		breaches = append(breaches, fmt.Sprintf("{'rule': %s, 'rows': broken_%d}", lake.Quote(check.Name), i))
	}
	sum := func(name string) string {
		return "coalesce(" + strings.Join(append(sums[name], "0"), " + ") + ", 0)::BIGINT"
	}
	statement := fmt.Sprintf(`BEGIN;
DELETE FROM quality.delivery WHERE %[1]s; DELETE FROM quality.field WHERE %[1]s; DELETE FROM quality.breach WHERE %[1]s;
INSERT INTO quality.delivery SELECT d.delivery_no, d.department, d.catalogue, %[2]s, TIMESTAMP '%[3]s', d.landed, coalesce(rows, 0), %[4]s, %[5]s, %[6]s, %[7]s, %[8]s, %[9]s,
    coalesce(contradictions, 0), coalesce(conflicts, 0) FROM ledger.delivery AS d LEFT JOIN counted USING (delivery_no) WHERE d.%[1]s ORDER BY d.delivery_no;
INSERT INTO quality.field SELECT delivery_no, e.* FROM (SELECT delivery_no, unnest([%[10]s]) AS e FROM counted) ORDER BY delivery_no;
`, which, lake.Quote(c.Version), now.UTC().Format(time.DateTime), sum("cells"), sum("expected"), sum("empty"), sum("odd"), sum("checked"), sum("wrong"), strings.Join(fields, ", "))
	if len(breaches) > 0 {
		statement += "INSERT INTO quality.breach SELECT delivery_no, e.* FROM (SELECT delivery_no, unnest([" + strings.Join(breaches, ", ") + "]) AS e FROM counted) WHERE e.rows > 0 ORDER BY delivery_no;\n"
	}
	return statement + "COMMIT"
}
