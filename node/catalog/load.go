package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Catalogs are all contracts of a tree, ordered by department and name.
type Catalogs struct {
	contracts []*Contract
}

// Department is an authority that answers for catalogues.
type Department struct {
	Code    string
	TitleZH string
}

// All are the contracts, ordered by department and name.
func (c *Catalogs) All() []*Contract { return c.contracts }

// Find returns the contract of that department and name.
func (c *Catalogs) Find(department, name string) (*Contract, bool) {
	for _, contract := range c.contracts {
		if contract.Department == department && contract.Name == name {
			return contract, true
		}
	}
	return nil, false
}

// Of are the department's contracts, ordered by name; none when there is no such department.
func (c *Catalogs) Of(department string) []*Contract {
	var found []*Contract
	for _, contract := range c.contracts {
		if contract.Department == department {
			found = append(found, contract)
		}
	}
	return found
}

// Departments are the departments that have a catalogue, ordered by code.
func (c *Catalogs) Departments() []Department {
	var found []Department
	for _, contract := range c.contracts {
		if len(found) == 0 || found[len(found)-1].Code != contract.Department {
			found = append(found, Department{Code: contract.Department, TitleZH: contract.DepartmentZH})
		}
	}
	return found
}

// Load reads and checks every DEPARTMENT/CATALOGUE.yaml of the tree. It reports all faults of all contracts at once, each with file and field.
func Load(tree fs.FS) (*Catalogs, error) {
	files, err := contractFiles(tree)
	if err != nil {
		return nil, err
	}
	loaded := &Catalogs{}
	var faults []error
	for _, file := range files {
		contract, err := loadFile(tree, file)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		loaded.contracts = append(loaded.contracts, contract)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return loaded, nil
}

// Overlay lays the operator's contracts over these: new ones are added, one of the same department and name stands in the place of the other.
// A contract that says something else under the same version is refused, so that a version always names one text.
func (c *Catalogs) Overlay(tree fs.FS) (*Catalogs, error) {
	added, err := Load(tree)
	if err != nil {
		return nil, err
	}
	merged := &Catalogs{contracts: slices.Clone(c.contracts)}
	for _, contract := range added.contracts {
		contract.Added = true
		at, replaces := slices.BinarySearchFunc(merged.contracts, contract, compare)
		if !replaces {
			merged.contracts = slices.Insert(merged.contracts, at, contract)
			continue
		}
		if old := merged.contracts[at]; old.Version == contract.Version && old.SHA256 != contract.SHA256 {
			return nil, faultf(contract.File, "version", "is %s, as in the contract that it would replace, but the text differs; give it a higher version", contract.Version)
		}
		merged.contracts[at] = contract
	}
	return merged, nil
}

func compare(a, b *Contract) int {
	return cmp.Or(cmp.Compare(a.Department, b.Department), cmp.Compare(a.Name, b.Name))
}

// contractFiles are the contracts of a tree, in the order of department and name.
func contractFiles(tree fs.FS) ([]string, error) {
	files, err := fs.Glob(tree, "*/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the data contracts: %w", err)
	}
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(path.Dir(a), path.Dir(b)), cmp.Compare(strings.TrimSuffix(a, ".yaml"), strings.TrimSuffix(b, ".yaml")))
	})
	return files, nil
}

func loadFile(tree fs.FS, file string) (*Contract, error) {
	text, err := fs.ReadFile(tree, file)
	if err != nil {
		return nil, fmt.Errorf("read the data contract %s: %w", file, err)
	}
	contract, err := Parse(file, text)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	contract.SHA256 = hex.EncodeToString(sum[:])
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); contract.Name != want {
		return nil, faultf(file, "name", "is %q, but the file's name says %q", contract.Name, want)
	}
	if want := path.Dir(file); contract.Department != want {
		return nil, faultf(file, "domain", "is %q, but the folder's name says %q", contract.Department, want)
	}
	return contract, nil
}

// Fault is what is wrong with a contract, and where.
type Fault struct {
	File    string
	Field   string // path inside the contract, as schema.properties[case_no].logicalType
	Problem string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("data contract %s: %s %s", f.File, f.Field, f.Problem)
}

func faultf(file, field, format string, args ...any) error {
	return &Fault{File: file, Field: field, Problem: fmt.Sprintf(format, args...)}
}
