package pmml

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// extender marks the notes that only we read: what a card knows beyond its points (counts, scale, where it came from).
const extender = "yidaitong"

// about is what a card holds beside what PMML says.
type about struct {
	ID       string              `json:"id"`
	Kind     scorecard.Kind      `json:"kind"`
	Scale    scorecard.Scale     `json:"scale"`
	Grades   scorecard.Grades    `json:"grades"`
	Data     scorecard.Data      `json:"data"`
	Metrics  scorecard.Metrics   `json:"metrics"`
	Left     []scorecard.LeftOut `json:"left_out,omitempty"`
	Warnings []string            `json:"warnings,omitempty"`
}

// Write writes a card. The model's result "points" is the score before rounding and clipping, "score" is rounded and clipped, "pd" the probability
// of default, and "reason_1" to "reason_4" the columns that lose most against their best bin.
func Write(w io.Writer, c *scorecard.Card) error {
	told, err := json.Marshal(about{c.ID, c.Kind, c.Scale, c.Grades, c.Data, c.Metrics, c.Left, c.Warnings})
	if err != nil {
		return fmt.Errorf("write PMML of %s: %w", c.ID, err)
	}
	part := &scorecardPart{ModelName: c.ID, Function: "regression", Algorithm: string(c.Kind), UseReasonCodes: "true", ReasonAlgorithm: "pointsBelow",
		BaselineMethod: "max", InitialScore: numberOf(c.Scale.Offset() - c.Scale.Factor()*c.Intercept),
		Extensions: []extension{{extender, "about", string(told)}}, Output: &any{outputs(c)}}
	doc := document{Space: "http://www.dmg.org/PMML-4_4", Version: "4.4", Scorecard: part,
		Header: header{Description: "credit scorecard " + c.ID + ", version " + c.Version, Application: &application{"yidaitong"}}}
	for _, column := range used(c) {
		f := dataField{column, "continuous", "double"}
		if c.Levels[column] != nil {
			f = dataField{column, "categorical", "string"}
		}
		doc.Dictionary.Fields = append(doc.Dictionary.Fields, f)
		part.Schema = append(part.Schema, miningField{Name: column, Usage: "active", Invalid: "asIs"})
	}
	doc.Dictionary.Count = len(doc.Dictionary.Fields)
	for i := range c.Features {
		part.Characteristics = append(part.Characteristics, ofFeature(c, &c.Features[i]))
	}
	for i := range c.Pairs {
		if ch := ofPair(c, &c.Pairs[i]); len(ch.Attributes) > 1 {
			part.Characteristics = append(part.Characteristics, ch)
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write PMML of %s: %w", c.ID, err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write PMML of %s: %w", c.ID, err)
	}
	return nil
}

// used are the columns that the card reads, in its order.
func used(c *scorecard.Card) []string {
	reads := map[string]bool{}
	for _, f := range c.Features {
		reads[f.Column] = true
	}
	for _, p := range c.Pairs {
		reads[p.A.Column], reads[p.B.Column] = true, true
	}
	var out []string
	for _, column := range c.Columns {
		if reads[column] {
			out = append(out, column)
		}
	}
	return out
}

// outputs are the results beside the sum of points.
func outputs(c *scorecard.Card) string {
	constant := func(v float64) string { return `<Constant dataType="double">` + digits(v) + `</Constant>` }
	apply := func(function string, arguments ...string) string {
		out := `<Apply function="` + function + `">`
		for _, a := range arguments {
			out += a
		}
		return out + `</Apply>`
	}
	const points = `<FieldRef field="points"/>`
	pd := apply("/", constant(1), apply("+", constant(1), apply("exp", apply("/", apply("-", points, constant(c.Scale.Offset())), constant(c.Scale.Factor())))))
	score := apply("floor", apply("+", constant(0.5), apply("min", apply("max", points, constant(float64(c.Scale.Min))), constant(float64(c.Scale.Max)))))
	out := "\n" + `   <OutputField name="points" optype="continuous" dataType="double" feature="predictedValue"/>` +
		"\n" + `   <OutputField name="pd" optype="continuous" dataType="double" feature="transformedValue">` + pd + `</OutputField>` +
		"\n" + `   <OutputField name="score" optype="continuous" dataType="double" feature="transformedValue">` + score + `</OutputField>`
	for rank := range min(4, len(c.Features)) {
		n := strconv.Itoa(rank + 1)
		out += "\n" + `   <OutputField name="reason_` + n + `" optype="categorical" dataType="string" feature="reasonCode" rank="` + n + `"/>`
	}
	return out + "\n  "
}

// ofFeature writes a feature's bins in the order in which a card tries them: missing, special values, ranges; last what no bin holds.
func ofFeature(c *scorecard.Card, f *scorecard.Feature) characteristic {
	out := characteristic{Name: f.Column, ReasonCode: f.Column, Baseline: numberOf(f.Best()), Extensions: []extension{
		{extender, "iv", digits(f.IV)}, {extender, "weight", digits(f.Weight)}, {extender, "direction", strconv.Itoa(f.Direction)}}}
	add := func(b *scorecard.Bin, p predicates) {
		out.Attributes = append(out.Attributes, attribute{Partial: numberOf(b.Points), predicates: p, Extensions: counts(b.Goods, b.Bads, b.WOE)})
	}
	side := sideOf(c, f.Column, f.Ranks, f.Bins)
	for _, place := range side.order() {
		if p, any := side.in(place); any {
			add(&f.Bins[place], p)
		}
	}
	_, points := f.Unknown()
	if len(out.Attributes) == 0 {
		out.Attributes = append(out.Attributes, attribute{Partial: numberOf(points), predicates: predicates{Simples: []simple{{f.Column, "isNotMissing", ""}}}})
	}
	out.Attributes = append(out.Attributes, attribute{Partial: numberOf(points), predicates: predicates{True: &struct{}{}}})
	return out
}

func counts(goods, bads, woe float64) []extension {
	return []extension{{extender, "goods", digits(goods)}, {extender, "bads", digits(bads)}, {extender, "woe", digits(woe)}}
}

// ofPair writes the cells of a pair that are worth something.
func ofPair(c *scorecard.Card, p *scorecard.Pair) characteristic {
	best := 0.0
	out := characteristic{Name: p.Name(), ReasonCode: p.A.Column}
	a, b := sideOf(c, p.A.Column, p.A.Ranks, p.A.Bins), sideOf(c, p.B.Column, p.B.Ranks, p.B.Bins)
	for _, i := range a.order() {
		for _, j := range b.order() {
			inA, anyA := a.in(i)
			inB, anyB := b.in(j)
			if !anyA || !anyB {
				continue
			}
			cell := p.Cells[i][j]
			best = max(best, cell.Points)
			out.Attributes = append(out.Attributes, attribute{Partial: numberOf(cell.Points), Extensions: counts(cell.Goods, cell.Bads, 0),
				predicates: predicates{Compounds: []compound{{Operator: "and", predicates: joined(inA, inB)}}}})
		}
	}
	out.Baseline = numberOf(best)
	out.Attributes = append(out.Attributes, attribute{Partial: numberOf(0), predicates: predicates{True: &struct{}{}}})
	return out
}

func joined(a, b predicates) predicates {
	return predicates{Simples: append(append([]simple{}, a.Simples...), b.Simples...), Sets: append(append([]set{}, a.Sets...), b.Sets...),
		Compounds: append(append([]compound{}, a.Compounds...), b.Compounds...)}
}

// side is one column's bins as conditions.
type side struct {
	column string
	bins   []scorecard.Bin
	// words holds each bin's words; nil for a column of numbers.
	words [][]string
}

func sideOf(c *scorecard.Card, column string, ranks []float64, bins []scorecard.Bin) side {
	s := side{column: column, bins: bins}
	if ranks == nil {
		return s
	}
	s.words = make([][]string, len(bins))
	axis := scorecard.Axis{Ranks: ranks, Bins: bins}
	for place, word := range c.Levels[column] {
		if at := axis.Place(float64(place)); at >= 0 {
			s.words[at] = append(s.words[at], word)
		}
	}
	return s
}

// order lists the bins as a card tries them.
func (s *side) order() []int {
	var missing, special, ranges []int
	for i := range s.bins {
		switch {
		case s.bins[i].Missing:
			missing = append(missing, i)
		case s.bins[i].Special != nil:
			special = append(special, i)
		default:
			ranges = append(ranges, i)
		}
	}
	return append(append(missing, special...), ranges...)
}

// in is the condition of being in a bin; false where nothing can be. Ranges are written with both edges, so that their order does not matter.
func (s *side) in(place int) (predicates, bool) {
	b := &s.bins[place]
	switch {
	case b.Missing:
		return predicates{Simples: []simple{{s.column, "isMissing", ""}}}, true
	case s.words != nil:
		return among(s.column, s.words[place]), len(s.words[place]) > 0
	case b.Special != nil:
		return predicates{Simples: []simple{{s.column, "equal", digits(*b.Special)}}}, true
	}
	lower, upper := s.below(place), math.Inf(1)
	if b.Upper != nil {
		upper = *b.Upper
	}
	var edges []simple
	if !math.IsInf(lower, -1) {
		edges = append(edges, simple{s.column, "greaterOrEqual", digits(lower)})
	}
	if !math.IsInf(upper, 1) {
		edges = append(edges, simple{s.column, "lessThan", digits(upper)})
	}
	edges = append(edges, s.but(lower, upper)...)
	switch len(edges) {
	case 0:
		return predicates{Simples: []simple{{s.column, "isNotMissing", ""}}}, true
	case 1:
		return predicates{Simples: edges}, true
	default:
		return predicates{Compounds: []compound{{Operator: "and", predicates: predicates{Simples: edges}}}}, lower < upper
	}
}

// among is the condition of being one of the words. Words that an Array would have to escape are asked for one by one: not every engine reads the
// escapes.
func among(column string, words []string) predicates {
	var plain []string
	var out predicates
	for _, word := range words {
		if strings.ContainsAny(word, `"\`) {
			out.Simples = append(out.Simples, simple{column, "equal", word})
		} else {
			plain = append(plain, word)
		}
	}
	if len(plain) > 0 {
		out.Sets = []set{{column, "isIn", listed(plain)}}
	}
	if len(out.Simples)+len(out.Sets) > 1 {
		return predicates{Compounds: []compound{{Operator: "or", predicates: out}}}
	}
	return out
}

// below is where the ranges before a bin end: a card takes the first range whose upper edge lies above the value.
func (s *side) below(place int) float64 {
	lower := math.Inf(-1)
	for i := range place {
		b := &s.bins[i]
		switch {
		case b.Missing || b.Special != nil:
		case b.Upper == nil:
			return math.Inf(1)
		default:
			lower = max(lower, *b.Upper)
		}
	}
	return lower
}

// but excludes the special values inside a range.
func (s *side) but(lower, upper float64) []simple {
	var out []simple
	for i := range s.bins {
		if v := s.bins[i].Special; v != nil && *v >= lower && *v < upper {
			out = append(out, simple{s.column, "notEqual", digits(*v)})
		}
	}
	return out
}
