package entity

import (
	"context"
	"fmt"
	"strings"
)

// defineRules makes the functions of identifiers and names. They say in SQL what identifier.go and fold.go say in Go, from the same tables.
func (e engine) defineRules(ctx context.Context) error {
	for name, body := range map[string]string{
		"code_form(s)":        "nullif(regexp_replace(" + codeFolding().sql("s") + ", '[^0-9A-Z]', '', 'g'), '')",
		"name_fold(s)":        "regexp_replace(" + nameFolding().sql("s") + `, '\((` + strings.Join(labels, "|") + `)\)', '', 'g')`,
		"name_kept(s)":        `nullif(replace(regexp_replace(s, '[^0-9A-Z\p{Han}]', '', 'g'), '有限责任公司', '有限公司'), '')`,
		"valid_usci(c)":       uscis().sql("c"),
		"completed_usci(c)":   uscis().sqlCompleted("c"),
		"valid_org(c)":        orgCodes().sql("c"),
		"valid_resident(c)":   residentIDs().sql("c"),
		"valid_reg(c)":        regNoSQL("c"),
		"edits(a, b)":         "levenshtein(a, b)",
		"letters(s)":          "list_sort(string_split(s, ''))",
		"alike(a, b)":         "2.0 * len(list_intersect(string_split(a, ''), string_split(b, ''))) / greatest(len(list_distinct(string_split(a, ''))) + len(list_distinct(string_split(b, ''))), 1)",
		"opens_alike(a, b)":   "len(list_filter(range(1, least(len(a), len(b)) + 1), lambda i: left(a, i) = left(b, i)))",
		"confidence_of(bits)": "round(1 / (1 + power(2, -least(greatest(bits, -20), 20))), 6)",
	} {
		if err := e.run(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP MACRO %s AS %s", name, body)); err != nil {
			return fmt.Errorf("define %s: %w", name, err)
		}
	}
	for _, macro := range []string{
		"name_form(s) AS name_kept(name_fold(s))",
		"one_slip(a, b) AS opens_alike(a, b) + opens_alike(reverse(a), reverse(b)) >= greatest(len(a), len(b)) - 1",
	} {
		if err := e.run(ctx, "CREATE OR REPLACE TEMP MACRO "+macro); err != nil {
			return err
		}
	}
	return nil
}

// defineCores makes name_core, which drops the divisions and the organisation form from a folded name. The divisions are those that the reference's
// own names begin with, and the provinces.
func (e engine) defineCores(ctx context.Context) error {
	divisions, err := queries.ReadFile("sql/divisions.sql")
	if err != nil {
		return err
	}
	var tokens []string
	rows, err := e.conn.QueryContext(ctx, string(divisions))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var token string
		if err := rows.Scan(&token); err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	division := strings.Join(append(tokens, provinces...), "|")
	core := fmt.Sprintf(`regexp_replace(regexp_replace(regexp_replace(name_kept(regexp_replace(folded, '\((%[1]s)+\)', '', 'g')),
		'^(%[1]s)+', ''), '(集团)?(股份有限公司|有限公司|股份公司|公司)$', ''), '(%[1]s)+$', '')`, division)
	return e.run(ctx, "CREATE OR REPLACE TEMP MACRO name_core(folded) AS CASE WHEN len("+core+") >= 2 THEN "+core+" ELSE name_kept(folded) END")
}

// provinces are the provincial divisions as names of firms begin with them (GB/T 2260).
var provinces = strings.Fields(`中国 北京市 北京 天津市 天津 上海市 上海 重庆市 重庆 河北省 河北 山西省 山西 内蒙古 辽宁省 辽宁 吉林省 吉林 黑龙江省 黑龙江
	江苏省 江苏 浙江省 浙江 安徽省 安徽 福建省 福建 江西省 江西 山东省 山东 河南省 河南 湖北省 湖北 湖南省 湖南 广东省 广东 广西 海南省 海南
	四川省 四川 贵州省 贵州 云南省 云南 西藏 陕西省 陕西 甘肃省 甘肃 青海省 青海 宁夏 新疆`)
