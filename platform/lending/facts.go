package lending

import (
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/calendar"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/product"
)

// Day is the date in Shanghai at an instant, as dates are kept: midnight UTC of that date.
func Day(at time.Time) time.Time {
	y, m, d := at.In(calendar.Shanghai()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// FirmFacts are what a firm declared about itself, as rules see it.
func FirmFacts(org party.Organisation, now time.Time) product.FirmFacts {
	return product.FirmFacts{
		Kind:            string(org.Kind),
		AgeMonths:       product.AgeMonths(org.Profile.EstablishedOn, Day(now)),
		IndustrySection: org.Profile.IndustrySection,
		Division:        org.Profile.Division,
		SizeDeclared:    org.Profile.SizeDeclared,
		Employees:       org.Profile.Employees,
	}
}

// withReport puts what the city's data say in the place of what the firm declared: the age, as the lower end of its band.
func withReport(f product.FirmFacts, report *borderv1.CreditResult) product.FirmFacts {
	for _, figure := range report.GetFigures() {
		if figure.GetKind() != borderv1.FigureKind_FIGURE_KIND_FIRM_AGE {
			continue
		}
		f.AgeMonths = 0
		if low, _ := border.BandOf(figure); low != nil {
			f.AgeMonths = int(*low) + 1
		}
	}
	return f
}
