package node

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
	"github.com/yidaitong/yidaitong/node/quality"
)

// Node is an open data node. It holds the lake, so that only one process works on the node at a time.
type Node struct {
	Dir      string
	City     string // GB/T 2260 division code of the city
	Catalogs *catalog.Catalogs
	// Clock tells the day on which a file without a date in its name was delivered.
	Clock func() time.Time

	lake *lake.Lake
}

// settings is node.json.
type settings struct {
	City      string    `json:"city"`
	CreatedAt time.Time `json:"created_at"`
}

// Options bound what an open node may use; zero values take the defaults.
type Options struct {
	Lake     lake.Options
	Clock    func() time.Time
	Catalogs string // folder of the operator's data contracts; the node's own folder "catalogs" when empty
}

var divisionCode = regexp.MustCompile(`^[0-9]{6}$`)

// Init makes dir a node of the city. A folder that is one already stays as it is when the city is the same.
func Init(dir, city string) error {
	if !divisionCode.MatchString(city) {
		return fmt.Errorf("%q is no city: give the six digits of its GB/T 2260 division code, as in 341500", city)
	}
	switch existing, err := readSettings(dir); {
	case err == nil && existing.City == city:
		return nil
	case err == nil:
		return fmt.Errorf("%s is already the node of city %s; choose another folder", dir, existing.City)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the node's folder: %w", err)
	}
	return writeSettings(dir, settings{City: city, CreatedAt: time.Now().UTC()})
}

// Open opens the node in dir. It fails with lake.ErrLocked when another command works on it.
func Open(ctx context.Context, dir string) (*Node, error) { return OpenWith(ctx, dir, Options{}) }

// OpenWith is Open with bounds and a clock.
func OpenWith(ctx context.Context, dir string, o Options) (*Node, error) {
	s, err := readSettings(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not a node's folder; make it one with 'yidaitong node init --node %s --city CODE'", dir, dir)
	}
	if err != nil {
		return nil, err
	}
	contracts, err := Contracts(dir, o.Catalogs)
	if err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	l, err := lake.Open(ctx, filepath.Join(dir, "lake"), o.Lake)
	if err != nil {
		return nil, err
	}
	n := &Node{Dir: dir, City: s.City, Catalogs: contracts, Clock: o.Clock, lake: l}
	if err := delivery.Prepare(ctx, l, contracts); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return n, nil
}

// DB is the lake's database: landed views, and whatever later steps keep beside them.
func (n *Node) DB() *sql.DB { return n.lake.DB() }

// Close gives the node free.
func (n *Node) Close() error { return n.lake.Close() }

// Load takes the files that paths name, or that lie under them, into the lake.
func (n *Node) Load(ctx context.Context, paths []string, progress func(delivery.Progress)) (delivery.LoadReport, error) {
	return delivery.Load(ctx, n.lake, n.Catalogs, paths, delivery.LoadOptions{Clock: n.Clock, Progress: progress})
}

// Quality measures what is new and reports what was wrong with what a department sent.
func (n *Node) Quality(ctx context.Context, department string) (quality.Report, error) {
	return quality.Of(ctx, n.lake, n.Catalogs, department, n.Clock())
}

// Verify audits the stored state: conservation per file, checksums, row counts, nothing unaccounted for.
func (n *Node) Verify(ctx context.Context) (delivery.VerifyReport, error) {
	return delivery.Verify(ctx, n.lake, n.Catalogs)
}

// Readiness is how far each department's data have come.
func (n *Node) Readiness(ctx context.Context) ([]delivery.DepartmentReadiness, error) {
	return delivery.Readiness(ctx, n.lake, n.Catalogs)
}

func readSettings(dir string) (settings, error) {
	var s settings
	text, err := os.ReadFile(filepath.Join(dir, "node.json"))
	if err != nil {
		return s, fmt.Errorf("read the node's settings: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("read the node's settings in %s: %w", filepath.Join(dir, "node.json"), err)
	}
	return s, nil
}

func writeSettings(dir string, s settings) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the node's settings: %w", err)
	}
	temp := filepath.Join(dir, "node.json.new")
	if err := os.WriteFile(temp, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the node's settings: %w", err)
	}
	return os.Rename(temp, filepath.Join(dir, "node.json"))
}
