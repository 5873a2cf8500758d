package entity

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// A record and a firm are compared field by field; each comparison ends in a level, and each level weighs so many bits for or against (Fellegi and
// Sunter, "A Theory for Record Linkage", JASA 64, 1969): log2(m/u), where m is how often the two compare so when they are the same firm, and u how
// often when they are not.
//
// m is learnt: of names, persons and addresses from pairs that a valid credit code settles, then, with that of damaged codes, by expectation and
// maximisation over the records that codes leave open. u is learnt from random pairs; where a value agrees, u is how many firms share that very
// value (term frequency), with others not in the reference told by Good and Turing's estimate. What follows are the values to start from, which
// stay where there is little to learn from.
type level struct {
	field string
	level int
	zh    string
	en    string
	m     float64 // how often for the same firm, within its group
	group string  // levels whose m sum to one; empty for one that is not learnt

	// How often for two firms: u where it is given, else others divided by the firms of the reference: how many other firms, of the reference
	// and outside, are to be expected to agree so.
	u, others float64

	pairs int64 // that m was learnt from
}

// Levels of the comparisons, as compare.sql numbers them.
func levels() []level {
	return []level{
		{field: "code", level: 1, zh: "统一社会信用代码一致", en: "credit code is the same", m: 0.98, others: 1e-5},
		{field: "code", level: 2, zh: "组织机构代码一致", en: "organisation code is the same", m: 0.25, group: "damaged", others: 1e-4},
		{field: "code", level: 3, zh: "代码仅一处笔误且校验位不符，可唯一修复", en: "code is one slip away, which its check digit shows", m: 0.55, group: "damaged", others: 1.0 / 4096},
		{field: "code", level: 4, zh: "代码有两三处不同或不完整", en: "code differs in two or three places, or is a part", m: 0.15, group: "damaged", others: 0.02},
		{field: "code", level: 5, zh: "代码仅一字之差，但校验位相符", en: "code is one slip away, but valid", m: 1e-3, others: 1},
		{field: "code", level: 6, zh: "代码不同（校验位不符）", en: "code is another, and faulty", m: 0.05, group: "damaged", u: 1},
		{field: "code", level: 7, zh: "代码不同且有效，属于别的主体", en: "code is valid and another's", m: 2e-5, u: 1},

		{field: "reg", level: 1, zh: "注册号一致", en: "registration number is the same", m: 0.95, others: 1.0 / 256},
		{field: "reg", level: 3, zh: "注册号仅一处笔误且校验位不符", en: "registration number is one slip away, which its check digit shows", m: 0.75, group: "reg damaged", others: 1.0 / 1024},
		{field: "reg", level: 5, zh: "注册号仅一字之差，但校验位相符", en: "registration number is one slip away, but valid", m: 0.01, others: 1},
		{field: "reg", level: 6, zh: "注册号不同（校验位不符）", en: "registration number is another, and faulty", m: 0.25, group: "reg damaged", u: 1},
		{field: "reg", level: 7, zh: "注册号不同且有效", en: "registration number is valid and another's", m: 0.01, u: 1},

		{field: "firm_code", level: 1, zh: "企业代号一致", en: "code of the study is the same", m: 0.99, others: 1e-4},
		{field: "firm_code", level: 2, zh: "企业代号不同", en: "code of the study is another's", m: 1e-4, u: 1},
		{field: "operator", level: 1, zh: "经营者身份证号一致", en: "operator's resident ID is the same", m: 0.9, others: 0.25},
		{field: "operator", level: 2, zh: "经营者身份证号不同", en: "operator's resident ID is another's", m: 0.1, u: 1},

		{field: "name", level: 1, zh: "名称完全一致", en: "full name is the same", m: 0.88, group: "name", others: 1.0 / 256},
		{field: "name", level: 2, zh: "区划、字号、行业一致，组织形式省略或次序不同", en: "same parts, form left out or in another order", m: 0.02, group: "name", others: 1.0 / 64},
		{field: "name", level: 3, zh: "名称音同或形近", en: "name sounds or looks the same", m: 0.02, group: "name", others: 1.0 / 8},
		{field: "name", level: 4, zh: "字号、行业一致，区划省略或有详略", en: "same trade name and industry, division left out", m: 0.03, group: "name", others: 1},
		{field: "name", level: 5, zh: "字号、行业音同或形近，区划或形式省略", en: "trade name and industry sound or look the same, parts left out", m: 0.005, group: "name", others: 2},
		{field: "name", level: 6, zh: "字号或行业一字之差", en: "one character of trade name or industry differs", m: 0.01, group: "name", others: 4},
		{field: "name", level: 7, zh: "字号一致，行业省略或有详略", en: "same trade name, industry left out or shortened", m: 0.01, group: "name", others: 4},
		{field: "name", level: 8, zh: "字号相同，但区划、行业或形式不同", en: "same trade name, but another division, industry or form", m: 0.002, group: "name", u: 0.002},
		{field: "name", level: 9, zh: "名称不同", en: "name is another", m: 0.04, group: "name", u: 0.98},

		{field: "person", level: 1, zh: "法定代表人（经营者）姓名一致", en: "legal person's name is the same", m: 0.90, group: "person", others: 1},
		{field: "person", level: 2, zh: "法定代表人姓名一字之差", en: "legal person's name differs in one character", m: 0.02, group: "person", u: 0.005},
		{field: "person", level: 3, zh: "法定代表人（经营者）姓名不同", en: "legal person's name is another", m: 0.08, group: "person", u: 0.99},

		{field: "address", level: 1, zh: "地址一致", en: "address is the same", m: 0.60, group: "address", others: 0.5},
		{field: "address", level: 2, zh: "地址的路名门牌一致或互相包含", en: "same road and house, or one contains the other", m: 0.25, group: "address", others: 1},
		{field: "address", level: 3, zh: "地址不同", en: "address is another", m: 0.15, group: "address", u: 0.99},
	}
}

// The cost of a false link is so many times that of a missed one: a link is made where it is right with a probability of cost/(cost + 1) at least.
const falseLinkCost = 50

// A pair that a steward should see is one whose chance is at least this, or that a rule keeps from being linked.
const doubtfulFrom = 0.05

const (
	priorPairs    = 200 // how many observed pairs the start values of m and of the share of records that mean a firm are worth
	trainingPairs = 20000
	emRecords     = 20000
	emRounds      = 6

	// Firms of one family share heads and houses, so that one agreeing head or house never weighs as much as it would among strangers.
	kinPerson  = 1.0 / 500
	kinAddress = 1.0 / 1000

	// However clean the pairs to learn from: firms take new names, and clerks new ways to err. No level of the same firm becomes rarer than its start
	// value divided by this.
	neverRarer = 8

	namesakeBits = -6 // a name that says expressly another division, industry or form weighs at least so much against
)

// weights are the levels with what was learnt.
type weights struct {
	firms  int64   // of the reference, a thousand at least: a small one does not make a name common
	prior  float64 // share of open records that mean a firm of the reference
	levels []level
	// others[kind][level] of names: expected bearers besides those that the reference counts.
	others map[string]map[int]float64
}

func startingWeights(firms int64) weights {
	return weights{firms: max(firms, 1000), prior: 0.5, levels: levels(), others: map[string]map[int]float64{
		"enterprise": {1: 1.0 / 256, 2: 1.0 / 64, 3: 1.0 / 8, 4: 1, 5: 2, 6: 4, 7: 4},
		"individual": {1: 1, 2: 2, 3: 2, 4: 3, 5: 4, 6: 8, 7: 8},
	}}
}

// learnNames estimates, by Good and Turing, how many firms besides the known ones bear a name that one known firm bears: twice the number of
// names that two firms bear, divided by the number of names that one firm bears. Levels that leave the division out are as common as the start
// values say or commoner, because the reference does not know the firms of other cities.
func (e engine) learnNames(ctx context.Context, w *weights) error {
	for level, key := range map[int][2]string{1: {"full_name", "named"}, 2: {"(division, core)", "parted"}, 3: {"(place_sound, sound, form)", "heard"}, 4: {"core", "cored"}, 5: {"sound", "sounded"}} {
		if err := e.learnNameLevel(ctx, w, level, key[0], key[1]); err != nil {
			return err
		}
	}
	return nil
}

func (e engine) learnNameLevel(ctx context.Context, w *weights, level int, key, count string) error {
	const pseudo = 1000 // how many names the start values are worth
	rows, err := e.conn.QueryContext(ctx, fmt.Sprintf(`SELECT kind, count(DISTINCT %[1]s) FILTER (%[2]s = 1), count(DISTINCT %[1]s) FILTER (%[2]s = 2) FROM known_name GROUP BY kind ORDER BY kind`, key, count))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var once, twice float64
		if err := rows.Scan(&kind, &once, &twice); err != nil {
			return err
		}
		start, ok := w.others[kind][level]
		if !ok {
			continue
		}
		learnt := (2*twice + pseudo*start) / (once + pseudo)
		if level >= 4 {
			learnt = max(learnt, start)
		}
		w.others[kind][level] = max(learnt, start/8)
	}
	return rows.Err()
}

// observe learns m of each learnt level from counts, on top of the values to start from.
func (w *weights) observe(counts levelCounts, from []level) {
	start, sums := levels(), map[string]float64{}
	for _, l := range w.levels {
		if l.group != "" {
			sums[l.group] += counts[l.field][l.level]
		}
	}
	for i := range w.levels {
		l := &w.levels[i]
		if l.group != "" {
			learnt := (from[i].m*priorPairs + counts[l.field][l.level]) / (priorPairs + sums[l.group])
			l.m = round6(max(learnt, start[i].m/neverRarer))
			l.pairs = from[i].pairs + int64(counts[l.field][l.level])
		}
	}
}

func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// countLevels counts the levels of compared, each pair with the weight that the expression gives it.
func (e engine) countLevels(ctx context.Context, weight, from string) (levelCounts, error) {
	rows, err := e.conn.QueryContext(ctx, fmt.Sprintf(`
		SELECT CASE GROUPING(code, reg, name, person, address) WHEN 15 THEN 'code' WHEN 23 THEN 'reg' WHEN 27 THEN 'name' WHEN 29 THEN 'person' ELSE 'address' END AS field,
			coalesce(code, reg, name, person, address) AS level, sum(%s) / 1e6
		FROM %s GROUP BY GROUPING SETS ((code), (reg), (name), (person), (address))`, weight, from))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := levelCounts{}
	for rows.Next() {
		var field string
		var level int
		var sum float64
		if err := rows.Scan(&field, &level, &sum); err != nil {
			return nil, err
		}
		if counts[field] == nil {
			counts[field] = map[int]float64{}
		}
		if level > 0 {
			counts[field][level] = sum
		}
	}
	return counts, rows.Err()
}

// lessons are what pairs with known answers teach: how often the levels of each field were met, for the same firm and for two drawn at random.
type lessons struct{ same, strangers levelCounts }

type levelCounts map[string]map[int]float64

func (c *levelCounts) add(more levelCounts) {
	if *c == nil {
		*c = levelCounts{}
	}
	for field, counts := range more {
		if (*c)[field] == nil {
			(*c)[field] = map[int]float64{}
		}
		for level, n := range counts {
			(*c)[field][level] += n
		}
	}
}

// pairLessons adds the lessons of the probes that were just settled: pairs that a valid credit code settles, and as many at random. It leaves its
// temporary tables behind for the next comparison to replace.
func (e engine) pairLessons(ctx context.Context, seen *lessons) error {
	settled, err := e.count(ctx, "SELECT count(*) FROM hit WHERE rule = 'usci'")
	if err != nil || settled == 0 {
		return err
	}
	sampled := fmt.Sprintf("SELECT probe_id FROM hit WHERE rule = 'usci' AND hash(probe_id, 'pair') %% %d = 0", max(1, settled/trainingPairs))
	if err := e.openProbes(ctx, "g.probe_id IN ("+sampled+")"); err != nil {
		return err
	}
	for _, pairs := range []struct {
		query string
		into  *levelCounts
	}{
		{"SELECT probe_id, firm_id FROM hit WHERE rule = 'usci' AND probe_id IN (SELECT probe_id FROM open_probe WHERE usci_valid)", &seen.same},
		{`WITH numbered AS (SELECT firm_id, row_number() OVER (ORDER BY firm_id) - 1 AS place FROM known),
			drawn AS (SELECT probe_id, hash(probe_id, 'stranger') % (SELECT count(*) FROM known) AS place FROM open_probe)
			SELECT d.probe_id, n.firm_id FROM drawn d JOIN numbered n USING (place)
			WHERE NOT EXISTS (SELECT 1 FROM hit h WHERE h.probe_id = d.probe_id AND h.firm_id = n.firm_id)`, &seen.strangers},
	} {
		if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE candidate AS "+pairs.query); err != nil {
			return err
		}
		if err := e.runFile(ctx, "compare"); err != nil {
			return err
		}
		counts, err := e.countLevels(ctx, "1000000", "compared")
		if err != nil {
			return err
		}
		pairs.into.add(counts)
	}
	return nil
}

// take learns from lessons. What they say of codes is left out: the pairs were chosen by their codes.
func (w *weights) take(seen lessons) {
	start := levels()
	ofWho := levelCounts{"name": seen.same["name"], "person": seen.same["person"], "address": seen.same["address"]}
	w.observe(ofWho, start)
	for i := range w.levels {
		l := &w.levels[i]
		strangers := seen.strangers[l.field]
		if ofWho[l.field] == nil || l.u == 0 {
			continue
		}
		sum := 0.0
		for _, n := range strangers {
			sum += n
		}
		l.u = max(round6((start[i].u*priorPairs+strangers[l.level])/(priorPairs+sum)), 1e-5)
	}
}

// maximise goes on learning from the open records, each of which means one of its candidates or none: m of every learnt level, and the share that
// means a firm at all.
func (e engine) maximise(ctx context.Context, w *weights) error {
	open, err := e.count(ctx, "SELECT count(*) FROM open_probe")
	if err != nil || open == 0 {
		return err
	}
	every := max(1, open/emRecords)
	if err := e.run(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE em_pair AS SELECT * FROM compared WHERE hash(probe_id, 'em') %% %d = 0", every)); err != nil {
		return err
	}
	sampled, err := e.count(ctx, fmt.Sprintf("SELECT count(*) FROM open_probe WHERE hash(probe_id, 'em') %% %d = 0", every))
	if err != nil {
		return err
	}
	start := append([]level(nil), w.levels...)
	for range emRounds {
		if err := e.defineBits(ctx, *w); err != nil {
			return err
		}
		if err := e.run(ctx, "CREATE OR REPLACE TEMP TABLE em_share AS WITH weighed AS ("+weighQuery("em_pair", leastBits)+`)
			SELECT *, CAST(round(1e6 * share) AS BIGINT) AS part FROM weighed`); err != nil {
			return err
		}
		counts, err := e.countLevels(ctx, "part", "em_share")
		if err != nil {
			return err
		}
		w.observe(counts, start)
		meant, err := e.count(ctx, "SELECT CAST(sum(part) AS BIGINT) FROM em_share")
		if err != nil {
			return err
		}
		w.prior = round6(min(0.9, max(0.1, (0.5*priorPairs+float64(meant)/1e6)/(priorPairs+float64(sampled)))))
	}
	return nil
}

// defineBits makes the weights functions of the engine: bits of each field, and of the start: the chance of meeting this very firm.
func (e engine) defineBits(ctx context.Context, w weights) error {
	macros := []string{
		fmt.Sprintf("prior_bits() AS %.4f", math.Log2(w.prior/(1-w.prior))-math.Log2(float64(w.firms))),
		fmt.Sprintf("link_share() AS %.6f", falseLinkCost/(falseLinkCost+1.0)),
		fmt.Sprintf("doubt_share() AS %g", doubtfulFrom),
		"code_bits(l) AS " + w.caseOf("code"), "reg_bits(l) AS " + w.caseOf("reg"),
		"firm_code_bits(l) AS " + w.caseOf("firm_code"), "operator_bits(l) AS " + w.caseOf("operator"),
		"person_bits(l, n) AS " + w.sharedCaseOf("person", "n", kinPerson),
		"address_bits(l, n) AS " + w.sharedCaseOf("address", "n", kinAddress),
		"name_bits(l, n, kind, divided) AS " + w.nameCase(),
	}
	for _, macro := range macros {
		if err := e.run(ctx, "CREATE OR REPLACE TEMP MACRO "+macro); err != nil {
			return fmt.Errorf("weights: %w", err)
		}
	}
	return nil
}

// bits of a level; of a value that no other firm of the register bears, where agreement is told value by value.
func (w weights) bits(l level) float64 {
	m, u := w.nameM(l), l.u
	if u == 0 {
		u = l.others / float64(w.firms)
	}
	if l.field == "name" && l.u == 0 {
		u = w.others["enterprise"][l.level] / float64(w.firms)
	}
	bits := math.Log2(m / u)
	if l.field == "name" && l.level == 8 {
		bits = min(bits, namesakeBits)
	}
	return math.Round(bits*100) / 100
}

func (w weights) caseOf(field string) string {
	var b strings.Builder
	b.WriteString("CASE l")
	for _, l := range w.levels {
		if l.field == field {
			fmt.Fprintf(&b, " WHEN %d THEN %.2f", l.level, w.bits(l))
		}
	}
	return b.String() + " ELSE 0.0 END"
}

// sharedCaseOf weighs agreement by how many firms share the value, n, but no heavier than kin allows.
func (w weights) sharedCaseOf(field, n string, kin float64) string {
	var b strings.Builder
	b.WriteString("CASE l")
	for _, l := range w.levels {
		switch {
		case l.field != field:
		case l.u > 0:
			fmt.Fprintf(&b, " WHEN %d THEN %.2f", l.level, w.bits(l))
		default:
			fmt.Fprintf(&b, " WHEN %d THEN round(log2(%g / greatest(%g, least(0.5, (greatest(%s - 1, 0) + %g) / %d))), 2)", l.level, l.m, kin, n, l.others, w.firms)
		}
	}
	return b.String() + " ELSE 0.0 END"
}

// nameM is how often a level is met for the same firm. Where parts of a name are left out, the clerk who left them out would have done so with any
// other firm's name, so that m and u hold that chance alike and it falls out.
func (w weights) nameM(l level) float64 {
	if l.field == "name" && (l.level == 2 || l.level == 4 || l.level == 7) {
		return 1
	}
	return l.m
}

// nameCase weighs agreeing names by how many firms share the name.
func (w weights) nameCase() string {
	var b strings.Builder
	b.WriteString("CASE l")
	for _, l := range w.levels {
		if l.field != "name" {
			continue
		}
		if l.u > 0 {
			fmt.Fprintf(&b, " WHEN %d THEN %.2f", l.level, w.bits(l))
			continue
		}
		individual, enterprise := w.others["individual"][l.level], w.others["enterprise"][l.level]
		undivided := max(enterprise, 0.5)
		fmt.Fprintf(&b, " WHEN %d THEN round(log2(%g * %d / (greatest(n - 1, 0) + CASE WHEN kind = 'individual' THEN %g WHEN divided THEN %g ELSE %g END)), 2)",
			l.level, w.nameM(l), w.firms, individual, enterprise, undivided)
	}
	return b.String() + " ELSE 0.0 END"
}

// storeWeights keeps what a run learnt.
func (r *linking) storeWeights(ctx context.Context, w weights) error {
	var rows, names []string
	for _, l := range w.levels {
		u := "NULL"
		if l.u > 0 {
			u = fmt.Sprint(l.u)
		}
		rows = append(rows, fmt.Sprintf("(%d, '%s', %d, %g, %s, %.2f, %d, %g, %d)", r.number, l.field, l.level, l.m, u, w.bits(l), l.pairs, w.prior, w.firms))
	}
	for _, kind := range []string{"enterprise", "individual"} {
		for level := 1; level <= 7; level++ {
			names = append(names, fmt.Sprintf("(%d, '%s', %d, %g)", r.number, kind, level, w.others[kind][level]))
		}
	}
	return r.run(ctx, "INSERT INTO entity.weight VALUES "+strings.Join(rows, ", ")+"; INSERT INTO entity.name_weight VALUES "+strings.Join(names, ", "))
}

// storedWeights are those that the last run that learnt stored under these rules, or nil.
func (e engine) storedWeights(ctx context.Context) (*weights, error) {
	rows, err := e.conn.QueryContext(ctx, `SELECT field, level, m, coalesce(u, 0), pairs, prior, firms FROM entity.weight
		WHERE run = (SELECT max(run) FROM entity.run WHERE learnt AND rules = ?) ORDER BY field, level`, rulesVersion)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	w, found := startingWeights(0), 0
	for rows.Next() {
		var field string
		var number int
		var m, u float64
		var pairs int64
		if err := rows.Scan(&field, &number, &m, &u, &pairs, &w.prior, &w.firms); err != nil {
			return nil, err
		}
		for i := range w.levels {
			if l := &w.levels[i]; l.field == field && l.level == number {
				l.m, l.u, l.pairs = m, u, pairs
				found++
			}
		}
	}
	if err := rows.Err(); err != nil || found < len(w.levels) {
		return nil, err
	}
	return &w, e.storedNames(ctx, &w)
}

func (e engine) storedNames(ctx context.Context, w *weights) error {
	rows, err := e.conn.QueryContext(ctx, "SELECT kind, level, others FROM entity.name_weight WHERE run = (SELECT max(run) FROM entity.name_weight)")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var level int
		var others float64
		if err := rows.Scan(&kind, &level, &others); err != nil {
			return err
		}
		w.others[kind][level] = others
	}
	return rows.Err()
}
