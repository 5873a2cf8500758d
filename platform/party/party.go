package party

import "time"

// Role is what an account may act as. Cedar policies speak of these names.
type Role string

const (
	RoleEnterprise      Role = "enterprise"
	RoleIndividual      Role = "individual"
	RoleBankOfficer     Role = "bank_officer"
	RoleBankRisk        Role = "bank_risk"
	RoleDepartmentClerk Role = "department_clerk"
	RoleDataBureau      Role = "data_bureau"
	RoleFinanceOffice   Role = "finance_office"
	RoleTreasury        Role = "treasury"
	RoleAuditor         Role = "auditor"
	RoleOperator        Role = "operator"
)

// Roles lists all ten.
func Roles() []Role {
	return []Role{RoleEnterprise, RoleIndividual, RoleBankOfficer, RoleBankRisk, RoleDepartmentClerk,
		RoleDataBureau, RoleFinanceOffice, RoleTreasury, RoleAuditor, RoleOperator}
}

// Borrower reports whether the role borrows.
func (r Role) Borrower() bool { return r == RoleEnterprise || r == RoleIndividual }

// Bank reports whether the role works in a bank.
func (r Role) Bank() bool { return r == RoleBankOfficer || r == RoleBankRisk }

// OrgKind is what an organisation is.
type OrgKind string

const (
	KindEnterprise OrgKind = "enterprise"
	KindIndividual OrgKind = "individual" // 个体工商户
	KindBank       OrgKind = "bank"
	KindGovernment OrgKind = "government"
	KindOperator   OrgKind = "operator"
)

// Organisation is a tenant: everything that belongs to somebody belongs to one.
type Organisation struct {
	ID         string
	Kind       OrgKind
	Name       string
	NameEN     string // banks and offices only
	Department string // government only: the department's code, as the folder's name under catalogs/
	City       string // six-digit division of the city whose node knows it, such as 341500
	Profile    Profile
	VerifiedAt time.Time // zero until market regulation and public security said yes
	CreatedAt  time.Time
}

// Verified reports whether the firm and its person passed the online identity check.
func (o Organisation) Verified() bool { return !o.VerifiedAt.IsZero() }

// Profile is what a firm says about itself. It feeds matching; nothing in it was checked, except USCI once verified.
type Profile struct {
	USCI            string
	Division        string    // six-digit county code; the USCI's own when left empty
	IndustrySection string    // GB/T 4754 section letter, A to T
	EstablishedOn   time.Time // date
	SizeDeclared    string    // micro, small or medium
	Employees       int
}

// Account is one person's way in. A person belongs to one organisation in one role.
type Account struct {
	ID             string
	OrgID          string
	Login          string
	Name           string
	Role           Role
	ResidentMasked string    // such as 342***********123X, empty until verified
	VerifiedAt     time.Time // zero until the person's identity was confirmed
	CreatedAt      time.Time
}

// Actor is who does something: the tenant that every query is bound to, and the role that policies judge.
type Actor struct {
	AccountID string
	OrgID     string
	Role      Role
	Name      string
}

// Session is a signed-in account. The token itself is known only to the browser; the store keeps its hash.
type Session struct {
	Account      Account
	Organisation Organisation
	CSRF         string // to be put into every form as field csrf
	StartedAt    time.Time
	ExpiresAt    time.Time // the earlier of the idle and the absolute limit
}

// Actor returns the session's account as an actor.
func (s Session) Actor() Actor {
	return Actor{AccountID: s.Account.ID, OrgID: s.Account.OrgID, Role: s.Account.Role, Name: s.Account.Name}
}

// Registration is the sign-up form of a borrower: form fields kind, login, password, person_name, firm_name.
type Registration struct {
	Kind       OrgKind // enterprise or individual
	Login      string  // a mobile number, or 4 to 32 letters, digits, dots, dashes
	Password   string
	PersonName string
	FirmName   string
}

// Staff is an account of a bank, an office or the operator, created by the operator and not by sign-up.
type Staff struct {
	OrgKind    OrgKind
	OrgName    string
	OrgNameEN  string
	Department string
	City       string
	Login      string
	Password   string
	Name       string
	Role       Role
}
