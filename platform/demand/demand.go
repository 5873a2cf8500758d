package demand

import (
	"time"

	"github.com/yidaitong/yidaitong/platform/product"
)

// Demand is a firm's wish for money, published to the banks of its city.
type Demand struct {
	ID          string
	OrgID       string
	City        string
	Region      string // six-digit county code
	AmountFen   int64
	TermMonths  int
	Use         Use
	Security    product.Security
	NeededBy    time.Time // date, zero when it does not matter
	State       State
	PublishedAt time.Time
	ExpiresAt   time.Time
	ClosedAt    time.Time
}

// State of a demand.
type State string

const (
	StateOpen      State = "open"
	StateApplied   State = "applied" // an application was made from it; it stays open for others
	StateWithdrawn State = "withdrawn"
	StateExpired   State = "expired"
	StateFunded    State = "funded"
)

// Use is what the money is for.
type Use string

const (
	UseWorkingCapital Use = "working_capital"
	UseEquipment      Use = "equipment"
	UseExpansion      Use = "expansion"
	UseResearch       Use = "research"
	UseAgriculture    Use = "agriculture"
	UseRefinance      Use = "refinance"
	UseOther          Use = "other"
)

// Uses lists all uses in the order of the form.
func Uses() []Use {
	return []Use{UseWorkingCapital, UseEquipment, UseExpansion, UseResearch, UseAgriculture, UseRefinance, UseOther}
}

// Draft is the demand form: fields amount_wan, term_months, use, security, needed_by.
type Draft struct {
	AmountFen  int64
	TermMonths int
	Use        Use
	Security   product.Security
	NeededBy   time.Time
}

// Card is a demand as banks see it before the firm applies: no name, no code.
type Card struct {
	ID              string
	Region          string
	IndustrySection string
	Kind            string
	AgeYears        int
	AmountFen       int64
	TermMonths      int
	Use             Use
	Security        product.Security
	State           State
	PublishedAt     time.Time
	ExpiresAt       time.Time
}
