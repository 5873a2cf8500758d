package news

import (
	"fmt"
	"slices"
)

// Model reads texts: it says which firms of a register they mean and what happened to them.
type Model struct {
	register *Register
	lexicon  *lexicon
	link     linkWeights
	events   eventWeights
	taught   int
}

// Said is what a text says of one firm.
type Said struct {
	Mention
	Kind Kind
	Tone int
	Sure float64 // of the kind, from 0 to 1; Confidence is of the firm
}

// Labelled is a text whose meaning a person has noted: the firms it means, and what it says happened to each. None of them means nobody.
type Labelled struct {
	Text
	Firms map[int64]Kind
}

// NewModel makes a model that knows what the lexicon says and how clear each form of a name is.
func NewModel(firms []Firm) (*Model, error) {
	register := NewRegister(firms)
	words, err := newLexicon(register.spelling)
	if err != nil {
		return nil, err
	}
	return &Model{register: register, lexicon: words, link: priorWeights(), events: noEventWeights()}, nil
}

// Teach fits both models to labelled texts, in place of what earlier ones taught. The order of the texts matters little but is kept: the same
// texts give the same model.
func (m *Model) Teach(texts []Labelled) error {
	var links []example
	pages := make([]*page, len(texts))
	for i, t := range texts {
		for _, kind := range t.Firms {
			if !slices.Contains(Kinds(), kind) {
				return fmt.Errorf("the labelled text %s has the kind %q; the kinds are %v", t.ID, kind, Kinds())
			}
		}
		pages[i] = m.register.read(t.Text)
		for _, found := range pages[i].found {
			for _, c := range found.candidates {
				if c.generic() {
					continue
				}
				_, meant := t.Firms[m.register.firms[c.firm].id]
				links = append(links, example{c.features, meant})
			}
		}
	}
	m.link = fit(links)
	var passages []said
	for i, t := range texts {
		for _, mention := range pages[i].linked(m.link) {
			kind, meant := t.Firms[mention.Firm]
			if !meant {
				continue
			}
			passage := pages[i].passage(mention.firm)
			passages = append(passages, said{grams(passage), m.lexicon.prior(passage), slices.Index(Kinds(), kind)})
		}
	}
	m.events, m.taught = learn(passages), len(texts)
	return nil
}

// Taught is how many labelled texts the model has seen.
func (m *Model) Taught() int { return m.taught }

// Read says which firms a text means and what happened to them. It may be called by many at a time.
func (m *Model) Read(t Text) []Said {
	p := m.register.read(t)
	var out []Said
	for _, mention := range p.linked(m.link) {
		passage := p.passage(mention.firm)
		chance := m.events.probabilities(grams(passage), m.lexicon.prior(passage))
		best := 0
		for k := range chance {
			if chance[k] > chance[best] {
				best = k
			}
		}
		kind := Kinds()[best]
		out = append(out, Said{Mention: mention, Kind: kind, Tone: kind.Tone(), Sure: chance[best]})
	}
	return out
}
