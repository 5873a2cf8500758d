package product

import (
	"context"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Example is a product of the example banks, for demonstrations and pilots.
type Example struct {
	Bank    string
	Product Product
}

// SeedBanks lists the example banks: Chinese and English names only.
func SeedBanks() []party.Organisation {
	return []party.Organisation{
		{Kind: party.KindBank, Name: "皋城农村商业银行", NameEN: "Gaocheng Rural Commercial Bank"},
		{Kind: party.KindBank, Name: "淠河银行", NameEN: "Pihe Bank"},
		{Kind: party.KindBank, Name: "大别山村镇银行", NameEN: "Dabie Mountain Village Bank"},
		{Kind: party.KindBank, Name: "江淮商业银行", NameEN: "Jianghuai Commercial Bank"},
		{Kind: party.KindBank, Name: "徽风科技银行", NameEN: "Huifeng Technology Bank"},
	}
}

// Seed makes sure that those example banks that are admitted offer their example products, and returns how many it published. What
// is published already, under the same bank and name, stays as it is.
func (s *Service) Seed(ctx context.Context) (published int, err error) {
	for _, example := range Examples() {
		officers, err := s.seedAs(ctx, example)
		if err != nil {
			return published, problem.Wrap("seed the products", err)
		}
		for _, by := range officers {
			if _, err := s.Publish(ctx, by, Draft{Product: example.Product}); err != nil {
				return published, problem.Wrap("seed product "+example.Product.NameEN, err)
			}
			published++
		}
	}
	return published, nil
}

// seedAs returns one officer of each bank of that name that does not have the product yet.
func (s *Service) seedAs(ctx context.Context, e Example) (officers []party.Actor, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		officers, err = store.Collect(ctx, tx, func(scan func(...any) error) (a party.Actor, err error) {
			err = scan(&a.OrgID, &a.AccountID, &a.Role)
			return a, err
		}, `select o.id, a.id, a.role from organisation o
			join account a on a.id = (select min(m.id) from account m where m.org_id = o.id and m.role in ('bank_officer', 'bank_risk'))
			where o.kind = 'bank' and o.name = $1 and not exists (
				select 1 from product p join product_version v on v.product_id = p.id and v.version = p.version where p.bank_id = o.id and v.name_zh = $2)`,
			e.Bank, e.Product.NameZH)
		return err
	})
	return officers, err
}

// prices are basis points over the LPR from grade A on.
func prices(bp ...int) []GradePrice {
	all := make([]GradePrice, len(bp))
	for i, b := range bp {
		all[i] = GradePrice{Grade: borderv1.Grade(i + 1), BasisPoints: b}
	}
	return all
}

// Rules that several examples share.
var (
	ruleOneYear = Rule{Code: "age_12", Expr: "firm.age_months >= 12", MessageZH: "成立满 1 年", MessageEN: "At least one year old",
		RemedyZH: "成立满一年后再申请，或选择首贷类产品。", RemedyEN: "Apply after the first year, or choose a first-loan product."}
	ruleTwoYears = Rule{Code: "age_24", Expr: "firm.age_months >= 24", MessageZH: "成立满 2 年", MessageEN: "At least two years old",
		RemedyZH: "成立满两年后再申请。", RemedyEN: "Apply after the second year."}
	ruleGradeC = Rule{Code: "grade_c", Expr: `credit.grade <= "C"`, MessageZH: "信用等级 C 及以上", MessageEN: "Grade C or better",
		RemedyZH: "按信用画像的建议提升等级。", RemedyEN: "Raise the grade as the portrait advises."}
	ruleGradeB = Rule{Code: "grade_b", Expr: `credit.grade <= "B"`, MessageZH: "信用等级 B 及以上", MessageEN: "Grade B or better",
		RemedyZH: "按信用画像的建议提升等级。", RemedyEN: "Raise the grade as the portrait advises."}
	ruleLimit = Rule{Code: "limit", Expr: "demand.amount_fen <= credit.limit_up_to_fen", MessageZH: "金额在建议额度以内", MessageEN: "Amount within the advised limit",
		RemedyZH: "降低申请金额。", RemedyEN: "Ask for less."}
	ruleClean = Rule{Code: "clean", Expr: `!credit.flags.exists(f, f in ["dishonest_debtor", "restricted_consumption", "serious_illegality", "deregistered"])`,
		MessageZH: "无失信、限高、严重违法记录", MessageEN: "No dishonesty, restriction or serious illegality on record",
		RemedyZH: "履行义务并申请信用修复。", RemedyEN: "Meet the obligation and apply for credit repair."}
	ruleOperations = Rule{Code: "operations_30", Expr: "credit.dimension.operations >= 30", MessageZH: "经营状况不低于全市后 30%", MessageEN: "Operations above the city's lowest 30 %",
		RemedyZH: "保持连续开票和用电。", RemedyEN: "Keep invoicing and operating without gaps."}
	ruleCompliance = Rule{Code: "compliance_30", Expr: "credit.dimension.compliance >= 30", MessageZH: "合规情况不低于全市后 30%", MessageEN: "Compliance above the city's lowest 30 %",
		RemedyZH: "处理未结处罚和异常名录。", RemedyEN: "Settle open penalties and listings."}
)

// wan is 10,000 yuan in fen.
const wan = 1_000_000

func example(bank string, kind Kind, zh, en, summaryZH, summaryEN string, lowWan, highWan int64, months [2]int, days int, p Product) Example {
	p.Kind, p.NameZH, p.NameEN, p.SummaryZH, p.SummaryEN = kind, zh, en, summaryZH, summaryEN
	p.AmountMinFen, p.AmountMaxFen, p.TermMinMonths, p.TermMaxMonths, p.ExpectedDays = lowWan*wan, highWan*wan, months[0], months[1], days
	p.DataClasses = border.CreditClasses()
	p.AcceptWithin, p.DecideWithin = 2*24*time.Hour, time.Duration(days+3)*24*time.Hour
	if p.DayCount == "" {
		p.DayCount = Actual360
	}
	if p.LPRTenor == "" {
		p.LPRTenor = LPR1Y
	}
	if p.Security == "" {
		p.Security = SecurityNone
	}
	if p.Borrowers == nil {
		p.Borrowers = []string{string(party.KindEnterprise), string(party.KindIndividual)}
	}
	return Example{Bank: bank, Product: p}
}

// Examples are about what a county-level market offers: twelve products of five banks.
func Examples() []Example {
	const gaocheng, pihe, dabie, jianghuai, huifeng = "皋城农村商业银行", "淠河银行", "大别山村镇银行", "江淮商业银行", "徽风科技银行"
	enterprise := []string{string(party.KindEnterprise)}
	individual := []string{string(party.KindIndividual)}
	instalments := []Repayment{EqualInstalments, EqualPrincipal, InterestFirst}
	return []Example{
		example(gaocheng, KindCredit, "皋城信用贷", "Gaocheng credit loan", "凭信用画像核定额度，纯信用、线上办理。", "A limit from the credit portrait; unsecured and online.",
			1, 100, [2]int{3, 24}, 1, Product{Repayments: instalments, DayCount: Thirty360, Pricing: prices(60, 110, 190),
				Rules: []Rule{ruleOneYear, ruleGradeC, ruleLimit, ruleClean}}),
		example(gaocheng, KindAgriculture, "惠农振兴贷", "Rural revival loan", "服务种养、农产品加工与乡村旅游经营主体。", "For growing, breeding, food processing and rural tourism.",
			1, 50, [2]int{6, 36}, 2, Product{Repayments: []Repayment{InterestFirst, Bullet, EqualInstalments}, Pricing: prices(40, 80, 140, 220),
				Rules: []Rule{{Code: "agriculture", Expr: `firm.industry_section == "A" || demand.use == "agriculture"`, MessageZH: "属于农业或用于农业", MessageEN: "In agriculture, or for it",
					RemedyZH: "选择其他产品。", RemedyEN: "Choose another product."}, ruleClean}}),
		example(gaocheng, KindIndividual, "个体经营贷", "Individual business loan", "个体工商户专属，额度小、审批快。", "For individual businesses: small amounts, fast answers.",
			1, 30, [2]int{3, 12}, 1, Product{Borrowers: individual, Repayments: []Repayment{EqualInstalments, InterestFirst}, DayCount: Thirty360, Pricing: prices(90, 150, 230),
				Rules: []Rule{ruleOneYear, ruleGradeC, ruleClean}}),
		example(pihe, KindTax, "税易贷", "Tax loan", "以纳税记录核定额度，纳税越稳额度越高。", "A limit from the tax record: the steadier, the higher.",
			5, 200, [2]int{6, 24}, 2, Product{Borrowers: enterprise, Repayments: instalments, Pricing: prices(45, 95, 170),
				Rules: []Rule{ruleTwoYears, ruleGradeC, ruleLimit, ruleClean,
					{Code: "capacity_40", Expr: "credit.dimension.repayment_capacity >= 40", MessageZH: "还款能力不低于全市后 40%", MessageEN: "Capacity to repay above the city's lowest 40 %",
						RemedyZH: "保持连续纳税申报。", RemedyEN: "Keep filing taxes without gaps."}}}),
		example(pihe, KindInvoice, "发票贷", "Invoice loan", "按增值税发票核定额度，先息后本，随经营回款。", "A limit from VAT invoices; interest monthly, principal at the end.",
			5, 100, [2]int{3, 12}, 2, Product{Repayments: []Repayment{InterestFirst}, Pricing: prices(70, 120, 200),
				Rules: []Rule{ruleOneYear, ruleGradeC, ruleOperations, ruleClean}}),
		example(pihe, KindFirstLoan, "首贷通", "First loan", "面向从未在银行贷款的经营主体。", "For those who never had a bank loan.",
			1, 30, [2]int{3, 12}, 2, Product{Repayments: []Repayment{EqualInstalments, InterestFirst}, DayCount: Thirty360, Pricing: prices(80, 130, 210, 300),
				Rules: []Rule{ruleClean, {Code: "small", Expr: `firm.size_declared in ["micro", "small"]`, MessageZH: "小型或微型", MessageEN: "Small or micro",
					RemedyZH: "选择其他产品。", RemedyEN: "Choose another product."}}}),
		example(dabie, KindCredit, "山乡快贷", "Mountain quick loan", "村镇网点与线上同步办理，当日可放。", "At the village branch or online; money on the same day.",
			1, 20, [2]int{3, 12}, 1, Product{Repayments: []Repayment{EqualInstalments, EqualPrincipal}, DayCount: Thirty360, Pricing: prices(120, 170, 240, 330),
				Rules: []Rule{ruleClean}}),
		example(dabie, KindGuaranteed, "政银担保贷", "Guarantee-backed loan", "由政府性融资担保机构分担风险，利率优惠。", "The public guarantee institution shares the risk; a lower rate.",
			10, 300, [2]int{6, 36}, 7, Product{Borrowers: enterprise, Security: SecurityGuarantee, Repayments: instalments, Pricing: prices(20, 50, 90, 140),
				Rules: []Rule{ruleTwoYears, ruleClean, ruleCompliance}}),
		example(jianghuai, KindMortgage, "厂房抵押贷", "Factory mortgage loan", "以自有厂房、商铺抵押，期限长、额度高。", "Against an own factory or shop: long terms, high amounts.",
			50, 1000, [2]int{12, 120}, 10, Product{Security: SecurityMortgage, LPRTenor: LPR5Y, Repayments: []Repayment{EqualInstalments, EqualPrincipal}, DayCount: Thirty360,
				Pricing: prices(10, 40, 80, 130), Rules: []Rule{ruleTwoYears, ruleClean}}),
		example(jianghuai, KindEquipment, "设备更新贷", "Equipment renewal loan", "支持制造业设备更新和技术改造。", "For manufacturers that renew their equipment.",
			20, 500, [2]int{12, 60}, 5, Product{Borrowers: enterprise, LPRTenor: LPR5Y, Repayments: []Repayment{EqualPrincipal, EqualInstalments}, Pricing: prices(15, 55, 105),
				Rules: []Rule{ruleTwoYears, ruleGradeC, ruleLimit, ruleClean, {Code: "equipment", Expr: `demand.use == "equipment" && firm.industry_section == "C"`,
					MessageZH: "制造业企业购置设备", MessageEN: "A manufacturer that buys equipment", RemedyZH: "选择其他产品。", RemedyEN: "Choose another product."}}}),
		example(huifeng, KindTechnology, "科创贷", "Technology loan", "面向高新技术和专精特新企业，看成长、看专利。", "For high-tech firms: growth and patents count.",
			20, 500, [2]int{6, 36}, 5, Product{Borrowers: enterprise, Repayments: instalments, Pricing: prices(25, 65),
				Rules: []Rule{ruleTwoYears, ruleGradeB, ruleLimit, ruleClean, {Code: "growth_50", Expr: "credit.dimension.growth >= 50", MessageZH: "成长性居全市前一半", MessageEN: "Growth in the city's upper half",
					RemedyZH: "取得高新技术认定或专利授权。", RemedyEN: "Gain a high-tech certificate or patents."}}}),
		example(huifeng, KindGreen, "绿色转型贷", "Green transition loan", "支持节能环保改造，环境评价良好者优先。", "For saving energy and emissions; good environmental standing first.",
			10, 300, [2]int{6, 36}, 4, Product{Repayments: instalments, Pricing: prices(20, 60, 110), Rules: []Rule{ruleOneYear, ruleGradeC, ruleCompliance, ruleClean}}),
	}
}
