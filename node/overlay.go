package node

import (
	"math"
	"slices"

	"github.com/yidaitong/yidaitong/node/scorecard"
)

// overlays are the experts' rules, in points of the standard scale (20 points double the odds). The city's past loans are nearly silent on what
// keeps a bank from lending at all (hardly anybody on the list of dishonest debtors was ever lent to), so that no card can learn it.
func overlays() []scorecard.Overlay {
	return []scorecard.Overlay{
		{Column: "dishonest_active", Points: 80},
		{Column: "restricted_consumption_active", Points: 50},
		{Column: "serious_illegality_listed", Points: 50},
		{Column: "enforcement_open_amount", Points: 30},
		{Column: "abnormal_listed", Points: 20},
		{Column: "tax_arrears_open", Points: 15},
	}
}

// judge is a card with the experts' overlays on top.
type judge struct {
	card     *scorecard.Card
	overlays []scorecard.Overlay
}

func newJudge(card *scorecard.Card) judge { return judge{card: card, overlays: overlays()} }

// columns are the indicators that a judgement is made of.
func (j judge) columns() []string {
	var names []string
	for _, f := range j.card.Features {
		names = append(names, f.Column)
	}
	for _, o := range j.overlays {
		if !slices.Contains(names, o.Column) {
			names = append(names, o.Column)
		}
	}
	return names
}

// maxReasons is how many reasons a judgement carries.
const maxReasons = 4

// score judges one firm by its figures, by name. statement judges a whole table to the same scores.
func (j judge) score(figures map[string]float64) scorecard.Score {
	row := j.card.Row(figures)
	scored := j.card.Score(row)
	every := j.card.EveryReason(row)
	odds := j.card.LogOdds(row)
	before := odds
	for _, o := range j.overlays {
		if !(figures[o.Column] > 0) {
			continue
		}
		if missing := o.Points - j.taken(row, o.Column); missing > 0 {
			odds += missing / j.card.Scale.Factor()
			every = slices.DeleteFunc(every, func(r scorecard.Reason) bool { return r.Column == o.Column })
			every = append(every, scorecard.Reason{Column: o.Column, Points: o.Points})
		}
	}
	if odds == before {
		return scored
	}
	scored.PD = 1 / (1 + math.Exp(-odds))
	scored.Points = j.card.Scale.Points(scored.PD)
	scored.Grade = j.card.Grades.Of(scored.PD)
	scored.Reasons = ranked(every)
	return scored
}

// statement judges every row of a table of figures in one statement; keep are the columns that stay beside the score.
func (j judge) statement(table string, keep []string) string {
	return j.card.SQL(scorecard.DuckDB, table, keep, j.overlays...)
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
