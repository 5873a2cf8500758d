package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/platform"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/store"
)

func platformVerb() verb {
	return verb{name: "platform", summary: "the internet side: pages, services, the nodes' counter", subverbs: []verb{
		{name: "serve", summary: "serve the pages and the nodes", run: runPlatformServe},
		{name: "migrate", summary: "bring the database to this program's version", run: runPlatformMigrate},
		{name: "staff", summary: "create the accounts of banks, offices and the operator", run: runPlatformStaff},
	}}
}

// platformFlags are the flags of every verb over a platform.
type platformFlags struct {
	dir, db, keys, city string
}

func (f *platformFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&f.dir, "dir", "platform", "the `folder` of all that the platform keeps")
	fs.StringVar(&f.db, "db", "", "the `database`: sqlite:FILE or postgres://USER@HOST/NAME (sqlite:DIR/platform.db when left out)")
	fs.StringVar(&f.keys, "keys", "", "the `folder` of the keys (DIR/keys when left out, made when it is new)")
	fs.StringVar(&f.city, "city", "341500", "the city's GB/T 2260 division `code`")
}

func (f *platformFlags) complete() {
	if f.keys == "" {
		f.keys = filepath.Join(f.dir, "keys")
	}
	if f.db == "" {
		f.db = "sqlite:" + filepath.Join(f.dir, "platform.db")
	}
}

// open opens the platform; the caller closes it.
func (f *platformFlags) open(ctx context.Context, c *console, o platform.Options) (*platform.Platform, error) {
	f.complete()
	if !border.ValidCity(f.city) {
		return nil, usagef("--city: %q is not a division code of six digits, such as 341500", f.city)
	}
	if err := border.CreateKeys(f.keys, time.Now(), f.city); err != nil {
		return nil, err
	}
	keys, err := border.LoadKeys(f.keys, border.Platform)
	if err != nil {
		return nil, err
	}
	o.Dir, o.DB, o.City, o.Keys = f.dir, f.db, f.city, keys
	o.Logger = slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelInfo}))
	return platform.Open(ctx, o)
}

func runPlatformServe(ctx context.Context, c *console, args []string) error {
	var f platformFlags
	fs := newFlags(c, "platform serve", `platform serve [--db sqlite:F|postgres://…] [--listen A] [--nodes A] [--dir D]

examples:
  yidaitong platform serve --dir D
  yidaitong platform serve --dir D --db postgres://yidaitong@db.internal/yidaitong --listen 0.0.0.0:8080 --nodes 0.0.0.0:8443 --tls-ahead`)
	f.add(fs)
	pages := fs.String("listen", "127.0.0.1:8080", "the `address` of the pages")
	nodes := fs.String("nodes", "127.0.0.1:8443", "the `address` that the cities' nodes dial, over mutual TLS")
	nodeLog := fs.String("node-log", "", "a `folder` with a node's transparency log, to show beside the platform's")
	secure := fs.Bool("tls-ahead", false, "a proxy in front of --listen speaks TLS with the browsers: send cookies over TLS only")
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("platform serve takes no %q; run 'yidaitong platform serve -h' for the flags", rest[0])
	}
	// The addresses first: a second server on the same folder fails here, before it touches anything.
	pagesListener, err := listen(ctx, "--listen", *pages)
	if err != nil {
		return err
	}
	defer pagesListener.Close()
	nodesListener, err := listen(ctx, "--nodes", *nodes)
	if err != nil {
		return err
	}
	defer nodesListener.Close()
	p, err := f.open(ctx, c, platform.Options{NodeLogDir: *nodeLog, Secure: *secure})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.err, "pages at http://%s, nodes at https://%s\n", pagesListener.Addr(), nodesListener.Addr())
	return errors.Join(p.Serve(ctx, pagesListener, nodesListener), p.Close())
}

// listen says in one sentence what to do about an address that is taken.
func listen(ctx context.Context, flagName, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is taken by another program; stop it, or give another address with %s", address, flagName)
	}
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w; give another address with %s", address, err, flagName)
	}
	return l, nil
}

func runPlatformMigrate(ctx context.Context, c *console, args []string) error {
	var f platformFlags
	fs := newFlags(c, "platform migrate", `platform migrate [--db sqlite:F|postgres://…] [--dir D]

examples:
  yidaitong platform migrate --db postgres://yidaitong@db.internal/yidaitong`)
	f.add(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("platform migrate takes no %q; run 'yidaitong platform migrate -h' for the flags", rest[0])
	}
	f.complete()
	s, err := store.Open(ctx, f.db, store.Options{})
	if err != nil {
		return err
	}
	version, err := s.Version(ctx)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	return c.result(map[string]any{"engine": s.Engine(), "version": version}, func(w io.Writer) {
		fmt.Fprintf(w, "the %s database is at version %d\n", s.Engine(), version)
	})
}

// staffEntry is one account in the file of 'platform staff'.
type staffEntry struct {
	Kind           party.OrgKind `json:"kind"`
	Organisation   string        `json:"organisation"`
	OrganisationEN string        `json:"organisation_en"`
	Department     string        `json:"department"`
	Login          string        `json:"login"`
	Password       string        `json:"password"`
	Name           string        `json:"name"`
	Role           party.Role    `json:"role"`
}

func runPlatformStaff(ctx context.Context, c *console, args []string) error {
	var f platformFlags
	fs := newFlags(c, "platform staff", `platform staff [--db …] [--dir D] FILE.json

FILE.json is a list of {"kind","organisation","organisation_en","department","login","password","name","role"}; kind is bank, government or
operator. Accounts that exist are left as they are. Remove the file afterwards: it holds passwords.

examples:
  yidaitong platform staff --dir D staff.json`)
	f.add(fs)
	rest, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("platform staff needs one file, as in 'yidaitong platform staff --dir D staff.json'")
	}
	staff, err := readStaff(rest[0], f.city)
	if err != nil {
		return err
	}
	f.complete()
	s, err := store.Open(ctx, f.db, store.Options{})
	if err != nil {
		return err
	}
	parties, err := party.New(s, party.Options{City: f.city})
	if err == nil {
		_, err = parties.SeedStaff(ctx, staff)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	return c.result(map[string]int{"accounts": len(staff)}, func(w io.Writer) { fmt.Fprintf(w, "%d accounts exist\n", len(staff)) })
}

func readStaff(file, city string) ([]party.Staff, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the staff file: %w", err)
	}
	var entries []staffEntry
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, fmt.Errorf("read %s: it is not a JSON list of accounts; run 'yidaitong platform staff -h' for its fields", file)
	}
	var staff []party.Staff
	for i, e := range entries {
		switch e.Kind {
		case party.KindBank, party.KindGovernment, party.KindOperator:
		default:
			return nil, fmt.Errorf("%s, account %d: kind is bank, government or operator", file, i+1)
		}
		staff = append(staff, party.Staff{OrgKind: e.Kind, OrgName: e.Organisation, OrgNameEN: e.OrganisationEN, Department: e.Department, City: city,
			Login: e.Login, Password: e.Password, Name: e.Name, Role: e.Role})
	}
	return staff, nil
}
