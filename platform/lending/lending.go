package lending

import (
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/product"
)

// Application is a firm's application for one version of one product. It belongs to two tenants: the firm and the bank.
type Application struct {
	ID             string
	Number         string // short number for people, such as YD20261120-7F3K
	OrgID          string
	FirmName       string
	FirmUSCI       string
	City           string
	Region         string
	BankID         string
	BankName       string
	ProductID      string
	ProductVersion int
	ProductNameZH  string
	ProductNameEN  string
	DemandID       string // empty when applied for straight from the product
	AmountFen      int64
	TermMonths     int
	Use            string
	Repayment      product.Repayment
	State          State
	Version        int       // to be sent back with every act: form field version
	Owner          Side      // who must act now; empty in final states
	Deadline       time.Time // by when; zero in final states
	OfficerID      string    // who accepted it
	OfficerName    string
	GrantID        string // the pre-loan grant it was made under
	ReasonCode     string // of the last decline, rejection, withdrawal or question
	ReasonText     string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Case is an application with everything around it, as its two sides see it.
type Case struct {
	Application Application
	Product     product.Product
	Steps       []Step
	Report      *Report // to the bank, and to the firm itself
	Offer       *Offer
	Contract    *Contract
	Loan        *Loan
	Instalments []Instalment
	Repayments  []Repaid
	Verdicts    []product.Verdict // the product's rules, judged with the report once it is there
	MayDo       []Event           // what the asking actor may do now
}

// Step is one row of the history.
type Step struct {
	At         time.Time
	ActorID    string // account id, or "system"
	ActorName  string
	Side       Side
	From       State
	Event      Event
	To         State
	ReasonCode string
	ReasonText string
}

// Report is a credit report asked for under an application.
type Report struct {
	ID            string
	ApplicationID string
	RequestID     string
	GrantID       string
	State         ReportState
	Result        *borderv1.CreditResult // nil until arrived
	Refusal       borderv1.RefusalCode   // set when refused
	EnvelopeID    string                 // of the answer
	Origin        string                 // of the log the answer stands in
	LeafIndex     uint64
	RequestedBy   string
	RequestedAt   time.Time
	ArrivedAt     time.Time
}

// ReportState of a report.
type ReportState string

const (
	ReportRequested ReportState = "requested"
	ReportArrived   ReportState = "arrived"
	ReportRefused   ReportState = "refused"
)

// Offer is what the bank proposes after its review.
type Offer struct {
	ApplicationID string
	AmountFen     int64
	TermMonths    int
	RateBP        int // annual, simple, all fees included
	LPRBP         int
	SpreadBP      int
	Repayment     product.Repayment
	DayCount      product.DayCount
	Conditions    string
	ValidUntil    time.Time
	MadeBy        string
	MadeAt        time.Time
	Instalments   []Instalment // as if disbursed today, for the borrower to see
}

// Contract is the agreed text. Its SHA-256 stands in the platform's log.
type Contract struct {
	ApplicationID string
	Number        string
	TextZH        string
	SHA256        string
	SignedBy      string // the borrower's account
	SignedAt      time.Time
	Origin        string
	LeafIndex     uint64
}

// Loan is money paid out.
type Loan struct {
	ID              string
	ApplicationID   string
	OrgID           string
	FirmName        string
	BankID          string
	BankName        string
	ProductNameZH   string
	ProductNameEN   string
	AmountFen       int64
	RateBP          int
	TermMonths      int
	Repayment       product.Repayment
	DayCount        product.DayCount
	BankReference   string // of the payment
	DisbursedOn     time.Time
	DueOn           time.Time
	OutstandingFen  int64 // principal
	NextDueOn       time.Time
	NextDueFen      int64
	OverdueDays     int
	OverdueFen      int64
	Class           FiveClass
	State           State
	SettledAt       time.Time
	MonitoringGrant string // grant under which the loan is watched, empty when the firm gave none
	WatchID         string
}

// FiveClass is the regulator's risk class of a loan.
type FiveClass string

const (
	ClassNormal         FiveClass = "normal"          // 正常
	ClassSpecialMention FiveClass = "special_mention" // 关注
	ClassSubstandard    FiveClass = "substandard"     // 次级
	ClassDoubtful       FiveClass = "doubtful"        // 可疑
	ClassLoss           FiveClass = "loss"            // 损失
)

// Instalment is one line of a schedule.
type Instalment struct {
	Number       int // from 1
	DueOn        time.Time
	Days         int
	PrincipalFen int64
	InterestFen  int64
	PaidFen      int64 // interest first, then principal
	PaidOn       time.Time
	BalanceFen   int64 // principal left after this instalment, by plan
}

// Repaid is one payment of the borrower, as the bank booked it.
type Repaid struct {
	BankReference string
	PaidOn        time.Time
	AmountFen     int64
	InterestFen   int64
	PrincipalFen  int64
	Early         bool
	BookedBy      string
	BookedAt      time.Time
}

// Form is what the borrower sends to apply: fields product, demand, amount_wan, term_months, use, repayment.
type Form struct {
	ProductID  string
	DemandID   string
	AmountFen  int64
	TermMonths int
	Use        string
	Repayment  product.Repayment
}

// Terms is the bank's offer form: fields amount_wan, term_months, rate_pct, repayment, conditions, version.
type Terms struct {
	AmountFen  int64
	TermMonths int
	RateBP     int // 0 takes the product's price for the report's grade
	Repayment  product.Repayment
	Conditions string
}

// Reason is why: a code from Reasons and free words for the other side.
type Reason struct {
	Code string
	Text string
}

// Ref points at an application as the actor last saw it; a stale version is refused with problem kind Conflict.
type Ref struct {
	ID      string
	Version int
}

// Quote is what paying everything back today would cost.
type Quote struct {
	On           time.Time
	PrincipalFen int64
	InterestFen  int64
	TotalFen     int64
}

// ReasonChoice is one of the reasons that a form offers.
type ReasonChoice struct {
	Code   string
	ZH, EN string
}
