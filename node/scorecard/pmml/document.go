package pmml

import "encoding/xml"

// The parts of PMML that are written and read. Names are those of the standard.

type document struct {
	XMLName    xml.Name       `xml:"PMML"`
	Space      string         `xml:"xmlns,attr,omitempty"`
	Version    string         `xml:"version,attr"`
	Header     header         `xml:"Header"`
	Dictionary dictionary     `xml:"DataDictionary"`
	Derived    *any           `xml:"TransformationDictionary"`
	Scorecard  *scorecardPart `xml:"Scorecard"`
	Others     []element      `xml:",any"`
}

// any is an element whose content is carried as it is.
type any struct {
	Content string `xml:",innerxml"`
}

type element struct {
	XMLName xml.Name
}

type header struct {
	Copyright   string       `xml:"copyright,attr,omitempty"`
	Description string       `xml:"description,attr,omitempty"`
	Application *application `xml:"Application"`
}

type application struct {
	Name string `xml:"name,attr"`
}

type dictionary struct {
	Count  int         `xml:"numberOfFields,attr,omitempty"`
	Fields []dataField `xml:"DataField"`
}

type dataField struct {
	Name  string `xml:"name,attr"`
	Type  string `xml:"optype,attr"`
	Value string `xml:"dataType,attr"`
}

type extension struct {
	Extender string `xml:"extender,attr,omitempty"`
	Name     string `xml:"name,attr,omitempty"`
	Value    string `xml:"value,attr,omitempty"`
}

type scorecardPart struct {
	ModelName       string           `xml:"modelName,attr,omitempty"`
	Function        string           `xml:"functionName,attr"`
	Algorithm       string           `xml:"algorithmName,attr,omitempty"`
	InitialScore    *number          `xml:"initialScore,attr"`
	UseReasonCodes  string           `xml:"useReasonCodes,attr,omitempty"`
	ReasonAlgorithm string           `xml:"reasonCodeAlgorithm,attr,omitempty"`
	BaselineMethod  string           `xml:"baselineMethod,attr,omitempty"`
	Extensions      []extension      `xml:"Extension"`
	Schema          []miningField    `xml:"MiningSchema>MiningField"`
	Output          *any             `xml:"Output"`
	Local           *any             `xml:"LocalTransformations"`
	Characteristics []characteristic `xml:"Characteristics>Characteristic"`
}

type miningField struct {
	Name        string `xml:"name,attr"`
	Usage       string `xml:"usageType,attr,omitempty"`
	Invalid     string `xml:"invalidValueTreatment,attr,omitempty"`
	Replacement string `xml:"missingValueReplacement,attr,omitempty"`
	Outliers    string `xml:"outliers,attr,omitempty"`
}

type characteristic struct {
	Name       string      `xml:"name,attr"`
	ReasonCode string      `xml:"reasonCode,attr,omitempty"`
	Baseline   *number     `xml:"baselineScore,attr"`
	Extensions []extension `xml:"Extension"`
	Attributes []attribute `xml:"Attribute"`
}

type attribute struct {
	ReasonCode string      `xml:"reasonCode,attr,omitempty"`
	Partial    *number     `xml:"partialScore,attr"`
	Extensions []extension `xml:"Extension"`
	predicates
	Complex *any `xml:"ComplexPartialScore"`
}

// predicates are the conditions in an attribute (one) or a compound (several).
type predicates struct {
	Compounds []compound `xml:"CompoundPredicate"`
	Simples   []simple   `xml:"SimplePredicate"`
	Sets      []set      `xml:"SimpleSetPredicate"`
	True      *struct{}  `xml:"True"`
	False     *struct{}  `xml:"False"`
}

type simple struct {
	Field    string `xml:"field,attr"`
	Operator string `xml:"operator,attr"`
	Value    string `xml:"value,attr,omitempty"`
}

type set struct {
	Field    string `xml:"field,attr"`
	Operator string `xml:"booleanOperator,attr"`
	Array    array  `xml:"Array"`
}

type array struct {
	Count int    `xml:"n,attr,omitempty"`
	Type  string `xml:"type,attr"`
	Text  string `xml:",chardata"`
}

type compound struct {
	Operator string `xml:"booleanOperator,attr"`
	predicates
}
