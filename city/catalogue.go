package city

import (
	_ "embed"
	"fmt"
	"strings"
)

// catalogue is one kind of record that a department delivers: how it is kept, and how it goes wrong.
type catalogue struct {
	department string
	name       string
	// identifier is the field that says whose record it is, name the one with the firm's name; empty where there is none.
	identifier string
	// key tells records apart besides the firm. A record that comes again under its key supersedes the earlier one.
	key []string
	// order is the field by which a clerk's export is sorted.
	order string
	// versioned records come again when they end; only the others are corrected or sent twice.
	versioned bool
	// late maps a field to its value after a late correction; empty where nothing is ever corrected.
	late map[string]string
	// fixed says that the identifier is part of the key: it may be damaged but is never empty.
	fixed bool
	// reference records are the register itself: their identifiers and names come undamaged.
	reference bool
	// invalid lists "field:why" that a careless clerk may produce.
	invalid []string
	// optional columns are left out of some files.
	optional []string
	// formats names the file format, and another from a year on: "xlsx" or "xlsx,2024:csv".
	formats string
	// title stands above the header of spreadsheets that have one.
	title string
}

// Formats of delivered files.
const (
	formatCSV     = "csv"     // UTF-8
	formatBOM     = "csv-bom" // UTF-8 with a byte order mark
	formatGB      = "csv-gb"  // GB18030 with Windows line ends
	formatXLSX    = "xlsx"
	formatLines   = "jsonl"
	formatArray   = "json"
	formatParquet = "parquet"
)

// catalogues are those of the ten departments, in the order in which they are written.
var catalogues = []catalogue{
	{department: "market_regulation", name: "enterprise_registration", identifier: "usci", order: "established_on", versioned: true, fixed: true, reference: true,
		optional: []string{"former_name", "phone", "business_scope"}, formats: formatGB + ",2024:" + formatCSV},
	{department: "market_regulation", name: "individual_registration", identifier: "usci", order: "established_on", versioned: true, fixed: true, reference: true,
		optional: []string{"phone"}, formats: formatGB},
	{department: "market_regulation", name: "registration_change", identifier: "usci", key: []string{"changed_on", "item"}, order: "changed_on", fixed: true,
		formats: formatXLSX, title: "市场主体变更登记信息表"},
	{department: "market_regulation", name: "shareholder", identifier: "usci", key: []string{"shareholder_name"}, order: "since_on", fixed: true, formats: formatCSV},
	{department: "market_regulation", name: "executive", identifier: "usci", key: []string{"person_name", "position"}, order: "since_on", fixed: true, formats: formatGB},
	{department: "market_regulation", name: "annual_report", identifier: "usci", key: []string{"report_year"}, order: "report_year", fixed: true,
		late:    map[string]string{"revenue_wan": "round(revenue_wan * 1.08, 2)", "employees": "employees + 1"},
		invalid: []string{"employees:negative_count", "revenue_wan:letters_in_amount"}, formats: formatBOM},
	{department: "market_regulation", name: "abnormal_list", identifier: "usci", key: []string{"listed_on"}, order: "listed_on", versioned: true, fixed: true,
		formats: formatXLSX, title: "经营异常名录信息"},
	{department: "market_regulation", name: "serious_illegality", identifier: "usci", key: []string{"listed_on"}, order: "listed_on", versioned: true, fixed: true,
		formats: formatXLSX, title: "严重违法失信名单"},
	{department: "market_regulation", name: "penalty", identifier: "usci", key: []string{"case_no"}, order: "penalised_on",
		late: map[string]string{"kind": "'罚款'"}, invalid: []string{"penalised_on:bad_date", "amount_yuan:letters_in_amount"}, formats: formatXLSX},
	{department: "tax", name: "tax_grade", identifier: "taxpayer_id", key: []string{"tax_year"}, order: "tax_year", fixed: true, formats: formatXLSX, title: "纳税信用评价结果"},
	{department: "tax", name: "tax_return", identifier: "taxpayer_id", key: []string{"period", "tax_kind"}, order: "period", fixed: true,
		late:    map[string]string{"declared_revenue_yuan": "round(declared_revenue_yuan * 1.05, 2)", "tax_due_yuan": "round(tax_due_yuan * 1.05, 2)"},
		invalid: []string{"declared_on:bad_date", "declared_revenue_yuan:letters_in_amount", "period:missing_required"}, formats: formatCSV},
	{department: "tax", name: "tax_payment", identifier: "taxpayer_id", key: []string{"period", "tax_kind"}, order: "period", fixed: true,
		late:    map[string]string{"paid_yuan": "round(paid_yuan * 1.05, 2)"},
		invalid: []string{"paid_on:bad_date", "paid_yuan:letters_in_amount"}, formats: formatCSV},
	{department: "tax", name: "tax_arrears", identifier: "taxpayer_id", key: []string{"tax_kind", "since_on"}, order: "since_on", versioned: true, fixed: true,
		formats: formatXLSX, title: "欠税公告"},
	{department: "human_resources", name: "social_insurance", identifier: "usci", key: []string{"period"}, order: "period", fixed: true,
		late:    map[string]string{"headcount": "headcount + 1", "due_yuan": "due_yuan + 1240", "paid_yuan": "paid_yuan + 1240"},
		invalid: []string{"headcount:negative_count", "paid_yuan:letters_in_amount", "period:bad_date"}, formats: formatGB + ",2025:" + formatCSV},
	{department: "human_resources", name: "labour_dispute", identifier: "usci", key: []string{"case_no"}, order: "accepted_on",
		late: map[string]string{"outcome": "'撤回申请'"}, invalid: []string{"accepted_on:bad_date"}, formats: formatXLSX},
	{department: "housing_fund", name: "contribution", identifier: "usci", key: []string{"firm_name", "period"}, order: "period",
		late:    map[string]string{"paid_yuan": "paid_yuan + 650"},
		invalid: []string{"headcount:negative_count", "paid_yuan:letters_in_amount"}, formats: formatBOM},
	{department: "court", name: "judgment", identifier: "usci", key: []string{"case_no", "firm_name", "role"}, order: "judged_on",
		late: map[string]string{"amount_yuan": "round(amount_yuan * 0.9, 2)"}, invalid: []string{"judged_on:bad_date", "amount_yuan:letters_in_amount"}, formats: formatLines},
	{department: "court", name: "enforcement", identifier: "usci", key: []string{"case_no", "firm_name"}, order: "filed_on", versioned: true, formats: formatLines},
	{department: "court", name: "dishonest_debtor", identifier: "usci", key: []string{"case_no", "firm_name"}, order: "published_on", versioned: true, formats: formatArray},
	{department: "court", name: "restricted_consumption", identifier: "usci", key: []string{"case_no", "firm_name"}, order: "issued_on", versioned: true, formats: formatLines},
	{department: "utilities", name: "electricity", identifier: "usci", key: []string{"meter_no", "period"}, order: "period",
		late:    map[string]string{"kwh": "kwh * 9 // 10", "charge_yuan": "round(charge_yuan * 0.9, 2)"},
		invalid: []string{"kwh:negative_count", "charge_yuan:letters_in_amount"}, formats: formatGB + ",2024:" + formatCSV},
	{department: "utilities", name: "water", identifier: "usci", key: []string{"meter_no", "period"}, order: "period",
		late: map[string]string{"tonnes": "tonnes + 2"}, invalid: []string{"tonnes:negative_count"}, formats: formatCSV},
	{department: "utilities", name: "utility_arrears", identifier: "usci", key: []string{"firm_name", "utility_kind", "since_on"}, order: "since_on", versioned: true,
		formats: formatXLSX, title: "非居民用户水电费欠费明细"},
	{department: "environment", name: "environment_rating", identifier: "usci", key: []string{"rating_year"}, order: "rating_year", fixed: true,
		formats: formatXLSX, title: "企业环境信用评价结果"},
	{department: "environment", name: "environment_penalty", identifier: "usci", key: []string{"case_no"}, order: "penalised_on",
		invalid: []string{"penalised_on:bad_date"}, formats: formatXLSX},
	{department: "finance", name: "loan", identifier: "usci", key: []string{"loan_no"}, order: "lent_on", invalid: []string{"amount_yuan:letters_in_amount"}, formats: formatBOM},
	{department: "finance", name: "loan_status", identifier: "usci", key: []string{"loan_no", "status_on"}, order: "status_on",
		late: map[string]string{"balance_yuan": "round(balance_yuan * 0.98, 2)"}, invalid: []string{"balance_yuan:letters_in_amount"}, formats: formatCSV},
	{department: "public_security", name: "resident", key: []string{"resident_id"}, order: "division_code", versioned: true, formats: formatLines},
	{department: "science", name: "high_tech_certificate", identifier: "usci", key: []string{"certificate_no"}, order: "certified_on", formats: formatXLSX, title: "高新技术企业名单"},
	{department: "science", name: "patent", identifier: "usci", key: []string{"patent_no"}, order: "granted_on", invalid: []string{"granted_on:bad_date"}, formats: formatXLSX},
}

// invoices are written quarter by quarter: they are the bulk, and need not fit into memory.
var invoices = []catalogue{
	{department: "tax", name: "sales_invoice", identifier: "taxpayer_id", key: []string{"invoice_no"}, order: "issued_on", fixed: true,
		late:    map[string]string{"state": "'作废发票'"},
		invalid: []string{"issued_on:bad_date", "total_yuan:letters_in_amount", "issued_on:missing_required"}, formats: formatCSV},
	{department: "tax", name: "purchase_invoice", identifier: "taxpayer_id", key: []string{"invoice_no"}, order: "issued_on", fixed: true,
		late:    map[string]string{"state": "'作废发票'"},
		invalid: []string{"issued_on:bad_date", "total_yuan:letters_in_amount"}, formats: formatCSV},
}

func (c catalogue) id() string { return c.department + "__" + c.name }

// format returns the format of a file delivered in a year.
func (c catalogue) format(choice string, year int) string {
	switch choice {
	case "csv":
		return formatCSV
	case "parquet":
		return formatParquet
	}
	format := ""
	for part := range strings.SplitSeq(c.formats, ",") {
		from, name, found := strings.Cut(part, ":")
		if !found {
			format = from
		} else if fmt.Sprint(year) >= from {
			format = name
		}
	}
	return format
}

func extension(format string) string {
	base, _, _ := strings.Cut(format, "-")
	return base
}

//go:embed headers.tsv
var headersTSV string

// titles are the column titles in use: catalogue id → field → official title and synonyms.
type titles map[string]map[string][]string

func readTitles(text string) (titles, error) {
	t := titles{}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 4 {
			return nil, fmt.Errorf("headers.tsv line %d has %d cells, not 4", i+1, len(cells))
		}
		id := cells[0] + "__" + cells[1]
		if t[id] == nil {
			t[id] = map[string][]string{}
		}
		t[id][cells[2]] = strings.Split(cells[3], "|")
	}
	return t, nil
}
