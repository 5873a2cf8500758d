package indicator

import (
	"context"
	"database/sql"

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
	Window         string   // 12m, 24m, 36m, latest, all, open
	Sources        []string // DEPARTMENT/CATALOGUE
	Direction      int      // +1 more is better, -1 less is better, 0 neither
	SecurityGrade  int      // 1 to 4, of the figure about one firm
	MissingMeaning string   // what NULL says
	Owner          string   // the post that answers for the definition
	Version        int
	Actionable     bool // whether the firm can change it within a year
}

// All are the indicators, ordered by Reason.
func All() []Indicator { return nil }

// Compute makes outTable with one row per row of spineTable: firm_id, as_of, then a DOUBLE per indicator, in the order of All.
//
// spineTable holds (firm_id BIGINT, as_of DATE, period_end DATE), each firm_id and as_of once; period_end is the last day of a month. Figures
// that are counted month by month (invoices, tax, insurance, power) end at period_end; events and states (courts, penalties, lists, arrears)
// are those that had happened by as_of. Nothing that was not known on as_of enters. The views linked.* must exist (entity.Refresh makes them,
// empty where nothing was delivered).
func Compute(ctx context.Context, db *sql.DB, spineTable, outTable string) error { return nil }
