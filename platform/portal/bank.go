package portal

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
)

func (p *Portal) bankInbox(c *call) error {
	waiting, err := p.Lending.Inbox(c.ctx(), c.by())
	if err != nil {
		return err
	}
	loans, err := p.Lending.Loans(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(inboxPage(c.v, waiting, summarise(loans)))
}

// book is a bank's loans in sum.
type book struct {
	Loans, Overdue             int
	OutstandingFen, OverdueFen int64
	DisbursedFen               int64
}

func summarise(loans []lending.Loan) book {
	var b book
	for _, l := range loans {
		b.Loans++
		b.DisbursedFen += l.AmountFen
		b.OutstandingFen += l.OutstandingFen
		b.OverdueFen += l.OverdueFen
		if l.OverdueDays > 0 {
			b.Overdue++
		}
	}
	return b
}

func (p *Portal) bankApplications(c *call) error {
	var states []lending.State
	if asked := lending.State(c.r.URL.Query().Get("state")); p.messages.has("state." + string(asked)) {
		states = append(states, asked)
	}
	all, err := p.Lending.List(c.ctx(), c.by(), states...)
	if err != nil {
		return err
	}
	return c.ok(bankApplicationsPage(c.v, &form{values: c.r.URL.Query()}, all))
}

func (p *Portal) bankApplication(c *call) error {
	d, err := c.openCase("bank.application.read")
	if err != nil {
		return err
	}
	return p.showBankCase(c, d)
}

func (p *Portal) showBankCase(c *call, d caseData) error {
	if d.Loan != nil && d.Loan.OutstandingFen > 0 {
		quote, err := p.Lending.SettleQuote(c.ctx(), c.by(), d.Loan.ID, lending.Day(c.v.Now))
		if err != nil && problem.Of(err) == nil {
			return err
		}
		if err == nil {
			d.Quote = &quote
		}
	}
	c.show(d.status(), bankCasePage(c.v, d))
	return nil
}

func (p *Portal) bankReport(c *call) error {
	d, err := c.openCase("bank.application.read")
	if err != nil {
		return err
	}
	if d.Report == nil || d.Report.Result == nil {
		return errNotFound
	}
	return c.ok(bankReportPage(c.v, d))
}

func (c *call) bankAct(action, name, done string, do func(*form, lending.Ref, caseData) error) error {
	return c.act(action, name, done, func(d caseData) error { return c.p.showBankCase(c, d) }, do)
}

func (p *Portal) bankAccept(c *call) error {
	return c.bankAct("bank.application.accept", "accept", "accepted", func(_ *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.Accept(c.ctx(), c.by(), ref)
		return err
	})
}

func (p *Portal) bankDecline(c *call) error {
	return c.bankAct("bank.application.decline", "decline", "declined", func(f *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.Decline(c.ctx(), c.by(), ref, f.reason())
		return err
	})
}

// requestReport asks the node. What arrives in time is shown at once; what does not is shown when it comes.
func (p *Portal) requestReport(c *call) error {
	return c.bankAct("bank.report.request", "report", "report_asked", func(_ *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.RequestReport(c.ctx(), c.by(), ref.ID, 0)
		return err
	})
}

func (p *Portal) bankReview(c *call) error {
	return c.bankAct("bank.application.review", "review", "reviewing", func(_ *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.Review(c.ctx(), c.by(), ref)
		return err
	})
}

func (p *Portal) bankAsk(c *call) error {
	return c.bankAct("bank.application.ask", "ask", "asked", func(f *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.AskMore(c.ctx(), c.by(), ref, f.reason())
		return err
	})
}

func (p *Portal) bankReject(c *call) error {
	return c.bankAct("bank.application.reject", "reject", "rejected", func(f *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.Reject(c.ctx(), c.by(), ref, f.reason())
		return err
	})
}

func (p *Portal) bankOffer(c *call) error {
	return c.bankAct("bank.offer.make", "offer", "offered", func(f *form, ref lending.Ref, _ caseData) error {
		terms := lending.Terms{
			AmountFen: f.wan("amount_wan"), TermMonths: f.whole("term_months", 1, 360), RateBP: f.percent("rate_pct"),
			Repayment: product.Repayment(f.get("repayment")), Conditions: f.get("conditions"),
		}
		if len(f.wrong) > 0 {
			return nil
		}
		_, err := p.Lending.Offer(c.ctx(), c.by(), ref, terms)
		return err
	})
}

// offerForm is the form to start with: what was asked for, at the product's price.
func offerForm(d caseData) *form {
	return d.formWith("offer", map[string]string{
		"amount_wan": wanText(d.Application.AmountFen), "term_months": strconv.Itoa(d.Application.TermMonths),
		"repayment": string(d.Application.Repayment),
	})
}

func (p *Portal) bankDisburse(c *call) error {
	return c.bankAct("bank.loan.disburse", "disburse", "disbursed", func(f *form, ref lending.Ref, _ caseData) error {
		if f.must("bank_reference") == "" {
			return nil
		}
		_, err := p.Lending.Disburse(c.ctx(), c.by(), ref, f.get("bank_reference"))
		return err
	})
}

func (p *Portal) bankRepay(c *call) error {
	return c.bankAct("bank.loan.repay", "repay", "repaid", func(f *form, _ lending.Ref, d caseData) error {
		reference, amount, on := f.must("bank_reference"), f.yuan("amount_yuan"), c.paidOn(f)
		if len(f.wrong) > 0 {
			return nil
		}
		if d.Loan == nil {
			return errNotFound
		}
		_, err := p.Lending.Repay(c.ctx(), c.by(), d.Loan.ID, reference, amount, on)
		return err
	})
}

// paidOn is the day of a payment, today when left empty.
func (c *call) paidOn(f *form) time.Time {
	on := f.date("paid_on")
	if on.IsZero() {
		return lending.Day(c.v.Now)
	}
	return on
}

// repayForm starts with the next instalment, today.
func repayForm(v *view, d caseData) *form {
	start := map[string]string{"paid_on": lending.Day(v.Now).Format(time.DateOnly)}
	if d.Loan != nil && d.Loan.NextDueFen > 0 {
		start["amount_yuan"] = yuanText(d.Loan.NextDueFen)
	}
	return d.formWith("repay", start)
}

func (p *Portal) bankSettle(c *call) error {
	return c.bankAct("bank.loan.settle", "settle", "settled", func(f *form, _ lending.Ref, d caseData) error {
		reference, on := f.must("bank_reference"), c.paidOn(f)
		if len(f.wrong) > 0 {
			return nil
		}
		if d.Loan == nil {
			return errNotFound
		}
		_, err := p.Lending.SettleEarly(c.ctx(), c.by(), d.Loan.ID, reference, on)
		return err
	})
}

func (p *Portal) bankWriteOff(c *call) error {
	return c.bankAct("bank.loan.write_off", "write_off", "written_off", func(f *form, _ lending.Ref, d caseData) error {
		if d.Loan == nil {
			return errNotFound
		}
		_, err := p.Lending.WriteOff(c.ctx(), c.by(), d.Loan.ID, f.reason())
		return err
	})
}

func (p *Portal) bankMarket(c *call) error {
	cards, err := p.Demand.Market(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(marketPage(c.v, cards))
}

func (p *Portal) bankLoans(c *call) error {
	loans, err := p.Lending.Loans(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(loansPage(c.v, loans, summarise(loans)))
}

func (p *Portal) bankAlerts(c *call) error {
	alerts, err := p.Monitoring.Inbox(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(alertsPage(c.v, alerts, newForm(nil), ""))
}

func (p *Portal) acknowledge(c *call) error {
	alerts, err := p.Monitoring.Inbox(c.ctx(), c.by())
	if err != nil {
		return err
	}
	for _, a := range alerts {
		if a.ID != c.id() {
			continue
		}
		if err := c.must("bank.alert.acknowledge", object{kind: "Alert", id: a.ID, bank: a.BankID}); err != nil {
			return err
		}
		f := c.form()
		if _, err := p.Monitoring.Acknowledge(c.ctx(), c.by(), a.ID, monitoring.Action(f.get("action")), f.get("note")); err != nil {
			return c.again(f, err, func() { c.show(f.status(), alertsPage(c.v, alerts, f, a.ID)) })
		}
		return c.done("/bank/alerts", "acknowledged")
	}
	return errNotFound
}

func (p *Portal) bankProducts(c *call) error {
	all, err := p.Product.OfBank(c.ctx(), c.by())
	if err != nil {
		return err
	}
	priced, err := c.priced(all)
	if err != nil {
		return err
	}
	return c.ok(bankProductsPage(c.v, priced))
}

func (p *Portal) suspendProduct(c *call) error {
	return c.switchProduct(p.Product.Suspend, "suspended")
}
func (p *Portal) resumeProduct(c *call) error { return c.switchProduct(p.Product.Resume, "resumed") }

func (c *call) switchProduct(do func(context.Context, party.Actor, string) error, done string) error {
	found, err := c.p.Product.Get(c.ctx(), c.id())
	if err != nil {
		return err
	}
	if err := c.must("bank.product.suspend", productObject(found)); err != nil {
		return err
	}
	if err := do(c.ctx(), c.by(), found.ID); err != nil {
		return err
	}
	return c.done("/bank/products", done)
}

func productObject(p product.Product) object {
	return object{kind: "Product", id: p.ID, bank: p.BankID}
}

// ruleRows is how many rules the publication form has room for.
const ruleRows = 6

func (p *Portal) productForm(c *call) error {
	start := map[string]string{
		"kind": string(product.KindCredit), "security": string(product.SecurityNone), "day_count": string(product.Actual360), "lpr_tenor": string(product.LPR1Y),
		"accept_days": "2", "decide_days": "5", "expected_days": "3", "term_min": "3", "term_max": "12",
	}
	f := newForm(start)
	f.values["borrowers"] = []string{string(party.KindEnterprise), string(party.KindIndividual)}
	f.values["repayment"] = []string{string(product.EqualInstalments)}
	f.values["data_class"] = []string{"1", "2", "3", "4", "6"}
	return c.ok(productFormPage(c.v, f))
}

func (p *Portal) publishProduct(c *call) error {
	f := c.form()
	draft := product.Draft{Product: f.product()}
	if f.bad() {
		c.show(f.status(), productFormPage(c.v, f))
		return nil
	}
	if _, err := p.Product.Publish(c.ctx(), c.by(), draft); err != nil {
		return c.again(f, err, func() { c.show(f.status(), productFormPage(c.v, f)) })
	}
	return c.done("/bank/products", "product_published")
}

// product reads the publication form.
func (f *form) product() product.Product {
	p := product.Product{
		Kind: product.Kind(f.get("kind")), NameZH: f.must("name_zh"), NameEN: f.get("name_en"),
		SummaryZH: f.get("summary_zh"), SummaryEN: f.get("summary_en"), Borrowers: f.values["borrowers"],
		AmountMinFen: f.wan("amount_min"), AmountMaxFen: f.wan("amount_max"),
		TermMinMonths: f.whole("term_min", 1, 360), TermMaxMonths: f.whole("term_max", 1, 360),
		DayCount: product.DayCount(f.get("day_count")), LPRTenor: product.Tenor(f.get("lpr_tenor")), Security: product.Security(f.get("security")),
		AcceptWithin: time.Duration(f.whole("accept_days", 1, 30)) * day, DecideWithin: time.Duration(f.whole("decide_days", 1, 60)) * day,
		ExpectedDays: f.whole("expected_days", 1, 60),
	}
	for _, r := range f.values["repayment"] {
		p.Repayments = append(p.Repayments, product.Repayment(r))
	}
	for _, text := range f.values["data_class"] {
		if n, err := strconv.Atoi(text); err == nil && borderv1.DataClass_name[int32(n)] != "" {
			p.DataClasses = append(p.DataClasses, borderv1.DataClass(n))
		}
	}
	for g := borderv1.Grade_GRADE_A; g <= borderv1.Grade_GRADE_E; g++ {
		name := "bp_" + strings.ToLower(gradeLetter(g))
		if f.get(name) == "" {
			continue
		}
		p.Pricing = append(p.Pricing, product.GradePrice{Grade: g, BasisPoints: f.signed(name)})
	}
	p.Rules = f.rules()
	return p
}

// rules reads the rules and closes the gaps between them, so that what the service says about rule_2 stands at the second row.
func (f *form) rules() []product.Rule {
	var all []product.Rule
	for i := 1; i <= ruleRows; i++ {
		row := "rule_" + strconv.Itoa(i)
		if f.get(row) == "" {
			continue
		}
		rule := product.Rule{Expr: f.get(row), MessageZH: f.get(row + "_zh"), MessageEN: f.get(row + "_en")}
		for _, part := range []string{"", "_zh", "_en"} {
			f.values.Del(row + part)
		}
		all = append(all, rule)
		row = "rule_" + strconv.Itoa(len(all))
		all[len(all)-1].Code = row
		f.values.Set(row, rule.Expr)
		f.values.Set(row+"_zh", rule.MessageZH)
		f.values.Set(row+"_en", rule.MessageEN)
	}
	return all
}

// signed reads a spread in basis points, which may be below zero.
func (f *form) signed(name string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(f.get(name), "+"))
	if err != nil || n < -500 || n > 2000 {
		f.wrong.Add(name, "spread", "请填写 -500 到 2000 之间的整数（基点）。", "Give a whole number of basis points from -500 to 2000.")
		return 0
	}
	return n
}

// offeredFen is the amount to pay out.
func offeredFen(d caseData) int64 {
	if d.Offer != nil {
		return d.Offer.AmountFen
	}
	return d.Application.AmountFen
}

// mayAskReport reports whether the page offers to ask for a report: from acceptance on, as long as the loan is not over. Whether a
// grant covers it is for the service to say.
func mayAskReport(d caseData) bool {
	switch d.Application.State {
	case lending.Draft, lending.Submitted:
		return false
	}
	return !d.Application.State.Final() && (d.Report == nil || d.Report.State != lending.ReportRequested)
}

func reportMarks(r *lending.Report) templ.Attributes {
	marks := templ.Attributes{
		"data-kind": "report", "data-id": r.ID, "data-state": string(r.State), "data-request": r.RequestID, "data-grant": r.GrantID,
		"data-origin": r.Origin, "data-leaf": strconv.FormatUint(r.LeafIndex, 10),
	}
	if r.Result != nil {
		marks["data-score"] = strconv.Itoa(int(r.Result.GetScore()))
		marks["data-grade"] = gradeLetter(r.Result.GetGrade())
		marks["data-limit"] = enumKey(r.Result.GetLimitBand())
		marks["data-model"] = r.Result.GetModelId() + " " + r.Result.GetModelVersion()
	}
	return marks
}

func alertMarks(a monitoring.Alert) templ.Attributes {
	state := "open"
	if !a.AcknowledgedAt.IsZero() {
		state = "acknowledged"
	}
	return templ.Attributes{
		"data-kind": "alert", "data-id": a.ID, "data-state": state, "data-code": a.Code.String(), "data-severity": a.Severity.String(),
		"data-application": a.ApplicationID, "data-loan": a.LoanID, "data-origin": a.Origin, "data-leaf": strconv.FormatUint(a.LeafIndex, 10),
	}
}

func severityTone(s borderv1.Severity) string {
	switch s {
	case borderv1.Severity_SEVERITY_SEVERE:
		return "tone-bad"
	case borderv1.Severity_SEVERITY_WARNING:
		return "tone-busy"
	}
	return "tone-over"
}

func productTone(s product.State) string {
	if s == product.StatePublished {
		return "tone-good"
	}
	return "tone-over"
}
