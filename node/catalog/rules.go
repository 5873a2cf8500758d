package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/border"
)

// Validate holds every DEPARTMENT/CATALOGUE.yaml of a tree against the standard, against what the node needs of a contract, and against what a
// city's data bureau asks of one. It returns every fault with file, field and what to do; none when all is well.
func Validate(tree fs.FS, standard *Standard) (contracts int, faults []*Fault, err error) {
	files, err := contractFiles(tree)
	if err != nil {
		return 0, nil, err
	}
	titles := map[string]*Contract{}
	for _, file := range files {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return 0, nil, fmt.Errorf("read the data contract %s: %w", file, err)
		}
		faults = append(faults, standard.Check(file, text)...)
		contract, err := loadFile(tree, file)
		if err != nil {
			faults = append(faults, faultsIn(err)...)
			continue
		}
		faults = append(faults, bureauFaults(contract)...)
		if first := titles[contract.Department]; first == nil {
			titles[contract.Department] = contract
		} else if first.DepartmentZH != contract.DepartmentZH {
			faults = append(faults, &Fault{file, "customProperties[departmentTitle]", fmt.Sprintf("is %q, but %s says %q: give a department one title", contract.DepartmentZH, first.File, first.DepartmentZH)})
		}
	}
	return len(files), faults, nil
}

// faultsIn are the faults that an error joins.
func faultsIn(err error) []*Fault {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var found []*Fault
		for _, each := range joined.Unwrap() {
			found = append(found, faultsIn(each)...)
		}
		return found
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return []*Fault{fault}
	}
	return []*Fault{{"", "the file", err.Error()}}
}

var (
	versionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
	wordPattern    = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*\(?`)
	literalPattern = regexp.MustCompile(`'[^']*'`)
)

// sqlWords may stand in a check beside the contract's fields; functions are known by their bracket.
var sqlWords = []string{"and", "or", "not", "is", "null", "in", "between", "like", "case", "when", "then", "else", "end", "true", "false", "date", "interval",
	"year", "years", "month", "months", "day", "days", "current_date", "as", "varchar", "integer", "bigint", "double", "cast", "distinct", "from", "decimal"}

// bureauFaults are the rules beyond the standard: what makes a catalogue one that can be governed.
func bureauFaults(c *Contract) []*Fault {
	var faults []*Fault
	check := func(ok bool, field, format string, args ...any) {
		if !ok {
			faults = append(faults, &Fault{c.File, field, fmt.Sprintf(format, args...)})
		}
	}
	id := "urn:yidaitong:catalogue:" + c.Department + ":" + c.Name
	check(c.ID == id, "id", "is %q; write %s", c.ID, id)
	check(versionPattern.MatchString(c.Version), "version", "is %q; write three numbers, as in 1.0.0", c.Version)
	check(strings.Contains(c.LegalBasis, "《") || strings.Contains(c.LegalBasis, "脱敏"), "customProperties[legalBasis]", "names no text of law; write its title in 《》, or that the data are masked (脱敏)")
	check(len(c.Keys()) > 0, "schema.properties", "have no primaryKey, so that corrections cannot be told from new rows; mark what makes two rows the same one")
	for _, f := range c.Fields {
		check(f.Grade <= c.SecurityGrade, "customProperties[securityGrade]", "is %d, but the field %s is of level %d: a catalogue has the level of its most sensitive field (GB/T 43697)", c.SecurityGrade, f.Name, f.Grade)
		check(f.Personal || !f.Identifier.ofPerson(), at(f.Name, "customProperties[personal]"), "is missing: the field names a person; write true")
		check(strings.HasSuffix(f.Name, "_yuan") == (f.Type == Yuan), at(f.Name, "name"), "must end in _yuan if and only if the unit is 元")
		check(strings.HasSuffix(f.Name, "_wan") == (f.Type == Wan), at(f.Name, "name"), "must end in _wan if and only if the unit is 万元")
		if problem := exampleProblem(f); problem != "" {
			check(false, at(f.Name, "examples"), "%s", problem)
		}
	}
	for _, each := range c.Checks {
		for _, word := range wordPattern.FindAllString(literalPattern.ReplaceAllString(each.Never, ""), -1) {
			_, known := c.Field(word)
			known = known || strings.HasSuffix(word, "(") || slices.Contains(sqlWords, strings.ToLower(word))
			check(known, "schema.quality["+each.Name+"].implementation.never", "names %s, which is no field of the contract", word)
		}
	}
	return faults
}

func (i Identifier) ofPerson() bool { return i == ResidentID || i == PersonName || i == LegalName }

// standardResidentID is the example that GB 11643 itself prints.
const standardResidentID = "11010519491231002X"

// exampleProblem says why a field's example is none, or is somebody's.
func exampleProblem(f Field) string {
	switch {
	case border.ValidUSCI(f.Example), border.ValidResidentID(f.Example) && f.Example != standardResidentID:
		return fmt.Sprintf("%q has a right check character, so it may be somebody's; change its last character", f.Example)
	case !f.fits(f.Example):
		return fmt.Sprintf("%q does not fit the field's type %s", f.Example, f.Type)
	case len(f.Values) > 0 && !slices.Contains(f.Values, f.Example):
		return fmt.Sprintf("%q is none of the valid values", f.Example)
	case f.Pattern != "" && !regexp.MustCompile(f.Pattern).MatchString(f.Example):
		return fmt.Sprintf("%q breaks the field's own pattern", f.Example)
	case !f.inRange(f.Example):
		return fmt.Sprintf("%q is outside the field's own range", f.Example)
	default:
		return ""
	}
}

// fits reports whether a text is a value of the field's type, as contracts write it.
func (f Field) fits(text string) bool {
	var err error
	switch f.Type {
	case Date:
		_, err = time.Parse(time.DateOnly, text)
	case Period:
		_, err = time.Parse("2006-01", text)
	case Count:
		_, err = strconv.ParseInt(text, 10, 64)
	case Yuan, Wan, Number:
		_, err = strconv.ParseFloat(text, 64)
	}
	return err == nil
}

func (f Field) inRange(text string) bool {
	below, above := f.Minimum, f.Maximum
	switch f.Type {
	case Text:
		return true
	case Date, Period:
		return (below == "" || text >= below[:min(len(text), len(below))]) && (above == "" || text <= above)
	}
	value, err := strconv.ParseFloat(text, 64)
	low, errLow := strconv.ParseFloat(below, 64)
	high, errHigh := strconv.ParseFloat(above, 64)
	return err == nil && (errLow != nil || value >= low) && (errHigh != nil || value <= high)
}
