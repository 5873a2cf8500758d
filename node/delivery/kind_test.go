package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const payer = "91341500799655058B"

// parcel is one file of a random history of one firm's payments; the key is the kind of tax.
type parcel struct {
	day   int    // of January 2024
	kind  string // "", "full", "delete"
	lines []parcelLine
	path  string
	name  string
}

type parcelLine struct{ operation, key, amount string }

func (p *parcel) write(h *house, number int) {
	part := p.kind
	if part != "" {
		part += "_"
	}
	var b strings.Builder
	if p.kind == "delete" {
		b.WriteString("纳税人识别号,税款所属期,税种\n")
		for _, l := range p.lines {
			fmt.Fprintf(&b, "%s,2023-12,%s\n", payer, l.key)
		}
	} else {
		b.WriteString("操作,纳税人识别号,税款所属期,税种,实缴税额,缴款日期\n")
		for _, l := range p.lines {
			fmt.Fprintf(&b, "%s,%s,2023-12,%s,%s,2024-01-05\n", l.operation, payer, l.key, l.amount)
		}
	}
	p.name = fmt.Sprintf("tax_payment_%s202401%02d_%d.csv", part, p.day, number)
	p.path = h.file("tax", p.name, b.String())
}

// inForce is the simple model: what stands under each key at the end of each day, when all files are read in the order of what they are about.
func inForce(parcels []*parcel, days int) []string {
	var said []string
	stands := map[string]string{}
	for day := 1; day <= days; day++ {
		var whole []parcelLine
		isWhole := false
		var others []*parcel
		for _, p := range byName(parcels) {
			switch {
			case p.day != day:
			case p.kind == "full":
				whole, isWhole = append(whole, p.lines...), true
			default:
				others = append(others, p)
			}
		}
		if isWhole {
			clear(stands)
			apply(stands, whole, false)
		}
		for _, p := range others {
			apply(stands, p.lines, p.kind == "delete")
		}
		for key, amount := range stands {
			said = append(said, fmt.Sprint([]string{fmt.Sprintf("2024-01-%02d", day), key, amount}))
		}
	}
	slices.Sort(said)
	return said
}

func byName(parcels []*parcel) []*parcel {
	return slices.SortedFunc(slices.Values(parcels), func(a, b *parcel) int { return strings.Compare(a.name, b.name) })
}

// apply lets the rows of one delivery follow each other. A row that stands in it twice counts where it stands first.
func apply(stands map[string]string, lines []parcelLine, deletion bool) {
	seen := map[parcelLine]bool{}
	for _, l := range lines {
		if deletion || l.operation == "删除" {
			l = parcelLine{"删除", l.key, ""}
		} else {
			l.operation = ""
		}
		if seen[l] {
			continue
		}
		seen[l] = true
		if l.operation == "删除" {
			delete(stands, l.key)
		} else {
			stands[l.key] = l.amount + ".00"
		}
	}
}

// Increments, deliveries of the whole and deletions may come in any order and in any number of loads: what is in force on each day is what the
// files say when they are read in order.
func TestTheOrderOfLoadingDoesNotMatter(t *testing.T) {
	const days = 4
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(t)
		defer h.close()
		var parcels []*parcel
		received := 0
		for i := range rapid.IntRange(2, 6).Draw(rt, "files") {
			p := &parcel{day: rapid.IntRange(1, days).Draw(rt, "day"), kind: rapid.SampledFrom([]string{"", "", "full", "delete"}).Draw(rt, "kind")}
			for range rapid.IntRange(1, 4).Draw(rt, "rows") {
				p.lines = append(p.lines, parcelLine{
					operation: rapid.SampledFrom([]string{"", "新增", "U", "删除"}).Draw(rt, "operation"),
					key:       rapid.SampledFrom([]string{"甲税", "乙税", "丙税"}).Draw(rt, "key"),
					amount:    rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "amount"),
				})
			}
			received += len(p.lines)
			p.write(h, i)
			parcels = append(parcels, p)
		}
		shuffled := rapid.Permutation(parcels).Draw(rt, "order")
		accounted := int64(0)
		for len(shuffled) > 0 {
			n := rapid.IntRange(1, len(shuffled)).Draw(rt, "load")
			var paths []string
			for _, p := range shuffled[:n] {
				paths = append(paths, p.path)
			}
			report := h.load(paths...)
			if len(report.Refused) > 0 || report.Received != report.Landed+report.Quarantined+report.Duplicates {
				rt.Fatalf("not conserved: %+v", report)
			}
			accounted += report.Received
			shuffled = shuffled[n:]
		}
		h.mustHold()
		if accounted != int64(received) {
			rt.Fatalf("%d of %d rows accounted for", accounted, received)
		}
		got := h.query(fmt.Sprintf(`SELECT d, tax_kind, paid_yuan FROM landed.tax__tax_payment, (SELECT unnest(generate_series(DATE '2024-01-01', DATE '2024-01-%02d', INTERVAL 1 DAY))::DATE AS d)
			WHERE _known_on <= d AND (_superseded_on IS NULL OR _superseded_on > d) ORDER BY ALL`, days))
		var stands []string
		for _, row := range got {
			stands = append(stands, fmt.Sprint(row))
		}
		slices.Sort(stands)
		if want := inForce(withoutTwins(parcels, h), days); !slices.Equal(stands, want) {
			rt.Fatalf("in force\n%s\nwant\n%s", strings.Join(stands, "\n"), strings.Join(want, "\n"))
		}
	})
}

// withoutTwins leaves out files of the same content and day as another: the lake takes the one that it saw first.
func withoutTwins(parcels []*parcel, h *house) []*parcel {
	taken := map[string]bool{}
	for _, row := range h.query(`SELECT file FROM ledger.delivery`) {
		taken[row[0]] = true
	}
	return slices.DeleteFunc(slices.Clone(parcels), func(p *parcel) bool { return !taken[p.name] })
}
