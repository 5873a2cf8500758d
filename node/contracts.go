package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

// contractsOf are the data contracts that hold in a node: those that the program carries, and over them the operator's own, as
// DEPARTMENT/CATALOGUE.yaml under the given folder or under the node's folder "catalogs".
func contractsOf(dir, operators string) (*catalog.Catalogs, error) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		return nil, err
	}
	given := operators != ""
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
