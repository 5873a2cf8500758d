package news

import (
	"cmp"
	"slices"
	"strings"
)

// Register is what texts are read against: every way to name every firm, in one automaton.
type Register struct {
	spelling
	firms    []known
	patterns *automaton
	meanings [][]meaning     // of each pattern
	home     map[string]bool // provinces of the register's firms
}

// known is a firm with what a text may say of it besides its name.
type known struct {
	id         int64
	individual bool
	head       string   // legal person, folded
	places     []string // its divisions, long and short
}

// meaning is one firm that a pattern may mean, and by which form of its name.
type meaning struct {
	firm   int32
	form   form
	former bool
}

// NewRegister learns how the firms' names are built and prepares to find them.
func NewRegister(firms []Firm) *Register {
	p := newParser(firms)
	r := &Register{spelling: p.spelling, home: p.home}
	means := map[string][]meaning{}
	for i, f := range firms {
		r.firms = append(r.firms, p.known(f))
		for n, registered := range f.Names {
			for written, text := range p.forms(p.parse(registered, f.Individual), r.firms[i].places) {
				means[text] = append(means[text], meaning{int32(i), written.form, n > 0})
			}
		}
	}
	texts := make([]string, 0, len(means))
	for text := range means {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	patterns := make([][]rune, len(texts))
	for i, text := range texts {
		patterns[i] = []rune(text)
		r.meanings = append(r.meanings, clearest(means[text]))
	}
	r.patterns = newAutomaton(patterns)
	return r
}

// clearest keeps one meaning per firm: by its clearest form, of the name it bears rather than a former one.
func clearest(all []meaning) []meaning {
	slices.SortFunc(all, func(a, b meaning) int {
		return cmp.Or(cmp.Compare(a.firm, b.firm), cmp.Compare(a.form, b.form), cmp.Compare(truth(a.former), truth(b.former)))
	})
	return slices.CompactFunc(all, func(a, b meaning) bool { return a.firm == b.firm })
}

func (p *parser) known(f Firm) known {
	k := known{id: f.ID, individual: f.Individual, head: p.text(f.LegalPerson)}
	for _, place := range placesOf(p.text(f.Address)) {
		k.places = append(k.places, place)
		if s := short(place); s != place {
			k.places = append(k.places, s)
		}
	}
	for _, n := range f.Names {
		_, _, places := p.core(p.text(n), f.Individual)
		for _, place := range places {
			if !slices.Contains(k.places, place) {
				k.places = append(k.places, place)
			}
		}
	}
	return k
}

// written is a form of a name, numbered so that one form may have several spellings.
type written struct {
	form form
	n    int
}

// forms are the ways to write a name. Those of one or two characters, and those that are a place, are left out.
func (p *parser) forms(n name, places []string) map[written]string {
	out := map[written]string{}
	add := func(f form, texts ...string) {
		for i, t := range texts {
			if len([]rune(t)) >= 3 || (f == formTrade && len([]rune(t)) == 2) {
				out[written{f, i}] = t
			}
		}
	}
	add(formFull, n.full)
	if limited, ok := strings.CutSuffix(n.full, "有限责任公司"); ok {
		add(formFull, n.full, limited+"有限公司")
	} else if limited, ok := strings.CutSuffix(n.full, "有限公司"); ok && !strings.HasSuffix(limited, "股份") {
		add(formFull, n.full, limited+"有限责任公司")
	}
	if n.core == "" {
		return out
	}
	if n.org != "" {
		add(formBare, strings.TrimSuffix(n.full, n.org))
		add(formTitled, n.core+n.org, n.core+"公司", n.core+"有限公司", n.core+"有限责任公司")
	}
	var placed []string
	for _, place := range places {
		placed = append(placed, place+n.core, place+n.core+n.org)
	}
	add(formPlaced, placed...)
	add(formCore, n.core)
	if n.trade != "" && n.org != "" {
		add(formCalled, n.trade+"公司", n.trade+"集团", n.trade+"厂")
		add(formTrade, n.trade)
	}
	return out
}
