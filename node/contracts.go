package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/quality"
)

// Contracts are the data contracts that hold in a node: those that the program carries, and over them the operator's own, as
// DEPARTMENT/CATALOGUE.yaml under the given folder or, when that is empty, under the node's folder "catalogs". Without a node (dir is empty) and
// without a folder they are the program's.
func Contracts(dir, operators string) (*catalog.Catalogs, error) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		return nil, err
	}
	given := operators != ""
	if !given && dir == "" {
		return contracts, nil
	}
	if !given {
		operators = filepath.Join(dir, "catalogs")
	}
	info, err := os.Stat(operators)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !given:
		return contracts, nil
	case err != nil || !info.IsDir():
		return nil, fmt.Errorf("%s is no folder of data contracts; it should hold DEPARTMENT/CATALOGUE.yaml", operators)
	}
	merged, err := contracts.Overlay(os.DirFS(operators))
	if err != nil {
		return nil, fmt.Errorf("take the data contracts under %s: %w", operators, err)
	}
	return merged, nil
}

// carried reports whether the program itself has catalogues of a department.
func carried(department string) bool {
	info, err := fs.Stat(catalogs.FS, department)
	return err == nil && info.IsDir()
}

// Standings say how every catalogue's deliveries stand, by table.
func (n *Node) Standings(ctx context.Context) (map[string]catalog.Standing, error) {
	return quality.Standings(ctx, n.lake, n.Catalogs, n.Clock())
}

// MeasureQuality measures the deliveries that have not been measured yet.
func (n *Node) MeasureQuality(ctx context.Context) (quality.Measured, error) {
	return quality.Measure(ctx, n.lake, n.Catalogs, "", n.Clock())
}
