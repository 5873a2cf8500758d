package portal

import (
	"strings"

	"github.com/yidaitong/yidaitong/platform/party"
)

// menuItem is one entry of the navigation.
type menuItem struct {
	path, title, icon string
	here              bool
}

// entries is the navigation of all portals, in order. What the policies do not allow is not shown.
var entries = []struct{ path, title, icon, action string }{
	{"/firm", "firm.title", "home", "firm.home"},
	{"/firm/demands", "demands.title", "coin", "firm.demands"},
	{"/firm/applications", "applications.title", "file-text", "firm.applications"},
	{"/firm/portrait", "portrait.title", "chart-radar", "firm.portrait"},
	{"/firm/data-use", "data_use.title", "eye", "firm.data_use"},
	{"/firm/consents", "consents.title", "shield-check", "firm.consents"},
	{"/bank", "inbox.title", "list-check", "bank.inbox"},
	{"/bank/applications", "bank_applications.title", "file-text", "bank.applications"},
	{"/bank/market", "market.title", "building-store", "bank.market"},
	{"/bank/loans", "loans.title", "cash", "bank.loans"},
	{"/bank/alerts", "alerts.title", "bell", "bank.alerts"},
	{"/bank/products", "bank_products.title", "briefcase", "bank.products"},
	{"/gov", "cockpit.title", "gauge", "gov.cockpit"},
	{"/gov/departments", "departments.title", "database", "gov.departments"},
	{"/operator", "operator.title", "users", "operator.accounts"},
}

func (v *view) menu() []menuItem {
	var items []menuItem
	add := func(path, title, icon string) {
		items = append(items, menuItem{path: path, title: v.T(title), icon: icon})
	}
	if v.Session == nil {
		add("/", "home.title", "home")
	} else {
		for _, e := range entries {
			if v.Can(e.action) {
				add(e.path, e.title, e.icon)
			}
		}
	}
	add("/products", "products.title", "report-money")
	if v.Session == nil || !v.Role().Borrower() && !v.Role().Bank() {
		add("/audit", "audit.title", "shield-lock")
	}
	mark(items, v.Path)
	return items
}

// mark finds the entry that the path belongs to: the longest that it starts with.
func mark(items []menuItem, path string) {
	best := -1
	for i, item := range items {
		if path != item.path && !strings.HasPrefix(path, item.path+"/") {
			continue
		}
		if best < 0 || len(item.path) > len(items[best].path) {
			best = i
		}
	}
	if best >= 0 {
		items[best].here = true
	}
}

// homeOf is where an account lands after signing in.
func homeOf(role party.Role) string {
	switch role {
	case party.RoleEnterprise, party.RoleIndividual:
		return "/firm"
	case party.RoleBankOfficer, party.RoleBankRisk:
		return "/bank"
	case party.RoleDepartmentClerk:
		return "/gov/departments"
	case party.RoleDataBureau, party.RoleFinanceOffice, party.RoleTreasury:
		return "/gov"
	case party.RoleAuditor:
		return "/audit"
	case party.RoleOperator:
		return "/operator"
	}
	return "/"
}
