package consent

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// textFiles are what people read before they agree: VERSION.LANGUAGE.txt, the first line is the title. A file that was shown to
// somebody is never changed: a new wording is a new version.
//
//go:embed texts/*.txt
var textFiles embed.FS

// textVersions lists every version ever shown; the last of a purpose is shown now.
var textVersions = []struct {
	version string
	purpose borderv1.Purpose
}{
	{"identity-check-v1", borderv1.Purpose_PURPOSE_IDENTITY_CHECK},
	{"pre-loan-review-v1", borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW},
	{"post-loan-monitoring-v1", borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING},
}

func readTexts() ([]Text, error) {
	var all []Text
	for _, v := range textVersions {
		t := Text{Version: v.version, Purpose: v.purpose}
		hash := sha256.New()
		for language, into := range map[string][2]*string{"zh": {&t.TitleZH, &t.BodyZH}, "en": {&t.TitleEN, &t.BodyEN}} {
			raw, err := textFiles.ReadFile(fmt.Sprintf("texts/%s.%s.txt", v.version, language))
			if err != nil {
				return nil, fmt.Errorf("read a consent text: %w", err)
			}
			title, body, _ := strings.Cut(string(raw), "\n")
			*into[0], *into[1] = title, strings.TrimSpace(body)
		}
		fmt.Fprint(hash, t.TitleZH, "\n", t.BodyZH, "\n", t.TitleEN, "\n", t.BodyEN)
		t.SHA256 = hex.EncodeToString(hash.Sum(nil))
		all = append(all, t)
	}
	return all, nil
}

// CurrentText returns the text to show before consent for a purpose.
func (s *Service) CurrentText(purpose borderv1.Purpose) Text {
	var current Text
	for _, t := range s.texts {
		if t.Purpose == purpose {
			current = t
		}
	}
	return current
}

// Texts lists every version ever shown.
func (s *Service) Texts() []Text { return s.texts }
