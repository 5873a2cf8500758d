package intake_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/intake"
	"github.com/yidaitong/yidaitong/node/lake"
)

// authority signs certificates.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	a := &authority{t: t, key: key, cert: cert, pool: x509.NewCertPool()}
	a.pool.AddCert(cert)
	return a
}

// certificate is one for a server on this machine, or for a client of that common name.
func (a *authority) certificate(name string) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	must(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bureau is a node that receives, with a lake behind it.
type bureau struct {
	t         testing.TB
	dir       string
	contracts *catalog.Catalogs
	authority *authority
	receiver  *intake.Receiver
	address   string
	stop      func()
	logged    *log
	ahead     atomic.Int64 // how far the receiver's clock is ahead
}

func (b *bureau) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// log keeps what was logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newBureau(t testing.TB) *bureau {
	t.Helper()
	contracts, err := catalog.Load(catalogs.FS)
	must(t, err)
	b := &bureau{t: t, dir: t.TempDir(), contracts: contracts, authority: newAuthority(t), logged: &log{}}
	b.start()
	t.Cleanup(func() {
		if b.stop != nil {
			b.stop()
		}
	})
	return b
}

// start lets the bureau receive until stop is called.
func (b *bureau) start() {
	b.t.Helper()
	var err error
	b.receiver, err = intake.NewReceiver(intake.Options{Node: b.dir, Catalogs: b.contracts, MaxBytes: 64 << 20, Clock: b.now,
		Logger: slog.New(slog.NewTextHandler(b.logged, nil)), Load: b.load})
	must(b.t, err)
	var config net.ListenConfig
	listener, err := config.Listen(b.t.Context(), "tcp", "127.0.0.1:0")
	must(b.t, err)
	b.address = "https://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := b.receiver.Serve(ctx, listener, intake.TLS(b.authority.certificate("node"), b.authority.pool)); err != nil {
			b.t.Errorf("serve: %v", err)
		}
	})
	b.stop = func() {
		cancel()
		running.Wait()
		must(b.t, b.receiver.Close())
		b.stop = nil
	}
}

// load is what the program does: the lake is open only meanwhile.
func (b *bureau) load(ctx context.Context, paths []string, each func(string, delivery.LoadReport) error) error {
	l, err := lake.Open(ctx, filepath.Join(b.dir, "lake"), lake.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	if err := delivery.Prepare(ctx, l, b.contracts); err != nil {
		return err
	}
	for _, path := range paths {
		report, err := delivery.Load(ctx, l, b.contracts, []string{path}, delivery.LoadOptions{Clock: time.Now})
		if err != nil {
			return err
		}
		if err := each(path, report); err != nil {
			return err
		}
	}
	return nil
}

// client connects as a department.
func (b *bureau) client(department string) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: b.authority.pool, Certificates: []tls.Certificate{b.authority.certificate(department)}}}
	b.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// said is an answer.
type said struct {
	status    int
	header    http.Header
	State     string          `json:"state"`
	File      string          `json:"file"`
	Receipt   *intake.Receipt `json:"receipt"`
	Message   string          `json:"message"`
	MessageEN string          `json:"message_en"`
}

func (b *bureau) do(client *http.Client, method, path string, header map[string]string, body io.Reader) (said, error) {
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.address+path, body)
	must(b.t, err)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	if sized, ok := body.(*sizedReader); ok {
		request.ContentLength = sized.size
	}
	response, err := client.Do(request)
	if err != nil {
		return said{}, err
	}
	defer response.Body.Close()
	s := said{status: response.StatusCode, header: response.Header}
	text, err := io.ReadAll(response.Body)
	must(b.t, err)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &s); err != nil {
			b.t.Errorf("%s %s answers %q", method, path, text)
		}
	}
	return s, nil
}

// sizedReader promises a length, whatever it gives.
type sizedReader struct {
	io.Reader
	size int64
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

const at = "/v1/catalogues/tax_payment/files/"

// put sends a whole file.
func (b *bureau) put(client *http.Client, path, content string) said {
	b.t.Helper()
	s, err := b.do(client, "PUT", path, map[string]string{"Repr-Digest": digest(content)}, strings.NewReader(content))
	must(b.t, err)
	return s
}

// piece sends a part of a file.
func (b *bureau) piece(client *http.Client, path, content string, from, to int) said {
	b.t.Helper()
	s, err := b.do(client, "PUT", path, map[string]string{"Repr-Digest": digest(content), "Content-Range": fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(content))}, strings.NewReader(content[from:to]))
	must(b.t, err)
	return s
}

// offset asks how much has arrived; -1 for nothing known.
func (b *bureau) offset(client *http.Client, path, content string) string {
	b.t.Helper()
	s, err := b.do(client, "HEAD", path, map[string]string{"Repr-Digest": digest(content)}, nil)
	must(b.t, err)
	if s.status == http.StatusNotFound {
		return "-1"
	}
	return s.header.Get("Upload-Offset")
}

// waitLoaded waits until a file has been loaded or refused.
func (b *bureau) waitLoaded(client *http.Client, path string) *intake.Receipt {
	b.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		s, err := b.do(client, "GET", path, nil, nil)
		must(b.t, err)
		if s.Receipt != nil {
			return s.Receipt
		}
	}
	b.t.Fatalf("%s was not loaded: %s", path, b.logged)
	return nil
}

const header = "纳税人识别号,纳税人名称,税款所属期,税种,实缴税额,缴款日期\n"

func rows(n int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "91341500%010d,甲公司,2024-03,增值税,%d,2024-04-05\n", i, i)
	}
	return b.String()
}

// files lists what lies under the node's folder, without the lake.
func (b *bureau) files() string {
	b.t.Helper()
	var found []string
	must(b.t, filepath.WalkDir(b.dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "lake" {
			return filepath.SkipDir
		}
		if err == nil && entry.Type().IsRegular() && entry.Name() != "lock" {
			name, _ := filepath.Rel(b.dir, path)
			found = append(found, filepath.ToSlash(name))
		}
		return err
	}))
	return strings.Join(found, " ")
}
