package platformtest

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Report is a good report: 640 points, grade B, up to 300,000 yuan, no loan elsewhere, three to five years old.
func (n *Node) Report(r *borderv1.CreditRequest) *borderv1.CreditResult {
	day := timestamppb.New(n.house.Now().Truncate(24 * time.Hour))
	report := &borderv1.CreditResult{
		RequestId: r.GetId(), GrantId: n.GrantID(r.GetGrant()), SubjectUsci: r.GetSubjectUsci(), ModelId: "card-341500", ModelVersion: "20261015.1", DataVersion: "20261015.1",
		AsOf: day, Score: 640, Grade: borderv1.Grade_GRADE_B, PdBand: borderv1.PdBand_PD_BAND_2_TO_4_PCT,
		LimitBand: borderv1.LimitBand_LIMIT_BAND_100K_TO_300K,
		Reasons:   []*borderv1.Driver{{Reason: borderv1.Reason_REASON_SALES_GROWTH, Direction: borderv1.Direction_DIRECTION_LOWERS}},
		Figures: []*borderv1.Figure{{Kind: borderv1.FigureKind_FIGURE_KIND_LOAN_BALANCE, EdgeIndex: 0},
			{Kind: borderv1.FigureKind_FIGURE_KIND_FIRM_AGE, EdgeIndex: 3}},
		Trend: []*borderv1.TrendPoint{{AsOf: day, Score: 640}},
	}
	for d := borderv1.Dimension_DIMENSION_REPAYMENT_WILL; d <= borderv1.Dimension_DIMENSION_COMPLIANCE; d++ {
		report.Dimensions = append(report.Dimensions, &borderv1.DimensionScore{Dimension: d, Value: 60})
	}
	return report
}
