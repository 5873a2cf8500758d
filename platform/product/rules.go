package product

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"

	"github.com/yidaitong/yidaitong/platform/problem"
)

// costLimit bounds what one rule may cost; a rule of the vocabulary needs a few dozen.
const costLimit = 10_000

// maxExpr bounds a rule's length.
const maxExpr = 2_000

// rulebook compiles rules against the vocabulary.
type rulebook struct{ env *cel.Env }

func newRulebook() (*rulebook, error) {
	env, err := cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[DemandFacts](), reflect.TypeFor[FirmFacts](), reflect.TypeFor[CreditFacts](), ext.ParseStructTags(true)),
		cel.Variable("demand", cel.ObjectType("product.DemandFacts")),
		cel.Variable("firm", cel.ObjectType("product.FirmFacts")),
		cel.Variable("credit", cel.ObjectType("product.CreditFacts")),
	)
	if err != nil {
		return nil, fmt.Errorf("the rules' vocabulary: %w", err)
	}
	return &rulebook{env: env}, nil
}

// compiled is a rule that can be judged.
type compiled struct {
	rule    Rule
	program cel.Program
}

// compile checks one rule; field is the form field to blame.
func (b *rulebook) compile(field string, r Rule, wrong *problem.Fields) (compiled, bool) {
	if len(r.Expr) > maxExpr {
		wrong.Add(field, "too_long", fmt.Sprintf("规则最长 %d 个字节。", maxExpr), fmt.Sprintf("A rule has at most %d bytes.", maxExpr))
		return compiled{}, false
	}
	ast, issues := b.env.Compile(r.Expr)
	if issues.Err() != nil {
		zh, en := explain(issues.Errors()[0])
		wrong.Add(field, "rule", zh, en)
		return compiled{}, false
	}
	if ast.OutputType() != cel.BoolType {
		wrong.Add(field, "rule",
			fmt.Sprintf("1:1 规则的结果应为真或假，现在是 %s。", ast.OutputType()),
			fmt.Sprintf("1:1: a rule is true or false, this one is of type %s", ast.OutputType()))
		return compiled{}, false
	}
	program, err := b.env.Program(ast, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize, cel.OptPartialEval))
	if err != nil {
		// Constant parts are evaluated here: 1 / 0, a wrong regular expression.
		wrong.Add(field, "rule", "1:1 规则中的常量表达式无法计算。", "1:1: a constant part of the rule cannot be computed: "+err.Error())
		return compiled{}, false
	}
	r.NeedsCredit = false
	for _, ref := range ast.NativeRep().ReferenceMap() {
		r.NeedsCredit = r.NeedsCredit || ref.Name == "credit"
	}
	return compiled{rule: r, program: program}, true
}

// explain says what is wrong with a rule, beginning with line:column.
func explain(e *common.Error) (zh, en string) {
	line, column := e.Location.Line(), e.Location.Column()+1
	at := fmt.Sprintf("%d:%d", line, column)
	_, detail, _ := strings.Cut(e.Message, "Syntax error: ")
	switch {
	case detail != "":
		return at + " 语法错误：" + detail, at + ": syntax error: " + detail
	case strings.HasPrefix(e.Message, "undeclared reference"), strings.HasPrefix(e.Message, "undefined field"):
		return at + " 词汇表中没有这个名称：" + e.Message, at + ": not in the vocabulary: " + e.Message
	case strings.HasPrefix(e.Message, "found no matching overload"):
		return at + " 类型不匹配：" + e.Message, at + ": the types do not fit: " + e.Message
	}
	return at + " " + e.Message, at + ": " + e.Message
}

// judge evaluates one rule. A rule whose outcome hangs on something the firm did not tell is pending. An evaluation error (an
// overflow, a division by zero) fails the rule: a bank's rule that cannot be computed must not let anybody through.
func (c compiled) judge(f Facts) Outcome {
	if c.rule.NeedsCredit && f.Credit == nil {
		return Pending
	}
	credit := CreditFacts{}
	if f.Credit != nil {
		credit = creditFacts(f.Credit)
	}
	known, err := cel.PartialVars(map[string]any{"demand": f.Demand, "firm": f.Firm, "credit": credit}, f.Firm.untold()...)
	if err != nil {
		return Failed
	}
	value, _, err := c.program.Eval(known)
	switch {
	case types.IsUnknown(value):
		return Pending
	case err != nil || value.Value() != true:
		return Failed
	}
	return Passed
}

// untold are the facts that a firm left empty.
func (f FirmFacts) untold() []*cel.AttributePatternType {
	var all []*cel.AttributePatternType
	for field, empty := range map[string]bool{"age_months": f.AgeMonths < 0, "industry_section": f.IndustrySection == "", "division": f.Division == "",
		"size_declared": f.SizeDeclared == "", "employees": f.Employees == 0} {
		if empty {
			all = append(all, cel.AttributePattern("firm").QualString(field))
		}
	}
	return all
}

// judgeRanges judges what every product asks without writing a rule: borrower, amount, term, region, security, grade.
func judgeRanges(p Product, f Facts) []Verdict {
	outcome := func(ok bool) Outcome {
		if ok {
			return Passed
		}
		return Failed
	}
	grade := Pending
	if f.Credit != nil {
		_, priced := p.spread(f.Credit.GetGrade())
		grade = outcome(priced)
	}
	d := f.Demand
	return []Verdict{
		{rangeRule("borrower", "面向"+borrowersZH(p.Borrowers), "For "+strings.Join(p.Borrowers, ", "), "请选择面向您这类主体的产品。", "Choose a product for your kind of business."),
			outcome(slices.Contains(p.Borrowers, f.Firm.Kind))},
		{rangeRule("amount", fmt.Sprintf("金额 %s至 %s元", inWan(p.AmountMinFen), inWan(p.AmountMaxFen)), fmt.Sprintf("Amount from %s to %s yuan", yuan(p.AmountMinFen), yuan(p.AmountMaxFen)),
			"请调整申请金额。", "Change the amount."), outcome(d.AmountFen >= p.AmountMinFen && d.AmountFen <= p.AmountMaxFen)},
		{rangeRule("term", fmt.Sprintf("期限 %d 至 %d 个月", p.TermMinMonths, p.TermMaxMonths), fmt.Sprintf("Term from %d to %d months", p.TermMinMonths, p.TermMaxMonths),
			"请调整期限。", "Change the term."), outcome(d.TermMonths >= p.TermMinMonths && d.TermMonths <= p.TermMaxMonths)},
		{rangeRule("region", "在产品服务的县区内", "Within the product's counties", "请选择服务您所在县区的产品。", "Choose a product for your county."),
			outcome(len(p.Regions) == 0 || slices.Contains(p.Regions, d.Region))},
		{rangeRule("security", securityZH(p.Security), securityEN(p.Security), "请准备相应担保，或选择信用类产品。", "Arrange the security, or choose an unsecured product."),
			outcome(p.Security == SecurityNone || string(p.Security) == d.Security)},
		{Rule: Rule{Code: "grade", MessageZH: "信用等级在可贷范围内", MessageEN: "Grade within the product's prices", NeedsCredit: true,
			RemedyZH: "按画像页的建议提升等级后再申请。", RemedyEN: "Raise the grade as the portrait page advises, then apply again."}, Outcome: grade},
	}
}

func rangeRule(code, zh, en, remedyZH, remedyEN string) Rule {
	return Rule{Code: code, MessageZH: zh, MessageEN: en, RemedyZH: remedyZH, RemedyEN: remedyEN}
}

func borrowersZH(kinds []string) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = map[string]string{"enterprise": "企业", "individual": "个体工商户"}[k]
	}
	return strings.Join(names, "、")
}

func securityZH(s Security) string {
	return map[Security]string{SecurityNone: "无需抵押担保", SecurityMortgage: "需提供抵押", SecurityGuarantee: "需提供担保", SecurityPledge: "需提供质押"}[s]
}

func securityEN(s Security) string {
	return map[Security]string{SecurityNone: "No security asked", SecurityMortgage: "A mortgage", SecurityGuarantee: "A guarantee", SecurityPledge: "A pledge"}[s]
}

// yuan writes fen as yuan, with 万 left to the pages.
// inWan is an amount as Chinese readers count: in 10,000 yuan where it comes out even.
func inWan(fen int64) string {
	const fenOfWan = 1_000_000
	if fen%fenOfWan == 0 {
		return fmt.Sprintf("%d 万", fen/fenOfWan)
	}
	return yuan(fen) + " "
}

func yuan(fen int64) string {
	if fen%100 == 0 {
		return fmt.Sprint(fen / 100)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}
