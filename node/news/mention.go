package news

import (
	"math"
	"slices"
	"strings"
)

// Text is something published.
type Text struct {
	ID    string
	Title string
	Body  string
}

// page is a text made ready for reading: title and body folded, and who is found in it.
type page struct {
	register *Register
	runes    []rune // folded
	at       []int  // place of each folded rune in raw
	raw      []rune // title, a line end, body
	found    []mentioned
}

// mentioned is one place in a text at which some firm may be meant.
type mentioned struct {
	hit
	candidates []candidate
}

// candidate is a firm that may be meant there.
type candidate struct {
	meaning
	features features
	p        float64
}

// The features of a candidate. Each is 0 or 1 unless said otherwise.
const (
	featureForm       = iota                   // one for each form
	featureNamesakes  = iota + formsNumber - 1 // log2 of the number of firms that the same words may mean
	featureItsPlace                            // a place of the firm stands elsewhere in the text
	featurePlaceHere                           // a place of the firm stands directly before
	featureElsewhere                           // another place stands directly before
	featureRunsOn                              // before a form that is not the full name stands a character that may belong to a longer one
	featureRunsInto                            // an organisation form follows that the firm's name does not have
	featureHead                                // the firm's legal person is named
	featureAnchored                            // a clearer form of the firm's name stands in the text
	featureRival                               // a clearer form of another candidate's name stands in the text
	featureIndividual                          // it is an individual business
	featureFormer                              // it is a former name
	featureQuoted                              // it stands in quotation marks
	featureBias                                // always 1
	featuresNumber
)

type features [featuresNumber]float64

// maxCandidates bounds how many firms one form is weighed for; words that more firms share are weighed only for firms that are named clearly
// in the same text.
const maxCandidates = 64

// read finds the candidates of every mention in a text and their features.
func (r *Register) read(t Text) *page {
	p := &page{register: r, raw: []rune(t.Title + "\n" + t.Body)}
	p.runes, p.at = r.fold(p.raw)
	for _, h := range r.patterns.longest(p.runes) {
		p.found = append(p.found, mentioned{hit: h})
	}
	clear := p.clearForms()
	for i := range p.found {
		p.weigh(&p.found[i], clear)
	}
	return p
}

// clearForms is the clearest form by which each firm is named in the text; a form that fits several firms names none of them clearly.
func (p *page) clearForms() map[int32]form {
	clear := map[int32]form{}
	for _, m := range p.found {
		meanings := p.register.meanings[m.pattern]
		if len(meanings) > 4 {
			continue
		}
		for _, each := range meanings {
			if best, ok := clear[each.firm]; each.form <= formPlaced && (!ok || each.form < best) && !p.elsewhere(m, each) {
				clear[each.firm] = each.form
			}
		}
	}
	return clear
}

// elsewhere reports whether the words directly before a mention say that the firm is of another place.
func (p *page) elsewhere(m mentioned, of meaning) bool {
	before := p.runes[max(0, m.start-longestPlace):m.start]
	if city := edgePlace(citySet, before, true); city != "" {
		return !p.isOf(of.firm, city)
	}
	province := edgePlace(provinceSet, before, true)
	return province != "" && province != "中国" && !p.register.home[province]
}

func (p *page) isOf(firm int32, place string) bool {
	return slices.ContainsFunc(p.register.firms[firm].places, func(own string) bool { return short(own) == short(place) })
}

// weigh works out the features of the candidates of one mention.
func (p *page) weigh(m *mentioned, clear map[int32]form) {
	meanings := p.register.meanings[m.pattern]
	few := len(meanings) <= maxCandidates
	rivals := 0
	for _, each := range meanings {
		if best, ok := clear[each.firm]; ok && best < each.form {
			rivals++
		}
	}
	for _, each := range meanings {
		best, named := clear[each.firm]
		if !few && !named {
			continue
		}
		anchored := named && best < each.form
		f := p.context(m.hit, each)
		f[featureNamesakes] = math.Log2(float64(len(meanings)))
		f[featureAnchored] = truth(anchored)
		f[featureRival] = truth(rivals > 1 || rivals == 1 && !anchored)
		m.candidates = append(m.candidates, candidate{meaning: each, features: f})
	}
}

// context is what stands around a mention.
func (p *page) context(h hit, of meaning) features {
	var f features
	firm := p.register.firms[of.firm]
	f[featureForm+int(of.form)] = 1
	f[featureBias] = 1
	f[featureIndividual] = truth(firm.individual)
	f[featureFormer] = truth(of.former)
	f[featureHead] = truth(len([]rune(firm.head)) >= 2 && strings.Contains(string(p.runes), firm.head))
	before, after := string(p.runes[max(0, h.start-8):h.start]), string(p.runes[h.end:min(len(p.runes), h.end+6)])
	rest := string(p.runes[:h.start]) + " " + string(p.runes[h.end:])
	for _, place := range firm.places {
		if strings.HasSuffix(before, place) || strings.HasSuffix(before, place+"的") {
			f[featurePlaceHere] = 1
		}
		if strings.Contains(rest, place) {
			f[featureItsPlace] = 1
		}
	}
	f[featureElsewhere] = truth(p.elsewhere(mentioned{hit: h}, of))
	f[featureRunsOn] = truth(of.form > formFull && f[featurePlaceHere] == 0 && h.start > 0 && !opens(p.runes[h.start-1]))
	f[featureRunsInto] = truth(of.form >= formPlaced && runsInto(after))
	f[featureQuoted] = truth(p.quoted(h))
	return f
}

// openers are the characters after which a name may begin within a sentence.
const openers = " 的与和由向对在是为被将告诉给让因于及同跟称到从以即了家据查请找获知司现访光售销得过往来去有把助商聘罚入"

func opens(r rune) bool { return strings.ContainsRune(openers, r) || r >= '0' && r <= '9' }

// runsInto reports whether what follows makes a short form part of some other name.
func runsInto(after string) bool {
	for _, ending := range organisations {
		if at := strings.Index(after, ending); at > 0 && !strings.Contains(after[:at], " ") {
			return true
		}
	}
	return false
}

func (p *page) quoted(h hit) bool {
	first, last := p.at[h.start], p.at[h.end-1]
	return first > 0 && strings.ContainsRune("“\"「《", p.raw[first-1]) && last+1 < len(p.raw) && strings.ContainsRune("”\"」》", p.raw[last+1])
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Mention is a firm that a text means.
type Mention struct {
	Firm       int64
	Words      string  // as the text has them
	Form       string  // full, bare, titled, placed, core, called or trade
	Confidence float64 // from 0 to 1
	firm       int32
}

var formNames = [formsNumber]string{"full", "bare", "titled", "placed", "core", "called", "trade"}

// linkThreshold is how sure a link must be. Precision is asked for before recall: a link to the wrong firm harms it.
const linkThreshold = 0.80

// linked decides which firms the text means: at each place the likeliest candidate, when it is likely enough; each firm once, by its surest
// mention.
func (p *page) linked(w linkWeights) []Mention {
	var out []Mention
	for i := range p.found {
		m := &p.found[i]
		best := m.judge(w)
		if best == nil || best.p < linkThreshold {
			continue
		}
		said := Mention{
			Firm: p.register.firms[best.firm].id, firm: best.firm, Form: formNames[best.form], Confidence: best.p,
			Words: string(p.raw[p.at[m.start] : p.at[m.end-1]+1]),
		}
		if at := slices.IndexFunc(out, func(o Mention) bool { return o.firm == said.firm }); at < 0 {
			out = append(out, said)
		} else if out[at].Confidence < said.Confidence {
			out[at] = said
		}
	}
	return out
}

// judge gives every candidate its probability and returns the likeliest. The candidates of one place exclude each other: the odds of each stand
// against those of all others and of none.
func (m *mentioned) judge(w linkWeights) *candidate {
	var best *candidate
	sum := 1.0
	for i := range m.candidates {
		c := &m.candidates[i]
		if c.generic() {
			continue
		}
		c.p = math.Exp(min(w.sum(c.features), 40))
		sum += c.p
	}
	for i := range m.candidates {
		c := &m.candidates[i]
		c.p /= sum
		if best == nil || c.p > best.p {
			best = c
		}
	}
	return best
}

// generic reports that nothing but a trade name speaks for a firm. Such a word never makes a link.
func (c *candidate) generic() bool {
	f := c.features
	if c.form != formTrade || f[featureAnchored] == 1 {
		return false
	}
	return f[featurePlaceHere]+f[featureQuoted] < 2 && f[featureHead] == 0
}
