package party

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/yidaitong/yidaitong/platform/problem"
)

// The cost of one hash: OWASP's second argon2id profile, about 20 ms on one core.
const (
	hashMemoryKiB = 19 * 1024
	hashTime      = 2
	hashThreads   = 1
	hashBytes     = 32
	saltBytes     = 16
)

// HashSecret hashes a password or an identity number with a fresh salt: "argon2id$v=19$m=…,t=…,p=…$salt$hash".
func HashSecret(rand io.Reader, secret string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	sum := argon2.IDKey([]byte(secret), salt, hashTime, hashMemoryKiB, hashThreads, hashBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemoryKiB, hashTime, hashThreads,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// MatchesSecret reports whether a hash was made of that secret. A hash that cannot be read matches nothing.
func MatchesSecret(hash, secret string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 5 || parts[0] != "argon2id" {
		return false
	}
	var memory, time uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil || time == 0 || threads == 0 || memory > 1<<20 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[3])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[4])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(secret), salt, time, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// Password policy: MLPS level 3 asks for length and mixed kinds of characters.
const (
	passwordMin = 10
	passwordMax = 128
)

// checkPassword names what is wrong with a new password.
func checkPassword(fields *problem.Fields, name, login, password string) {
	n := utf8.RuneCountInString(password)
	switch {
	case n < passwordMin:
		fields.Add(name, "too_short", "密码至少 10 个字符。", "A password has at least 10 characters.")
	case n > passwordMax || !utf8.ValidString(password):
		fields.Add(name, "too_long", "密码最多 128 个字符。", "A password has at most 128 characters.")
	case kinds(password) < 2:
		fields.Add(name, "too_simple", "密码须含字母、数字、符号中的至少两种。", "A password mixes at least two of letters, digits and signs.")
	case len(login) >= 4 && strings.Contains(strings.ToLower(password), strings.ToLower(login)):
		fields.Add(name, "contains_login", "密码不能包含登录名。", "A password must not contain the login.")
	case fewDifferent(password):
		fields.Add(name, "too_simple", "密码至少含 5 个不同的字符。", "A password has at least 5 different characters.")
	}
}

func kinds(s string) int {
	var letter, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letter = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return letter + digit + other
}

func fewDifferent(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 5
}
