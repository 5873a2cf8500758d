package delivery

import (
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// kind is what a delivery does to what was delivered before it.
type kind string

const (
	kindIncrement kind = "increment" // its rows come to what there is, or take the place of earlier rows under the same key
	kindSnapshot  kind = "snapshot"  // it is the whole: what is absent from it ends on its day
	kindDeletion  kind = "deletion"  // what it names ends on its day
)

// kindOf tells a delivery's kind: by a part of its file's name, else by the contract.
func kindOf(name string, c *catalog.Contract) kind {
	base := strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	switch {
	case strings.Contains(base, "_delete_") || strings.Contains(base, "_delete."):
		return kindDeletion
	case strings.Contains(base, "_full_") || strings.Contains(base, "_full."):
		return kindSnapshot
	case c.Delivery == catalog.DeliverySnapshot:
		return kindSnapshot
	default:
		return kindIncrement
	}
}

// opColumn stands in a layout for the column that says what is to be done with a row.
const opColumn = -2

// opHeaders are the headers of such a column.
var opHeaders = []string{"操作", "操作类型", "变更类型", "op", "operation"}

func isOpHeader(header string) bool {
	return slices.Contains(opHeaders, strings.ToLower(strings.TrimSpace(header)))
}

// forKind is the contract as a delivery of that kind must keep it: a deletion need not name more than the key.
func forKind(c *catalog.Contract, k kind) *catalog.Contract {
	if k != kindDeletion || len(c.Keys()) == 0 {
		return c
	}
	keys := *c
	keys.Fields = slices.Clone(c.Fields)
	for i := range keys.Fields {
		f := &keys.Fields[i]
		f.Required = f.Key
		f.Identifier = ""
	}
	return &keys
}
