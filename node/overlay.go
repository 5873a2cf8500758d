package node

import (
	"math"
	"slices"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// An overlay takes points off where an indicator is above zero and the card has no feature of it. The city's past loans are silent on what is
// rare or what keeps a bank from lending at all (nobody on the list of dishonest debtors was ever lent to), so that no card can learn it. What
// the card has learned itself stands.
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

// judge is a card with the overlays that it leaves room for.
type judge struct {
	card     *scorecard.Card
	overlays []overlay
}

func newJudge(card *scorecard.Card) judge {
	j := judge{card: card}
	for _, o := range overlays() {
		if _, learned := card.Feature(o.column); !learned {
			j.overlays = append(j.overlays, o)
		}
	}
	return j
}

// columns are the indicators that a judgement is made of.
func (j judge) columns() []string {
	var names []string
	for _, f := range j.card.Features {
		names = append(names, f.Column)
	}
	for _, o := range j.overlays {
		names = append(names, o.column)
	}
	return names
}

// maxReasons is how many reasons a judgement carries.
const maxReasons = 4

// score judges one firm by its figures, by name.
func (j judge) score(figures map[string]float64) scorecard.Score {
	row := j.card.Row(figures)
	scored := j.card.Score(row)
	var taken float64
	var reasons []scorecard.Reason
	for _, o := range j.overlays {
		if figures[o.column] > 0 {
			taken += o.points
			reasons = append(reasons, scorecard.Reason{Column: o.column, Points: o.points})
		}
	}
	if taken == 0 {
		return scored
	}
	odds := j.card.LogOdds(row) + taken/j.card.Scale.Factor()
	scored.PD = 1 / (1 + math.Exp(-odds))
	scored.Points = j.card.Scale.Points(scored.PD)
	scored.Grade = j.card.Grades.Of(scored.PD)
	scored.Reasons = ranked(append(reasons, scored.Reasons...))
	return scored
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
