package border

import (
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

const (
	usciAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	ulidAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

var (
	ulidPattern     = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	cityPattern     = regexp.MustCompile(`^[1-9][0-9]{5}$`)
	usciWeights     = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	residentWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
)

// ValidID reports whether s is a ULID in its one canonical spelling.
func ValidID(s string) bool { return ulidPattern.MatchString(s) }

// ValidCity reports whether s looks like a GB/T 2260 division code.
func ValidCity(s string) bool { return cityPattern.MatchString(s) }

// ValidUSCI reports whether s is a unified social credit code (GB 32100-2015) with the right check character.
func ValidUSCI(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum := 0
	for i := range 17 {
		v := strings.IndexByte(usciAlphabet, s[i])
		if v < 0 {
			return false
		}
		sum += v * usciWeights[i]
	}
	return s[17] == usciAlphabet[(31-sum%31)%31]
}

// ValidResidentID reports whether s is a resident identity number (GB 11643) with a possible birthday and the right check character.
func ValidResidentID(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum := 0
	for i := range 17 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		sum += int(s[i]-'0') * residentWeights[i]
	}
	if _, err := time.Parse("20060102", s[6:14]); err != nil {
		return false
	}
	return s[17] == "10X98765432"[sum%11]
}

// NewID returns a ULID of now; random must be a source of good randomness.
func NewID(now time.Time, random io.Reader) (string, error) {
	var tail [10]byte
	if _, err := io.ReadFull(random, tail[:]); err != nil {
		return "", fmt.Errorf("draw an id: %w", err)
	}
	return ULID(uint64(now.UnixMilli()), tail), nil
}

// ULID spells an id out of its time, in milliseconds since 1970, and its tail.
func ULID(ms uint64, tail [10]byte) string {
	var out [26]byte
	for i := 9; i >= 0; i-- {
		out[i] = ulidAlphabet[ms&31]
		ms >>= 5
	}
	high := uint64(tail[0])<<32 | uint64(binary.BigEndian.Uint32(tail[1:5]))
	low := uint64(tail[5])<<32 | uint64(binary.BigEndian.Uint32(tail[6:10]))
	for i := 7; i >= 0; i-- {
		out[10+i], out[18+i] = ulidAlphabet[high&31], ulidAlphabet[low&31]
		high, low = high>>5, low>>5
	}
	return string(out[:])
}
