package node

import (
	"math"
	"slices"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// An overlay says how many points a figure above zero must cost at least. The city's past loans are nearly silent on what keeps a bank from
// lending at all (hardly anybody on the list of dishonest debtors was ever lent to), so that no card can learn it. Where the card takes as much
// itself, the overlay takes nothing.
type overlay struct {
	column string
	points float64
}

// overlays are the experts' rules, in points of the standard scale (20 points double the odds).
func overlays() []overlay {
	return []overlay{
		{"dishonest_active", 80},
		{"restricted_consumption_active", 50},
		{"serious_illegality_listed", 50},
		{"enforcement_open_amount", 30},
		{"abnormal_listed", 20},
		{"tax_arrears_open", 15},
	}
}

// judge is a card with the experts' overlays on top.
type judge struct {
	card     *scorecard.Card
	overlays []overlay
}

func newJudge(card *scorecard.Card) judge { return judge{card: card, overlays: overlays()} }

// columns are the indicators that a judgement is made of.
func (j judge) columns() []string {
	var names []string
	for _, f := range j.card.Features {
		names = append(names, f.Column)
	}
	for _, o := range j.overlays {
		if !slices.Contains(names, o.column) {
			names = append(names, o.column)
		}
	}
	return names
}

// maxReasons is how many reasons a judgement carries.
const maxReasons = 4

// score judges one firm by its figures, by name.
func (j judge) score(figures map[string]float64) scorecard.Score {
	row := j.card.Row(figures)
	scored := j.card.Score(row)
	odds := j.card.LogOdds(row)
	before := odds
	for _, o := range j.overlays {
		if !(figures[o.column] > 0) {
			continue
		}
		if missing := o.points - j.taken(row, o.column); missing > 0 {
			odds += missing / j.card.Scale.Factor()
			scored.Reasons = slices.DeleteFunc(scored.Reasons, func(r scorecard.Reason) bool { return r.Column == o.column })
			scored.Reasons = append(scored.Reasons, scorecard.Reason{Column: o.column, Points: o.points})
		}
	}
	if odds == before {
		return scored
	}
	scored.PD = 1 / (1 + math.Exp(-odds))
	scored.Points = j.card.Scale.Points(scored.PD)
	scored.Grade = j.card.Grades.Of(scored.PD)
	scored.Reasons = ranked(scored.Reasons)
	return scored
}

// taken is how many points the card itself takes for the column's value, against a value of zero.
func (j judge) taken(row []float64, column string) float64 {
	at := slices.Index(j.card.Columns, column)
	if at < 0 {
		return 0
	}
	clean := slices.Clone(row)
	clean[at] = 0
	return (j.card.LogOdds(row) - j.card.LogOdds(clean)) * j.card.Scale.Factor()
}

// ranked puts what lowers a score first, the most points first, as a card's own reasons are.
func ranked(reasons []scorecard.Reason) []scorecard.Reason {
	slices.SortStableFunc(reasons, func(a, b scorecard.Reason) int {
		switch {
		case a.Raises != b.Raises && b.Raises:
			return -1
		case a.Raises != b.Raises:
			return 1
		case a.Points > b.Points:
			return -1
		case a.Points < b.Points:
			return 1
		default:
			return 0
		}
	})
	return reasons[:min(len(reasons), maxReasons)]
}
