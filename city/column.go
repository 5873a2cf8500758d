package city

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// column is a column of a file: its title, the SQL expression of its cells, and what a spreadsheet makes of them.
type column struct {
	title string
	text  string
	kind  string // DuckDB's type; VARCHAR where a spreadsheet holds text
}

// Styles in which a department may write dates, months and amounts; one style per file.
var (
	dateStyles  = []string{"%Y-%m-%d", excelDates, "%Y%m%d", "%Y年%-m月%-d日"}
	monthStyles = []string{"%Y-%m", "%Y%m", "%Y年%m月", "%Y-%m-%d"}
)

// excelDates is the style that a spreadsheet has as real dates, shown as Excel shows them.
const excelDates = "%Y/%-m/%-d"

// columns are the columns of a file: each field in this file's style, under this year's title. From year to year a department's form
// drifts: titles change, columns are left out, added and moved, and amounts come in another unit.
func (g *generator) columns(f file) []column {
	year := strconv.Itoa(f.day.Year())
	style := cellStyle{
		dates:  g.dateStyle(f),
		months: monthStyles[g.choose(len(monthStyles), f.id(), year, "months")],
		commas: g.choose(5, f.id(), year, "commas") == 0,
		typed:  f.format == formatLines || f.format == formatArray || f.format == formatParquet,
	}
	var columns []column
	for _, field := range f.fields {
		if g.leftOut(f, field.name, year) || f.kind == "delete" && field.key == 0 && field.name != f.identifier {
			continue
		}
		columns = append(columns, g.column(f, field, style))
	}
	if !f.core {
		columns = g.drift(f, columns, year)
	}
	if extension(f.format) == formatXLSX && g.choose(2, f.id(), "numbered") == 0 {
		columns = slices.Insert(columns, 0, column{"序号", "_row::VARCHAR", "BIGINT"})
	}
	return columns
}

func (g *generator) column(f file, field field, style cellStyle) column {
	year := strconv.Itoa(f.day.Year())
	c := column{title: field.titles[g.choose(len(field.titles), f.id(), field.name, year, "title")], kind: field.kind}
	value := field.name
	if title, ok := g.inTenThousands(f, field, year); ok {
		c.title, value = title, "("+field.name+"::DECIMAL(18, 2) / 10000)::DECIMAL(18, 6)"
	}
	if field.kind == "DATE" && (field.monthly || style.dates != excelDates) {
		c.kind = "VARCHAR"
	}
	spoilt := slices.DeleteFunc(slices.Clone(f.invalid), func(i string) bool { return !strings.HasPrefix(i, field.name+":") })
	style.typed = style.typed && len(spoilt) == 0
	c.text = field.cell(value, style)
	for _, invalid := range spoilt {
		_, why, _ := strings.Cut(invalid, ":")
		c.text = fmt.Sprintf("CASE WHEN _invalid = '%s' THEN %s ELSE %s END", invalid, spoiltCell(field, why), c.text)
	}
	return c
}

func (g *generator) dateStyle(f file) string {
	return dateStyles[g.choose(len(dateStyles), f.id(), strconv.Itoa(f.day.Year()), "dates")]
}

func (g *generator) leftOut(f file, name, year string) bool {
	return slices.Contains(f.optional, name) && g.choose(4, f.id(), name, year, "left out") == 0
}

// inTenThousands is the title of an amount in yuan in a year in which its department writes it in 万元; the title says so.
func (g *generator) inTenThousands(f file, field field, year string) (string, bool) {
	if f.core || field.unit != "元" || g.choose(8, f.id(), field.name, year, "unit") > 0 {
		return "", false
	}
	for _, title := range field.titles {
		if !strings.ContainsAny(title, "()（）/元") && !slices.Contains(f.headers, title+"(万元)") {
			return title + "(万元)", true
		}
	}
	return "", false
}

// drift moves columns, and adds one that no contract knows.
func (g *generator) drift(f file, columns []column, year string) []column {
	if g.choose(4, f.id(), year, "moved") == 0 {
		by := g.choose(len(columns), f.id(), year, "moved by")
		columns = slices.Concat(columns[by:], columns[:by])
	}
	added := []string{"备注", "录入人", "数据来源"}[g.choose(3, f.id(), "added title")]
	if f.kind != "delete" && g.choose(8, f.id(), year, "added") == 0 && !slices.Contains(f.headers, added) {
		columns = append(columns, column{added, fmt.Sprintf("CASE WHEN u(_key, 0, '%s.added') < 0.1 THEN '业务系统' END", f.id()), "VARCHAR"})
	}
	if f.marked {
		columns = append(columns, column{"操作", "CASE _copy WHEN 2 THEN '变更' WHEN 4 THEN '删除' ELSE '新增' END", "VARCHAR"})
	}
	return columns
}

// cellStyle is how a file writes what it holds.
type cellStyle struct {
	dates, months string
	commas        bool // amounts have commas between the thousands
	typed         bool // numbers are numbers
}

// cell is the SQL expression of a field's cell, given that of its value.
func (f field) cell(value string, style cellStyle) string {
	decimal := strings.HasPrefix(f.kind, "DECIMAL")
	switch {
	case f.kind == "DATE" && f.monthly:
		return fmt.Sprintf("strftime(%s, '%s')", value, style.months)
	case f.kind == "DATE":
		return fmt.Sprintf("strftime(%s, '%s')", value, style.dates)
	case style.typed && (decimal || f.kind == "BIGINT"):
		return value
	case value != f.name: // in another unit, of which every digit counts
		return value + "::VARCHAR"
	case decimal && style.commas:
		return fmt.Sprintf("format('{:,.2f}', %s::DOUBLE)", value)
	case decimal:
		return fmt.Sprintf("%s::DECIMAL(18, 2)::VARCHAR", value)
	default:
		return value + "::VARCHAR"
	}
}

// spoiltCell is the SQL expression of a cell that no contract accepts.
func spoiltCell(f field, why string) string {
	switch why {
	case "bad_date":
		if f.monthly {
			return "'2023-13'"
		}
		return fmt.Sprintf("one_of(['%s', '2023-02-30', '2023-13-05', '待定'], _key, 2, 'spoilt')", "0000-00-00")
	case "negative_count":
		return fmt.Sprintf("(-1 - %s)::VARCHAR", f.name)
	case "letters_in_amount":
		return fmt.Sprintf("replace(%s::DECIMAL(18, 2)::VARCHAR, '.', 'o') || one_of(['', '元整', '?'], _key, 2, 'spoilt')", f.name)
	default:
		return "NULL"
	}
}
