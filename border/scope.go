package border

import (
	"slices"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Short names for the table below.
const (
	registration = borderv1.DataClass_DATA_CLASS_REGISTRATION
	tax          = borderv1.DataClass_DATA_CLASS_TAX
	invoice      = borderv1.DataClass_DATA_CLASS_INVOICE
	insurance    = borderv1.DataClass_DATA_CLASS_SOCIAL_INSURANCE
	housingFund  = borderv1.DataClass_DATA_CLASS_HOUSING_FUND
	court        = borderv1.DataClass_DATA_CLASS_COURT
	utilities    = borderv1.DataClass_DATA_CLASS_UTILITIES
	penalty      = borderv1.DataClass_DATA_CLASS_PENALTY
	environment  = borderv1.DataClass_DATA_CLASS_ENVIRONMENT
	property     = borderv1.DataClass_DATA_CLASS_INTELLECTUAL_PROPERTY
	loan         = borderv1.DataClass_DATA_CLASS_LOAN
)

// reasonScope says which classes of data an indicator is made of and which dimension it belongs to. A reason that is not here
// can not leave.
var reasonScope = map[borderv1.Reason]struct {
	dimension borderv1.Dimension
	classes   []borderv1.DataClass
}{
	borderv1.Reason_REASON_LOAN_OVERDUE_MAX_DAYS_24M: {1, of(loan)},
	borderv1.Reason_REASON_DISHONEST_ACTIVE:          {1, of(court)},
	borderv1.Reason_REASON_ENFORCEMENTS_36M:          {1, of(court)},
	borderv1.Reason_REASON_ENFORCEMENT_OPEN_AMOUNT:   {1, of(court)},
	borderv1.Reason_REASON_TAX_ARREARS_OPEN:          {1, of(tax)},
	borderv1.Reason_REASON_UTILITY_ARREARS_OPEN:      {1, of(utilities)},
	borderv1.Reason_REASON_TAX_GRADE:                 {1, of(tax)},
	borderv1.Reason_REASON_SOCIAL_INSURANCE_GAPS_12M: {1, of(insurance)},

	borderv1.Reason_REASON_SALES_12M:             {2, of(invoice)},
	borderv1.Reason_REASON_TAX_PAID_12M:          {2, of(tax)},
	borderv1.Reason_REASON_DECLARED_REVENUE_12M:  {2, of(tax)},
	borderv1.Reason_REASON_DEBT_TO_SALES:         {2, of(invoice, loan)},
	borderv1.Reason_REASON_SALES_MARGIN_12M:      {2, of(invoice)},
	borderv1.Reason_REASON_ASSETS_TO_LIABILITIES: {2, of(registration)},
	borderv1.Reason_REASON_PROFIT_MARGIN:         {2, of(registration)},
	borderv1.Reason_REASON_LOAN_BALANCE:          {2, of(loan)},
	borderv1.Reason_REASON_SALES_TOTAL:           {2, of(invoice)},
	borderv1.Reason_REASON_PURCHASES_12M:         {2, of(invoice)},
	borderv1.Reason_REASON_PURCHASES_TOTAL:       {2, of(invoice)},
	borderv1.Reason_REASON_SALES_MARGIN_TOTAL:    {2, of(invoice)},

	borderv1.Reason_REASON_ACTIVE_SALES_MONTHS_12M:    {3, of(invoice)},
	borderv1.Reason_REASON_SALES_VOLATILITY_12M:       {3, of(invoice)},
	borderv1.Reason_REASON_VOID_SHARE_12M:             {3, of(invoice)},
	borderv1.Reason_REASON_RETURN_SHARE_12M:           {3, of(invoice)},
	borderv1.Reason_REASON_CUSTOMER_CONCENTRATION_12M: {3, of(invoice)},
	borderv1.Reason_REASON_SUPPLIER_CONCENTRATION_12M: {3, of(invoice)},
	borderv1.Reason_REASON_CUSTOMERS_12M:              {3, of(invoice)},
	borderv1.Reason_REASON_ELECTRICITY_12M:            {3, of(utilities)},
	borderv1.Reason_REASON_DAYS_SINCE_LAST_SALE:       {3, of(invoice)},
	borderv1.Reason_REASON_SALES_MONTHS_TOTAL:         {3, of(invoice)},
	borderv1.Reason_REASON_SALES_INVOICES_TOTAL:       {3, of(invoice)},
	borderv1.Reason_REASON_SUPPLIERS_12M:              {3, of(invoice)},
	borderv1.Reason_REASON_CUSTOMERS_TOTAL:            {3, of(invoice)},
	borderv1.Reason_REASON_SUPPLIERS_TOTAL:            {3, of(invoice)},
	borderv1.Reason_REASON_SALE_INVOICE_AVERAGE:       {3, of(invoice)},
	borderv1.Reason_REASON_PURCHASE_INVOICE_AVERAGE:   {3, of(invoice)},
	borderv1.Reason_REASON_LOW_TAX_SHARE_TOTAL:        {3, of(invoice)},
	borderv1.Reason_REASON_CUSTOMER_HERFINDAHL_TOTAL:  {3, of(invoice)},
	borderv1.Reason_REASON_SUPPLIER_HERFINDAHL_TOTAL:  {3, of(invoice)},

	borderv1.Reason_REASON_FIRM_AGE_MONTHS:             {4, of(registration)},
	borderv1.Reason_REASON_HEADCOUNT:                   {4, of(insurance)},
	borderv1.Reason_REASON_HEADCOUNT_VOLATILITY_12M:    {4, of(insurance)},
	borderv1.Reason_REASON_REGISTRATION_CHANGES_24M:    {4, of(registration)},
	borderv1.Reason_REASON_LEGAL_PERSON_CHANGES_36M:    {4, of(registration)},
	borderv1.Reason_REASON_HOUSING_FUND_MONTHS_12M:     {4, of(housingFund)},
	borderv1.Reason_REASON_SALES_VOLATILITY_36M:        {4, of(invoice)},
	borderv1.Reason_REASON_VOID_SHARE_TOTAL:            {4, of(invoice)},
	borderv1.Reason_REASON_RETURN_SHARE_TOTAL:          {4, of(invoice)},
	borderv1.Reason_REASON_PURCHASE_VOID_SHARE_TOTAL:   {4, of(invoice)},
	borderv1.Reason_REASON_PURCHASE_RETURN_SHARE_TOTAL: {4, of(invoice)},
	borderv1.Reason_REASON_SALES_HISTORY_MONTHS:        {4, of(invoice)},

	borderv1.Reason_REASON_SALES_GROWTH:        {5, of(invoice)},
	borderv1.Reason_REASON_HEADCOUNT_GROWTH:    {5, of(insurance)},
	borderv1.Reason_REASON_TAX_GROWTH:          {5, of(tax)},
	borderv1.Reason_REASON_ELECTRICITY_GROWTH:  {5, of(utilities)},
	borderv1.Reason_REASON_PATENTS_36M:         {5, of(property)},
	borderv1.Reason_REASON_HIGH_TECH_CERTIFIED: {5, of(property)},

	borderv1.Reason_REASON_PENALTIES_36M:                 {6, of(penalty)},
	borderv1.Reason_REASON_PENALTY_AMOUNT_36M:            {6, of(penalty)},
	borderv1.Reason_REASON_ABNORMAL_LISTED:               {6, of(registration)},
	borderv1.Reason_REASON_ABNORMAL_MONTHS_36M:           {6, of(registration)},
	borderv1.Reason_REASON_SERIOUS_ILLEGALITY_LISTED:     {6, of(registration)},
	borderv1.Reason_REASON_ENVIRONMENT_RATING:            {6, of(environment)},
	borderv1.Reason_REASON_JUDGMENTS_AS_DEFENDANT_36M:    {6, of(court)},
	borderv1.Reason_REASON_LABOUR_DISPUTES_24M:           {6, of(insurance)},
	borderv1.Reason_REASON_RESTRICTED_CONSUMPTION_ACTIVE: {6, of(court)},
}

func of(classes ...borderv1.DataClass) []borderv1.DataClass { return classes }

// CreditClasses are the classes that a full credit report is made of: everything but the identity of persons.
func CreditClasses() []borderv1.DataClass {
	return of(registration, tax, invoice, insurance, housingFund, court, utilities, penalty, environment, property, loan)
}

// ClassesOfReason are the classes of data behind an indicator; none for an unknown one.
func ClassesOfReason(r borderv1.Reason) []borderv1.DataClass {
	return slices.Clone(reasonScope[r].classes)
}

// DimensionOf is the dimension that an indicator belongs to.
func DimensionOf(r borderv1.Reason) borderv1.Dimension { return reasonScope[r].dimension }

// ClassesOfDimension are the classes behind all indicators of a dimension: a grant that lacks one of them does not cover it.
func ClassesOfDimension(d borderv1.Dimension) []borderv1.DataClass {
	var all []borderv1.DataClass
	for _, scope := range reasonScope {
		if scope.dimension == d {
			all = append(all, scope.classes...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ClassesOfFigure are the classes behind a figure.
func ClassesOfFigure(k borderv1.FigureKind) []borderv1.DataClass {
	switch k {
	case borderv1.FigureKind_FIGURE_KIND_SALES_12M, borderv1.FigureKind_FIGURE_KIND_SALES_GROWTH:
		return of(invoice)
	case borderv1.FigureKind_FIGURE_KIND_TAX_PAID_12M:
		return of(tax)
	case borderv1.FigureKind_FIGURE_KIND_HEADCOUNT:
		return of(insurance)
	case borderv1.FigureKind_FIGURE_KIND_LOAN_BALANCE:
		return of(loan)
	case borderv1.FigureKind_FIGURE_KIND_FIRM_AGE:
		return of(registration)
	}
	return nil
}

// ClassesOfAlert are the classes behind an alert; none for GRADE_DROP, which needs those of the model.
func ClassesOfAlert(c borderv1.AlertCode) []borderv1.DataClass {
	switch c {
	case borderv1.AlertCode_ALERT_CODE_DISHONEST_DEBTOR, borderv1.AlertCode_ALERT_CODE_ENFORCEMENT,
		borderv1.AlertCode_ALERT_CODE_RESTRICTED_CONSUMPTION:
		return of(court)
	case borderv1.AlertCode_ALERT_CODE_SERIOUS_ILLEGALITY, borderv1.AlertCode_ALERT_CODE_ABNORMAL_LISTED,
		borderv1.AlertCode_ALERT_CODE_DEREGISTERED:
		return of(registration)
	case borderv1.AlertCode_ALERT_CODE_TAX_ARREARS:
		return of(tax)
	case borderv1.AlertCode_ALERT_CODE_PENALTY:
		return of(penalty)
	case borderv1.AlertCode_ALERT_CODE_UTILITY_ARREARS:
		return of(utilities)
	case borderv1.AlertCode_ALERT_CODE_SALES_COLLAPSE:
		return of(invoice)
	}
	return nil
}

// Covers reports whether a grant's classes hold every needed one.
func Covers(granted, needed []borderv1.DataClass) bool {
	for _, c := range needed {
		if !slices.Contains(granted, c) {
			return false
		}
	}
	return true
}
