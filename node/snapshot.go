package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/node/indicator"
	"github.com/yidaitong/yidaitong/node/lake"
)

// The serving snapshot is what the gate reads, without ever opening the lake. Each refresh writes a new one, whole, into snapshots/GENERATION/
// and then turns the link current to it: a reader sees the old one or the new one. The one before stays until the next refresh, for readers
// that have begun.

// meta is current/meta.json.
type meta struct {
	Generation   int64             `json:"generation"`
	AsOf         string            `json:"as_of"`
	ModelID      string            `json:"model_id"`
	ModelVersion string            `json:"model_version"`
	DataVersion  string            `json:"data_version"`  // YYYYMMDD.GENERATION
	ModelReasons []borderv1.Reason `json:"model_reasons"` // the indicators that the score is made of
}

// publish writes the snapshot and makes it the current one.
func (n *Node) publish(ctx context.Context, m *model, at observation, report *RefreshReport) error {
	before, err := n.currentMeta()
	if err != nil {
		return err
	}
	s := snapshot{node: n, model: m, at: at, meta: meta{Generation: before.Generation + 1, AsOf: report.AsOf, ModelID: m.report.ID, ModelVersion: m.report.Version, ModelReasons: m.reasons()}}
	s.meta.DataVersion = at.asOf.Format("20060102") + "." + strconv.FormatInt(s.meta.Generation, 10)
	report.Generation = s.meta.Generation
	s.dir = filepath.Join(n.Dir, "snapshots", fmt.Sprintf("%06d", s.meta.Generation))
	if err := s.write(ctx); err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.turn(); err != nil {
		return err
	}
	if err := s.sweep(); err != nil {
		return err
	}
	err = n.DB().QueryRowContext(ctx, "SELECT count(*), (SELECT count(*) FROM refresh.scored WHERE score IS NOT NULL AND as_of = ?) FROM refresh.event", at.asOf).Scan(&report.Events, &report.Scored)
	return err
}

// currentMeta is the meta of the snapshot in service; of generation 0 when there is none.
func (n *Node) currentMeta() (meta, error) {
	var m meta
	text, err := os.ReadFile(filepath.Join(n.Dir, "current", "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read current/meta.json: %w", err)
	}
	return m, nil
}

// reasons are those of the card's features and of the overlays beside them.
func (m *model) reasons() []borderv1.Reason {
	found := []borderv1.Reason{}
	if m.card == nil {
		return found
	}
	columns := newJudge(m.card).columns()
	for _, i := range indicator.All() {
		if slices.Contains(columns, i.Name) {
			found = append(found, i.Reason)
		}
	}
	return found
}

// snapshot is one under way.
type snapshot struct {
	node  *Node
	model *model
	at    observation
	meta  meta
	dir   string
}

func (s *snapshot) write(ctx context.Context) error {
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	text, err := queries.ReadFile("sql/event.sql")
	if err != nil {
		return err
	}
	if _, err := s.node.DB().ExecContext(ctx, "CREATE OR REPLACE TABLE refresh.event AS "+bind(string(text), s.at.asOf)); err != nil {
		return fmt.Errorf("gather events: %w", err)
	}
	for _, name := range []string{"firm", "trend", "person"} {
		if text, err = queries.ReadFile("sql/" + name + ".sql"); err != nil {
			return err
		}
		if err := s.copyOut(ctx, bind(string(text), s.at.asOf), name); err != nil {
			return err
		}
	}
	if err := s.copyOut(ctx, "SELECT * FROM refresh.event ORDER BY firm_id, alert_code, occurred_on, event_key", "event"); err != nil {
		return err
	}
	if err := s.writeDigest(ctx); err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	body, err := json.Marshal(s.meta)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "meta.json"), append(body, '\n'), 0o600)
}

func (s *snapshot) copyOut(ctx context.Context, query, name string) error {
	_, err := s.node.DB().ExecContext(ctx, "COPY ("+query+"\n) TO "+lake.Quote(filepath.Join(s.dir, name+".parquet"))+" (FORMAT parquet, COMPRESSION zstd)")
	if err != nil {
		return fmt.Errorf("write %s.parquet: %w", name, err)
	}
	return nil
}

// turn makes the snapshot the current one.
func (s *snapshot) turn() error {
	current := filepath.Join(s.node.Dir, "current")
	target, err := filepath.Rel(s.node.Dir, s.dir)
	if err != nil {
		return err
	}
	if err := os.Remove(current + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, current+".new"); err != nil {
		return err
	}
	return os.Rename(current+".new", current)
}

// sweep removes all snapshots but the current one and the one before.
func (s *snapshot) sweep() error {
	entries, err := os.ReadDir(filepath.Join(s.node.Dir, "snapshots"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		generation, err := strconv.ParseInt(e.Name(), 10, 64)
		if err != nil || generation < s.meta.Generation-1 {
			if err := os.RemoveAll(filepath.Join(s.node.Dir, "snapshots", e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeDigest writes the city at a glance, without an id: the gate gives it one when it goes out.
func (s *snapshot) writeDigest(ctx context.Context) error {
	d := &borderv1.CityDigest{City: s.node.City, AsOf: timestamppb.New(s.at.asOf), DataVersion: s.meta.DataVersion, ModelId: s.meta.ModelID}
	if err := s.addCells(ctx, d); err != nil {
		return err
	}
	ready, err := s.node.Readiness(ctx)
	if err != nil {
		return err
	}
	for _, r := range ready {
		// The gate lets out only names that the program carries; a department that the operator added stays the city's own affair.
		if !carried(r.Department) {
			continue
		}
		d.Departments = append(d.Departments, &borderv1.DepartmentReadiness{
			Department: r.Department, Catalogues: uint32(r.Catalogues), Received: uint64(r.Received), Landed: uint64(r.Landed),
			Quarantined: uint64(r.Quarantined), Duplicates: uint64(r.Duplicates), LinkedPerMille: uint32(r.LinkedPerMille),
			LatestDelivery: timestamppb.New(day(r.LatestDelivery)),
		})
	}
	text, err := protojson.Marshal(d)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "digest.json"), append(text, '\n'), 0o600)
}

func (s *snapshot) addCells(ctx context.Context, d *borderv1.CityDigest) error {
	text, err := queries.ReadFile("sql/digest.sql")
	if err != nil {
		return err
	}
	rows, err := s.node.DB().QueryContext(ctx, bind(string(text), s.at.asOf))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var division, section, grade *string
		var firms uint32
		if err := rows.Scan(&division, &section, &grade, &firms); err != nil {
			return err
		}
		d.Firms += firms
		if division == nil {
			d.SuppressedFirms += firms
			continue
		}
		d.Cells = append(d.Cells, &borderv1.DigestCell{Division: *division, IndustrySection: *section, Firms: firms,
			Grade: borderv1.Grade(borderv1.Grade_value["GRADE_"+*grade])})
	}
	hideTheRest(d)
	return rows.Err()
}

// hideTheRest takes the smallest cells out of a digest while so few firms are suppressed that who they are could be told from the sums.
func hideTheRest(d *borderv1.CityDigest) {
	for d.GetSuppressedFirms() > 0 && d.GetSuppressedFirms() < border.MinCellFirms && len(d.GetCells()) > 0 {
		smallest := 0
		for i, c := range d.GetCells() {
			if c.GetFirms() < d.GetCells()[smallest].GetFirms() {
				smallest = i
			}
		}
		d.SuppressedFirms += d.GetCells()[smallest].GetFirms()
		d.Cells = slices.Delete(d.Cells, smallest, smallest+1)
	}
}
