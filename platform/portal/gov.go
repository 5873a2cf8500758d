package portal

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/party"
)

// cockpitData is the city at a glance.
type cockpitData struct {
	Numbers cockpit.Numbers
	Digest  *cockpit.Digest // nil before the node sent one
}

func (p *Portal) cockpitData(c *call) (cockpitData, error) {
	var d cockpitData
	digest, ok, err := p.Cockpit.Digest(c.ctx(), c.by())
	if ok {
		d.Digest = &digest
	}
	return d, err
}

func (p *Portal) cockpit(c *call) error {
	d, err := p.cockpitData(c)
	if err != nil {
		return err
	}
	if d.Numbers, err = p.Cockpit.Numbers(c.ctx(), c.by()); err != nil {
		return err
	}
	return c.ok(cockpitPage(c.v, d))
}

func (p *Portal) departments(c *call) error {
	d, err := p.cockpitData(c)
	if err != nil {
		return err
	}
	return c.ok(departmentsPage(c.v, d))
}

// figureTable is a chart's figures: what app.js draws, and the table that stands for it without JavaScript and in print.
type figureTable struct {
	ID     string       `json:"-"`
	Kind   string       `json:"kind"` // bars, stacked, funnel, line
	Title  string       `json:"title"`
	Head   string       `json:"head"` // title of the first column
	Rows   []string     `json:"rows"`
	Series []seriesData `json:"series"`
	Tones  []string     `json:"tones,omitempty"` // of the series, or of the rows when there is one series
	Unit   string       `json:"unit,omitempty"`
}

type seriesData struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
	Text   []string  `json:"text"` // the same, as people read it
}

func (s *seriesData) add(value float64, text string) {
	s.Values, s.Text = append(s.Values, value), append(s.Text, text)
}

var gradeTones = []string{"a", "b", "c", "d", "e"}

func grades() []borderv1.Grade {
	return []borderv1.Grade{borderv1.Grade_GRADE_A, borderv1.Grade_GRADE_B, borderv1.Grade_GRADE_C, borderv1.Grade_GRADE_D, borderv1.Grade_GRADE_E}
}

// gradeFigures is how the city's firms are spread over the grades.
func gradeFigures(v *view, d *borderv1.CityDigest) figureTable {
	count := map[borderv1.Grade]int{}
	for _, cell := range d.GetCells() {
		count[cell.GetGrade()] += int(cell.GetFirms())
	}
	t := figureTable{ID: "grades", Kind: "bars", Title: v.T("cockpit.grades"), Head: v.T("report.grade"), Tones: gradeTones, Unit: v.T("cockpit.firms_unit")}
	s := seriesData{Name: v.T("cockpit.firms")}
	for _, g := range grades() {
		t.Rows = append(t.Rows, v.T("report.grade_is", gradeLetter(g)))
		s.add(float64(count[g]), v.Count(count[g]))
	}
	t.Series = []seriesData{s}
	return t
}

// spread splits the digest's cells by a property and by grade, most firms first.
func spreadFigures(v *view, d *borderv1.CityDigest, t figureTable, of func(*borderv1.DigestCell) string, name func(string) string) figureTable {
	count := map[string]map[borderv1.Grade]int{}
	sum := map[string]int{}
	for _, cell := range d.GetCells() {
		key := of(cell)
		if count[key] == nil {
			count[key] = map[borderv1.Grade]int{}
		}
		count[key][cell.GetGrade()] += int(cell.GetFirms())
		sum[key] += int(cell.GetFirms())
	}
	keys := make([]string, 0, len(sum))
	for key := range sum {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), strings.Compare(a, b)) })
	for _, key := range keys {
		t.Rows = append(t.Rows, name(key))
	}
	for _, g := range grades() {
		s := seriesData{Name: v.T("report.grade_is", gradeLetter(g))}
		for _, key := range keys {
			s.add(float64(count[key][g]), v.Count(count[key][g]))
		}
		t.Series = append(t.Series, s)
	}
	t.Kind, t.Tones, t.Unit = "stacked", gradeTones, v.T("cockpit.firms_unit")
	return t
}

func countyFigures(v *view, d *borderv1.CityDigest) figureTable {
	return spreadFigures(v, d, figureTable{ID: "counties", Title: v.T("cockpit.counties"), Head: v.T("profile.division")},
		(*borderv1.DigestCell).GetDivision, v.Division)
}

func sectionFigures(v *view, d *borderv1.CityDigest) figureTable {
	t := spreadFigures(v, d, figureTable{ID: "sections", Title: v.T("cockpit.sections"), Head: v.T("profile.industry")},
		(*borderv1.DigestCell).GetIndustrySection, func(letter string) string {
			if letter == "" {
				return v.T("cockpit.other_sections")
			}
			return v.Named("section", letter)
		})
	const most = 8
	if len(t.Rows) > most {
		t.Rows = t.Rows[:most]
		for i := range t.Series {
			t.Series[i].Values, t.Series[i].Text = t.Series[i].Values[:most], t.Series[i].Text[:most]
		}
	}
	return t
}

// funnelFigures is how many demands became applications, approvals and money.
func funnelFigures(v *view, n cockpit.Numbers) figureTable {
	t := figureTable{ID: "funnel", Kind: "funnel", Title: v.T("cockpit.funnel"), Head: v.T("cockpit.stage")}
	s := seriesData{Name: v.T("cockpit.count")}
	for _, stage := range []struct {
		key string
		n   int
		fen int64
	}{{"demands", n.Demands, n.DemandFen}, {"applications", n.Applications, 0}, {"approved", approvedCount(n), 0}, {"loans", n.Loans, n.DisbursedFen}} {
		t.Rows = append(t.Rows, v.T("cockpit.stage."+stage.key))
		text := v.Count(stage.n)
		if stage.fen > 0 {
			text += " · " + v.Total(stage.fen)
		}
		s.add(float64(stage.n), text)
	}
	t.Series = []seriesData{s}
	return t
}

// approvedCount is how many applications ever got an offer that was not refused before: those that stand at the offer or behind it.
func approvedCount(n cockpit.Numbers) int {
	sum := 0
	for _, s := range n.ByState {
		switch lending.State(s.State) {
		case lending.Approved, lending.OfferAccepted, lending.ContractSigned, lending.Disbursed, lending.Repaying, lending.Overdue,
			lending.Settled, lending.WrittenOff, lending.Compensated:
			sum += s.Count
		}
	}
	return sum
}

// monthFigures is the money paid out by month.
func monthFigures(v *view, n cockpit.Numbers) figureTable {
	t := figureTable{ID: "months", Kind: "line", Title: v.T("cockpit.months"), Head: v.T("cockpit.month"), Unit: v.T("cockpit.wan_unit")}
	amount, loans := seriesData{Name: v.T("cockpit.paid")}, seriesData{Name: v.T("cockpit.loans")}
	for _, m := range n.ByMonth {
		t.Rows = append(t.Rows, m.Month.Format("2006-01"))
		amount.add(float64(m.DisbursedFen)/1e6, v.Total(m.DisbursedFen))
		loans.add(float64(m.Loans), v.Count(m.Loans))
	}
	t.Series = []seriesData{amount, loans}
	return t
}

// readinessFigures is what became of the departments' records.
func readinessFigures(v *view, d *borderv1.CityDigest) figureTable {
	t := figureTable{ID: "readiness", Kind: "stacked", Title: v.T("cockpit.readiness"), Head: v.T("departments.department"),
		Tones: []string{"landed", "duplicate", "quarantined"}, Unit: v.T("departments.records_unit")}
	landed := seriesData{Name: v.T("departments.landed")}
	duplicates := seriesData{Name: v.T("departments.duplicates")}
	quarantined := seriesData{Name: v.T("departments.quarantined")}
	for _, one := range readiness(d) {
		t.Rows = append(t.Rows, v.Named("department", one.GetDepartment()))
		landed.add(float64(one.GetLanded()), grouped(int64(one.GetLanded())))
		duplicates.add(float64(one.GetDuplicates()), grouped(int64(one.GetDuplicates())))
		quarantined.add(float64(one.GetQuarantined()), grouped(int64(one.GetQuarantined())))
	}
	t.Series = []seriesData{landed, duplicates, quarantined}
	return t
}

// readiness is the departments, most records first.
func readiness(d *borderv1.CityDigest) []*borderv1.DepartmentReadiness {
	all := slices.Clone(d.GetDepartments())
	slices.SortStableFunc(all, func(a, b *borderv1.DepartmentReadiness) int { return cmp.Compare(b.GetReceived(), a.GetReceived()) })
	return all
}

// totals of the departments' records.
type totals struct {
	Catalogues                                uint32
	Received, Landed, Quarantined, Duplicates uint64
}

func sumUp(d *borderv1.CityDigest) totals {
	var t totals
	for _, one := range d.GetDepartments() {
		t.Catalogues += one.GetCatalogues()
		t.Received += one.GetReceived()
		t.Landed += one.GetLanded()
		t.Quarantined += one.GetQuarantined()
		t.Duplicates += one.GetDuplicates()
	}
	return t
}

// conserved reports whether no record of a department was lost.
func conserved(d *borderv1.DepartmentReadiness) bool {
	return d.GetReceived() == d.GetLanded()+d.GetQuarantined()+d.GetDuplicates()
}

func perMille(n uint32) string { return strconv.FormatFloat(float64(n)/10, 'f', 1, 64) + "%" }

func number(n uint64) string { return grouped(int64(n)) }

func (p *Portal) operatorAccounts(c *call) error {
	accounts, err := p.Party.Accounts(c.ctx(), c.by())
	if err != nil {
		return err
	}
	banks, err := p.Party.Banks(c.ctx())
	if err != nil {
		return err
	}
	names := map[string]party.Organisation{c.session.Organisation.ID: c.session.Organisation}
	for _, b := range banks {
		names[b.ID] = b
	}
	return c.ok(operatorPage(c.v, accounts, names))
}
