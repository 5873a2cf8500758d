package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/platform"
	"github.com/yidaitong/yidaitong/platform/portal"
)

// demoWorld is everything that runs while a demo does: the platform with its portals, the listener that nodes dial, and the city's
// node, which opens no port and only dials out.
type demoWorld struct {
	folder   *demoFolder
	accounts demoAccountsFile
	address  string // of the portals
	started  time.Time
	outside  *demoOutside
	stop     context.CancelFunc // ends the services
	ended    chan struct{}      // closed when the last service has ended
	err      error              // why a service ended by itself; read after ended
}

// startDemoWorld sets up what is not set up yet, and starts everything.
func startDemoWorld(ctx context.Context, c *console, folder *demoFolder, portals net.Listener) (*demoWorld, error) {
	w := &demoWorld{folder: folder, address: "http://" + portals.Addr().String(), started: time.Now(), ended: make(chan struct{})}
	if err := setUpDemo(ctx, c, folder); err != nil {
		return nil, err
	}
	var err error
	if w.accounts, err = readDemoAccounts(folder); err != nil {
		return nil, err
	}
	keys, err := border.LoadKeys(folder.path("keys"), border.Platform)
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p, err := platform.Open(ctx, platform.Options{Dir: folder.path("platform"), Keys: keys, LogDir: folder.path("log", "platform"),
		NodeLogDir: folder.path("log", "node"), City: folder.City, Demo: w.shown(portals), Logger: logger})
	if err != nil {
		return nil, err
	}
	if err := p.Seed(ctx, w.accounts.seeds(folder.City)); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err := w.serve(ctx, p, portals, logger); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	w.outside = &demoOutside{folder: folder, exchange: p.Exchange, keys: keys, address: w.address}
	return w, nil
}

// serve starts the platform's two listeners and the node's worker. They go on until Stop, whatever becomes of ctx.
func (w *demoWorld) serve(ctx context.Context, p *platform.Platform, portals net.Listener, logger *slog.Logger) error {
	nodes, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the city's node: %w", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	services, running := errgroup.WithContext(running)
	services.Go(func() error { return p.Serve(running, portals, nodes) })
	services.Go(func() error {
		return node.Serve(running, node.ServeOptions{Dir: w.folder.path("node"), Platform: "https://" + nodes.Addr().String(),
			KeyDir: w.folder.path("keys"), LogDir: w.folder.path("log", "node"), Logger: logger})
	})
	go func() {
		w.err = errors.Join(services.Wait(), p.Close())
		close(w.ended)
	}()
	return nil
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

// whileAlive derives a context that also ends when a service ends by itself.
func (w *demoWorld) whileAlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-w.ended:
			cancel(w.err)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

// failure is why a service ended by itself; nil while all run.
func (w *demoWorld) failure() error {
	select {
	case <-w.ended:
		return w.err
	default:
		return nil
	}
}

// Stop ends the services in order and waits for them.
func (w *demoWorld) Stop() error {
	w.stop()
	<-w.ended
	return w.err
}

// tell prints the end of the demo for a reader.
func (w *demoWorld) tell(out io.Writer, r demoResult) {
	if !r.OK {
		return
	}
	fmt.Fprintf(out, "\nAll %d steps are done (%.1f s).\n", len(r.Steps), r.Seconds)
	if r.Address == "" {
		return
	}
	fmt.Fprintf(out, "\nOpen %s and sign in as\n\n", r.Address)
	for _, a := range w.accounts.everybody() {
		fmt.Fprintf(out, "  %-16s %-18s  %-20s %s, %s\n", a.Role, a.Login, a.Password, a.Name, a.Organisation)
	}
	fmt.Fprintf(out, "\n(also kept in %s). Stop with Ctrl-C; start again with the same command.\n", w.folder.path(demoAccounts))
}
