package city

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// catalogue is one kind of record that a department delivers: how it is kept, and how it goes wrong. What the department promised stands in
// the contract; how it keeps its word stands in delivered/DEPARTMENT.tsv.
type catalogue struct {
	contract
	department string
	name       string
	// identifier is the field that says whose record it is, firmName the one with the firm's name; empty where there is none.
	identifier string
	firmName   string
	// key tells records apart besides the identifier. A record that comes again under its key supersedes the earlier one.
	key []string
	// order is the field by which a clerk's export is sorted.
	order string
	// core catalogues are those that credit is computed from since the first version; a small city may be made of them alone.
	core bool
	// versioned records come again when they end; only the others are corrected or sent twice.
	versioned bool
	// fixed says that the identifier is part of the key: it may be damaged but is never empty.
	fixed bool
	// reference records are the register itself: their identifiers and names come undamaged.
	reference bool
	// whole says that now and then a file holds all that the department has, instead of what is new.
	whole bool
	// withdrawn says that some records are taken back: in a file of their own, or (marked) by a column that says of each row what to do with it.
	withdrawn bool
	marked    bool
	// invoice catalogues are made some quarters at a time, and as many of them as are wanted.
	invoice bool
	// late are the fields that a late correction changes, and to what; empty where nothing is ever corrected.
	late []correction
	// invalid lists "field:why" that a careless clerk may produce.
	invalid []string
	// optional columns are left out of some files.
	optional []string
	// formats names the file format, and another from a year on: "xlsx" or "xlsx,2024:csv".
	formats string
	// heading stands above the header of spreadsheets that have one.
	heading string
}

type correction struct{ Field, Value string }

// departments are the 34 that deliver, in the order in which a city takes them up.
var departments = []string{
	"market_regulation", "tax", "human_resources", "housing_fund", "court", "utilities", "environment", "finance", "public_security", "science",
	"customs", "natural_resources", "treasury",
	"medical_insurance", "agriculture", "transport", "housing_construction", "public_resources", "commerce", "industry_information", "emergency", "health",
	"development_reform", "education", "civil_affairs", "justice", "water_resources", "culture_tourism", "state_assets", "statistics", "urban_management", "forestry",
	"hotline", "fire_rescue",
}

// social is what no department keeps: news, announcements, posts. It is delivered beside the departments and not counted with them.
const social = "social"

//go:embed delivered
var delivered embed.FS

// readCatalogues reads the catalogues of some departments, in the order in which they are written.
func readCatalogues(contracts fs.FS, departments []string, coreOnly bool) ([]catalogue, error) {
	var all []catalogue
	for _, department := range departments {
		catalogues, err := readDepartment(contracts, department, coreOnly)
		if err != nil {
			return nil, err
		}
		all = append(all, catalogues...)
	}
	return all, nil
}

// readDepartment reads delivered/DEPARTMENT.tsv, which need not exist, and the contracts that it names.
func readDepartment(contracts fs.FS, department string, coreOnly bool) ([]catalogue, error) {
	path := "delivered/" + department + ".tsv"
	text, err := fs.ReadFile(delivered, path)
	if err != nil {
		text = nil // none of its catalogues is delivered yet
	}
	var found []catalogue
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if i == 0 || strings.TrimSpace(line) == "" {
			continue
		}
		c, err := parseDelivered(department, strings.Split(strings.TrimRight(line, "\r"), "\t"))
		if err != nil {
			return nil, fmt.Errorf("city/%s line %d: %w", path, i+1, err)
		}
		if coreOnly && !c.core {
			continue
		}
		if err := c.promise(contracts); err != nil {
			return nil, err
		}
		if _, err := fs.Stat(sqlFiles, c.query()); err != nil {
			return nil, fmt.Errorf("city/%s names %s, but there is no city/%s", path, c.name, c.query())
		}
		found = append(found, c)
	}
	if coreOnly {
		return found, nil
	}
	return found, unnamedQueries(department, found)
}

// unnamedQueries refuses clean queries that no line of the department's table names: nothing would come of them.
func unnamedQueries(department string, catalogues []catalogue) error {
	queries, err := fs.Glob(sqlFiles, "sql/clean/"+department+"__*.sql")
	if err != nil {
		return fmt.Errorf("list the queries of %s: %w", department, err)
	}
	for _, query := range queries {
		if !slices.ContainsFunc(catalogues, func(c catalogue) bool { return c.query() == query }) {
			return fmt.Errorf("city/%s exists, but city/delivered/%s.tsv has no line for it", query, department)
		}
	}
	return nil
}

// parseDelivered reads a line: catalogue, order, how, format, title, late, invalid, optional; "-" stands for nothing.
func parseDelivered(department string, cells []string) (catalogue, error) {
	if len(cells) != 8 {
		return catalogue{}, fmt.Errorf("%d cells, not 8", len(cells))
	}
	for i, cell := range cells {
		if cells[i] = strings.TrimSpace(cell); cells[i] == "-" {
			cells[i] = ""
		}
	}
	c := catalogue{department: department, name: cells[0], order: cells[1], formats: cells[3], heading: cells[4], invalid: list(cells[6], ","), optional: list(cells[7], ",")}
	for _, how := range list(cells[2], ",") {
		switch how {
		case "core":
			c.core = true
		case "versioned":
			c.versioned = true
		case "fixed":
			c.fixed = true
		case "reference":
			c.reference = true
		case "whole":
			c.whole = true
		case "withdrawn":
			c.withdrawn = true
		case "marked":
			c.withdrawn, c.marked = true, true
		case "invoice":
			c.invoice = true
		default:
			return catalogue{}, fmt.Errorf("%q says nothing about how %s is delivered", how, c.name)
		}
	}
	if c.withdrawn && (c.whole || c.versioned || c.invoice) {
		return catalogue{}, fmt.Errorf("records of %s cannot be taken back: it comes as a whole, in versions or with the invoices", c.name)
	}
	for _, late := range list(cells[5], ";") {
		field, value, ok := strings.Cut(late, "=")
		if !ok {
			return catalogue{}, fmt.Errorf("the correction %q of %s is not FIELD=EXPRESSION", late, c.name)
		}
		c.late = append(c.late, correction{strings.TrimSpace(field), value})
	}
	return c, c.knownFormats()
}

func list(cell, separator string) []string {
	var parts []string
	for part := range strings.SplitSeq(cell, separator) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// promise reads the contract and holds what delivered/ says against it.
func (c *catalogue) promise(contracts fs.FS) error {
	var err error
	if c.contract, err = readContract(contracts, c.department, c.name); err != nil {
		return err
	}
	c.identifier = c.identifiedBy("usci")
	if c.identifier == "" {
		c.identifier = c.identifiedBy("taxpayer_id")
	}
	c.firmName = c.identifiedBy("firm_name")
	c.key = slices.DeleteFunc(c.contract.key(), func(name string) bool { return name == c.identifier })
	named := slices.Concat([]string{c.order}, c.optional)
	for _, each := range c.late {
		named = append(named, each.Field)
	}
	for _, each := range c.invalid {
		field, _, _ := strings.Cut(each, ":")
		named = append(named, field)
	}
	for _, name := range named {
		if _, ok := c.field(name); !ok {
			return fmt.Errorf("city/delivered/%s.tsv says of %s something about a field %q, which its contract does not have", c.department, c.name, name)
		}
	}
	for _, name := range c.optional {
		if f, _ := c.field(name); f.required || f.key > 0 {
			return fmt.Errorf("city/delivered/%s.tsv lets %s.%s be left out, but its contract requires it", c.department, c.name, name)
		}
	}
	return nil
}

func (c catalogue) id() string { return c.department + "__" + c.name }

// query is the file of the query of its clean rows.
func (c catalogue) query() string { return "sql/clean/" + c.id() + ".sql" }
