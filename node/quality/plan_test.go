package quality

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/lake"
)

// TestEveryContractCanBeMeasured runs the statements of every catalogue of the tree, whose patterns and rules the engine has to understand, and
// every check across departments, over a lake without rows.
func TestEveryContractCanBeMeasured(t *testing.T) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.Context(), filepath.Join(t.TempDir(), "lake"), lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := time.Date(2026, 10, 16, 9, 0, 0, 0, time.UTC)
	if err := delivery.Prepare(t.Context(), l, contracts); err != nil {
		t.Fatal(err)
	}
	if err := Prepare(t.Context(), l, contracts, now); err != nil {
		t.Fatal(err)
	}
	conn, err := l.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), macros); err != nil {
		t.Fatal(err)
	}
	for _, c := range contracts.All() {
		if _, err := measureCatalogue(t.Context(), conn, c, []int64{1, 3}, now); err != nil {
			t.Errorf("%s: %v", c.File, err)
		}
	}
	if _, err := entity.Refresh(t.Context(), l.DB(), contracts); err != nil {
		t.Fatal(err)
	}
	for _, check := range crossChecks() {
		for _, side := range check.Sides {
			if _, ok := contracts.Find(side.Department, side.Catalogue); !ok {
				t.Errorf("%s: there is no catalogue %s/%s", check.Name, side.Department, side.Catalogue)
			}
		}
		if err := check.compute(t.Context(), l.DB(), "test", now); err != nil {
			t.Errorf("%s: %v", check.Name, err)
		}
	}
}
