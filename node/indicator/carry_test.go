package indicator

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// liveCity is a city of a few firms in which deliveries arrive, rows end and links move, at random.
type liveCity struct {
	t      *testing.T
	db     *sql.DB
	r      *rand.Rand
	tables []*catalog.Contract
	words  map[string][]string
	nextID int64
	asOf   time.Time
}

// words are what the groups' SQL asks texts for.
func words() map[string][]string {
	return map[string][]string{
		"state": {"正常发票", "作废发票 "}, "tax_kind": {"增值税", "企业所得税"}, "utility_kind": {"电", "水"}, "grade": {"A", "M", "D"}, "rating": {"绿", "黑"}, "role": {"被告", "原告"},
		"item": {"法定代表人", "地址"}, "tax_year": {"2022", "2023"}, "rating_year": {"2022", "2023"}, "report_year": {"2022", "2023"},
	}
}

const firmsOfLiveCity = 6

func (c *liveCity) run(query string) {
	if _, err := c.db.Exec(query); err != nil {
		c.t.Fatalf("%v\nin %s", err, query)
	}
}

// read are the catalogues that indicators read.
func readCatalogues(t *testing.T) []*catalog.Contract {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	var found []*catalog.Contract
	read, err := Catalogues()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, table := range read {
		named[table] = true
	}
	for _, each := range contracts.All() {
		if named[each.Table()] {
			found = append(found, each)
			delete(named, each.Table())
		}
	}
	if len(named) > 0 || len(found) < 15 {
		t.Fatalf("groups read %d catalogues, and %v which are none", len(found), named)
	}
	return found
}

// value is a literal for a field; small ranges make keys meet.
func (c *liveCity) value(f catalog.Field) string {
	if known := c.words[f.Name]; known != nil {
		return "'" + known[c.r.IntN(len(known))] + "'"
	}
	switch f.Type {
	case catalog.Date:
		if c.r.IntN(4) == 0 {
			return "NULL"
		}
		return fmt.Sprintf("DATE '2024-04-01' - %d", c.r.IntN(1200))
	case catalog.Period:
		return fmt.Sprintf("CAST(DATE '2024-04-01' - INTERVAL %d MONTH AS DATE)", c.r.IntN(40))
	case catalog.Text:
		return fmt.Sprintf("'%c'", 'a'+c.r.IntN(4))
	default:
		return fmt.Sprint(c.r.IntN(200) - 20)
	}
}

// arrive lands rows in a few catalogues, known up to some days after the present.
func (c *liveCity) arrive(rows int) {
	first := c.nextID
	for range rows {
		table := c.tables[c.r.IntN(len(c.tables))]
		names, values := []string{"firm_id", "_known_on", "_id"}, []string{fmt.Sprint(1 + c.r.IntN(firmsOfLiveCity)), fmt.Sprintf("DATE '%s' + %d", c.asOf.Format(time.DateOnly), c.r.IntN(30)-20), fmt.Sprint(c.nextID)}
		for _, f := range table.Fields {
			names, values = append(names, f.Name), append(values, c.value(f))
		}
		c.run(fmt.Sprintf("INSERT INTO linked.%s (%s) VALUES (%s); INSERT INTO concern SELECT '%s', %s", table.Table(), strings.Join(names, ", "), strings.Join(values, ", "), table.Table(), values[0]))
		c.nextID++
	}
	c.run(fmt.Sprintf("CREATE OR REPLACE TABLE first_arrived AS SELECT %d AS id", first))
}

// end supersedes rows that were there before, on a day around the present.
func (c *liveCity) end(rows int) {
	for range rows {
		table, firm := c.tables[c.r.IntN(len(c.tables))].Table(), 1+c.r.IntN(firmsOfLiveCity)
		c.run(fmt.Sprintf(`UPDATE linked.%[1]s SET _superseded_on = greatest(_known_on, DATE '%[2]s' + %[3]d) WHERE firm_id = %[4]d AND _id %% 3 = %[5]d;
			INSERT INTO concern VALUES ('%[1]s', %[4]d); INSERT INTO rewritten VALUES (%[4]d)`, table, c.asOf.Format(time.DateOnly), c.r.IntN(12)-8, firm, c.r.IntN(3)))
	}
}

// move gives some of a firm's rows to another.
func (c *liveCity) move() {
	table, from, to := c.tables[c.r.IntN(len(c.tables))].Table(), 1+c.r.IntN(firmsOfLiveCity), 1+c.r.IntN(firmsOfLiveCity)
	c.run(fmt.Sprintf(`UPDATE linked.%[1]s SET firm_id = %[3]d WHERE firm_id = %[2]d AND _id %% 2 = 0;
		INSERT INTO concern VALUES (NULL, %[2]d), (NULL, %[3]d); INSERT INTO rewritten VALUES (%[2]d), (%[3]d)`, table, from, to))
}

// pass moves the present on, and concerns whom that concerns: firms with rows that become known, or end, in between.
func (c *liveCity) pass(days int) {
	before, now := c.asOf.Format(time.DateOnly), c.asOf.AddDate(0, 0, days).Format(time.DateOnly)
	for _, each := range c.tables {
		c.run(fmt.Sprintf(`INSERT INTO concern SELECT '%[1]s', firm_id FROM linked.%[1]s WHERE _known_on > DATE '%[2]s' AND _known_on <= DATE '%[3]s' OR _superseded_on > DATE '%[2]s' AND _superseded_on <= DATE '%[3]s';
			INSERT INTO rewritten SELECT firm_id FROM linked.%[1]s WHERE _superseded_on > DATE '%[2]s' AND _superseded_on <= DATE '%[3]s'`, each.Table(), before, now))
	}
	c.asOf = c.asOf.AddDate(0, 0, days)
}

// TestCarriedFiguresAreThoseComputedAfresh lets a city live and compares after every change.
func TestCarriedFiguresAreThoseComputedAfresh(t *testing.T) {
	tables := readCatalogues(t)
	for seed := range uint64(4) {
		c := &liveCity{t: t, db: openCity(t, tables...), r: rand.New(rand.NewPCG(seed, 7)), tables: tables, words: words(), nextID: 1, asOf: time.Date(2024, 4, 15, 0, 0, 0, 0, time.UTC)}
		c.run(fmt.Sprintf("INSERT INTO entity.firm (firm_id, established_on) SELECT range, DATE '2020-01-01' FROM range(1, %d)", firmsOfLiveCity))
		c.run("CREATE TABLE concern (catalogue VARCHAR, firm_id BIGINT); CREATE TABLE rewritten (firm_id BIGINT)")
		for step := range 5 {
			before := c.asOf
			c.run("DELETE FROM concern; DELETE FROM rewritten")
			if step > 0 && c.r.IntN(2) == 0 {
				c.pass(1 + c.r.IntN(10))
			}
			if step > 0 && c.r.IntN(2) == 0 {
				c.end(1 + c.r.IntN(3))
			}
			if step > 0 && c.r.IntN(3) == 0 {
				c.move()
			}
			c.arrive(c.r.IntN(60))
			c.compare(step, before)
		}
	}
}

// compare carries and computes afresh. In the fourth step the quarter turns: windows end elsewhere.
func (c *liveCity) compare(step int, before time.Time) {
	ends := []string{"2023-12-31", "2023-12-31", "2023-12-31", "2024-03-31", "2024-03-31"}
	c.run(fmt.Sprintf("CREATE OR REPLACE TABLE spine_asked AS SELECT firm_id, DATE '%s' AS as_of, DATE '%s' AS period_end FROM range(1, %d) r(firm_id)", c.asOf.Format(time.DateOnly), ends[step], firmsOfLiveCity+1))
	periodBefore, _ := time.Parse(time.DateOnly, ends[max(step-1, 0)])
	changes := Changes{Afresh: step == 0, Before: before, PeriodBefore: periodBefore, Concern: "concern", Rewritten: "rewritten", Arrived: "_id >= (SELECT id FROM first_arrived)"}
	if err := Carry(c.t.Context(), c.db, "spine_asked", "carried", changes); err != nil {
		c.t.Fatal(err)
	}
	if err := Compute(c.t.Context(), c.db, "spine_asked", "afresh"); err != nil {
		c.t.Fatal(err)
	}
	if err := ComputeKept(c.t.Context(), c.db, "spine_asked", "partly", "sales_12m", "customers_12m", "headcount"); err != nil {
		c.t.Fatal(err)
	}
	var carried, computed, other int
	err := c.db.QueryRow("SELECT (SELECT count(*) FROM carried), (SELECT count(*) FROM afresh), (SELECT count(*) FROM (SELECT firm_id, as_of, sales_12m, customers_12m, headcount FROM afresh EXCEPT FROM partly))").Scan(&carried, &computed, &other)
	if err != nil {
		c.t.Fatal(err)
	}
	if carried != computed || other > 0 {
		c.t.Fatalf("%d rows carried, %d computed; %d differ where only some figures are asked for", carried, computed, other)
	}
	for _, i := range All() {
		var differ int
		if err := c.db.QueryRow(fmt.Sprintf("SELECT count(*) FROM carried a JOIN afresh b USING (firm_id, as_of) WHERE a.%[1]s IS DISTINCT FROM b.%[1]s AND (a.%[1]s IS NULL OR b.%[1]s IS NULL OR abs(a.%[1]s - b.%[1]s) > 1e-9 * (1 + abs(b.%[1]s)))", i.Name)).Scan(&differ); err != nil {
			c.t.Fatal(err)
		}
		if differ > 0 {
			c.t.Fatalf("%s differs for %d firms", i.Name, differ)
		}
	}
}
