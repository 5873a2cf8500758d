package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/yidaitong/yidaitong/node/indicator"
	"github.com/yidaitong/yidaitong/node/scorecard"
)

// ModelReport says which model scored, and how good it was on the loans it had not seen.
type ModelReport struct {
	ID      string `json:"id"`
	Version string `json:"version"` // YYYYMMDD.N: the as-of date of its training, and which one of that day
	Trained bool   `json:"trained"` // by this refresh
	// Cases and Bads are the past loans that the card in use was trained on, all that are known.
	Cases int `json:"cases"`
	Bads  int `json:"bads"`
	// The rest was measured out of time, by a card made in the same way of the older three quarters of the loans.
	TestFrom  string  `json:"test_from"` // the first observation date of the test
	TestCases int     `json:"test_cases"`
	TestBads  int     `json:"test_bads"`
	TrainAUC  float64 `json:"train_auc"`
	TestAUC   float64 `json:"test_auc"`
	TestKS    float64 `json:"test_ks"`
	TestBrier float64 `json:"test_brier"`
	// Missing says why there is no card: a city with too few past loans has none, and then nothing is scored.
	Missing string `json:"missing,omitempty"`
}

// model is the card in use and the report on it.
type model struct {
	card   *scorecard.Card
	report ModelReport
}

func (n *Node) modelID() string { return "card-" + n.City }

func (n *Node) modelPath(extension string) string {
	return filepath.Join(n.Dir, "models", n.modelID()+extension)
}

// openModel reads the city's card; nil when there is none yet.
func (n *Node) openModel() (*model, error) {
	f, err := os.Open(n.modelPath(".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the city's model: %w", err)
	}
	defer f.Close()
	m := new(model)
	if m.card, err = scorecard.Read(f); err != nil {
		return nil, fmt.Errorf("open the city's model: %w", err)
	}
	text, err := os.ReadFile(n.modelPath(".report.json"))
	if err != nil {
		return nil, fmt.Errorf("open the report on the city's model: %w", err)
	}
	if err := json.Unmarshal(text, &m.report); err != nil {
		return nil, fmt.Errorf("open the report on the city's model: %w", err)
	}
	m.report.Trained = false
	return m, nil
}

// saveModel writes the card after its report, so that a card that is there has one.
func (n *Node) saveModel(m *model) error {
	if err := os.MkdirAll(filepath.Join(n.Dir, "models"), 0o700); err != nil {
		return fmt.Errorf("save the city's model: %w", err)
	}
	text, err := json.MarshalIndent(m.report, "", "  ")
	if err != nil {
		return fmt.Errorf("save the city's model: %w", err)
	}
	if err := os.WriteFile(n.modelPath(".report.json"), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("save the city's model: %w", err)
	}
	f, err := os.CreateTemp(filepath.Join(n.Dir, "models"), ".card-")
	if err != nil {
		return fmt.Errorf("save the city's model: %w", err)
	}
	defer os.Remove(f.Name())
	if err := errors.Join(m.card.Write(f), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("save the city's model: %w", err)
	}
	return os.Rename(f.Name(), n.modelPath(".json"))
}

// maxCases bounds the past loans that a card is trained on: many more make it no better, and training goes through Go case by case.
const maxCases = 20_000

// pastLoans makes refresh.past_loan, and refresh.past_figure with what was known of the firms before they were lent to.
func (n *Node) pastLoans(ctx context.Context, o observation, columns []string) error {
	text, err := queries.ReadFile("sql/past_loan.sql")
	if err != nil {
		return err
	}
	err = n.run(ctx, "CREATE OR REPLACE TABLE refresh.past_loan AS SELECT * FROM ("+bind(string(text), o.asOf, o.periodEnd)+fmt.Sprintf("\n) ORDER BY md5(loan_no) LIMIT %d", maxCases),
		"CREATE OR REPLACE TABLE refresh.past_spine AS SELECT DISTINCT firm_id, as_of, period_end FROM refresh.past_loan")
	if err != nil {
		return fmt.Errorf("gather past loans: %w", err)
	}
	return indicator.ComputeKept(ctx, n.DB(), "refresh.past_spine", "refresh.past_figure", columns...)
}

// learnable are the indicators that a card may learn from. Figures over all that was ever known grow with the time that the node has listened,
// so that they would tell one year from another rather than one firm from another.
func learnable() (columns []string, direction []int) {
	for _, i := range indicator.All() {
		if i.Window != "all" {
			columns = append(columns, i.Name)
			direction = append(direction, i.Direction)
		}
	}
	return columns, direction
}

// trainModel makes the city's card from its past loans. A city with too few of them has none.
func (n *Node) trainModel(ctx context.Context, o observation) (*model, error) {
	columns, direction := learnable()
	if err := n.pastLoans(ctx, o, columns); err != nil {
		return nil, err
	}
	rows, err := readFigures(ctx, n.DB(), `SELECT l.bad, datediff('day', DATE '1970-01-01', l.as_of), `+list("f", columns)+`
		FROM refresh.past_loan l JOIN refresh.past_figure f USING (firm_id, as_of) ORDER BY l.as_of, l.loan_no`, 2+len(columns))
	if err != nil {
		return nil, fmt.Errorf("read past loans: %w", err)
	}
	all := scorecard.Sample{Columns: columns, Direction: direction}
	var days []float64
	for _, row := range rows {
		all.Y = append(all.Y, row[0])
		days = append(days, row[1])
		all.X = append(all.X, row[2:])
	}
	// A card of points per bin, grown rather than binned first: it orders unseen loans no worse than one over all columns, and its fifteen
	// features can be read (docs/models.md compares them).
	options := scorecard.Options{ID: n.modelID(), Kind: scorecard.KindBoosted, Seed: 1, MaxFeatures: 15,
		Growth: scorecard.Growth{Bins: 12, Line: 0.5}}
	m := &model{report: ModelReport{ID: n.modelID(), Version: o.asOf.Format("20060102") + ".1", Trained: true, Cases: len(all.Y)}}
	for _, y := range all.Y {
		m.report.Bads += int(y)
	}
	if err := m.testOutOfTime(all, days, options); err != nil {
		// A young city has too few past loans: that is a state to report, not a failure of the refresh.
		m.report.Missing = err.Error()
		return m, nil //nolint:nilerr // reported in Missing
	}
	if m.card, err = scorecard.Train(all, options); err != nil {
		return nil, err
	}
	return m, n.saveModel(m)
}

// testShare is the part of the cases, the newest, that a card is tested on.
const testShare = 0.25

// testOutOfTime trains a card on the older loans and measures it on the newer ones. A date is on one side whole.
func (m *model) testOutOfTime(all scorecard.Sample, days []float64, options scorecard.Options) error {
	if len(days) == 0 {
		return errors.New("no past loan with a known outcome")
	}
	sorted := append([]float64(nil), days...)
	sort.Float64s(sorted)
	from := sorted[int(math.Ceil(float64(len(sorted))*(1-testShare)))-1]
	var older, newer []int
	for i, d := range days {
		if d < from {
			older = append(older, i)
		} else {
			newer = append(newer, i)
		}
	}
	train, test := all.Rows(older), all.Rows(newer)
	card, err := scorecard.Train(train, options)
	if err != nil {
		return err
	}
	measured := scorecard.Measure(card.PDs(test.X), test.Y)
	m.report.TestFrom = time.Unix(int64(from)*86400, 0).UTC().Format(time.DateOnly)
	m.report.TestCases, m.report.TestBads = measured.Rows, measured.Bads
	m.report.TrainAUC = finite(card.Metrics.AUC)
	m.report.TestAUC, m.report.TestKS, m.report.TestBrier = finite(measured.AUC), finite(measured.KS), finite(measured.Brier)
	return nil
}

// finite keeps a figure that does not exist (an AUC of one class) out of JSON.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
