package intake

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/yidaitong/yidaitong/lockfile"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
)

// Options are what a receiver depends on.
type Options struct {
	Node     string // the node's folder
	Catalogs *catalog.Catalogs
	MaxBytes int64 // of one file
	Clock    func() time.Time
	Logger   *slog.Logger
	// Load takes files into the lake one by one and tells what became of each. It fails with lake.ErrLocked while another command holds the lake.
	Load func(ctx context.Context, paths []string, each func(path string, report delivery.LoadReport) error) error
}

// Receiver takes deliveries over HTTP, puts them into the inbox and loads them from there.
type Receiver struct {
	o       Options
	folders folders
	limits  *limits
	lock    *os.File
	arrived chan struct{}
	mux     *http.ServeMux

	pieceWithin time.Duration
}

// NewReceiver prepares the node's folders. While it is open no other process receives for the node.
func NewReceiver(o Options) (*Receiver, error) {
	r := &Receiver{o: o, folders: folders{o.Node}, limits: newLimits(o.Clock), arrived: make(chan struct{}, 1), mux: http.NewServeMux(), pieceWithin: pieceWithin}
	if err := os.MkdirAll(r.folders.parts(), 0o700); err != nil {
		return nil, fmt.Errorf("prepare the inbox: %w", err)
	}
	var err error
	r.lock, err = lockfile.Take(filepath.Join(r.folders.parts(), "lock"))
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, errors.New("another 'yidaitong node receive' serves this node; stop it first")
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the inbox: %w", err)
	}
	r.mux.HandleFunc("GET /v1/catalogues", r.list)
	r.mux.HandleFunc("PUT /v1/catalogues/{catalogue}/files/{file}", r.put)
	r.mux.HandleFunc("GET /v1/catalogues/{catalogue}/files/{file}", r.show) // HEAD as well
	return r, nil
}

// Close lets another process receive for the node.
func (r *Receiver) Close() error { return r.lock.Close() }

// TLS asks every client for a certificate that one of the authorities has signed.
func TLS(own tls.Certificate, authorities *x509.CertPool) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authorities, MinVersion: tls.VersionTLS12}
}

// Serve answers on the listener and loads what arrives, until ctx ends. Uploads under way then are kept and can be continued.
func (r *Receiver) Serve(ctx context.Context, listener net.Listener, secure *tls.Config) error {
	// HTTP/1.1 only: there a client asks before it sends a body (Expect: 100-continue), and a request that is turned away gets its answer. Over HTTP/2
	// it would see its stream reset instead.
	var one http.Protocols
	one.SetHTTP1(true)
	server := &http.Server{
		Handler: r, Protocols: &one, TLSConfig: secure, ReadHeaderTimeout: headerWithin, IdleTimeout: idleWithin, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(r.o.Logger.Handler(), slog.LevelDebug),
	}
	var running sync.WaitGroup
	loading, stop := context.WithCancel(ctx)
	running.Go(func() { r.keepLoading(loading) })
	running.Go(func() {
		<-loading.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWithin)
		defer cancel()
		if server.Shutdown(ending) != nil {
			_ = server.Close()
		}
	})
	err := server.ServeTLS(listener, "", "")
	stop()
	running.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the departments: %w", err)
	}
	return nil
}

// ServeHTTP finds out who asks before anything else.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	department, refused := r.department(q)
	if refused == nil && !r.limits.request(department) {
		refused = no(http.StatusTooManyRequests, "too many requests; try again in a minute", "请求过于频繁，请一分钟后再试")
	}
	if refused != nil {
		r.o.Logger.Warn("refused a request", "department", department, "status", refused.status, "reason", refused.MessageEN)
		if refused.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "60")
		}
		refused.write(w)
		return
	}
	r.mux.ServeHTTP(w, q.WithContext(context.WithValue(q.Context(), departmentKey{}, department)))
}

type departmentKey struct{}

func departmentIn(q *http.Request) string {
	department, _ := q.Context().Value(departmentKey{}).(string)
	return department
}

// department is who asks: the common name of the client's verified certificate is its code.
func (r *Receiver) department(q *http.Request) (string, *answer) {
	if q.TLS == nil || len(q.TLS.VerifiedChains) == 0 {
		return "", no(http.StatusUnauthorized, "no certificate came with the request; connect with the department's client certificate", "请求未带客户端证书，请使用本部门的客户端证书连接")
	}
	name := q.TLS.VerifiedChains[0][0].Subject.CommonName
	if r.o.Catalogs.Of(name) == nil {
		return "", no(http.StatusForbidden, "the certificate's common name is no department's code; ask the data bureau for a certificate whose common name is the code, as in tax", "证书的通用名（CN）不是部门代码，请向数据局申领通用名为部门代码（如 tax）的证书")
	}
	return name, nil
}

// list tells a department's system which catalogues it may send.
func (r *Receiver) list(w http.ResponseWriter, q *http.Request) {
	type item struct {
		Catalogue string `json:"catalogue"`
		TitleZH   string `json:"title"`
		TitleEN   string `json:"title_en"`
	}
	var items []item
	for _, c := range r.o.Catalogs.Of(departmentIn(q)) {
		items = append(items, item{c.Name, c.TitleZH, c.TitleEN})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"department": departmentIn(q), "catalogues": items}) // the sender has gone when this fails
}

// target is the file that a request names.
type target struct {
	department string
	catalogue  *catalog.Contract
	file       string // the name under which it is kept
	digest     string // SHA-256 of its bytes, in hexadecimal; "" when the request names none
}

// endings are those that a delivery's name may have.
var endings = []string{".csv", ".txt", ".tsv", ".xlsx", ".json", ".jsonl", ".ndjson", ".parquet"}

// targetOf reads and checks what a request names.
func (r *Receiver) targetOf(q *http.Request) (target, *answer) {
	t := target{department: departmentIn(q)}
	var ok bool
	if t.catalogue, ok = r.o.Catalogs.Find(t.department, q.PathValue("catalogue")); !ok {
		return t, no(http.StatusForbidden, "the department has no such catalogue; GET /v1/catalogues lists those that it may send", "本部门没有该数据目录，可用 GET /v1/catalogues 查看可报送的目录")
	}
	if t.file, ok = keptName(r.o.Catalogs, t.catalogue, q.PathValue("file")); !ok {
		return t, no(http.StatusBadRequest, "the file's name cannot be kept: use letters, digits, Chinese, - _ . and an ending of csv, txt, xlsx, json, jsonl, parquet, each also with gz, or zip; at most %d bytes",
			"文件名不可用：请用字母、数字、汉字和 - _ .，后缀为 csv、txt、xlsx、json、jsonl、parquet（可再加 gz）或 zip，不超过 %d 字节", maxNameBytes)
	}
	if t.digest, ok = digestIn(q.Header); !ok {
		return t, no(http.StatusBadRequest, "the header Repr-Digest is not of the form sha-256=:BASE64:", "请求头 Repr-Digest 的格式应为 sha-256=:BASE64:")
	}
	return t, nil
}

// keptName is the name under which a file waits in the inbox: its own, behind the catalogue's name where it does not tell the catalogue itself.
func keptName(all *catalog.Catalogs, c *catalog.Contract, name string) (string, bool) {
	lower := strings.ToLower(name)
	plain := strings.TrimSuffix(lower, ".gz")
	known := strings.HasSuffix(lower, ".zip")
	for _, ending := range endings {
		known = known || strings.HasSuffix(plain, ending)
	}
	if !known || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || strings.ContainsFunc(name, strange) {
		return "", false
	}
	for _, kept := range []string{name, c.Name + "_" + name} {
		if found, ok := delivery.CatalogueOf(all, filepath.Join(c.Department, kept)); ok && found == c {
			return kept, len(kept) <= maxNameBytes
		}
	}
	return "", false
}
