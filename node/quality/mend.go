package quality

import (
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// ruleZH are the rules of the quarantine in the words of the person who keeps the file.
var ruleZH = map[string]string{
	"required": "必填项为空", "type": "格式无法识别", "range": "超出允许范围", "values": "不在允许取值内", "identifier": "没有任何企业标识",
	"columns_few": "单元格少于表头", "columns_many": "单元格多于表头", "quoting": "引号不成对", "encoding": "含无法识别的字符", "too_long": "一行过长",
	"json": "不是 JSON 对象", "formula": "公式没有结果或报错", "operation": "操作列看不懂",
}

// titleOfRule is a rule's title; a rule without one keeps its code rather than vanish.
func titleOfRule(rule string) string {
	if title, ok := ruleZH[rule]; ok {
		return title
	}
	return rule
}

// advice says what to do about a row, to the person who keeps the file.
func advice(c *catalog.Contract, f catalog.Field, rule string) string {
	switch rule {
	case "required":
		return "补填后重新报送该行"
	case "type":
		return "应填" + formatZH(f) + "，改正后重新报送该行"
	case "range":
		return "核对后重新报送该行；允许" + boundsZH(f)
	case "values":
		return "改为以下之一：" + strings.Join(f.Values, "、")
	case "identifier":
		var names []string
		for _, id := range c.FirmIdentifiers() {
			names = append(names, id.TitleZH)
		}
		return "至少填写一项：" + strings.Join(names, "、")
	case "columns_few", "columns_many":
		return "检查该行的分隔符：单元格内的逗号须用英文双引号括起"
	case "quoting":
		return "检查该行的英文双引号是否成对，单元格内的引号须写两次"
	case "encoding":
		return "检查该行的乱码字符，另存为 UTF-8 后重新报送"
	case "too_long":
		return "一行超过 1 MB，检查是否缺少换行"
	case "json":
		return "每行须为一个完整的 JSON 对象"
	case "operation":
		return "操作列只写 新增、变更 或 删除"
	case "formula":
		return "在 Excel 中重新计算并保存，或粘贴为数值"
	default:
		return "核对后重新报送该行"
	}
}

func formatZH(f catalog.Field) string {
	switch f.Type {
	case catalog.Date:
		return "真实存在的日期（如 2024-03-05）"
	case catalog.Period:
		return "年月（如 2024-03）"
	case catalog.Count:
		return "整数（如 " + f.Example + "）"
	case catalog.Yuan, catalog.Wan:
		return "以" + f.Unit + "为单位的数字（如 " + f.Example + "）"
	default:
		return "数字（如 " + f.Example + "）"
	}
}

func boundsZH(f catalog.Field) string {
	switch {
	case f.Minimum != "" && f.Maximum != "":
		return f.Minimum + " 至 " + f.Maximum
	case f.Minimum != "":
		return "不小于 " + f.Minimum
	default:
		return "不大于 " + f.Maximum
	}
}
