package portal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
)

// call is one request on its way: who asks, in which language, and the view that the templates draw from.
type call struct {
	p       *Portal
	w       http.ResponseWriter
	r       *http.Request
	session *party.Session // nil for a visitor
	token   string         // of the session
	v       *view
}

func (c *call) ctx() context.Context { return c.r.Context() }

// by is the signed-in actor. Only handlers whose policy wants an account call it.
func (c *call) by() party.Actor { return c.session.Actor() }

var (
	errNotFound = problem.New(problem.NotFound, "not_found", "没有找到这个页面或内容。", "There is no such page or item.")
	errDenied   = problem.New(problem.Forbidden, "not_allowed", "您的账户没有进行此操作的权限。", "Your account may not do this.")
	errForm     = problem.New(problem.Forbidden, "stale_form", "页面已过期，请返回刷新后重新提交。", "The page is out of date; go back, reload it and send again.")
	errBroken   = problem.New(0, "system", "系统暂时无法处理，请稍后再试；您的数据没有变化。", "The system cannot do this right now; please try again later. Nothing was changed.")
	errTooLarge = problem.New(problem.Invalid, "too_large", "提交的内容过大，请缩短后再提交。", "What you sent is too large; shorten it and send again.")
)

// handle binds a route: session, language, form, CSRF token and policy are checked before the handler runs; its error becomes a page.
func (p *Portal) handle(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		c := &call{p: p, w: w, r: request}
		if err := c.prepare(r); err != nil {
			c.fail(err)
			return
		}
		if err := r.do(c); err != nil {
			c.fail(err)
		}
	})
}

// prepare checks everything that comes before the handler.
func (c *call) prepare(r route) error {
	err := c.openSession()
	c.v = c.newView()
	if err != nil {
		return err
	}
	if c.session != nil && c.session.Account.Role.Bank() {
		if c.v.Alerts, err = c.p.Monitoring.Open(c.ctx(), c.by()); err != nil {
			return err
		}
	}
	if c.r.Method == http.MethodPost {
		if err := c.readForm(); err != nil {
			return err
		}
	}
	return c.must(r.action, aPage)
}

// openSession finds the session of the cookie. A session that is over is a visitor with a note.
func (c *call) openSession() error {
	cookie, err := c.r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		return nil //nolint:nilerr // no cookie: a visitor
	}
	session, err := c.p.Party.Session(c.ctx(), cookie.Value)
	if problem.Of(err) != nil {
		c.dropCookie(sessionCookie)
		return nil //nolint:nilerr // a session that is over: a visitor again
	}
	if err != nil {
		return err
	}
	c.session, c.token = &session, cookie.Value
	return nil
}

// may reports whether the policies allow the action; templates ask it to show or hide what can be done.
func (c *call) may(action string, on object) bool {
	ok, err := c.p.policies.allows(c.session, action, on)
	if err != nil {
		c.p.o.Logger.ErrorContext(c.ctx(), "a policy cannot be evaluated", "action", action, "error", err)
	}
	return ok
}

// must is may as an error. A visitor is asked to sign in.
func (c *call) must(action string, on object) error {
	if c.may(action, on) {
		return nil
	}
	if c.session == nil {
		return errSignIn
	}
	return errDenied
}

var errSignIn = errors.New("sign in first")

// fail answers with the page for an error.
func (c *call) fail(err error) {
	if errors.Is(err, errSignIn) {
		if c.r.Method == http.MethodGet {
			_ = c.redirect("/signin?next=" + url.QueryEscape(c.r.URL.RequestURI()))
			return
		}
		_ = c.redirect("/signin")
		return
	}
	if c.unverified(err) {
		_ = c.redirect("/firm/identity?done=verify_first")
		return
	}
	if errors.Is(c.ctx().Err(), context.Canceled) {
		return // the reader is gone: nobody to tell, and nothing is wrong
	}
	said := problem.Of(err)
	if said == nil {
		said = errBroken
		if c.ctx().Err() != nil {
			said = errSlow
		}
		c.p.o.Logger.ErrorContext(c.ctx(), "a page failed", "method", c.r.Method, "pattern", c.r.Pattern, "error", err)
	}
	c.show(statusOf(said), errorPage(c.v, statusOf(said), said))
}

var errSlow = problem.New(problem.Unavailable, "too_slow", "处理时间过长，请稍后刷新查看结果。", "This takes too long; reload later to see the outcome.")

// unverified reports whether the only thing between a borrower and the page is the identity check.
func (c *call) unverified(err error) bool {
	return errors.Is(err, errDenied) && c.session != nil && c.session.Account.Role.Borrower() && !c.session.Organisation.Verified()
}

// statusOf is the HTTP status of a problem.
func statusOf(p *problem.Error) int {
	switch p.Kind {
	case problem.Invalid:
		return http.StatusUnprocessableEntity
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.Conflict:
		return http.StatusConflict
	case problem.Locked:
		return http.StatusTooManyRequests
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// show renders a page. It is rendered as a whole first, so that a failure half-way is an error page and not a torn one.
func (c *call) show(status int, page templ.Component) {
	var body bytes.Buffer
	// A page about a request that took too long is drawn all the same.
	if err := page.Render(context.WithoutCancel(c.ctx()), &body); err != nil {
		c.p.o.Logger.ErrorContext(c.ctx(), "a page cannot be drawn", "pattern", c.r.Pattern, "error", err)
		http.Error(c.w, errBroken.ZH+"\n"+errBroken.EN, http.StatusInternalServerError)
		return
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", c.v.Lang.Tag())
	h.Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	_, _ = body.WriteTo(c.w) // the reader is gone: nothing to do
}

func (c *call) ok(page templ.Component) error {
	c.show(http.StatusOK, page)
	return nil
}

// redirect sends the browser on after a form, so that a reload sends nothing twice.
func (c *call) redirect(to string) error {
	c.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(c.w, c.r, to, http.StatusSeeOther)
	return nil
}

// done redirects with a word for the person: the text done.CODE of the catalogue.
func (c *call) done(to, code string) error {
	u, err := url.Parse(to)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	q := u.Query()
	q.Set("done", code)
	u.RawQuery = q.Encode()
	return c.redirect(u.String())
}

// id is the path's {id}.
func (c *call) id() string { return c.r.PathValue("id") }
