package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/yidaitong/yidaitong/journey"
)

// demoWorld is everything that runs while a demo does: the platform with its portals, the listener that nodes dial, and the city's
// node, which stands on its own and only dials out.
type demoWorld struct {
	folder   *demoFolder
	accounts demoAccountsFile
	address  string // of the portals
	started  time.Time
	stop     context.CancelFunc // ends the services
	ended    chan struct{}      // closed when the last service has ended
	err      error              // why a service ended by itself; read after ended
}

// startDemoWorld sets up what is not set up yet, and starts everything.
func startDemoWorld(ctx context.Context, c *console, folder *demoFolder, portals net.Listener) (*demoWorld, error) {
	w := &demoWorld{folder: folder, address: "http://" + portals.Addr().String(), started: time.Now()}
	if err := setUpDemo(ctx, c, folder); err != nil {
		return nil, err
	}
	return w, errors.New("the demo cannot start yet")
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

func (w *demoWorld) journeyWorld() journey.World {
	return journey.World{}
}
