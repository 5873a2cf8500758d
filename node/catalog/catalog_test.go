package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

func load(t *testing.T) *catalog.Catalogs {
	t.Helper()
	all, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryContractOfTheTreeIsSound(t *testing.T) {
	all := load(t)
	city, departments := 0, map[string]bool{}
	for _, c := range all.All() {
		if c.Department != "study" && c.Department != "social" {
			city++
			departments[c.Department] = true
		}
		if c.Role == catalog.RoleReference && !c.HasFirm() {
			t.Errorf("%s: is a register of firms, but no field names the firm", c.File)
		}
	}
	if city != 305 || len(departments) != 34 {
		t.Errorf("%d catalogues of %d departments, want 305 of 34", city, len(departments))
	}
}

func TestHeadersAreFoundAsDepartmentsWriteThem(t *testing.T) {
	all := load(t)
	for _, tt := range []struct{ department, catalogue, header, field, unit string }{
		{"tax", "sales_invoice", "购方单位代号", "counterparty_id", ""},
		{"tax", "purchase_invoice", "销方单位代号", "counterparty_id", ""},
		{"tax", "sales_invoice", " 价税 合计\n", "total_yuan", ""},
		{"tax", "sales_invoice", "金额（万元）", "amount_yuan", "万元"},
		{"tax", "sales_invoice", "金额(元)", "amount_yuan", ""},
		{"market_regulation", "enterprise_registration", "注册资本（万元）", "registered_capital_wan", ""},
		{"market_regulation", "enterprise_registration", "注册资本(元)", "registered_capital_wan", "元"},
		{"market_regulation", "enterprise_registration", "ＵＳＣＩ", "usci", ""},
		{"human_resources", "social_insurance", "参保人数（人）", "headcount", ""},
		{"utilities", "electricity", "用电量/千瓦时", "kwh", ""},
		{"utilities", "electricity", "备注", "", ""},
	} {
		c, ok := all.Find(tt.department, tt.catalogue)
		if !ok {
			t.Fatalf("no contract %s/%s", tt.department, tt.catalogue)
		}
		got, _ := c.Column(tt.header)
		if got.Field.Name != tt.field || got.Unit != tt.unit {
			t.Errorf("%s: %q is %q in %q, want %q in %q", c.Name, tt.header, got.Field.Name, got.Unit, tt.field, tt.unit)
		}
	}
}

const sound = `apiVersion: v3.0.2
kind: DataContract
id: urn:test
name: return
version: 1.0.0
status: active
domain: tax
dataProduct: 申报
description: {purpose: 试验}
team: [{username: 科长, role: owner}]
customProperties:
  - {property: titleEn, value: returns}
  - {property: departmentTitle, value: 税务局}
  - {property: role, value: record}
  - {property: legalBasis, value: 税收征收管理法}
  - {property: sharingClass, value: 有条件共享}
  - {property: securityClass, value: 一般}
  - {property: securityGrade, value: 3}
slaProperties:
  - {property: frequency, value: 1, unit: q}
  - {property: retention, value: 10, unit: y}
schema:
  - name: return
    physicalName: landed.tax__return
    properties:
      - name: taxpayer_id
        businessName: 纳税人识别号
        logicalType: string
        physicalType: VARCHAR
        primaryKey: true
        classification: "3"
        examples: ["1"]
        customProperties:
          - {property: titleEn, value: number}
          - {property: identifier, value: taxpayer_id}
      - name: paid_yuan
        businessName: 实缴税额
        logicalType: number
        physicalType: DECIMAL(18,2)
        logicalTypeOptions: {minimum: 0}
        classification: "3"
        examples: ["1"]
        customProperties:
          - {property: titleEn, value: paid}
          - {property: unit, value: 元}
`

func TestASoundContractIsRead(t *testing.T) {
	all, err := catalog.Load(fstest.MapFS{"tax/return.yaml": {Data: []byte(sound)}})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := all.Find("tax", "return")
	paid, _ := c.Field("paid_yuan")
	if paid.Type != catalog.Yuan || paid.Minimum != "0" || c.UpdateCycle != catalog.CycleQuarterly || !c.HasFirm() {
		t.Errorf("read %+v", c)
	}
}

func TestAFaultyContractIsRefusedWithFileAndField(t *testing.T) {
	for _, tt := range []struct{ old, new, field string }{
		{"apiVersion: v3.0.2", "apiVersion: v2.2.2", "apiVersion"},
		{"kind: DataContract", "kind: Table", "kind"},
		{"name: return\nversion", "name: Return\nversion", "name"},
		{"domain: tax", "domain: Tax", "domain"},
		{"sharingClass, value: 有条件共享", "sharingClass, value: 随便", "sharingClass"},
		{"securityClass, value: 一般", "securityClass, value: 普通", "securityClass"},
		{"securityGrade, value: 3", "securityGrade, value: 9", "securityGrade"},
		{"unit: q}", "unit: h}", "frequency"},
		{"role: owner", "role: guest", "team"},
		{"legalBasis, value: 税收征收管理法", "legalBasis, value: ''", "legalBasis"},
		{"physicalName: landed.tax__return", "physicalName: landed.tax", "physicalName"},
		{"logicalType: number", "logicalType: integer", "schema.properties[paid_yuan].logicalType"},
		{"value: 元}", "value: 美元}", "schema.properties[paid_yuan].logicalType"},
		{"{minimum: 0}", "{minimum: zero}", "schema.properties[paid_yuan].logicalTypeOptions.minimum"},
		{"value: taxpayer_id}", "value: passport}", "schema.properties[taxpayer_id].customProperties[identifier]"},
		{"businessName: 实缴税额", "businessName: 纳税人识别号", "schema.properties[paid_yuan].synonyms"},
		{"businessName: 实缴税额\n", "bussinessName: 实缴税额\n", "the file"},
		{sound, "", "the file"},
		{sound, "- 1", "the file"},
	} {
		text := strings.Replace(sound, tt.old, tt.new, 1)
		_, err := catalog.Load(fstest.MapFS{"tax/return.yaml": {Data: []byte(text)}})
		var fault *catalog.Fault
		if !errors.As(err, &fault) {
			t.Errorf("%q for %q: no fault: %v", tt.new, tt.old, err)
			continue
		}
		if fault.File != "tax/return.yaml" || !strings.Contains(fault.Field, tt.field) {
			t.Errorf("%q for %q: the fault names %s, %s", tt.new, tt.old, fault.File, fault.Field)
		}
	}
}

func TestFieldsOfMoneyKeepTheirUnit(t *testing.T) {
	for _, c := range load(t).All() {
		for _, f := range c.Fields {
			if strings.HasSuffix(f.Name, "_yuan") != (f.Type == catalog.Yuan) || strings.HasSuffix(f.Name, "_wan") != (f.Type == catalog.Wan) {
				t.Errorf("%s: %s is of type %s", c.File, f.Name, f.Type)
			}
			if slices.Contains([]catalog.Type{catalog.Yuan, catalog.Wan}, f.Type) && f.Unit == "" {
				t.Errorf("%s: %s has no unit", c.File, f.Name)
			}
		}
	}
}

func TestEveryContractKeepsTheStandardAndTheBureausRules(t *testing.T) {
	standard, err := catalog.NewStandard(nil)
	if err != nil {
		t.Fatal(err)
	}
	n, faults, err := catalog.Validate(catalogs.FS, standard)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
	if want := len(load(t).All()); n != want {
		t.Errorf("%d contracts were held against the rules, want all %d", n, want)
	}
}

// TestValidationNamesWhatIsWrong breaks a contract of the tree in one place after the other.
func TestValidationNamesWhatIsWrong(t *testing.T) {
	text, err := catalogs.FS.ReadFile("market_regulation/abnormal_list.yaml")
	if err != nil {
		t.Fatal(err)
	}
	standard, err := catalog.NewStandard(nil)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) []*catalog.Fault {
		_, faults, err := catalog.Validate(fstest.MapFS{"market_regulation/abnormal_list.yaml": {Data: []byte(text)}}, standard)
		if err != nil {
			t.Fatal(err)
		}
		return faults
	}
	if faults := validate(string(text)); len(faults) > 0 {
		t.Fatalf("a sound contract has the fault %v", faults[0])
	}
	for _, tt := range []struct{ old, new, field, problem string }{
		{"version: 1.0.0", "version: one", "version", "1.0.0"},
		{"urn:yidaitong:catalogue:market_regulation:abnormal_list", "urn:x", "id", "urn:yidaitong"},
		{"《企业经营异常名录管理暂行办法》", "一个办法", "customProperties[legalBasis]", "《》"},
		{"《企业经营异常名录管理暂行办法》", "【待填】《》", "customProperties[legalBasis]", "still to be filled in"},
		{"securityGrade\n    value: 1", "securityGrade\n    value: \"1\"", "customProperties[securityGrade]", "1 to 4"},
		{"classification: \"1\"", "classification: \"3\"", "customProperties[securityGrade]", "most sensitive"},
		{"status: active", "status: 7", "status", "breaks the standard"},
		{"  - username:", "  - user:", "team[0]", "breaks the standard"},
		{"primaryKey: true", "primaryKey: yes please", "schema.properties[usci].primaryKey", "breaks the standard"},
		{"logicalType: date", "logicalType: day", "schema.properties[listed_on].logicalType", "breaks the standard"},
		{"format: yyyy-MM-dd", "format: yyyy-MM-dd\n          maximum: 2030", "schema.properties[listed_on].logicalTypeOptions.maximum", "breaks the standard"},
		{"dimension: consistency", "dimension: beauty", "schema.quality[removed_before_listed].dimension", "breaks the standard"},
		{"        engine: yidaitong\n", "", "schema.quality[removed_before_listed]", "engine"},
		{"removed_on < listed_on", "removed_on < begun_on", "schema.quality[removed_before_listed].implementation.never", "begun_on"},
		{"91341500MA2EXAMP0X", "91330100799655058B", "schema.properties[usci].examples", "somebody's"},
		{"91341500MA2EXAMP0X", "none", "schema.properties[usci].examples", "pattern"},
		{"2024-03-05", "5 March", "schema.properties[listed_on].examples", "does not fit"},
		{"2024-03-05", "1911-03-05", "schema.properties[listed_on].examples", "range"},
	} {
		faults := validate(strings.Replace(string(text), tt.old, tt.new, 1))
		if !slices.ContainsFunc(faults, func(f *catalog.Fault) bool {
			return f.File == "market_regulation/abnormal_list.yaml" && f.Field == tt.field && strings.Contains(f.Problem, tt.problem)
		}) {
			t.Errorf("%q for %q: no fault of %s that says %q, but %v", tt.new, tt.old, tt.field, tt.problem, faults)
		}
	}
}

func TestTheOperatorsContractsLieOverTheProgramsOwn(t *testing.T) {
	text, err := catalogs.FS.ReadFile("market_regulation/abnormal_list.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := load(t)
	corrected := strings.Replace(string(text), "version: 1.0.0", "version: 1.1.0", 1)
	added := strings.NewReplacer("market_regulation", "weather", "市场监督管理局", "气象局").Replace(string(text))
	all, err := own.Overlay(fstest.MapFS{"market_regulation/abnormal_list.yaml": {Data: []byte(corrected)}, "weather/abnormal_list.yaml": {Data: []byte(added)}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(all.All()), len(own.All())+1; got != want {
		t.Errorf("%d contracts, want %d", got, want)
	}
	c, _ := all.Find("market_regulation", "abnormal_list")
	if c.Version != "1.1.0" || !c.Added {
		t.Errorf("version %s stands", c.Version)
	}
	if len(all.Of("weather")) != 1 || len(all.Departments()) != len(own.Departments())+1 {
		t.Errorf("the new department is missing from %v", all.Departments())
	}
	if c, _ := own.Find("market_regulation", "abnormal_list"); c.Version != "1.0.0" {
		t.Error("the program's own contracts were changed")
	}
	if _, err := own.Overlay(fstest.MapFS{"market_regulation/abnormal_list.yaml": {Data: text}}); err != nil {
		t.Errorf("the same text is refused: %v", err)
	}
	changed := strings.Replace(string(text), "列入原因", "事由", 1)
	if _, err := own.Overlay(fstest.MapFS{"market_regulation/abnormal_list.yaml": {Data: []byte(changed)}}); err == nil || !strings.Contains(err.Error(), "higher version") {
		t.Errorf("another text under the same version is taken: %v", err)
	}
}
