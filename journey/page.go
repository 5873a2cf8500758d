package journey

import (
	"context"
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// thing is something that a page shows, as its data attributes say: what it is, its id, its state.
type thing struct {
	node  *goquery.Selection
	kind  string
	id    string
	state string
}

// things are all things of a kind on the page, in the page's order.
func (p *Page) things(kind string) []thing {
	var found []thing
	p.doc.Find(fmt.Sprintf("[data-kind=%q]", kind)).Each(func(_ int, s *goquery.Selection) {
		found = append(found, thing{node: s, kind: kind, id: s.AttrOr("data-id", ""), state: s.AttrOr("data-state", "")})
	})
	return found
}

// thing is the first of its kind; that there is none is an error with what the page says instead.
func (p *Page) thing(kind string) (thing, error) {
	if all := p.things(kind); len(all) > 0 {
		return all[0], nil
	}
	return thing{}, fmt.Errorf("the page %s shows no %s%s", p.URL.Path, kind, p.saying())
}

func (t thing) attr(name string) string { return t.node.AttrOr("data-"+name, "") }

func (t thing) text(selector string) string {
	var parts []string
	t.node.Find(selector).Each(func(_ int, s *goquery.Selection) { parts = append(parts, squeeze(s.Text())) })
	return strings.Join(parts, "; ")
}

// evidence is every data attribute of the thing, its id under its kind.
func (t thing) evidence(name string) Evidence {
	e := Evidence{name: t.id}
	if t.node == nil {
		return e
	}
	for _, a := range t.node.Get(0).Attr {
		if key, ok := strings.CutPrefix(a.Key, "data-"); ok && key != "kind" && key != "id" && !strings.HasPrefix(key, "bs-") {
			e[key] = a.Val
		}
	}
	return e
}

// entry is what is written into one field of a form.
type entry struct{ field, value string }

type entries []entry

// ticked stands for the tick in a check box.
const ticked = "\x00ticked"

// send fills the named form of the page and submits it.
func (b *Browser) send(ctx context.Context, page *Page, form string, fill entries) (*Page, error) {
	f, err := page.Form(form)
	if err != nil {
		return page, err
	}
	return b.sendForm(ctx, f, fill)
}

func (b *Browser) sendForm(ctx context.Context, f *Form, fill entries) (*Page, error) {
	for _, e := range fill {
		err := error(nil)
		if e.value == ticked {
			err = f.Tick(e.field)
		} else {
			err = f.Fill(e.field, e.value)
		}
		if err != nil {
			return f.page, err
		}
	}
	return b.Submit(ctx, f)
}

// signIn opens a browser in which the person is signed in; each person has one.
func (p *Player) signIn(ctx context.Context, who Person) (*Browser, error) {
	b, err := NewBrowser(p.o.Base)
	if err != nil {
		return nil, err
	}
	page, err := b.Open(ctx, "/signin")
	if err != nil {
		return nil, err
	}
	page, err = b.send(ctx, page, "signin", entries{{"login", who.Login}, {"password", who.Password}})
	if err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", who.Login, err)
	}
	if page.URL.Path == "/signin" {
		return nil, fmt.Errorf("sign in as %s: %s", who.Login, page.Problem())
	}
	p.users[who.Login] = b
	return b, nil
}

// as returns the browser of a person, signed in.
func (p *Player) as(ctx context.Context, who Person) (*Browser, error) {
	if b, ok := p.users[who.Login]; ok {
		return b, nil
	}
	return p.signIn(ctx, who)
}

func (p *Player) borrower(ctx context.Context) (*Browser, error) {
	return p.as(ctx, p.o.Borrower.Person)
}
