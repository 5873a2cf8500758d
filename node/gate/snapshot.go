package gate

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

//go:embed sql/firm.sql
var firmSQL string

//go:embed sql/event.sql
var eventSQL string

//go:embed sql/person.sql
var personSQL string

// meta is current/meta.json: it is written last, so its generation says that everything else of it is there.
type meta struct {
	Generation   int64             `json:"generation"`
	AsOf         string            `json:"as_of"`
	ModelID      string            `json:"model_id"`
	ModelVersion string            `json:"model_version"`
	DataVersion  string            `json:"data_version"`
	ModelReasons []borderv1.Reason `json:"model_reasons"`
}

// snapshot is the newest state of the city, in memory. It is never changed; a newer one replaces it.
type snapshot struct {
	meta
	asOf         time.Time
	firms        map[string]*firm // by USCI
	events       map[int64][]event
	persons      map[personKey]nameKey
	modelClasses []borderv1.DataClass
	digest       *borderv1.CityDigest // without id; nil when the snapshot has none
}

// firm is what an answer about one firm may be made of. Texts of lists are taken apart when an answer is made.
type firm struct {
	id               int64
	usci             string
	name             string
	status           string
	legalPerson      string
	legalPersonID    string
	score            uint32
	grade            borderv1.Grade
	pd               float64
	limitFen         int64
	dimensions       [6]int32 // -1 where unknown
	dimensionDrivers string
	reasons          string
	figures          [6]float64 // in the order of FigureKind; NaN where unknown
	trend            string
}

type event struct {
	code     borderv1.AlertCode
	severity borderv1.Severity
	known    time.Time
	key      string
}

type (
	personKey [16]byte
	nameKey   [8]byte
)

func personKeyOf(residentID string) personKey {
	sum := sha256.Sum256([]byte(residentID))
	return personKey(sum[:16])
}

func nameKeyOf(name string) nameKey {
	sum := sha256.Sum256([]byte(plainName(name)))
	return nameKey(sum[:8])
}

func readMeta(dir string) (meta, error) {
	var m meta
	text, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read the snapshot's meta.json: %w", err)
	}
	return m, nil
}

// loadSnapshot reads the snapshot that the link current leads to, whole. While it reads, a refresh may lead the link elsewhere: the snapshot
// before the newest stays where it is, and only the one before that may vanish.
func loadSnapshot(ctx context.Context, current string) (*snapshot, error) {
	for {
		dir, err := filepath.EvalSymlinks(current)
		if err != nil {
			return nil, fmt.Errorf("find the snapshot: %w", err)
		}
		s, err := readSnapshot(ctx, dir)
		if err == nil {
			return s, nil
		}
		if now, _ := filepath.EvalSymlinks(current); now == dir || ctx.Err() != nil {
			return nil, err
		}
	}
}

func readSnapshot(ctx context.Context, dir string) (*snapshot, error) {
	m, err := readMeta(dir)
	if err != nil {
		return nil, err
	}
	asOf, err := time.Parse(time.DateOnly, m.AsOf)
	if err != nil {
		return nil, errors.New("the snapshot's as_of is no date")
	}
	s := &snapshot{meta: m, asOf: asOf, modelClasses: classesOfModel(m.ModelReasons), persons: map[personKey]nameKey{},
		firms: map[string]*firm{}, events: map[int64][]event{}}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open an engine for the snapshot: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `set threads = 1`); err != nil {
		return nil, fmt.Errorf("set up the engine for the snapshot: %w", err)
	}
	if err := s.readFirms(ctx, db, dir); err != nil {
		return nil, fmt.Errorf("read the snapshot's firms: %w", err)
	}
	if err := s.readEvents(ctx, db, dir); err != nil {
		return nil, fmt.Errorf("read the snapshot's events: %w", err)
	}
	if err := s.readPersons(ctx, db, dir); err != nil {
		return nil, fmt.Errorf("read the snapshot's persons: %w", err)
	}
	return s, s.readDigest(dir)
}

// classesOfModel are the data classes that a score is made of. A snapshot that does not say what its model uses is taken to use all.
func classesOfModel(reasons []borderv1.Reason) []borderv1.DataClass {
	if len(reasons) == 0 {
		return border.CreditClasses()
	}
	var all []borderv1.DataClass
	for _, r := range reasons {
		all = append(all, border.ClassesOfReason(r)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *snapshot) readFirms(ctx context.Context, db *sql.DB, dir string) error {
	rows, err := db.QueryContext(ctx, firmSQL, filepath.Join(dir, "firm.parquet"), filepath.Join(dir, "trend.parquet"))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		f, grade := &firm{}, ""
		d, x := &f.dimensions, &f.figures
		err := rows.Scan(&f.id, &f.usci, &f.name, &f.status, &f.legalPerson, &f.legalPersonID, &f.score, &grade, &f.pd, &f.limitFen,
			&d[0], &d[1], &d[2], &d[3], &d[4], &d[5], &f.dimensionDrivers, &f.reasons, &x[0], &x[1], &x[2], &x[3], &x[4], &x[5], &f.trend)
		if err != nil {
			return err
		}
		f.grade = gradeOf(grade)
		s.firms[f.usci] = f
	}
	return rows.Err()
}

func gradeOf(letter string) borderv1.Grade {
	return borderv1.Grade(borderv1.Grade_value["GRADE_"+letter])
}

func (s *snapshot) readEvents(ctx context.Context, db *sql.DB, dir string) error {
	rows, err := db.QueryContext(ctx, eventSQL, filepath.Join(dir, "event.parquet"), s.AsOf)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e event
		var firmID, days int64
		if err := rows.Scan(&firmID, &e.code, &e.severity, &days, &e.key); err != nil {
			return err
		}
		e.known = date(days)
		s.events[firmID] = append(s.events[firmID], e)
	}
	return rows.Err()
}

func (s *snapshot) readPersons(ctx context.Context, db *sql.DB, dir string) error {
	rows, err := db.QueryContext(ctx, personSQL, filepath.Join(dir, "person.parquet"))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		s.persons[personKeyOf(id)] = nameKeyOf(name)
	}
	return rows.Err()
}

// readDigest reads the city at a glance. A digest that would not be let out is none: the log says why.
func (s *snapshot) readDigest(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "digest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the snapshot's digest: %w", err)
	}
	d := &borderv1.CityDigest{}
	if err := protojson.Unmarshal(text, d); err != nil {
		return fmt.Errorf("read the snapshot's digest: it is no CityDigest in protojson: %w", err)
	}
	s.digest = d
	return nil
}

func date(days int64) time.Time { return time.Unix(days*86400, 0).UTC() }

// parseDrivers reads "reason:+;reason:-". What it cannot read is left out: a list of drivers is never worth a wrong one.
func parseDrivers(text string) []*borderv1.Driver {
	var all []*borderv1.Driver
	for part := range strings.SplitSeq(text, ";") {
		number, sign, ok := strings.Cut(part, ":")
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 32)
		if !ok || err != nil {
			continue
		}
		direction := borderv1.Direction_DIRECTION_LOWERS
		if strings.TrimSpace(sign) == "+" {
			direction = borderv1.Direction_DIRECTION_RAISES
		}
		all = append(all, &borderv1.Driver{Reason: borderv1.Reason(n), Direction: direction})
	}
	return all
}
