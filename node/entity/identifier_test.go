package entity

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The codes of domain.md: public ones that the rules accept.
var (
	publicUSCIs    = []string{"9144030071526726XG", "91330100799655058B", "914403001922038216", "91110000802100433B", "91110108551385082Q"}
	publicOrgCodes = []string{"71526726-X", "79965505-8", "19220382-1", "80210043-3", "55138508-2"}
	publicRegNos   = []string{"440301103097413", "110000001102767"}
)

func TestPublicCodesAreValid(t *testing.T) {
	for i, code := range publicUSCIs {
		if !ValidUSCI(code) {
			t.Errorf("%s is refused", code)
		}
		org := NormalizeCode(publicOrgCodes[i])
		if !ValidOrgCode(org) {
			t.Errorf("%s is refused", org)
		}
		if code[8:17] != org {
			t.Errorf("%s does not contain %s", code, org)
		}
	}
	for _, code := range publicRegNos {
		if !ValidRegNo(code) {
			t.Errorf("%s is refused", code)
		}
	}
	for _, id := range []string{"11010519491231002X", "440524188001010014"} { // the examples of GB 11643-1999
		if !ValidResidentID(id) {
			t.Errorf("%s is refused", id)
		}
	}
}

// TestOneWrongCharacterIsSeen changes each character of each public code to every other one: the check must refuse them all.
func TestOneWrongCharacterIsSeen(t *testing.T) {
	check := func(codes []string, alphabet string, valid func(string) bool) {
		for _, code := range codes {
			for i := range code {
				for _, c := range alphabet {
					if wrong := code[:i] + string(c) + code[i+1:]; wrong != code && valid(wrong) {
						t.Errorf("%s for %s is accepted", wrong, code)
					}
				}
			}
		}
	}
	check(publicUSCIs, uscis().body, ValidUSCI)
	check(publicRegNos, "0123456789", ValidRegNo)
}

func TestInvalidCodes(t *testing.T) {
	for _, code := range []string{"", "9144030071526726X", "9144030071526726XGG", "9144030071526726xg", "I144030071526726XG", "91440300715267261G"} {
		if ValidUSCI(code) {
			t.Errorf("%q is accepted", code)
		}
	}
	for _, code := range []string{"", "71526726X0", "715267260", "71526726-X", "7152672六"} {
		if ValidOrgCode(code) {
			t.Errorf("%q is accepted", code)
		}
	}
	for _, code := range []string{"", "44030110309741", "4403011030974130", "44030110309741X", "440301103097414"} {
		if ValidRegNo(code) {
			t.Errorf("%q is accepted", code)
		}
	}
	for _, id := range []string{"", "11010519491231002x", "110105194912310021", "1101051949123100"} {
		if ValidResidentID(id) {
			t.Errorf("%q is accepted", id)
		}
	}
}

func TestNormalizeCode(t *testing.T) {
	for given, want := range map[string]string{
		" 9144 0300-7152 6726xg ": "9144030071526726XG",
		"９１４４０３００７１５２６７２６ＸＧ":      "9144030071526726XG",
		"9I44O3OO7I526726XG":      "9144030071526726XG",
		"9i44o3oo7i526726xg":      "9144030071526726XG",
		"ｏｉ":                      "01",
		"71526726—X":              "71526726X",
		"税号：91330100799655058B\n": "91330100799655058B",
		"":                        "",
		strings.Repeat(" ", 3) + "\u3000" + "\ufeff": "",
	} {
		if got := NormalizeCode(given); got != want {
			t.Errorf("%q becomes %q, not %q", given, got, want)
		}
	}
}

func TestNormalizeName(t *testing.T) {
	same := [][]string{
		{"六安市皋城农业科技有限公司", "六安市皋城農業科技有限公司", " 六安市皋城农业科技 有限责任公司", "六安市皋城农业科技有限公司（曾用名）"},
		{"皋城（六安）农业科技有限公司", "皋城(六安)农业科技有限公司", "皋城【六安】农业科技有限公司", "皋城 六安 农业科技有限公司"},
		{"金安区老王小吃店", "金安区老王小吃店（个体工商户）", "金安区老王小吃店(个体工商户)"},
		{"ＡＢＣ科技有限公司", "abc科技有限公司", "A.B.C科技有限公司"},
	}
	for _, names := range same {
		for _, name := range names[1:] {
			if got, want := NormalizeName(name), NormalizeName(names[0]); got != want {
				t.Errorf("%q becomes %q, %q becomes %q", name, got, names[0], want)
			}
		}
	}
	for _, pair := range [][2]string{
		{"六安市皋城农业科技有限公司", "六安市皋城农业科技股份有限公司"},
		{"六安市皋城农业科技有限公司", "六安市皋城农业科技有限公司金安分公司"},
		{"六安市皋城农业科技有限公司", "皋城农业科技有限公司"},
	} {
		if NormalizeName(pair[0]) == NormalizeName(pair[1]) {
			t.Errorf("%q and %q are one name", pair[0], pair[1])
		}
	}
}

// TestSQLSaysTheSame holds the functions of SQL against those of Go.
func TestSQLSaysTheSame(t *testing.T) {
	e := openEngine(t)
	anything := rapid.OneOf(
		rapid.StringMatching(`[0-9A-Za-zＯＩｏｉ０-９ \-]{0,24}`),
		rapid.StringMatching(`[0-9A-HJ-NP-RTUWXY]{17}[0-9A-HJ-NP-RTUWXYX]`),
		rapid.StringMatching(`[0-9]{14,18}`),
		rapid.StringMatching(`[0-9A-Z]{8}[0-9X]`),
		rapid.StringMatching(`(六安市|安徽省)?[華豐东農业贸ａＢ（）() 　·]{1,8}(有限责任公司|有限公司|（个体工商户）)?`),
		rapid.String(),
		rapid.SampledFrom(append(append(append([]string{}, publicUSCIs...), publicOrgCodes...), publicRegNos...)),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ReplaceAll(anything.Draw(t, "s"), "\x00", "")
		var code, name string
		var usci, org, reg, resident bool
		err := e.conn.QueryRowContext(t.Context(), `SELECT coalesce(code_form(s), ''), coalesce(name_form(s), ''),
			coalesce(valid_usci(c), false), coalesce(valid_org(c), false), coalesce(valid_reg(c), false), coalesce(valid_resident(c), false)
			FROM (SELECT ?::VARCHAR AS s, code_form(?::VARCHAR) AS c)`, s, s).Scan(&code, &name, &usci, &org, &reg, &resident)
		if err != nil {
			t.Fatal(err)
		}
		c := NormalizeCode(s)
		if code != c || name != NormalizeName(s) {
			t.Errorf("%q: SQL says %q and %q, Go %q and %q", s, code, name, c, NormalizeName(s))
		}
		if usci != ValidUSCI(c) || org != ValidOrgCode(c) || reg != ValidRegNo(c) || resident != ValidResidentID(c) {
			t.Errorf("%q: SQL says %t %t %t %t", c, usci, org, reg, resident)
		}
	})
}

func FuzzNormalize(f *testing.F) {
	for _, s := range append(append([]string{"六安市皋城農業（六安）有限责任公司", "９１ xg-O", "\xff\xfe"}, publicUSCIs...), publicOrgCodes...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, name := NormalizeCode(s), NormalizeName(s)
		if NormalizeCode(code) != code {
			t.Errorf("the normal form of a code has another: %q", code)
		}
		if NormalizeName(name) != name {
			t.Errorf("the normal form of a name has another: %q", name)
		}
		if strings.ContainsAny(code, "OI -") || len(code) > len(s) {
			t.Errorf("%q is no normal form", code)
		}
		for _, valid := range []func(string) bool{ValidUSCI, ValidOrgCode, ValidRegNo, ValidResidentID} {
			valid(s)
			valid(code)
		}
	})
}
