package product

import (
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Product is one version of a bank's loan product. A published version never changes: a change is a new version, and an
// application keeps the version it was made for.
type Product struct {
	ID             string
	Version        int
	BankID         string
	BankName       string
	BankNameEN     string
	Kind           Kind
	NameZH         string
	NameEN         string
	SummaryZH      string
	SummaryEN      string
	Borrowers      []string // enterprise, individual
	AmountMinFen   int64
	AmountMaxFen   int64
	TermMinMonths  int
	TermMaxMonths  int
	Repayments     []Repayment // what the borrower may choose from
	DayCount       DayCount
	LPRTenor       Tenor
	Pricing        []GradePrice // from grade A on; a grade that is absent is not lent to
	Security       Security
	Regions        []string             // six-digit county codes; empty means the whole city
	City           string               // six-digit city code
	DataClasses    []borderv1.DataClass // what the bank asks the borrower to authorise
	AcceptWithin   time.Duration        // the bank's deadline to accept an application
	DecideWithin   time.Duration        // the bank's deadline to decide after acceptance
	ExpectedDays   int                  // usual working days from application to money
	Rules          []Rule
	State          State
	EffectiveFrom  time.Time
	EffectiveUntil time.Time // zero while open-ended
	PublishedBy    string
	PublishedAt    time.Time
}

// Kind of product.
type Kind string

const (
	KindCredit       Kind = "credit"       // 信用贷
	KindTax          Kind = "tax"          // 税易贷
	KindInvoice      Kind = "invoice"      // 票据、发票贷
	KindAgriculture  Kind = "agriculture"  // 农业贷
	KindTechnology   Kind = "technology"   // 科创贷
	KindMortgage     Kind = "mortgage"     // 抵押贷
	KindGuaranteed   Kind = "guaranteed"   // 担保贷
	KindIndividual   Kind = "individual"   // 个体经营贷
	KindEquipment    Kind = "equipment"    // 设备贷
	KindGreen        Kind = "green"        // 绿色贷
	KindFirstLoan    Kind = "first_loan"   // 首贷
	KindSupplyChain  Kind = "supply_chain" // 供应链贷
	KindPolicySector Kind = "policy"       // 政策扶持贷
)

// Security is what stands behind the loan.
type Security string

const (
	SecurityNone      Security = "none" // 信用
	SecurityMortgage  Security = "mortgage"
	SecurityGuarantee Security = "guarantee"
	SecurityPledge    Security = "pledge"
)

// Repayment is how a loan is paid back.
type Repayment string

const (
	EqualInstalments Repayment = "equal_instalments" // 等额本息
	EqualPrincipal   Repayment = "equal_principal"   // 等额本金
	InterestFirst    Repayment = "interest_first"    // 先息后本: monthly interest, principal at the end
	Bullet           Repayment = "bullet"            // 到期一次还本付息
)

// RepaymentKinds lists all ways of repayment.
func RepaymentKinds() []Repayment {
	return []Repayment{EqualInstalments, EqualPrincipal, InterestFirst, Bullet}
}

// DayCount is how interest days are counted.
type DayCount string

const (
	Actual360 DayCount = "actual_360"
	Thirty360 DayCount = "30_360"
)

// Tenor of the loan prime rate.
type Tenor string

const (
	LPR1Y Tenor = "1Y"
	LPR5Y Tenor = "5Y"
)

// GradePrice is the price of one grade: the LPR plus so many basis points.
type GradePrice struct {
	Grade       borderv1.Grade
	BasisPoints int
}

// State of a product version.
type State string

const (
	StatePublished State = "published"
	StateSuspended State = "suspended"
)

// Rule is one condition in CEL over the vocabulary. A rule that names credit.* can be judged only once a report is there.
type Rule struct {
	Code        string
	Expr        string
	MessageZH   string // what is asked, as the borrower reads it
	MessageEN   string
	RemedyZH    string // what would help, when it fails
	RemedyEN    string
	NeedsCredit bool // set at publication
}

// Outcome of a rule.
type Outcome string

const (
	Passed  Outcome = "passed"
	Pending Outcome = "pending" // known only after authorisation and a report
	Failed  Outcome = "failed"
)

// Verdict is a rule and how it went.
type Verdict struct {
	Rule    Rule
	Outcome Outcome
}

// Draft is the publication form of a product. BankID, version, state and publication data of the product in it are set here.
type Draft struct {
	ProductID string // empty for a new product, else the product that gets a new version
	Product   Product
}

// InForce reports whether new applications are taken at that time.
func (p Product) InForce(at time.Time) bool {
	return p.State == StatePublished && !at.Before(p.EffectiveFrom) && (p.EffectiveUntil.IsZero() || at.Before(p.EffectiveUntil))
}
