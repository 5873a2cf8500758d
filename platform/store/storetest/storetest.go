// Package storetest gives tests a fresh store on each engine.
//
// PostgreSQL runs as a throw-away cluster on a private socket in a temporary folder, started once per test process and stopped
// at its end. It is for tests only.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/platform/store"
)

// Each runs do once per engine, each time with an empty, migrated store.
func Each(t *testing.T, do func(t *testing.T, open func(store.Options) *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "platform.db")
		do(t, func(o store.Options) *store.Store { return open(t, dsn, o) })
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := Postgres(t)
		do(t, func(o store.Options) *store.Store { return open(t, dsn, o) })
	})
}

func open(t *testing.T, dsn string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, o)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Postgres returns the address of a new, empty database. It skips the test where PostgreSQL is not installed, unless CI=true.
func Postgres(t *testing.T) string {
	t.Helper()
	c, err := theCluster()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip("PostgreSQL is not installed (initdb and postgres are neither under /usr/lib/postgresql nor on PATH); install it to run this test")
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	name, err := c.create(context.Background())
	if err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() { c.drop(name) })
	return c.dsn(name)
}

// Main runs a package's tests and stops the cluster afterwards: func TestMain(m *testing.M) { storetest.Main(m) }.
func Main(m *testing.M) {
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stopped
		stop()
		os.Exit(1)
	}()
	status := m.Run()
	stop()
	os.Exit(status)
}

var errNotInstalled = errors.New("not installed")

type cluster struct {
	dir     string
	server  *exec.Cmd
	admin   *sql.DB
	mu      sync.Mutex
	created int
}

var shared struct {
	once    sync.Once
	cluster *cluster
	err     error
}

func theCluster() (*cluster, error) {
	shared.once.Do(func() { shared.cluster, shared.err = start() })
	return shared.cluster, shared.err
}

func stop() {
	// A test process that never asked has nothing to stop.
	shared.once.Do(func() {})
	c := shared.cluster
	if c == nil {
		return
	}
	_ = c.admin.Close()
	_ = c.server.Process.Signal(syscall.SIGQUIT) // nothing in it is worth a checkpoint
	_ = c.server.Wait()
	_ = os.RemoveAll(c.dir)
}

func start() (*cluster, error) {
	initdb, postgres, err := binaries()
	if err != nil {
		return nil, err
	}
	// The socket's path has to stay under 108 bytes, which a test's own temporary folder may not.
	dir, err := os.MkdirTemp("/tmp", "ydtpg")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	if err := c.run(initdb, postgres); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

func (c *cluster) run(initdb, postgres string) error {
	as, err := serverUser(c.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	init := exec.CommandContext(context.Background(), initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	init.SysProcAttr, init.Dir = as, c.dir
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	c.server = exec.CommandContext(context.Background(), postgres, "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "shared_buffers=32MB", "-c", "max_connections=200")
	attributes := *as
	attributes.Pdeathsig = syscall.SIGQUIT // a test process that is killed takes its server with it
	c.server.SysProcAttr, c.server.Dir = &attributes, c.dir
	c.server.Stdout, c.server.Stderr = io.Discard, io.Discard
	if err := c.server.Start(); err != nil {
		return err
	}
	if c.admin, err = sql.Open("pgx", c.dsn("postgres")); err != nil {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err := c.admin.PingContext(context.Background()); err == nil {
			return nil
		} else if time.Now().After(deadline) {
			_ = c.server.Process.Kill()
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

// serverUser makes the server run as user postgres when the test runs as root, because the server refuses to be root.
func serverUser(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("the tests run as root and need a user postgres for the server: %w", err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func binaries() (initdb, postgres string, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", "", err
	}
	slices.Sort(found)
	for _, p := range slices.Backward(found) {
		if candidate := filepath.Join(filepath.Dir(p), "initdb"); executable(candidate) {
			return candidate, p, nil
		}
	}
	initdb, err1 := exec.LookPath("initdb")
	postgres, err2 := exec.LookPath("postgres")
	if err1 != nil || err2 != nil {
		return "", "", errNotInstalled
	}
	return initdb, postgres, nil
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

func (c *cluster) create(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.created++
	name := "t" + strconv.Itoa(c.created)
	_, err := c.admin.ExecContext(ctx, "create database "+name)
	return name, err
}

func (c *cluster) drop(name string) {
	_, _ = c.admin.ExecContext(context.Background(), "drop database if exists "+name+" with (force)")
}

func (c *cluster) dsn(name string) string {
	return "postgres://postgres@/" + name + "?host=" + c.dir
}
