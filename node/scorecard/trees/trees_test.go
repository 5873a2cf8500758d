package trees_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/node/scorecard"
	"github.com/yidaitong/yidaitong/node/scorecard/trees"
)

// small is a model written by hand in LightGBM's form: a tree of numbers with each kind of missing value, one of categories, one leaf alone.
const small = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=2
objective=binary sigmoid:2
feature_names=size trade age
monotone_constraints=1 0 0
feature_infos=[0:9] 0:1:2 [0:99]
tree_sizes=1 1 1

Tree=0
num_leaves=4
num_cat=0
split_feature=0 2 2
split_gain=3 2 1
threshold=2.5 30.000000000000004 1.0000000180025095e-35
decision_type=10 6 0
left_child=1 -1 -3
right_child=2 -2 -4
leaf_value=-0.5 -0.25 0.125 0.75
leaf_weight=1 1 1 1
leaf_count=40 20 30 10
internal_value=0 0 0
internal_weight=0 0 0
internal_count=100 60 40
is_linear=0
shrinkage=1


Tree=1
num_leaves=2
num_cat=1
split_feature=1
split_gain=1
threshold=0
decision_type=1
left_child=-1
right_child=-2
leaf_value=0.0625 -1
leaf_count=70 30
internal_value=0
internal_count=100
cat_boundaries=0 2
cat_threshold=5 2
is_linear=0
shrinkage=0.1


Tree=2
num_leaves=1
num_cat=0
leaf_value=0.03125
is_linear=0
shrinkage=1


end of trees

feature_importances:
size=1

parameters:
[boosting: gbdt]
[objective: binary]
[data: /somebody/else/train.csv]
end of parameters

pandas_categorical:[["mill", "shop", "farm"]]
`

func read(t *testing.T, text string) *trees.Model {
	t.Helper()
	m, err := trees.ReadLightGBM(strings.NewReader(text), "small", scorecard.StandardScale())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDecisionsAreLightGBMs goes through every kind of decision; the sums are worked out by hand from tree.h's rules.
func TestDecisionsAreLightGBMs(t *testing.T) {
	nan := math.NaN()
	m := read(t, small)
	for _, c := range []struct {
		size, trade, age, want float64
		why                    string
	}{
		{2.5, 0, 30, -0.5 + 0.0625 + 0.03125, "at the threshold: left; category 0 in the set"},
		{2.5, 1, 30.000000000000004, -0.5 - 1 + 0.03125, "category 1 outside the set"},
		{2.5, 2, 31, -0.25 + 0.0625 + 0.03125, "category 2 in the set"},
		{nan, 33, 31, -0.25 + 0.0625 + 0.03125, "NaN goes its default way, left; category 33 in the second word of the set"},
		{1, 64, 0, -0.5 - 1 + 0.03125, "zero is missing and goes left; a category beyond the set"},
		{1, nan, nan, -0.5 - 1 + 0.03125, "NaN is zero, which is missing; no category"},
		{1, -3, 5e-36, -0.5 - 1 + 0.03125, "zero to LightGBM; a category below nothing"},
		{3, 0, nan, 0.125 + 0.0625 + 0.03125, "NaN is zero where nothing is missing, and zero is left"},
		{3, 0, 1.1e-35, 0.75 + 0.0625 + 0.03125, "above the threshold that tells zero"},
		{3, 1e300, -1, 0.125 - 1 + 0.03125, "a category too large for any set"},
	} {
		if got := m.Raw([]float64{c.size, c.trade, c.age}); got != c.want {
			t.Errorf("%s: raw score %v, want %v", c.why, got, c.want)
		}
	}
	row := []float64{3, 0, 50}
	if got, want := m.PD(row), 1/(1+math.Exp(-2*m.Raw(row))); got != want {
		t.Errorf("PD %v, with the objective's sigmoid it is %v", got, want)
	}
	if got := m.Levels["trade"]; strings.Join(got, " ") != "mill shop farm" {
		t.Errorf("the words of trade are %q", got)
	}
	if _, kept := m.Params["data"]; kept {
		t.Error("the path of the training data came along")
	}
}

func TestAnInfiniteThresholdSendsEveryValueLeft(t *testing.T) {
	m := read(t, strings.Replace(small, "threshold=2.5 ", "threshold=inf ", 1))
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		t.Fatal(err)
	}
	for _, size := range []float64{0, 1e308, math.Inf(1), math.Inf(-1)} {
		if got := m.Raw([]float64{size, 0, 31}); got != -0.25+0.0625+0.03125 {
			t.Errorf("size %v: raw score %v", size, got)
		}
	}
}

func TestConstraintsAreShown(t *testing.T) {
	m := read(t, small)
	if got := m.Constraints(); len(got) != 1 || got[0].Column != "size" || got[0].Direction != 1 || !got[0].Kept {
		t.Errorf("%+v", got)
	}
	broken := read(t, strings.Replace(small, "monotone_constraints=1 0 0", "monotone_constraints=-1 0 0", 1))
	if got := broken.Constraints(); len(got) != 1 || got[0].Kept {
		t.Errorf("against the direction of the trees: %+v", got)
	}
}

func TestTheModelFileHoldsTheModelAndRefusesAlteration(t *testing.T) {
	m := read(t, small)
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		t.Fatal(err)
	}
	back, err := trees.Read(bytes.NewReader(file.Bytes()))
	if err != nil || back.Version != m.Version {
		t.Fatalf("version %v, was %s; %v", back, m.Version, err)
	}
	for _, row := range [][]float64{{2.5, 0, 30}, {3, 0, 1.1e-35}, {math.NaN(), 33, 31}} {
		if back.Raw(row) != m.Raw(row) {
			t.Errorf("row %v: %v after reading, %v before", row, back.Raw(row), m.Raw(row))
		}
	}
	altered := bytes.Replace(file.Bytes(), []byte(`"value": 0.75`), []byte(`"value": 0.25`), 1)
	if _, err := trees.Read(bytes.NewReader(altered)); !errors.Is(err, scorecard.ErrAltered) {
		t.Errorf("an altered file: %v", err)
	}
}

func TestWhatCannotBeRunExactlyIsRefused(t *testing.T) {
	for name, k := range map[string]struct{ from, to, says string }{
		"not LightGBM":   {"tree\nversion", "forest\nversion", "not a LightGBM model text file"},
		"cut short":      {small[strings.Index(small, "Tree=0"):], "", "cut short"},
		"classes":        {"num_class=1", "num_class=3", "more than two classes"},
		"objective":      {"binary sigmoid:2", "regression", "no probability of default"},
		"forest":         {"label_index=0", "average_output", "random forest"},
		"linear":         {"is_linear=0", "is_linear=1", "linear"},
		"features":       {"max_feature_idx=2", "max_feature_idx=7", "does not fit the 3 feature names"},
		"unknown column": {"split_feature=0 2 2", "split_feature=0 2 9", "reads column 9 of 3"},
		"circle":         {"left_child=1 -1 -3", "left_child=0 -1 -3", "another way to it"},
		"two ways":       {"right_child=2 -2 -4", "right_child=2 -2 -2", "another way to it"},
		"no such leaf":   {"right_child=2 -2 -4", "right_child=2 -2 -9", "is not there"},
		"short list":     {"threshold=2.5 30.000000000000004", "threshold=30", "threshold does not hold 3 numbers"},
		"no number":      {"leaf_value=-0.5", "leaf_value=half", "is not a number"},
		"NaN":            {"leaf_value=-0.5", "leaf_value=nan", "is not a number"},
		"infinite":       {"leaf_value=-0.5", "leaf_value=inf", "not a finite number"},
		"sets":           {"cat_boundaries=0 2", "cat_boundaries=0 3", "cat_boundaries"},
		"no cases":       {"internal_count=100 60 40", "internal_count=100 0 40", "without cases"},
		"words":          {`[["mill", "shop", "farm"]]`, `[["a"], ["b"]]`, "words for 2 columns"},
		"number words":   {`"farm"`, `7`, "no words"},
		"sigmoid":        {"sigmoid:2", "sigmoid:-2", "above zero"},
	} {
		if !strings.Contains(small, k.from) {
			t.Fatalf("%s: %q is not in the file", name, k.from)
		}
		_, err := trees.ReadLightGBM(strings.NewReader(strings.Replace(small, k.from, k.to, 1)), "m", scorecard.StandardScale())
		if err == nil || !strings.Contains(err.Error(), k.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// drawTree grows a random tree over n columns whose counts add up.
func drawTree(t *rapid.T, n int) trees.Tree {
	var out trees.Tree
	leaf := func(cases int) int {
		out.Leaves = append(out.Leaves, trees.Leaf{Value: rapid.Float64Range(-2, 2).Draw(t, "value"), Cases: float64(cases)})
		return ^(len(out.Leaves) - 1)
	}
	var grow func(cases, depth int) int
	grow = func(cases, depth int) int {
		if depth == 0 || cases < 2 || rapid.IntRange(0, 4).Draw(t, "stop") == 0 {
			return leaf(cases)
		}
		at := len(out.Splits)
		out.Splits = append(out.Splits, trees.Split{Column: rapid.IntRange(0, n-1).Draw(t, "column"), Threshold: float64(rapid.IntRange(-2, 2).Draw(t, "threshold")),
			Cases: float64(cases), Missing: trees.Missing(rapid.IntRange(0, 2).Draw(t, "missing")), DefaultLeft: rapid.Bool().Draw(t, "default left")})
		left := rapid.IntRange(1, cases-1).Draw(t, "left cases")
		l := grow(left, depth-1)
		r := grow(cases-left, depth-1)
		out.Splits[at].Left, out.Splits[at].Right = l, r
		return at
	}
	grow(1000, 4)
	return out
}

// known is a tree's value where only the columns in the set are known: other splits follow both ways by their cases.
func known(m *trees.Model, t *trees.Tree, at int, row []float64, set int) float64 {
	if len(t.Splits) == 0 {
		return t.Leaves[0].Value
	}
	if at < 0 {
		return t.Leaves[^at].Value
	}
	s := t.Splits[at]
	cases := func(at int) float64 {
		if at < 0 {
			return t.Leaves[^at].Cases
		}
		return t.Splits[at].Cases
	}
	if set>>s.Column&1 == 1 {
		// A model of this split alone says which way the row goes.
		alone := &trees.Model{Columns: m.Columns, Trees: []trees.Tree{{Splits: []trees.Split{s}, Leaves: []trees.Leaf{{Value: 1}, {Value: 0}}}}}
		alone.Trees[0].Splits[0].Left, alone.Trees[0].Splits[0].Right = ^0, ^1
		if alone.Raw(row) == 1 {
			return known(m, t, s.Left, row, set)
		}
		return known(m, t, s.Right, row, set)
	}
	return (cases(s.Left)*known(m, t, s.Left, row, set) + cases(s.Right)*known(m, t, s.Right, row, set)) / s.Cases
}

// TestShapleyByBruteForce holds TreeSHAP against Shapley's formula over all subsets of columns.
func TestShapleyByBruteForce(t *testing.T) {
	factorial := func(n int) float64 { return math.Gamma(float64(n + 1)) }
	rapid.Check(t, func(t *rapid.T) {
		const n = 4
		m := &trees.Model{Columns: []string{"a", "b", "c", "d"}, Sigmoid: 1, Trees: []trees.Tree{drawTree(t, n), drawTree(t, n)}}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		row := make([]float64, n)
		for i := range row {
			row[i] = float64(r.IntN(7) - 3)
			if r.IntN(5) == 0 {
				row[i] = math.NaN()
			}
		}
		value := func(set int) (sum float64) {
			for i := range m.Trees {
				sum += known(m, &m.Trees[i], 0, row, set)
			}
			return sum
		}
		phi, base := m.Shapley(row)
		total := base
		for column := range n {
			var want float64
			for set := range 1 << n {
				if set>>column&1 == 1 {
					continue
				}
				size := 0
				for c := range n {
					size += set >> c & 1
				}
				want += factorial(size) * factorial(n-size-1) / factorial(n) * (value(set|1<<column) - value(set))
			}
			if math.Abs(phi[column]-want) > 1e-10 {
				t.Fatalf("column %d: %v, over all subsets %v\n%+v", column, phi[column], want, m.Trees)
			}
			total += phi[column]
		}
		if math.Abs(total-m.Raw(row)) > 1e-10 {
			t.Fatalf("the values sum to %v, the raw score is %v", total, m.Raw(row))
		}
	})
}

func TestReasonsFollowTheShapleyValues(t *testing.T) {
	m := read(t, small)
	s := m.Score([]float64{3, 0, 50})
	if len(s.Reasons) == 0 || s.Reasons[0].Raises || s.Grade == "" || s.Points < 300 {
		t.Errorf("%+v", s)
	}
	for _, r := range m.Score([]float64{math.NaN(), 0, 50}).Reasons {
		if r.Column == "size" {
			t.Error("a missing value is among the reasons")
		}
	}
}

func FuzzReadLightGBM(f *testing.F) {
	f.Add([]byte(small))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := trees.ReadLightGBM(bytes.NewReader(text), "m", scorecard.StandardScale())
		if err == nil {
			m.Score(make([]float64, len(m.Columns)))
			m.Constraints()
		}
	})
}
