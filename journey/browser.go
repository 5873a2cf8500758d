package journey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// Browser is one person's browser without JavaScript: it follows links, fills and posts the forms that it finds in a page, and
// keeps cookies. Two people never share one.
type Browser struct {
	base   *url.URL
	client *http.Client
}

// maxPageBytes bounds what a page may weigh, so that a runaway page ends in an error instead of in all memory.
const maxPageBytes = 8 << 20

// NewBrowser returns a browser for the site at base, such as http://127.0.0.1:8080.
func NewBrowser(base string) (*Browser, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a site", base)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	return &Browser{base: u, client: &http.Client{Jar: jar, Timeout: time.Minute}}, nil
}

// Page is what the browser shows after a request, redirects followed.
type Page struct {
	URL    *url.URL
	Status int
	doc    *goquery.Document
}

// RefusedError is an answer that is no success: what the page told its reader.
type RefusedError struct {
	Path   string
	Status int
	Text   string // the page's own words
	Code   string // data-code of the page's refusal, empty when it gives none
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s answered %d: %s", e.Path, e.Status, e.Text)
}

// Open gets a page by its path or by an address of the same site.
func (b *Browser) Open(ctx context.Context, path string) (*Page, error) {
	target, err := b.base.Parse(path)
	if err != nil {
		return nil, fmt.Errorf("open %q: %w", path, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return b.do(req)
}

func (b *Browser) do(req *http.Request) (*Page, error) {
	if req.URL.Host != b.base.Host {
		return nil, fmt.Errorf("%s %s leads away from %s", req.Method, req.URL, b.base.Host)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", "zh-CN")
	res, err := b.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(io.LimitReader(res.Body, maxPageBytes))
	if err != nil {
		return nil, fmt.Errorf("read the page at %s: %w", req.URL.Path, err)
	}
	page := &Page{URL: res.Request.URL, Status: res.StatusCode, doc: doc}
	if page.Status >= 400 {
		return page, page.refusal()
	}
	return page, nil
}

// refusal is the page's own explanation as an error.
func (p *Page) refusal() error {
	e := &RefusedError{Path: p.URL.Path, Status: p.Status, Text: p.Problem()}
	e.Code = p.doc.Find("[data-error][data-code]").First().AttrOr("data-code", "")
	if e.Text == "" {
		e.Text = clip(squeeze(p.doc.Find("body").Text()), 200)
	}
	return e
}

// Problem is what the page says went wrong, in its own words; empty when it says nothing of the kind.
func (p *Page) Problem() string {
	var said []string
	seen := map[string]bool{}
	p.doc.Find("[data-error], [role=alert], .invalid-feedback").Each(func(_ int, s *goquery.Selection) {
		text := squeeze(s.Text())
		if text != "" && !seen[text] {
			seen[text] = true
			said = append(said, text)
		}
	})
	return clip(strings.Join(said, " | "), 400)
}

// Find selects elements of the page by CSS.
func (p *Page) Find(selector string) *goquery.Selection { return p.doc.Find(selector) }

// Text is the visible text of the first element that the selector finds, blanks squeezed.
func (p *Page) Text(selector string) string { return squeeze(p.doc.Find(selector).First().Text()) }

// Attr is an attribute of the first element that the selector finds; empty when there is none.
func (p *Page) Attr(selector, name string) string {
	return p.doc.Find(selector).First().AttrOr(name, "")
}

// Has reports whether the selector finds anything.
func (p *Page) Has(selector string) bool { return p.doc.Find(selector).Length() > 0 }

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func clip(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return s
}

// asRefused returns the refusal inside err, or nil.
func asRefused(err error) *RefusedError {
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}
