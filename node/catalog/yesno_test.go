package catalog_test

import (
	"testing"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// Every yes-or-no field of the tree takes the usual spellings, and no other field does.
func TestYesAndNoInTheirSpellings(t *testing.T) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, c := range contracts.All() {
		for _, f := range c.Fields {
			if len(f.Values) != 2 || (f.Values[0] != "是" && f.Values[1] != "是") || (f.Values[0] != "否" && f.Values[1] != "否") {
				continue
			}
			fields++
			for spelling, want := range map[string]string{"Y": "是", "yes": "是", "TRUE": "是", "1": "是", "√": "是", "t": "是", "N": "否", "No": "否", "false": "否", "0": "否", "×": "否", "Ｎ": "否"} {
				if got := f.Aliases[spelling]; got != want {
					t.Errorf("%s.%s: %q means %q, want %q", c.View(), f.Name, spelling, got, want)
				}
			}
		}
	}
	if fields == 0 {
		t.Error("no catalogue has a yes-or-no field")
	}
}
