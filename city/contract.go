package city

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
)

// contract is what the generator reads of a data contract: the columns that the department promised, and under which titles they come.
type contract struct {
	title  string
	yearly bool // the department delivers once a year
	fields []contractField
	// headers are all titles and synonyms of all fields.
	headers []string
}

type contractField struct {
	name       string
	titles     []string // the official title and the first two synonyms: those in use
	monthly    bool     // a date of which only the month counts
	unit       string   // 元, 万元, 人, …
	identifier string   // usci, taxpayer_id, firm_name, …; empty for other fields
	key        int      // place in the key from 1; 0 outside it
	required   bool
}

// contractText is a contract as it is written (Open Data Contract Standard v3), as far as the generator reads it.
type contractText struct {
	DataProduct string `yaml:"dataProduct"`
	SLA         []struct {
		Property string `yaml:"property"`
		Unit     string `yaml:"unit"`
	} `yaml:"slaProperties"`
	Schema []struct {
		Properties []struct {
			Name         string         `yaml:"name"`
			BusinessName string         `yaml:"businessName"`
			Options      map[string]any `yaml:"logicalTypeOptions"`
			PrimaryKey   bool           `yaml:"primaryKey"`
			KeyPosition  int            `yaml:"primaryKeyPosition"`
			Required     bool           `yaml:"required"`
			Custom       []customOfText `yaml:"customProperties"`
		} `yaml:"properties"`
	} `yaml:"schema"`
}

type customOfText struct {
	Property string    `yaml:"property"`
	Value    yaml.Node `yaml:"value"`
}

// readContract reads DEPARTMENT/CATALOGUE.yaml.
func readContract(contracts fs.FS, department, name string) (contract, error) {
	path := department + "/" + name + ".yaml"
	text, err := fs.ReadFile(contracts, path)
	if errors.Is(err, fs.ErrNotExist) {
		return contract{}, fmt.Errorf("city/delivered/%s.tsv names %s, but there is no contract catalogs/%s", department, name, path)
	}
	if err != nil {
		return contract{}, fmt.Errorf("read the contract %s: %w", path, err)
	}
	var written contractText
	if err := yaml.Unmarshal(text, &written); err != nil {
		return contract{}, fmt.Errorf("the contract %s is no YAML: %w", path, err)
	}
	if len(written.Schema) != 1 {
		return contract{}, fmt.Errorf("the contract %s describes %d tables, not one", path, len(written.Schema))
	}
	c := contract{title: written.DataProduct}
	for _, promise := range written.SLA {
		c.yearly = c.yearly || promise.Property == "frequency" && promise.Unit == "y"
	}
	for i, p := range written.Schema[0].Properties {
		f := contractField{name: p.Name, titles: []string{p.BusinessName}, monthly: p.Options["format"] == "yyyy-MM", required: p.Required}
		if p.PrimaryKey {
			f.key = p.KeyPosition
			if f.key == 0 {
				f.key = i + 1
			}
		}
		for _, custom := range p.Custom {
			if err := f.take(custom); err != nil {
				return contract{}, fmt.Errorf("the contract %s, field %s: %w", path, p.Name, err)
			}
		}
		c.headers = append(c.headers, f.titles...)
		f.titles = f.titles[:min(len(f.titles), 1+synonymsInUse)]
		c.fields = append(c.fields, f)
	}
	return c, nil
}

// synonymsInUse is how many of a field's synonyms departments write.
const synonymsInUse = 2

func (f *contractField) take(custom customOfText) error {
	switch custom.Property {
	case "unit":
		return custom.Value.Decode(&f.unit)
	case "identifier":
		return custom.Value.Decode(&f.identifier)
	case "synonyms":
		var synonyms []string
		if err := custom.Value.Decode(&synonyms); err != nil {
			return err
		}
		f.titles = append(f.titles, synonyms...)
	}
	return nil
}

// identifiedBy is the first field that holds this kind of identifier, or "".
func (c contract) identifiedBy(kind string) string {
	i := slices.IndexFunc(c.fields, func(f contractField) bool { return f.identifier == kind })
	if i < 0 {
		return ""
	}
	return c.fields[i].name
}

func (c contract) field(name string) (contractField, bool) {
	i := slices.IndexFunc(c.fields, func(f contractField) bool { return f.name == name })
	if i < 0 {
		return contractField{}, false
	}
	return c.fields[i], true
}

// key is the names of the fields that tell records apart, in their order.
func (c contract) key() []string {
	fields := slices.DeleteFunc(slices.Clone(c.fields), func(f contractField) bool { return f.key == 0 })
	slices.SortStableFunc(fields, func(a, b contractField) int { return a.key - b.key })
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}
