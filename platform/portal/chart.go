package portal

import (
	"fmt"
	"math"
	"strings"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// The charts of one firm are drawn on the server as SVG: they are there without JavaScript, on a slow phone, and on paper.

// Limits of a score.
const (
	lowestScore  = 300
	highestScore = 850
)

// point in an SVG's own units.
type point struct{ x, y float64 }

func (p point) String() string { return fmt.Sprintf("%.1f,%.1f", p.x, p.y) }

func points(all []point) string {
	text := make([]string, len(all))
	for i, p := range all {
		text[i] = p.String()
	}
	return strings.Join(text, " ")
}

// on returns the point on a circle, clockwise from the top; turn runs from 0 to 1.
func on(centre point, radius, turn float64) point {
	angle := 2*math.Pi*turn - math.Pi/2
	return point{centre.x + radius*math.Cos(angle), centre.y + radius*math.Sin(angle)}
}

// radarBox is the part of the drawing that is shown: English names are longer.
func radarBox(lang Lang) string {
	if lang == English {
		return "-20 4 400 272"
	}
	return "24 4 312 272"
}

// radarAxis is one dimension of the portrait as the chart shows it.
type radarAxis struct {
	score *borderv1.DimensionScore
	end   point // of the axis
	value point
	label point
	align string // of the label's text
}

const radarRadius = 96

var radarCentre = point{180, 140}

func radarAxes(dimensions []*borderv1.DimensionScore) []radarAxis {
	axes := make([]radarAxis, len(dimensions))
	for i, d := range dimensions {
		turn := float64(i) / float64(len(dimensions))
		axes[i] = radarAxis{
			score: d,
			end:   on(radarCentre, radarRadius, turn),
			value: on(radarCentre, radarRadius*float64(min(d.GetValue(), 100))/100, turn),
			label: on(radarCentre, radarRadius+22, turn),
			align: "middle",
		}
		switch x := axes[i].label.x; {
		case x > radarCentre.x+10:
			axes[i].align = "start"
		case x < radarCentre.x-10:
			axes[i].align = "end"
		}
	}
	return axes
}

// radarRing is the outline at a share of the radius.
func radarRing(axes []radarAxis, share float64) string {
	ring := make([]point, len(axes))
	for i := range axes {
		ring[i] = on(radarCentre, radarRadius*share, float64(i)/float64(len(axes)))
	}
	return points(ring)
}

func radarShape(axes []radarAxis) string {
	shape := make([]point, len(axes))
	for i, a := range axes {
		shape[i] = a.value
	}
	return points(shape)
}

// The gauge is a half circle from the lowest to the highest score.
var gaugeCentre = point{130, 124}

const gaugeRadius = 104

// gaugeArc is the path of the half circle between two shares of it.
func gaugeArc(from, to float64) string {
	a, b := on(gaugeCentre, gaugeRadius, from/2-0.25), on(gaugeCentre, gaugeRadius, to/2-0.25)
	return fmt.Sprintf("M%s A%d,%d 0 0 1 %s", a, gaugeRadius, gaugeRadius, b)
}

// scoreShare is where a score stands between the lowest and the highest.
func scoreShare(score uint32) float64 {
	return math.Min(1, math.Max(0, float64(int(score)-lowestScore)/(highestScore-lowestScore)))
}

// trendPoint is a score of the past as the line shows it.
type trendPoint struct {
	point
	score *borderv1.TrendPoint
}

const (
	trendWidth  = 560
	trendHeight = 150
)

// trendLine spreads the scores over the width; the scale is that of all scores around those shown, so that a small change looks small.
func trendLine(all []*borderv1.TrendPoint) []trendPoint {
	low, high := float64(highestScore), float64(lowestScore)
	for _, t := range all {
		low, high = math.Min(low, float64(t.GetScore())), math.Max(high, float64(t.GetScore()))
	}
	middle, span := (low+high)/2, math.Max(120, (high-low)*1.4)
	line := make([]trendPoint, len(all))
	for i, t := range all {
		x := trendWidth / 2.0
		if len(all) > 1 {
			x = 44 + (trendWidth-88)*float64(i)/float64(len(all)-1)
		}
		y := 30 + (trendHeight-70)*(0.5-(float64(t.GetScore())-middle)/span)
		line[i] = trendPoint{point{x, y}, t}
	}
	return line
}

func trendPath(line []trendPoint) string {
	all := make([]point, len(line))
	for i, p := range line {
		all[i] = p.point
	}
	return points(all)
}

func coordinate(x float64) string { return fmt.Sprintf("%.1f", x) }
