package portal

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/yidaitong/yidaitong/platform/calendar"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/party"
)

// view is what every template needs: the language, who looks, and how figures are written.
type view struct {
	Lang    Lang
	CSRF    string
	Session *party.Session // nil for a visitor
	Path    string
	Done    string // a text that says what was just done, empty for none
	Alerts  int    // open alerts of the bank, for the bell
	Now     time.Time
	call    *call
}

func (c *call) newView() *view {
	v := &view{Lang: c.language(), Path: c.r.URL.Path, Now: c.p.o.Clock(), Session: c.session, call: c}
	v.CSRF = c.csrf()
	if key := "done." + c.r.URL.Query().Get("done"); c.p.messages.has(key) {
		v.Done = v.T(key)
	}
	return v
}

// language is the one asked for, else the one asked for before, else Chinese.
func (c *call) language() Lang {
	if asked := Lang(c.r.URL.Query().Get("lang")); asked == Chinese || asked == English {
		c.setCookie(langCookie, string(asked), 365*24*time.Hour)
		return asked
	}
	if cookie, err := c.r.Cookie(langCookie); err == nil && Lang(cookie.Value) == English {
		return English
	}
	return Chinese
}

// T is the text of a key.
func (v *view) T(key string, args ...any) string { return v.call.p.messages.text(v.Lang, key, args...) }

// Pick chooses between the two texts that services give.
func (v *view) Pick(zh, en string) string {
	if v.Lang == English && en != "" {
		return en
	}
	return zh
}

// Enum is the text of a border value: reason.sales_12m.title for REASON_SALES_12M and "title".
func (v *view) Enum(e protoreflect.Enum, part ...string) string { return v.T(enumKey(e, part...)) }

// enumKey names the text of a border value.
func enumKey(e protoreflect.Enum, part ...string) string {
	descriptor := e.Descriptor()
	name := string(descriptor.Values().ByNumber(e.Number()).Name())
	return valueKey(string(descriptor.Name()), name, part...)
}

func valueKey(enum, value string, part ...string) string {
	prefix := snake(enum)
	key := prefix + "." + strings.TrimPrefix(strings.ToLower(value), prefix+"_")
	return strings.Join(append([]string{key}, part...), ".")
}

// snake writes PdBand as pd_band.
func snake(name string) string {
	var out strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				out.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Can reports whether the policies allow the looker to do it; to a page, or to the given thing.
func (v *view) Can(action string, on ...object) bool {
	if len(on) == 0 {
		return v.call.may(action, aPage)
	}
	return v.call.may(action, on[0])
}

// Role of the looker, empty for a visitor.
func (v *view) Role() party.Role {
	if v.Session == nil {
		return ""
	}
	return v.Session.Account.Role
}

// Asset is the address of a style or script.
func (v *view) Asset(name string) string { return v.call.p.assets.url(name) }

// Switch is the address of this page in the other language.
func (v *view) Switch() string {
	u := *v.call.r.URL
	q := u.Query()
	q.Del("done")
	q.Set("lang", string(v.Lang.Other()))
	if v.call.r.Method != "GET" {
		return "/?" + url.Values{"lang": {string(v.Lang.Other())}}.Encode()
	}
	return u.Path + "?" + q.Encode()
}

// City is the name of the city that the platform serves.
func (v *view) City() string { return v.Division(v.call.p.o.City) }

// Division is the name of a county or city by its six digits.
func (v *view) Division(code string) string {
	if key := "division." + code; v.call.p.messages.has(key) {
		return v.T(key)
	}
	return code
}

// Named is the text of prefix.value where there is one, else the value itself.
func (v *view) Named(prefix, value string) string {
	if key := prefix + "." + value; v.call.p.messages.has(key) {
		return v.T(key)
	}
	return value
}

// Date of an instant, in Shanghai.
func (v *view) Date(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return v.day(t.In(calendar.Shanghai()))
}

// Day is a date that was stored as midnight UTC.
func (v *view) Day(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return v.day(t.UTC())
}

func (v *view) day(t time.Time) string {
	if v.Lang == English {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2006年1月2日")
}

// Moment is date and time, in Shanghai.
func (v *view) Moment(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	if v.Lang == English {
		return t.In(calendar.Shanghai()).Format("2 Jan 2006, 15:04")
	}
	return t.In(calendar.Shanghai()).Format("2006-01-02 15:04")
}

// Left says how long it is until then, or that it is past.
func (v *view) Left(until time.Time) string {
	d := until.Sub(v.Now)
	switch {
	case d < 0:
		return v.T("time.past", v.span(-d))
	default:
		return v.T("time.left", v.span(d))
	}
}

// Ago says how long ago it was.
func (v *view) Ago(t time.Time) string {
	d := v.Now.Sub(t)
	if d < time.Minute {
		return v.T("time.just_now")
	}
	return v.T("time.ago", v.span(d))
}

func (v *view) span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return v.T("time.days", int(d/(24*time.Hour)))
	case d >= time.Hour:
		return v.T("time.hours", int(d/time.Hour))
	default:
		return v.T("time.minutes", max(1, int(d/time.Minute)))
	}
}

// Money writes fen as yuan with two decimals: 12,345.60.
func (v *view) Money(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "−", -fen
	}
	return fmt.Sprintf("%s%s.%02d", sign, grouped(fen/100), fen%100)
}

// Yuan is Money with its unit.
func (v *view) Yuan(fen int64) string { return v.T("money.yuan", v.Money(fen)) }

// Amount is a round amount as people say it: 30 万元, or CNY 300,000.
func (v *view) Amount(fen int64) string {
	yuan := fen / 100
	switch {
	case v.Lang == English && fen%100 == 0:
		return "CNY " + grouped(yuan)
	case v.Lang == English:
		return "CNY " + v.Money(fen)
	case fen%1_000_000 == 0 && yuan >= 10_000*10_000:
		return trimZeros(float64(yuan)/1e8) + " 亿元"
	case fen%10_000 == 0 && yuan >= 10_000:
		return trimZeros(float64(yuan)/1e4) + " 万元"
	}
	return v.Money(fen) + " 元"
}

// Total is an amount at a glance, rounded: 1,234.5 万元, or CNY 12.3 million.
func (v *view) Total(fen int64) string {
	yuan := float64(fen) / 100
	switch {
	case v.Lang == English && yuan >= 1e6:
		return "CNY " + trimZeros(yuan/1e6) + " million"
	case v.Lang == English:
		return "CNY " + grouped(fen/100)
	case yuan >= 1e8:
		return trimZeros(yuan/1e8) + " 亿元"
	case yuan >= 1e4:
		return trimZeros(yuan/1e4) + " 万元"
	}
	return grouped(fen/100) + " 元"
}

// wanText is fen in 10,000 yuan for a form field.
func wanText(fen int64) string { return strconv.FormatFloat(float64(fen)/1e6, 'f', -1, 64) }

// yuanText is fen in yuan for a form field.
func yuanText(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

func trimZeros(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', 2, 64), "0"), ".")
}

// Rate writes basis points as a yearly rate: 4.35%.
func (v *view) Rate(bp int) string { return fmt.Sprintf("%d.%02d%%", bp/100, bp%100) }

// Rates writes a range of rates.
func (v *view) Rates(low, high int) string {
	if low == high {
		return v.Rate(low)
	}
	return v.Rate(low) + " – " + v.Rate(high)
}

// Count writes a whole number with groups.
func (v *view) Count(n int) string { return grouped(int64(n)) }

func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	start := len(text) % 3
	var out strings.Builder
	out.WriteString(text[:start])
	for i := start; i < len(text); i += 3 {
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.WriteString(text[i : i+3])
	}
	return out.String()
}

// Share writes a part of a whole in per cent.
func (v *view) Share(part, whole int) string {
	if whole == 0 {
		return "—"
	}
	return fmt.Sprintf("%.0f%%", 100*float64(part)/float64(whole))
}

// deadline says by when the next step is due. A repayment is due within its day, which ends at midnight.
func (v *view) deadline(a lending.Application) string {
	if a.State.Lent() {
		return v.T("case.next_due", v.Date(a.Deadline.Add(-time.Second)))
	}
	return v.T("case.deadline", v.Moment(a.Deadline))
}

// origin is the address of this site, as the reader's browser knows it.
func (v *view) origin() string {
	scheme := "http"
	if v.call.p.o.Secure || v.call.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + v.call.r.Host
}
