package scorecard

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A card as SQL: one SELECT in which an engine scores a whole table, bins, points, grade and reasons included, to what Score says row by row.
// It is made of CASE, +, exp, floor, least and greatest only, which DuckDB, PostgreSQL and Spark share; where they differ (how a double and a quoted
// name are written) the Dialect decides.

// Dialect is an engine's way of writing SQL.
type Dialect string

// The engines whose SQL a card can be written in.
const (
	DuckDB     Dialect = "duckdb"
	PostgreSQL Dialect = "postgresql"
	Spark      Dialect = "spark"
)

// Name quotes a column's name.
func (d Dialect) Name(column string) string {
	if d == Spark {
		return "`" + strings.ReplaceAll(column, "`", "``") + "`"
	}
	return `"` + strings.ReplaceAll(column, `"`, `""`) + `"`
}

// double turns an expression into a double. A bare 0.1 would be a decimal in all three.
func (d Dialect) double(expression string) string {
	if d == PostgreSQL {
		return "CAST(" + expression + " AS DOUBLE PRECISION)"
	}
	return "CAST(" + expression + " AS DOUBLE)"
}

// fenced keeps a subquery as it stands. PostgreSQL would otherwise write its columns out at every place that names them, step by step, until the
// statement outgrows its memory.
func (d Dialect) fenced(query string) string {
	if d == PostgreSQL {
		return query + "\nOFFSET 0"
	}
	return query
}

// number is a double's literal.
func (d Dialect) number(v float64) string { return d.double(digits(v)) }

// digits is a number such that it is read back as the same double. The exponent keeps engines that tell decimals from doubles by it with doubles.
func digits(v float64) string { return strconv.FormatFloat(v, 'e', -1, 64) }

func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Overlay is an expert's rule beside a card: a value of the column above zero costs at least so many points. Where the card takes as much itself,
// the overlay takes nothing; where it does not, the overlay takes the rest and stands among the reasons in the card's place.
type Overlay struct {
	Column string
	Points float64
}

// lowering is added to the strength of a reason that lowers a score, which puts it before every one that raises it: points stay far below.
const lowering = 1e6

// SQL is the card as one statement over a table (or a subquery in brackets) that has the card's columns: numbers, or words for a column of words; NULL
// is missing. The result has the columns to keep, and then
//
//	log_odds, pd   of being bad
//	score, grade   as Score says
//	reason_1 … reason_4, raises_1 … raises_4   the columns that moved the score, strongest first; NULL where there are fewer
func (c *Card) SQL(d Dialect, table string, keep []string, overlays ...Overlay) string {
	w := cardSQL{Card: c, d: d, overlays: overlays}
	var names []string
	for _, column := range keep {
		names = append(names, d.Name(column))
	}
	kept := strings.Join(names, ", ")
	n := len(c.Features) + len(overlays)
	inner := "SELECT " + join(kept, w.worths()) + "\nFROM " + table
	inner = "SELECT " + join(kept, w.takings(), w.carried()) + "\nFROM (" + d.fenced(inner) + ") AS worth"
	inner = "SELECT " + join(kept, w.sum(), w.strengths()) + "\nFROM (" + d.fenced(inner) + ") AS taken"
	inner = "SELECT " + join(kept, w.verdict(), numbered("s_", n)) + "\nFROM (" + d.fenced(inner) + ") AS summed"
	kept = join(kept, "log_odds, pd, score, grade")
	for place := 1; place <= maxReasons && n > 0; place++ {
		before := chosen(place - 1)
		inner = "SELECT " + join(kept, before, numbered("s_", n), greatest(n)+" AS strongest") + "\nFROM (" + d.fenced(inner) + ") AS open"
		inner = "SELECT " + join(kept, before, numbered("s_", n), w.choose(place)) + "\nFROM (" + d.fenced(inner) + ") AS topped"
		inner = "SELECT " + join(kept, chosen(place), w.without(place)) + "\nFROM (" + d.fenced(inner) + ") AS named"
	}
	return "SELECT " + join(kept, chosen(maxReasons)) + "\nFROM (" + d.fenced(inner) + ") AS scored"
}

// cardSQL writes the layers of a card's statement. Every layer is a subquery that names what the next one uses more than once:
// z_I and p_I are what feature I adds to the log-odds and the points; o_I is what overlay I takes; s_I is how strong reason I is.
type cardSQL struct {
	*Card
	d        Dialect
	overlays []Overlay
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ",\n       ")
}

func numbered(prefix string, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = prefix + strconv.Itoa(i)
	}
	return strings.Join(names, ", ")
}

// worths gives each feature's value its log-odds and its points, and each overlay's column under a name of its own.
func (w cardSQL) worths() string {
	var lines []string
	for i := range w.Features {
		f := &w.Features[i]
		lines = append(lines,
			fmt.Sprintf("%s AS z_%d", w.caseOf(f, logOddsOf, digits(f.otherwise(logOddsOf))), i),
			fmt.Sprintf("%s AS p_%d", w.caseOf(f, pointsOf, digits(f.otherwise(pointsOf))), i),
			fmt.Sprintf("CASE WHEN %s IS NULL THEN 0 ELSE 1 END AS known_%d", w.d.Name(f.Column), i))
	}
	for i := range w.Pairs {
		lines = append(lines, fmt.Sprintf("%s AS q_%d", w.cellCase(&w.Pairs[i]), i))
	}
	for i, o := range w.overlays {
		lines = append(lines, fmt.Sprintf("CASE WHEN %s > 0 THEN 1 ELSE 0 END AS fires_%d", w.d.Name(o.Column), i))
	}
	return join(lines...)
}

// caseOf is what a feature's value is worth, as worth says it.
func (w cardSQL) caseOf(f *Feature, of func(*Bin) float64, average string) string {
	column := w.d.Name(f.Column)
	missing := average
	if b := f.binIndex(math.NaN()); b >= 0 {
		missing = digits(of(&f.Bins[b]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CASE WHEN %s IS NULL THEN %s", column, missing)
	rest := average
	if f.Ranks != nil {
		w.wordCases(&b, f, of)
	} else {
		rest = rangeCases(&b, f, column, of, average)
	}
	return w.d.double(b.String() + " ELSE " + rest + " END")
}

// cellCase is what a pair adds to the log-odds: for each bin of A, each bin of B.
func (w cardSQL) cellCase(p *Pair) string {
	a, b := Feature{Column: p.A.Column, Ranks: p.A.Ranks, Bins: slices.Clone(p.A.Bins)}, Feature{Column: p.B.Column, Ranks: p.B.Ranks, Bins: slices.Clone(p.B.Bins)}
	a.Other, b.Other = &Bin{LogOdds: -1}, &Bin{LogOdds: -1}
	for i := range a.Bins {
		a.Bins[i].LogOdds = float64(i)
	}
	for i := range b.Bins {
		b.Bins[i].LogOdds = float64(i)
	}
	inA, inB := w.caseOf(&a, logOddsOf, digits(-1)), w.caseOf(&b, logOddsOf, digits(-1))
	var out strings.Builder
	out.WriteString("CASE")
	for i, row := range p.Cells {
		fmt.Fprintf(&out, " WHEN %s = %d THEN CASE %s", inA, i, inB)
		for j, c := range row {
			fmt.Fprintf(&out, " WHEN %d THEN %s", j, digits(c.LogOdds))
		}
		out.WriteString(" ELSE 0 END")
	}
	return w.d.double(out.String() + " ELSE 0 END")
}

// wordCases names the words of each bin.
func (w cardSQL) wordCases(b *strings.Builder, f *Feature, of func(*Bin) float64) {
	levels := w.Levels[f.Column]
	words := make([][]string, len(f.Bins))
	for place := range min(len(levels), len(f.Ranks)) {
		if at := f.binIndex(float64(place)); at >= 0 {
			words[at] = append(words[at], text(levels[place]))
		}
	}
	for at, held := range words {
		if len(held) > 0 {
			fmt.Fprintf(b, " WHEN %s IN (%s) THEN %s", w.d.Name(f.Column), strings.Join(held, ", "), digits(of(&f.Bins[at])))
		}
	}
}

// rangeCases writes special values and ranges in the order in which binIndex tries them, and returns what is left for all other values.
func rangeCases(b *strings.Builder, f *Feature, column string, of func(*Bin) float64, average string) string {
	for i := range f.Bins {
		if bin := &f.Bins[i]; bin.Special != nil && !bin.Missing {
			fmt.Fprintf(b, " WHEN %s = %s THEN %s", column, digits(*bin.Special), digits(of(bin)))
		}
	}
	for i := range f.Bins {
		bin := &f.Bins[i]
		switch {
		case bin.Missing || bin.Special != nil:
		case bin.Upper == nil:
			return digits(of(bin))
		default:
			fmt.Fprintf(b, " WHEN %s < %s THEN %s", column, digits(*bin.Upper), digits(of(bin)))
		}
	}
	return average
}

// takings is what each overlay takes beyond the card itself, in points; 0 where it takes nothing.
func (w cardSQL) takings() string {
	var lines []string
	for i, o := range w.overlays {
		missing := w.d.number(o.Points)
		if f := slices.IndexFunc(w.Features, func(f Feature) bool { return f.Column == o.Column }); f >= 0 {
			atZero, _ := w.Features[f].worth(0)
			missing = fmt.Sprintf("%s - (z_%d - %s) * %s", missing, f, w.d.number(atZero), w.d.number(w.Scale.Factor()))
		}
		lines = append(lines, fmt.Sprintf("CASE WHEN fires_%d = 1 THEN greatest(%s, %s) ELSE %s END AS o_%d", i, missing, w.d.number(0), w.d.number(0), i))
	}
	return join(lines...)
}

// carried are the columns that the layer after the overlays still needs.
func (w cardSQL) carried() string {
	n := len(w.Features)
	points := numbered("p_", n)
	if len(w.Pairs) > 0 {
		points = w.withPairs()
	}
	return join(numbered("z_", n), points, numbered("known_", n), numbered("q_", len(w.Pairs)))
}

// withPairs are each feature's points with half of those of its pairs, as pairPoints says.
func (w cardSQL) withPairs() string {
	var lines []string
	for i := range w.Features {
		line := fmt.Sprintf("p_%d", i)
		for k := range w.Pairs {
			if c := w.Features[i].Column; w.Pairs[k].A.Column == c || w.Pairs[k].B.Column == c {
				line += fmt.Sprintf(" - q_%d * %s", k, w.d.number(w.Scale.Factor()/2))
			}
		}
		lines = append(lines, fmt.Sprintf("%s AS p_%d", line, i))
	}
	return join(lines...)
}

// sum is the log-odds, the overlays on top. They are bounded where pd is 0 or 1 to the last digit, so that no engine overflows.
func (w cardSQL) sum() string {
	terms := []string{w.d.number(w.Intercept)}
	for i := range w.Features {
		terms = append(terms, fmt.Sprintf("z_%d", i))
	}
	for i := range w.Pairs {
		terms = append(terms, fmt.Sprintf("q_%d", i))
	}
	for i := range w.overlays {
		terms = append(terms, fmt.Sprintf("o_%d / %s", i, w.d.number(w.Scale.Factor())))
	}
	return fmt.Sprintf("greatest(least(%s, %s), %s) AS log_odds", strings.Join(terms, " + "), w.d.number(700), w.d.number(-700))
}

// strengths rank what moved the score: features by Reasons, then the overlays that took something; NULL is no reason.
func (w cardSQL) strengths() string {
	var lines []string
	for i := range w.Features {
		f := &w.Features[i]
		best, average := f.bestPoints(), f.averagePoints()
		overlaid := ""
		for o := range w.overlays {
			if w.overlays[o].Column == f.Column {
				overlaid += fmt.Sprintf(" AND o_%d = 0", o)
			}
		}
		lines = append(lines, fmt.Sprintf("CASE WHEN known_%[1]d = 1 AND p_%[1]d < %[2]s%[6]s THEN %[3]s - p_%[1]d + %[4]s WHEN known_%[1]d = 1 AND p_%[1]d > %[5]s%[6]s THEN p_%[1]d - %[7]s END AS s_%[1]d",
			i, w.d.number(average-0.5), w.d.number(best), w.d.number(lowering), w.d.number(average+0.5), overlaid, w.d.number(average)))
	}
	for i, o := range w.overlays {
		lines = append(lines, fmt.Sprintf("CASE WHEN o_%d > 0 THEN %s END AS s_%d", i, w.d.number(lowering+o.Points), len(w.Features)+i))
	}
	return join(lines...)
}

// verdict is the probability, the score and the grade.
func (w cardSQL) verdict() string {
	pd := fmt.Sprintf("%s / (%s + exp(-log_odds))", w.d.number(1), w.d.number(1))
	score := fmt.Sprintf("CAST(floor(least(greatest(%s - %s * log_odds, %s), %s) + %s) AS INTEGER)",
		w.d.number(w.Scale.Offset()), w.d.number(w.Scale.Factor()), w.d.number(float64(w.Scale.Min)), w.d.number(float64(w.Scale.Max)), w.d.number(0.5))
	var grade strings.Builder
	grade.WriteString("CASE")
	for i, edge := range w.Grades.Below {
		fmt.Fprintf(&grade, " WHEN %s < %s THEN %s", pd, digits(edge), text(w.Grades.Names[i]))
	}
	fmt.Fprintf(&grade, " ELSE %s END", text(w.Grades.Names[len(w.Grades.Names)-1]))
	return join("log_odds", pd+" AS pd", score+" AS score", grade.String()+" AS grade")
}

// chosen are the names of the reasons found so far.
func chosen(places int) string {
	var names []string
	for place := 1; place <= places; place++ {
		names = append(names, fmt.Sprintf("reason_%d, raises_%d", place, place))
	}
	return strings.Join(names, ", ")
}

func greatest(n int) string {
	if n == 1 {
		return "s_0"
	}
	return "greatest(" + numbered("s_", n) + ")"
}

// choose names the strongest reason left; the first one where several are as strong.
func (w cardSQL) choose(place int) string {
	var b strings.Builder
	b.WriteString("CASE")
	for i, column := range w.reasonColumns() {
		fmt.Fprintf(&b, " WHEN s_%d = strongest THEN %s", i, text(column))
	}
	fmt.Fprintf(&b, " END AS reason_%d,\n       strongest < %s AS raises_%d", place, w.d.number(lowering), place)
	return b.String()
}

// without takes the reason chosen last out of those left. A column is never a reason twice: where its overlay is one, its feature is none.
func (w cardSQL) without(place int) string {
	var lines []string
	for i, column := range w.reasonColumns() {
		lines = append(lines, fmt.Sprintf("CASE WHEN reason_%[2]d = %[3]s THEN NULL ELSE s_%[1]d END AS s_%[1]d", i, place, text(column)))
	}
	return join(lines...)
}

// reasonColumns are the columns that can be reasons, in the order of the strengths.
func (w cardSQL) reasonColumns() []string {
	var columns []string
	for i := range w.Features {
		columns = append(columns, w.Features[i].Column)
	}
	for _, o := range w.overlays {
		columns = append(columns, o.Column)
	}
	return columns
}

// SQL is LimitFen as an expression over a probability of default and a year's sales in yuan.
func (a Advice) SQL(d Dialect, pd, salesYuan string) string {
	raw := fmt.Sprintf("least(%s * (%s - %s / %s) * %s * %s, %s)", d.number(a.SalesShare), d.number(1), pd, d.number(a.WorstPD), salesYuan, d.number(100), d.number(float64(a.CapFen)))
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL OR %[2]s IS NULL OR %[1]s >= %[3]s OR %[2]s <= 0 THEN 0 ELSE CAST(floor(floor(%[4]s) / %[5]s) * %[5]s AS BIGINT) END",
		pd, salesYuan, d.number(a.WorstPD), raw, d.number(float64(a.StepFen)))
}
