package news

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/yidaitong/yidaitong/node/entity"
)

// Firm is one firm of the register as texts may mean it.
type Firm struct {
	ID          int64
	Names       []string // the name it bears first, then former ones
	Individual  bool     // an individual business
	LegalPerson string
	Address     string
}

// form is a way in which a text names a firm, the most telling first.
type form int

const (
	formFull    form = iota // 六安市皋城农业科技有限公司
	formBare                // 六安市皋城农业科技
	formTitled              // 皋城农业科技有限公司
	formPlaced              // 六安皋城农业科技
	formCore                // 皋城农业科技
	formCalled              // 皋城公司
	formTrade               // 皋城
	formsNumber = int(formTrade) + 1
)

// name is a firm's name taken apart: place, trade, word and organisation form.
type name struct {
	full  string   // all of it, folded, without brackets
	place []string // divisions in it, as they stand there
	core  string   // trade and word
	trade string
	org   string // 有限公司, 店, …; empty where there is none
}

// organisations are the endings that say what kind of organisation a name is of, longest first. An individual business keeps its own
// (店, 部, …) as part of the core: without it nothing would tell that a firm is meant.
var organisations = []string{"农民专业合作社联合社", "农民专业合作社", "股份有限公司", "有限责任公司", "专业合作社", "集团有限公司", "有限公司", "股份公司", "合作社", "集团", "公司", "中心", "厂"}

// spelling folds running text and names alike.
type spelling struct{ folder entity.NameFolder }

// fold writes text in one spelling. Brackets and spaces vanish, every other mark becomes a blank that no pattern holds, so that nothing is
// found across it. at[i] is the place in text of the i-th rune kept.
func (s spelling) fold(text []rune) (folded []rune, at []int) {
	folded, at = make([]rune, 0, len(text)), make([]int, 0, len(text))
	for i, r := range text {
		r = s.folder.Rune(r)
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', unicode.Is(unicode.Han, r):
		case r == '(' || r == ')' || unicode.IsSpace(r):
			continue
		default:
			r = ' '
		}
		folded, at = append(folded, r), append(at, i)
	}
	return folded, at
}

func (s spelling) text(t string) string {
	folded, _ := s.fold([]rune(t))
	return strings.ReplaceAll(string(folded), " ", "")
}

// addressPlaces are the divisions that an address begins with.
var addressPlaces = regexp.MustCompile(`^(?:(\p{Han}{2,3}省))?(\p{Han}{2,4}?[市州盟])?(\p{Han}{2,4}?[区县旗市])?(\p{Han}{1,4}?(?:镇|乡|街道))?`)

// placesOf lists the divisions in an address, from large to small.
func placesOf(address string) []string {
	var found []string
	for _, place := range addressPlaces.FindStringSubmatch(address)[1:] {
		if place != "" {
			found = append(found, place)
		}
	}
	return found
}

// short drops the kind of division: 六安 for 六安市. Two characters stay as they are.
func short(place string) string {
	runes := []rune(place)
	if len(runes) < 3 {
		return place
	}
	return string(runes[:len(runes)-1])
}

// parser takes names apart by what the register's own names have in common.
type parser struct {
	spelling
	places map[string]bool // divisions and their short forms
	home   map[string]bool // provinces that names of the register begin with
	words  map[string]int  // endings of cores that many names share: 商贸, 农业科技
}

func newParser(firms []Firm) *parser {
	p := &parser{spelling: spelling{entity.NewNameFolder()}}
	p.learnPlaces(firms)
	p.learnWords(firms)
	return p
}

// learnPlaces takes the divisions of the register's addresses; one firm in five thousand must be there.
func (p *parser) learnPlaces(firms []Firm) {
	count := map[string]int{}
	for _, f := range firms {
		for _, place := range placesOf(p.text(f.Address)) {
			count[place]++
			if s := short(place); s != place {
				count[s]++
			}
		}
	}
	p.places, p.home = map[string]bool{}, map[string]bool{}
	for place, n := range count {
		if n >= max(1, len(firms)/5000) {
			p.places[place] = true
		}
	}
	at := map[string]int{}
	for _, f := range firms {
		for _, registered := range f.Names {
			at[edgePlace(provinceSet, []rune(p.text(registered)), false)]++
		}
	}
	for _, province := range provinces {
		p.places[province] = true
		p.home[province] = at[province] >= max(2, len(firms)/500)
	}
}

// edgePlace is the longest member of places that runes begin with (or, from the back, end with); empty when there is none.
func edgePlace(places map[string]bool, runes []rune, back bool) string {
	for n := min(longestPlace, len(runes)); n >= 2; n-- {
		part := runes[:n]
		if back {
			part = runes[len(runes)-n:]
		}
		if places[string(part)] {
			return string(part)
		}
	}
	return ""
}

// longestPlace is the number of characters of the longest division that is looked for.
const longestPlace = 8

// opening is the longest division that s begins with, leaving at least two characters.
func (p *parser) opening(s string) string {
	runes := []rune(s)
	return edgePlace(p.places, runes[:max(0, len(runes)-2)], false)
}

// core takes the divisions and the organisation form off a name.
func (p *parser) core(full string, individual bool) (core, org string, places []string) {
	core = full
	for place := p.opening(core); place != ""; place = p.opening(core) {
		core = strings.TrimPrefix(core, place)
		places = append(places, place)
	}
	if individual {
		return core, "", places
	}
	for _, ending := range organisations {
		if rest, ok := strings.CutSuffix(core, ending); ok && len([]rune(rest)) >= 2 {
			return rest, ending, places
		}
	}
	return core, "", places
}

// learnWords finds the endings of cores that are words of a trade: many names share them, and before them stands now this, now that character
// (业科技 always follows 农, so it is no word; 农业科技 is). It must make up a twenty-fifth of the names that end in its last two characters, or it
// would take in the last character of trade names (源商贸).
func (p *parser) learnWords(firms []Firm) {
	count, before := map[string]int{}, map[string]map[rune]int{}
	for _, f := range firms {
		if len(f.Names) == 0 {
			continue
		}
		core, _, _ := p.core(p.text(f.Names[0]), f.Individual)
		runes := []rune(core)
		for at := 2; at <= len(runes)-2; at++ {
			ending := string(runes[at:])
			count[ending]++
			if before[ending] == nil {
				before[ending] = map[rune]int{}
			}
			before[ending][runes[at-1]]++
		}
	}
	p.words = map[string]int{}
	for ending, n := range count {
		top := 0
		for _, c := range before[ending] {
			top = max(top, c)
		}
		if n >= max(3, len(firms)/5000) && 2*top <= n {
			p.words[ending] = n
		}
	}
	for ending, n := range p.words {
		runes := []rune(ending)
		if 25*n < count[string(runes[len(runes)-2:])] {
			delete(p.words, ending)
		}
	}
}

// parse takes a name apart. A part that cannot be told is empty.
func (p *parser) parse(registered string, individual bool) name {
	n := name{full: p.text(registered)}
	n.core, n.org, n.place = p.core(p.withoutBracketed(registered), individual)
	runes := []rune(n.core)
	for at := 2; at <= len(runes)-2; at++ {
		if p.words[string(runes[at:])] > 0 {
			n.trade = string(runes[:at])
			break
		}
	}
	return n
}

var bracketed = regexp.MustCompile(`[(（][^()（）]{2,6}[)）]`)

// withoutBracketed is a name without a division in brackets: 华源（六安）商贸 is 华源商贸 of 六安.
func (p *parser) withoutBracketed(registered string) string {
	return p.text(bracketed.ReplaceAllStringFunc(registered, func(inside string) string {
		if p.places[p.text(inside)] {
			return ""
		}
		return inside
	}))
}
