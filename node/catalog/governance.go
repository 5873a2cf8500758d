package catalog

import (
	"slices"
	"strings"
	"time"
)

// Standing is how a catalogue's deliveries stand in a node.
type Standing struct {
	Deliveries int64     `json:"deliveries"`
	Received   int64     `json:"received"`
	Landed     int64     `json:"landed"`
	Latest     time.Time `json:"latest"` // day of the last delivery
	DaysLate   int       `json:"days_late"`
	// Scores are the shares of the six dimensions of GB/T 36344 by their Chinese names, in the standard's order.
	Scores  []DimensionScore `json:"scores"`
	Overall float64          `json:"overall"`
}

// DimensionScore is one dimension's share, from 0 to 1.
type DimensionScore struct {
	TitleZH string  `json:"title"`
	TitleEN string  `json:"title_en"`
	Share   float64 `json:"share"`
}

// Governance is how well a department's catalogues are governed: counts of which Shares makes shares.
type Governance struct {
	Department string `json:"department"`
	TitleZH    string `json:"title"`
	Catalogues int    `json:"catalogues"`
	Fields     int    `json:"fields"`
	Shares     Shares `json:"shares"`
}

// Shares are between 0 and 1. Fresh is negative where no node was asked.
type Shares struct {
	Complete     float64 `json:"complete"`     // fields with a title in both languages, an example and, for a quantity, a unit
	Owned        float64 `json:"owned"`        // catalogues whose owner is a post, and not only the department
	Standardised float64 `json:"standardised"` // coded, dated and measured fields that are bound to a standard, a list, a calendar or a unit
	Fresh        float64 `json:"fresh"`        // catalogues that were delivered and are not late
	Graded       float64 `json:"graded"`       // catalogues with class and level, the level no lower than any field's, personal fields at 2 or above
	Shared       float64 `json:"shared"`       // catalogues that other departments may have, with or without conditions
	Used         float64 `json:"used"`         // catalogues that an indicator is computed from
}

// GovernanceOf measures every department. used has the tables (DEPARTMENT__NAME) that something is computed from; standings are nil where no node
// was asked.
func GovernanceOf(contracts *Catalogs, used map[string]bool, standings map[string]Standing) []Governance {
	var all []Governance
	for _, d := range contracts.Departments() {
		all = append(all, governanceOf(d, contracts.Of(d.Code), used, standings))
	}
	return all
}

func governanceOf(d Department, its []*Contract, used map[string]bool, standings map[string]Standing) Governance {
	g := Governance{Department: d.Code, TitleZH: d.TitleZH, Catalogues: len(its)}
	var complete, owned, coded, standard, fresh, graded, shared, inUse int
	for _, c := range its {
		g.Fields += len(c.Fields)
		for _, f := range c.Fields {
			complete += one(f.described())
			if f.coded() {
				coded++
				standard += one(f.standardised())
			}
		}
		owned += one(c.OwnerPost != "" && c.OwnerPost != c.DepartmentZH)
		graded += one(c.graded())
		shared += one(c.SharingClass == "无条件共享" || c.SharingClass == "有条件共享")
		inUse += one(used[c.Table()])
		if s, ok := standings[c.Table()]; ok {
			fresh += one(s.Deliveries > 0 && s.DaysLate == 0)
		}
	}
	n := len(its)
	g.Shares = Shares{Complete: part(complete, g.Fields), Owned: part(owned, n), Standardised: part(standard, coded), Graded: part(graded, n), Shared: part(shared, n), Used: part(inUse, n), Fresh: -1}
	if standings != nil {
		g.Shares.Fresh = part(fresh, n)
	}
	return g
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// part is a share; of nothing, all is well.
func part(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// described reports whether a reader is told all of a field: titles, example, and the unit of what is counted or measured.
func (f Field) described() bool {
	quantity := f.Type == Number || f.Type == Count && !strings.HasSuffix(f.TitleZH, "年度") && !strings.HasSuffix(f.TitleZH, "年份")
	return f.TitleZH != "" && f.TitleEN != "" && f.Example != "" && (!quantity || f.Unit != "")
}

// coded reports whether a field holds something that standards are about: a code, a day, a quantity, a kind.
func (f Field) coded() bool {
	identifiers := []Identifier{USCI, RegNo, OrgCode, TaxpayerID, ResidentID}
	return f.Type != Text || slices.Contains(identifiers, f.Identifier) || len(f.Values) > 0 || f.Standard != "" || strings.HasSuffix(f.Name, "_code")
}

func (f Field) standardised() bool {
	return f.Type == Date || f.Type == Period || f.Unit != "" || f.Standard != "" || len(f.Values) > 0 || f.Pattern != ""
}

func (c *Contract) graded() bool {
	ok := c.SecurityClass != "" && c.SecurityGrade > 0
	for _, f := range c.Fields {
		ok = ok && f.Grade <= c.SecurityGrade && (!f.Personal || f.Grade >= 2)
	}
	return ok
}
