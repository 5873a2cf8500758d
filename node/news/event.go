package news

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a text says happened to a firm.
type Kind string

// The kinds. None: the firm is named and nothing happened that bears on its credit.
const (
	None        Kind = "none"
	Lawsuit     Kind = "lawsuit" // it is sued or enforced against; who sues has None
	Default     Kind = "default"
	Penalty     Kind = "penalty"
	Fraud       Kind = "fraud"
	Accident    Kind = "accident"
	Layoff      Kind = "layoff"
	Closure     Kind = "closure"
	Dispute     Kind = "dispute"
	Award       Kind = "award"
	Patent      Kind = "patent"
	Expansion   Kind = "expansion"
	ContractWon Kind = "contract_won"
	Financing   Kind = "financing"
)

// Kinds are all kinds in a fixed order.
func Kinds() []Kind {
	return []Kind{None, Lawsuit, Default, Penalty, Fraud, Accident, Layoff, Closure, Dispute, Award, Patent, Expansion, ContractWon, Financing}
}

// Tone is +1 where a kind speaks for a firm, -1 where it speaks against it, 0 for None.
func (k Kind) Tone() int {
	switch k {
	case Award, Patent, Expansion, ContractWon, Financing:
		return 1
	case None:
		return 0
	default:
		return -1
	}
}

//go:embed lexicon.tsv
var lexiconTSV string

// phrase is a turn of speech that points to a kind.
type phrase struct {
	kind   int // place in Kinds
	weight float64
}

// lexicon finds the phrases of lexicon.tsv: kind, phrase, weight.
type lexicon struct {
	automaton *automaton
	phrases   [][]phrase
}

func newLexicon(s spelling) (*lexicon, error) {
	means := map[string][]phrase{}
	for i, line := range strings.Split(strings.TrimSpace(lexiconTSV), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 3 {
			return nil, fmt.Errorf("lexicon.tsv line %d has %d cells, not 3", i+1, len(cells))
		}
		kind := slices.Index(Kinds(), Kind(cells[0]))
		weight, err := strconv.ParseFloat(cells[2], 64)
		if kind < 0 || err != nil {
			return nil, fmt.Errorf("lexicon.tsv line %d: %q is no kind, or %q no weight", i+1, cells[0], cells[2])
		}
		text := s.text(cells[1])
		means[text] = append(means[text], phrase{kind, weight})
	}
	var texts []string
	for text := range means {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	l := &lexicon{}
	patterns := make([][]rune, len(texts))
	for i, text := range texts {
		patterns[i] = []rune(text)
		l.phrases = append(l.phrases, means[text])
	}
	l.automaton = newAutomaton(patterns)
	return l, nil
}

// prior is what the lexicon says of a passage: one weight per kind. A phrase counts once.
func (l *lexicon) prior(passage []rune) []float64 {
	score := make([]float64, len(Kinds()))
	score[0] = 1
	seen := map[int32]bool{}
	l.automaton.find(passage, func(h hit) {
		if seen[h.pattern] {
			return
		}
		seen[h.pattern] = true
		for _, each := range l.phrases[h.pattern] {
			score[each.kind] += each.weight
		}
	})
	return score
}

// Runes that stand for a firm in a passage: the one in question, and any other. No text holds them.
const (
	thisFirm  = '\ue000'
	otherFirm = '\ue001'
)

// passage is what a text says around the mentions of one firm: the title and the sentences that name it, with the firm and every other one
// replaced by one sign each. A firm that only later sentences speak of (该公司) gets those that follow too.
func (p *page) passage(firm int32) []rune {
	var out []rune
	end := 0
	for _, m := range p.found {
		sign := p.signOf(m, firm)
		if sign == 0 || m.start < end {
			continue
		}
		out = append(out, p.runes[end:m.start]...)
		out = append(out, sign)
		end = m.end
	}
	out = append(out, p.runes[end:]...)
	return around(out)
}

func (p *page) signOf(m mentioned, firm int32) rune {
	sign := rune(0)
	for _, c := range m.candidates {
		switch {
		case c.firm == firm:
			return thisFirm
		case c.p >= linkThreshold/2:
			sign = otherFirm
		}
	}
	return sign
}

// reach is how many runes before the first and after the last mention belong to a firm's passage.
const reach = 120

func around(text []rune) []rune {
	first := slices.Index(text, thisFirm)
	if first < 0 {
		return text
	}
	last := first
	for i, r := range text {
		if r == thisFirm {
			last = i
		}
	}
	return text[max(0, first-reach):min(len(text), last+reach)]
}

// buckets is how many features the classifier tells apart; more than one may fall into a bucket.
const buckets = 1 << 14

// grams are the features of a passage: pairs of characters, and what stands directly before and after the firm, up to four characters away.
// They are sorted and distinct.
func grams(passage []rune) []uint32 {
	var out []uint32
	put := func(class byte, a, b rune) {
		h := fnv.New32a()
		h.Write([]byte(string([]rune{rune(class), a, b})))
		out = append(out, h.Sum32()%buckets)
	}
	for i := 0; i+1 < len(passage); i++ {
		put('g', passage[i], passage[i+1])
		if passage[i] != thisFirm {
			continue
		}
		for d := 1; d <= 4; d++ {
			if i+d+1 < len(passage) {
				put('a', passage[i+d], passage[i+d+1])
			}
			if i-d-1 >= 0 {
				put('b', passage[i-d-1], passage[i-d])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// eventWeights are a multinomial logistic regression over grams, added to what the lexicon says: a row of kinds per bucket.
type eventWeights []float64

func noEventWeights() eventWeights { return make(eventWeights, buckets*len(Kinds())) }

func (w eventWeights) of(gram uint32, kinds int) []float64 {
	return w[int(gram)*kinds : (int(gram)+1)*kinds]
}

// said is a passage whose kind is known.
type said struct {
	grams []uint32
	prior []float64
	kind  int
}

// probabilities of the kinds for a passage.
func (w eventWeights) probabilities(grams []uint32, prior []float64) []float64 {
	score := slices.Clone(prior)
	for _, g := range grams {
		for k, v := range w.of(g, len(score)) {
			score[k] += v
		}
	}
	top, sum := slices.Max(score), 0.0
	for k := range score {
		score[k] = math.Exp(score[k] - top)
		sum += score[k]
	}
	for k := range score {
		score[k] /= sum
	}
	return score
}

// learn fits the weights by stochastic gradient descent with a step that shrinks per weight (Duchi, Hazan, Singer 2011), over the examples in
// the order given: the same examples give the same weights.
func learn(examples []said) eventWeights {
	const rounds, rate, penalty = 12, 0.3, 1e-4
	w, squares := noEventWeights(), noEventWeights()
	for range rounds {
		for _, e := range examples {
			p := w.probabilities(e.grams, e.prior)
			p[e.kind]--
			for _, g := range e.grams {
				weights, steps := w.of(g, len(p)), squares.of(g, len(p))
				for k, miss := range p {
					slope := miss + penalty*weights[k]
					steps[k] += slope * slope
					weights[k] -= rate * slope / math.Sqrt(1+steps[k])
				}
			}
		}
	}
	return w
}
