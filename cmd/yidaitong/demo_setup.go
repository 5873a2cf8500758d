package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

// What the node's engine may use in a demo: two gigabytes must do for everything.
const (
	demoLakeMemoryMB = 900
	demoDamage       = 0.15
)

// setUpDemo makes the parts that the folder does not have yet. A part that was interrupted is made again from nothing.
func setUpDemo(ctx context.Context, c *console, d *demoFolder) error {
	parts := []struct {
		name string
		make func(context.Context, *console, *demoFolder) (string, error)
	}{
		{"keys", setUpKeys}, {"city", setUpCity}, {"node", setUpNode}, {"accounts", setUpAccounts},
	}
	for _, part := range parts {
		if d.done(part.name) {
			continue
		}
		began := time.Now()
		said, err := part.make(ctx, c, d)
		if err != nil {
			return fmt.Errorf("set up the demo's %s: %w", part.name, err)
		}
		if err := d.finish(part.name); err != nil {
			return err
		}
		fmt.Fprintf(c.err, "set up %-8s %5.1f s  %s\n", part.name, time.Since(began).Seconds(), said)
	}
	return nil
}

func setUpKeys(_ context.Context, _ *console, d *demoFolder) (string, error) {
	return "signing, log and TLS keys of the platform and of the city's node",
		border.CreateKeys(d.path("keys"), time.Now(), d.City)
}

func setUpCity(ctx context.Context, c *console, d *demoFolder) (string, error) {
	if err := errors.Join(os.RemoveAll(d.path("deliveries")), os.RemoveAll(d.path("truth"))); err != nil {
		return "", err
	}
	s, err := city.Generate(ctx, city.Options{Out: d.dir, Firms: d.Firms, Seed: demoSeed, Damage: demoDamage, City: d.City, Core: true,
		Progress: func(done, total int, what string) { demoProgress(c, "city", done, total, what) }})
	return fmt.Sprintf("%d firms, %d records in %d files of %d departments", s.Firms, s.Records, s.Files, s.Departments), err
}

func setUpNode(ctx context.Context, c *console, d *demoFolder) (string, error) {
	if err := os.RemoveAll(d.path("node")); err != nil {
		return "", err
	}
	if err := node.Init(d.path("node"), d.City); err != nil {
		return "", err
	}
	loaded, refreshed, err := takeIn(ctx, d, []string{d.path("deliveries")}, func(p delivery.Progress) {
		demoProgress(c, "node", p.FilesDone, p.FilesTotal, p.Catalogue)
	})
	d.AsOf = refreshed.AsOf
	return fmt.Sprintf("%d records received, %d landed, %d quarantined, %d duplicates; %d firms scored as of %s",
		loaded.Received, loaded.Landed, loaded.Quarantined, loaded.Duplicates, refreshed.Firms, refreshed.AsOf), err
}

// takeIn opens the node, loads the deliveries, refreshes what follows from them, and closes the node again.
func takeIn(ctx context.Context, d *demoFolder, paths []string, progress func(delivery.Progress)) (loaded delivery.LoadReport, refreshed node.RefreshReport, err error) {
	n, err := node.OpenWith(ctx, d.path("node"), node.Options{Lake: lake.Options{MemoryMB: demoLakeMemoryMB}})
	if err != nil {
		return loaded, refreshed, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if loaded, err = n.Load(ctx, paths, progress); err != nil {
		return loaded, refreshed, err
	}
	refreshed, err = node.Refresh(ctx, n, node.RefreshOptions{})
	return loaded, refreshed, err
}

// demoProgress draws on a terminal only.
func demoProgress(c *console, part string, done, total int, what string) {
	if c.progress && total > 0 {
		fmt.Fprintf(c.err, "\rset up %-8s %3d %%  %-60.60s\r", part, 100*done/total, what)
	}
}
