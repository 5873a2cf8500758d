package intake_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is a throw-away server on a private socket, started once for the package's tests.
var postgres struct {
	once   sync.Once
	dir    string
	server *exec.Cmd
	absent bool
	err    error
	mu     sync.Mutex
	made   int
}

// database makes an empty database and returns its address with a password in it, and a connection that may change it. It skips the test where
// PostgreSQL is not installed, unless CI=true.
func database(t *testing.T) (address string, db *pgx.Conn) {
	t.Helper()
	postgres.once.Do(func() { postgres.err = startPostgres() })
	if postgres.absent && os.Getenv("CI") != "true" {
		t.Skip("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/postgres); install it to run this test")
	}
	must(t, postgres.err)
	postgres.mu.Lock()
	postgres.made++
	name := "t" + strconv.Itoa(postgres.made)
	postgres.mu.Unlock()
	admin, err := pgx.Connect(t.Context(), addressOf("postgres"))
	must(t, err)
	_, err = admin.Exec(t.Context(), "create database "+name)
	must(t, err)
	must(t, admin.Close(t.Context()))
	db, err = pgx.Connect(t.Context(), addressOf(name))
	must(t, err)
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	return addressOf(name), db
}

const password = "s3cr3t-pa55"

func addressOf(database string) string {
	return "postgres://postgres:" + password + "@/" + database + "?host=" + postgres.dir
}

func startPostgres() error {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		postgres.absent = true
		return fmt.Errorf("PostgreSQL is not installed: %w", os.ErrNotExist)
	}
	program := slices.Max(found)
	// The socket's path has to stay under 108 bytes, which a test's own temporary folder may not.
	if postgres.dir, err = os.MkdirTemp("/tmp", "ydtin"); err != nil {
		return err
	}
	as, err := serverUser(postgres.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(postgres.dir, "data")
	secret := filepath.Join(postgres.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o644); err != nil {
		return err
	}
	initdb := exec.Command(filepath.Join(filepath.Dir(program), "initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = as, postgres.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	postgres.server = exec.Command(program, "-D", data, "-k", postgres.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=32MB")
	attributes := *as
	attributes.Pdeathsig = syscall.SIGQUIT // a test process that is killed takes its server with it
	postgres.server.SysProcAttr, postgres.server.Dir = &attributes, postgres.dir
	postgres.server.Stdout, postgres.server.Stderr = io.Discard, io.Discard
	if err := postgres.server.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := pgx.Connect(context.Background(), addressOf("postgres"))
		if err == nil {
			return conn.Close(context.Background())
		}
		if time.Now().After(deadline) {
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
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, int(uid), int(gid))
}

func stopPostgres() {
	if postgres.server == nil || postgres.server.Process == nil {
		return
	}
	_ = postgres.server.Process.Signal(syscall.SIGQUIT)
	_ = postgres.server.Wait()
	_ = os.RemoveAll(postgres.dir)
}
