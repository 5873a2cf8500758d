package news

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/yidaitong/yidaitong/node/catalog"
)

//go:embed schema.sql
var schemaSQL string

// Department is the source under which texts are delivered. Each of its catalogues with the fields title, body and published_on holds texts;
// the catalogue labelled_text holds those whose meaning a steward has noted.
const (
	Department = "social"
	labelled   = "labelled_text"
)

// Nobody stands in a labelled text for the firm meant where none is.
const Nobody = "不指企业"

// rulesVersion rises whenever the rules of this package change, so that texts read by older rules are read again.
const rulesVersion = 1

// Report is what a run over the landed texts found.
type Report struct {
	Texts    int64   `json:"texts"`    // read in this run
	Events   int64   `json:"events"`   // links of a text to a firm made in this run
	Labelled int     `json:"labelled"` // labelled texts that taught the models
	Firms    int64   `json:"firms"`    // firms that any text means, over all runs
	Seconds  float64 `json:"seconds"`
}

// Refresh reads the texts that have landed since the last run into news.event. A text is read once,
// against the register as it stood then; when the labelled texts or the rules have changed since, all are read anew. entity.firm and entity.name must exist.
func Refresh(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) (Report, error) {
	started := time.Now()
	report, err := refresh(ctx, db, contracts)
	if err != nil {
		return report, fmt.Errorf("read the news: %w", err)
	}
	report.Seconds = time.Since(started).Seconds()
	return report, nil
}

func refresh(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) (Report, error) {
	var report Report
	if _, err := db.ExecContext(ctx, schemaSQL); err != nil {
		return report, fmt.Errorf("prepare the tables: %w", err)
	}
	sources := textCatalogues(contracts)
	if err := forget(ctx, db, contracts); err != nil {
		return report, err
	}
	waiting, err := count(ctx, db, sources)
	if err != nil {
		return report, err
	}
	if waiting > 0 {
		m, err := open(ctx, db, contracts)
		if err != nil {
			return report, err
		}
		report.Labelled = m.Taught()
		for _, c := range sources {
			if err := readCatalogue(ctx, db, m, c, &report); err != nil {
				return report, fmt.Errorf("%s: %w", c.Table(), err)
			}
		}
	}
	err = db.QueryRowContext(ctx, "SELECT count(DISTINCT firm_id) FROM news.event").Scan(&report.Firms)
	return report, err
}

// textCatalogues are the catalogues that hold texts to be read.
func textCatalogues(contracts *catalog.Catalogs) []*catalog.Contract {
	var found []*catalog.Contract
	for _, c := range contracts.Of(Department) {
		if c.Name == labelled {
			continue
		}
		_, body := c.Field("body")
		_, title := c.Field("title")
		if _, published := c.Field("published_on"); body && title && published {
			found = append(found, c)
		}
	}
	return found
}

// forget drops what was read by other rules or with other labelled texts.
func forget(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) error {
	labels := "0"
	if c, ok := contracts.Find(Department, labelled); ok {
		labels = "coalesce((SELECT bit_xor(hash(text_id, meant_code, event_kind, body)) FROM " + c.View() + " WHERE _superseded_on IS NULL), 0)"
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf(`BEGIN;
		CREATE OR REPLACE TABLE news.new_basis AS SELECT (%s)::UBIGINT AS labels, %d AS rules;
		DELETE FROM news.event WHERE NOT EXISTS (SELECT 1 FROM news.basis JOIN news.new_basis USING (labels, rules));
		DELETE FROM news.done WHERE NOT EXISTS (SELECT 1 FROM news.basis JOIN news.new_basis USING (labels, rules));
		DELETE FROM news.basis;
		INSERT INTO news.basis SELECT labels, rules FROM news.new_basis;
		DROP TABLE news.new_basis;
		COMMIT`, labels, rulesVersion))
	return err
}

func count(ctx context.Context, db *sql.DB, sources []*catalog.Contract) (int64, error) {
	waiting := int64(0)
	for _, c := range sources {
		var n int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+c.View()+" WHERE "+unread, c.Table()).Scan(&n); err != nil {
			return 0, fmt.Errorf("count the new texts of %s: %w", c.Table(), err)
		}
		waiting += n
	}
	return waiting, nil
}

const unread = "_id NOT IN (SELECT _id FROM news.done WHERE catalogue = ?)"

// open makes the model of the register as it stands, taught by the city's labelled texts.
func open(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs) (*Model, error) {
	firms, byCode, err := readFirms(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	m, err := NewModel(firms)
	if err != nil {
		return nil, err
	}
	texts, err := readLabelled(ctx, db, contracts, byCode)
	if err != nil {
		return nil, fmt.Errorf("read the labelled texts: %w", err)
	}
	if len(texts) == 0 {
		return m, nil
	}
	return m, m.Teach(texts)
}

func readFirms(ctx context.Context, db *sql.DB) ([]Firm, map[string]int64, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT f.firm_id, coalesce(f.usci, ''), f.kind = 'individual', coalesce(f.legal_person, ''), coalesce(f.address, ''),
		       string_agg(n.firm_name, chr(31) ORDER BY n.former, n.firm_name)
		FROM entity.firm f JOIN entity.name n USING (firm_id) GROUP BY ALL ORDER BY f.firm_id`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var firms []Firm
	byCode := map[string]int64{}
	for rows.Next() {
		var f Firm
		var code, names string
		if err := rows.Scan(&f.ID, &code, &f.Individual, &f.LegalPerson, &f.Address, &names); err != nil {
			return nil, nil, err
		}
		f.Names = strings.Split(names, "\x1f")
		firms = append(firms, f)
		byCode[code] = f.ID
	}
	return firms, byCode, rows.Err()
}

// readLabelled reads the labelled texts. One whose firm is not in the register teaches nothing.
func readLabelled(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, byCode map[string]int64) ([]Labelled, error) {
	c, ok := contracts.Find(Department, labelled)
	if !ok {
		return nil, nil
	}
	rows, err := db.QueryContext(ctx, `SELECT text_id, coalesce(title, ''), body, meant_code, event_kind FROM `+c.View()+` WHERE _superseded_on IS NULL ORDER BY text_id, meant_code`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var texts []Labelled
	unknown := map[string]bool{}
	for rows.Next() {
		var t Text
		var code, kind string
		if err := rows.Scan(&t.ID, &t.Title, &t.Body, &code, &kind); err != nil {
			return nil, err
		}
		if len(texts) == 0 || texts[len(texts)-1].ID != t.ID {
			texts = append(texts, Labelled{Text: t, Firms: map[int64]Kind{}})
		}
		if code == Nobody {
			continue
		}
		firm, ok := byCode[code]
		unknown[t.ID] = unknown[t.ID] || !ok
		texts[len(texts)-1].Firms[firm] = Kind(kind)
	}
	kept := texts[:0]
	for _, t := range texts {
		if !unknown[t.ID] {
			kept = append(kept, t)
		}
	}
	return kept, rows.Err()
}

// landed is a text on its way through a run.
type landed struct {
	Text
	id                 int64
	published, knownOn time.Time
	said               []Said
}

// chunk is how many texts are in memory at once.
const chunk = 4096

// readCatalogue reads a catalogue's new texts, as many at a time as there are cores, and enters what they say chunk by chunk.
func readCatalogue(ctx context.Context, db *sql.DB, m *Model, c *catalog.Contract, report *Report) error {
	for {
		texts, err := nextTexts(ctx, db, c)
		if err != nil || len(texts) == 0 {
			return err
		}
		m.readAll(texts)
		events, err := enter(ctx, db, c, texts)
		if err != nil {
			return err
		}
		report.Texts += int64(len(texts))
		report.Events += events
	}
}

func nextTexts(ctx context.Context, db *sql.DB, c *catalog.Contract) ([]landed, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT _id, coalesce(title, ''), coalesce(body, ''), published_on, _known_on FROM %s
		WHERE %s ORDER BY _id LIMIT %d`, c.View(), unread, chunk), c.Table())
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	defer rows.Close()
	var texts []landed
	for rows.Next() {
		var t landed
		if err := rows.Scan(&t.id, &t.Title, &t.Body, &t.published, &t.knownOn); err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
		texts = append(texts, t)
	}
	return texts, rows.Err()
}

func (m *Model) readAll(texts []landed) {
	var work sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for i := w; i < len(texts); i += runtime.GOMAXPROCS(0) {
				texts[i].said = m.Read(texts[i].Text)
			}
		})
	}
	work.Wait()
}

// enter appends what texts say and notes that they are read, both or neither.
func enter(ctx context.Context, db *sql.DB, c *catalog.Contract, texts []landed) (events int64, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return 0, err
	}
	events, err = appendEvents(conn, c, texts)
	if err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // the first error is the one to report
		return 0, fmt.Errorf("enter what texts say: %w", err)
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return events, err
}

func appendEvents(conn *sql.Conn, c *catalog.Contract, texts []landed) (events int64, err error) {
	err = conn.Raw(func(raw any) error {
		event, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "news", "event")
		if err != nil {
			return err
		}
		done, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "news", "done")
		if err != nil {
			return errors.Join(err, event.Close())
		}
		for _, t := range texts {
			for _, s := range t.said {
				events++
				err = errors.Join(err, event.AppendRow(c.Table(), t.id, s.Firm, s.Form, s.Confidence, string(s.Kind), int8(s.Tone), s.Sure, t.published, t.knownOn))
			}
			err = errors.Join(err, done.AppendRow(c.Table(), t.id))
		}
		return errors.Join(err, event.Close(), done.Close())
	})
	return events, err
}
