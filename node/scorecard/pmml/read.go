package pmml

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// Read reads a Scorecard. A card that we wrote comes back with its scale and counts; for another's, points are taken to lie on the given scale
// (more points, fewer bads).
func Read(r io.Reader, scale scorecard.Scale) (*scorecard.Card, error) {
	var doc document
	if err := xml.NewDecoder(r).Decode(&doc); err != nil {
		return nil, fmt.Errorf("read PMML: it is not a PMML file: %w", err)
	}
	c, err := doc.card(scale)
	if err != nil {
		return nil, fmt.Errorf("read PMML: %w", err)
	}
	return c, nil
}

func (d *document) card(scale scorecard.Scale) (*scorecard.Card, error) {
	part := d.Scorecard
	switch {
	case part == nil:
		var names []string
		for _, o := range d.Others {
			names = append(names, o.XMLName.Local)
		}
		return nil, fmt.Errorf("there is no Scorecard in it (it has %s); export the model as a Scorecard", strings.Join(append(names, "no model that can be a card"), ", "))
	case d.Derived != nil && strings.Contains(d.Derived.Content, "DerivedField"), part.Local != nil && strings.Contains(part.Local.Content, "DerivedField"):
		return nil, errors.New("its columns are derived by formulas inside the file, which a card cannot hold; derive them before and export the card on them")
	case len(part.Characteristics) == 0:
		return nil, errors.New("the Scorecard has no characteristics")
	}
	c := &scorecard.Card{ID: part.ModelName, Kind: scorecard.KindCard, Scale: scale, Grades: scorecard.StandardGrades(), Levels: map[string][]string{}}
	if err := part.tell(c); err != nil {
		return nil, err
	}
	reader := cardReader{Card: c, words: map[string]bool{}}
	if err := reader.fields(d, part); err != nil {
		return nil, err
	}
	initial := 0.0
	if part.InitialScore != nil {
		initial = float64(*part.InitialScore)
	}
	c.Intercept = (c.Scale.Offset() - initial) / c.Scale.Factor()
	for i := range part.Characteristics {
		if err := reader.characteristic(&part.Characteristics[i]); err != nil {
			return nil, fmt.Errorf("characteristic %q: %w", part.Characteristics[i].Name, err)
		}
	}
	if len(c.Levels) == 0 {
		c.Levels = nil
	}
	return c, c.Assemble()
}

// tell takes over what a card of ours said about itself.
func (p *scorecardPart) tell(c *scorecard.Card) error {
	text := note(p.Extensions, "about")
	if text == "" {
		return nil
	}
	var a about
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return fmt.Errorf("the note \"about\" is damaged: %w", err)
	}
	if !(a.Scale.PDO > 0) || !(a.Scale.BaseOdds > 0) {
		return errors.New("the note \"about\" has a scale without points to double the odds; the file was altered")
	}
	c.ID, c.Kind, c.Scale, c.Grades, c.Data, c.Metrics, c.Left, c.Warnings = a.ID, a.Kind, a.Scale, a.Grades, a.Data, a.Metrics, a.Left, a.Warnings
	return nil
}

func note(list []extension, name string) string {
	for _, e := range list {
		if e.Extender == extender && e.Name == name {
			return e.Value
		}
	}
	return ""
}

func noted(list []extension, name string) float64 {
	v, err := parse(note(list, name))
	if err != nil {
		return 0
	}
	return v
}

type cardReader struct {
	*scorecard.Card
	// words are the columns of words.
	words map[string]bool
}

func (r *cardReader) fields(d *document, part *scorecardPart) error {
	for _, f := range d.Dictionary.Fields {
		r.words[f.Name] = f.Value == "string"
	}
	for _, m := range part.Schema {
		switch {
		case m.Usage != "" && m.Usage != "active":
			continue
		case m.Replacement != "" || m.Outliers != "" && m.Outliers != "asIs":
			return fmt.Errorf("field %q replaces missing or extreme values before scoring, which a card cannot hold; give them a bin instead", m.Name)
		}
		if _, ok := r.words[m.Name]; !ok {
			return fmt.Errorf("field %q stands in the MiningSchema but not in the DataDictionary", m.Name)
		}
		r.Columns = append(r.Columns, m.Name)
	}
	return nil
}

// value is what a predicate is asked about: missing, a word or a number.
type value struct {
	missing bool
	word    string
	isWord  bool
	number  float64
}

// The three answers of a predicate.
const (
	no = iota
	unknown
	yes
)

func answer(b bool) int {
	if b {
		return yes
	}
	return no
}

func (r *cardReader) characteristic(ch *characteristic) error {
	var columns []string
	for i := range ch.Attributes {
		a := &ch.Attributes[i]
		if a.Complex != nil || a.Partial == nil {
			return fmt.Errorf("attribute %d has no fixed partial score; only fixed ones can be points of a bin", i+1)
		}
		if err := r.check(&a.predicates, &columns); err != nil {
			return fmt.Errorf("attribute %d: %w", i+1, err)
		}
	}
	switch len(columns) {
	case 0:
		return errors.New("it asks about no column")
	case 1:
		return r.feature(ch, columns[0])
	case 2:
		return r.pair(ch, columns[0], columns[1])
	default:
		return fmt.Errorf("it asks about %d columns at once; a card holds one or two", len(columns))
	}
}

// check refuses predicates that are not understood and collects the columns asked about.
func (r *cardReader) check(p *predicates, columns *[]string) error {
	ask := func(column string) error {
		if !slices.Contains(r.Columns, column) {
			return fmt.Errorf("field %q is not among the active fields", column)
		}
		if !slices.Contains(*columns, column) {
			*columns = append(*columns, column)
		}
		return nil
	}
	for _, s := range p.Simples {
		if err := ask(s.Field); err != nil {
			return err
		}
		switch s.Operator {
		case "isMissing", "isNotMissing":
			continue
		case "equal", "notEqual":
			if r.words[s.Field] {
				continue
			}
		case "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual":
			if r.words[s.Field] {
				return fmt.Errorf("field %q holds words, which have no order", s.Field)
			}
		default:
			return fmt.Errorf("operator %q is not one of PMML's", s.Operator)
		}
		if _, err := parse(s.Value); err != nil {
			return err
		}
	}
	for _, s := range p.Sets {
		if err := ask(s.Field); err != nil {
			return err
		}
		if s.Operator != "isIn" && s.Operator != "isNotIn" {
			return fmt.Errorf("operator %q of a set is not one of PMML's", s.Operator)
		}
		for _, word := range s.Array.words() {
			if _, err := parse(word); err != nil && !r.words[s.Field] {
				return err
			}
		}
	}
	for i := range p.Compounds {
		if o := p.Compounds[i].Operator; o != "and" && o != "or" {
			return fmt.Errorf("a compound by %q cannot be held by bins; use and, or", o)
		}
		if err := r.check(&p.Compounds[i].predicates, columns); err != nil {
			return err
		}
	}
	return nil
}

// atoms are the smallest pieces of a column between which no predicate of a characteristic tells apart: each with a value that stands for it.
type atom struct {
	value value
	// upper is where a piece of numbers ends; it starts where the one before ends.
	lower, upper float64
}

func (r *cardReader) atoms(ch *characteristic, column string) []atom {
	out := []atom{{value: value{missing: true}}}
	if r.words[column] {
		for _, word := range mentionedWords(ch, column) {
			out = append(out, atom{value: value{isWord: true, word: word}})
		}
		return append(out, atom{value: value{isWord: true, word: "\x00 no other word"}})
	}
	edges := mentionedEdges(ch, column)
	lower := math.Inf(-1)
	for _, upper := range append(edges, math.Inf(1)) {
		at := lower
		if math.IsInf(lower, -1) {
			at = math.Nextafter(upper, math.Inf(-1))
		}
		if math.IsInf(lower, -1) && math.IsInf(upper, 1) {
			at = 0
		}
		out = append(out, atom{value: value{number: at}, lower: lower, upper: upper})
		lower = upper
	}
	return out
}

// every calls do for all predicates of a characteristic, however deep.
func (p *predicates) every(do func(*predicates)) {
	do(p)
	for i := range p.Compounds {
		p.Compounds[i].every(do)
	}
}

func mentionedWords(ch *characteristic, column string) []string {
	var out []string
	add := func(w string) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for i := range ch.Attributes {
		ch.Attributes[i].every(func(p *predicates) {
			for _, s := range p.Simples {
				if s.Field == column && (s.Operator == "equal" || s.Operator == "notEqual") {
					add(s.Value)
				}
			}
			for _, s := range p.Sets {
				if s.Field == column {
					for _, w := range s.Array.words() {
						add(w)
					}
				}
			}
		})
	}
	return out
}

// mentionedEdges are where a predicate's answer may change, as lower edges of half-open ranges.
func mentionedEdges(ch *characteristic, column string) []float64 {
	var out []float64
	next := func(v float64) float64 { return math.Nextafter(v, math.Inf(1)) }
	for i := range ch.Attributes {
		ch.Attributes[i].every(func(p *predicates) {
			for _, s := range p.Simples {
				v, err := parse(s.Value)
				if s.Field != column || err != nil {
					continue
				}
				switch s.Operator {
				case "lessThan", "greaterOrEqual":
					out = append(out, v)
				case "lessOrEqual", "greaterThan":
					out = append(out, next(v))
				case "equal", "notEqual":
					out = append(out, v, next(v))
				}
			}
			for _, s := range p.Sets {
				for _, word := range s.Array.words() {
					if v, err := parse(word); err == nil && s.Field == column {
						out = append(out, v, next(v))
					}
				}
			}
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// first is the attribute that the values fall into, or -1.
func (ch *characteristic) first(values map[string]value) int {
	return slices.IndexFunc(ch.Attributes, func(a attribute) bool { return a.holds("and", values) == yes })
}

// holds answers a predicate with PMML's three values of truth.
func (p *predicates) holds(operator string, values map[string]value) int {
	var answers []int
	for _, s := range p.Simples {
		answers = append(answers, s.holds(values[s.Field]))
	}
	for _, s := range p.Sets {
		answers = append(answers, s.holds(values[s.Field]))
	}
	for i := range p.Compounds {
		answers = append(answers, p.Compounds[i].predicates.holds(p.Compounds[i].Operator, values))
	}
	if p.True != nil {
		answers = append(answers, yes)
	}
	if p.False != nil || len(answers) == 0 {
		answers = append(answers, no)
	}
	if operator == "or" {
		return slices.Max(answers)
	}
	return slices.Min(answers)
}

func (s *simple) holds(v value) int {
	switch {
	case s.Operator == "isMissing":
		return answer(v.missing)
	case s.Operator == "isNotMissing":
		return answer(!v.missing)
	case v.missing:
		return unknown
	case v.isWord:
		return answer((s.Value == v.word) == (s.Operator == "equal"))
	}
	limit, err := parse(s.Value)
	if err != nil {
		return no
	}
	switch s.Operator {
	case "equal":
		return answer(v.number == limit)
	case "notEqual":
		return answer(v.number != limit)
	case "lessThan":
		return answer(v.number < limit)
	case "lessOrEqual":
		return answer(v.number <= limit)
	case "greaterThan":
		return answer(v.number > limit)
	default:
		return answer(v.number >= limit)
	}
}

func (s *set) holds(v value) int {
	if v.missing {
		return unknown
	}
	in := slices.ContainsFunc(s.Array.words(), func(word string) bool {
		if v.isWord {
			return word == v.word
		}
		n, err := parse(word)
		return err == nil && n == v.number
	})
	return answer(in == (s.Operator == "isIn"))
}

// feature makes bins of the pieces of one column.
func (r *cardReader) feature(ch *characteristic, column string) error {
	if _, taken := r.Feature(column); taken {
		return fmt.Errorf("a second characteristic asks about column %q alone; join the two", column)
	}
	f := scorecard.Feature{Column: column, IV: noted(ch.Extensions, "iv"), Weight: noted(ch.Extensions, "weight"), Direction: int(noted(ch.Extensions, "direction"))}
	pieces := r.atoms(ch, column)
	place := make([]int, len(pieces))
	for i, p := range pieces {
		place[i] = ch.first(map[string]value{column: p.value})
		if place[i] < 0 && !p.value.missing {
			return fmt.Errorf("some values of %q fall into no attribute; add one with <True/> at the end", column)
		}
	}
	fallback := len(ch.Attributes) - 1
	own := note(ch.Extensions, "iv") != "" // our own cards say what no bin holds by a last attribute, which is no bin
	bin := func(at int) scorecard.Bin {
		a := &ch.Attributes[at]
		return scorecard.Bin{LogOdds: -float64(*a.Partial) / r.Scale.Factor(), Goods: noted(a.Extensions, "goods"), Bads: noted(a.Extensions, "bads"), WOE: noted(a.Extensions, "woe")}
	}
	if r.words[column] {
		r.takeWords(&f, pieces, place, bin)
		other := bin(place[len(place)-1])
		if average, _ := f.Unknown(); !own || math.Abs(average-other.LogOdds) > 1e-12 {
			f.Other = new(other)
		}
	} else {
		f.Bins = rangesOf(pieces[1:], place[1:], bin)
	}
	switch at := place[0]; {
	case at < 0:
		r.Warnings = append(r.Warnings, fmt.Sprintf("the file gives no points to a missing %q; it is worth the average", column))
	case own && at == fallback && len(f.Bins) > 0:
	default:
		b := bin(at)
		b.Missing = true
		f.Bins = append(f.Bins, b)
	}
	r.Features = append(r.Features, f)
	return nil
}

// takeWords makes one bin per attribute that holds words; the words that the predicates name become the column's words.
func (r *cardReader) takeWords(f *scorecard.Feature, pieces []atom, place []int, bin func(int) scorecard.Bin) {
	var order []int
	named := pieces[1 : len(pieces)-1]
	for i := range named {
		if at := place[1+i]; !slices.Contains(order, at) {
			order = append(order, at)
		}
	}
	f.Ranks = r.ranks(f.Column, named, func(i int) float64 { return float64(slices.Index(order, place[1+i])) })
	f.Bins = wordBins(order, bin)
}

// ranks adds the words to the column's and gives each its rank; words that another characteristic named get a rank beyond every bin.
func (r *cardReader) ranks(column string, named []atom, rank func(int) float64) []float64 {
	for _, p := range named {
		if !slices.Contains(r.Levels[column], p.value.word) {
			r.Levels[column] = append(r.Levels[column], p.value.word)
		}
	}
	out := make([]float64, len(r.Levels[column]))
	for i := range out {
		out[i] = math.MaxInt32
	}
	for i, p := range named {
		out[slices.Index(r.Levels[column], p.value.word)] = rank(i)
	}
	return out
}

// wordBins has one bin per attribute: ranks [n, n+1).
func wordBins(order []int, bin func(int) scorecard.Bin) []scorecard.Bin {
	var out []scorecard.Bin
	for n, at := range order {
		b := bin(at)
		if n > 0 {
			b.Lower = new(float64(n))
		}
		b.Upper = new(float64(n + 1))
		out = append(out, b)
	}
	return out
}

// rangesOf joins neighbouring pieces of the same attribute; a piece of a single value becomes a special one.
func rangesOf(pieces []atom, place []int, bin func(int) scorecard.Bin) []scorecard.Bin {
	var ranges, special []scorecard.Bin
	last := -1
	for i, p := range pieces {
		single := !math.IsInf(p.lower, -1) && p.upper == math.Nextafter(p.lower, math.Inf(1))
		b := bin(place[i])
		switch {
		case single:
			b.Special = new(p.lower)
			special = append(special, b)
			if len(ranges) > 0 {
				ranges[len(ranges)-1].Upper = new(p.upper)
			}
			continue
		case len(ranges) > 0 && place[i] == last:
			ranges[len(ranges)-1].Upper = upperEdge(p.upper)
			continue
		case len(ranges) > 0:
			b.Lower = ranges[len(ranges)-1].Upper
		}
		b.Upper = upperEdge(p.upper)
		ranges = append(ranges, b)
		last = place[i]
	}
	return append(ranges, special...)
}

func upperEdge(v float64) *float64 {
	if math.IsInf(v, 1) {
		return nil
	}
	return new(v)
}

// pair makes a table of cells of the pieces of two columns.
func (r *cardReader) pair(ch *characteristic, a, b string) error {
	p := scorecard.Pair{}
	across, down := r.atoms(ch, a), r.atoms(ch, b)
	p.A, p.B = r.axis(a, across), r.axis(b, down)
	p.Cells = make([][]scorecard.Cell, len(p.A.Bins))
	for i := range p.Cells {
		p.Cells[i] = make([]scorecard.Cell, len(p.B.Bins))
	}
	for _, x := range across {
		for _, y := range down {
			at := ch.first(map[string]value{a: x.value, b: y.value})
			i, j := r.placeOf(&p.A, x), r.placeOf(&p.B, y)
			if i < 0 || j < 0 {
				if at >= 0 && *ch.Attributes[at].Partial != 0 {
					return fmt.Errorf("words that it does not name are worth points of their own, which a pair cannot hold")
				}
				continue
			}
			if at < 0 {
				return errors.New("some values fall into no attribute; add one with <True/> at the end")
			}
			e := ch.Attributes[at].Extensions
			p.Cells[i][j] = scorecard.Cell{LogOdds: -float64(*ch.Attributes[at].Partial) / r.Scale.Factor(), Goods: noted(e, "goods"), Bads: noted(e, "bads")}
		}
	}
	r.Pairs = append(r.Pairs, p)
	return nil
}

// axis has a bin per piece: the missing values, then ranges or words.
func (r *cardReader) axis(column string, pieces []atom) scorecard.Axis {
	a := scorecard.Axis{Column: column}
	if r.words[column] {
		named := pieces[1 : len(pieces)-1]
		order := make([]int, len(named))
		for i := range order {
			order[i] = i
		}
		a.Ranks = r.ranks(column, named, func(i int) float64 { return float64(i) })
		a.Bins = wordBins(order, func(int) scorecard.Bin { return scorecard.Bin{} })
	} else {
		order := make([]int, len(pieces)-1)
		for i := range order {
			order[i] = i
		}
		a.Bins = rangesOf(pieces[1:], order, func(int) scorecard.Bin { return scorecard.Bin{} })
	}
	a.Bins = append(a.Bins, scorecard.Bin{Missing: true})
	return a
}

func (r *cardReader) placeOf(a *scorecard.Axis, p atom) int {
	switch {
	case p.value.missing:
		return a.Place(math.NaN())
	case p.value.isWord:
		return a.Place(float64(slices.Index(r.Levels[a.Column], p.value.word)))
	default:
		return a.Place(p.value.number)
	}
}

// Points is the sum of a row's points before rounding and clipping, what PMML's result is.
func Points(c *scorecard.Card, row []float64) float64 {
	return c.Scale.Offset() - c.Scale.Factor()*c.LogOdds(row)
}
