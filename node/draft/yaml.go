package draft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// YAML writes the draft as a contract of the Open Data Contract Standard. What is left open says so; why a guess was made stands beside it as a
// comment.
func (d Draft) YAML() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	open := func(given, hint string) string {
		if given != "" {
			return quote(given)
		}
		return quote(catalog.Open + hint)
	}
	line("# 由样本起草（%d 行）。逐项核对；凡标有%s之处须填写，填完后运行 yidaitong node catalog --validate 检查。", d.Rows, catalog.Open)
	line("apiVersion: v3.0.2")
	line("kind: DataContract")
	line("id: urn:yidaitong:catalogue:%s:%s", d.Department, d.Name)
	line("name: %s", d.Name)
	line("version: 1.0.0")
	line("status: draft")
	line("domain: %s", d.Department)
	line("dataProduct: %s", open(d.Title, "数据目录名称"))
	line("description:")
	line("  purpose: %s", quote(catalog.Open+"一句话说明每一行记录什么"))
	line("  usage: %s", quote("经数据主体授权，在政务网内用于融资信用服务；只输出模型结果"))
	line("  limitations: %s", quote("原始记录不出政务网"))
	line("team:")
	line("  - username: %s", quote(catalog.Open+"责任岗位，如某某局某某科科长（写岗位，不写姓名）"))
	line("    role: owner")
	line("customProperties:")
	custom := func(indent, name, value string) {
		line("%s- property: %s", indent, name)
		line("%s  value: %s", indent, value)
	}
	custom("  ", "titleEn", quote(catalog.Open+"数据目录英文名"))
	custom("  ", "departmentTitle", open(d.DepartmentTitle, "部门全称"))
	custom("  ", "role", quote(d.Role))
	custom("  ", "legalBasis", quote(catalog.Open+"依据的法律法规，书名号括起"))
	custom("  ", "sharingClass", quote(catalog.Open+"无条件共享 / 有条件共享 / 不予共享"))
	custom("  ", "securityClass", quote(catalog.Open+"一般 / 重要 / 核心（GB/T 43697）"))
	custom("  ", "securityGrade", fmt.Sprint(d.Grade))
	line("slaProperties:")
	line("  - property: frequency")
	line("    value: 1")
	line("    unit: %s", quote(catalog.Open+"d 每日 / m 每月 / q 每季 / y 每年"))
	line("  - property: retention")
	line("    value: %s", quote(catalog.Open+"保存年数，写数字"))
	line("    unit: y")
	line("schema:")
	line("  - name: %s", d.Name)
	line("    physicalName: landed.%s__%s", d.Department, d.Name)
	line("    logicalType: object")
	line("    physicalType: view")
	line("    businessName: %s", open(d.Title, "数据目录名称"))
	line("    properties:")
	position := 0
	for _, f := range d.Fields {
		if f.Key {
			position++
		}
		f.write(line, position)
	}
	return b.Bytes()
}

// quote writes a text so that YAML takes it as one: JSON's strings are YAML's.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

func quotes(list []string) string {
	quoted := make([]string, len(list))
	for i, each := range list {
		quoted[i] = quote(each)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// written are a type's words in the standard.
func written(t catalog.Type) (logical, format string) {
	switch t {
	case catalog.Date:
		return "date", "yyyy-MM-dd"
	case catalog.Period:
		return "date", "yyyy-MM"
	case catalog.Count:
		return "integer", ""
	case catalog.Text:
		return "string", ""
	default:
		return "number", ""
	}
}

func (f Field) write(line func(string, ...any), position int) {
	for _, why := range f.Why {
		line("      # %s：%s", f.TitleZH, why)
	}
	logical, format := written(f.Type)
	line("      - name: %s", f.Name)
	line("        businessName: %s", quote(f.TitleZH))
	line("        logicalType: %s", logical)
	line("        physicalType: %s", f.Type.SQL())
	f.writeOptions(line, format)
	if f.Key {
		line("        primaryKey: true")
		line("        primaryKeyPosition: %d", position)
	}
	if f.Required {
		line("        required: true")
	}
	line("        classification: %s", quote(fmt.Sprint(f.Grade)))
	f.writeQuality(line)
	line("        examples: [%s]", quote(f.Example))
	line("        customProperties:")
	custom := func(name, value string) {
		line("          - property: %s", name)
		line("            value: %s", value)
	}
	custom("titleEn", quote(f.TitleEN))
	if len(f.Synonyms) > 0 {
		custom("synonyms", quotes(f.Synonyms))
	}
	if f.Identifier != "" {
		custom("identifier", string(f.Identifier))
	}
	if f.Standard != "" {
		custom("standard", quote(f.Standard))
	}
	if f.Unit != "" {
		custom("unit", quote(f.Unit))
	}
	if f.Personal {
		custom("personal", "true")
	}
}

func (f Field) writeOptions(line func(string, ...any), format string) {
	if format == "" && f.Minimum == "" && f.Maximum == "" {
		return
	}
	line("        logicalTypeOptions:")
	if format != "" {
		line("          format: %s", format)
	}
	bound := func(name, value string) {
		switch {
		case value == "":
		case f.Type == catalog.Date || f.Type == catalog.Period:
			line("          %s: %s", name, quote(value))
		default:
			line("          %s: %s", name, value)
		}
	}
	bound("minimum", f.Minimum)
	bound("maximum", f.Maximum)
}

func (f Field) writeQuality(line func(string, ...any)) {
	switch {
	case len(f.Values) > 0:
		severity := "error"
		if f.ValuesWarn {
			severity = "warning"
		}
		line("        quality:")
		line("          - type: library")
		line("            rule: validValues")
		line("            dimension: conformity")
		line("            severity: %s", severity)
		line("            validValues: %s", quotes(f.Values))
	case f.Pattern != "":
		line("        quality:")
		line("          - type: custom")
		line("            dimension: accuracy")
		line("            severity: warning")
		line("            engine: yidaitong")
		line("            implementation:")
		line("              pattern: %s", quote(f.Pattern))
	}
}
