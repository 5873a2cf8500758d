package entity

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openEngine is an engine with the rules, over nothing.
func openEngine(t *testing.T) *engine {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	e, err := newEngine(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// complete appends the check character to the first 17 of a credit code.
func complete(first17 string) string {
	for _, c := range uscis().check {
		if code := first17 + string(c); ValidUSCI(code) {
			return code
		}
	}
	panic("no check character fits " + first17)
}

// organised appends the check character to the first 8 of an organisation code.
func organised(first8 string) string {
	for _, c := range orgCodes().check {
		if code := first8 + string(c); ValidOrgCode(code) {
			return code
		}
	}
	panic("no check character fits " + first8)
}

func numbered(first14 string) string {
	for c := '0'; c <= '9'; c++ {
		if code := first14 + string(c); ValidRegNo(code) {
			return code
		}
	}
	panic("no check digit fits " + first14)
}

var (
	uscA = complete("91341502" + organised("MA2ABC12"))
	uscB = complete("91341503" + organised("55512345"))
	uscC = complete("92341502" + organised("MA2QRT34"))
	uscD = complete("92341503" + organised("MA8TUW56"))
	uscE = complete("91341502" + organised("MA2XYH78"))
	uscF = complete("92341503" + organised("MA8XXW99"))
	regB = numbered("34150300012345")
)

// town is a reference of a few firms, two of which share a name.
func town() string {
	return strings.Join([]string{
		"firm_id,name,usci,reg_no,address,legal_person",
		"A,六安市皋城农业科技有限公司," + uscA + ",,六安市金安区皖西大道100号,王建国",
		"B,六安市华瑞商贸有限责任公司," + uscB + "," + regB + ",六安市裕安区解放南路7号,李秀英",
		"C,金安区王记小吃店," + uscC + ",,六安市金安区人民路1号,王伟",
		"D,金安区王记小吃店," + uscD + ",,六安市裕安区龙河路2号,张敏",
		"E,安徽恒泰建筑工程有限公司," + uscE + ",,六安市金安区梅山中路88号,赵志强",
		"F,裕安区迎驾桥畔老鸭汤小吃店," + uscF + ",,六安市裕安区龙河路9号,周芳",
	}, "\n") + "\n"
}

// match runs MatchFiles over the town and the records (usci,reg_no,name,legal_person,address) and returns firm and rule of each.
func match(t testing.TB, records [][5]string) (firms, rules []string) {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write([]string{"record_id", "usci", "reg_no", "name", "legal_person", "address"})
	for i, r := range records {
		w.Write(append([]string{fmt.Sprint("r", i)}, r[:]...))
	}
	w.Flush()
	reference, path, out := filepath.Join(dir, "R.csv"), filepath.Join(dir, "X.csv"), filepath.Join(dir, "Y.csv")
	for name, text := range map[string]string{reference: town(), path: b.String()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report, err := MatchFiles(t.Context(), reference, path, out)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	rows, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(rows[0], ",") != "record_id,firm_id,confidence,rule" || len(rows)-1 != len(records) || report.Records != int64(len(records)) {
		t.Fatalf("head %v, %d rows, report %+v", rows[0], len(rows)-1, report)
	}
	matched := int64(0)
	for i, row := range rows[1:] {
		if row[0] != fmt.Sprint("r", i) {
			t.Fatalf("row %d is of record %s", i, row[0])
		}
		if (row[1] == "") != (row[2] == "") || (row[1] == "") != (row[3] == "") {
			t.Errorf("row %d is half a link: %v", i, row)
		}
		if row[1] != "" {
			matched++
		}
		firms, rules = append(firms, row[1]), append(rules, row[3])
	}
	if matched != report.Matched {
		t.Errorf("%d matched, %d reported", matched, report.Matched)
	}
	return firms, rules
}

func swapped(code string, i int) string {
	b := []byte(code)
	b[i], b[i+1] = b[i+1], b[i]
	return string(b)
}

func TestMatch(t *testing.T) {
	cases := []struct {
		what   string
		record [5]string // usci, reg_no, name, legal_person, address
		firm   string
		rule   string
	}{
		{"the code as it is", [5]string{uscA}, "A", "usci"},
		{"lower case with spaces", [5]string{strings.ToLower(uscA[:8]) + " " + uscA[8:]}, "A", "usci"},
		{"O for 0 and I for 1", [5]string{strings.NewReplacer("0", "O", "1", "I").Replace(uscA)}, "A", "usci"},
		{"the code beside another name", [5]string{uscA, "", "六安市某某贸易有限公司"}, "A", "usci"},
		{"the organisation code in the place of the credit code", [5]string{uscA[8:17]}, "A", "org_code"},
		{"the registration number in the place of the credit code", [5]string{regB}, "B", "reg_no"},
		{"the registration number", [5]string{"", regB}, "B", "reg_no"},
		{"one wrong character", [5]string{uscA[:12] + "9" + uscA[13:]}, "A", "usci_repaired"},
		{"two neighbours swapped", [5]string{swapped(uscA, 12)}, "A", "usci_repaired"},
		{"a lost character", [5]string{uscA[:12] + uscA[13:], "", "六安市皋城农业科技有限公司"}, "A", "usci_repaired"},
		{"a code of nobody here", [5]string{complete("91341502" + organised("MA9YYY99"))}, "", ""},
		{"a code of nobody here with a name of ours", [5]string{complete("91341502" + organised("MA9YYY99")), "", "六安市皋城农业科技有限公司"}, "", ""},
		{"the full name of an enterprise", [5]string{"", "", "六安市皋城農業科技有限责任公司"}, "A", "full_name"},
		{"the name without its division", [5]string{"", "", "皋城农业科技有限公司"}, "", ""},
		{"the name without its division and its legal person", [5]string{"", "", "皋城农业科技有限公司", "王建国"}, "A", "name_and_person"},
		{"the division in brackets, and the address", [5]string{"", "", "皋城（六安）农业科技有限公司", "", "六安市金安区皖西大道100号"}, "A", "name_and_address"},
		{"a name that two businesses bear", [5]string{"", "", "金安区王记小吃店"}, "", ""},
		{"such a name with its operator", [5]string{"", "", "金安区王记小吃店", "张敏"}, "D", "name_and_person"},
		{"a sister firm of another industry, head and address the same", [5]string{"", "", "六安市皋城商贸有限公司", "王建国", "六安市金安区皖西大道100号"}, "", ""},
		{"a sister firm of another form", [5]string{"", "", "六安市皋城农业科技股份有限公司", "王建国", "六安市金安区皖西大道100号"}, "", ""},
		{"a sister firm of another city", [5]string{"", "", "合肥市皋城农业科技有限公司", "王建国", "六安市金安区皖西大道100号"}, "", ""},
		{"an individual business's name alone, though one alone bears it", [5]string{"", "", "裕安区迎驾桥畔老鸭汤小吃店"}, "", ""},
		{"such a name with its address", [5]string{"", "", "裕安区迎驾桥畔老鸭汤小吃店", "", "裕安区龙河路9号"}, "F", "name_and_address"},
		{"a name that sounds like it, and its head", [5]string{"", "", "六安市高城农业科技有限公司", "王建国"}, "A", "name_and_person"},
		{"a branch", [5]string{"", "", "六安市皋城农业科技有限公司霍山分公司", "孙某"}, "A", "branch"},
		{"a legal person's name alone", [5]string{"", "", "", "王建国"}, "", ""},
		{"an address alone", [5]string{"", "", "", "", "六安市金安区皖西大道100号"}, "", ""},
		{"nothing", [5]string{}, "", ""},
		{"noise", [5]string{"----", "无", "不详", "？", "\t"}, "", ""},
	}
	var records [][5]string
	for _, c := range cases {
		records = append(records, c.record)
	}
	firms, rules := match(t, records)
	for i, c := range cases {
		if firms[i] != c.firm || rules[i] != c.rule {
			t.Errorf("%s: firm %q by %q, expected %q by %q", c.what, firms[i], rules[i], c.firm, c.rule)
		}
	}
}

// TestRepairFindsTheFirm makes every single slip in every code: the firm is found, never another and never none.
func TestRepairFindsTheFirm(t *testing.T) {
	var records [][5]string
	var meant []string
	for firm, code := range map[string]string{"A": uscA, "B": uscB, "C": uscC, "D": uscD, "E": uscE} {
		for i := range 17 {
			records, meant = append(records, [5]string{swapped(code, i)}), append(meant, firm)
			for _, c := range uscis().body {
				records, meant = append(records, [5]string{code[:i] + string(c) + code[i+1:]}), append(meant, firm)
			}
		}
	}
	for i := range 14 {
		if slip := swapped(regB, i); slip == regB || !ValidRegNo(slip) { // MOD 11,10 does not see every swap
			records, meant = append(records, [5]string{"", slip}), append(meant, "B")
		}
		for c := '0'; c <= '9'; c++ {
			records, meant = append(records, [5]string{"", regB[:i] + string(c) + regB[i+1:]}), append(meant, "B")
		}
	}
	firms, _ := match(t, records)
	for i, firm := range firms {
		if firm != meant[i] {
			t.Errorf("%v was taken for firm %q, not %q", records[i][:2], firm, meant[i])
		}
	}
}

func TestMatchRefusesBadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, records := write("good.csv", town()), write("records.csv", "record_id,name\n1,六安市皋城农业科技有限公司\n")
	for what, c := range map[string][2]string{
		"no such file":         {filepath.Join(dir, "none.csv"), records},
		"a folder":             {dir, records},
		"no firm_id":           {write("a.csv", "name,usci\n甲,1\n"), records},
		"no record_id":         {good, write("b.csv", "name\n甲\n")},
		"an empty file":        {good, write("c.csv", "")},
		"not UTF-8":            {good, write("d.csv", "record_id,name\n1,\xc1\xf9\xb0\xb2\xff\xfe\n")},
		"an unterminated cell": {good, write("e.csv", "record_id,name\n1,\"秘密的名称\n2,b\n3,c\"x\"\n")},
	} {
		out := filepath.Join(dir, "out.csv")
		_, err := MatchFiles(t.Context(), c[0], c[1], out)
		if err == nil {
			t.Errorf("%s: matched all the same", what)
			continue
		}
		if strings.Contains(err.Error(), "秘密") {
			t.Errorf("%s: the error quotes the file: %v", what, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: left a result behind", what)
		}
	}
	if _, err := MatchFiles(t.Context(), good, records, filepath.Join(dir, "out.csv")); err != nil {
		t.Error(err)
	}
}
