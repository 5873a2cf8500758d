package delivery

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What a look at the bytes takes for tidy, the reader of records takes for clean, with as many rows; and it sees the same however the text is cut
// into parts.
func TestATidyTextIsClean(t *testing.T) {
	cells := rapid.SampledFrom([]string{"1", "甲公司", "", " 乙", "a\tb", "\u3000丙", "\u00a0", "“引”", "x\ry", `"q"`, "\ufffd", "\x00", "2024-03-05", "甲\r\n乙"})
	ends := rapid.SampledFrom([]string{"\n", "\n", "\n", "\r\n", "\n\n", ""})
	rapid.Check(t, func(rt *rapid.T) {
		var text strings.Builder
		text.WriteString("a,b,c\n")
		for range rapid.IntRange(0, 8).Draw(rt, "lines") {
			n := rapid.SampledFrom([]int{3, 3, 3, 3, 3, 2}).Draw(rt, "cells")
			text.WriteString(strings.Join(rapid.SliceOfN(cells, n, n).Draw(rt, "line"), ",") + ends.Draw(rt, "end"))
		}
		content := []byte(text.String())
		var whole, cut tidiness
		_, _ = whole.Write(content)
		for rest := content; len(rest) > 0; {
			n := rapid.IntRange(1, min(len(rest), 7)).Draw(rt, "part")
			cut.look(rest[:n])
			rest = rest[n:]
		}
		rows, tidy := whole.rows(',', 3)
		if again, same := cut.rows(',', 3); again != rows || same != tidy || cut.wide != whole.wide && !whole.odd {
			rt.Fatalf("whole: %d %v %v; cut: %d %v %v; %q", rows, tidy, whole.wide, again, same, cut.wide, content)
		}
		if wide := bytes.Contains(content, []byte("\u3000")) || bytes.Contains(content, []byte("\u00a0")); tidy && wide != whole.wide {
			rt.Fatalf("blanks of other kinds: %v, seen %v: %q", wide, whole.wide, content)
		}
		if !tidy {
			return
		}
		// The engine itself sees to it that every line has as many cells as the header.
		for line := range strings.Lines(text.String()) {
			if strings.Count(line, ",") != 2 {
				return
			}
		}
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			rt.Fatal(err)
		}
		s := &source{path: path, file: path, delim: ',', layout: []int{0, 1, 2}}
		clean, err := s.scanCSV()
		if err != nil || !clean || s.received != rows {
			rt.Fatalf("tidy with %d rows, but clean %v with %d: %v %q", rows, clean, s.received, err, content)
		}
	})
}
