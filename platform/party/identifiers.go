package party

import "strings"

// Tidy makes an identifier out of what a person typed: full-width forms, spaces and dashes go, letters become capitals.
func Tidy(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '　':
			r = ' '
		}
		if r != ' ' && r != '-' && r != '\t' {
			out.WriteRune(r)
		}
	}
	return strings.ToUpper(out.String())
}

// MaskResidentID keeps the first three and the last four characters.
func MaskResidentID(s string) string {
	if len(s) != 18 {
		return ""
	}
	return s[:3] + strings.Repeat("*", 11) + s[14:]
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
