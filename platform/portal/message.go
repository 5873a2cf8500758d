package portal

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"sort"

	"go.yaml.in/yaml/v3"
)

// Lang is the language of a page.
type Lang string

const (
	Chinese Lang = "zh"
	English Lang = "en"
)

// Tag is the language as HTML names it.
func (l Lang) Tag() string {
	if l == English {
		return "en"
	}
	return "zh-CN"
}

// Other is the language that the switch offers.
func (l Lang) Other() Lang {
	if l == English {
		return Chinese
	}
	return English
}

//go:embed messages/*.yaml
var messageFiles embed.FS

// catalogue holds every text of the pages by key, Chinese and English side by side as they stand in messages/*.yaml:
// `key: [中文, English]`. Texts may hold fmt verbs.
type catalogue map[string][2]string

// loadCatalogue reads the message files. A key that stands twice, or without both languages, is an error.
func loadCatalogue() (catalogue, error) {
	files, err := messageFiles.ReadDir("messages")
	if err != nil {
		return nil, err
	}
	all := catalogue{}
	for _, file := range files {
		text, err := messageFiles.ReadFile(path.Join("messages", file.Name()))
		if err != nil {
			return nil, err
		}
		var entries map[string][]string
		if err := yaml.Unmarshal(text, &entries); err != nil {
			return nil, fmt.Errorf("messages/%s: %w", file.Name(), err)
		}
		if err := all.add(entries); err != nil {
			return nil, fmt.Errorf("messages/%s: %w", file.Name(), err)
		}
	}
	return all, nil
}

func (c catalogue) add(entries map[string][]string) error {
	for key, texts := range entries {
		if len(texts) != 2 || texts[0] == "" || texts[1] == "" {
			return fmt.Errorf("%s: give the Chinese and the English text", key)
		}
		if _, twice := c[key]; twice {
			return fmt.Errorf("%s stands twice", key)
		}
		c[key] = [2]string(texts)
	}
	return nil
}

// text returns the text of a key. A missing key shows itself, so that it is seen; a test proves that none is missing.
func (c catalogue) text(lang Lang, key string, args ...any) string {
	texts, ok := c[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	text := texts[0]
	if lang == English {
		text = texts[1]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (c catalogue) has(key string) bool {
	_, ok := c[key]
	return ok
}

func (c catalogue) keys() []string {
	all := make([]string, 0, len(c))
	for key := range c {
		all = append(all, key)
	}
	sort.Strings(all)
	return slices.Clip(all)
}
