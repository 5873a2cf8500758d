package portal

import (
	"strings"

	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/product"
)

// chosen makes the choices of a list whose texts stand under prefix.VALUE.
func chosen[T ~string](v *view, prefix string, values []T) []choice {
	all := make([]choice, len(values))
	for i, value := range values {
		all[i] = choice{string(value), v.T(prefix + "." + string(value))}
	}
	return all
}

func productKinds() []product.Kind {
	return []product.Kind{product.KindCredit, product.KindTax, product.KindInvoice, product.KindAgriculture, product.KindTechnology,
		product.KindMortgage, product.KindGuaranteed, product.KindIndividual, product.KindEquipment, product.KindGreen,
		product.KindFirstLoan, product.KindSupplyChain, product.KindPolicySector}
}

func securities() []product.Security {
	return []product.Security{product.SecurityNone, product.SecurityMortgage, product.SecurityGuarantee, product.SecurityPledge}
}

func (v *view) uses() []choice       { return chosen(v, "use", demand.Uses()) }
func (v *view) securities() []choice { return chosen(v, "security", securities()) }
func (v *view) kinds() []choice      { return chosen(v, "product_kind", productKinds()) }
func (v *view) actions() []choice    { return chosen(v, "action", monitoring.Actions()) }
func (v *view) sizes() []choice      { return chosen(v, "size", []string{"micro", "small", "medium"}) }
func (v *view) repayments(among []product.Repayment) []choice {
	return chosen(v, "repayment", among)
}

func (v *view) borrowerKinds() []choice {
	return chosen(v, "org_kind", []party.OrgKind{party.KindEnterprise, party.KindIndividual})
}

// sections are the industries of GB/T 4754, A to T.
func (v *view) sections() []choice {
	var all []choice
	for letter := 'A'; letter <= 'T'; letter++ {
		all = append(all, choice{string(letter), v.T("section." + string(letter))})
	}
	return all
}

// counties are the divisions of the city in the catalogue.
func (v *view) counties() []choice {
	var all []choice
	city := v.call.p.o.City
	for _, key := range v.call.p.messages.keys() {
		code, ok := strings.CutPrefix(key, "division.")
		if ok && len(city) == 6 && code != city && code[:4] == city[:4] {
			all = append(all, choice{code, v.T(key)})
		}
	}
	return all
}

func (v *view) banks(banks []party.Organisation) []choice {
	all := make([]choice, len(banks))
	for i, b := range banks {
		all[i] = choice{b.ID, v.Pick(b.Name, b.NameEN)}
	}
	return all
}

// reasons are the reasons that a form offers for an event.
func (v *view) reasons(e lending.Event) []choice {
	var all []choice
	for _, r := range lending.Reasons(e) {
		all = append(all, choice{r.Code, v.Pick(r.ZH, r.EN)})
	}
	return all
}
