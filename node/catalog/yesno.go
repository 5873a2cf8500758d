package catalog

import "slices"

// yesSpellings and noSpellings are how departments write yes and no. A cell is compared as it stands, so each case and width is listed.
var (
	yesSpellings = []string{"Y", "y", "Ｙ", "YES", "Yes", "yes", "T", "t", "TRUE", "True", "true", "1", "１", "1.0", "√", "✓", "✔", "☑", "对", "真", "有", "已", "是的", "是。", "on", "ON"}
	noSpellings  = []string{"N", "n", "Ｎ", "NO", "No", "no", "F", "f", "FALSE", "False", "false", "0", "０", "0.0", "×", "✗", "✘", "☐", "X", "x", "错", "假", "没有", "未", "不是", "否。", "off", "OFF"}
)

// addYesNo lets a field whose only values are 是 and 否 take the other spellings of yes and no, unless the contract says what they mean.
func addYesNo(f *Field) {
	values := slices.Sorted(slices.Values(f.Values))
	if !slices.Equal(values, []string{"否", "是"}) {
		return
	}
	for value, spellings := range map[string][]string{"是": yesSpellings, "否": noSpellings} {
		for _, spelling := range spellings {
			if _, given := f.Aliases[spelling]; !given {
				f.Aliases[spelling] = value
			}
		}
	}
}
