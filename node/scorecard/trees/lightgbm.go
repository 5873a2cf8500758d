package trees

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// The text file of LightGBM (src/boosting/gbdt_model_text.cpp and src/io/tree.cpp): a head of KEY=VALUE lines, a block of such lines per tree, then
// importances, parameters and, from Python, the words of pandas' categories.

// ReadLightGBM reads LightGBM's text file of a binary model.
func ReadLightGBM(r io.Reader, id string, scale scorecard.Scale) (*Model, error) {
	sum := sha256.New()
	f, err := sections(io.TeeReader(r, sum))
	if err != nil {
		return nil, err
	}
	m := &Model{ID: id, Source: hex.EncodeToString(sum.Sum(nil)), Scale: scale, Grades: scorecard.StandardGrades(), Params: f.parameters}
	if err := m.head(f); err != nil {
		return nil, err
	}
	for i, block := range f.trees {
		t, err := treeOf(block)
		if err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
		m.Trees = append(m.Trees, t)
	}
	if err := m.sound(); err != nil {
		return nil, err
	}
	return m, m.seal()
}

// textFile is the file in its parts.
type textFile struct {
	head       map[string]string
	trees      []map[string]string
	parameters map[string]string
	categories string
}

// maxLine bounds a line: a tree of very many leaves still fits.
const maxLine = 256 << 20

func sections(r io.Reader) (*textFile, error) {
	f := &textFile{head: map[string]string{}, parameters: map[string]string{}}
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 1<<20), maxLine)
	block, part := f.head, "head"
	first := true
	for scan.Scan() {
		line := strings.TrimSpace(scan.Text())
		if first && line != "tree" {
			return nil, errors.New("it is not a LightGBM model text file: the first line must say \"tree\"")
		}
		first = false
		switch {
		case line == "end of trees", strings.HasPrefix(line, "feature_importances"):
			part = "after"
		case line == "parameters:":
			part = "parameters"
		case strings.HasPrefix(line, "pandas_categorical:"):
			f.categories = strings.TrimPrefix(line, "pandas_categorical:")
		case part == "parameters":
			name, value, ok := strings.Cut(strings.Trim(line, "[]"), ": ")
			if ok && keptParameters[name] {
				f.parameters[name] = value
			}
		case part == "after":
		case strings.HasPrefix(line, "Tree="):
			block = map[string]string{}
			f.trees = append(f.trees, block)
		default:
			if name, value, ok := strings.Cut(line, "="); ok {
				block[name] = value
			} else if line != "" {
				block[line] = "" // a word alone is a switch
			}
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if part == "head" {
		return nil, errors.New("the file ends before \"end of trees\"; it was cut short")
	}
	return f, nil
}

// keptParameters say how the model was trained; paths and machine settings stay behind.
var keptParameters = map[string]bool{"boosting": true, "objective": true, "num_iterations": true, "learning_rate": true, "num_leaves": true, "max_depth": true,
	"min_data_in_leaf": true, "feature_fraction": true, "bagging_fraction": true, "lambda_l1": true, "lambda_l2": true, "seed": true, "monotone_constraints_method": true}

func (m *Model) head(f *textFile) error {
	h := f.head
	switch {
	case len(f.trees) == 0:
		return errors.New("the file has no trees")
	case h["num_class"] != "1" || h["num_tree_per_iteration"] != "1":
		return errors.New("the model tells more than two classes apart; train it with objective=binary")
	}
	if _, averaged := h["average_output"]; averaged {
		return errors.New("the model is a random forest, whose output is an average; train it with boosting=gbdt, dart or goss")
	}
	objective := strings.Fields(h["objective"])
	if len(objective) == 0 {
		return errors.New("the model has no objective; train it with objective=binary")
	}
	switch objective[0] {
	case "binary":
		m.Sigmoid = 1
		for _, word := range objective[1:] {
			if value, ok := strings.CutPrefix(word, "sigmoid:"); ok {
				v, err := strconv.ParseFloat(value, 64)
				if err != nil || !(v > 0) {
					return fmt.Errorf("the objective's sigmoid %q is not a number above zero", value)
				}
				m.Sigmoid = v
			}
		}
	case "cross_entropy", "xentropy":
		m.Sigmoid = 1
	default:
		return fmt.Errorf("the objective %q gives no probability of default; train it with objective=binary", objective[0])
	}
	m.Columns = strings.Fields(h["feature_names"])
	if last, err := strconv.Atoi(h["max_feature_idx"]); err != nil || last+1 != len(m.Columns) {
		return fmt.Errorf("max_feature_idx=%s does not fit the %d feature names", h["max_feature_idx"], len(m.Columns))
	}
	if text, ok := h["monotone_constraints"]; ok {
		constraints, err := whole(text)
		if err != nil {
			return fmt.Errorf("monotone_constraints: %w", err)
		}
		m.Monotone = constraints
	}
	return m.takeWords(h["feature_infos"], f.categories)
}

// takeWords gives the columns of pandas' categories their words. The file lists them in the order of the columns, without names.
func (m *Model) takeWords(infos, categories string) error {
	if categories == "" || categories == "null" || categories == "[]" {
		return nil
	}
	var lists [][]any
	if err := json.Unmarshal([]byte(categories), &lists); err != nil {
		return fmt.Errorf("pandas_categorical: it is not a list of lists: %w", err)
	}
	var columns []string
	for i, info := range strings.Fields(infos) {
		if i < len(m.Columns) && info != "none" && !strings.HasPrefix(info, "[") {
			columns = append(columns, m.Columns[i])
		}
	}
	if len(columns) != len(lists) {
		return fmt.Errorf("the file has words for %d columns but %d columns of categories, so that words cannot be told to columns; drop the columns that hold one category only and train again", len(lists), len(columns))
	}
	m.Levels = map[string][]string{}
	for i, list := range lists {
		for _, v := range list {
			word, ok := v.(string)
			if !ok {
				return fmt.Errorf("column %q has categories that are no words; turn them into text (astype(str)) and train again", columns[i])
			}
			m.Levels[columns[i]] = append(m.Levels[columns[i]], word)
		}
	}
	return nil
}

// The bits of decision_type.
const (
	categoricalBit = 1
	defaultLeftBit = 2
	missingShift   = 2
)

// treeOf reads a tree's block.
func treeOf(block map[string]string) (Tree, error) {
	var t Tree
	if block["is_linear"] == "1" {
		return t, errors.New("its leaves are linear; train it with linear_tree=false")
	}
	values, err := floats(block["leaf_value"])
	if err != nil {
		return t, fmt.Errorf("leaf_value: %w", err)
	}
	counts, err := floats(block["leaf_count"])
	if err != nil {
		return t, fmt.Errorf("leaf_count: %w", err)
	}
	if leaves, err := strconv.Atoi(block["num_leaves"]); err != nil || leaves != len(values) {
		return t, fmt.Errorf("num_leaves=%s does not fit the %d values of leaf_value", block["num_leaves"], len(values))
	}
	if len(counts) != len(values) && len(values) > 1 {
		return t, fmt.Errorf("%d leaves but %d counts of cases", len(values), len(counts))
	}
	for i, v := range values {
		l := Leaf{Value: v}
		if i < len(counts) {
			l.Cases = counts[i]
		}
		t.Leaves = append(t.Leaves, l)
	}
	if len(values) <= 1 {
		return t, nil
	}
	t.Splits, err = splitsOf(block, len(values)-1)
	return t, err
}

func splitsOf(block map[string]string, n int) ([]Split, error) {
	column := map[string][]int{}
	for _, name := range []string{"split_feature", "decision_type", "left_child", "right_child"} {
		v, err := whole(block[name])
		if err != nil || len(v) != n {
			return nil, fmt.Errorf("%s does not hold %d whole numbers", name, n)
		}
		column[name] = v
	}
	thresholds, err := floats(block["threshold"])
	if err != nil || len(thresholds) != n {
		return nil, fmt.Errorf("threshold does not hold %d numbers", n)
	}
	counts, err := floats(block["internal_count"])
	if err != nil || len(counts) != n {
		return nil, fmt.Errorf("internal_count does not hold %d numbers", n)
	}
	sets, err := categorySets(block)
	if err != nil {
		return nil, err
	}
	out := make([]Split, n)
	for i := range out {
		kind := column["decision_type"][i]
		if kind < 0 || kind > 15 {
			return nil, fmt.Errorf("decision_type %d is unknown", kind)
		}
		if counts[i] <= 0 {
			return nil, errors.New("internal_count holds a split without cases; Shapley values need them")
		}
		out[i] = Split{Column: column["split_feature"][i], Threshold: bounded(thresholds[i]), Left: column["left_child"][i], Right: column["right_child"][i],
			Missing: Missing(kind >> missingShift), DefaultLeft: kind&defaultLeftBit != 0, Cases: counts[i]}
		if kind&categoricalBit != 0 {
			at := int(thresholds[i])
			if at < 0 || at >= len(sets) {
				return nil, fmt.Errorf("split %d asks for set %d of %d sets of categories", i, at, len(sets))
			}
			out[i].Categories, out[i].Threshold = sets[at], 0
		}
	}
	return out, nil
}

// categorySets cuts cat_threshold, the bits of all sets, at cat_boundaries.
func categorySets(block map[string]string) ([][]uint32, error) {
	if block["num_cat"] == "0" || block["num_cat"] == "" {
		return nil, nil
	}
	edges, err := whole(block["cat_boundaries"])
	if err != nil {
		return nil, fmt.Errorf("cat_boundaries: %w", err)
	}
	var bits []uint32
	for _, word := range strings.Fields(block["cat_threshold"]) {
		v, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("cat_threshold: %.20q is not a number of 32 bits", word)
		}
		bits = append(bits, uint32(v))
	}
	var out [][]uint32
	for i := 1; i < len(edges); i++ {
		if edges[i-1] < 0 || edges[i] <= edges[i-1] || edges[i] > len(bits) {
			return nil, errors.New("cat_boundaries do not rise inside cat_threshold")
		}
		out = append(out, bits[edges[i-1]:edges[i]])
	}
	return out, nil
}

func floats(text string) ([]float64, error) {
	var out []float64
	for _, word := range strings.Fields(text) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || v != v {
			return nil, fmt.Errorf("%.20q is not a number", word)
		}
		out = append(out, v)
	}
	return out, nil
}

func whole(text string) ([]int, error) {
	var out []int
	for _, word := range strings.Fields(text) {
		v, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("%.20q is not a whole number", word)
		}
		out = append(out, v)
	}
	return out, nil
}
