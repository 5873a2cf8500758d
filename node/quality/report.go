package quality

// Report is what was right and wrong with what a department sent. It names files, rows, columns and rules, and never a value.
type Report struct {
	Department  string        `json:"department"`
	TitleZH     string        `json:"title"`
	AsOf        string        `json:"as_of"`
	Received    int64         `json:"received"`
	Landed      int64         `json:"landed"`
	Quarantined int64         `json:"quarantined"`
	Duplicates  int64         `json:"duplicates"`
	Dimensions  *Dimensions   `json:"dimensions"` // null while nothing was delivered
	Trend       []TrendPoint  `json:"trend"`
	Catalogues  []Catalogue   `json:"catalogues"`
	Cross       []CrossResult `json:"cross"`
	Refused     []RefusedFile `json:"refused"`
	ToMend      []Mend        `json:"to_mend"`
	ToMendTotal int64         `json:"to_mend_total"` // more than are listed when the list was cut off
}

// TrendPoint is the quality of what a department delivered in one month.
type TrendPoint struct {
	Month       string     `json:"month"` // 2024-03
	Deliveries  int64      `json:"deliveries"`
	Received    int64      `json:"received"`
	Quarantined int64      `json:"quarantined"`
	Dimensions  Dimensions `json:"dimensions"`
}

// Catalogue is the quality of one catalogue.
type Catalogue struct {
	Catalogue   string       `json:"catalogue"`
	TitleZH     string       `json:"title"`
	OwnerPost   string       `json:"owner_post"`
	Version     string       `json:"version"`
	Received    int64        `json:"received"`
	Landed      int64        `json:"landed"`
	Quarantined int64        `json:"quarantined"`
	Duplicates  int64        `json:"duplicates"`
	Corrected   int64        `json:"corrected"` // landed rows that a later one superseded
	Conflicts   int64        `json:"conflicts"` // landed rows that another row of the same day contradicted when they were measured
	Latest      string       `json:"latest"`    // day of the last delivery, "" for none
	Cycle       string       `json:"cycle"`
	DaysLate    int          `json:"days_late"`
	Dimensions  *Dimensions  `json:"dimensions"` // null while nothing was delivered
	Deliveries  []Delivery   `json:"deliveries"`
	Fields      []Field      `json:"fields"`
	Checks      []Check      `json:"checks"`
	Faults      []FaultCount `json:"faults"`
	History     []Score      `json:"history"`
}

// Delivery is one file's account.
type Delivery struct {
	File           string     `json:"file"`
	KnownOn        string     `json:"known_on"`
	Format         string     `json:"format"`
	Encoding       string     `json:"encoding"`
	Received       int64      `json:"received"`
	Landed         int64      `json:"landed"`
	Quarantined    int64      `json:"quarantined"`
	Duplicates     int64      `json:"duplicates"`
	DaysLate       int        `json:"days_late"`
	Dimensions     Dimensions `json:"dimensions"`
	MissingColumns []string   `json:"missing_columns"`
	UnknownColumns []string   `json:"unknown_columns"`
}

// Field says how full a column is and how many of its values keep the rules that only warn.
type Field struct {
	Field   string `json:"field"`
	TitleZH string `json:"title"`
	Filled  int64  `json:"filled"`
	Of      int64  `json:"of"`
	Odd     int64  `json:"odd"`   // values that break the standard's pattern or the list of values
	Wrong   int64  `json:"wrong"` // identifiers of the right form with a wrong check character
}

// Check says how many landed rows contradict themselves.
type Check struct {
	Check   string `json:"check"`
	TitleZH string `json:"title"`
	Broken  int64  `json:"broken"`
}

// FaultCount says how many rows a rule kept back.
type FaultCount struct {
	Field   string `json:"field"`
	TitleZH string `json:"title"`
	Rule    string `json:"rule"`
	RuleZH  string `json:"rule_title"`
	Rows    int64  `json:"rows"`
}

// Score is a catalogue's quality as it was on a day.
type Score struct {
	On         string     `json:"on"`
	Deliveries int64      `json:"deliveries"`
	Landed     int64      `json:"landed"`
	Dimensions Dimensions `json:"dimensions"`
}

// RefusedFile is a file that was not taken.
type RefusedFile struct {
	File   string `json:"file"`
	On     string `json:"on"`
	Reason string `json:"reason"`
}

// Mend is one thing to put right in one row.
type Mend struct {
	Catalogue string `json:"catalogue"`
	TitleZH   string `json:"title"`
	File      string `json:"file"`
	Row       int64  `json:"row"`  // first row of data is 1
	Line      int64  `json:"line"` // counting what stands above the data, as a spreadsheet shows it
	Column    string `json:"column"`
	Rule      string `json:"rule"`
	RuleZH    string `json:"rule_title"`
	Shape     string `json:"shape"` // 9 for a digit, A for a letter, 文 for a character
	Advice    string `json:"advice"`
}

// CrossResult is what a check across departments found, as one of them may see it: counts, and its own rows.
type CrossResult struct {
	Check    string     `json:"check"`
	TitleZH  string     `json:"title"`
	AdviceZH string     `json:"advice"`
	On       string     `json:"on"`
	Compared int64      `json:"compared"` // firms and periods about which both sides speak
	Disagree int64      `json:"disagree"`
	Rows     []CrossRow `json:"rows"` // the department's own; the first of them when there are many
	RowCount int64      `json:"row_count"`
}

// CrossRow is a row of the department's own to look at again.
type CrossRow struct {
	Catalogue string `json:"catalogue"`
	TitleZH   string `json:"title"`
	File      string `json:"file"`
	Line      int64  `json:"line"`
}
