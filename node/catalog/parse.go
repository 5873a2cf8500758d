package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// document is a contract as the Open Data Contract Standard v3 writes it, as far as the node reads it. Keys that the standard has and the node
// does not need are allowed; keys that the standard does not have are refused, because they are most often a slip of the pen.
type document struct {
	APIVersion     string         `yaml:"apiVersion"`
	Kind           string         `yaml:"kind"`
	ID             string         `yaml:"id"`
	Name           string         `yaml:"name"`
	Version        string         `yaml:"version"`
	Status         string         `yaml:"status"`
	Domain         string         `yaml:"domain"`
	DataProduct    string         `yaml:"dataProduct"`
	Description    map[string]any `yaml:"description"`
	Team           []member       `yaml:"team"`
	Custom         properties     `yaml:"customProperties"`
	SLA            []promise      `yaml:"slaProperties"`
	Schema         []object       `yaml:"schema"`
	Tenant         any            `yaml:"tenant"`
	Tags           any            `yaml:"tags"`
	Servers        any            `yaml:"servers"`
	Support        any            `yaml:"support"`
	Price          any            `yaml:"price"`
	Roles          any            `yaml:"roles"`
	SLADefault     any            `yaml:"slaDefaultElement"`
	Definitions    any            `yaml:"authoritativeDefinitions"`
	ContractedFrom any            `yaml:"contractCreatedTs"`
}

type member struct {
	Username string `yaml:"username"`
	Role     string `yaml:"role"`
}

type promise struct {
	Property string `yaml:"property"`
	Value    any    `yaml:"value"`
	Unit     string `yaml:"unit"`
}

type object struct {
	Name         string     `yaml:"name"`
	PhysicalName string     `yaml:"physicalName"`
	PhysicalType string     `yaml:"physicalType"`
	LogicalType  string     `yaml:"logicalType"`
	BusinessName string     `yaml:"businessName"`
	Description  string     `yaml:"description"`
	Granularity  string     `yaml:"dataGranularityDescription"`
	Properties   []property `yaml:"properties"`
	Quality      []quality  `yaml:"quality"`
	Custom       properties `yaml:"customProperties"`
	Tags         any        `yaml:"tags"`
}

type property struct {
	Name           string         `yaml:"name"`
	BusinessName   string         `yaml:"businessName"`
	Description    string         `yaml:"description"`
	LogicalType    string         `yaml:"logicalType"`
	Options        map[string]any `yaml:"logicalTypeOptions"`
	PhysicalType   string         `yaml:"physicalType"`
	PrimaryKey     bool           `yaml:"primaryKey"`
	KeyPosition    int            `yaml:"primaryKeyPosition"`
	Required       bool           `yaml:"required"`
	Unique         bool           `yaml:"unique"`
	Classification string         `yaml:"classification"`
	Critical       bool           `yaml:"criticalDataElement"`
	Examples       []any          `yaml:"examples"`
	Quality        []quality      `yaml:"quality"`
	Custom         properties     `yaml:"customProperties"`
	Tags           any            `yaml:"tags"`
}

type quality struct {
	Name           string         `yaml:"name"`
	Description    string         `yaml:"description"`
	Type           string         `yaml:"type"`
	Rule           string         `yaml:"rule"`
	Dimension      string         `yaml:"dimension"`
	Severity       string         `yaml:"severity"`
	ValidValues    []string       `yaml:"validValues"`
	Engine         string         `yaml:"engine"`
	Implementation map[string]any `yaml:"implementation"`
}

type properties []struct {
	Property string `yaml:"property"`
	Value    any    `yaml:"value"`
}

func (p properties) find(name string) any {
	for _, each := range p {
		if each.Property == name {
			return each.Value
		}
	}
	return nil
}

func (p properties) text(name string) string {
	s, _ := p.find(name).(string)
	return s
}

var code = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Parse reads one contract; file is only named in errors. The error joins every Fault that the contract has.
func Parse(file string, text []byte) (*Contract, error) {
	var d document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return nil, faultf(file, "the file", "is no data contract: %v", err)
	}
	p := parser{file: file}
	c := p.contract(d)
	if err := errors.Join(p.faults...); err != nil {
		return nil, err
	}
	return c, nil
}

// parser turns a document into a contract and keeps its faults.
type parser struct {
	file   string
	faults []error
}

func (p *parser) check(ok bool, field, format string, args ...any) {
	if !ok {
		p.faults = append(p.faults, faultf(p.file, field, format, args...))
	}
}

// Open marks what a draft of a contract leaves to a person; a contract that still holds it is refused.
const Open = "【待填】"

func (p *parser) need(field, value string) string {
	p.check(strings.TrimSpace(value) != "", field, "is missing")
	p.check(!strings.Contains(value, Open), field, "is still to be filled in")
	return value
}

func (p *parser) contract(d document) *Contract {
	p.check(d.APIVersion == "v3.0.2", "apiVersion", "must be v3.0.2")
	p.check(d.Kind == "DataContract", "kind", "must be DataContract")
	p.check(slices.Contains([]string{"draft", "active", "deprecated"}, d.Status), "status", "must be draft, active or deprecated")
	p.check(code.MatchString(d.Name), "name", "must be a code like tax_return")
	p.check(code.MatchString(d.Domain), "domain", "must be a department's code like tax")
	purpose, _ := d.Description["purpose"].(string)
	c := &Contract{
		File: p.file, ID: p.need("id", d.ID), Version: p.need("version", d.Version),
		Department: d.Domain, DepartmentZH: p.need("customProperties[departmentTitle]", d.Custom.text("departmentTitle")),
		Name: d.Name, TitleZH: p.need("dataProduct", d.DataProduct), TitleEN: p.need("customProperties[titleEn]", d.Custom.text("titleEn")),
		Purpose:    p.need("description.purpose", purpose),
		Role:       Role(d.Custom.text("role")),
		LegalBasis: p.need("customProperties[legalBasis]", d.Custom.text("legalBasis")),
	}
	p.check(c.Role == RoleReference || c.Role == RolePerson || c.Role == RoleRecord, "customProperties[role]", "must be reference, person or record")
	p.governance(c, d)
	p.check(len(d.Schema) == 1, "schema", "must hold exactly one object")
	if len(d.Schema) != 1 {
		return c
	}
	p.object(c, d.Schema[0])
	if c.EndedBy = d.Custom.text("endedBy"); c.EndedBy != "" {
		f, ok := c.Field(c.EndedBy)
		p.check(ok && f.Type == Date, "customProperties[endedBy]", "must name a field that is a date")
	}
	return c
}

var (
	sharingClasses  = []string{"无条件共享", "有条件共享", "不予共享"}
	securityClasses = []string{"一般", "重要", "核心"}
)

// governance reads who answers for the data, how it may be shared, how often it comes and how long it is kept.
func (p *parser) governance(c *Contract, d document) {
	for _, m := range d.Team {
		if m.Role == "owner" {
			c.OwnerPost = m.Username
		}
	}
	p.need("team[owner].username", c.OwnerPost)
	c.SharingClass = d.Custom.text("sharingClass")
	p.check(slices.Contains(sharingClasses, c.SharingClass), "customProperties[sharingClass]", "must be one of %s", strings.Join(sharingClasses, ", "))
	c.SecurityClass = d.Custom.text("securityClass")
	p.check(slices.Contains(securityClasses, c.SecurityClass), "customProperties[securityClass]", "must be one of %s", strings.Join(securityClasses, ", "))
	c.SecurityGrade, _ = d.Custom.find("securityGrade").(int)
	p.check(c.SecurityGrade >= 1 && c.SecurityGrade <= 4, "customProperties[securityGrade]", "must be 1 to 4")
	for _, s := range d.SLA {
		switch s.Property {
		case "frequency":
			c.UpdateCycle = map[string]Cycle{"d": CycleDaily, "m": CycleMonthly, "q": CycleQuarterly, "y": CycleYearly}[s.Unit]
		case "retention":
			c.RetainYears, _ = s.Value.(int)
		}
	}
	c.Delivery = Delivery(d.Custom.text("delivery"))
	if c.Delivery == "" {
		c.Delivery = DeliveryIncrement
	}
	p.check(c.Delivery == DeliveryIncrement || c.Delivery == DeliverySnapshot, "customProperties[delivery]", "must be increment or snapshot")
	p.check(c.UpdateCycle != "", "slaProperties[frequency]", "must have the unit d, m, q or y")
	p.check(c.RetainYears > 0, "slaProperties[retention]", "must be a number of years")
}

func (p *parser) object(c *Contract, o object) {
	p.check(o.Name == c.Name, "schema.name", "must be the contract's name")
	p.check(o.PhysicalName == c.View(), "schema.physicalName", "must be %s", c.View())
	p.check(len(o.Properties) > 0, "schema.properties", "is empty")
	c.headers = map[string]int{}
	for i, each := range o.Properties {
		f := p.field(each)
		c.Fields = append(c.Fields, f)
		for _, header := range append([]string{f.Name, f.TitleZH}, f.Synonyms...) {
			other, taken := c.headers[FoldHeader(header)]
			p.check(!taken || other == i, at(f.Name, "synonyms"), "has the header %q, which means %s", header, c.Fields[other].Name)
			c.headers[FoldHeader(header)] = i
		}
	}
	for _, q := range o.Quality {
		expression, _ := q.Implementation["never"].(string)
		c.Checks = append(c.Checks, Check{
			Name: p.need("schema.quality.name", q.Name), TitleZH: p.need("schema.quality.description", q.Description),
			Never: p.need("schema.quality.implementation.never", expression),
		})
	}
}

func at(field, part string) string { return fmt.Sprintf("schema.properties[%s].%s", field, part) }

func (p *parser) field(d property) Field {
	p.check(code.MatchString(d.Name), at(d.Name, "name"), "must be a code like paid_yuan")
	f := Field{
		Name: d.Name, TitleZH: p.need(at(d.Name, "businessName"), d.BusinessName),
		TitleEN:  p.need(at(d.Name, "customProperties[titleEn]"), d.Custom.text("titleEn")),
		Type:     p.fieldType(d),
		Required: d.Required, Key: d.PrimaryKey,
		Unit: d.Custom.text("unit"), Standard: d.Custom.text("standard"),
		Identifier: Identifier(d.Custom.text("identifier")),
		Synonyms:   texts(d.Custom.find("synonyms")),
		Aliases:    p.aliases(d),
	}
	f.Personal, _ = d.Custom.find("personal").(bool)
	f.Grade, _ = strconv.Atoi(d.Classification)
	p.check(f.Grade >= 1 && f.Grade <= 4, at(d.Name, "classification"), "must be 1 to 4")
	p.check(f.Identifier == "" || f.Identifier.OfFirm() || f.Identifier == ResidentID || f.Identifier == PersonName, at(d.Name, "customProperties[identifier]"), "is %q, which is no kind of identifier", f.Identifier)
	p.check(len(d.Examples) > 0, at(d.Name, "examples"), "is missing (made-up values)")
	if len(d.Examples) > 0 {
		f.Example = fmt.Sprint(d.Examples[0])
	}
	f.Minimum, f.Maximum = p.bound(f, d, "minimum"), p.bound(f, d, "maximum")
	p.rules(&f, d)
	return f
}

// fieldType finds the type that logical and physical type and unit together name.
func (p *parser) fieldType(d property) Type {
	format, _ := d.Options["format"].(string)
	kinds := []struct {
		logical, physical, format, unit string
		kind                            Type
	}{
		{"string", "VARCHAR", "", "", Text},
		{"date", "DATE", "yyyy-MM-dd", "", Date},
		{"date", "DATE", "yyyy-MM", "", Period},
		{"number", "DECIMAL(18,2)", "", "元", Yuan},
		{"number", "DECIMAL(18,4)", "", "万元", Wan},
		{"integer", "BIGINT", "", "", Count},
		{"number", "DOUBLE", "", "", Number},
	}
	for _, k := range kinds {
		if k.logical == d.LogicalType && k.physical == d.PhysicalType && (k.format == "" || k.format == format) && (k.unit == "" || k.unit == d.Custom.text("unit")) {
			return k.kind
		}
	}
	p.check(false, at(d.Name, "logicalType"), "is %q with physicalType %q and format %q: no such type of field", d.LogicalType, d.PhysicalType, format)
	return Text
}

// bound reads minimum or maximum as text that fits the field's type.
func (p *parser) bound(f Field, d property, which string) string {
	value, ok := d.Options[which]
	if !ok {
		return ""
	}
	text := fmt.Sprint(value)
	var err error
	switch f.Type {
	case Text:
		err = fmt.Errorf("text has no %s", which)
	case Date, Period:
		_, err = time.Parse(time.DateOnly, text)
	default:
		_, err = strconv.ParseFloat(text, 64)
	}
	p.check(err == nil, at(f.Name, "logicalTypeOptions."+which), "does not fit the field's type")
	return text
}

// rules reads the quality rules of a field. A rule of severity error keeps a row back; a warning is only counted.
func (p *parser) rules(f *Field, d property) {
	for _, q := range d.Quality {
		pattern, _ := q.Implementation["pattern"].(string)
		switch {
		case q.Rule == "validValues":
			p.check(len(q.ValidValues) > 0, at(f.Name, "quality.validValues"), "is empty")
			p.check(q.Severity == "error" || q.Severity == "warning", at(f.Name, "quality.severity"), "must be error or warning")
			f.Values, f.ValuesWarn = q.ValidValues, q.Severity == "warning"
		case pattern != "":
			_, err := regexp.Compile(pattern)
			p.check(err == nil, at(f.Name, "quality.implementation.pattern"), "is no regular expression: %v", err)
			p.check(q.Severity == "warning", at(f.Name, "quality.severity"), "of a pattern must be warning: a damaged identifier is mended by linking, not kept back")
			f.Pattern = pattern
		default:
			p.check(false, at(f.Name, "quality"), "has a rule that is not known: use validValues or a pattern")
		}
	}
	for alias, value := range f.Aliases {
		p.check(slices.Contains(f.Values, value), at(f.Name, "customProperties[valueSynonyms]"), "maps %q to %q, which is none of the valid values", alias, value)
	}
	addYesNo(f)
}

func (p *parser) aliases(d property) map[string]string {
	given, _ := d.Custom.find("valueSynonyms").(map[string]any)
	found := map[string]string{}
	for value, spellings := range given {
		for _, spelling := range texts(spellings) {
			_, twice := found[spelling]
			p.check(!twice, at(d.Name, "customProperties[valueSynonyms]"), "has %q twice", spelling)
			found[spelling] = value
		}
	}
	return found
}

func texts(value any) []string {
	list, _ := value.([]any)
	var found []string
	for _, each := range list {
		found = append(found, fmt.Sprint(each))
	}
	return found
}
