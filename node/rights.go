package node

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

// rightsTables: act has one row per deletion, with counts and a keyed digest of whom it was about; sealed has one row per row that the law keeps in
// storage and that nothing may process any more; salt has one row.
const rightsTables = `CREATE SCHEMA IF NOT EXISTS rights;
	CREATE TABLE IF NOT EXISTS rights.act (kind VARCHAR, acted_at TIMESTAMP, by_post VARCHAR, reason VARCHAR, subject VARCHAR, counts VARCHAR);
	CREATE TABLE IF NOT EXISTS rights.sealed (catalogue VARCHAR, _id BIGINT, keep_until DATE, content VARCHAR);
	CREATE TABLE IF NOT EXISTS rights.salt (salt VARCHAR)`

// sealedBy is the rule for what is sealed instead of deleted. 《个人信息保护法》第四十七条第二款: 法律、行政法规规定的保存期限未届满的，个人信息处理者应当停止
// 除存储和采取必要的安全保护措施之外的处理. Laws are named 《…法》 and administrative regulations 《…条例》; measures and rules of departments are neither.
var sealedBy = regexp.MustCompile(`(法|条例)》`)

var residentID = regexp.MustCompile(`^[0-9]{17}[0-9X]$`)

// SubjectCount is what the node holds about a subject in one catalogue.
type SubjectCount struct {
	Catalogue   string `json:"catalogue"` // DEPARTMENT/CATALOGUE
	TitleZH     string `json:"title_zh"`
	Landed      int64  `json:"landed"`
	Quarantined int64  `json:"quarantined"`
	Mends       int64  `json:"mends"`
	Sealed      int64  `json:"sealed"` // of the landed rows, those that the law keeps in storage
}

// DeletionReport says what a deletion takes, or has taken.
type DeletionReport struct {
	Applied    bool           `json:"applied"`
	Catalogues []SubjectCount `json:"catalogues"`
}

// subject is a person, by resident ID, or a firm of the register, by its code.
type subject struct {
	node       *Node
	identifier string
	firm       int64 // 0 for a person
}

func (n *Node) subject(ctx context.Context, identifier string) (subject, error) {
	s := subject{node: n, identifier: strings.ToUpper(strings.TrimSpace(identifier))}
	if residentID.MatchString(s.identifier) && !strings.HasPrefix(s.identifier, "9") {
		return s, nil
	}
	var err error
	s.firm, err = n.firmOf(ctx, s.identifier)
	return s, err
}

// rows is the condition over a catalogue's landed view for the subject's rows, "" where it can have none.
func (s subject) rows(c *catalog.Contract) string {
	if s.firm != 0 {
		if !c.HasFirm() {
			return ""
		}
		return fmt.Sprintf("_identity IN (SELECT _identity FROM entity.link WHERE catalogue = %s AND firm_id = %d)", lake.Quote(c.Table()), s.firm)
	}
	var each []string
	for _, f := range c.Fields {
		if f.Type == catalog.Text && (f.Identifier == catalog.ResidentID || f.Personal) {
			each = append(each, fmt.Sprintf("upper(trim(%s)) = %s", f.Name, lake.Quote(s.identifier)))
		}
	}
	return strings.Join(each, " OR ")
}

// ExportSubject writes every landed row about a firm or a person into out, one JSON file per catalogue, with the quarantined rows that name it beside them.
func (n *Node) ExportSubject(ctx context.Context, identifier, out string) ([]SubjectCount, error) {
	s, err := n.subject(ctx, identifier)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	found := []SubjectCount{}
	for _, c := range n.Catalogs.All() {
		count := SubjectCount{Catalogue: c.Department + "/" + c.Name, TitleZH: c.TitleZH}
		var queries []string
		if condition := s.rows(c); condition != "" {
			queries = append(queries, fmt.Sprintf("SELECT 'landed' AS kind, to_json(l)::VARCHAR AS said FROM %s AS l WHERE %s", c.View(), condition))
		}
		queries = append(queries, fmt.Sprintf("SELECT 'quarantined', to_json(q.content)::VARCHAR FROM ledger.quarantine AS q JOIN ledger.delivery AS d USING (delivery_no) WHERE d.department = %s AND d.catalogue = %s AND contains(upper(q.content), %s)",
			lake.Quote(c.Department), lake.Quote(c.Name), lake.Quote(s.identifier)))
		held, err := n.gatherSaid(ctx, strings.Join(queries, " UNION ALL "))
		if err != nil {
			return found, fmt.Errorf("export %s: %w", count.Catalogue, err)
		}
		count.Landed, count.Quarantined = int64(len(held["landed"])), int64(len(held["quarantined"]))
		if count.Landed+count.Quarantined == 0 {
			continue
		}
		text, err := json.MarshalIndent(map[string]any{"catalogue": count.Catalogue, "title_zh": c.TitleZH, "rows": held}, "", "  ")
		if err == nil {
			err = os.WriteFile(filepath.Join(out, c.Table()+".json"), append(text, '\n'), 0o600)
		}
		if err != nil {
			return found, fmt.Errorf("export %s: %w", count.Catalogue, err)
		}
		found = append(found, count)
	}
	return found, nil
}

func (n *Node) gatherSaid(ctx context.Context, query string) (map[string][]json.RawMessage, error) {
	rows, err := n.DB().QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := map[string][]json.RawMessage{}
	for rows.Next() {
		var kind, said string
		if err := rows.Scan(&kind, &said); err != nil {
			return nil, err
		}
		held[kind] = append(held[kind], json.RawMessage(said))
	}
	return held, rows.Err()
}

// DeleteSubject finds what the node holds about a firm or a person outside the registers, and takes it away when told to: rows that a law keeps are
// sealed, all others are removed. The next refresh computes everything anew without them.
func (n *Node) DeleteSubject(ctx context.Context, identifier, by, reason string, apply bool) (DeletionReport, error) {
	report := DeletionReport{Applied: apply, Catalogues: []SubjectCount{}}
	s, err := n.subject(ctx, identifier)
	if err != nil {
		return report, err
	}
	if by == "" || reason == "" || strings.Contains(strings.ToUpper(by+reason), s.identifier) {
		return report, errors.New("a deletion needs the post that answers for it and a reason, without the identifier in them")
	}
	if err := n.run(ctx, rightsTables); err != nil {
		return report, fmt.Errorf("prepare the record of rights: %w", err)
	}
	sealed := map[string]int64{}
	for _, c := range n.Catalogs.All() {
		if condition := s.rows(c); condition != "" && c.Role != catalog.RoleReference && sealedBy.MatchString(c.LegalBasis) {
			if sealed[c.Table()], err = n.seal(ctx, c, condition, apply); err != nil {
				return report, fmt.Errorf("seal rows of %s: %w", c.View(), err)
			}
		}
	}
	if apply {
		if err := n.forgetRefresh(ctx); err != nil {
			return report, err
		}
	}
	ended, err := delivery.EndSubject(ctx, n.lake, n.Catalogs, s.identifier, s.rows, apply, n.Clock)
	if err != nil {
		return report, err
	}
	for _, e := range ended {
		report.Catalogues = append(report.Catalogues, SubjectCount{Catalogue: e.Department + "/" + e.Catalogue, TitleZH: e.TitleZH, Landed: e.Landed,
			Quarantined: e.Quarantined, Mends: e.Mends, Sealed: sealed[e.Department+"__"+e.Catalogue]})
	}
	if !apply {
		return report, nil
	}
	return report, n.forgetSubject(ctx, s, by, reason, report)
}

// seal copies the rows whose time by law is not over out of what is processed, and counts them.
func (n *Node) seal(ctx context.Context, c *catalog.Contract, condition string, apply bool) (count int64, err error) {
	from := fmt.Sprintf("FROM %s AS l WHERE (%s) AND _known_on + INTERVAL %d YEAR > DATE '%s'", c.View(), condition, c.RetainYears, n.Clock().Format("2006-01-02"))
	if err := n.DB().QueryRowContext(ctx, "SELECT count(*) "+from).Scan(&count); err != nil || !apply || count == 0 {
		return count, err
	}
	return count, n.run(ctx, fmt.Sprintf("INSERT INTO rights.sealed SELECT '%[1]s', _id, _known_on + INTERVAL %[2]d YEAR, to_json(l)::VARCHAR %[3]s AND _id NOT IN (SELECT _id FROM rights.sealed WHERE catalogue = '%[1]s')",
		c.Table(), c.RetainYears, from))
}

// forgetSubject takes what was made of rows that are gone, and records the act.
func (n *Node) forgetSubject(ctx context.Context, s subject, by, reason string, report DeletionReport) error {
	var statements []string
	for _, each := range report.Catalogues {
		department, name, _ := strings.Cut(each.Catalogue, "/")
		c, _ := n.Catalogs.Find(department, name)
		if !c.HasFirm() || each.Landed == 0 {
			continue
		}
		for _, table := range []string{"link", "unlinked", "open_identity", "decision"} {
			statements = append(statements, fmt.Sprintf("DELETE FROM entity.%s WHERE catalogue = '%[2]s' AND _identity NOT IN (SELECT _identity FROM landed_identity.%[2]s)", table, c.Table()))
		}
		for _, table := range []string{"event", "done"} {
			statements = append(statements, fmt.Sprintf("DELETE FROM news.%s WHERE catalogue IN ('%s', '%s') AND _id NOT IN (SELECT _id FROM %s)", table, c.Table(), each.Catalogue, c.View()))
		}
	}
	var made bool
	if err := n.DB().QueryRowContext(ctx, "SELECT count(*) = 2 FROM duckdb_tables() WHERE (schema_name, table_name) IN (('entity', 'link'), ('news', 'event'))").Scan(&made); err != nil {
		return fmt.Errorf("look for links: %w", err)
	}
	if made {
		statements = append(statements, "DELETE FROM entity.doubt WHERE writing_id NOT IN (SELECT writing_id FROM entity.open_identity)", "DELETE FROM entity.open_key WHERE writing_id NOT IN (SELECT writing_id FROM entity.open_identity)")
		if err := n.run(ctx, statements...); err != nil {
			return fmt.Errorf("take what was made of rows that are gone: %w", err)
		}
	}
	return n.recordAct(ctx, s, by, reason, report)
}

func (n *Node) recordAct(ctx context.Context, s subject, by, reason string, report DeletionReport) error {
	if err := n.run(ctx, "INSERT INTO rights.salt SELECT "+lake.Quote(rand.Text())+" WHERE NOT EXISTS (FROM rights.salt)"); err != nil {
		return fmt.Errorf("record the deletion: %w", err)
	}
	var salt string
	if err := n.DB().QueryRowContext(ctx, "SELECT salt FROM rights.salt").Scan(&salt); err != nil {
		return fmt.Errorf("record the deletion: %w", err)
	}
	digest := hmac.New(sha256.New, []byte(salt))
	digest.Write([]byte(s.identifier))
	counts, err := json.Marshal(report.Catalogues)
	if err != nil {
		return fmt.Errorf("record the deletion: %w", err)
	}
	_, err = n.DB().ExecContext(ctx, "INSERT INTO rights.act VALUES ('delete', ?, ?, ?, ?, ?)", n.Clock().UTC(), by, reason, hex.EncodeToString(digest.Sum(nil)), string(counts))
	if err != nil {
		return fmt.Errorf("record the deletion: %w", err)
	}
	return n.run(ctx, "CHECKPOINT")
}
