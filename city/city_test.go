package city

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// A town of 2,000 firms as departments send it, and a village of 400 in CSV, are made once and read by several tests.
var (
	shared = struct{ dir string }{}
	town   = sync.OnceValues(func() (Summary, error) {
		return Generate(context.Background(), Options{Out: filepath.Join(shared.dir, "town"), Firms: 2000, Seed: 1, Damage: 0.15, Core: true})
	})
	village = sync.OnceValues(func() (Summary, error) {
		return Generate(context.Background(), Options{Out: filepath.Join(shared.dir, "village"), Firms: 400, Seed: 3, Damage: 0.2, Format: "csv", Core: true})
	})
	villageTables = sync.OnceValues(func() (*sql.DB, error) {
		if _, err := village(); err != nil {
			return nil, err
		}
		db, err := sql.Open("duckdb", "")
		if err != nil {
			return nil, err
		}
		return db, readBack(context.Background(), db, filepath.Join(shared.dir, "village"))
	})
)

func TestMain(m *testing.M) {
	var err error
	if shared.dir, err = os.MkdirTemp("", "city-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(shared.dir)
	os.Exit(status)
}

func theTown(t *testing.T) (string, Summary) {
	t.Helper()
	s, err := town()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(shared.dir, "town"), s
}

// theVillage returns the village with its deliveries read back, one table per catalogue.
func theVillage(t *testing.T) (string, *sql.DB) {
	t.Helper()
	db, err := villageTables()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(shared.dir, "village"), db
}

func hamlet(t *testing.T, o Options) (string, Summary) {
	t.Helper()
	o.Out = t.TempDir()
	if o.Firms == 0 {
		o.Firms = 80
	}
	s, err := Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Out, s
}

func engine(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// ask scans the one row that a query returns.
func ask(t *testing.T, db *sql.DB, query string, into ...any) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(into...); err != nil {
		t.Fatalf("%v in %s", err, query)
	}
}

func digests(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	sums := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sums[name] = sha256.Sum256(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// Neither the number of threads nor how many quarters of invoices fit into memory at once shows in what is written.
func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	one, _ := hamlet(t, Options{Seed: 7, Damage: 0.15, Core: true, Threads: 1})
	four, _ := hamlet(t, Options{Seed: 7, Damage: 0.15, Core: true, Threads: 4, batchRows: 4000})
	other, _ := hamlet(t, Options{Firms: 40, Seed: 8, Damage: 0.15, Core: true})
	a, b, c := digests(t, one), digests(t, four), digests(t, other)
	if len(a) != len(b) {
		t.Errorf("%d files with one thread and one batch, %d with four threads and several batches", len(a), len(b))
	}
	for name, sum := range a {
		if b[name] != sum {
			t.Errorf("%s differs between one thread and one batch, and four threads and several batches", name)
		}
	}
	same := 0
	for name, sum := range a {
		if c[name] == sum {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of %d files are the same for another seed", same, len(a))
	}
}

// What the 34 departments and the public send is the same whatever the threads, and each catalogue that a city of some size fills is written.
func TestTheWholeCityIsTheSameWhateverTheThreads(t *testing.T) {
	if testing.Short() {
		t.Skip("makes every catalogue twice")
	}
	one, s := hamlet(t, Options{Firms: 60, Seed: 7, Damage: 0.15, Threads: 1})
	four, _ := hamlet(t, Options{Firms: 60, Seed: 7, Damage: 0.15, Threads: 4, batchRows: 4000})
	a, b := digests(t, one), digests(t, four)
	for name, sum := range a {
		if b[name] != sum {
			t.Errorf("%s differs between one thread and four", name)
		}
	}
	if len(a) != len(b) || s.Departments != len(departments) {
		t.Errorf("%d files with one thread, %d with four; %d departments", len(a), len(b), s.Departments)
	}
}

// A catalogue that nobody can write, or a query that nobody asks, is a slip that shows here and not at a city's size.
func TestTablesQueriesAndContractsFitTogether(t *testing.T) {
	all, err := readCatalogues(catalogs.FS, append(slices.Clone(departments), social), false)
	if err != nil {
		t.Fatal(err)
	}
	core, seen := 0, map[string]bool{}
	for _, c := range all {
		if seen[c.id()] {
			t.Errorf("%s is delivered twice", c.id())
		}
		seen[c.id()] = true
		if c.core && c.department != social {
			core++
		}
	}
	if core != 32 {
		t.Errorf("%d core catalogues, want the 32 that a small city consists of", core)
	}
	queries, err := fs.Glob(sqlFiles, "sql/clean/*.sql")
	if err != nil || len(queries) != len(all) {
		t.Errorf("%d queries for %d catalogues: %v", len(queries), len(all), err)
	}
}

// An increment brings the next quarter of the same city: nothing that was delivered before, corrections of it, and about as many rows as asked.
func TestAnIncrementGoesOnWhereTheCityEnded(t *testing.T) {
	dir, all := theTown(t)
	next := t.TempDir()
	whole, err := Increment(t.Context(), IncrementOptions{City: dir, Out: next})
	if err != nil {
		t.Fatal(err)
	}
	if quarter := all.Records / quarters; whole.Records < quarter/2 || whole.Records > 2*quarter {
		t.Errorf("%d records in a quarter, %d in all before", whole.Records, all.Records)
	}
	db := engine(t)
	var files, days, corrections, strangers int
	ask(t, db, fmt.Sprintf(`SELECT count(DISTINCT file), count(DISTINCT regexp_extract(file, '_([0-9]{8})\.', 1)), count(*) FILTER (copy = 'late'),
		count(*) FILTER (usci NOT IN (SELECT usci FROM %s)) FROM %s`,
		quoted(filepath.Join(dir, "truth", "firm.parquet")), quoted(filepath.Join(next, "truth", "record.parquet"))), &files, &days, &corrections, &strangers)
	if files != whole.Files || days != 1 || corrections == 0 || strangers > 0 {
		t.Errorf("%d files of %d days, %d corrections, %d rows of firms that the city does not have", files, days, corrections, strangers)
	}
	var dead int
	ask(t, db, fmt.Sprintf("SELECT count(*) FROM %s a JOIN %s b USING (usci) WHERE a.died IS NOT NULL AND b.died IS DISTINCT FROM a.died",
		quoted(filepath.Join(dir, "truth", "firm.parquet")), quoted(filepath.Join(next, "truth", "firm.parquet"))), &dead)
	if dead > 0 {
		t.Errorf("%d firms had closed and now have not", dead)
	}

	part, err := Increment(t.Context(), IncrementOptions{City: next, Out: t.TempDir(), Records: int(whole.Records / 4)})
	if err != nil || part.Records < whole.Records/8 || part.Records > whole.Records/2 {
		t.Errorf("asked for %d records of the quarter after, got %d: %v", whole.Records/4, part.Records, err)
	}
	if _, err := Increment(t.Context(), IncrementOptions{City: t.TempDir(), Out: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "city generate") {
		t.Errorf("an increment of no city: %v", err)
	}
}

// Some catalogues come as a whole now and then; what the department has lost meanwhile is not in it, and nothing is in it twice.
func TestAWholeHoldsWhatTheDepartmentStillHas(t *testing.T) {
	dir, s := hamlet(t, Options{Firms: 2000, Seed: 5, Format: "csv", only: []string{"agriculture__pesticide_licence"}})
	before, whole, twice := map[string]bool{}, map[string]bool{}, 0
	files, err := filepath.Glob(filepath.Join(dir, "deliveries", "agriculture", "pesticide_licence_*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, no := range licences(t, file) {
			switch base := filepath.Base(file); {
			case base == "pesticide_licence_full_20240110.csv":
				if whole[no] {
					twice++
				}
				whole[no] = true
			case base < "pesticide_licence_20240110.csv":
				before[no] = true
			}
		}
	}
	lost := 0
	for no := range before {
		if !whole[no] {
			lost++
		}
	}
	if len(whole) < len(before)*9/10 || len(before) == 0 || twice > 0 || lost > len(before)/10 {
		t.Errorf("%d licences in the whole, %d of them twice; of %d sent before %d are lost (%+v)", len(whole), twice, len(before), lost, s)
	}
}

// licences are the numbers in a CSV file of the pesticide licences.
func licences(t *testing.T, file string) []string {
	t.Helper()
	c, err := readContract(catalogs.FS, "agriculture", "pesticide_licence")
	if err != nil {
		t.Fatal(err)
	}
	number, _ := c.field("licence_no")
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	column := slices.IndexFunc(rows[0], func(title string) bool { return slices.Contains(number.titles, title) })
	if column < 0 {
		t.Fatalf("%s has no number among %q", file, rows[0])
	}
	var found []string
	for _, row := range rows[1:] {
		found = append(found, row[column])
	}
	return found
}

// What is taken back was delivered before, under the same key, and is told from what is new: by the file's name, or by a column.
func TestWhatIsTakenBackWasSent(t *testing.T) {
	dir, _ := hamlet(t, Options{Firms: 3000, Seed: 5, Format: "csv", only: []string{"emergency__safety_penalty", "urban_management__city_penalty"}})
	var inFiles, marked, strangers int
	ask(t, engine(t), fmt.Sprintf(`WITH r AS (FROM %s) SELECT count(*) FILTER (copy = 'withdrawn' AND file LIKE '%%\_delete\_%%' ESCAPE '\'),
		count(*) FILTER (copy = 'withdrawn' AND file NOT LIKE '%%\_delete\_%%' ESCAPE '\'),
		count(*) FILTER (copy = 'withdrawn' AND NOT EXISTS (FROM r o WHERE o.usci = r.usci AND o.catalogue = r.catalogue AND o.copy IS NULL AND o.file < r.file)) FROM r`,
		quoted(filepath.Join(dir, "truth", "record.parquet"))), &inFiles, &marked, &strangers)
	if inFiles == 0 || marked == 0 || strangers > 0 {
		t.Errorf("%d rows taken back in files of their own, %d marked, %d that were never sent", inFiles, marked, strangers)
	}
	column := 0
	files, _ := filepath.Glob(filepath.Join(dir, "deliveries", "urban_management", "city_penalty_*.csv"))
	for _, file := range files {
		if header, err := headerOf(file); err == nil && slices.Contains(header, "操作") {
			column++
		}
	}
	if column != len(files) || column == 0 {
		t.Errorf("%d of %d files say of each row what to do with it", column, len(files))
	}
}

// macros returns an engine in which the city's functions are defined.
func macros(t *testing.T) *sql.DB {
	t.Helper()
	db, err := openEngine(t.Context(), withDefaults(Options{Firms: 20, Seed: 1, Damage: 0.15}), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, name := range []string{"macros", "lists", "damage"} {
		text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// The codes are public ones of real organisations, and the example of GB 11643.
func TestCheckCharactersOfPublicCodes(t *testing.T) {
	db := macros(t)
	for check, codes := range map[string][]string{
		"usci_check":     {"9144030071526726XG", "91330100799655058B", "914403001922038216", "91110000802100433B", "91110108551385082Q"},
		"org_check":      {"71526726X", "799655058", "192203821", "802100433", "551385082"},
		"reg_check":      {"440301103097413", "110000001102767"},
		"resident_check": {"11010519491231002X"},
	} {
		for _, code := range codes {
			var got string
			ask(t, db, fmt.Sprintf("SELECT %s('%s')", check, code[:len(code)-1]), &got)
			if want := code[len(code)-1:]; got != want {
				t.Errorf("%s of %s: %s, want %s", check, code[:len(code)-1], got, want)
			}
		}
	}
}

func TestNumbersThatLookRandomDiffer(t *testing.T) {
	db := macros(t)
	for _, expression := range []string{"code6(i)", "digits8(i, 20080000)"} {
		var n, length int
		ask(t, db, "SELECT count(DISTINCT "+expression+"), max(length("+expression+")) FROM range(1, 300000) t(i)", &n, &length)
		if n != 299_999 || length > 8 {
			t.Errorf("%s: %d distinct of 299999, up to %d characters", expression, n, length)
		}
	}
}

func TestDrawsAreUniformAndIndependent(t *testing.T) {
	var mean, deviation, between, neighbours float64
	ask(t, macros(t), `SELECT avg(u(i, 0, 'a')), stddev(z(i, 0, 'a')), corr(u(i, 0, 'a'), u(i, 0, 'b')), corr(u(i, 0, 'a'), u(i + 1, 0, 'a')) FROM range(50000) t(i)`,
		&mean, &deviation, &between, &neighbours)
	if abs(mean-0.5) > 0.01 || abs(deviation-1) > 0.02 || abs(between) > 0.02 || abs(neighbours) > 0.02 {
		t.Errorf("mean %.3f, deviation %.3f, correlations %.3f and %.3f", mean, deviation, between, neighbours)
	}
}

func abs(x float64) float64 { return max(x, -x) }

func TestFirmsHaveValidAndDistinctIdentifiers(t *testing.T) {
	dir, _ := theTown(t)
	db := macros(t)
	var firms, usci, org, names, wrong int
	ask(t, db, fmt.Sprintf(`SELECT count(*), count(DISTINCT usci), count(DISTINCT org_code), count(DISTINCT CASE kind WHEN 'enterprise' THEN name ELSE firm::VARCHAR END),
		count(*) FILTER (usci_check(left(usci, 17)) <> right(usci, 1) OR org_check(left(org_code, 8)) <> right(org_code, 1) OR substr(usci, 9, 9) <> org_code
			OR substr(usci, 3, 6) <> division_code OR reg_check(left(reg_no, 14)) <> right(reg_no, 1) OR resident_check(left(legal_person_id, 17)) <> right(legal_person_id, 1)
			OR substr(legal_person_id, 7, 4)::INTEGER + 18 > year(born) OR length(usci) <> 18)
		FROM %s`, quoted(filepath.Join(dir, "truth", "firm.parquet"))), &firms, &usci, &org, &names, &wrong)
	if firms != 2000 || usci != firms || org != firms || names != firms || wrong != 0 {
		t.Errorf("%d firms, %d codes, %d organisation codes, %d names, %d wrong", firms, usci, org, names, wrong)
	}
}

func TestHealthForetellsDefault(t *testing.T) {
	dir, _ := theTown(t)
	var loans, bads int
	var auc float64
	ask(t, engine(t), fmt.Sprintf(`WITH past AS (SELECT *, rank() OVER (ORDER BY health DESC) AS place FROM %s WHERE lent_on <= DATE '2025-09-30')
		SELECT count(*), count(*) FILTER (defaulted), (sum(place) FILTER (defaulted) - count(*) FILTER (defaulted) * (count(*) FILTER (defaulted) + 1) / 2)
			/ (count(*) FILTER (defaulted) * count(*) FILTER (NOT defaulted)) FROM past`, quoted(filepath.Join(dir, "truth", "loan.parquet"))), &loans, &bads, &auc)
	rate := float64(bads) / float64(loans)
	t.Logf("%d past loans, %.1f %% in default, AUC of the hidden health %.3f", loans, 100*rate, auc)
	if loans < 1300 || loans > 1800 || rate < 0.05 || rate > 0.09 || auc < 0.84 || auc > 0.91 {
		t.Error("the city's loans are not what a card can be trained on")
	}
}

func TestHealthOfCustomersReachesSuppliers(t *testing.T) {
	dir, _ := theTown(t)
	truth := func(name string) string { return quoted(filepath.Join(dir, "truth", name+".parquet")) }
	var linked, unlinked float64
	ask(t, engine(t), fmt.Sprintf(`WITH step AS (
			SELECT firm, month, health - lag(health, 12) OVER (PARTITION BY firm ORDER BY month) AS change FROM %s
		), seller AS (SELECT DISTINCT seller FROM %s WHERE share >= 500)
		SELECT corr(s.change, b.change), (SELECT corr(s2.change, b2.change) FROM step s2 JOIN seller ON seller = s2.firm JOIN step b2 ON b2.firm = s2.firm + 1 AND b2.month = s2.month)
		FROM %s c JOIN step s ON s.firm = c.seller JOIN step b ON b.firm = c.buyer AND b.month = s.month WHERE c.share >= 500`,
		truth("health"), truth("customer"), truth("customer")), &linked, &unlinked)
	t.Logf("yearly changes of health: correlation with the main customer %.3f, with a stranger %.3f", linked, unlinked)
	if linked < unlinked+0.04 {
		t.Error("a customer's trouble does not reach its supplier")
	}
}

func TestDamageIsAsOrdered(t *testing.T) {
	dir, s := theTown(t)
	var share float64
	var kinds int
	ask(t, engine(t), fmt.Sprintf(`SELECT count(damage) / count(*), count(DISTINCT damage) FROM %s WHERE usci IS NOT NULL AND catalogue NOT IN ('enterprise_registration', 'individual_registration')`,
		quoted(filepath.Join(dir, "truth", "record.parquet"))), &share, &kinds)
	if abs(share-0.15) > 0.012 || kinds < 9 {
		t.Errorf("%.3f of the rows have a damaged identifier in %d ways, want 0.15 in 9", share, kinds)
	}
	if s.Damaged == 0 || s.Invalid == 0 {
		t.Errorf("summary says %d damaged and %d invalid rows", s.Damaged, s.Invalid)
	}
	_, clean := hamlet(t, Options{Seed: 1, Core: true})
	if clean.Damaged != 0 {
		t.Errorf("%d rows are damaged where none was to be", clean.Damaged)
	}
}

// readBack loads what was delivered as CSV into one table per catalogue, each title translated back, with file and row.
func readBack(ctx context.Context, db *sql.DB, dir string) error {
	core, err := readCatalogues(catalogs.FS, departments, true)
	if err != nil {
		return err
	}
	for _, c := range core {
		fieldOf := map[string]string{}
		for _, f := range c.fields {
			for _, title := range f.titles {
				fieldOf[title] = f.name
			}
		}
		files, err := filepath.Glob(filepath.Join(dir, "deliveries", c.department, c.name+"_2*.csv"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no deliveries of %s: %w", c.id(), err)
		}
		var queries []string
		for _, file := range files {
			columns := []string{fmt.Sprintf("'%s' AS file", filepath.Base(file)), "row_number() OVER () AS row"}
			header, err := headerOf(file)
			if err != nil {
				return err
			}
			for _, title := range header {
				if fieldOf[title] == "" {
					return fmt.Errorf("%s has the title %q, which its contract does not have", file, title)
				}
				columns = append(columns, fmt.Sprintf("%q AS %s", title, fieldOf[title]))
			}
			queries = append(queries, fmt.Sprintf("SELECT %s FROM read_csv(%s, header = true, all_varchar = true, delim = ',', quote = '\"')", strings.Join(columns, ", "), quoted(file)))
		}
		if _, err := db.ExecContext(ctx, "CREATE TABLE "+c.id()+" AS "+strings.Join(queries, " UNION ALL BY NAME ")); err != nil {
			return fmt.Errorf("read %s back: %w", c.id(), err)
		}
	}
	return nil
}

func headerOf(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.Split(strings.ReplaceAll(line, `"`, ""), ","), nil
}

func TestKeysTellRecordsApart(t *testing.T) {
	dir, db := theVillage(t)
	record := quoted(filepath.Join(dir, "truth", "record.parquet"))
	core, err := readCatalogues(catalogs.FS, departments, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range core {
		key := c.key
		if c.fixed {
			key = append([]string{"r.usci"}, key...)
		}
		each := "r.file"
		if !c.versioned {
			each = "''" // what neither ends nor is corrected comes once, whatever the file
		}
		var rows, distinct, unmatched int
		ask(t, db, fmt.Sprintf(`SELECT count(*) FILTER (r.copy IS NULL), count(DISTINCT (%s, %s)) FILTER (r.copy IS NULL), count(*) FILTER (r.usci IS NULL AND '%s' <> '')
			FROM %s d JOIN %s r ON r.department = '%s' AND r.catalogue = '%s' AND r.file = d.file AND r.row = d.row AND NOT EXISTS (
				FROM %s i WHERE i.department = r.department AND i.catalogue = r.catalogue AND i.file = r.file AND i.row = r.row)`,
			strings.Join(key, ", "), each, c.identifier, c.id(), record, c.department, c.name, quoted(filepath.Join(dir, "truth", "invalid.parquet"))), &rows, &distinct, &unmatched)
		if rows == 0 || rows != distinct || unmatched > 0 {
			t.Errorf("%s: %d rows, %d keys, %d rows without a firm in the truth", c.id(), rows, distinct, unmatched)
		}
	}
}

func TestCorrectionsComeLaterUnderTheSameIdentifier(t *testing.T) {
	dir, db := theVillage(t)
	var late, astray, unchanged int
	ask(t, db, fmt.Sprintf(`WITH d AS (SELECT d.*, r.copy, r.usci AS true_usci FROM tax__sales_invoice d JOIN %s r ON r.catalogue = 'sales_invoice' AND r.file = d.file AND r.row = d.row)
		SELECT count(*), count(*) FILTER (o.taxpayer_id IS DISTINCT FROM l.taxpayer_id OR o.file >= l.file), count(*) FILTER (o.state = l.state AND o.state <> '作废发票')
		FROM d l LEFT JOIN d o ON o.true_usci = l.true_usci AND o.invoice_no = l.invoice_no AND o.copy IS NULL WHERE l.copy = 'late'`,
		quoted(filepath.Join(dir, "truth", "record.parquet"))), &late, &astray, &unchanged)
	if late == 0 || astray > 0 || unchanged > 0 {
		t.Errorf("%d late corrections, %d under another identifier or not later, %d that change nothing", late, astray, unchanged)
	}
}

func TestBothSidesOfATradeHoldTheSameInvoice(t *testing.T) {
	_, db := theVillage(t)
	var shared, different int
	ask(t, db, `SELECT count(*), count(*) FILTER (replace(s.total_yuan, ',', '') <> replace(p.total_yuan, ',', '') AND s.total_yuan NOT LIKE '%o%' AND p.total_yuan NOT LIKE '%o%')
		FROM tax__sales_invoice s JOIN tax__purchase_invoice p ON p.invoice_no = s.invoice_no AND (p.taxpayer_id = s.counterparty_id OR p.counterparty_id = s.taxpayer_id)`, &shared, &different)
	if shared < 500 || different > 0 {
		t.Errorf("%d invoices seen from both sides, %d with different totals", shared, different)
	}
}

func TestRecordsComeCloseToWhatWasAsked(t *testing.T) {
	natural, err := village()
	if err != nil {
		t.Fatal(err)
	}
	wanted := natural.Records * 4 / 3
	_, s := hamlet(t, Options{Firms: 400, Seed: 3, Damage: 0.2, Format: "csv", Core: true, Records: int(wanted)})
	if off := abs(float64(s.Records)/float64(wanted) - 1); off > 0.05 {
		t.Errorf("asked for %d records, got %d", wanted, s.Records)
	}
}

// What a department writes above a column has to be what the node's contract reads there, in the field's own unit.
func TestEveryTitleIsInAContract(t *testing.T) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	all, err := readCatalogues(catalogs.FS, append(slices.Clone(departments), social), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		contract, ok := contracts.Find(c.department, c.name)
		if !ok {
			t.Errorf("no contract for %s", c.id())
			continue
		}
		for _, f := range c.fields {
			for _, title := range f.titles {
				column, ok := contract.Column(title)
				if !ok || column.Field.Name != f.name || column.Unit != "" && column.Unit != f.unit {
					t.Errorf("%s: the contract does not read %q as %s in %s", c.id(), title, f.name, f.unit)
				}
			}
		}
	}
}

func TestFilesAreWhatTheirDepartmentsWrite(t *testing.T) {
	dir, s := theTown(t)
	files := 0
	err := filepath.WalkDir(filepath.Join(dir, "deliveries"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		switch filepath.Ext(path) {
		case ".xlsx":
			checkSpreadsheet(t, path)
		case ".csv":
			checkCSV(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files != s.Files || s.Departments != 10 || s.Catalogues != 32 {
		t.Errorf("%d files found; the summary says %+v", files, s)
	}
}

func checkSpreadsheet(t *testing.T, path string) {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Errorf("open %s: %v", path, err)
		return
	}
	defer book.Close()
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) < 2 {
		t.Errorf("%s has %d rows: %v", path, len(rows), err)
		return
	}
	for _, row := range rows[:2] {
		for _, cell := range row {
			if strings.Contains(cell, "统一社会信用代码") || strings.Contains(cell, "社会信用代码") || strings.Contains(cell, "信用代码") || strings.Contains(cell, "税号") ||
				strings.Contains(cell, "识别号") || strings.Contains(cell, "用户证件号码") {
				return
			}
		}
	}
	t.Errorf("%s has no header in its first two rows: %q", path, rows[:2])
}

func checkCSV(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Base(path)
	switch {
	case strings.HasPrefix(base, "individual_registration"):
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text)
		if err != nil || !strings.Contains(string(decoded), "区划") || !strings.Contains(string(decoded), "\r\n") || strings.Contains(string(decoded), "\ufffd") {
			t.Errorf("%s is not GB18030 with Windows line ends: %v", path, err)
		}
	case strings.HasPrefix(base, "contribution"):
		if !strings.HasPrefix(string(text), "\ufeff") {
			t.Errorf("%s has no byte order mark", path)
		}
	}
}

func TestRefusals(t *testing.T) {
	full := t.TempDir()
	if err := os.MkdirAll(filepath.Join(full, "truth"), 0o755); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"is there already":   {Out: full, Firms: 50},
		"20 to":              {Out: t.TempDir(), Firms: 3},
		"share from 0":       {Out: t.TempDir(), Firms: 50, Damage: 1.5},
		"format \"pdf\"":     {Out: t.TempDir(), Firms: 50, Format: "pdf"},
		"city \"999999\"":    {Out: t.TempDir(), Firms: 50, City: "999999"},
		"number of records":  {Out: t.TempDir(), Firms: 50, Records: -1},
		"no folder named":    {Firms: 50},
		"make the folder fo": {Out: "/dev/null/x", Firms: 50},
	} {
		_, err := Generate(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}

func TestNothingIsLeftOfACityThatWasNotFinished(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	_, err := Generate(ctx, Options{Out: dir, Firms: 80, Core: true, Progress: func(done, _ int, _ string) {
		if done >= 12 {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("a cancelled run reports success")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestABadDayIsDeliveredOnce(t *testing.T) {
	townDir, _ := theTown(t)
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(townDir, "truth"), filepath.Join(dir, "truth")); err != nil {
		t.Fatal(err)
	}
	firm, err := PickBorrower(t.Context(), dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 10, 16, 0, 0, 0, 0, time.UTC)
	paths, err := Adverse(t.Context(), dir, firm.USCI, day)
	if err != nil || len(paths) != 2 {
		t.Fatalf("%v %v", paths, err)
	}
	before := digests(t, filepath.Join(dir, "deliveries", "court"))
	again, err := Adverse(t.Context(), dir, firm.USCI, day)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(paths) || fmt.Sprint(digests(t, filepath.Join(dir, "deliveries", "court"))) != fmt.Sprint(before) {
		t.Errorf("the second time: %v %v", again, err)
	}
	var name, published string
	ask(t, engine(t), fmt.Sprintf(`SELECT "失信被执行人名称", "发布日期" FROM read_json(%s, columns = {'失信被执行人名称': 'VARCHAR', '发布日期': 'VARCHAR'})`, quoted(paths[1])), &name, &published)
	if name != firm.Name || published != "2026-10-14" {
		t.Errorf("delivered about %s, published %s", name, published)
	}
	if _, err := Adverse(t.Context(), dir, "91341500MA2EXAMP0X", day); err == nil {
		t.Error("an unknown firm has a bad day")
	}
	weak, err := PickWeak(t.Context(), dir, 0)
	if err != nil || weak.Health >= firm.Health {
		t.Errorf("the weak firm: %v, health %.2f against %.2f", err, weak.Health, firm.Health)
	}
	if _, err := Adverse(t.Context(), dir, weak.USCI, day); err == nil {
		t.Error("another firm's bad day overwrote the first")
	}
}

// A damaged identifier never happens to be another valid one, and every kind of damage shows.
func TestDamageShowsAndNeverForges(t *testing.T) {
	db := macros(t)
	rapid.Check(t, func(r *rapid.T) {
		firm := rapid.IntRange(1, 900_000).Draw(r, "firm")
		kind := rapid.SampledFrom([]string{"lower", "wide", "space", "o_for_0", "i_for_1", "wrong_char", "swapped", "old_number", "missing"}).Draw(r, "kind")
		position := rapid.IntRange(9, 16).Draw(r, "position")
		way := rapid.IntRange(0, 839).Draw(r, "way")
		var id string
		var damaged sql.NullString
		var valid bool
		row := db.QueryRowContext(context.Background(), fmt.Sprintf(`WITH f AS (SELECT '91341502MA' || code6(%d) AS a), g AS (SELECT a || org_check(substr(a, 9)) AS b FROM f), h AS (SELECT b || usci_check(b) AS id FROM g)
			SELECT id, damaged(id, '%s', %d, %d, '341502302301924') AS d, coalesce(length(d) = 18 AND d <> id AND usci_check(left(d, 17)) = right(d, 1) AND regexp_full_match(d, '[0-9A-Z]+'), false) FROM h`, firm, kind, position, way))
		if err := row.Scan(&id, &damaged, &valid); err != nil {
			r.Fatal(err)
		}
		if valid {
			r.Fatalf("%s became another valid code", kind)
		}
		same := damaged.Valid && damaged.String == id
		if same && kind != "swapped" { // two equal neighbours swapped leave no trace, and the truth calls them undamaged
			r.Fatalf("%s left no trace", kind)
		}
	})
}
