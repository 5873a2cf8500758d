package party

import (
	"regexp"
	"strings"
)

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

const usciAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidUSCI checks a unified social credit code by GB 32100-2015: alphabet, length, division part and check character.
func ValidUSCI(s string) bool {
	if len(s) != 18 || !digits(s[2:8]) {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(usciAlphabet, s[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return s[17] == usciAlphabet[(31-sum%31)%31]
}

// ValidResidentID checks a resident identity number by GB 11643: digits, a day that exists, check character.
func ValidResidentID(s string) bool {
	if len(s) != 18 || !digits(s[:17]) || !dayPattern.MatchString(s[6:14]) {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return s[17] == "10X98765432"[sum%11]
}

var dayPattern = regexp.MustCompile(`^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$`)

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
