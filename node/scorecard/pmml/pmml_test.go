package pmml_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/node/scorecard"
	"github.com/yidaitong/yidaitong/node/scorecard/pmml"
)

var vocabulary = []string{"木材", `it's "so"`, `back\slash`, "a b"}

// drawBins are ranges with or without an open end, special values and a missing bin; or bins of ranks.
func drawBins(t *rapid.T, words bool) (bins []scorecard.Bin, ranks []float64) {
	bin := func() scorecard.Bin {
		return scorecard.Bin{LogOdds: rapid.Float64Range(-3, 3).Draw(t, "log-odds"), Goods: float64(rapid.IntRange(0, 50).Draw(t, "goods")), Bads: float64(rapid.IntRange(0, 50).Draw(t, "bads"))}
	}
	if words {
		for range vocabulary {
			ranks = append(ranks, float64(rapid.IntRange(0, 3).Draw(t, "rank")))
		}
	}
	edge := float64(rapid.IntRange(-3, 0).Draw(t, "edge"))
	for range rapid.IntRange(1, 4).Draw(t, "ranges") {
		b := bin()
		b.Upper = new(edge)
		if len(bins) > 0 {
			b.Lower = bins[len(bins)-1].Upper
		}
		bins = append(bins, b)
		edge += rapid.SampledFrom([]float64{0.1, 1, 1.5}).Draw(t, "width")
	}
	if rapid.Bool().Draw(t, "open") {
		b := bin()
		b.Lower = bins[len(bins)-1].Upper
		bins = append(bins, b)
	}
	if !words && rapid.Bool().Draw(t, "special") {
		b := bin()
		b.Special = new(float64(rapid.IntRange(-3, 3).Draw(t, "special value")))
		bins = append(bins, b)
	}
	if rapid.Bool().Draw(t, "missing") {
		b := bin()
		b.Missing = true
		bins = append(bins, b)
	}
	return bins, ranks
}

func drawCard(t *rapid.T) *scorecard.Card {
	c := &scorecard.Card{ID: "drawn", Kind: scorecard.KindBoosted, Intercept: rapid.Float64Range(-6, 2).Draw(t, "intercept"),
		Scale: scorecard.StandardScale(), Grades: scorecard.StandardGrades(), Levels: map[string][]string{}}
	for n := range rapid.IntRange(1, 5).Draw(t, "features") {
		f := scorecard.Feature{Column: fmt.Sprintf("f%d <&>", n), Weight: 1}
		words := rapid.Bool().Draw(t, "words")
		f.Bins, f.Ranks = drawBins(t, words)
		if words {
			c.Levels[f.Column] = vocabulary
		}
		c.Columns = append(c.Columns, f.Column)
		c.Features = append(c.Features, f)
	}
	if len(c.Features) > 1 && rapid.Bool().Draw(t, "pair") {
		axis := func(n int) scorecard.Axis {
			a := scorecard.Axis{Column: c.Columns[n]}
			a.Bins, a.Ranks = drawBins(t, c.Levels[c.Columns[n]] != nil)
			return a
		}
		p := scorecard.Pair{A: axis(0), B: axis(1)}
		for range p.A.Bins {
			row := make([]scorecard.Cell, len(p.B.Bins))
			for i := range row {
				row[i].LogOdds = rapid.Float64Range(-1, 1).Draw(t, "cell")
			}
			p.Cells = append(p.Cells, row)
		}
		c.Pairs = []scorecard.Pair{p}
	}
	if err := c.Assemble(); err != nil {
		t.Fatal(err)
	}
	return c
}

// drawRow is a row for a card, with values on and beside the edges, missing ones and words never seen.
func drawRow(c *scorecard.Card, r *rand.Rand) []float64 {
	row := make([]float64, len(c.Columns))
	for i, column := range c.Columns {
		switch {
		case r.IntN(5) == 0:
			row[i] = math.NaN()
		case c.Levels[column] != nil:
			row[i] = float64(r.IntN(len(vocabulary)+1) - 1)
		default:
			row[i] = float64(r.IntN(13)-6) / 2
			if r.IntN(3) == 0 {
				row[i] = math.Nextafter(row[i], float64(r.IntN(3)-1)*10)
			}
		}
	}
	return row
}

// words carries a row of one card over to another that lists its words otherwise.
func carried(from, to *scorecard.Card, row []float64) []float64 {
	out := make([]float64, len(to.Columns))
	for i, column := range to.Columns {
		for n, name := range from.Columns {
			if name == column {
				out[i] = row[n]
			}
		}
		if levels := from.Levels[column]; levels != nil && !math.IsNaN(out[i]) {
			place := -1.0
			for n, word := range to.Levels[column] {
				if out[i] >= 0 && word == levels[int(out[i])] {
					place = float64(n)
				}
			}
			out[i] = place
		}
	}
	return out
}

func TestACardComesBackFromPMML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCard(t)
		var text bytes.Buffer
		if err := pmml.Write(&text, c); err != nil {
			t.Fatal(err)
		}
		back, err := pmml.Read(bytes.NewReader(text.Bytes()), scorecard.Scale{})
		if err != nil {
			t.Fatalf("%v\n%s", err, text.String())
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range 200 {
			row := drawRow(c, r)
			there := carried(c, back, row)
			if a, b := c.LogOdds(row), back.LogOdds(there); math.Abs(a-b) > 1e-12 {
				t.Fatalf("row %v (there %v): log-odds %v, back from PMML %v\n%s", row, there, a, b, text.String())
			}
		}
		if back.ID != c.ID || back.Kind != c.Kind || back.Scale != c.Scale {
			t.Fatalf("the card came back as %+v", back)
		}
	})
}

// foreign is a card such as other programs write: overlapping attributes of which the first counts, closed upper edges, a set of words.
const foreign = `<?xml version="1.0"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>
<DataDictionary><DataField name="age" optype="continuous" dataType="integer"/><DataField name="home" optype="categorical" dataType="string"/><DataField name="y" optype="continuous" dataType="double"/></DataDictionary>
<Scorecard functionName="regression" initialScore="500" modelName="bank"><MiningSchema><MiningField name="age"/><MiningField name="home"/><MiningField name="y" usageType="target"/></MiningSchema>
<Characteristics>
 <Characteristic name="Age">
  <Attribute partialScore="-9"><SimplePredicate field="age" operator="isMissing"/></Attribute>
  <Attribute partialScore="-20"><SimplePredicate field="age" operator="lessOrEqual" value="25"/></Attribute>
  <Attribute partialScore="40"><CompoundPredicate booleanOperator="and"><SimplePredicate field="age" operator="greaterThan" value="20"/><SimplePredicate field="age" operator="lessThan" value="60"/></CompoundPredicate></Attribute>
  <Attribute partialScore="7"><True/></Attribute>
 </Characteristic>
 <Characteristic name="Home">
  <Attribute partialScore="30"><SimpleSetPredicate field="home" booleanOperator="isIn"><Array n="2" type="string">OWN "WITH PARENTS"</Array></SimpleSetPredicate></Attribute>
  <Attribute partialScore="-5"><True/></Attribute>
 </Characteristic>
</Characteristics></Scorecard></PMML>`

func TestAnothersCardIsUsedHere(t *testing.T) {
	c, err := pmml.Read(strings.NewReader(foreign), scorecard.StandardScale())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		age    float64
		home   string
		points float64
	}{
		{25, "OWN", 510}, {math.Nextafter(25, 99), "WITH PARENTS", 570}, {59.9, "RENT", 535}, {60, "RENT", 502}, {math.NaN(), "OWN", 521}, {20.5, "", 475},
	} {
		home := math.NaN()
		if k.home != "" {
			home = -1
			for i, w := range c.Levels["home"] {
				if w == k.home {
					home = float64(i)
				}
			}
		}
		if got := pmml.Points(c, c.Row(map[string]float64{"age": k.age, "home": home})); math.Abs(got-k.points) > 1e-9 {
			t.Errorf("age %v, home %q: %v points, the file says %v", k.age, k.home, got, k.points)
		}
	}
}

func TestReadSaysWhatACardCannotHold(t *testing.T) {
	for name, k := range map[string]struct{ from, to, says string }{
		"no XML":            {foreign, "hello", "not a PMML file"},
		"no model":          {"Scorecard", "TreeModel", "no Scorecard"},
		"replacement":       {`<MiningField name="age"/>`, `<MiningField name="age" missingValueReplacement="3"/>`, "replaces missing"},
		"unknown field":     {`<MiningField name="age"/>`, `<MiningField name="ago"/>`, "not in the DataDictionary"},
		"computed points":   {`partialScore="40"`, ``, "no fixed partial score"},
		"not a number":      {`partialScore="40"`, `partialScore="many"`, "not a number"},
		"infinite":          {`partialScore="40"`, `partialScore="1e999"`, "not a number"},
		"surrogate":         {`booleanOperator="and"`, `booleanOperator="surrogate"`, "surrogate"},
		"operator":          {`operator="lessOrEqual"`, `operator="about"`, `"about"`},
		"words in order":    {`field="home" booleanOperator="isIn"`, `field="home" booleanOperator="near"`, `"near"`},
		"hole":              {`<Attribute partialScore="7"><True/></Attribute>`, ``, "fall into no attribute"},
		"field not active":  {`field="age" operator="isMissing"`, `field="y" operator="isMissing"`, "not among the active fields"},
		"no characteristic": {foreign[strings.Index(foreign, "<Characteristics>"):strings.Index(foreign, "</Scorecard>")], "", "no characteristics"},
	} {
		if !strings.Contains(foreign, k.from) {
			t.Fatalf("%s: %q is not in the file", name, k.from)
		}
		_, err := pmml.Read(strings.NewReader(strings.ReplaceAll(foreign, k.from, k.to)), scorecard.StandardScale())
		if err == nil || !strings.Contains(err.Error(), k.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(foreign))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := pmml.Read(bytes.NewReader(text), scorecard.StandardScale())
		if err != nil {
			return
		}
		row := make([]float64, len(c.Columns))
		c.Score(row)
	})
}

// TestAnotherEngineScoresAlike has pypmml (its own implementation of PMML, on the Java machine) score 10,000 cases of a card with words, special and
// missing values and a pair. PEERS_PYTHON names a Python that has pypmml; bench/peers sets it up.
func TestAnotherEngineScoresAlike(t *testing.T) {
	python := os.Getenv("PEERS_PYTHON")
	if python == "" {
		t.Skip("PEERS_PYTHON does not name a Python with pypmml; see bench/peers/README.md")
	}
	var c *scorecard.Card
	for seed := 1; c == nil || len(c.Features) < 4 || len(c.Pairs) == 0 || len(c.Levels) == 0 || len(c.Levels) == len(c.Columns); seed++ {
		c = rapid.Custom(drawCard).Example(seed)
	}
	dir := t.TempDir()
	var text bytes.Buffer
	if err := pmml.Write(&text, c); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "card.pmml"), text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 9))
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	w.Write(append(append([]string{}, c.Columns...), "points", "pd", "score"))
	for range 10_000 {
		row := drawRow(c, r)
		record := make([]string, len(row))
		for i, v := range row {
			switch {
			case math.IsNaN(v):
			case c.Levels[c.Columns[i]] == nil:
				record[i] = strconv.FormatFloat(v, 'g', -1, 64)
			case v < 0:
				record[i] = "never seen"
			default:
				record[i] = vocabulary[int(v)]
			}
		}
		s := c.Score(row)
		w.Write(append(record, strconv.FormatFloat(pmml.Points(c, row), 'g', -1, 64), strconv.FormatFloat(s.PD, 'g', -1, 64), strconv.Itoa(s.Points)))
	}
	w.Flush()
	if err := os.WriteFile(filepath.Join(dir, "cases.csv"), table.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("..", "..", "..", "bench", "peers", "pmml.py"), filepath.Join(dir, "card.pmml"), filepath.Join(dir, "cases.csv")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
