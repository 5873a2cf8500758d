package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/yidaitong/yidaitong/journey"
	"github.com/yidaitong/yidaitong/node"
)

// Some ways of a loan take months. They are played in a site of their own (D/paths), with the same city, the same people and the same
// programs, whose clock can be put forward. What was begun there and not finished is begun anew.
func (w *demoWorld) startFast(ctx context.Context) (*journey.Fast, error) {
	home := func(parts ...string) string { return w.folder.path(append([]string{"paths"}, parts...)...) }
	if err := os.RemoveAll(home()); err != nil {
		return nil, fmt.Errorf("clear the folder of the paths: %w", err)
	}
	if err := copyNode(w.folder.path("node"), home("node"), w.folder.City); err != nil {
		return nil, fmt.Errorf("copy the node's snapshot: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the paths: %w", err)
	}
	clock := &fastClock{}
	site, err := startDemoSite(ctx, demoPlaces{city: w.folder.City, keys: w.folder.path("keys"), platform: home("platform"), node: home("node"),
		platformLog: home("log", "platform"), nodeLog: home("log", "node"), staff: w.accounts.seeds(w.folder.City), clock: clock.Now},
		listener, slog.New(slog.NewTextHandler(w.console.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return nil, err
	}
	return &journey.Fast{Base: site.address, Clock: clock.Now, Close: site.Stop, PassTo: func(ctx context.Context, then time.Time) error {
		clock.putForward(then)
		return site.platform.Tend(ctx)
	}}, nil
}

// copyNode makes a node of the city that knows what the other one serves. It has no lake and takes nothing in.
func copyNode(from, to, city string) error {
	if err := node.Init(to, city); err != nil {
		return err
	}
	current, err := filepath.EvalSymlinks(filepath.Join(from, "current"))
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(to, "snapshot"), os.DirFS(current)); err != nil {
		return err
	}
	return os.Symlink("snapshot", filepath.Join(to, "current"))
}

// fastClock runs like any clock, and can be put forward but never back.
type fastClock struct{ ahead atomic.Int64 }

func (c *fastClock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *fastClock) putForward(then time.Time) {
	if d := then.Sub(c.Now()); d > 0 {
		c.ahead.Add(int64(d))
	}
}
