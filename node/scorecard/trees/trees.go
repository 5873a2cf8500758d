package trees

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// Model is a sum of trees whose value times Sigmoid is the log-odds of being bad.
type Model struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	// Source is the SHA-256 of the file that was imported.
	Source  string   `json:"source"`
	Columns []string `json:"columns"`
	// Levels lists the words of columns of words; a word's place is its category.
	Levels map[string][]string `json:"levels,omitempty"`
	// Monotone holds per column +1 where the log-odds of bad may only rise with it, -1 where they may only fall, else 0; nil where none is constrained.
	Monotone []int             `json:"monotone,omitempty"`
	Sigmoid  float64           `json:"sigmoid"`
	Trees    []Tree            `json:"trees"`
	Scale    scorecard.Scale   `json:"scale"`
	Grades   scorecard.Grades  `json:"grades"`
	Params   map[string]string `json:"parameters,omitempty"`
}

// Tree is a tree of splits; Splits[0] is its root, and a tree without splits is its only leaf.
type Tree struct {
	Splits []Split `json:"splits,omitempty"`
	Leaves []Leaf  `json:"leaves"`
}

// Leaf is what a case that ends here adds, and how many training cases did.
type Leaf struct {
	Value float64 `json:"value"`
	Cases float64 `json:"cases"`
}

// Split sends a case left or right. A child n ≥ 0 is split n, a child below is leaf ^n.
type Split struct {
	Column    int     `json:"column"`
	Threshold float64 `json:"threshold"`
	Left      int     `json:"left"`
	Right     int     `json:"right"`
	// Categories is the set of categories that go left, a bit each; nil for a split of numbers.
	Categories  []uint32 `json:"categories,omitempty"`
	Missing     Missing  `json:"missing"`
	DefaultLeft bool     `json:"default_left,omitempty"`
	Cases       float64  `json:"cases"`
}

// Missing says which values take a split's default direction.
type Missing int

// LightGBM's kinds of missing values.
const (
	// MissingNone: no value does; NaN counts as zero.
	MissingNone Missing = iota
	// MissingZero: zero does, and NaN, which counts as zero.
	MissingZero
	// MissingNaN: NaN does.
	MissingNaN
)

// zero is the distance from 0 within which LightGBM takes a value for 0: its kZeroThreshold, a single-precision constant.
const zero = float64(float32(1e-35))

func isZero(v float64) bool { return v >= -zero && v <= zero }

// goesLeft is LightGBM's NumericalDecision and CategoricalDecision (tree.h).
func (s *Split) goesLeft(v float64) bool {
	if s.Categories != nil {
		// The bound keeps the conversion inside int; a category beyond the set goes right as LightGBM's does.
		if math.IsNaN(v) || v <= -1 || v >= float64(32*len(s.Categories)) {
			return false
		}
		n := int(v)
		return s.Categories[n/32]>>(n%32)&1 == 1
	}
	if math.IsNaN(v) && s.Missing != MissingNaN {
		v = 0
	}
	if s.Missing == MissingZero && isZero(v) || s.Missing == MissingNaN && math.IsNaN(v) {
		return s.DefaultLeft
	}
	return v <= s.Threshold
}

func (t *Tree) value(row []float64) float64 {
	if len(t.Splits) == 0 {
		return t.Leaves[0].Value
	}
	at := 0
	for at >= 0 {
		s := &t.Splits[at]
		if s.goesLeft(row[s.Column]) {
			at = s.Left
		} else {
			at = s.Right
		}
	}
	return t.Leaves[^at].Value
}

// bounded brings infinite thresholds and values to the largest double, which compares alike and can be written as JSON.
func bounded(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

// prepared is a row as LightGBM's dense reader gives it to the trees: what is zero to it is zero.
func prepared(row []float64) []float64 {
	out := row
	copied := false
	for i, v := range row {
		if v != 0 && isZero(v) || math.IsInf(v, 0) {
			if !copied {
				out, copied = append([]float64{}, row...), true
			}
			out[i] = bounded(v)
			if isZero(v) {
				out[i] = 0
			}
		}
	}
	return out
}

// Raw is the sum of the trees, in LightGBM's order of addition: equal to its raw score bit for bit.
func (m *Model) Raw(row []float64) float64 {
	row = prepared(row)
	var sum float64
	for i := range m.Trees {
		sum += m.Trees[i].value(row)
	}
	return sum
}

// PD is the probability that the case is bad.
func (m *Model) PD(row []float64) float64 { return 1 / (1 + math.Exp(-m.Sigmoid*m.Raw(row))) }

// Inputs are what a row to score must hold.
func (m *Model) Inputs() scorecard.Inputs {
	in := scorecard.Inputs{Columns: m.Columns, Levels: m.Levels, Reads: map[string]bool{}}
	for i := range m.Trees {
		for _, s := range m.Trees[i].Splits {
			in.Reads[m.Columns[s.Column]] = true
		}
	}
	return in
}

// maxReasons is how many reasons a score carries, as a card's.
const maxReasons = 4

// Score scores one row. Its reasons are the columns with the largest Shapley values: first those that lower the score. A missing value is no reason.
func (m *Model) Score(row []float64) scorecard.Score {
	pd := m.PD(row)
	s := scorecard.Score{Points: m.Scale.Points(pd), PD: pd, Grade: m.Grades.Of(pd)}
	phi, _ := m.Shapley(row)
	var lowers, raises []scorecard.Reason
	for i, v := range phi {
		points := -m.Scale.Factor() * m.Sigmoid * v
		switch {
		case math.IsNaN(row[i]):
		case points < -0.5:
			lowers = append(lowers, scorecard.Reason{Column: m.Columns[i], Points: -points})
		case points > 0.5:
			raises = append(raises, scorecard.Reason{Column: m.Columns[i], Raises: true, Points: points})
		}
	}
	for _, list := range [][]scorecard.Reason{lowers, raises} {
		sort.SliceStable(list, func(i, j int) bool { return list[i].Points > list[j].Points })
	}
	s.Reasons = append(lowers, raises...)
	s.Reasons = s.Reasons[:min(len(s.Reasons), maxReasons)]
	return s
}

// Constraint is a column on which the model was constrained.
type Constraint struct {
	Column    string `json:"column"`
	Direction int    `json:"direction"`
	// Kept is true where in every split on the column each leaf of the one side is at most each leaf of the other. That is enough, though not
	// necessary, for the model to be monotone.
	Kept bool `json:"kept"`
}

// String says it in words.
func (c Constraint) String() string {
	way := "may only raise the odds of bad"
	if c.Direction < 0 {
		way = "may only lower the odds of bad"
	}
	if c.Kept {
		return way + ": kept in every split"
	}
	return way + ": not kept by every split alone; LightGBM's 'basic' method would"
}

// Constraints lists the constrained columns with what the trees do.
func (m *Model) Constraints() []Constraint {
	var out []Constraint
	for column, direction := range m.Monotone {
		if direction == 0 {
			continue
		}
		c := Constraint{Column: m.Columns[column], Direction: direction, Kept: true}
		for i := range m.Trees {
			c.Kept = c.Kept && m.Trees[i].keeps(column, direction)
		}
		out = append(out, c)
	}
	return out
}

func (t *Tree) keeps(column, direction int) bool {
	for i := range t.Splits {
		s := &t.Splits[i]
		if s.Column != column {
			continue
		}
		leftLow, leftHigh := t.bounds(s.Left)
		rightLow, rightHigh := t.bounds(s.Right)
		if direction > 0 && leftHigh > rightLow || direction < 0 && leftLow < rightHigh {
			return false
		}
	}
	return true
}

// bounds are the smallest and largest leaf under a child.
func (t *Tree) bounds(at int) (low, high float64) {
	if at < 0 {
		return t.Leaves[^at].Value, t.Leaves[^at].Value
	}
	leftLow, leftHigh := t.bounds(t.Splits[at].Left)
	rightLow, rightHigh := t.bounds(t.Splits[at].Right)
	return min(leftLow, rightLow), max(leftHigh, rightHigh)
}

// Write writes the model file.
func (m *Model) Write(w io.Writer) error {
	if err := scorecard.Seal(w, "trees", m); err != nil {
		return fmt.Errorf("write model %s: %w", m.ID, err)
	}
	return nil
}

// Read reads a model file and refuses one that was altered or does not hold together.
func Read(r io.Reader) (*Model, error) {
	m := new(Model)
	if err := scorecard.Unseal(r, "trees", m); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return m, m.sound()
}

// seal gives the model its version, derived from all else in it.
func (m *Model) seal() error {
	m.Version = ""
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	m.Version = hex.EncodeToString(sum[:])[:12]
	return nil
}

// sound checks what scoring relies on: every tree is one, and reads columns that there are.
func (m *Model) sound() error {
	if len(m.Trees) == 0 {
		return errors.New("the model has no trees")
	}
	if len(m.Grades.Names) != len(m.Grades.Below)+1 {
		return errors.New("the model's grades and their limits do not fit together")
	}
	if m.Monotone != nil && len(m.Monotone) != len(m.Columns) {
		return fmt.Errorf("the model has %d columns but %d monotone constraints", len(m.Columns), len(m.Monotone))
	}
	for i := range m.Trees {
		if err := m.Trees[i].sound(len(m.Columns)); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return nil
}

func (t *Tree) sound(columns int) error {
	if len(t.Leaves) != len(t.Splits)+1 {
		return fmt.Errorf("%d leaves need %d splits, it has %d", len(t.Leaves), len(t.Leaves)-1, len(t.Splits))
	}
	for _, l := range t.Leaves {
		if math.IsNaN(l.Value) || math.IsInf(l.Value, 0) {
			return errors.New("a leaf's value is not a finite number")
		}
	}
	leaf, split := make([]bool, len(t.Leaves)), make([]bool, len(t.Splits))
	for i, s := range t.Splits {
		if s.Column < 0 || s.Column >= columns {
			return fmt.Errorf("split %d reads column %d of %d", i, s.Column, columns)
		}
		if s.Missing < MissingNone || s.Missing > MissingNaN {
			return fmt.Errorf("split %d has an unknown kind of missing value (%d)", i, s.Missing)
		}
		for _, child := range []int{s.Left, s.Right} {
			seen, at := split, child
			if child < 0 {
				seen, at = leaf, ^child
			}
			// A split's children come after it, so that no path can turn back.
			if at >= len(seen) || seen[at] || child >= 0 && child <= i {
				return fmt.Errorf("split %d leads to %d, which is not there, is above it, or has another way to it", i, child)
			}
			seen[at] = true
		}
	}
	return nil
}
