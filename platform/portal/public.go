package portal

import (
	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/product"
)

// offered is a product with its price on the day.
type offered struct {
	product.Product
	LowBP, HighBP int
}

func (c *call) priced(products []product.Product) ([]offered, error) {
	lpr, err := c.p.Product.LPR(c.ctx(), c.v.Now)
	if err != nil {
		return nil, err
	}
	all := make([]offered, len(products))
	for i, one := range products {
		all[i].Product = one
		all[i].LowBP, all[i].HighBP = one.RateRange(lpr)
	}
	return all, nil
}

func (p *Portal) home(c *call) error {
	numbers, err := p.Cockpit.Public(c.ctx())
	if err != nil {
		return err
	}
	products, err := p.Product.List(c.ctx(), product.Filter{City: p.o.City})
	if err != nil {
		return err
	}
	some, err := c.priced(products[:min(4, len(products))])
	if err != nil {
		return err
	}
	return c.ok(homePage(c.v, numbers, some))
}

// homeFigures are the numbers on the public page, those that are not nothing.
func homeFigures(v *view, n cockpit.Numbers) []choice {
	all := []choice{
		{v.Count(n.Banks), v.T("home.banks")},
		{v.Count(n.Products), v.T("home.products")},
		{v.Count(n.Firms), v.T("home.firms")},
		{v.Count(n.Loans), v.T("home.loans")},
	}
	if n.Loans > 0 {
		all = append(all, choice{v.Total(n.DisbursedFen), v.T("home.disbursed")}, choice{v.Rate(n.AverageRateBP), v.T("home.rate")})
	}
	return all
}

func (p *Portal) registerForm(c *call) error {
	if c.session != nil {
		return c.redirect(homeOf(c.session.Account.Role))
	}
	return c.ok(registerPage(c.v, newForm(map[string]string{"kind": string(party.KindEnterprise)})))
}

func (p *Portal) register(c *call) error {
	f := c.form()
	if !f.ticked("agree") {
		f.wrong.Add("agree", "needed", "请阅读并同意服务约定。", "Please read and accept the terms of service.")
	}
	if again, sent := f.raw("password2"), f.values.Has("password2"); sent && again != f.raw("password") {
		f.wrong.Add("password2", "differs", "两次输入的密码不一致。", "The two passwords differ.")
	}
	if f.bad() {
		c.show(f.status(), registerPage(c.v, f))
		return nil
	}
	_, err := p.Party.Register(c.ctx(), party.Registration{
		Kind: party.OrgKind(f.get("kind")), Login: f.get("login"), Password: f.raw("password"),
		PersonName: f.get("person_name"), FirmName: f.get("firm_name"),
	})
	if err != nil {
		return c.again(f, err, func() { c.show(f.status(), registerPage(c.v, f)) })
	}
	return c.enter(f.get("login"), f.raw("password"), "/firm/identity?done=registered")
}

// again shows a form with what the service said about it, or passes the error on when it is not about the form.
func (c *call) again(f *form, err error, show func()) error {
	if !f.take(err) {
		return err
	}
	show()
	return nil
}

// enter opens a session and goes on.
func (c *call) enter(login, password, to string) error {
	token, session, err := c.p.Party.SignIn(c.ctx(), login, password)
	if err != nil {
		return err
	}
	c.setCookie(sessionCookie, token, session.ExpiresAt.Sub(c.v.Now)+sessionSlack)
	c.dropCookie(formCookie)
	if to == "" {
		to = homeOf(session.Account.Role)
	}
	return c.redirect(to)
}

func (p *Portal) signInForm(c *call) error {
	if c.session != nil {
		return c.redirect(homeOf(c.session.Account.Role))
	}
	return c.ok(signInPage(c.v, newForm(map[string]string{"next": localPath(c.r.URL.Query().Get("next"), "")}), p.o.Demo))
}

func (p *Portal) signIn(c *call) error {
	f := c.form()
	f.must("login")
	if f.raw("password") == "" {
		f.wrong.Add("password", "empty", "请输入密码。", "Give the password.")
	}
	if f.bad() {
		c.show(f.status(), signInPage(c.v, f, p.o.Demo))
		return nil
	}
	err := c.enter(f.get("login"), f.raw("password"), localPath(f.get("next"), ""))
	if err != nil {
		return c.again(f, err, func() { c.show(f.status(), signInPage(c.v, f, p.o.Demo)) })
	}
	return nil
}

func (p *Portal) signOut(c *call) error {
	if err := p.Party.SignOut(c.ctx(), c.token); err != nil {
		return err
	}
	c.dropCookie(sessionCookie)
	return c.redirect("/?done=signed_out")
}

func (p *Portal) account(c *call) error { return c.ok(accountPage(c.v, newForm(nil))) }

func (p *Portal) changePassword(c *call) error {
	f := c.form()
	if f.raw("password2") != f.raw("password") {
		f.wrong.Add("password2", "differs", "两次输入的密码不一致。", "The two passwords differ.")
	}
	if f.bad() {
		c.show(f.status(), accountPage(c.v, f))
		return nil
	}
	if err := p.Party.ChangePassword(c.ctx(), c.by(), f.raw("old"), f.raw("password")); err != nil {
		return c.again(f, err, func() { c.show(f.status(), accountPage(c.v, f)) })
	}
	c.dropCookie(sessionCookie)
	return c.redirect("/signin?done=password_changed")
}

func (p *Portal) products(c *call) error {
	f := &form{values: c.r.URL.Query()}
	filter := product.Filter{City: p.o.City, Kind: product.Kind(f.get("kind")), BankID: f.get("bank"), Text: f.get("text")}
	if f.get("amount_wan") != "" {
		filter.AmountFen = f.wan("amount_wan")
	}
	filter.TermMonths = f.whole("term_months", 0, 360)
	banks, err := p.Party.Banks(c.ctx())
	if err != nil {
		return err
	}
	found, err := p.Product.List(c.ctx(), filter)
	if err != nil {
		return err
	}
	all, err := c.priced(found)
	if err != nil {
		return err
	}
	return c.ok(productsPage(c.v, f, banks, all))
}

// productData is what the page of one product shows.
type productData struct {
	Product offered
	Prices  []gradePrice
	Demands []demand.Demand // the firm's open ones
}

type gradePrice struct {
	product.GradePrice
	RateBP int
}

func (p *Portal) product(c *call) error {
	found, err := p.Product.Get(c.ctx(), c.id())
	if err != nil {
		return err
	}
	priced, err := c.priced([]product.Product{found})
	if err != nil {
		return err
	}
	lpr, err := p.Product.LPR(c.ctx(), c.v.Now)
	if err != nil {
		return err
	}
	data := productData{Product: priced[0]}
	for _, price := range found.Pricing {
		data.Prices = append(data.Prices, gradePrice{price, lpr.Of(found.LPRTenor) + price.BasisPoints})
	}
	if c.v.Can("firm.demands") {
		demands, err := p.Demand.List(c.ctx(), c.by())
		if err != nil {
			return err
		}
		data.Demands = openDemands(demands)
	}
	return c.ok(productPage(c.v, data))
}

func openDemands(all []demand.Demand) []demand.Demand {
	var open []demand.Demand
	for _, d := range all {
		if d.State == demand.StateOpen || d.State == demand.StateApplied {
			open = append(open, d)
		}
	}
	return open
}
