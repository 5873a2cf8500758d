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

// Digest is a small city digest: two cells and one department. Node.Send takes it to the platform.
func (h *House) Digest() *borderv1.CityDigest {
	day := timestamppb.New(h.Now().Truncate(24 * time.Hour))
	cell := func(division, section string, grade borderv1.Grade, firms uint32) *borderv1.DigestCell {
		return &borderv1.DigestCell{Division: division, IndustrySection: section, Grade: grade, Firms: firms}
	}
	return &borderv1.CityDigest{Id: h.Store.NewID(), City: City, AsOf: day, Firms: 150, SuppressedFirms: 30,
		Cells:       []*borderv1.DigestCell{cell("341502", "C", borderv1.Grade_GRADE_A, 40), cell("341503", "F", borderv1.Grade_GRADE_B, 80)},
		Departments: []*borderv1.DepartmentReadiness{{Department: "tax", Catalogues: 6, Received: 1000, Landed: 980, Quarantined: 15, Duplicates: 5, LinkedPerMille: 970, LatestDelivery: day}},
		DataVersion: "20261015.1", ModelId: "card-341500"}
}
