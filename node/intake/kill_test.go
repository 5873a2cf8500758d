package intake_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/intake"
)

// receiveFor names the node for which this process receives, when it was started to be killed; the certificates lie there as well.
const receiveFor = "YIDAITONG_TEST_RECEIVE_FOR"

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func rangeOf(from, to, size int) string { return fmt.Sprintf("bytes %d-%d/%d", from, to-1, size) }

// receiveUntilKilled serves a node and prints the address.
func receiveUntilKilled(dir string) error {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		return err
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "node.crt"), filepath.Join(dir, "node.key"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	b := &bureau{dir: dir, contracts: contracts}
	r, err := intake.NewReceiver(intake.Options{Node: dir, Catalogs: contracts, MaxBytes: 64 << 20, Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Load: b.load})
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("https://" + listener.Addr().String())
	return r.Serve(context.Background(), listener, intake.TLS(own, pool))
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

// A receiver killed in the middle of uploads goes on with them when it is started again, and loads every row once.
func TestAKilledReceiverGoesOn(t *testing.T) {
	contracts, err := catalog.Load(catalogs.FS)
	must(t, err)
	b := &bureau{t: t, dir: t.TempDir(), contracts: contracts, authority: newAuthority(t), logged: &log{}}
	own := b.authority.certificate("node")
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	must(t, err)
	writePEM(t, filepath.Join(b.dir, "node.crt"), "CERTIFICATE", own.Certificate[0])
	writePEM(t, filepath.Join(b.dir, "node.key"), "PRIVATE KEY", key)
	writePEM(t, filepath.Join(b.dir, "ca.crt"), "CERTIFICATE", b.authority.cert.Raw)
	client := b.client("tax")
	content := rows(20_000)
	path := at + "tax_payment_20240410.csv"
	for from := 0; ; {
		kill := b.startProcess()
		have := b.offset(client, path, content)
		if from > 0 && atoi(have) != from {
			t.Errorf("after a kill %s bytes are there, %d were answered for", have, from)
		}
		to := min(from+len(content)/3, len(content))
		s := b.piece(client, path, content, from, to)
		if to == len(content) {
			if s.status != 201 {
				t.Fatalf("the last piece: %+v", s)
			}
			kill()
			break
		}
		if s.status != 202 {
			t.Fatalf("piece to %d: %+v", to, s)
		}
		from = to
		kill()
	}
	kill := b.startProcess()
	defer kill()
	if got := b.waitLoaded(client, path); got.Received != 20_000 || got.Landed+got.Duplicates != 20_000 {
		t.Errorf("receipt %+v", got)
	}
}

// startProcess starts a receiver of its own and returns how to kill it.
func (b *bureau) startProcess() (kill func()) {
	b.t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), receiveFor+"="+b.dir)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	must(b.t, err)
	must(b.t, command.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(b.t, err)
	b.address = strings.TrimSpace(line)
	return func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}
