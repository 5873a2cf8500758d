package delivery

// LoadReport says what became of the rows of one load. Received = Landed + Quarantined + Duplicates.
type LoadReport struct {
	Files       int              `json:"files"` // files taken; refused ones are not among them
	Received    int64            `json:"received"`
	Landed      int64            `json:"landed"`
	Quarantined int64            `json:"quarantined"`
	Duplicates  int64            `json:"duplicates"`
	Seconds     float64          `json:"seconds"`
	Refused     []Refusal        `json:"refused"`
	Catalogues  []CatalogueCount `json:"catalogues"`
}

// Refusal is a file that was not taken at all, and what to do about it.
type Refusal struct {
	File     string `json:"file"`
	Reason   string `json:"reason"`
	ReasonZH string `json:"reason_zh"`
}

// CatalogueCount is a load's rows in one catalogue.
type CatalogueCount struct {
	Department  string `json:"department"`
	Catalogue   string `json:"catalogue"`
	Files       int    `json:"files"`
	Received    int64  `json:"received"`
	Landed      int64  `json:"landed"`
	Quarantined int64  `json:"quarantined"`
	Duplicates  int64  `json:"duplicates"`
}

// Progress is told while a load runs.
type Progress struct {
	FilesDone, FilesTotal int
	Rows                  int64
	Catalogue             string // DEPARTMENT/CATALOGUE just landed
}

// VerifyReport is what an audit of the stored state found.
type VerifyReport struct {
	OK         bool     `json:"ok"`
	Problems   []string `json:"problems"`
	Deliveries int64    `json:"deliveries"`
	Rows       int64    `json:"rows"`
	Segments   int64    `json:"segments"`
}
