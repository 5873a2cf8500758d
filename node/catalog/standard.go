package catalog

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// schemaText is the Open Data Contract Standard v3.0.2 as a JSON schema, written by us from what the standard says. It is stricter than the
// standard's own where that leaves objects open.
//
//go:embed odcs.schema.json
var schemaText []byte

// Standard is a JSON schema that contracts have to keep.
type Standard struct {
	schema *jsonschema.Schema
}

// NewStandard reads a JSON schema; nil takes the one that the program carries.
func NewStandard(text []byte) (*Standard, error) {
	if text == nil {
		text = schemaText
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("the standard's schema is not JSON: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const name = "urn:odcs"
	if err := compiler.AddResource(name, document); err != nil {
		return nil, fmt.Errorf("the standard's schema cannot be used: %w", err)
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("the standard's schema cannot be used: %w", err)
	}
	return &Standard{schema}, nil
}

// Check holds one contract against the schema and returns every breach; file is only named in them.
func (s *Standard) Check(file string, text []byte) []*Fault {
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return []*Fault{{file, "the file", fmt.Sprintf("is no YAML: %v", err)}}
	}
	document, err := asJSON(document)
	if err != nil {
		return []*Fault{{file, "the file", fmt.Sprintf("cannot be read as JSON: %v", err)}}
	}
	var broken *jsonschema.ValidationError
	if err := s.schema.Validate(document); !errors.As(err, &broken) {
		return nil
	}
	var faults []*Fault
	printer := message.NewPrinter(language.English)
	for _, leaf := range leaves(broken) {
		faults = append(faults, &Fault{file, place(document, leaf.InstanceLocation), "breaks the standard: " + leaf.ErrorKind.LocalizedString(printer)})
	}
	return faults
}

// leaves are the breaches themselves, without the rules that led to them.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var found []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		found = append(found, leaves(cause)...)
	}
	return found
}

// asJSON brings YAML's values to those of JSON. A bare day in YAML is a text by the standard's schema.
func asJSON(value any) (any, error) {
	text, err := json.Marshal(daysAsText(value))
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

func daysAsText(value any) any {
	switch v := value.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case map[string]any:
		for key := range v {
			v[key] = daysAsText(v[key])
		}
	case []any:
		for i := range v {
			v[i] = daysAsText(v[i])
		}
	}
	return value
}

// place spells a location as people look for it: lists by the name of their element, as schema.properties[case_no].logicalType.
func place(document any, location []string) string {
	var b strings.Builder
	for _, step := range location {
		switch v := document.(type) {
		case map[string]any:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
			document = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return b.String()
			}
			document = v[i]
			b.WriteString(elementName(document, i))
		}
	}
	if b.Len() == 0 {
		return "the contract"
	}
	return strings.Replace(b.String(), "schema[0]", "schema", 1)
}

func elementName(element any, i int) string {
	if fields, ok := element.(map[string]any); ok {
		for _, key := range []string{"property", "name"} {
			if name, ok := fields[key].(string); ok && fields["properties"] == nil {
				return "[" + name + "]"
			}
		}
	}
	return "[" + strconv.Itoa(i) + "]"
}
