package quality

// Dimensions are the six of GB/T 36344-2018 as shares from 0 (nothing) to 1 (all). docs/data-onboarding.md has the formulas in words.
type Dimensions struct {
	Normative  float64 `json:"normative"`  // 规范性: values in the form that the contract asks for
	Complete   float64 `json:"complete"`   // 完整性: expected cells that hold a value
	Accurate   float64 `json:"accurate"`   // 准确性: values in range, identifiers with the right check character
	Consistent float64 `json:"consistent"` // 一致性: rows and firms that nothing contradicts
	Timely     float64 `json:"timely"`     // 时效性: days on which the promised data were there
	Accessible float64 `json:"accessible"` // 可访问性: files and rows that could be taken in for use
	Overall    float64 `json:"overall"`    // their mean
}

// counts are what dimensions are made of; those of several deliveries add up.
type counts struct {
	deliveries, refused                       int64
	received, landed, quarantined, duplicates int64
	rows                                      int64 // landed rows that say something; the others end what was said before
	cells, expected, empty                    int64 // expected counts the cells of quarantined rows too
	odd, checked, wrong                       int64
	contradictions, conflicts                 int64
	faultForm, faultEmpty, faultRange         int64 // broken rules of quarantined rows: about form, about what must be there, about range
	days, daysLate                            float64
}

func (c *counts) add(o counts) {
	c.deliveries, c.refused = c.deliveries+o.deliveries, c.refused+o.refused
	c.received, c.landed, c.quarantined, c.duplicates = c.received+o.received, c.landed+o.landed, c.quarantined+o.quarantined, c.duplicates+o.duplicates
	c.rows, c.cells, c.expected, c.empty = c.rows+o.rows, c.cells+o.cells, c.expected+o.expected, c.empty+o.empty
	c.odd, c.checked, c.wrong = c.odd+o.odd, c.checked+o.checked, c.wrong+o.wrong
	c.contradictions, c.conflicts = c.contradictions+o.contradictions, c.conflicts+o.conflicts
	c.faultForm, c.faultEmpty, c.faultRange = c.faultForm+o.faultForm, c.faultEmpty+o.faultEmpty, c.faultRange+o.faultRange
	c.days, c.daysLate = c.days+o.days, c.daysLate+o.daysLate
}

// fault counts rows that a rule of the quarantine kept back against the dimension that it is about.
func (c *counts) fault(rule string, n int64) {
	switch rule {
	case "required", "identifier":
		c.faultEmpty += n
	case "range":
		c.faultRange += n
	default:
		c.faultForm += n
	}
}

// dimensions scores the counts. agreement is the share of firms about which no other catalogue says otherwise, 1 where nothing was compared.
func (c *counts) dimensions(agreement float64) Dimensions {
	d := Dimensions{
		Normative:  1 - ratio(c.odd+c.faultForm, c.cells+c.faultForm),
		Complete:   1 - ratio(c.empty+c.faultEmpty, c.expected),
		Accurate:   1 - ratio(c.wrong+c.faultRange, c.checked+c.faultRange),
		Consistent: (1 - ratio(c.contradictions+c.conflicts, c.rows)) * agreement,
		Accessible: (1 - ratio(c.refused, c.deliveries+c.refused)) * (1 - ratio(c.quarantined, c.landed+c.quarantined)),
		Timely:     1,
	}
	if c.days > 0 {
		d.Timely = 1 - min(1, c.daysLate/c.days)
	}
	d.Overall = (d.Normative + d.Complete + d.Accurate + d.Consistent + d.Timely + d.Accessible) / 6
	return d
}

// ratio is part of whole, between 0 and 1; nothing is no part of nothing.
func ratio(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, float64(part)/float64(whole))
}

// named are the dimensions with their titles, in the standard's order.
func (d Dimensions) named() []struct {
	Title string
	Share float64
} {
	return []struct {
		Title string
		Share float64
	}{{"规范性", d.Normative}, {"完整性", d.Complete}, {"准确性", d.Accurate}, {"一致性", d.Consistent}, {"时效性", d.Timely}, {"可访问性", d.Accessible}}
}
