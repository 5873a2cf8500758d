package news_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/lake"
	"github.com/yidaitong/yidaitong/node/news"
)

// TestTextsOfACity measures what is read out of a city's texts against what the city knows, on those that no steward has labelled. Many of them name
// firms of other places that bear the name of one here, and words of the language that are trade names here.
func TestTextsOfACity(t *testing.T) {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Options{Out: dir, Firms: 600, Seed: 3, Damage: 0.15, City: "341500", Format: "csv", Core: true}); err != nil {
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
	for _, department := range []string{"market_regulation", "social"} {
		if _, err := n.Load(t.Context(), []string{filepath.Join(dir, "deliveries", department)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := entity.Refresh(t.Context(), n.DB(), n.Catalogs); err != nil {
		t.Fatal(err)
	}
	report, err := news.Refresh(t.Context(), n.DB(), n.Catalogs)
	if err != nil {
		t.Fatal(err)
	}
	if report.Texts < 300 || report.Events < 150 || report.Labelled < 50 {
		t.Fatalf("read too little: %+v", report)
	}
	precision, recall, kinds := measure(t, n, filepath.Join(dir, "truth", "news.parquet"))
	t.Logf("%d texts: precision %.3f, recall %.3f, kinds right %.3f", report.Texts, precision, recall, kinds)
	if precision < 0.95 || recall < 0.85 || kinds < 0.9 {
		t.Errorf("precision %.3f (0.95 wanted), recall %.3f (0.85), kinds right %.3f (0.9)", precision, recall, kinds)
	}
	again, err := news.Refresh(t.Context(), n.DB(), n.Catalogs)
	if err != nil || again.Texts != 0 || again.Firms != report.Firms {
		t.Errorf("a second run read texts again: %+v, %v", again, err)
	}
	if _, err := n.DB().ExecContext(t.Context(), "DELETE FROM news.basis"); err != nil {
		t.Fatal(err)
	}
	anew, err := news.Refresh(t.Context(), n.DB(), n.Catalogs)
	if err != nil || anew.Texts != report.Texts || anew.Events != report.Events {
		t.Errorf("reading anew gave %+v after %+v, %v", anew, report, err)
	}
}

// measure compares news.event with the truth: links by text and firm, kinds among the right links.
func measure(t *testing.T, n *node.Node, truth string) (precision, recall, kinds float64) {
	t.Helper()
	var texts string
	for i, name := range []string{"news", "announcement", "recruitment", "tender", "post"} {
		if i > 0 {
			texts += " UNION ALL "
		}
		texts += fmt.Sprintf("SELECT 'social__%s' AS catalogue, _id, text_id FROM landed.social__%[1]s WHERE _superseded_on IS NULL", name)
	}
	query := fmt.Sprintf(`WITH text AS (%s), open AS (SELECT * FROM text WHERE text_id NOT IN (SELECT text_id FROM landed.social__labelled_text)),
		said AS (SELECT o.text_id, f.usci, e.kind FROM news.event e JOIN open o USING (catalogue, _id) JOIN entity.firm f USING (firm_id)),
		meant AS (SELECT r.text_id, r.usci, r.kind FROM read_parquet(%s) r JOIN open USING (text_id))
		SELECT avg(CASE WHEN m.usci IS NOT NULL THEN 1.0 ELSE 0 END) FILTER (s.usci IS NOT NULL),
		       avg(CASE WHEN s.usci IS NOT NULL THEN 1.0 ELSE 0 END) FILTER (m.usci IS NOT NULL),
		       avg(CASE WHEN s.kind = m.kind THEN 1.0 ELSE 0 END) FILTER (m.usci IS NOT NULL AND s.usci IS NOT NULL)
		FROM said s FULL JOIN meant m ON m.text_id = s.text_id AND m.usci = s.usci`, texts, lake.Quote(truth))
	if err := n.DB().QueryRowContext(t.Context(), query).Scan(&precision, &recall, &kinds); err != nil {
		t.Fatal(err)
	}
	return precision, recall, kinds
}
