package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// verb is one command, or a group of them when it has subverbs ("node load").
type verb struct {
	name     string
	summary  string
	run      func(ctx context.Context, c *console, args []string) error
	subverbs []verb
}

// console is where a verb writes. Results go to out, everything else to err.
type console struct {
	out      io.Writer
	err      io.Writer
	json     bool
	progress bool
}

// usageError says that the command line itself was wrong (exit status 2).
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

var errHelpShown = errors.New("help shown")

// dispatch finds the verb that args name and runs it with the rest.
func dispatch(ctx context.Context, c *console, known []verb, args []string) error {
	return dispatchUnder(ctx, c, "yidaitong", known, args)
}

func dispatchUnder(ctx context.Context, c *console, path string, known []verb, args []string) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		listVerbs(c.err, path, known)
		if len(args) == 0 {
			return usagef("name a command after %q", path)
		}
		return errHelpShown
	}
	for _, v := range known {
		if v.name != args[0] {
			continue
		}
		if v.subverbs != nil {
			return dispatchUnder(ctx, c, path+" "+v.name, v.subverbs, args[1:])
		}
		return v.run(ctx, c, args[1:])
	}
	return usagef("%q is not a command of %q; run '%s -h' for the list", args[0], path, path)
}

func listVerbs(w io.Writer, path string, known []verb) {
	fmt.Fprintf(w, "usage: %s COMMAND [flags]\n\n", path)
	for _, v := range known {
		fmt.Fprintf(w, "  %-12s %s\n", v.name, v.summary)
	}
	fmt.Fprintf(w, "\n'%s COMMAND -h' shows a command's flags and examples.\n", path)
}

// newFlags returns a flag set that carries --json; usage is the synopsis followed by examples, shown by -h.
func newFlags(c *console, name, usage string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&c.json, "json", false, "print one JSON object on standard output")
	fs.Usage = func() {
		fmt.Fprintf(c.err, "usage: yidaitong %s\n\nflags:\n", strings.TrimSpace(usage))
		fs.SetOutput(c.err)
		fs.PrintDefaults()
		fs.SetOutput(io.Discard)
	}
	return fs
}

// parseFlags reads flags that may stand before, between or after the positional arguments, and returns the latter.
func parseFlags(fs *flag.FlagSet, args []string) ([]string, error) {
	// The flag package would show the whole usage for a mistyped flag too; one sentence says more.
	usage := fs.Usage
	fs.Usage = func() {}
	var positional []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				usage()
				return nil, errHelpShown
			}
			return nil, usagef("%s: %v; run 'yidaitong %s -h' for the flags", fs.Name(), err, fs.Name())
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return positional, nil
		}
		// Whatever follows a bare "--" is positional.
		if consumed := len(args) - len(rest); consumed > 0 && args[consumed-1] == "--" {
			return append(positional, rest...), nil
		}
		positional = append(positional, rest[0])
		args = rest[1:]
	}
}

// result prints v as one JSON object with --json, else lets human print it for a reader.
func (c *console) result(v any, human func(w io.Writer)) error {
	if !c.json {
		human(c.out)
		return nil
	}
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
