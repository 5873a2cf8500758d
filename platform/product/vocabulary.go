package product

import (
	"math"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Facts are what rules are judged on. Credit is nil until a report is there.
type Facts struct {
	Demand DemandFacts
	Firm   FirmFacts
	Credit *borderv1.CreditResult
}

// DemandFacts is demand.* in rules.
type DemandFacts struct {
	AmountFen  int64  `cel:"amount_fen"`
	TermMonths int    `cel:"term_months"`
	Use        string `cel:"use"`
	Region     string `cel:"region"`
	Security   string `cel:"security"`
}

// FirmFacts is firm.* in rules: declared, not checked. An unknown number is -1, an unknown word is empty.
type FirmFacts struct {
	Kind            string `cel:"kind"`
	AgeMonths       int    `cel:"age_months"`
	IndustrySection string `cel:"industry_section"`
	Division        string `cel:"division"`
	SizeDeclared    string `cel:"size_declared"`
	Employees       int    `cel:"employees"`
}

// CreditFacts is credit.* in rules: what a report says, in its bands.
type CreditFacts struct {
	Score        int            `cel:"score"`
	Grade        string         `cel:"grade"`
	PDUpToPct    int            `cel:"pd_up_to_pct"`
	LimitUpToFen int64          `cel:"limit_up_to_fen"`
	Flags        []string       `cel:"flags"`
	Dimension    DimensionFacts `cel:"dimension"`
}

// DimensionFacts is credit.dimension.*: 0 (worst) to 100 (best) among the city's firms.
type DimensionFacts struct {
	RepaymentWill     int `cel:"repayment_will"`
	RepaymentCapacity int `cel:"repayment_capacity"`
	Operations        int `cel:"operations"`
	Stability         int `cel:"stability"`
	Growth            int `cel:"growth"`
	Compliance        int `cel:"compliance"`
}

// Term is one word of the vocabulary.
type Term struct {
	Name    string // such as credit.grade
	Type    string // such as string
	ZH, EN  string
	Example string
}

// Vocabulary lists what rules may name, for the help next to the form.
func Vocabulary() []Term {
	return []Term{
		{"demand.amount_fen", "int", "申请金额（分）", "Amount asked for, in fen", "demand.amount_fen <= 30000000"},
		{"demand.term_months", "int", "期限（月）", "Term in months", "demand.term_months <= 12"},
		{"demand.use", "string", "用途", "Use of the money", `demand.use in ["working_capital", "equipment"]`},
		{"demand.region", "string", "县区代码", "County code", `demand.region.startsWith("3415")`},
		{"demand.security", "string", "可提供的担保", "Security offered", `demand.security != "none"`},
		{"firm.kind", "string", "主体类型", "Kind of borrower", `firm.kind == "enterprise"`},
		{"firm.age_months", "int", "成立月数（自报）", "Age in months, declared", "firm.age_months >= 24"},
		{"firm.industry_section", "string", "行业门类（自报）", "Industry section, declared", `firm.industry_section in ["A", "C"]`},
		{"firm.division", "string", "所在县区（自报）", "County, declared", `firm.division != "341525"`},
		{"firm.size_declared", "string", "规模（自报）", "Size, declared", `firm.size_declared in ["micro", "small"]`},
		{"firm.employees", "int", "员工数（自报）", "Employees, declared", "firm.employees >= 5"},
		{"credit.score", "int", "信用分 300–850", "Score, 300 to 850", "credit.score >= 580"},
		{"credit.grade", "string", "信用等级 A–E", "Grade, A to E", `credit.grade <= "C"`},
		{"credit.pd_up_to_pct", "int", "违约概率区间上限（%）", "Upper end of the band of default probability", "credit.pd_up_to_pct <= 8"},
		{"credit.limit_up_to_fen", "int", "建议额度区间上限（分）", "Upper end of the advised limit, in fen", "demand.amount_fen <= credit.limit_up_to_fen"},
		{"credit.flags", "list(string)", "风险提示", "Risk flags", `!("dishonest_debtor" in credit.flags)`},
		{"credit.dimension.repayment_will", "int", "画像：还款意愿", "Portrait: will to repay", "credit.dimension.repayment_will >= 40"},
		{"credit.dimension.repayment_capacity", "int", "画像：还款能力", "Portrait: capacity to repay", "credit.dimension.repayment_capacity >= 30"},
		{"credit.dimension.operations", "int", "画像：经营状况", "Portrait: operations", "credit.dimension.operations >= 30"},
		{"credit.dimension.stability", "int", "画像：稳定性", "Portrait: stability", "credit.dimension.stability >= 30"},
		{"credit.dimension.growth", "int", "画像：成长性", "Portrait: growth", "credit.dimension.growth >= 50"},
		{"credit.dimension.compliance", "int", "画像：合规", "Portrait: compliance", "credit.dimension.compliance >= 40"},
	}
}

// GradeLetter writes a grade as rules and pages do: A to E, empty when unknown.
func GradeLetter(g borderv1.Grade) string {
	if g < borderv1.Grade_GRADE_A || g > borderv1.Grade_GRADE_E {
		return ""
	}
	return string(rune('A' + int(g) - int(borderv1.Grade_GRADE_A)))
}

// creditFacts reads a report into the words of rules.
func creditFacts(r *borderv1.CreditResult) CreditFacts {
	f := CreditFacts{Score: int(r.GetScore()), Grade: GradeLetter(r.GetGrade()), PDUpToPct: 100}
	if r.GetPdBand() != borderv1.PdBand_PD_BAND_UNSPECIFIED {
		_, high := border.PDRange(r.GetPdBand())
		f.PDUpToPct = int(math.Round(high * 100))
	}
	_, f.LimitUpToFen = border.LimitRange(r.GetLimitBand())
	for _, flag := range r.GetFlags() {
		f.Flags = append(f.Flags, strings.ToLower(strings.TrimPrefix(flag.String(), "ALERT_CODE_")))
	}
	for _, d := range r.GetDimensions() {
		f.Dimension.set(d.GetDimension(), int(d.GetValue()))
	}
	return f
}

func (f *DimensionFacts) set(d borderv1.Dimension, value int) {
	switch d {
	case borderv1.Dimension_DIMENSION_REPAYMENT_WILL:
		f.RepaymentWill = value
	case borderv1.Dimension_DIMENSION_REPAYMENT_CAPACITY:
		f.RepaymentCapacity = value
	case borderv1.Dimension_DIMENSION_OPERATIONS:
		f.Operations = value
	case borderv1.Dimension_DIMENSION_STABILITY:
		f.Stability = value
	case borderv1.Dimension_DIMENSION_GROWTH:
		f.Growth = value
	case borderv1.Dimension_DIMENSION_COMPLIANCE:
		f.Compliance = value
	}
}

// AgeMonths counts full months from a date to a time; -1 when the date is unknown.
func AgeMonths(established, at time.Time) int {
	if established.IsZero() || at.Before(established) {
		return -1
	}
	months := (at.Year()-established.Year())*12 + int(at.Month()) - int(established.Month())
	if at.Day() < established.Day() {
		months--
	}
	return months
}
