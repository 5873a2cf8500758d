package entity

import (
	"fmt"
	"strings"
	"testing"
)

// TestNameParts parses names into division | trade | industry | form, and finds a branch's head office.
func TestNameParts(t *testing.T) {
	e := openEngine(t)
	cases := []struct{ name, parts, head string }{
		{"六安市皋城农业科技有限公司", "六安|皋城|农业科技|有限公司", ""},
		{"六安市皋城農業科技有限責任公司", "六安|皋城|农业科技|有限公司", ""},
		{"皋城（六安）农业科技有限公司", "六安|皋城|农业科技|有限公司", ""},
		{"皋城(六安) 农业科技 股份有限公司", "六安|皋城|农业科技|股份有限公司", ""},
		{"安徽省六安市皋城商贸有限公司", "安徽六安|皋城|商贸|有限公司", ""},
		{"合肥皋城商贸有限公司", "合肥|皋城|商贸|有限公司", ""},
		{"金安区王记小吃店", "金安|王记||小吃店", ""},
		{"好又多超市", "|好又多||超市", ""},
		{"皋城农业科技", "|皋城|农业科技|", ""},
		{"六安市皋城农业科技有限公司霍山分公司", "", "六安市皋城农业科技有限公司"},
		{"六安市皋城农业科技有限公司第二营业部", "", "六安市皋城农业科技有限公司"},
		{"金安区王记小吃店人民路分店", "", ""},
	}
	var texts []string
	for _, c := range cases {
		texts = append(texts, "('"+c.name+"')")
	}
	if err := e.run(t.Context(), "CREATE TEMP TABLE written AS SELECT * FROM (VALUES "+strings.Join(texts, ", ")+") t(text)"); err != nil {
		t.Fatal(err)
	}
	if err := e.spell(t.Context(), "written", "parsed", []string{"六安市", "六安", "金安区", "金安"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		var parts, head string
		err := e.conn.QueryRowContext(t.Context(), "SELECT concat_ws('|', division, trade, industry, form), head FROM parsed WHERE text = ?", c.name).Scan(&parts, &head)
		if err != nil {
			t.Fatal(err)
		}
		if c.parts != "" && parts != c.parts || head != c.head {
			t.Errorf("%s: %s with head office %q, expected %s with %q", c.name, parts, head, c.parts, c.head)
		}
	}
}

// TestSound tells names that sound or look alike from those that do not.
func TestSound(t *testing.T) {
	e := openEngine(t)
	if err := e.soundTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := e.count(t.Context(), "SELECT count(*) - count(DISTINCT c) FROM sound"); err != nil || n != 0 {
		t.Errorf("%d characters stand twice in the table, %v", n, err)
	}
	for _, c := range []struct {
		a, b  string
		alike bool
	}{
		{"皋城", "高城", true}, {"鑫源", "新原", true}, {"丰润", "峰闰", true}, {"兰天", "南天", true}, {"盛达", "生达", true}, {"未来", "末来", true}, {"千禧", "干禧", true},
		{"皋城", "华瑞", false}, {"金安", "裕安", false}, {"皋城", "城皋", false}, {"大东", "大西", false},
	} {
		if err := e.sounded(t.Context(), fmt.Sprintf("SELECT unnest(['%s', '%s']) AS text", c.a, c.b), "heard"); err != nil {
			t.Fatal(err)
		}
		kinds, err := e.count(t.Context(), "SELECT count(DISTINCT sound) FROM heard")
		if err != nil {
			t.Fatal(err)
		}
		if (kinds == 1) != c.alike {
			t.Errorf("%s and %s: alike %t", c.a, c.b, kinds == 1)
		}
	}
}
