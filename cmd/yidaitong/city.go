package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/yidaitong/yidaitong/city"
)

func cityVerb() verb {
	return verb{name: "city", summary: "make a synthetic city: its departments' deliveries and the truth", subverbs: []verb{
		{name: "generate", summary: "write a city's deliveries and the truth beside them", run: runCityGenerate},
		{name: "increment", summary: "let a city live on, and write its next delivery", run: runCityIncrement},
	}}
}

const cityUsage = `city generate --out D --firms N [--records M] [flags]

Writes D/deliveries/DEPARTMENT/CATALOGUE_YYYYMMDD.… as departments would send them, January 2022 to September 2026, and the truth in
D/truth/*.parquet. The same seed gives the same content.

  yidaitong city generate --out town --firms 2000
  yidaitong city generate --out big --firms 20000 --records 10000000 --format csv --json`

func runCityGenerate(ctx context.Context, c *console, args []string) error {
	flags := newFlags(c, "city generate", cityUsage)
	o := city.Options{}
	flags.StringVar(&o.Out, "out", "", "`folder` to write to; it must be empty or not exist")
	flags.IntVar(&o.Firms, "firms", 0, "`number` of firms that live at some time in the window")
	flags.IntVar(&o.Records, "records", 0, "wanted `number` of records; 0 = natural volume")
	flags.IntVar(&o.Departments, "departments", 34, "`number` of departments that deliver, the most important first")
	flags.BoolVar(&o.Core, "core", false, "only the 32 catalogues that the default card reads: a small city in seconds")
	flags.Int64Var(&o.Seed, "seed", 1, "`number` that decides everything random")
	flags.Float64Var(&o.Damage, "damage", 0.15, "`share` of rows whose identifier is damaged or missing")
	flags.StringVar(&o.Format, "format", "mixed", "`mixed|csv|parquet`")
	flags.StringVar(&o.City, "city", "341500", "GB/T 2260 `code` of the city")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) > 0:
		return usagef("city generate takes no argument %q; name the folder with --out", rest[0])
	case o.Out == "":
		return usagef("city generate needs --out: the folder to write to")
	case o.Firms == 0:
		return usagef("city generate needs --firms: how many firms the city has")
	case o.Departments < 1 || o.Departments > 34:
		return usagef("--departments is 1 to 34, not %d", o.Departments)
	}
	if err := mustBeEmpty(o.Out); err != nil {
		return err
	}
	o.Progress = cityProgress(c)
	summary, err := city.Generate(ctx, o)
	if err != nil {
		return err
	}
	if o.Records > 0 && summary.Records > int64(o.Records)*21/20 {
		fmt.Fprintf(c.err, "city generate: %d firms leave no fewer than %d records; for %d name fewer firms\n", o.Firms, summary.Records, o.Records)
	}
	return citySummary(c, summary)
}

const cityIncrementUsage = `city increment --city D --out I [--records M]

Lets the city in D live for one more quarter and writes to I/deliveries what its departments deliver on the 10th of the month after it: what is
new, what has ended, and late corrections of the two quarters before. With --records it holds all of that about so many firms as make up the number.
The next increment after I is made by --city I.

  yidaitong city increment --city town --out town-next
  yidaitong city increment --city big --out big-next --records 1000000 --json`

func runCityIncrement(ctx context.Context, c *console, args []string) error {
	flags := newFlags(c, "city increment", cityIncrementUsage)
	o := city.IncrementOptions{Progress: cityProgress(c)}
	flags.StringVar(&o.City, "city", "", "`folder` of the city, or of its latest increment")
	flags.StringVar(&o.Out, "out", "", "`folder` to write to; it must be empty or not exist")
	flags.IntVar(&o.Records, "records", 0, "wanted `number` of records; 0 = all of the quarter")
	rest, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) > 0:
		return usagef("city increment takes no argument %q; name the folders with --city and --out", rest[0])
	case o.City == "":
		return usagef("city increment needs --city: the folder of the city that lives on")
	case o.Out == "":
		return usagef("city increment needs --out: the folder to write to")
	}
	if err := mustBeEmpty(o.Out); err != nil {
		return err
	}
	summary, err := city.Increment(ctx, o)
	if err != nil {
		return err
	}
	return citySummary(c, summary)
}

// cityProgress draws a bar where there is somebody to see it.
func cityProgress(c *console) func(done, total int, what string) {
	if !c.progress {
		return nil
	}
	return func(done, total int, what string) {
		fmt.Fprintf(c.err, "\r\033[K[%3d%%] %s", 100*done/total, what)
		if done == total {
			fmt.Fprintln(c.err)
		}
	}
}

func citySummary(c *console, s city.Summary) error {
	return c.result(s, func(w io.Writer) {
		fmt.Fprintf(w, "%d firms, %d records in %d files of %d catalogues in %d departments, %.1f s\n", s.Firms, s.Records, s.Files, s.Catalogues, s.Departments, s.Seconds)
	})
}

// mustBeEmpty refuses a folder in which a city would be mixed with something else.
func mustBeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into --out: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty; name a folder that is empty or does not exist", dir)
	}
	return nil
}
