package city

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// made is what has to be known of a city to let it live on: truth/city.json.
type made struct {
	Firms        int     `json:"firms"`
	Seed         int64   `json:"seed"`
	Damage       float64 `json:"damage"`
	Format       string  `json:"format"`
	City         string  `json:"city"`
	Departments  int     `json:"departments"`
	Core         bool    `json:"core"`
	Quarters     int     `json:"quarters"`      // lived so far, from the first of 2022
	InvoiceScale float64 `json:"invoice_scale"` // how many times the natural number of invoices there are
	Records      int64   `json:"records"`       // delivered in all these quarters together
}

// increment is what the next delivery of a city that was made before is made from.
type increment struct {
	made
	share float64 // of the firms whose records it holds
}

// IncrementOptions say which delivery to make.
type IncrementOptions struct {
	City     string // folder of the city, or of its latest increment
	Out      string // folder that receives deliveries/ and truth/; neither may exist in it yet
	Records  int    // wanted number of delivered rows: those of so many firms; 0 = all that the quarter brings
	Threads  int    // default: all cores
	Progress func(done, total int, what string)
}

// Increment lets a city live for one more quarter and writes what its departments deliver then: what is new, what has ended, late
// corrections of the two quarters before. With a number of records it holds all of that about as many firms as make up the number, always the
// same for the same number. The truth beside it is that of the longer life, and record.parquet that of the new rows.
func Increment(ctx context.Context, o IncrementOptions) (Summary, error) {
	before, err := readMade(o.City)
	if err != nil {
		return Summary{}, err
	}
	if o.Records < 0 {
		return Summary{}, fmt.Errorf("the number of records cannot be %d; give 0 for all that the quarter brings", o.Records)
	}
	next := increment{made: before, share: 1}
	if o.Records > 0 {
		next.share = min(1, float64(o.Records)*float64(before.Quarters)/float64(before.Records))
	}
	return Generate(ctx, Options{
		Out: o.Out, Firms: before.Firms, Seed: before.Seed, Damage: before.Damage, Format: before.Format, City: before.City,
		Departments: before.Departments, Core: before.Core, Threads: o.Threads, Progress: o.Progress, quarters: before.Quarters + 1, increment: &next,
	})
}

func madeIn(dir string) string { return filepath.Join(dir, "city.json") }

func readMade(dir string) (made, error) {
	path := madeIn(filepath.Join(dir, "truth"))
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return made{}, fmt.Errorf("%s is not there; name the folder of a city that city generate has made", path)
	}
	if err != nil {
		return made{}, fmt.Errorf("read how the city was made: %w", err)
	}
	var m made
	if err := json.Unmarshal(text, &m); err != nil {
		return made{}, fmt.Errorf("%s does not say how the city was made: %w", path, err)
	}
	if m.Quarters < quarters || m.Records < 1 || m.InvoiceScale < 0 {
		return made{}, fmt.Errorf("%s says %d quarters and %d records; generate the city anew", path, m.Quarters, m.Records)
	}
	return m, nil
}

// writeMade notes how the city was made. An increment counts as if it had held the records of all firms.
func (g *generator) writeMade(s Summary) error {
	m := made{Firms: g.Firms, Seed: g.Seed, Damage: g.Damage, Format: g.Format, City: g.City, Departments: g.Departments, Core: g.Core,
		Quarters: g.quarters, InvoiceScale: g.invoiceScale, Records: s.Records}
	if g.increment != nil {
		m.Records = g.increment.Records + int64(float64(s.Records)/g.increment.share)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("note how the city was made: %w", err)
	}
	if err := os.WriteFile(madeIn(g.truth), append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("note how the city was made: %w", err)
	}
	return nil
}
