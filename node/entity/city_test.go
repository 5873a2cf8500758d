package entity_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/lake"
)

// loadCity makes a small city and loads all its deliveries.
func loadCity(t *testing.T, firms int, seed int64) (n *node.Node, truth string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Options{Out: dir, Firms: firms, Seed: seed, Damage: 0.15, City: "341500", Format: "csv", Core: true}); err != nil {
		t.Fatal(err)
	}
	if err := node.Init(filepath.Join(dir, "node"), "341500"); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), filepath.Join(dir, "node"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	if _, err := n.Load(t.Context(), []string{filepath.Join(dir, "deliveries")}, nil); err != nil {
		t.Fatal(err)
	}
	return n, filepath.Join(dir, "truth")
}

// judged is a query over every landed row that names a firm: the firm it was linked to, and the one it is about.
func judged(n *node.Node, truth string) string {
	var parts []string
	for _, c := range n.Catalogs.All() {
		if c.HasFirm() && c.Department != "study" {
			parts = append(parts, fmt.Sprintf(`SELECT '%s' AS catalogue, t.usci AS meant, f.usci AS linked, t.damage, t.name_damage
				FROM %s r
				JOIN truth_record t ON t.department = '%s' AND t.catalogue = '%s' AND t.file = split_part(r._delivery, '@', 1) AND t.row = r._row
				LEFT JOIN entity.link k ON k.catalogue = '%s' AND k._identity = r._identity
				LEFT JOIN entity.firm f USING (firm_id)`, c.Table(), c.View(), c.Department, c.Name, c.Table()))
		}
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

// TestLinksOfACity measures the links against what the city knows: at 15 % damage nearly all that is linked is right, and nearly all is linked.
func TestLinksOfACity(t *testing.T) {
	n, truth := loadCity(t, 500, 1)
	report, err := entity.Refresh(t.Context(), n.DB(), n.Catalogs)
	if err != nil {
		t.Fatal(err)
	}
	db := n.DB()
	for _, query := range []string{
		"CREATE TABLE truth_record AS FROM read_parquet(" + lake.Quote(filepath.Join(truth, "record.parquet")) + ")",
		"CREATE TABLE judged AS " + judged(n, truth),
	} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	var rows, right, linked, damaged, damagedRight int64
	err = db.QueryRowContext(t.Context(), `SELECT count(*), count(*) FILTER (linked = meant), count(linked),
		count(*) FILTER (damage IS NOT NULL), count(*) FILTER (damage IS NOT NULL AND linked = meant) FROM judged`).Scan(&rows, &right, &linked, &damaged, &damagedRight)
	if err != nil {
		t.Fatal(err)
	}
	if rows != report.Linked+report.Unlinked {
		t.Errorf("%d rows judged, %d reported", rows, report.Linked+report.Unlinked)
	}
	precision, recall := float64(right)/float64(linked), float64(right)/float64(rows)
	f1 := 2 * precision * recall / (precision + recall)
	t.Logf("%d rows, precision %.5f, recall %.5f, F1 %.5f; of %d with a damaged identifier %.4f are right", rows, precision, recall, f1, damaged, float64(damagedRight)/float64(damaged))
	if precision < 0.995 || f1 < 0.98 {
		t.Errorf("precision %.5f, F1 %.5f", precision, f1)
	}
	if share := float64(damagedRight) / float64(damaged); share < 0.95 {
		t.Errorf("of the damaged only %.4f are right", share)
	}
	var firms, missing int64
	err = db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT count(*), count(*) FILTER (f.usci IS NULL)
		FROM read_parquet(%s) t LEFT JOIN entity.firm f ON f.usci = t.usci`, lake.Quote(filepath.Join(truth, "firm.parquet")))).Scan(&firms, &missing)
	if err != nil {
		t.Fatal(err)
	}
	if missing > 0 || report.Firms != firms {
		t.Errorf("%d firms, %d in truth, %d of them missing", report.Firms, firms, missing)
	}
}
