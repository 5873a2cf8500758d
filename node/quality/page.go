package quality

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageHTML string

// shownOnPage is how many rows to mend, and how many deliveries of a catalogue, the page lists; the workbook has all.
const shownOnPage = 100

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent":    percent,
	"share":      Percent,
	"grade":      grade,
	"mends":      func(list []Mend) []Mend { return list[:min(len(list), shownOnPage)] },
	"rows":       func(list []CrossRow) []CrossRow { return list[:min(len(list), shownOnPage)] },
	"latest":     func(list []Delivery) []Delivery { return list[max(0, len(list)-shownOnPage):] },
	"join":       func(list []string) string { return strings.Join(list, "、") },
	"dimensions": Dimensions.named,
	"radar":      radar,
	"trend":      trendChart,
	"fates":      fateChart,
	"faults":     faultChart,
	"spark":      spark,
	"comma":      comma,
}).Parse(pageHTML))

// WriteHTML writes the report as one page that needs nothing besides itself.
func (r Report) WriteHTML(w io.Writer) error {
	if err := pageTemplate.Execute(w, r); err != nil {
		return fmt.Errorf("write the quality page: %w", err)
	}
	return nil
}

// percent writes part of whole; a dash where there is no whole.
func percent(part, whole int64) string {
	if whole == 0 {
		return "—"
	}
	return Percent(float64(part) / float64(whole))
}

// Percent writes a share; one below the whole is never rounded up to it.
func Percent(share float64) string {
	text := fmt.Sprintf("%.1f%%", share*100)
	if share < 1 && text == "100.0%" {
		return "99.9%"
	}
	return text
}

// grade is a style for a share.
func grade(share float64) string {
	switch {
	case share >= 0.95:
		return "ok"
	case share >= 0.8:
		return "odd"
	default:
		return "late"
	}
}

// comma writes a count with thousands apart.
func comma(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
