package product_test

import (
	"context"
	"strings"
	"testing"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type bench struct {
	*product.Service
	now        time.Time
	ours, them party.Actor
}

func each(t *testing.T, do func(t *testing.T, b *bench)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		b := &bench{now: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}
		s := open(store.Options{Clock: func() time.Time { return b.now }})
		var err error
		if b.Service, err = product.New(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		b.ours, b.them = bank(t, s, "淠河银行"), bank(t, s, "江淮银行")
		do(t, b)
	})
}

func bank(t *testing.T, s *store.Store, name string) party.Actor {
	t.Helper()
	id := s.NewID()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into organisation (id, kind, name, city, created_at) values ($1, 'bank', $2, '341500', 1)`, id, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return party.Actor{AccountID: "officer", OrgID: id, Role: party.RoleBankOfficer}
}

func simple(rules ...product.Rule) product.Draft {
	return product.Draft{Product: product.Product{
		Kind: product.KindTax, NameZH: "税易贷", NameEN: "Tax loan", Borrowers: []string{"enterprise"},
		AmountMinFen: 1_000_000, AmountMaxFen: 50_000_000, TermMinMonths: 3, TermMaxMonths: 12,
		Repayments: []product.Repayment{product.EqualInstalments}, DayCount: product.Thirty360, LPRTenor: product.LPR1Y,
		Pricing:  []product.GradePrice{{Grade: borderv1.Grade_GRADE_A, BasisPoints: 45}, {Grade: borderv1.Grade_GRADE_B, BasisPoints: 95}},
		Security: product.SecurityNone, DataClasses: []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_TAX},
		AcceptWithin: 48 * time.Hour, DecideWithin: 72 * time.Hour, ExpectedDays: 2, Rules: rules,
	}}
}

func rule(expr string) product.Rule {
	return product.Rule{Code: "r", Expr: expr, MessageZH: "条件", MessageEN: "Condition"}
}

func TestPublishRefusesAWrongRuleWithItsPosition(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for expr, want := range map[string]string{
			"demand.amont_fen < 5":                        "1:7: not in the vocabulary: undefined field 'amont_fen'",
			"demand.amount_fen < 5 &&\n  fim.kind == 'x'": "2:3: not in the vocabulary: undeclared reference to 'fim'",
			"demand.amount_fen < '5'":                     "1:19: the types do not fit",
			"demand.amount_fen <":                         "1:20: syntax error",
			"demand.amount_fen + 1":                       "1:1: a rule is true or false, this one is of type int",
			"credit.dimension.luck > 1":                   "1:17: not in the vocabulary: undefined field 'luck'",
			"firm.kind.matches('(')":                      "1:1: a constant part of the rule cannot be computed",
			"":                                            "1:",
			"firm.kind == '" + strings.Repeat("x", 2000) + "'": "A rule has at most 2000 bytes.",
		} {
			_, err := b.Publish(t.Context(), b.ours, simple(rule("true"), product.Rule{Code: "second", Expr: expr, MessageZH: "条件", MessageEN: "Condition"}))
			p := problem.Of(err)
			if p == nil || len(p.Fields) != 1 || p.Fields[0].Name != "rule_2" || !strings.Contains(p.Fields[0].EN, want) || p.Fields[0].ZH == "" {
				t.Errorf("%q: %v, want %q", expr, err, want)
			}
		}
	})
}

func TestEveryWordOfTheVocabularyCompiles(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := simple()
		for _, term := range product.Vocabulary() {
			if !strings.Contains(term.Example, term.Name) {
				t.Errorf("the example of %s does not show it", term.Name)
			}
			r := rule(term.Example)
			r.Code = term.Name
			d.Product.Rules = append(d.Product.Rules, r)
		}
		p, err := b.Publish(t.Context(), b.ours, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rules {
			if want := strings.Contains(r.Expr, "credit."); r.NeedsCredit != want {
				t.Errorf("%s: needs a report is %v", r.Expr, r.NeedsCredit)
			}
		}
	})
}

func outcomes(t *testing.T, b *bench, p product.Product, f product.Facts) map[string]product.Outcome {
	t.Helper()
	verdicts, err := b.Judge(t.Context(), p, f)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]product.Outcome{}
	for _, v := range verdicts {
		all[v.Rule.Code] = v.Outcome
	}
	return all
}

func TestJudge(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := simple(
			product.Rule{Code: "age", Expr: "firm.age_months >= 24", MessageZH: "成立满两年", MessageEN: "Two years old"},
			product.Rule{Code: "pd", Expr: `credit.pd_up_to_pct <= 8 && credit.grade <= "C"`, MessageZH: "风险可控", MessageEN: "Risk"},
			product.Rule{Code: "limit", Expr: "demand.amount_fen <= credit.limit_up_to_fen", MessageZH: "额度内", MessageEN: "Limit"},
			product.Rule{Code: "flags", Expr: `!("dishonest_debtor" in credit.flags) && credit.dimension.operations >= 40`, MessageZH: "无失信", MessageEN: "Flags"},
			product.Rule{Code: "broken", Expr: "100 / (firm.employees - 5) > 0", MessageZH: "除零", MessageEN: "Division by zero"},
		)
		p, err := b.Publish(t.Context(), b.ours, d)
		if err != nil {
			t.Fatal(err)
		}
		f := product.Facts{Demand: product.DemandFacts{AmountFen: 30_000_000, TermMonths: 12, Region: "341502"},
			Firm: product.FirmFacts{Kind: "enterprise", AgeMonths: 24, Employees: 5}}
		got := outcomes(t, b, p, f)
		for code, want := range map[string]product.Outcome{"borrower": product.Passed, "amount": product.Passed, "term": product.Passed, "region": product.Passed,
			"security": product.Passed, "grade": product.Pending, "age": product.Passed, "pd": product.Pending, "limit": product.Pending, "flags": product.Pending, "broken": product.Failed} {
			if got[code] != want {
				t.Errorf("before the report, %s is %q, want %q", code, got[code], want)
			}
		}
		f.Credit = &borderv1.CreditResult{Score: 640, Grade: borderv1.Grade_GRADE_B, PdBand: borderv1.PdBand_PD_BAND_2_TO_4_PCT, LimitBand: borderv1.LimitBand_LIMIT_BAND_100K_TO_300K,
			Dimensions: []*borderv1.DimensionScore{{Dimension: borderv1.Dimension_DIMENSION_OPERATIONS, Value: 40}}}
		got = outcomes(t, b, p, f)
		for _, code := range []string{"grade", "pd", "limit", "flags"} {
			if got[code] != product.Passed {
				t.Errorf("with a good report, %s is %q", code, got[code])
			}
		}
		f.Demand.AmountFen = 30_000_001
		f.Credit.Grade, f.Credit.PdBand = borderv1.Grade_GRADE_D, borderv1.PdBand_PD_BAND_8_TO_16_PCT
		f.Credit.Flags = []borderv1.AlertCode{borderv1.AlertCode_ALERT_CODE_DISHONEST_DEBTOR}
		got = outcomes(t, b, p, f)
		for _, code := range []string{"grade", "pd", "limit", "flags"} {
			if got[code] != product.Failed {
				t.Errorf("with a bad report, %s is %q", code, got[code])
			}
		}
		f.Demand = product.DemandFacts{AmountFen: 999_999, TermMonths: 13}
		f.Firm.Kind = "individual"
		got = outcomes(t, b, p, f)
		for _, code := range []string{"borrower", "amount", "term"} {
			if got[code] != product.Failed {
				t.Errorf("out of range, %s is %q", code, got[code])
			}
		}
	})
}

// TestUntoldFactsArePending: what a firm did not say does not speak against it, where it matters it has to be said.
func TestUntoldFactsArePending(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := simple()
		for code, expr := range map[string]string{"age": "firm.age_months >= 24", "either": `firm.age_months >= 24 || firm.kind == "enterprise"`,
			"neither": `firm.age_months >= 24 && firm.kind == "individual"`, "section": `firm.industry_section in ["A"]`} {
			d.Product.Rules = append(d.Product.Rules, product.Rule{Code: code, Expr: expr, MessageZH: "条件", MessageEN: "Condition"})
		}
		p, err := b.Publish(t.Context(), b.ours, d)
		if err != nil {
			t.Fatal(err)
		}
		got := outcomes(t, b, p, product.Facts{Firm: product.FirmFacts{Kind: "enterprise", AgeMonths: -1}})
		for code, want := range map[string]product.Outcome{"age": product.Pending, "either": product.Passed, "neither": product.Failed, "section": product.Pending} {
			if got[code] != want {
				t.Errorf("%s is %q, want %q", code, got[code], want)
			}
		}
	})
}

func TestAVersionInForceNeverChanges(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		first, err := b.Publish(ctx, b.ours, simple(rule("firm.age_months >= 12")))
		if err != nil {
			t.Fatal(err)
		}
		next := simple(rule("firm.age_months >= 36"))
		next.ProductID, next.Product.NameZH, next.Product.EffectiveFrom = first.ID, "税易贷二号", b.now.Add(24*time.Hour)
		second, err := b.Publish(ctx, b.ours, next)
		if err != nil || second.Version != 2 {
			t.Fatalf("second version: %+v, %v", second, err)
		}
		if now, err := b.Get(ctx, first.ID); err != nil || now.Version != 1 {
			t.Errorf("before its day the second version is in force: %d, %v", now.Version, err)
		}
		if all, err := b.List(ctx, product.Filter{}); err != nil || len(all) != 1 || all[0].Version != 1 {
			t.Errorf("list before: %+v, %v", all, err)
		}
		b.now = b.now.Add(25 * time.Hour)
		if all, err := b.List(ctx, product.Filter{}); err != nil || len(all) != 1 || all[0].Version != 2 {
			t.Errorf("list after: %+v, %v", all, err)
		}
		kept, err := b.Version(ctx, first.ID, 1)
		if err != nil || kept.NameZH != "税易贷" || kept.Rules[0].Expr != "firm.age_months >= 12" {
			t.Errorf("the first version changed: %+v, %v", kept, err)
		}
		young := product.Facts{Firm: product.FirmFacts{Kind: "enterprise", AgeMonths: 20}}
		if got := outcomes(t, b, kept, young)["r"]; got != product.Passed {
			t.Errorf("first version's rule is %q", got)
		}
		if got := outcomes(t, b, second, young)["r"]; got != product.Failed {
			t.Errorf("second version's rule is %q", got)
		}
	})
}

func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		p, err := b.Publish(ctx, b.ours, simple())
		if err != nil {
			t.Fatal(err)
		}
		theirs := simple()
		theirs.ProductID = p.ID
		if _, err := b.Publish(ctx, b.them, theirs); !problem.Is(err, problem.NotFound) {
			t.Errorf("another bank published a version: %v", err)
		}
		for name, act := range map[string]func(context.Context, party.Actor, string) error{"suspend": b.Suspend, "resume": b.Resume} {
			if err := act(ctx, b.them, p.ID); !problem.Is(err, problem.NotFound) {
				t.Errorf("another bank could %s: %v", name, err)
			}
		}
		if own, err := b.OfBank(ctx, b.them); err != nil || len(own) != 0 {
			t.Errorf("another bank's list: %v, %v", own, err)
		}
		if _, err := b.Publish(ctx, party.Actor{OrgID: b.ours.OrgID, Role: party.RoleEnterprise}, simple()); !problem.Is(err, problem.Forbidden) {
			t.Errorf("a borrower published: %v", err)
		}
		if err := b.Suspend(ctx, b.ours, p.ID); err != nil {
			t.Fatal(err)
		}
		if all, err := b.List(ctx, product.Filter{}); err != nil || len(all) != 0 {
			t.Errorf("a suspended product is listed: %v, %v", all, err)
		}
		if err := b.Resume(ctx, b.ours, p.ID); err != nil {
			t.Fatal(err)
		}
		if all, err := b.List(ctx, product.Filter{Text: "TAX", AmountFen: 2_000_000, TermMonths: 6, City: "341500"}); err != nil || len(all) != 1 {
			t.Errorf("a resumed product is missing: %v, %v", all, err)
		}
	})
}

func TestPriceFollowsTheLPR(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p, err := b.Publish(t.Context(), b.ours, simple())
		if err != nil {
			t.Fatal(err)
		}
		day := func(s string) time.Time {
			d, err := time.Parse(time.DateOnly, s)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		for on, want := range map[string]int{"2026-11-20": 345, "2025-05-20": 345, "2025-05-19": 355, "2022-01-20": 415, "2022-01-19": 425} {
			if bp, ok, err := b.RateBP(t.Context(), p, borderv1.Grade_GRADE_A, day(on)); err != nil || !ok || bp != want {
				t.Errorf("on %s: %d %v %v, want %d", on, bp, ok, err, want)
			}
		}
		if _, ok, _ := b.RateBP(t.Context(), p, borderv1.Grade_GRADE_C, day("2026-11-20")); ok {
			t.Error("a grade without a price has a rate")
		}
		if low, high, err := b.RateRangeBP(t.Context(), p, day("2026-11-20")); err != nil || low != 345 || high != 395 {
			t.Errorf("range is %d to %d, %v", low, high, err)
		}
	})
}

func TestPublishNamesEveryWrongField(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, err := b.Publish(t.Context(), b.ours, product.Draft{})
		p := problem.Of(err)
		if p == nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, f := range p.Fields {
			named[f.Name] = true
		}
		for _, field := range []string{"name_zh", "name_en", "borrowers", "amount", "term", "repayment", "day_count", "lpr_tenor", "data_class", "deadline", "pricing"} {
			if !named[field] {
				t.Errorf("%s is not named", field)
			}
		}
	})
}
