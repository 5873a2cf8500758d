package quality

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

// Charts are inline SVG with their figures as text, so that the page needs nothing besides itself and can be read aloud.

// drawing builds an SVG.
type drawing struct{ b strings.Builder }

func draw(width, height int, title string) *drawing {
	d := &drawing{}
	class := ""
	if width > 400 {
		class = ` class="wide"`
	}
	d.add(`<svg viewBox="0 0 %d %d" role="img" aria-label="%s"%s style="max-width:%dpx">`, width, height, template.HTMLEscapeString(title), class, width)
	return d
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func (d *drawing) text(x, y float64, class, content string) {
	d.add(`<text x="%.1f" y="%.1f" class="%s">%s</text>`, x, y, class, template.HTMLEscapeString(content))
}

func (d *drawing) html() template.HTML {
	d.add("</svg>")
	return template.HTML(d.b.String()) //nolint:gosec // every text went through HTMLEscapeString
}

// radar draws the six dimensions. The rings stand at 80, 90 and 100 percent and the middle at 70, since that is where data differ; what is
// below lies in the middle and is told by its figure.
func radar(d *Dimensions) template.HTML {
	if d == nil {
		return ""
	}
	const cx, cy, radius, floor = 180.0, 140.0, 95.0, 0.7
	at := func(i int, share float64) (x, y float64) {
		angle := float64(i)*math.Pi/3 - math.Pi/2
		r := radius * max(0, (share-floor)/(1-floor))
		return cx + r*math.Cos(angle), cy + r*math.Sin(angle)
	}
	polygon := func(share func(i int) float64) string {
		var points []string
		for i := range 6 {
			x, y := at(i, share(i))
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
		}
		return strings.Join(points, " ")
	}
	named := d.named()
	s := draw(360, 285, "六个维度")
	for _, ring := range []float64{0.8, 0.9, 1} {
		s.add(`<polygon points="%s" class="ring"/>`, polygon(func(int) float64 { return ring }))
	}
	s.add(`<polygon points="%s" class="shape"/>`, polygon(func(i int) float64 { return named[i].Share }))
	for i, each := range named {
		x, y := at(i, 1.075)
		s.add(`<text x="%.1f" y="%.1f" class="label %s">%s</text>`, x, y-3, anchor(x, cx), each.Title)
		s.add(`<text x="%.1f" y="%.1f" class="figure %s">%s</text>`, x, y+13, anchor(x, cx), Percent(each.Share))
	}
	s.text(cx+3, cy-radius*2/3+4, "tick", "90%")
	return s.html()
}

func anchor(x, center float64) string {
	switch {
	case x > center+5:
		return "start"
	case x < center-5:
		return "end"
	default:
		return "middle"
	}
}

// trendChart draws the overall score of the months' deliveries, the last 36 of them.
func trendChart(points []TrendPoint) template.HTML {
	points = points[max(0, len(points)-36):]
	if len(points) < 2 {
		return ""
	}
	const width, height, left, right, top, bottom = 720.0, 210.0, 46.0, 14.0, 14.0, 34.0
	lowest := 1.0
	for _, p := range points {
		lowest = min(lowest, p.Dimensions.Overall, rowShare(p))
	}
	floor := math.Floor(max(0, lowest-0.02)*20) / 20
	x := func(i int) float64 { return left + (width-left-right)*float64(i)/float64(len(points)-1) }
	y := func(share float64) float64 { return top + (height-top-bottom)*(1-(share-floor)/(1-floor)) }
	s := draw(int(width), int(height), "按报送月份的质量走势")
	for i := range 5 {
		share := floor + (1-floor)*float64(i)/4
		s.add(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" class="grid"/>`, left, width-right, y(share), y(share))
		s.text(left-6, y(share)+4, "tick end", fmt.Sprintf("%.0f%%", share*100))
	}
	for name, value := range map[string]func(TrendPoint) float64{"line": func(p TrendPoint) float64 { return p.Dimensions.Overall }, "line second": rowShare} {
		var path []string
		for i, p := range points {
			path = append(path, fmt.Sprintf("%.1f,%.1f", x(i), y(value(p))))
		}
		s.add(`<polyline points="%s" class="%s"/>`, strings.Join(path, " "), name)
	}
	every := (len(points) + 7) / 8
	for i, p := range points {
		s.add(`<circle cx="%.1f" cy="%.1f" r="3" class="dot"><title>%s：总分 %s，%d 份，接收 %s 行</title></circle>`, x(i), y(p.Dimensions.Overall), p.Month, Percent(p.Dimensions.Overall), p.Deliveries, comma(p.Received))
		if (len(points)-1-i)%every == 0 {
			class := "tick middle"
			if i == len(points)-1 {
				class = "tick end"
			}
			s.text(x(i), height-14, class, p.Month)
		}
	}
	return s.html()
}

// rowShare is the share of a month's rows that were not kept back.
func rowShare(p TrendPoint) float64 { return 1 - ratio(p.Quarantined, p.Received) }

// fateChart draws, for every catalogue that sent something, what became of its rows.
func fateChart(catalogues []Catalogue) template.HTML {
	var sent []Catalogue
	for _, c := range catalogues {
		if c.Received > 0 {
			sent = append(sent, c)
		}
	}
	if len(sent) == 0 {
		return ""
	}
	const width, row, left, bar = 720.0, 30.0, 190.0, 400.0
	s := draw(int(width), int(row*float64(len(sent))+8), "各目录的行去了哪里")
	for i, c := range sent {
		y := row*float64(i) + 8
		s.text(left-10, y+13, "label end", shorten(c.TitleZH, 13))
		x := left
		for _, part := range []struct {
			class string
			rows  int64
		}{{"landed", c.Landed}, {"kept", c.Quarantined}, {"twice", c.Duplicates}} {
			w := bar * float64(part.rows) / float64(c.Received)
			if part.rows > 0 {
				w = max(w, 2)
			}
			s.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="16" class="%s"/>`, x, y, w, part.class)
			x += w
		}
		s.text(left+bar+14, y+13, "figure", percent(c.Landed, c.Received)+" 入库")
	}
	return s.html()
}

func shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}

// faultChart draws the most frequent reasons for which rows were kept back.
func faultChart(catalogues []Catalogue) template.HTML {
	type reason struct {
		label string
		rows  int64
	}
	var reasons []reason
	for _, c := range catalogues {
		for _, f := range c.Faults {
			column := f.TitleZH
			if column == "" {
				column = "整行"
			}
			reasons = append(reasons, reason{c.TitleZH + " · " + column + " · " + f.RuleZH, f.Rows})
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	slices.SortStableFunc(reasons, func(a, b reason) int { return cmp.Compare(b.rows, a.rows) })
	reasons = reasons[:min(len(reasons), 8)]
	const width, row, bar = 720.0, 42.0, 560.0
	s := draw(int(width), int(row*float64(len(reasons))+4), "行被隔离的主要原因")
	for i, r := range reasons {
		y := row * float64(i)
		s.text(0, y+14, "label", shorten(r.label, 46))
		s.add(`<rect x="0" y="%.1f" width="%.1f" height="12" class="kept"/>`, y+20, max(2, bar*float64(r.rows)/float64(reasons[0].rows)))
		s.text(max(2, bar*float64(r.rows)/float64(reasons[0].rows))+8, y+31, "figure", comma(r.rows)+" 行")
	}
	return s.html()
}

// spark draws a catalogue's deliveries as a small line of overall scores, the last forty.
func spark(deliveries []Delivery) template.HTML {
	deliveries = deliveries[max(0, len(deliveries)-40):]
	if len(deliveries) < 3 {
		return ""
	}
	lowest := 1.0
	for _, d := range deliveries {
		lowest = min(lowest, d.Dimensions.Overall)
	}
	floor := max(0, lowest-0.02)
	var points []string
	for i, d := range deliveries {
		points = append(points, fmt.Sprintf("%.1f,%.1f", 2+116*float64(i)/float64(len(deliveries)-1), 2+24*(1-(d.Dimensions.Overall-floor)/(1-floor))))
	}
	s := draw(120, 28, fmt.Sprintf("各次报送的总分，最低 %s", Percent(lowest)))
	s.add(`<polyline points="%s" class="line"/>`, strings.Join(points, " "))
	return s.html()
}
