package portal

import (
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/product"
)

func gradeLetter(g borderv1.Grade) string {
	if letter := product.GradeLetter(g); letter != "" {
		return letter
	}
	return "—"
}

func gradeTone(g borderv1.Grade) string {
	if letter := product.GradeLetter(g); letter != "" {
		return "grade-" + strings.ToLower(letter)
	}
	return "grade-none"
}

// level is how a dimension's value is called in words.
func level(value uint32) string {
	switch {
	case value >= 80:
		return "high"
	case value >= 60:
		return "good"
	case value >= 40:
		return "middle"
	case value >= 20:
		return "low"
	}
	return "weak"
}

// figureBand writes a figure's band in words: above low, up to and with high.
func (v *view) figureBand(f *borderv1.Figure) string {
	kind := f.GetKind()
	low, high := border.BandOf(f)
	if low == nil && high == nil {
		return "—"
	}
	switch kind {
	case borderv1.FigureKind_FIGURE_KIND_FIRM_AGE:
		return v.ageBand(low, high)
	case borderv1.FigureKind_FIGURE_KIND_HEADCOUNT:
		if low != nil {
			from := *low + 1 // people are counted: above four is from five
			low = &from
		}
	}
	switch {
	case low == nil && *high == 0:
		return v.T("band.nothing")
	case low == nil:
		return v.T("band.up_to", v.figure(kind, *high))
	case high == nil && kind == borderv1.FigureKind_FIGURE_KIND_HEADCOUNT:
		return v.T("band.from", v.figure(kind, *low))
	case high == nil:
		return v.T("band.above", v.figure(kind, *low))
	case *low == 0:
		return v.T("band.up_to", v.figure(kind, *high))
	}
	return v.T("band.between", v.figure(kind, *low), v.figure(kind, *high))
}

// ageBand writes months as years; its edges stand one month below full years.
func (v *view) ageBand(low, high *int64) string {
	switch {
	case low == nil:
		return v.T("band.younger", (*high+1)/12)
	case high == nil:
		return v.T("band.older", (*low+1)/12)
	}
	return v.T("band.years", (*low+1)/12, (*high+1)/12)
}

func (v *view) figure(kind borderv1.FigureKind, value int64) string {
	switch kind {
	case borderv1.FigureKind_FIGURE_KIND_HEADCOUNT:
		return v.T("band.people", value)
	case borderv1.FigureKind_FIGURE_KIND_SALES_GROWTH:
		return v.T("band.percent", value)
	}
	return v.Amount(value * 100)
}

// adviceReasons are the drivers that lower a score and that a firm can change, largest first, each once.
func (v *view) adviceReasons(r *borderv1.CreditResult) []borderv1.Reason {
	var found []borderv1.Reason
	add := func(all []*borderv1.Driver) {
		for _, d := range all {
			key := enumKey(d.GetReason(), "advice")
			if d.GetDirection() == borderv1.Direction_DIRECTION_LOWERS && v.call.p.messages.has(key) && !slices.Contains(found, d.GetReason()) {
				found = append(found, d.GetReason())
			}
		}
	}
	add(r.GetReasons())
	for _, d := range r.GetDimensions() {
		add(d.GetDrivers())
	}
	return found[:min(5, len(found))]
}

// driverWords says what moved a score, as a sentence.
func (v *view) driverWords(d *borderv1.Driver) string {
	part := "raises"
	if d.GetDirection() == borderv1.Direction_DIRECTION_LOWERS {
		part = "lowers"
	}
	return v.Enum(d.GetReason(), part)
}

func driverTone(d *borderv1.Driver) string {
	if d.GetDirection() == borderv1.Direction_DIRECTION_LOWERS {
		return "driver-lowers"
	}
	return "driver-raises"
}

func driverIcon(d *borderv1.Driver) string {
	if d.GetDirection() == borderv1.Direction_DIRECTION_LOWERS {
		return "trending-down"
	}
	return "trending-up"
}
