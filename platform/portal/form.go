package portal

import (
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/platform/problem"
)

// form is what a person typed, and what is wrong with it. A form that was not sent yet holds the values to start with.
type form struct {
	values url.Values
	wrong  problem.Fields
	said   *problem.Error // what the service said about the whole
	part   string         // sets the ids of its fields apart from those of other forms on the page
}

// id names a field's element, its hint (h) or its fault (e).
func (f *form) id(prefix, name string) string { return prefix + "-" + f.part + name }

func newForm(start map[string]string) *form {
	f := &form{values: url.Values{}}
	for name, value := range start {
		f.values.Set(name, value)
	}
	return f
}

func (c *call) form() *form { return &form{values: c.r.PostForm} }

// get is a field's text without surrounding blanks and with full-width digits and letters made half-width, as phones type them.
func (f *form) get(name string) string { return strings.TrimSpace(halfWidth(f.values.Get(name))) }

// raw is the text exactly as typed; passwords are.
func (f *form) raw(name string) string { return f.values.Get(name) }

func (f *form) has(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

func (f *form) ticked(name string) bool { return f.get(name) != "" }

// problem returns what is wrong with a field, nil when nothing is.
func (f *form) problem(name string) *problem.Field {
	for i := range f.wrong {
		if f.wrong[i].Name == name {
			return &f.wrong[i]
		}
	}
	return nil
}

// take keeps what a service said about the form, and reports whether it can be shown there; other errors go to an error page.
func (f *form) take(err error) bool {
	said := problem.Of(err)
	if said == nil || said.Kind == problem.NotFound {
		return false
	}
	f.said = said
	for _, field := range said.Fields {
		if f.problem(field.Name) == nil {
			f.wrong = append(f.wrong, field)
		}
	}
	return true
}

// status of the page that shows the form again.
func (f *form) status() int {
	if f.said != nil {
		return statusOf(f.said)
	}
	return statusOf(&problem.Error{Kind: problem.Invalid})
}

// bad reports whether parsing found a fault; the page is then shown again without calling a service.
func (f *form) bad() bool {
	if len(f.wrong) == 0 {
		return false
	}
	f.said = problem.Of(f.wrong.Err())
	return true
}

var (
	maxAmount = big.NewRat(10_000_000_000, 1) // yuan; above it nobody lends here
	hundred   = big.NewRat(100, 1)
)

// yuan reads an amount in yuan as fen.
func (f *form) yuan(name string) int64 { return f.amount(name, big.NewRat(1, 1)) }

// wan reads an amount in 10,000 yuan as fen.
func (f *form) wan(name string) int64 { return f.amount(name, big.NewRat(10_000, 1)) }

func (f *form) amount(name string, unit *big.Rat) int64 {
	text := strings.ReplaceAll(f.get(name), ",", "")
	value, ok := decimal(text)
	if !ok || value.Sign() <= 0 {
		f.wrong.Add(name, "amount", "请填写大于零的金额，例如 30 或 30.5。", "Give an amount above zero, such as 30 or 30.5.")
		return 0
	}
	value.Mul(value, unit)
	if value.Cmp(maxAmount) > 0 {
		f.wrong.Add(name, "too_large", "金额过大，请核对单位。", "The amount is too large; check the unit.")
		return 0
	}
	value.Mul(value, hundred)
	if !value.IsInt() {
		f.wrong.Add(name, "fraction", "金额最多精确到分。", "An amount has no parts smaller than a fen.")
		return 0
	}
	return value.Num().Int64()
}

// percent reads a yearly rate in per cent as basis points. An empty field is 0 and right.
func (f *form) percent(name string) int {
	text := strings.TrimSpace(strings.TrimSuffix(f.get(name), "%"))
	if text == "" {
		return 0
	}
	value, ok := decimal(text)
	if ok {
		value.Mul(value, hundred)
	}
	if !ok || value.Sign() <= 0 || value.Cmp(big.NewRat(10_000, 1)) > 0 || !value.IsInt() {
		f.wrong.Add(name, "rate", "请填写年利率，最多两位小数，例如 4.35。", "Give the yearly rate with at most two decimals, such as 4.35.")
		return 0
	}
	return int(value.Num().Int64())
}

// decimal reads plain digits with at most one point; no exponents, fractions or signs.
func decimal(text string) (*big.Rat, bool) {
	if len(text) == 0 || len(text) > 20 || strings.Trim(text, "0123456789.") != "" || strings.Count(text, ".") > 1 || text == "." {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// whole reads a whole number between two limits. An empty field is an error unless the lowest is zero.
func (f *form) whole(name string, low, high int) int {
	text := f.get(name)
	if text == "" && low == 0 {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		f.wrong.Add(name, "number", fmt.Sprintf("请填写 %d 到 %d 之间的整数。", low, high), fmt.Sprintf("Give a whole number from %d to %d.", low, high))
		return 0
	}
	return n
}

// date reads a date as browsers send it, or as people write it. An empty field is the zero time.
func (f *form) date(name string) time.Time {
	text := f.get(name)
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{"2006-01-02", "2006/1/2", "20060102", "2006年1月2日", "2006.1.2"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day
		}
	}
	f.wrong.Add(name, "date", "请填写日期，例如 2026-11-20。", "Give a date, such as 2026-11-20.")
	return time.Time{}
}

// must notes a field that was left empty.
func (f *form) must(name string) string {
	text := f.get(name)
	if text == "" {
		f.wrong.Add(name, "empty", "请填写此项。", "Fill in this field.")
	}
	return text
}

// halfWidth turns full-width letters, digits and signs into their ASCII twins.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～' && r != '，' && r != '；' && r != '：' && r != '？' && r != '！' && r != '（' && r != '）':
			return r - 0xFEE0
		case r == '　':
			return ' '
		}
		return r
	}, s)
}
