package portal

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/product"
)

// Every string in the sources that looks like a key and is used as one.
var (
	called  = regexp.MustCompile(`\bv\.T\("([a-z0-9_.]+)"[,)]`)
	fields  = regexp.MustCompile(`(?:Label|Hint|Unit): +"([a-z0-9_.]+)"`)
	outcome = regexp.MustCompile(`(?:\.done\(.*, |(?:firmAct|bankAct)\("[a-z_.]+", "[a-z_]+", |switchProduct\([A-Za-z.]+, )"([a-z_]+)"`)
	visited = regexp.MustCompile(`\?done=([a-z_]+)`)
)

// usedKeys are all keys that the sources and the enums can ask for.
func usedKeys(t *testing.T) map[string]string {
	t.Helper()
	used := map[string]string{}
	for file, text := range sources(t) {
		for _, pattern := range []*regexp.Regexp{called, fields} {
			for _, m := range pattern.FindAllStringSubmatch(text, -1) {
				used[m[1]] = file
			}
		}
		for _, pattern := range []*regexp.Regexp{outcome, visited} {
			for _, m := range pattern.FindAllStringSubmatch(text, -1) {
				used["done."+m[1]] = file
			}
		}
	}
	for _, e := range entries {
		used[e.title] = "menu.go"
	}
	for _, title := range []string{"home.title", "products.title", "audit.title"} {
		used[title] = "menu.go"
	}
	for _, key := range enumKeys() {
		used[key] = "enum"
	}
	return used
}

// sources are our own Go and templ files by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"*.go", "*.templ"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_templ.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found[file] = string(text)
		}
	}
	return found
}

func strs[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// enumKeys are the keys that are put together from a prefix and a value.
func enumKeys() []string {
	var keys []string
	add := func(prefix, suffix string, values ...string) {
		for _, v := range values {
			keys = append(keys, prefix+"."+v+suffix)
		}
	}
	border := func(e protoreflect.Enum, parts ...string) {
		values := e.Descriptor().Values()
		for i := range values.Len() {
			if values.Get(i).Number() == 0 {
				continue
			}
			key := valueKey(string(e.Descriptor().Name()), string(values.Get(i).Name()))
			for _, part := range parts {
				keys = append(keys, key+part)
			}
		}
	}
	border(borderv1.Purpose(0), "")
	border(borderv1.DataClass(0), "", ".text")
	border(borderv1.Verdict(0), "")
	border(borderv1.Grade(0), "", ".text", ".firm")
	border(borderv1.PdBand(0), "")
	border(borderv1.LimitBand(0), "")
	border(borderv1.Dimension(0), "", ".short", ".text")
	border(borderv1.Reason(0), ".title", ".raises", ".lowers", ".advice")
	border(borderv1.FigureKind(0), "")
	border(borderv1.Direction(0), "")
	border(borderv1.RefusalCode(0), "")
	border(borderv1.AlertCode(0), "", ".text", ".firm")
	border(borderv1.Severity(0), "")

	add("role", "", strs(party.Roles())...)
	add("org_kind", "", string(party.KindEnterprise), string(party.KindIndividual))
	add("state", "", strs(lending.States())...)
	for _, s := range lending.States() {
		if s.Final() {
			add("case.over", "", string(s))
		}
		add("next.firm", "", string(s))
		add("next.bank", "", string(s))
	}
	for _, row := range lending.Table() {
		add("event", "", string(row.Event))
		add("side", "", string(row.Who))
	}
	add("phase", "", phases...)
	add("use", "", strs(demand.Uses())...)
	add("demand_state", "", strs([]demand.State{demand.StateOpen, demand.StateApplied, demand.StateWithdrawn, demand.StateExpired, demand.StateFunded})...)
	add("security", "", strs(securities())...)
	add("product_kind", "", strs(productKinds())...)
	add("product_state", "", string(product.StatePublished), string(product.StateSuspended))
	add("repayment", "", strs(product.RepaymentKinds())...)
	add("day_count", "", string(product.Actual360), string(product.Thirty360))
	add("lpr", "", string(product.LPR1Y), string(product.LPR5Y))
	add("outcome", "", string(product.Passed), string(product.Pending), string(product.Failed))
	add("class", "", strs([]lending.FiveClass{lending.ClassNormal, lending.ClassSpecialMention, lending.ClassSubstandard, lending.ClassDoubtful, lending.ClassLoss})...)
	add("instalment", "", "paid", "overdue", "part_paid", "due")
	add("action", "", strs(monitoring.Actions())...)
	add("size", "", "micro", "small", "medium")
	add("grant_state", "", strs([]consent.State{consent.StateActive, consent.StateExpired, consent.StateRevoked, consent.StateUsedUp})...)
	add("use_kind", "", strs([]consent.UseKind{consent.UseGrant, consent.UseRevocation, consent.UseRequest, consent.UseAnswer, consent.UseRefusal, consent.UseAlert})...)
	add("use_kind", ".text", "grant", "revocation", "request", "refusal", "alert")
	add("use_kind.answer", "", "credit", "identity")
	add("proof", "", strs([]consent.Proof{consent.ProofVerified, consent.ProofPending, consent.ProofFailed})...)
	add("leaf", "", strs(leafKinds())...)
	add("log", "", "node", "platform")
	add("log", ".text", "node", "platform")
	add("level", "", "high", "good", "middle", "low", "weak")
	add("identity.question", "", "firm_registered", "firm_name_matches", "person_exists", "person_represents_firm")
	add("home.step", "", "identity", "demand", "authorise", "money")
	add("home.step", ".text", "identity", "demand", "authorise", "money")
	add("firm.step", "", "identity", "demand", "authorise", "money")
	add("home.promise", "", "stay", "consent", "record", "explain")
	add("home.promise", ".text", "stay", "consent", "record", "explain")
	add("authorise.way", "", "choose", "authorise", "apply")
	add("cockpit.stage", "", "demands", "applications", "approved", "loans")
	for letter := 'A'; letter <= 'T'; letter++ {
		add("section", "", string(letter))
	}
	add("division", "", "341500", "341502", "341503", "341504", "341522", "341523", "341524", "341525")
	add("department", "", "market_regulation", "tax", "human_resources", "housing_fund", "court", "utilities", "environment", "finance",
		"public_security", "science", "customs", "natural_resources", "treasury", "medical_insurance", "agriculture", "transport", "housing_construction", "public_resources",
		"commerce", "industry_information", "emergency", "health", "development_reform", "education", "civil_affairs", "justice", "water_resources", "culture_tourism", "state_assets",
		"statistics", "urban_management", "forestry", "hotline", "fire_rescue", "social")
	return keys
}

func TestEveryKeyHasBothTexts(t *testing.T) {
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for key, file := range usedKeys(t) {
		if !c.has(key) {
			missing = append(missing, key+"  ("+file+")")
		}
	}
	slices.Sort(missing)
	for _, key := range missing {
		t.Errorf("no text: %s", key)
	}
}

func TestNoTextIsUnused(t *testing.T) {
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	used := usedKeys(t)
	for _, key := range c.keys() {
		if used[key] == "" {
			t.Errorf("nobody asks for %s", key)
		}
	}
}

var verbs = regexp.MustCompile(`%(\[[0-9]\])?[-+#0-9.]*[a-z%]`)

// TestTextsAgree holds that both languages take the same figures, and that the Chinese is Chinese and the English is not.
func TestTextsAgree(t *testing.T) {
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for key, texts := range c {
		zh, en := verbs.FindAllString(texts[0], -1), verbs.FindAllString(texts[1], -1)
		slices.Sort(zh)
		slices.Sort(en)
		if !slices.Equal(zh, en) {
			t.Errorf("%s: the texts take different figures: %v and %v", key, zh, en)
		}
		if i := strings.IndexFunc(texts[1], han); i >= 0 && key != "layout.other_language" && key != "app.name" {
			t.Errorf("%s: Chinese in the English text: %s", key, texts[1])
		}
	}
}

func han(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF
}

// TestNoChineseInTemplates holds that a page's words come from the catalogue.
func TestNoChineseInTemplates(t *testing.T) {
	for file, text := range sources(t) {
		if !strings.HasSuffix(file, ".templ") {
			continue
		}
		for n, line := range strings.Split(text, "\n") {
			if strings.ContainsFunc(line, han) {
				t.Errorf("%s:%d: a Chinese literal: %s", file, n+1, strings.TrimSpace(line))
			}
		}
	}
}
