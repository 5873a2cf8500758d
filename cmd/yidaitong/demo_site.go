package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/platform"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/portal"
)

// demoSite is a running platform with its portals, its listener for nodes, and a city's node, which opens no port and only dials out.
type demoSite struct {
	platform *platform.Platform
	keys     *border.Keyring // of the platform
	address  string          // of the portals
	stop     context.CancelFunc
	ended    chan struct{} // closed when the last service has ended
	err      error         // why a service ended by itself; read after ended
}

// demoPlaces says where a site keeps what, and by which clock it lives.
type demoPlaces struct {
	city           string
	keys           string
	platform, node string
	platformLog    string
	nodeLog        string
	staff          []party.Staff
	shown          []portal.DemoAccount
	clock          func() time.Time
}

// startDemoSite opens the platform and serves its portals on the listener, lets the node dial in, and goes on until Stop, whatever
// becomes of ctx. The listener is the site's from here on.
func startDemoSite(ctx context.Context, at demoPlaces, portals net.Listener, logger *slog.Logger) (*demoSite, error) {
	s, err := openDemoSite(ctx, at, portals, logger)
	if err != nil {
		return nil, errors.Join(err, portals.Close())
	}
	return s, nil
}

func openDemoSite(ctx context.Context, at demoPlaces, portals net.Listener, logger *slog.Logger) (*demoSite, error) {
	keys, err := border.LoadKeys(at.keys, border.Platform)
	if err != nil {
		return nil, err
	}
	nodes, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the city's node: %w", err)
	}
	p, err := platform.Open(ctx, platform.Options{Dir: at.platform, Keys: keys, LogDir: at.platformLog, NodeLogDir: at.nodeLog,
		City: at.city, Demo: at.shown, Clock: at.clock, Logger: logger})
	if err != nil {
		return nil, errors.Join(err, nodes.Close())
	}
	if err := p.Seed(ctx, at.staff); err != nil {
		return nil, errors.Join(err, p.Close(), nodes.Close())
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &demoSite{platform: p, keys: keys, address: "http://" + portals.Addr().String(), stop: stop, ended: make(chan struct{})}
	services, running := errgroup.WithContext(running)
	services.Go(func() error { return p.Serve(running, portals, nodes) })
	services.Go(func() error {
		return node.Serve(running, node.ServeOptions{Dir: at.node, Platform: "https://" + nodes.Addr().String(), KeyDir: at.keys,
			LogDir: at.nodeLog, Clock: at.clock, Logger: logger})
	})
	go func() {
		s.err = errors.Join(services.Wait(), p.Close())
		close(s.ended)
	}()
	return s, nil
}

// whileAlive derives a context that also ends when a service of the site ends by itself.
func (s *demoSite) whileAlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-s.ended:
			cancel(s.err)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

// failure is why a service ended by itself; nil while all run.
func (s *demoSite) failure() error {
	select {
	case <-s.ended:
		return s.err
	default:
		return nil
	}
}

// Stop ends the services in order and waits for them.
func (s *demoSite) Stop() error {
	s.stop()
	<-s.ended
	return s.err
}
