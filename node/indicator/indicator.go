package indicator

import (
	"strings"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Indicator is one figure about a firm.
type Indicator struct {
	Name           string // column of the table that Compute makes, as sales_12m
	Reason         borderv1.Reason
	Dimension      borderv1.Dimension
	TitleZH        string
	TitleEN        string
	MeaningZH      string
	MeaningEN      string
	Formula        string
	Unit           string   // 元, 人, 月, 次, 天, 比例, 等级, 是否, …
	Window         string   // 12m, 24m, 36m up to the date; latest, open: as it stands; all: everything known
	Sources        []string // DEPARTMENT/CATALOGUE
	Direction      int      // +1 more is better, -1 less is better, 0 neither
	SecurityGrade  int      // 1 to 4, of the figure about one firm
	MissingMeaning string   // what NULL says
	Owner          string   // the post that answers for the definition
	Version        int
	Actionable     bool // whether the firm can change it within a year
}

// All are the indicators, ordered by Reason.
func All() []Indicator {
	all := units()
	for i := range all {
		all[i].Name = NameOf(all[i].Reason)
	}
	return all
}

// NameOf is the name of the indicator that stands behind a reason: its lower-case without REASON_.
func NameOf(r borderv1.Reason) string {
	return strings.ToLower(strings.TrimPrefix(r.String(), "REASON_"))
}
