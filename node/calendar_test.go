package node

import (
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestLastDelivered(t *testing.T) {
	for known, want := range map[string]string{
		"2026-10-10": "2026-09-30", // the quarter's data are in
		"2026-10-09": "2026-06-30", // some are
		"2026-12-31": "2026-09-30",
		"2027-01-03": "2026-09-30",
		"2027-01-10": "2026-12-31",
		"2024-03-01": "2023-12-31",
	} {
		if got := lastDelivered(at(t, known)).Format(time.DateOnly); got != want {
			t.Errorf("known %s: last full quarter ends %s, not %s", known, got, want)
		}
	}
}

func TestObservationsUntil(t *testing.T) {
	for until, want := range map[string]string{
		"2026-10-15": "2026-10-15",
		"2026-10-14": "2026-07-15",
		"2026-10-16": "2026-10-15",
		"2027-01-14": "2026-10-15",
		"2027-01-15": "2027-01-15",
	} {
		found := observationsUntil(at(t, until), 6)
		if got := found[0].asOf.Format(time.DateOnly); len(found) != 6 || got != want {
			t.Errorf("until %s: %d dates, the newest %s, not %s", until, len(found), got, want)
		}
		for i, o := range found {
			if o.asOf.Day() != 15 || !o.periodEnd.AddDate(0, 0, 15).Equal(o.asOf) || i > 0 && !o.asOf.Before(found[i-1].asOf) {
				t.Errorf("until %s: date %d is %v", until, i, o)
			}
		}
	}
}
