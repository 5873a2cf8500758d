package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// mostly is the share of a column's values that have to agree with a guess: departments' data are dirty.
const mostly = 0.9

// propose drafts one column from its header and values.
func propose(header string, values []string, words dictionary) Field {
	filled := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" || v == "-" || v == "无" })
	f := Field{Field: catalog.Field{TitleZH: title(header), Unit: bracketUnit(header)}}
	f.Name, f.TitleEN = nameOf(f.TitleZH)
	if f.TitleZH != header {
		f.Synonyms = []string{header}
	}
	f.Type, f.Unit = typeOf(f.TitleZH, f.Unit, filled)
	if known, ok := words.find(f.TitleZH); ok && (len(filled) == 0 || compatible(known.Type, f.Type)) {
		f.adopt(known, filled)
	}
	f.identify(filled)
	f.Name = unitInName(f.Name, f.Type)
	f.listValues(values, filled)
	f.bound()
	if f.Grade == 0 {
		f.Grade = 2
	}
	if f.Personal {
		f.Grade = max(f.Grade, 3)
	}
	f.Example = exampleOf(f.Field)
	return f
}

// title is a header without its unit.
func title(header string) string {
	return strings.TrimSpace(bracket.ReplaceAllString(strings.Join(strings.Fields(header), ""), ""))
}

var bracket = regexp.MustCompile(`[(（\[【](单位[:：]?)?(元|万元|亿元|千元|人|户|件|次|个|天|月|年|%|吨|平方米|亩|千瓦时|度|立方米|公斤|千克|小时|分)[)）\]】]$`)

func bracketUnit(header string) string {
	if m := bracket.FindStringSubmatch(strings.Join(strings.Fields(header), "")); m != nil {
		return m[2]
	}
	return ""
}

var (
	dayValue    = regexp.MustCompile(`^(19|20)\d{2}([-/.年])\d{1,2}[-/.月]\d{1,2}日?([ T]\d{1,2}:\d{2}(:\d{2})?.*)?$|^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$`)
	serialValue = regexp.MustCompile(`^[2-5]\d{4}(\.\d+)?$`)
	monthValue  = regexp.MustCompile(`^(19|20)\d{2}[-/.年](0?[1-9]|1[0-2])月?$|^(19|20)\d{2}(0[1-9]|1[0-2])$`)
	wholeValue  = regexp.MustCompile(`^[+-]?(\d{1,3}(,\d{3})+|\d+)$`)
	numberValue = regexp.MustCompile(`^[¥￥]?[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(元|万元|亿元|%|人|件|次|户|个)?$`)
	phoneValue  = regexp.MustCompile(`^(\+?86[- ]?)?1[3-9]\d{9}$`)
	mailValue   = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$`)
	nameValue   = regexp.MustCompile(`^\p{Han}{2,4}(·\p{Han}{1,8})?$`)
	firmValue   = regexp.MustCompile(`(公司|厂|店|合作社|中心|企业|商行|超市|部|馆|院|所|行|社|场|集团|经营部|事务所)$`)

	daysTitle   = regexp.MustCompile(`(日期|时间|日)$`)
	monthTitle  = regexp.MustCompile(`(月份|年月|所属期|期间|月)$`)
	moneyTitle  = regexp.MustCompile(`(金额|税额|价款|价格|总价|单价|收入|支出|成本|利润|资产|负债|费用|费|额|款|工资|奖金|补贴|资金|资本|投资|产值)$`)
	codeTitle   = regexp.MustCompile(`(代码|编码|编号|号码|号|证|电话|手机|邮编|账户|账号)$`)
	personTitle = regexp.MustCompile(`(姓名|负责人|联系人|经办人|法人|法定代表人|经营者|申请人|当事人|签字人|投诉人)$`)
	leaderTitle = regexp.MustCompile(`(法定代表人|法人|法人代表|经营者|负责人)(姓名)?$`)
	homeTitle   = regexp.MustCompile(`(家庭住址|居住地址|户籍地址|住址|户籍地)$`)
	contactName = regexp.MustCompile(`(电话|手机|联系方式|邮箱|微信)`)
	firmTitle   = regexp.MustCompile(`(名称|单位|企业|公司|主体|户名|商户|机构)`)
)

// share is how many of the values a test accepts.
func share(values []string, test func(string) bool) float64 {
	if len(values) == 0 {
		return 0
	}
	n := 0
	for _, v := range values {
		if test(v) {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

// typeOf guesses type and unit. Numbers with leading zeros or of one great length are codes, which are text.
func typeOf(title, unit string, values []string) (catalog.Type, string) {
	matching := func(p *regexp.Regexp) bool { return len(values) > 0 && share(values, p.MatchString) >= mostly }
	leadingZero := share(values, func(v string) bool { return len(v) > 1 && v[0] == '0' && wholeValue.MatchString(v) }) > 0.02
	switch {
	case len(values) == 0 && daysTitle.MatchString(title):
		return catalog.Date, ""
	case codeTitle.MatchString(title):
		return catalog.Text, ""
	case matching(monthValue) && (monthTitle.MatchString(title) || !matching(wholeValue)):
		return catalog.Period, ""
	case matching(dayValue), matching(serialValue) && daysTitle.MatchString(title):
		return catalog.Date, ""
	case leadingZero, !matching(numberValue):
		return catalog.Text, ""
	case unit == "元" || unit == "万元" || unit == "亿元" || unit == "千元" || moneyTitle.MatchString(title) && unit == "":
		if unit == "万元" || unit == "亿元" || share(values, func(v string) bool { return strings.HasSuffix(v, "万元") }) > 0.5 {
			return catalog.Wan, "万元"
		}
		return catalog.Yuan, "元"
	case matching(wholeValue) && share(values, func(v string) bool { return len(v) >= 12 }) > 0.5:
		return catalog.Text, ""
	case matching(wholeValue):
		return catalog.Count, unit
	default:
		return catalog.Number, unit
	}
}

// compatible reports whether what a dictionary says of a header agrees with the values that stand under it.
func compatible(known, guessed catalog.Type) bool {
	number := func(t catalog.Type) bool {
		return t == catalog.Yuan || t == catalog.Wan || t == catalog.Count || t == catalog.Number
	}
	return known == guessed || number(known) && number(guessed) || known == catalog.Text && guessed == catalog.Count
}

// adopt takes over what other contracts say of a header; a pattern and bounds only where the values keep them, the level never.
func (f *Field) adopt(known catalog.Field, values []string) {
	f.Name, f.TitleEN = known.Name, known.TitleEN
	if f.Type != catalog.Wan || known.Type != catalog.Yuan {
		f.Type, f.Unit = known.Type, known.Unit
	}
	f.Standard, f.Personal, f.Identifier = known.Standard, known.Personal, known.Identifier
	if known.Pattern != "" {
		if pattern, err := regexp.Compile(known.Pattern); err == nil && share(values, pattern.MatchString) >= mostly {
			f.Pattern = known.Pattern
		}
	}
	if f.Type != catalog.Text && f.Type == known.Type {
		f.Minimum, f.Maximum = known.Minimum, known.Maximum
	}
	f.Why = append(f.Why, "其他目录有同名的列，沿用其写法")
}

const (
	usciPattern     = "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
	residentPattern = "^[0-9]{17}[0-9X]$"
)

// identify looks at the values themselves: check characters tell credit codes and residents' numbers whatever the header says.
func (f *Field) identify(values []string) {
	found := func(test func(string) bool) bool { return len(values) > 0 && share(values, test) >= 0.7 }
	upper := func(test func(string) bool) func(string) bool {
		return func(v string) bool { return test(strings.ToUpper(v)) }
	}
	switch {
	case f.Type == catalog.Date || f.Type == catalog.Period:
	case found(upper(border.ValidResidentID)):
		f.mark(catalog.ResidentID, "resident_id", "resident identity number", "GB 11643-1999", residentPattern, 4, values)
	case found(upper(border.ValidUSCI)):
		if f.Identifier != catalog.TaxpayerID {
			f.mark(catalog.USCI, "usci", "unified social credit code", "GB 32100-2015", usciPattern, 1, values)
		}
	case found(phoneValue.MatchString), found(mailValue.MatchString), contactName.MatchString(f.TitleZH):
		f.Type, f.Unit, f.Personal, f.Identifier = catalog.Text, "", true, ""
		f.Why = append(f.Why, "是联系方式，按个人信息标注")
	case homeTitle.MatchString(f.TitleZH):
		f.Personal, f.Grade = true, 3
		f.Why = append(f.Why, "是个人住址，按个人信息标注")
	case personTitle.MatchString(f.TitleZH) && found(nameValue.MatchString):
		f.Identifier, f.Personal = catalog.PersonName, true
		if leaderTitle.MatchString(f.TitleZH) {
			f.Identifier = catalog.LegalName
		}
		f.Why = append(f.Why, "多为人名，按个人信息标注")
	case firmTitle.MatchString(f.TitleZH) && f.Type == catalog.Text && found(firmValue.MatchString) && f.Identifier == "":
		f.Identifier = catalog.FirmName
		f.Why = append(f.Why, "多为单位名称")
	case f.Identifier == catalog.USCI || f.Identifier == catalog.ResidentID:
		f.Why = append(f.Why, fmt.Sprintf("表头像 %s，但样本中校验位正确的不到七成，请核对", f.Identifier))
	}
}

func (f *Field) mark(as catalog.Identifier, name, titleEN, standard, pattern string, grade int, values []string) {
	right := border.ValidUSCI
	if as == catalog.ResidentID {
		right = border.ValidResidentID
	}
	n := share(values, func(v string) bool { return right(strings.ToUpper(v)) })
	f.Type, f.Unit, f.Identifier, f.Standard, f.Pattern = catalog.Text, "", as, standard, pattern
	f.Name, f.TitleEN, f.Personal, f.Grade = name, titleEN, as == catalog.ResidentID, max(f.Grade, grade)
	f.Minimum, f.Maximum = "", ""
	f.Why = append(f.Why, fmt.Sprintf("样本中 %.0f%% 的值校验位正确", 100*n))
}

// unitInName keeps the rule that names of money, and only these, end in their unit.
func unitInName(name string, t catalog.Type) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "_yuan"), "_wan")
	switch t {
	case catalog.Yuan:
		return name + "_yuan"
	case catalog.Wan:
		return name + "_wan"
	default:
		return name
	}
}

// The bounds within which a column counts as a list of values: few words, each of them short and seen several times.
const (
	maxListed    = 12
	maxWord      = 12
	minPerWord   = 3
	minRowsToTry = 20
)

// listValues proposes the values of a column as the only ones, as a warning: the sample need not hold them all.
func (f *Field) listValues(values, filled []string) {
	if f.Type != catalog.Text || f.Personal || f.Identifier != "" || len(filled) < minRowsToTry || codeTitle.MatchString(f.TitleZH) || len(f.Values) > 0 {
		return
	}
	seen := map[string]int{}
	for _, v := range filled {
		seen[v]++
		if len(seen) > maxListed || utf8.RuneCountInString(v) > maxWord {
			return
		}
	}
	var listed []string
	for v, n := range seen {
		if n < minPerWord {
			return
		}
		listed = append(listed, v)
	}
	slices.SortFunc(listed, func(a, b string) int {
		if seen[a] != seen[b] {
			return seen[b] - seen[a]
		}
		return strings.Compare(a, b)
	})
	f.Values, f.ValuesWarn, f.Pattern = listed, true, ""
	f.Why = append(f.Why, fmt.Sprintf("样本 %d 行中只有 %d 种取值；其余取值只计数不拒收", len(values), len(listed)))
}

// bound gives plain bounds that do not tell what the sample holds.
func (f *Field) bound() {
	switch {
	case f.Minimum != "" || f.Maximum != "":
	case f.Type == catalog.Date:
		f.Minimum = "1949-10-01"
	case f.Type == catalog.Count && strings.HasSuffix(f.TitleZH, "年度"):
		f.Minimum, f.Maximum = "1949", "2100"
	case f.Type == catalog.Count:
		f.Minimum = "0"
	case f.Type == catalog.Number && f.Unit == "%":
		f.Minimum, f.Maximum = "0", "100"
	}
}

// exampleOf makes a value up that keeps the field's own rules and is nobody's.
func exampleOf(f catalog.Field) string {
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	switch f.Identifier {
	case catalog.USCI, catalog.TaxpayerID:
		return "91341500MA2EXAMP0X"
	case catalog.ResidentID:
		return "341502199001010011"
	case catalog.FirmName:
		return "六安市示例农业科技有限公司"
	case catalog.LegalName, catalog.PersonName:
		return "张示例"
	}
	switch f.Type {
	case catalog.Date:
		return "2024-03-05"
	case catalog.Period:
		return "2024-03"
	case catalog.Yuan:
		return "12800.50"
	case catalog.Wan:
		return "128.5"
	case catalog.Count:
		if f.Minimum == "1949" || f.Minimum == "1990" {
			return "2023"
		}
		return "12"
	case catalog.Number:
		return "12.5"
	}
	switch {
	case strings.Contains(f.Standard, "2260"):
		return "341502"
	case strings.Contains(f.Standard, "4754"):
		return "0111"
	case strings.Contains(f.Standard, "32100"):
		return "91341500MA2EXAMP0X"
	case f.Personal && contactName.MatchString(f.TitleZH):
		return "13800000000"
	case codeTitle.MatchString(f.TitleZH):
		return "示例-2024-0001"
	default:
		return "示例" + f.TitleZH
	}
}
