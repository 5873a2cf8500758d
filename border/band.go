package border

import (
	"slices"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

const yuan = 100 // fen

// Bands returns the fixed edges of a figure's bands, rising; nil for an unknown kind. Amounts are in yuan, ages in months, growth in
// per cent. They are wide on purpose: a band must fit many firms. They are part of the protocol and never change for a kind.
func Bands(kind borderv1.FigureKind) []int64 {
	switch kind {
	case borderv1.FigureKind_FIGURE_KIND_SALES_12M:
		return []int64{0, 100_000, 300_000, 1_000_000, 3_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000, 400_000_000}
	case borderv1.FigureKind_FIGURE_KIND_TAX_PAID_12M:
		return []int64{0, 5_000, 20_000, 50_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000}
	case borderv1.FigureKind_FIGURE_KIND_HEADCOUNT:
		return []int64{0, 4, 9, 19, 49, 99, 299, 999}
	case borderv1.FigureKind_FIGURE_KIND_LOAN_BALANCE:
		return []int64{0, 100_000, 500_000, 1_000_000, 3_000_000, 5_000_000, 10_000_000, 30_000_000}
	case borderv1.FigureKind_FIGURE_KIND_FIRM_AGE:
		return []int64{11, 23, 35, 59, 119, 239}
	case borderv1.FigureKind_FIGURE_KIND_SALES_GROWTH:
		return []int64{-50, -20, -5, 5, 20, 50, 100}
	}
	return nil
}

// EdgeIndex counts the edges of a kind that lie below the value: 0 is the lowest band (the first edge or less).
func EdgeIndex(kind borderv1.FigureKind, value float64) uint32 {
	n := 0
	for _, edge := range Bands(kind) {
		if value > float64(edge) {
			n++
		}
	}
	return uint32(n)
}

// BandOf returns the limits of a band: above low, up to and with high. An open end is nil.
func BandOf(f *borderv1.Figure) (low, high *int64) {
	edges, i := Bands(f.GetKind()), int(f.GetEdgeIndex())
	if i > 0 && i <= len(edges) {
		low = &edges[i-1]
	}
	if i < len(edges) {
		high = &edges[i]
	}
	return low, high
}

var pdEdges = []float64{0.01, 0.02, 0.04, 0.08, 0.16}

// PDBand is the band of a twelve-month probability of default; an edge belongs to the band above it.
func PDBand(pd float64) borderv1.PdBand {
	n := 0
	for n < len(pdEdges) && pd >= pdEdges[n] {
		n++
	}
	return borderv1.PdBand(n + 1)
}

// PDRange returns the limits of a band: from low to below high.
func PDRange(b borderv1.PdBand) (low, high float64) {
	low, high = 0, 1
	if i := int(b) - 1; i > 0 && i <= len(pdEdges) {
		low = pdEdges[i-1]
	}
	if i := int(b) - 1; i >= 0 && i < len(pdEdges) {
		high = pdEdges[i]
	}
	return low, high
}

var limitEdges = []int64{0, 100_000 * yuan, 300_000 * yuan, 500_000 * yuan, 1_000_000 * yuan, 2_000_000 * yuan, 3_000_000 * yuan, 5_000_000 * yuan}

// LimitBand is the band of an advised limit in fen; an edge belongs to the band below it. What is above the last edge is advised no
// higher than the last band.
func LimitBand(fen int64) borderv1.LimitBand {
	i, _ := slices.BinarySearch(limitEdges, fen)
	return borderv1.LimitBand(min(i, len(limitEdges)-1) + 1)
}

// LimitRange returns the limits of a band in fen: above low, up to and with high.
func LimitRange(b borderv1.LimitBand) (low, high int64) {
	if i := int(b) - 1; i >= 1 && i < len(limitEdges) {
		return limitEdges[i-1], limitEdges[i]
	}
	return 0, 0
}
