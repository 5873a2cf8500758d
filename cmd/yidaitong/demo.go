package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/yidaitong/yidaitong/journey"
)

const (
	demoCity     = "341500" // 六安
	demoFirms    = 2000
	demoMinFirms = 300
	demoSeed     = 1
	demoAddress  = "127.0.0.1:8080"
)

const demoUsage = `demo [--dir D] [--firms N] [--listen ADDRESS] [--check] [--fresh] [--json]

Sets up a small city, its data node and the platform in one folder, carries a firm's first loan through the pages from
registration to the withdrawal of its consent, then serves the portals until Ctrl-C. Started again on the same folder it
goes on where it stopped.

examples:
  yidaitong demo                          everything in ./demo, the portals at http://127.0.0.1:8080
  yidaitong demo --check                  the journey and nothing else: one JSON object, exit status 0 or 1
  yidaitong demo --dir /srv/demo --firms 20000 --listen 0.0.0.0:80
  yidaitong demo --fresh                  deletes the demo in the folder first`

// demoOptions are the flags of the verb.
type demoOptions struct {
	dir    string
	firms  int // 0 when not named
	listen string
	check  bool
	fresh  bool
}

func demoVerb() verb {
	return verb{name: "demo", summary: "set up a small city, carry a loan through it, serve the portals", run: runDemo}
}

func runDemo(ctx context.Context, c *console, args []string) error {
	o, err := demoFlags(c, args)
	if err != nil {
		return err
	}
	folder, err := openDemoFolder(o.dir, o.firms, o.fresh)
	if err != nil {
		return err
	}
	defer folder.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (%w); stop what listens there or name another address with --listen", o.listen, cause(err))
	}
	world, err := startDemoWorld(ctx, c, folder, listener)
	if err != nil {
		return stopped(ctx, err)
	}
	err = playDemo(ctx, c, o, world)
	if stopErr := world.Stop(); err == nil {
		err = stopErr
	}
	return err
}

func demoFlags(c *console, args []string) (demoOptions, error) {
	var o demoOptions
	fs := newFlags(c, "demo", demoUsage)
	fs.StringVar(&o.dir, "dir", "demo", "the demo's `folder`")
	fs.IntVar(&o.firms, "firms", demoFirms, "how many firms the city has")
	fs.StringVar(&o.listen, "listen", demoAddress, "`address` of the portals; with --check and unless named, any free port")
	fs.BoolVar(&o.check, "check", false, "run the journey, print its result as one JSON object and exit")
	fs.BoolVar(&o.fresh, "fresh", false, "delete the demo in the folder and start over")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return o, err
	}
	named := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { named[f.Name] = true })
	switch {
	case len(rest) > 0:
		return o, usagef("demo takes no argument %q; run 'yidaitong demo -h' for the flags", rest[0])
	case o.firms < demoMinFirms:
		return o, usagef("demo: --firms must be at least %d, so that the city has loans to learn from", demoMinFirms)
	case o.dir == "":
		return o, usagef("demo: --dir must name a folder")
	}
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		return o, usagef("demo: --listen %q is no address; give HOST:PORT, as in %s", o.listen, demoAddress)
	}
	if !named["firms"] {
		o.firms = 0
	}
	if o.check {
		c.json = true // a check is read by programs
		if !named["listen"] {
			o.listen = "127.0.0.1:0"
		}
	}
	return o, nil
}

// demoResult is what the verb prints.
type demoResult struct {
	OK      bool                    `json:"ok"`
	Steps   []journey.Step          `json:"steps"`
	Paths   map[string]journey.Path `json:"paths"`
	Seconds float64                 `json:"seconds"`
	Firms   int                     `json:"firms"`
	Address string                  `json:"address,omitempty"` // when it goes on to serve
}

// playDemo plays what is left of the journey, prints the result, and serves until ctx ends.
func playDemo(ctx context.Context, c *console, o demoOptions, w *demoWorld) error {
	journal, err := journey.OpenJournal(w.folder.path(demoJournal))
	if err != nil {
		return err
	}
	lines := &demoLines{c: c, total: len(journey.Names())}
	player := journey.NewPlayer(journey.Options{
		Base: w.address, Borrower: w.accounts.Borrower, BankUser: w.accounts.bankUser,
		World: w.outside(), Journal: journal, Clock: time.Now, Started: lines.started, Ended: lines.ended,
	})
	ctx, cancel := w.whileAlive(ctx)
	defer cancel()
	steps, err := player.Play(ctx)
	if err != nil {
		return stopped(ctx, err)
	}
	failed := firstFailure(steps)
	paths := map[string]journey.Path{}
	if failed == nil {
		lines.n, lines.total = 0, len(journey.PathNames())
		if paths, err = player.PlayPaths(ctx, w.accounts.Others); err != nil {
			return stopped(ctx, err)
		}
		failed = failedPath(paths)
	}
	result := demoResult{OK: failed == nil, Steps: steps, Paths: paths, Seconds: time.Since(w.started).Seconds(), Firms: w.folder.Firms}
	if !o.check && result.OK {
		result.Address = w.address
	}
	if err := c.result(result, func(out io.Writer) { w.tell(out, result) }); err != nil {
		return err
	}
	if failed != nil || o.check {
		return failed
	}
	<-ctx.Done()
	return w.failure()
}

func firstFailure(steps []journey.Step) error {
	for _, s := range steps {
		if !s.OK {
			return fmt.Errorf("step %s failed: %v", s.Name, s.Evidence["error"])
		}
	}
	return nil
}

func failedPath(paths map[string]journey.Path) error {
	for _, name := range journey.PathNames() {
		if p, ran := paths[name]; ran && !p.OK {
			return fmt.Errorf("path %s failed: %v", name, p.Evidence["error"])
		}
	}
	return nil
}

// stopped says what an interruption means for the user.
func stopped(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return errors.New("stopped before the journey was over; run the same command again to go on where it stopped")
	}
	return err
}

// cause strips what the net package puts around the system's word.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// demoLines prints a line for each step.
type demoLines struct {
	c     *console
	total int
	n     int
}

func (l *demoLines) started(name string) {
	if l.c.progress {
		fmt.Fprintf(l.c.err, "[%2d/%d] %-20s …\r", l.n+1, l.total, name)
	}
}

func (l *demoLines) ended(s journey.Step, earlier bool) {
	l.n++
	verdict := fmt.Sprintf("ok %6d ms", s.MS)
	switch {
	case !s.OK:
		verdict = "FAILED"
	case earlier:
		verdict = "ok earlier  "
	}
	fmt.Fprintf(l.c.err, "[%2d/%d] %-20s %s  %s\n", l.n, l.total, s.Name, verdict, s.Evidence.Line())
}
