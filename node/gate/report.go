package gate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// flagWindow is how long an adverse event is flagged in a report after it became known.
const flagWindow = 365 * 24 * time.Hour

// report makes the credit report about a firm, as far as the grant reaches; nil when the firm has no score. The output rules:
//
//   - the score, grade, bands, trend and reasons need every data class that the model uses; the caller has checked that
//   - a dimension needs the classes of all its indicators, a figure and a flag their own; what is not covered is left out
//   - a figure leaves as the number of its band, a date as a day
func (s *snapshot) report(f *firm, requestID string, g *borderv1.Grant) *borderv1.CreditResult {
	granted := g.GetDataClasses()
	if !f.scorable() {
		return nil
	}
	return &borderv1.CreditResult{
		RequestId: requestID, GrantId: g.GetId(), SubjectUsci: f.usci,
		ModelId: s.ModelID, ModelVersion: s.ModelVersion, DataVersion: s.DataVersion, AsOf: timestamppb.New(s.asOf),
		Score: f.score, Grade: f.grade, PdBand: border.PDBand(f.pd), LimitBand: border.LimitBand(f.limitFen),
		Dimensions: f.dimensionScores(granted), Reasons: covered(parseDrivers(f.reasons), granted, border.MaxReasons),
		Figures: f.figureBands(granted), Trend: f.trendPoints(), Flags: s.flags(f, granted),
	}
}

func (f *firm) scorable() bool {
	return f.score >= border.MinScore && f.score <= border.MaxScore && f.grade != 0 && f.pd >= 0 && f.pd <= 1
}

func (f *firm) dimensionScores(granted []borderv1.DataClass) []*borderv1.DimensionScore {
	var all []*borderv1.DimensionScore
	lists := strings.SplitN(f.dimensionDrivers, "|", len(f.dimensions))
	for i, value := range f.dimensions {
		d := borderv1.Dimension(i + 1)
		if value < 0 || value > 100 || !border.Covers(granted, border.ClassesOfDimension(d)) {
			continue
		}
		score := &borderv1.DimensionScore{Dimension: d, Value: uint32(value)}
		if i < len(lists) {
			score.Drivers = covered(parseDrivers(lists[i]), granted, border.MaxDrivers)
		}
		all = append(all, score)
	}
	return all
}

// covered keeps the drivers whose indicators the grant covers, each once, up to a number.
func covered(all []*borderv1.Driver, granted []borderv1.DataClass, most int) []*borderv1.Driver {
	var kept []*borderv1.Driver
	seen := map[borderv1.Reason]bool{}
	for _, d := range all {
		needed := border.ClassesOfReason(d.GetReason())
		if len(needed) == 0 || !border.Covers(granted, needed) || seen[d.GetReason()] || len(kept) == most {
			continue
		}
		seen[d.GetReason()] = true
		kept = append(kept, d)
	}
	return kept
}

func (f *firm) figureBands(granted []borderv1.DataClass) []*borderv1.Figure {
	var all []*borderv1.Figure
	for i, value := range f.figures {
		kind := borderv1.FigureKind(i + 1)
		if math.IsNaN(value) || !border.Covers(granted, border.ClassesOfFigure(kind)) {
			continue
		}
		if kind == borderv1.FigureKind_FIGURE_KIND_SALES_GROWTH {
			value *= 100 // the snapshot has a ratio, the bands are per cent
		}
		all = append(all, &borderv1.Figure{Kind: kind, EdgeIndex: border.EdgeIndex(kind, value)})
	}
	return all
}

func (f *firm) trendPoints() []*borderv1.TrendPoint {
	var all []*borderv1.TrendPoint
	var last int64
	for part := range strings.SplitSeq(f.trend, ";") {
		day, score, _ := strings.Cut(part, ":")
		d, err1 := strconv.ParseInt(day, 10, 64)
		v, err2 := strconv.ParseUint(score, 10, 32)
		if err1 != nil || err2 != nil || v < border.MinScore || v > border.MaxScore || d <= last {
			continue
		}
		last = d
		all = append(all, &borderv1.TrendPoint{AsOf: timestamppb.New(date(d)), Score: uint32(v)})
	}
	return all[max(0, len(all)-border.MaxTrend):]
}

// flags are the kinds of adverse events that became known within a year.
func (s *snapshot) flags(f *firm, granted []borderv1.DataClass) []borderv1.AlertCode {
	var codes []borderv1.AlertCode
	for _, e := range s.events[f.id] {
		if e.known.After(s.asOf.Add(-flagWindow)) && s.alertCovered(e.code, granted) {
			codes = append(codes, e.code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// alertCovered reports whether a grant covers what an alert tells.
func (s *snapshot) alertCovered(code borderv1.AlertCode, granted []borderv1.DataClass) bool {
	if code == borderv1.AlertCode_ALERT_CODE_GRADE_DROP {
		return border.Covers(granted, s.modelClasses)
	}
	needed := border.ClassesOfAlert(code)
	return len(needed) > 0 && border.Covers(granted, needed)
}
