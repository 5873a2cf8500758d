// Package cockpit counts, for the government's pages: what the platform did, and what the city's node last said about the city.
//
// It owns the table city_digest. It must never show a figure about one firm.
package cockpit

import (
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Numbers is the platform at a glance, as of At.
type Numbers struct {
	At             time.Time
	Firms          int // registered
	VerifiedFirms  int
	Banks          int
	Products       int // in force
	Demands        int
	DemandFen      int64
	MatchedDemands int // demands with at least one application
	Applications   int
	ByState        []StateCount
	Loans          int
	DisbursedFen   int64
	OutstandingFen int64
	OverdueFen     int64
	AverageRateBP  int           // weighted by amount
	TimeToFunds    time.Duration // median from application to money
	FirstLoans     int           // firms whose report showed no loan balance before
	UnsecuredFen   int64
	Grants         int
	Revocations    int
	CreditRequests int
	Refusals       int
	OpenAlerts     int
	ByBank         []BankRow
	ByCounty       []CountyRow
	ByMonth        []MonthRow
	ByKind         []KindRow
}

// StateCount is how many applications stand in a state.
type StateCount struct {
	State string
	Count int
}

// BankRow is one bank's record.
type BankRow struct {
	BankID        string
	Name          string
	NameEN        string
	Applications  int
	Approved      int
	Loans         int
	DisbursedFen  int64
	AverageRateBP int
	MedianHours   int // from application to decision
}

// CountyRow is one county's.
type CountyRow struct {
	Division     string
	Firms        int
	Demands      int
	Applications int
	Loans        int
	DisbursedFen int64
}

// MonthRow is one month's; the month is its first day.
type MonthRow struct {
	Month        time.Time
	Demands      int
	Applications int
	Loans        int
	DisbursedFen int64
}

// KindRow is one kind of product's.
type KindRow struct {
	Kind         string
	Loans        int
	DisbursedFen int64
}

// Digest is the newest city digest and where it stands in the log.
type Digest struct {
	Digest     *borderv1.CityDigest
	ReceivedAt time.Time
	EnvelopeID string
	Origin     string
	LeafIndex  uint64
}
