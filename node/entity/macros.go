package entity

import (
	"context"
	"fmt"
	"strings"
)

// defineRules makes the functions of identifiers and names. They say in SQL what identifier.go and fold.go say in Go, from the same tables.
func (e engine) defineRules(ctx context.Context) error {
	for name, body := range map[string]string{
		"code_form(s)":      "nullif(regexp_replace(" + codeFolding().sql("s") + ", '[^0-9A-Z]', '', 'g'), '')",
		"name_fold(s)":      "regexp_replace(" + nameFolding().sql("s") + `, '\((` + strings.Join(labels, "|") + `)\)', '', 'g')`,
		"name_kept(s)":      `nullif(replace(regexp_replace(s, '[^0-9A-Z\p{Han}]', '', 'g'), '有限责任公司', '有限公司'), '')`,
		"valid_usci(c)":     uscis().sql("c"),
		"completed_usci(c)": uscis().sqlCompleted("c"),
		"valid_org(c)":      orgCodes().sql("c"),
		"valid_resident(c)": residentIDs().sql("c"),
		"valid_reg(c)":      regNoSQL("c"),
		"edits(a, b)":       "damerau_levenshtein(a, b)",
		"address_head(s)":   `nullif(regexp_replace(regexp_extract(s, '^.*?[0-9]+号'), '^\p{Han}{2,3}?[省市](\p{Han}{2,3}?[市区县])?', ''), '')`,
	} {
		if err := e.run(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP MACRO %s AS %s", name, body)); err != nil {
			return fmt.Errorf("define %s: %w", name, err)
		}
	}
	for _, macro := range []string{
		"name_form(s) AS name_kept(name_fold(s))",
	} {
		if err := e.run(ctx, "CREATE OR REPLACE TEMP MACRO "+macro); err != nil {
			return err
		}
	}
	return nil
}
