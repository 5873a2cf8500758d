package study

import (
	"fmt"
	"html"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// Draw draws the figures of docs/real-invoices.md as SVG files into a folder.
func (r *Report) Draw(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the figures: %w", err)
	}
	for name, draw := range map[string]func() string{
		"invoices-validation.svg": r.drawValidation,
		"invoices-shapes.svg":     r.drawShapes,
		"invoices-verdicts.svg":   r.drawVerdicts,
		"invoices-roc.svg":        r.drawROC,
		"invoices-grades.svg":     r.drawGrades,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(draw()), 0o644); err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
	}
	return nil
}

// The colours are told apart by people who confuse red and green, and in grey.
const (
	ink   = "#1f2933"
	faint = "#c4ccd4"
	blue  = "#1f6fb2"
	amber = "#e08214"
	grey  = "#8a949e"
)

// canvas collects the elements of one SVG.
type canvas struct {
	strings.Builder
	width, height float64
}

func newCanvas(width, height float64, title string) *canvas {
	c := &canvas{width: width, height: height}
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="Helvetica, Arial, 'Noto Sans', sans-serif" role="img"><title>%s</title>`+"\n", width, height, html.EscapeString(title))
	fmt.Fprintf(c, `<rect width="%g" height="%g" fill="#ffffff"/>`+"\n", width, height)
	return c
}

func (c *canvas) text(x, y, size float64, anchor, colour, words string) {
	fmt.Fprintf(c, `<text x="%.1f" y="%.1f" font-size="%g" text-anchor="%s" fill="%s">%s</text>`+"\n", x, y, size, anchor, colour, html.EscapeString(words))
}

func (c *canvas) line(x1, y1, x2, y2, width float64, colour string, dashed bool) {
	dash := ""
	if dashed {
		dash = ` stroke-dasharray="4 3"`
	}
	fmt.Fprintf(c, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"%s/>`+"\n", x1, y1, x2, y2, colour, width, dash)
}

func (c *canvas) bar(x, y, w, h float64, colour string, opacity float64) {
	fmt.Fprintf(c, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" fill-opacity="%g"/>`+"\n", x, y, max(w, 0), max(h, 0), colour, opacity)
}

func (c *canvas) dot(x, y, radius float64, colour string, opacity float64) {
	fmt.Fprintf(c, `<circle cx="%.1f" cy="%.1f" r="%g" fill="%s" fill-opacity="%g"/>`+"\n", x, y, radius, colour, opacity)
}

func (c *canvas) path(points [][2]float64, colour string, width float64) {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%.1f %.1f", "ML"[min(i, 1)], p[0], p[1])
	}
	fmt.Fprintf(c, `<path d="%s" fill="none" stroke="%s" stroke-width="%g"/>`+"\n", d.String(), colour, width)
}

func (c *canvas) done() string { return c.String() + "</svg>\n" }

// drawValidation shows the AUC of every fold against those where the verdicts were dealt by chance, and the yardsticks.
func (r *Report) drawValidation() string {
	const left, right, top, floor = 60.0, 780.0, 56.0, 300.0
	c := newCanvas(800, 430, "AUC of fifty folds, and of fifty folds with shuffled verdicts")
	c.text(left, 24, 16, "start", ink, "Cross-validated AUC, fold by fold")
	c.text(left, 43, 12, "start", grey, fmt.Sprintf("%d folds of about 25 firms each, 5 or 6 of them defaulters", len(r.Validity.AUC)))
	x := func(auc float64) float64 { return left + (auc-0.1)/0.9*(right-left) }
	const width = 0.025
	histogram := func(values []float64, colour string) {
		counts := map[int]int{}
		for _, v := range values {
			counts[int(math.Min(v, 0.9999)/width)]++
		}
		for _, b := range slices.Sorted(maps.Keys(counts)) {
			h := float64(counts[b]) * 11
			c.bar(x(float64(b)*width)+1, floor-h, x(width)-x(0)-2, h, colour, 0.75)
		}
	}
	histogram(r.ByChance, faint)
	histogram(r.Validity.AUC, blue)
	c.line(left, floor, right, floor, 1, ink, false)
	for auc := 0.1; auc < 1.05; auc += 0.1 {
		c.line(x(auc), floor, x(auc), floor+5, 1, ink, false)
		c.text(x(auc), floor+19, 12, "middle", ink, fmt.Sprintf("%.1f", auc))
	}
	c.line(x(r.AUC.Mean), top, x(r.AUC.Mean), floor, 2, blue, true)
	c.text(x(r.AUC.Mean)-6, top+8, 13, "end", blue, fmt.Sprintf("the card: mean %.3f, ± %.3f from fold to fold", r.AUC.Mean, r.AUC.SD))
	c.line(x(r.Shuffled.Mean), top+40, x(r.Shuffled.Mean), floor, 2, grey, true)
	c.text(x(r.Shuffled.Mean)-6, top+50, 13, "end", grey, fmt.Sprintf("verdicts dealt by chance: mean %.3f", r.Shuffled.Mean))
	y := floor + 48
	for _, o := range r.Others {
		c.dot(x(o.Mean), y-4, 4, amber, 1)
		c.line(x(o.Mean-o.SD), y-4, x(math.Min(o.Mean+o.SD, 1)), y-4, 1.5, amber, false)
		c.text(x(o.Mean-o.SD)-8, y, 12, "end", ink, fmt.Sprintf("%s  %.3f", o.Name, o.Mean))
		y += 20
	}
	return c.done()
}

// drawShapes shows the points of every bin of every feature, with the firms and defaulters in it.
func (r *Report) drawShapes() string {
	const columns, w, h = 2, 400.0, 190.0
	rows := (len(r.Card.Features) + columns - 1) / columns
	c := newCanvas(columns*w, float64(rows)*h+64, "Points per bin of each feature")
	c.text(20, 24, 16, "start", ink, "What each indicator adds to the score, bin by bin")
	c.text(20, 43, 12, "start", grey, "bars: points against the average firm · n: firms in the bin, of them defaulters after the slash · left: low values")
	lowest, highest := 0.0, 0.0
	for _, f := range r.Card.Features {
		for _, b := range f.Bins {
			lowest, highest = min(lowest, b.Points), max(highest, b.Points)
		}
	}
	for n, f := range r.Card.Features {
		r.drawShape(c, f, float64(n%columns)*w, 56+float64(n/columns)*h, w, h, lowest, highest)
	}
	return c.done()
}

func (r *Report) drawShape(c *canvas, f scorecard.Feature, x0, y0, w, h, lowest, highest float64) {
	top, floor := y0+40, y0+h-38
	y := func(points float64) float64 { return top + (highest-points)/(highest-lowest)*(floor-top) }
	c.text(x0+20, y0+16, 13, "start", ink, r.Titles[f.Column])
	c.text(x0+w-16, y0+16, 11, "end", grey, fmt.Sprintf("±%.0f points", f.PointsSpread()))
	c.text(x0+20, y0+29, 9, "start", grey, f.Column)
	step := (w - 40) / float64(len(f.Bins))
	c.line(x0+20, y(0), x0+w-16, y(0), 1, faint, false)
	for b, bin := range f.Bins {
		x := x0 + 20 + float64(b)*step
		colour := blue
		if bin.Points < 0 {
			colour = amber
		}
		c.bar(x+1, min(y(0), y(bin.Points)), step-3, math.Abs(y(bin.Points)-y(0)), colour, 0.85)
		c.text(x+step/2, floor+12, 8, "middle", grey, fmt.Sprintf("%.0f/%.0f", bin.Goods+bin.Bads, bin.Bads))
		label := "missing"
		if !bin.Missing {
			label = "<"
			if bin.Lower != nil {
				label = short(*bin.Lower)
			}
		}
		c.text(x+1, floor+25, 8, "start", ink, label)
	}
}

// short writes a bin's edge in few characters.
func short(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case a >= 1e4:
		return fmt.Sprintf("%.3gk", v/1e3)
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}

// drawVerdicts shows where the held-out score put each firm, by the bank's rating.
func (r *Report) drawVerdicts() string {
	const left, right, top, row = 70.0, 780.0, 84.0, 56.0
	c := newCanvas(800, 360, "Held-out rank of each firm by the bank's rating")
	c.text(20, 24, 16, "start", ink, "Where the card puts each firm when it has not seen it")
	c.text(20, 43, 12, "start", grey, "rank of the held-out score, averaged over the repeats; orange: defaulted")
	held := r.Validity.Average()
	order := make([]int, len(held))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case held[a] < held[b]:
			return -1
		case held[a] > held[b]:
			return 1
		}
		return 0
	})
	for rank, i := range order {
		x := left + float64(rank)/float64(len(order)-1)*(right-left)
		lane := strings.Index("ABCD", r.Ratings[i])
		colour := blue
		if r.Outcomes[i] == 1 {
			colour = amber
		}
		c.dot(x, top+float64(lane)*row+12*float64(rank%3-1), 5, colour, 0.85)
	}
	for lane, rating := range []string{"A", "B", "C", "D"} {
		c.text(30, top+float64(lane)*row+5, 15, "middle", ink, rating)
		c.line(left-14, top+float64(lane)*row+row/2, right, top+float64(lane)*row+row/2, 1, faint, false)
	}
	c.text(left, top+4*row+12, 12, "start", ink, "safest")
	c.text(right, top+4*row+12, 12, "end", ink, "riskiest")
	return c.done()
}

// drawROC shows the share of defaulters caught against the share of good firms refused.
func (r *Report) drawROC() string {
	const left, top, side = 70.0, 60.0, 340.0
	c := newCanvas(620, 460, "ROC curve of the held-out scores")
	c.text(20, 24, 16, "start", ink, "Defaulters caught against good firms refused")
	held := r.Validity.Average()
	order := make([]int, len(held))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(math.Copysign(1, held[b]-held[a])) })
	goods := float64(len(held) - r.Bads)
	points := [][2]float64{{left, top + side}}
	var caught, refused float64
	for _, i := range order {
		caught += r.Outcomes[i]
		refused += 1 - r.Outcomes[i]
		points = append(points, [2]float64{left + refused/goods*side, top + side - caught/float64(r.Bads)*side})
	}
	c.line(left, top+side, left+side, top, 1, faint, true)
	c.path([][2]float64{{left, top}, {left, top + side}, {left + side, top + side}}, ink, 1)
	c.path(points, blue, 2.5)
	for tick := 0.0; tick <= 1; tick += 0.25 {
		c.text(left+tick*side, top+side+18, 11, "middle", ink, fmt.Sprintf("%.0f %%", 100*tick))
		c.text(left-8, top+side-tick*side+4, 11, "end", ink, fmt.Sprintf("%.0f %%", 100*tick))
	}
	c.text(left+side/2, top+side+38, 12, "middle", ink, "good firms refused")
	c.text(left, top-10, 12, "middle", ink, "defaulters caught")
	i := r.Interval
	for n, words := range []string{
		fmt.Sprintf("AUC %.3f", i.AUC), "held-out, mean of the repeats", "",
		"95 % interval", fmt.Sprintf("DeLong %.3f – %.3f", i.DeLong[0], i.DeLong[1]), fmt.Sprintf("bootstrap %.3f – %.3f", i.Bootstrap[0], i.Bootstrap[1]),
	} {
		c.text(left+side+24, top+150+float64(n)*18, 12, "start", ink, words)
	}
	return c.done()
}

// drawGrades shows the scores of the firms without a verdict.
func (r *Report) drawGrades() string {
	const left, right, floor, width = 50.0, 780.0, 290.0, 10
	c := newCanvas(800, 340, "Scores of the firms without a verdict")
	c.text(20, 24, 16, "start", ink, fmt.Sprintf("Scores of the %d firms without a verdict", len(r.Scores)))
	lowest, highest := math.MaxInt, 0
	counts, grade := map[int]int{}, map[int]string{}
	for _, s := range r.Scores {
		lowest, highest = min(lowest, s.Score), max(highest, s.Score)
		counts[s.Score/width]++
		grade[s.Score/width] = s.Grade
	}
	lowest, highest = lowest/width*width, (highest/width+1)*width
	x := func(score int) float64 { return left + float64(score-lowest)/float64(highest-lowest)*(right-left) }
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	shade := map[string]float64{"A": 1, "B": 0.75, "C": 0.55, "D": 0.4, "E": 0.85}
	for _, b := range slices.Sorted(maps.Keys(counts)) {
		n, colour := counts[b], blue
		if grade[b] == "E" {
			colour = amber
		}
		h := float64(n) / float64(most) * 210
		c.bar(x(b*width)+1, floor-h, x(width)-x(0)-2, h, colour, shade[grade[b]])
		c.text(x(b*width)+(x(width)-x(0))/2, floor-h-4, 9, "middle", ink, fmt.Sprintf("%s %d", grade[b], n))
	}
	c.line(left, floor, right, floor, 1, ink, false)
	for score := (lowest + 49) / 50 * 50; score <= highest; score += 50 {
		c.text(x(score), floor+18, 12, "middle", ink, fmt.Sprintf("%d", score))
	}
	return c.done()
}
