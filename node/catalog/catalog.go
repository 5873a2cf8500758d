package catalog

// Contract is one data catalogue as its department promised it.
//
// Department and Name are codes; together they name the folder, the table and the view (landed.DEPARTMENT__NAME).
type Contract struct {
	File          string // where it was read from, inside the tree
	Added         bool   // by the operator, beside or instead of those that the program carries
	SHA256        string // of the file
	ID            string
	Version       string
	Department    string
	DepartmentZH  string
	Name          string
	TitleZH       string
	TitleEN       string
	Purpose       string
	Role          Role
	OwnerPost     string // the post that answers for the data, never a person's name
	LegalBasis    string
	SharingClass  string // 无条件共享, 有条件共享, 不予共享
	SecurityClass string // 一般, 重要, 核心: what harm a leak could do to the state and the public, by GB/T 43697
	SecurityGrade int    // 1 to 4, within the class
	UpdateCycle   Cycle
	Delivery      Delivery
	RetainYears   int
	EndedBy       string // the field of the day on which the matter ended, where a row is something bad about a person; empty elsewhere
	Fields        []Field
	Checks        []Check

	headers map[string]int // folded header → position in Fields
}

// Check is a rule about a whole row: what must never hold. A row that breaks it lands all the same and is counted against consistency.
type Check struct {
	Name    string
	TitleZH string
	Never   string // a condition over the contract's fields, in SQL
}

// Role says what a catalogue is to the node.
type Role string

// The roles.
const (
	RoleReference Role = "reference" // a row is a firm: links are made towards it
	RolePerson    Role = "person"    // a row is a person
	RoleRecord    Role = "record"    // a row is about a firm, which its identifiers name more or less well
)

// Delivery says what a file of the catalogue is unless its name says otherwise.
type Delivery string

// The kinds of delivery.
const (
	DeliveryIncrement Delivery = "increment" // rows that are new or have changed
	DeliverySnapshot  Delivery = "snapshot"  // all rows: what is absent has ended
)

// Cycle is how often a department promised to deliver.
type Cycle string

// The cycles.
const (
	CycleDaily     Cycle = "daily"
	CycleMonthly   Cycle = "monthly"
	CycleQuarterly Cycle = "quarterly"
	CycleYearly    Cycle = "yearly"
)

// Field is one column of a catalogue.
type Field struct {
	Name       string
	TitleZH    string
	TitleEN    string
	Synonyms   []string // other headers under which departments send it
	Type       Type
	Unit       string // 元, 万元, 人, 千瓦时, …; empty for text and dates
	Required   bool
	Key        bool       // part of the catalogue's key: a later delivery under the same key corrects
	Identifier Identifier // what it says about whose row this is; empty for an ordinary field
	Personal   bool
	Standard   string // GB 32100, GB/T 2260, GB/T 4754, …
	Grade      int
	Pattern    string            // a regular expression that a value should keep; breaking it is only counted
	Minimum    string            // smallest value, as text of the field's type; empty for none
	Maximum    string            // largest
	Values     []string          // the only values allowed; empty for any
	ValuesWarn bool              // any other value is only counted, not kept back
	Aliases    map[string]string // spellings that departments send for one of Values
	Example    string            // made up
}

// Type is what a field's values are. Each has one column type in the lake.
type Type string

// The types.
const (
	Text   Type = "text"
	Date   Type = "date"
	Period Type = "period" // a month, kept as its first day
	Yuan   Type = "yuan"
	Wan    Type = "wan" // 10,000 yuan
	Count  Type = "count"
	Number Type = "number"
)

// SQL is the type's column type.
func (t Type) SQL() string {
	switch t {
	case Date, Period:
		return "DATE"
	case Yuan:
		return "DECIMAL(18,2)"
	case Wan:
		return "DECIMAL(18,4)"
	case Count:
		return "BIGINT"
	case Number:
		return "DOUBLE"
	default:
		return "VARCHAR"
	}
}

// Identifier is what a field says about whose row it is in.
type Identifier string

// The identifiers. The first seven are of the firm the row is about and make up its _identity.
const (
	USCI       Identifier = "usci"
	RegNo      Identifier = "reg_no"
	OrgCode    Identifier = "org_code"
	TaxpayerID Identifier = "taxpayer_id"
	FirmCode   Identifier = "firm_code"
	FirmName   Identifier = "firm_name"
	LegalName  Identifier = "legal_person" // the firm's legal person or operator, by name
	ResidentID Identifier = "resident_id"
	PersonName Identifier = "person_name"
)

// OfFirm reports whether the identifier names the firm a row is about.
func (i Identifier) OfFirm() bool {
	switch i {
	case USCI, RegNo, OrgCode, TaxpayerID, FirmCode, FirmName, LegalName:
		return true
	default:
		return false
	}
}

// Table is the catalogue's name in the lake: DEPARTMENT__NAME.
func (c *Contract) Table() string { return c.Department + "__" + c.Name }

// View is the catalogue's landed view, as it stands in SQL.
func (c *Contract) View() string { return "landed." + c.Table() }

// HasFirm reports whether rows of the catalogue name a firm, that is, whether the view has a column _identity.
func (c *Contract) HasFirm() bool { return len(c.FirmIdentifiers()) > 0 }

// FirmIdentifiers are the fields that name the firm a row is about, in the contract's order.
func (c *Contract) FirmIdentifiers() []Field {
	var found []Field
	for _, f := range c.Fields {
		if f.Identifier.OfFirm() {
			found = append(found, f)
		}
	}
	return found
}

// Keys are the fields of the catalogue's key; none when rows have no key.
func (c *Contract) Keys() []Field {
	var found []Field
	for _, f := range c.Fields {
		if f.Key {
			found = append(found, f)
		}
	}
	return found
}

// Field returns the field of that name.
func (c *Contract) Field(name string) (Field, bool) {
	for _, f := range c.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}
