package entity_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/entity"
)

// town is a node that takes deliveries made up row by row.
type town struct {
	t    *testing.T
	node *node.Node
	dir  string
	sent int
}

func newTown(t *testing.T) *town {
	t.Helper()
	dir := t.TempDir()
	if err := node.Init(filepath.Join(dir, "node"), "341500"); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), filepath.Join(dir, "node"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return &town{t: t, node: n, dir: dir}
}

// deliver loads rows of a catalogue; a field that a row leaves out is empty where the contract allows, else its example.
func (v *town) deliver(department, catalogue string, rows ...map[string]string) {
	v.t.Helper()
	c, ok := v.node.Catalogs.Find(department, catalogue)
	if !ok {
		v.t.Fatalf("no catalogue %s/%s", department, catalogue)
	}
	v.sent++
	path := filepath.Join(v.dir, department, fmt.Sprintf("%s_%s.csv", catalogue, time.Date(2026, 1, v.sent, 0, 0, 0, 0, time.UTC).Format("20060102")))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		v.t.Fatal(err)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	var head []string
	for _, f := range c.Fields {
		head = append(head, f.TitleZH)
	}
	w.Write(head)
	for i, row := range rows {
		var cells []string
		for _, f := range c.Fields {
			value, given := row[f.Name]
			if !given && f.Required && !f.Identifier.OfFirm() {
				value = f.Example
			}
			if !given && f.Key && !f.Identifier.OfFirm() && value == f.Example && f.Type == "text" {
				value = fmt.Sprint(f.Example, v.sent, i)
			}
			cells = append(cells, value)
		}
		w.Write(cells)
	}
	w.Flush()
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		v.t.Fatal(err)
	}
	report, err := v.node.Load(v.t.Context(), []string{path}, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	if report.Landed != int64(len(rows)) {
		v.t.Fatalf("%s: %d of %d rows landed; refused %v", path, report.Landed, len(rows), report.Refused)
	}
}

func (v *town) refresh() entity.Report {
	v.t.Helper()
	report, err := entity.Refresh(v.t.Context(), v.node.DB(), v.node.Catalogs)
	if err != nil {
		v.t.Fatal(err)
	}
	return report
}

func (v *town) number(query string) int64 {
	v.t.Helper()
	var n int64
	if err := v.node.DB().QueryRowContext(v.t.Context(), query).Scan(&n); err != nil {
		v.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// linkedTo is the firm_id of the penalty under a case number, 0 for none.
func (v *town) linkedTo(caseNo string) int64 {
	v.t.Helper()
	return v.number("SELECT coalesce(max(firm_id), 0) FROM linked.market_regulation__penalty WHERE case_no = '" + caseNo + "'")
}

func (v *town) firm(name string) int64 {
	v.t.Helper()
	return v.number("SELECT firm_id FROM entity.firm WHERE firm_name = '" + name + "'")
}

func firmRow(name, usci, regNo string) map[string]string {
	return map[string]string{"firm_name": name, "usci": usci, "reg_no": regNo, "division_code": "341502", "address": "六安市金安区皖西大道1号"}
}

func penalty(caseNo, name, usci string) map[string]string {
	return map[string]string{"case_no": caseNo, "firm_name": name, "usci": usci}
}

// creditCode makes valid credit codes, one for each number.
func creditCode(t *testing.T, n int) string {
	t.Helper()
	for _, last := range "0123456789X" {
		org := fmt.Sprintf("MA2A%04d%c", n, last)
		if !entity.ValidOrgCode(org) {
			continue
		}
		for _, check := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
			if code := "91341502" + org + string(check); entity.ValidUSCI(code) {
				return code
			}
		}
	}
	t.Fatal("no code")
	return ""
}

func regNumber(t *testing.T, n int) string {
	t.Helper()
	for last := '0'; last <= '9'; last++ {
		if code := fmt.Sprintf("34150200%06d%c", n, last); entity.ValidRegNo(code) {
			return code
		}
	}
	t.Fatal("no number")
	return ""
}

// TestIncrementLooksAtWhatIsNew refreshes again and again: nothing is looked at twice, and what was linked stays as it was.
func TestIncrementLooksAtWhatIsNew(t *testing.T) {
	v := newTown(t)
	a, b := creditCode(t, 1), creditCode(t, 2)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", a, ""), firmRow("六安市华瑞商贸有限公司", b, ""))
	v.deliver("market_regulation", "penalty", penalty("一", "六安市皋城农业科技有限公司", a), penalty("二", "六安市华瑞商贸有限公司", ""), penalty("三", "合肥市某某制造有限公司", ""))
	first := v.refresh()
	if first.Looked != 5 || v.linkedTo("一") != v.firm("六安市皋城农业科技有限公司") || v.linkedTo("二") != v.firm("六安市华瑞商贸有限公司") || v.linkedTo("三") != 0 {
		t.Fatalf("%+v; links %d, %d, %d", first, v.linkedTo("一"), v.linkedTo("二"), v.linkedTo("三"))
	}
	if again := v.refresh(); again.Looked != 0 || again.Linked != first.Linked {
		t.Errorf("nothing is new, yet %+v after %+v", again, first)
	}
	v.deliver("market_regulation", "penalty", penalty("四", "六安市皋城农业科技有限公司", strings.ToLower(a)), penalty("五", "六安市华瑞商贸有限公司", ""))
	// The same writings in another catalogue are new identities of their own.
	v.deliver("market_regulation", "abnormal_list", map[string]string{"firm_name": "六安市华瑞商贸有限公司"}, map[string]string{"firm_name": "合肥市某某制造有限公司"})
	if third := v.refresh(); third.Looked != 3 || v.linkedTo("四") != v.linkedTo("一") || v.linkedTo("五") != v.linkedTo("二") {
		t.Errorf("three identities are new, yet %+v; links %d, %d", third, v.linkedTo("四"), v.linkedTo("五"))
	}
	if n := v.number("SELECT count(*) FROM entity.change"); n != 0 {
		t.Errorf("%d changes are logged where nothing changed", n)
	}
	if n := v.number("SELECT count(*) - count(DISTINCT (catalogue, _identity)) FROM (SELECT catalogue, _identity FROM entity.link UNION ALL SELECT catalogue, _identity FROM entity.unlinked)"); n != 0 {
		t.Errorf("%d identities have two fates", n)
	}
}

// TestNewFirmTakesWhatIsIts registers firms after their records came: the records are linked then, others are left alone, and the log says so.
func TestNewFirmTakesWhatIsIts(t *testing.T) {
	v := newTown(t)
	a, b := creditCode(t, 1), creditCode(t, 2)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", a, ""))
	v.deliver("market_regulation", "penalty", penalty("一", "六安市皋城农业科技有限公司", ""), penalty("二", "六安市华瑞商贸有限公司", ""), penalty("三", "", b), penalty("四", "合肥市某某制造有限公司", ""))
	v.refresh()
	if v.linkedTo("一") == 0 || v.linkedTo("二") != 0 || v.linkedTo("三") != 0 {
		t.Fatalf("links %d, %d, %d", v.linkedTo("一"), v.linkedTo("二"), v.linkedTo("三"))
	}
	before := v.linkedTo("一")
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市华瑞商贸有限公司", b, ""))
	report := v.refresh()
	firm := v.firm("六安市华瑞商贸有限公司")
	if v.linkedTo("一") != before || v.linkedTo("二") != firm || v.linkedTo("三") != firm || v.linkedTo("四") != 0 {
		t.Errorf("links %d, %d, %d, %d; the new firm is %d", v.linkedTo("一"), v.linkedTo("二"), v.linkedTo("三"), v.linkedTo("四"), firm)
	}
	if report.Looked != 3 { // its registration and the two that share a key with it
		t.Errorf("looked at %d identities", report.Looked)
	}
	if n := v.number(fmt.Sprintf("SELECT count(*) FROM entity.change WHERE what = 'relink' AND firm_id = %d AND other_firm_id IS NULL", firm)); n != 2 {
		t.Errorf("%d relinks are logged, not 2", n)
	}
}

// TestMergeMovesHistory registers one firm by its number and by its code apart, and then by both: the two become one, history and all.
func TestMergeMovesHistory(t *testing.T) {
	v := newTown(t)
	a, number := creditCode(t, 1), regNumber(t, 1)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", "", number), firmRow("六安市皋城生态农业有限公司", a, ""))
	v.deliver("market_regulation", "penalty", penalty("一", "", number), penalty("二", "", a))
	v.refresh()
	one, two := v.linkedTo("一"), v.linkedTo("二")
	if one == 0 || two == 0 || one == two {
		t.Fatalf("links %d, %d", one, two)
	}
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城生态农业有限公司", a, number))
	v.refresh()
	if v.linkedTo("一") != v.linkedTo("二") || v.linkedTo("一") == 0 {
		t.Errorf("links %d, %d after the merge", v.linkedTo("一"), v.linkedTo("二"))
	}
	if n := v.number(fmt.Sprintf("SELECT count(*) FROM entity.change WHERE what = 'merge' AND firm_id = %d AND other_firm_id = %d", v.linkedTo("一"), one+two-v.linkedTo("一"))); n != 1 {
		t.Errorf("%d merges are logged", n)
	}
	if n := v.number("SELECT count(*) FROM entity.firm"); n != 1 {
		t.Errorf("%d firms", n)
	}
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市华瑞商贸有限公司", creditCode(t, 2), ""))
	v.refresh()
	if firm := v.firm("六安市华瑞商贸有限公司"); firm == one || firm == two {
		t.Errorf("firm_id %d was given before", firm)
	}
}

// TestSplitOpensWhatWasSettled lets a registration number turn out to be borne by two firms: what it alone settled is open again.
func TestSplitOpensWhatWasSettled(t *testing.T) {
	v := newTown(t)
	a, b, number := creditCode(t, 1), creditCode(t, 2), regNumber(t, 1)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", a, number))
	v.deliver("market_regulation", "penalty", penalty("一", "", number), penalty("二", "", a))
	v.refresh()
	firm := v.linkedTo("二")
	if v.linkedTo("一") != firm || firm == 0 {
		t.Fatalf("links %d, %d", v.linkedTo("一"), firm)
	}
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市华瑞商贸有限公司", b, number))
	v.refresh()
	if v.linkedTo("二") != firm || v.firm("六安市皋城农业科技有限公司") != firm || v.firm("六安市华瑞商贸有限公司") == firm {
		t.Errorf("the first firm was %d and is %d", firm, v.firm("六安市皋城农业科技有限公司"))
	}
	if v.linkedTo("一") != 0 {
		t.Errorf("a number that two firms bear links to %d", v.linkedTo("一"))
	}
	if n := v.number(fmt.Sprintf("SELECT count(*) FROM entity.change WHERE what = 'relink' AND other_firm_id = %d AND firm_id IS NULL", firm)); n != 1 {
		t.Errorf("%d relinks are logged", n)
	}
}

// TestDecisionsAreHonoured lets a steward overrule the rules, through runs and changes of the register.
func TestDecisionsAreHonoured(t *testing.T) {
	v := newTown(t)
	a, b := creditCode(t, 1), creditCode(t, 2)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", a, ""), firmRow("六安市华瑞商贸有限公司", b, ""))
	v.deliver("market_regulation", "penalty", penalty("一", "六安市皋城农业科技有限公司", ""), penalty("二", "皋城农业科技有限公司", ""), penalty("三", "六安市华瑞商贸有限公司", b))
	v.refresh()
	first, second := v.firm("六安市皋城农业科技有限公司"), v.firm("六安市华瑞商贸有限公司")
	if v.linkedTo("一") != first || v.linkedTo("二") != 0 || v.linkedTo("三") != second {
		t.Fatalf("links %d, %d, %d", v.linkedTo("一"), v.linkedTo("二"), v.linkedTo("三"))
	}
	doubts, waiting, err := entity.Review(t.Context(), v.node.DB(), 10)
	if err != nil || waiting != 1 || len(doubts) != 1 || doubts[0].FirmID != first {
		t.Fatalf("%d wait: %+v, %v", waiting, doubts, err)
	}
	at := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	decide := func(record, what, firm string) {
		t.Helper()
		at = at.Add(time.Hour)
		if _, err := entity.Decide(t.Context(), v.node.DB(), v.node.Catalogs, entity.Decision{At: at, By: "li", Reason: "paper", What: what, Record: record, Firm: firm}); err != nil {
			t.Fatal(err)
		}
	}
	decide("market_regulation/penalty/penalty_20260102.csv@1", entity.DecideSplit, "")
	decide(doubts[0].Writing, entity.DecideLink, strings.ToLower(a))
	decide("2:3", entity.DecideLink, fmt.Sprint(first))
	check := func(when string, one, two, three int64) {
		t.Helper()
		v.refresh()
		if v.linkedTo("一") != one || v.linkedTo("二") != two || v.linkedTo("三") != three {
			t.Errorf("%s: links %d, %d, %d, decided %d, %d, %d", when, v.linkedTo("一"), v.linkedTo("二"), v.linkedTo("三"), one, two, three)
		}
	}
	check("at once", 0, first, first)
	if _, waiting, err := entity.Review(t.Context(), v.node.DB(), 10); err != nil || waiting != 0 {
		t.Errorf("%d wait after the decisions, %v", waiting, err)
	}
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业发展有限公司", creditCode(t, 3), ""))
	check("after the register changed", 0, first, first)
	decide("2:3", entity.DecideLink, b)
	check("after another decision", 0, first, second)
	if n := v.number("SELECT count(*) FROM entity.decision"); n != 4 {
		t.Errorf("%d decisions are on file, not 4", n)
	}
	for what, d := range map[string]entity.Decision{
		"nobody":          {Record: "2:1", What: entity.DecideKeep, Reason: "x"},
		"no reason":       {Record: "2:1", What: entity.DecideKeep, By: "li"},
		"no such record":  {Record: "2:99", What: entity.DecideKeep, By: "li", Reason: "x"},
		"no such writing": {Record: "12345", What: entity.DecideKeep, By: "li", Reason: "x"},
		"no such firm":    {Record: "2:1", What: entity.DecideLink, Firm: "91341502MA2RUVAJ4P", By: "li", Reason: "x"},
		"no decision":     {Record: "2:1", What: "perhaps", By: "li", Reason: "x"},
	} {
		if _, err := entity.Decide(t.Context(), v.node.DB(), v.node.Catalogs, d); err == nil {
			t.Errorf("%s: taken all the same", what)
		}
	}
}

// TestExplainSaysWhatSpeaksForAndAgainst looks at the sum: the bits of the evidence and of the start are the candidate's.
func TestExplainSaysWhatSpeaksForAndAgainst(t *testing.T) {
	v := newTown(t)
	a := creditCode(t, 1)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", a, ""), firmRow("六安市皋城商贸有限公司", creditCode(t, 2), ""))
	slip := a[:11] + "99" + a[13:]
	v.deliver("market_regulation", "penalty", penalty("一", "六安市皋城农业科技有限公司", slip), penalty("二", "霍山县别处有限公司", ""))
	v.refresh()
	x, err := entity.Explain(t.Context(), v.node.DB(), v.node.Catalogs, "2:1")
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Candidates) != 2 || x.Candidates[0].FirmID != v.firm("六安市皋城农业科技有限公司") || x.Candidates[1].Linkable {
		t.Fatalf("candidates %+v", x.Candidates)
	}
	for _, c := range x.Candidates {
		sum := x.PriorBits
		for _, evidence := range c.Evidence {
			sum += evidence.Bits
			if evidence.ZH == "" || evidence.EN == "" {
				t.Errorf("no words for %+v", evidence)
			}
		}
		if diff := sum - c.Bits; diff > 0.02 || diff < -0.02 {
			t.Errorf("firm %d: the evidence comes to %.2f bits, the candidate has %.2f", c.FirmID, sum, c.Bits)
		}
	}
	if x, err := entity.Explain(t.Context(), v.node.DB(), v.node.Catalogs, "market_regulation__penalty/penalty_20260102.csv@2"); err != nil || x.Link != nil || len(x.Candidates) != 0 {
		t.Errorf("a stranger is explained as %+v, %v", x, err)
	}
	for _, record := range []string{"", "2", "2:9", "9:1", "penalty@1", "market_regulation/penalty/none.csv@1", "2:1; DROP TABLE x", "market_regulation/penalty/x'@1"} {
		if _, err := entity.Explain(t.Context(), v.node.DB(), v.node.Catalogs, record); err == nil {
			t.Errorf("%q is explained", record)
		}
	}
}

// TestBranchesAndOldNumbers links what only looks like another firm.
func TestBranchesAndOldNumbers(t *testing.T) {
	v := newTown(t)
	a, b := creditCode(t, 1), creditCode(t, 2)
	v.deliver("market_regulation", "enterprise_registration", firmRow("六安市皋城农业科技有限公司", a, ""), firmRow("六安市华瑞商贸有限公司", b, ""), firmRow("六安市华瑞商贸有限公司霍山分公司", creditCode(t, 3), ""))
	v.deliver("market_regulation", "penalty",
		penalty("一", "六安市皋城农业科技有限公司霍山分公司", ""),
		penalty("二", "六安市皋城农业科技有限公司第二营业部", creditCode(t, 9)),
		penalty("三", "六安市华瑞商贸有限公司霍山分公司", ""),
		penalty("四", "", "341502"+a[8:17]),
		penalty("五", "", "340101"+a[8:17]+"01"),
		penalty("六", "", a+"01"),
		penalty("七", "合肥市皋城农业科技有限公司霍山分公司", ""))
	v.refresh()
	head, registered := v.firm("六安市皋城农业科技有限公司"), v.firm("六安市华瑞商贸有限公司霍山分公司")
	for caseNo, firm := range map[string]int64{"一": head, "二": head, "三": registered, "四": head, "五": head, "六": head, "七": 0} {
		if linked := v.linkedTo(caseNo); linked != firm {
			t.Errorf("case %s is linked to %d, not %d", caseNo, linked, firm)
		}
	}
	if n := v.number("SELECT count(*) FROM entity.link WHERE rule = 'branch'"); n != 2 {
		t.Errorf("%d links by the branch's name, not 2", n)
	}
}
