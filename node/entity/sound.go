package entity

import (
	"context"
	"fmt"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// lookalikes are characters that are taken for each other by their shape; the first of each word stands for all of it.
const lookalikes = `未末 土士 己已巳 日曰 千干 人入 乌鸟 今令 候侯 冶治 微徽 晴睛 杨扬 沐沫 洒酒 祥详 茶荼 裕俗 戊戌 钧钓 亨享 拔拨 折拆 崇祟 晓哓 皓浩 贸贷 泰秦 辰晨 峻竣 铬铭 栗粟 壶壸`

// soundTable makes table sound: one row per character, with the character that stands for all that sound alike (its syllable without tone, and
// without the differences that many do not speak: n and l, zh and z, ang and an) or look alike. Readings are those of Unihan as the library
// carries them; of several the first counts.
func (e engine) soundTable(ctx context.Context) error {
	shape := map[rune]rune{}
	for _, alike := range strings.Fields(lookalikes) {
		group := []rune(alike)
		for _, r := range group[1:] {
			if _, taken := shape[r]; !taken {
				shape[r] = group[0]
			}
		}
	}
	args := pinyin.NewArgs()
	class := map[string]rune{}
	var from, to []rune
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		stands := r
		if other, ok := shape[r]; ok {
			stands = other
		}
		syllables := pinyin.SinglePinyin(stands, args)
		if len(syllables) == 0 {
			continue
		}
		spoken := spokenAlike(syllables[0])
		if _, ok := class[spoken]; !ok {
			class[spoken] = rune(0x4e00 + len(class))
		}
		from, to = append(from, r), append(to, class[spoken])
	}
	return e.run(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE sound AS
		SELECT unnest(string_split('%s', '')) AS c, unnest(string_split('%s', '')) AS s`, string(from), string(to)))
}

// spokenAlike is the syllable with the sounds made one that many speakers do not tell apart.
func spokenAlike(syllable string) string {
	for _, pair := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"l", "n"}} {
		if rest, ok := strings.CutPrefix(syllable, pair[0]); ok {
			syllable = pair[1] + rest
			break
		}
	}
	for _, end := range []string{"ang", "eng", "ing"} {
		if strings.HasSuffix(syllable, end) {
			return strings.TrimSuffix(syllable, "g")
		}
	}
	return syllable
}

// sounded makes out: one row per distinct text of the query's only column text, with how it sounds.
func (e engine) sounded(ctx context.Context, query, out string) error {
	return e.run(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE %[2]s AS
		WITH text AS (SELECT DISTINCT text FROM (%[1]s) WHERE text <> ''),
		letter AS (SELECT text, unnest(string_split(text, '')) AS c, unnest(range(len(text))) AS place FROM text)
		SELECT text, string_agg(coalesce(s, c), '' ORDER BY place) AS sound FROM letter LEFT JOIN sound USING (c) GROUP BY text`, query, out))
}
