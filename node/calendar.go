package node

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Departments deliver a quarter's data by the 10th of the month after it; on the 15th, the observation date, firms are looked at.
const (
	deliveredByDay = 10
	observationDay = 15
	trendPoints    = 6 // observation dates that a trend shows
)

// observation is a date on which firms are looked at, and the end of the last full quarter known then.
type observation struct {
	asOf, periodEnd time.Time
}

// observe finds the date of a refresh: the one asked for, or else the observation date of the newest quarter that has been delivered, or the
// day of the newest delivery where that is later.
func observe(ctx context.Context, db *sql.DB, asked time.Time) (observation, error) {
	var known sql.NullTime
	query := "SELECT max(known_on) FROM ledger.delivery WHERE landed > 0"
	if !asked.IsZero() {
		query += " AND known_on <= DATE '" + asked.Format(time.DateOnly) + "'"
	}
	if err := db.QueryRowContext(ctx, query).Scan(&known); err != nil {
		return observation{}, fmt.Errorf("find the newest delivery: %w", err)
	}
	switch {
	case !known.Valid && asked.IsZero():
		return observation{}, errors.New("nothing has been delivered yet; load deliveries first, with 'yidaitong node load'")
	case !known.Valid:
		return observation{}, fmt.Errorf("nothing had been delivered by %s; choose a later date", asked.Format(time.DateOnly))
	}
	end := lastDelivered(known.Time)
	if !asked.IsZero() {
		return observation{day(asked), end}, nil
	}
	return observation{later(day(known.Time), observedOn(end)), end}, nil
}

// lastDelivered is the end of the last quarter whose data are complete when the newest delivery is of the day known.
func lastDelivered(known time.Time) time.Time {
	end := quarterEndBefore(known)
	if known.Before(end.AddDate(0, 0, deliveredByDay)) {
		return quarterEndBefore(end)
	}
	return end
}

// quarterEndBefore is the last day of the quarter before the one that d lies in.
func quarterEndBefore(d time.Time) time.Time {
	first := time.Date(d.Year(), (d.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, -1)
}

// observedOn is the observation date of the quarter that ends on end.
func observedOn(end time.Time) time.Time { return end.AddDate(0, 0, observationDay) }

// observationsUntil are the last n observation dates up to d, newest first.
func observationsUntil(d time.Time, n int) []observation {
	end := quarterEndBefore(d)
	if observedOn(end).After(d) {
		end = quarterEndBefore(end)
	}
	var found []observation
	for range n {
		found = append(found, observation{observedOn(end), end})
		end = quarterEndBefore(end)
	}
	return found
}

func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
