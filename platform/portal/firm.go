package portal

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/matching"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/party/identity"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
)

const day = 24 * time.Hour

// firmData is a firm's own page at a glance.
type firmData struct {
	Demands      []demand.Demand
	Applications []lending.Application
	Report       *lending.Report
	Uses         []consent.Use // the latest few
	Alerts       []monitoring.Alert
}

// step of a firm's way to its first loan.
type step struct {
	Key  string
	Path string
	Done bool
}

// steps lists what a firm has done and what comes next.
func (d firmData) steps(verified bool) []step {
	return []step{
		{"identity", "/firm/identity", verified},
		{"demand", "/firm/demands/new", len(d.Demands) > 0},
		{"authorise", d.matchPath(), len(d.Applications) > 0},
		{"money", "/firm/applications", slices.ContainsFunc(d.Applications, func(a lending.Application) bool { return paidOut(a.State) })},
	}
}

func (d firmData) matchPath() string {
	for _, one := range openDemands(d.Demands) {
		return "/firm/demands/" + one.ID
	}
	return "/products"
}

func paidOut(s lending.State) bool {
	switch s {
	case lending.Disbursed, lending.Repaying, lending.Overdue, lending.Settled, lending.WrittenOff, lending.Compensated:
		return true
	}
	return false
}

func (p *Portal) firmHome(c *call) error {
	var d firmData
	var err error
	if d.Demands, err = p.Demand.List(c.ctx(), c.by()); err != nil {
		return err
	}
	if d.Applications, err = p.Lending.List(c.ctx(), c.by()); err != nil {
		return err
	}
	report, ok, err := p.Lending.Portrait(c.ctx(), c.by())
	if err != nil {
		return err
	}
	if ok {
		d.Report = &report
	}
	if d.Alerts, err = p.Monitoring.OfFirm(c.ctx(), c.by()); err != nil {
		return err
	}
	uses, err := p.Consent.Uses(c.ctx(), c.by())
	if err != nil {
		return err
	}
	d.Uses = uses[:min(4, len(uses))]
	return c.ok(firmPage(c.v, d))
}

// identityData is the identity page: the last attempt, and the text to agree to.
type identityData struct {
	Check   identity.Check
	Asked   bool // there was an attempt
	Consent consent.Text
}

func (p *Portal) identityData(c *call) (identityData, error) {
	d := identityData{Consent: p.Consent.CurrentText(borderv1.Purpose_PURPOSE_IDENTITY_CHECK)}
	var err error
	d.Check, d.Asked, err = p.Identity.Latest(c.ctx(), c.by())
	return d, err
}

func (p *Portal) identityForm(c *call) error {
	d, err := p.identityData(c)
	if err != nil {
		return err
	}
	own := c.session.Organisation
	f := newForm(map[string]string{"firm_name": own.Name, "usci": own.Profile.USCI, "person_name": c.session.Account.Name})
	return c.ok(identityPage(c.v, f, d))
}

func (p *Portal) verifyIdentity(c *call) error {
	f := c.form()
	check, err := p.Identity.Verify(c.ctx(), c.by(), identity.Claim{
		FirmName: f.get("firm_name"), USCI: f.get("usci"), PersonName: f.get("person_name"), ResidentID: f.get("resident_id"),
		Agree: f.ticked("agree"), Text: f.get("text"), Screen: "/firm/identity",
	})
	if err != nil {
		d, e := p.identityData(c)
		if e != nil {
			return e
		}
		return c.again(f, err, func() { c.show(f.status(), identityPage(c.v, f, d)) })
	}
	switch check.State {
	case identity.StateVerified:
		return c.done("/firm", "verified")
	case identity.StateAsked:
		return c.redirect("/firm/identity")
	}
	d, err := p.identityData(c)
	if err != nil {
		return err
	}
	d.Check, d.Asked = check, true
	return c.ok(identityPage(c.v, f, d))
}

func profileForm(p party.Profile) *form {
	f := newForm(map[string]string{"division": p.Division, "industry_section": p.IndustrySection, "size_declared": p.SizeDeclared, "usci": p.USCI})
	if !p.EstablishedOn.IsZero() {
		f.values.Set("established_on", p.EstablishedOn.Format(time.DateOnly))
	}
	if p.Employees > 0 {
		f.values.Set("employees", strconv.Itoa(p.Employees))
	}
	return f
}

// profile reads what a firm says about itself; the code stays what it was.
func (f *form) profile(was party.Profile) party.Profile {
	return party.Profile{
		USCI: was.USCI, Division: f.get("division"), IndustrySection: f.get("industry_section"),
		EstablishedOn: f.date("established_on"), SizeDeclared: f.get("size_declared"), Employees: f.whole("employees", 0, 1_000_000),
	}
}

func (p *Portal) profileForm(c *call) error {
	return c.ok(profilePage(c.v, profileForm(c.session.Organisation.Profile)))
}

func (p *Portal) describe(c *call) error {
	f := c.form()
	profile := f.profile(c.session.Organisation.Profile)
	if f.bad() {
		c.show(f.status(), profilePage(c.v, f))
		return nil
	}
	if _, err := p.Party.Describe(c.ctx(), c.by(), profile); err != nil {
		return c.again(f, err, func() { c.show(f.status(), profilePage(c.v, f)) })
	}
	return c.done("/firm", "described")
}

func (p *Portal) demands(c *call) error {
	all, err := p.Demand.List(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(demandsPage(c.v, all))
}

func (p *Portal) demandForm(c *call) error {
	f := profileForm(c.session.Organisation.Profile)
	f.values.Set("security", string(product.SecurityNone))
	f.values.Set("term_months", "12")
	f.values.Set("use", string(demand.UseWorkingCapital))
	return c.ok(demandFormPage(c.v, f))
}

func (p *Portal) publishDemand(c *call) error {
	f := c.form()
	draft := demand.Draft{
		AmountFen: f.wan("amount_wan"), TermMonths: f.whole("term_months", 1, 360), Use: demand.Use(f.get("use")),
		Security: product.Security(f.get("security")), NeededBy: f.date("needed_by"),
	}
	was := c.session.Organisation.Profile
	profile := was
	if f.values.Has("employees") {
		profile = f.profile(was)
	}
	if f.bad() {
		c.show(f.status(), demandFormPage(c.v, f))
		return nil
	}
	if profile != was {
		if _, err := p.Party.Describe(c.ctx(), c.by(), profile); err != nil {
			return c.again(f, err, func() { c.show(f.status(), demandFormPage(c.v, f)) })
		}
	}
	published, err := p.Demand.Publish(c.ctx(), c.by(), draft)
	if err != nil {
		return c.again(f, err, func() { c.show(f.status(), demandFormPage(c.v, f)) })
	}
	return c.done("/firm/demands/"+published.ID, "demand_published")
}

func (p *Portal) demand(c *call) error {
	one, err := p.Demand.Get(c.ctx(), c.by(), c.id())
	if err != nil {
		return err
	}
	if err := c.must("firm.demand.read", demandObject(one)); err != nil {
		return err
	}
	var matches []matching.Match
	if len(openDemands([]demand.Demand{one})) > 0 {
		if matches, err = p.Matching.Match(c.ctx(), c.by(), one.ID); err != nil {
			return err
		}
	}
	all, err := p.Lending.List(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(demandPage(c.v, one, matches, slices.DeleteFunc(all, func(a lending.Application) bool { return a.DemandID != one.ID })))
}

func demandObject(d demand.Demand) object { return object{kind: "Demand", id: d.ID, firm: d.OrgID} }

func (p *Portal) withdrawDemand(c *call) error {
	one, err := p.Demand.Get(c.ctx(), c.by(), c.id())
	if err != nil {
		return err
	}
	if err := c.must("firm.demand.withdraw", demandObject(one)); err != nil {
		return err
	}
	if _, err := p.Demand.Withdraw(c.ctx(), c.by(), one.ID); err != nil {
		return err
	}
	return c.done("/firm/demands", "demand_withdrawn")
}

// applyData is the way from a product to a sent application: what to authorise, and what to ask for.
type applyData struct {
	Product offered
	Demand  *demand.Demand
	Consent consent.Text
	Grant   *consent.Grant // the one that covers already
}

// applyData reads product and demand from the fields of the same name.
func (p *Portal) applyData(c *call, f *form) (applyData, error) {
	d := applyData{Consent: p.Consent.CurrentText(borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW)}
	found, err := p.Product.Get(c.ctx(), f.get("product"))
	if err != nil {
		return d, err
	}
	priced, err := c.priced([]product.Product{found})
	if err != nil {
		return d, err
	}
	d.Product = priced[0]
	if id := f.get("demand"); id != "" {
		one, err := p.Demand.Get(c.ctx(), c.by(), id)
		if err != nil {
			return d, err
		}
		d.Demand = &one
	}
	grant, err := p.Consent.Covering(c.ctx(), c.by(), consent.Need{
		SubjectOrg: c.by().OrgID, GranteeID: found.BankID, Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW, Classes: found.DataClasses,
	})
	switch {
	case err == nil:
		d.Grant = &grant
	case problem.Of(err) == nil:
		return d, err
	}
	return d, nil
}

func (p *Portal) authoriseForm(c *call) error {
	f := &form{values: c.r.URL.Query()}
	d, err := p.applyData(c, f)
	if err != nil {
		return err
	}
	f.values.Set("duration", "90")
	return c.ok(authorisePage(c.v, f, d))
}

// durations of a pre-loan grant that the form offers, in days.
var durations = []int{30, 90, 180}

func (p *Portal) authorise(c *call) error {
	f := c.form()
	d, err := p.applyData(c, f)
	if err != nil {
		return err
	}
	if !f.ticked("agree") {
		f.wrong.Add("agree", "needed", "请阅读授权书并勾选同意；不同意则不会查询您的任何数据。", "Read the authorisation and tick it; without it none of your data are looked at.")
	}
	days, err := strconv.Atoi(f.get("duration"))
	if err != nil || !slices.Contains(durations, days) {
		f.wrong.Add("duration", "unknown", "请选择授权期限。", "Choose how long it holds.")
	}
	if f.bad() {
		c.show(f.status(), authorisePage(c.v, f, d))
		return nil
	}
	_, err = p.Consent.Give(c.ctx(), c.by(), consent.Request{
		GranteeID: d.Product.BankID, Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW, Classes: d.Product.DataClasses,
		Duration: time.Duration(days) * day, Evidence: c.evidence(f.get("text"), "/firm/authorise"),
	})
	if err != nil {
		return c.again(f, err, func() { c.show(f.status(), authorisePage(c.v, f, d)) })
	}
	return c.done(applyURL(f.get("product"), f.get("demand")), "authorised")
}

func (c *call) evidence(text, screen string) consent.Evidence {
	return consent.Evidence{TextVersion: text, Language: string(c.v.Lang), Screen: screen, Method: "session"}
}

func (p *Portal) applyForm(c *call) error {
	f := &form{values: c.r.URL.Query()}
	d, err := p.applyData(c, f)
	if err != nil {
		return err
	}
	if d.Grant == nil {
		return c.redirect(authoriseURL(f.get("product"), f.get("demand")))
	}
	f.values.Set("term_months", strconv.Itoa(min(12, d.Product.TermMaxMonths)))
	f.values.Set("use", string(demand.UseWorkingCapital))
	if len(d.Product.Repayments) > 0 {
		f.values.Set("repayment", string(d.Product.Repayments[0]))
	}
	if d.Demand != nil {
		f.values.Set("amount_wan", wanText(d.Demand.AmountFen))
		f.values.Set("term_months", strconv.Itoa(d.Demand.TermMonths))
		f.values.Set("use", string(d.Demand.Use))
	}
	return c.ok(applyPage(c.v, f, d))
}

func (p *Portal) apply(c *call) error {
	f := c.form()
	d, err := p.applyData(c, f)
	if err != nil {
		return err
	}
	sent := lending.Form{
		ProductID: f.get("product"), DemandID: f.get("demand"), AmountFen: f.wan("amount_wan"),
		TermMonths: f.whole("term_months", 1, 360), Use: f.get("use"), Repayment: product.Repayment(f.get("repayment")),
	}
	if f.bad() {
		c.show(f.status(), applyPage(c.v, f, d))
		return nil
	}
	application, err := p.Lending.Apply(c.ctx(), c.by(), sent)
	if err != nil {
		return c.again(f, err, func() { c.show(f.status(), applyPage(c.v, f, d)) })
	}
	return c.done("/firm/applications/"+application.ID, "applied")
}

func (p *Portal) firmApplications(c *call) error {
	all, err := p.Lending.List(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(firmApplicationsPage(c.v, all))
}

// caseData is an application as either side sees it, with the forms on its page.
type caseData struct {
	lending.Case
	Forms map[string]*form // by the form's name; the one that was wrong holds what was typed
	Watch consent.Text     // the text of the watch after the loan, on the borrower's sign form
	Quote *lending.Quote   // what paying everything back today costs
}

// form returns the named form of the page, empty unless it was just sent.
func (d caseData) form(name string) *form {
	return d.formWith(name, nil)
}

// formWith is form with values to start with.
func (d caseData) formWith(name string, start map[string]string) *form {
	f := d.Forms[name]
	if f == nil {
		f = newForm(start)
	}
	f.part = name + "-"
	return f
}

func (d caseData) mayDo(e lending.Event) bool { return slices.Contains(d.MayDo, e) }

func caseObject(a lending.Application) object {
	return object{kind: "Application", id: a.ID, firm: a.OrgID, bank: a.BankID}
}

func (d caseData) object() object { return caseObject(d.Application) }

// openCase reads the case of the path and checks the action on it.
func (c *call) openCase(action string) (caseData, error) {
	found, err := c.p.Lending.Case(c.ctx(), c.by(), c.id())
	if err != nil {
		return caseData{}, err
	}
	return caseData{Case: found, Forms: map[string]*form{}}, c.must(action, caseObject(found.Application))
}

// ref points at the application as the form saw it.
func (f *form) ref(id string) (lending.Ref, error) {
	version, err := strconv.Atoi(f.get("version"))
	if err != nil {
		return lending.Ref{}, errForm
	}
	return lending.Ref{ID: id, Version: version}, nil
}

// reason is what decline, reject, ask and withdraw forms say.
func (f *form) reason() lending.Reason {
	return lending.Reason{Code: f.get("reason"), Text: f.get("text")}
}

// act is the common shape of a step: open the case, check the policy, do it, go back with a word; a wrong form is shown on the case's page.
func (c *call) act(action, name, done string, show func(caseData) error, do func(*form, lending.Ref, caseData) error) error {
	d, err := c.openCase(action)
	if err != nil {
		return err
	}
	f := c.form()
	ref, err := f.ref(c.id())
	if err != nil {
		return err
	}
	err = do(f, ref, d)
	switch {
	case err == nil && len(f.wrong) == 0:
		return c.done(c.casePath(), done)
	case err == nil:
		f.bad()
	case !f.take(err):
		return err
	}
	// What changed meanwhile is shown together with the refusal.
	if d, err = c.openCase(action); err != nil {
		return err
	}
	d.Forms[name] = f
	return show(d)
}

func (c *call) casePath() string {
	if c.by().Role.Bank() {
		return "/bank/applications/" + c.id()
	}
	return "/firm/applications/" + c.id()
}

func (p *Portal) firmApplication(c *call) error {
	d, err := c.openCase("firm.application.read")
	if err != nil {
		return err
	}
	return p.showFirmCase(c, d)
}

func (p *Portal) showFirmCase(c *call, d caseData) error {
	d.Watch = p.Consent.CurrentText(borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING)
	c.show(d.status(), firmCasePage(c.v, d))
	return nil
}

// status is 200, or that of the form that was wrong.
func (d caseData) status() int {
	for _, f := range d.Forms {
		if f.said != nil {
			return f.status()
		}
	}
	return 200
}

func (c *call) firmAct(action, name, done string, do func(*form, lending.Ref, caseData) error) error {
	return c.act(action, name, done, func(d caseData) error { return c.p.showFirmCase(c, d) }, do)
}

func (p *Portal) answer(c *call) error {
	return c.firmAct("firm.application.answer", "answer", "answered", func(f *form, ref lending.Ref, _ caseData) error {
		if f.must("text") == "" {
			return nil
		}
		_, err := p.Lending.Answer(c.ctx(), c.by(), ref, f.get("text"))
		return err
	})
}

func (p *Portal) acceptOffer(c *call) error {
	return c.firmAct("firm.offer.accept", "accept_offer", "offer_accepted", func(_ *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.AcceptOffer(c.ctx(), c.by(), ref)
		return err
	})
}

// sign signs the contract, and gives the separate consent to be watched after the loan when it was ticked.
func (p *Portal) sign(c *call) error {
	return c.firmAct("firm.contract.sign", "sign", "signed", func(f *form, ref lending.Ref, d caseData) error {
		if !f.ticked("agree") {
			f.wrong.Add("agree", "needed", "请阅读合同并勾选同意。", "Read the contract and tick that you agree.")
			return nil
		}
		if _, err := p.Lending.Sign(c.ctx(), c.by(), ref); err != nil || !f.ticked("monitoring") {
			return err
		}
		_, err := p.Consent.Give(c.ctx(), c.by(), consent.Request{
			GranteeID: d.Application.BankID, Purpose: borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING, Classes: d.Product.DataClasses,
			Duration: time.Duration(d.Application.TermMonths)*31*day + 90*day, Evidence: c.evidence(f.get("monitoring_text"), c.casePath()),
		})
		return err
	})
}

func (p *Portal) withdrawApplication(c *call) error {
	return c.firmAct("firm.application.withdraw", "withdraw", "withdrawn", func(f *form, ref lending.Ref, _ caseData) error {
		_, err := p.Lending.Withdraw(c.ctx(), c.by(), ref, f.reason())
		return err
	})
}

func (p *Portal) portrait(c *call) error {
	report, ok, err := p.Lending.Portrait(c.ctx(), c.by())
	if err != nil {
		return err
	}
	if !ok {
		return c.ok(noPortraitPage(c.v))
	}
	return c.ok(portraitPage(c.v, report))
}

func (p *Portal) dataUse(c *call) error {
	uses, err := p.Consent.Uses(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(dataUsePage(c.v, uses))
}

func (p *Portal) consents(c *call) error {
	grants, err := p.Consent.Grants(c.ctx(), c.by())
	if err != nil {
		return err
	}
	return c.ok(consentsPage(c.v, grants))
}

func (p *Portal) revoke(c *call) error {
	grant, err := p.Consent.Grant(c.ctx(), c.by(), c.id())
	if err != nil {
		return err
	}
	if err := c.must("firm.consent.revoke", object{kind: "Grant", id: grant.ID, firm: grant.SubjectOrg}); err != nil {
		return err
	}
	if _, err := p.Consent.Revoke(c.ctx(), c.by(), grant.ID); err != nil {
		return err
	}
	return c.done("/firm/consents", "revoked")
}

func applyURL(productID, demandID string) string {
	return fmt.Sprintf("/firm/apply?product=%s&demand=%s", productID, demandID)
}
