package entity

import (
	"fmt"
	"strings"
)

// A weighted check: every character has a place value, the sum of place value times weight leaves the remainder. Three of the field's codes
// are checked in this way; the tables below are the only place where their numbers stand, for Go and for SQL alike.
type weighted struct {
	body, check string // characters allowed before the last one, and for it; a character's value is its place
	weights     []int  // of the body; the last character weighs 1
	modulus     int
	remainder   int
}

// uscis are unified social credit codes (GB 32100-2015).
func uscis() weighted {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	return weighted{alphabet, alphabet, []int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}, 31, 0}
}

// orgCodes are organisation codes (GB 11714-1997), without their dash.
func orgCodes() weighted {
	return weighted{"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789X", []int{3, 7, 9, 10, 5, 8, 4, 2}, 11, 0}
}

// residentIDs are resident identity numbers (GB 11643-1999).
func residentIDs() weighted {
	return weighted{"0123456789", "0123456789X", []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}, 11, 1}
}

func (w weighted) valid(code string) bool {
	if len(code) != len(w.weights)+1 {
		return false
	}
	sum := strings.IndexByte(w.check, code[len(w.weights)])
	if sum < 0 {
		return false
	}
	for i, weight := range w.weights {
		value := strings.IndexByte(w.body, code[i])
		if value < 0 {
			return false
		}
		sum += weight * value
	}
	return sum%w.modulus == w.remainder
}

// sql is the same check as an expression over code.
func (w weighted) sql(code string) string {
	terms := make([]string, len(w.weights))
	for i, weight := range w.weights {
		terms[i] = fmt.Sprintf("%d * (strpos('%s', substr(%s, %d, 1)) - 1)", weight, w.body, code, i+1)
	}
	return fmt.Sprintf("(regexp_full_match(%s, '[%s]{%d}[%s]') AND (%s + strpos('%s', substr(%s, %d, 1)) - 1) %% %d = %d)",
		code, w.body, len(w.weights), w.check, strings.Join(terms, " + "), w.check, code, len(w.weights)+1, w.modulus, w.remainder)
}

// sqlCompleted appends to an expression of the body its check character; NULL when the body has another length or characters.
func (w weighted) sqlCompleted(body string) string {
	terms := make([]string, len(w.weights))
	for i, weight := range w.weights {
		terms[i] = fmt.Sprintf("%d * (strpos('%s', substr(%s, %d, 1)) - 1)", weight, w.body, body, i+1)
	}
	return fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, '[%[2]s]{%[3]d}') THEN %[1]s || substr('%[4]s', CAST((%[5]d + %[6]d - (%[7]s) %% %[5]d) %% %[5]d AS BIGINT) + 1, 1) END",
		body, w.body, len(w.weights), w.check, w.modulus, w.remainder, strings.Join(terms, " + "))
}

// ValidUSCI reports whether code, in its normal form, keeps the check digit of a unified social credit code.
func ValidUSCI(code string) bool { return uscis().valid(code) }

// ValidOrgCode reports whether code, in its normal form, keeps the check digit of an organisation code.
func ValidOrgCode(code string) bool { return orgCodes().valid(code) }

// ValidResidentID reports whether id, in its normal form, keeps the check digit of a resident ID.
func ValidResidentID(id string) bool { return residentIDs().valid(id) }

// ValidRegNo reports whether code, in its normal form, keeps the check digit of a registration number (GS15-2006: 15 digits, ISO 7064 MOD 11,10).
func ValidRegNo(code string) bool {
	if len(code) != 15 {
		return false
	}
	p := 10
	for i := range code {
		digit := int(code[i]) - '0'
		if digit < 0 || digit > 9 {
			return false
		}
		s := (p + digit) % 10
		if i == len(code)-1 {
			return s == 1
		}
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return false
}

// regNoSQL is ValidRegNo as an expression over code.
func regNoSQL(code string) string {
	return fmt.Sprintf(`(regexp_full_match(%[1]s, '[0-9]{15}') AND
		(list_reduce(list_prepend(10, list_transform(range(1, 15), lambda i: CAST(strpos('0123456789', substr(%[1]s, CAST(i AS INTEGER), 1)) - 1 AS INTEGER))),
			lambda p, d: (CASE WHEN (p + d) %% 10 = 0 THEN 10 ELSE (p + d) %% 10 END) * 2 %% 11)
		 + strpos('0123456789', substr(%[1]s, 15, 1)) - 1) %% 10 = 1)`, code)
}
