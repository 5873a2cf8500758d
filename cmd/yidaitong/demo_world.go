package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/yidaitong/yidaitong/platform/portal"
)

// demoWorld is everything of a demo that runs: its site, and what happens beside the pages.
type demoWorld struct {
	*demoSite
	console  *console
	folder   *demoFolder
	accounts demoAccountsFile
	started  time.Time
}

// startDemoWorld sets up what is not set up yet, and starts everything.
func startDemoWorld(ctx context.Context, c *console, folder *demoFolder, portals net.Listener) (*demoWorld, error) {
	w := &demoWorld{console: c, folder: folder, started: time.Now()}
	if err := w.setUp(ctx); err != nil {
		return nil, errors.Join(err, portals.Close())
	}
	var err error
	w.demoSite, err = startDemoSite(ctx, demoPlaces{city: folder.City, keys: folder.path("keys"), platform: folder.path("platform"), node: folder.path("node"),
		platformLog: folder.path("log", "platform"), nodeLog: folder.path("log", "node"), staff: w.accounts.seeds(folder.City), shown: w.shown(portals),
		clock: time.Now}, portals, slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	return w, err
}

func (w *demoWorld) setUp(ctx context.Context) (err error) {
	if err := setUpDemo(ctx, w.console, w.folder); err != nil {
		return err
	}
	w.accounts, err = readDemoAccounts(w.folder)
	return err
}

// shown are the accounts that the sign-in page offers; nobody's password is shown beyond this machine.
func (w *demoWorld) shown(portals net.Listener) []portal.DemoAccount {
	if at, ok := portals.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil
	}
	var all []portal.DemoAccount
	for _, a := range w.accounts.everybody() {
		all = append(all, portal.DemoAccount{Login: a.Login, Password: a.Password, Role: a.Role, Name: a.Organisation})
	}
	return all
}

// tell prints the end of the demo for a reader.
func (w *demoWorld) tell(out io.Writer, r demoResult) {
	if !r.OK {
		return
	}
	fmt.Fprintf(out, "\nAll %d steps and %d paths are done (%.1f s).\n", len(r.Steps), len(r.Paths), r.Seconds)
	if r.Address == "" {
		return
	}
	fmt.Fprintf(out, "\nOpen %s and sign in as\n\n", r.Address)
	for _, a := range w.accounts.everybody() {
		fmt.Fprintf(out, "  %-16s %-18s  %-20s %s, %s\n", a.Role, a.Login, a.Password, a.Name, a.Organisation)
	}
	fmt.Fprintf(out, "\n(also kept in %s). Stop with Ctrl-C; start again with the same command.\n", w.folder.path(demoAccounts))
}
