// Package platform is the internet side as a whole: it opens the store and the log, wires the services to each other and to the
// nodes, and serves the pages.
//
// It owns the wiring and the timed work. It must never import a package of the node: what it knows of a city's data came through
// border.
package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/riverqueue/river"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/matching"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/party/identity"
	"github.com/yidaitong/yidaitong/platform/portal"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/translog"
)

// Options of Open.
type Options struct {
	Dir        string          // all that the platform keeps, when DB does not say otherwise
	DB         string          // sqlite:FILE or postgres://…; sqlite:Dir/platform.db when empty
	Keys       *border.Keyring // of the platform
	LogDir     string          // the platform's transparency log; Dir/log when empty
	NodeLogDir string          // a node's log, to show beside it; may be empty
	City       string          // of those who register
	Secure     bool            // the pages are reached over TLS
	Demo       []portal.DemoAccount
	Clock      func() time.Time // time.Now when nil
	Logger     *slog.Logger     // slog.Default when nil
}

// Platform is an open platform: its services, for those who act in its name, and its pages.
type Platform struct {
	Store      *store.Store
	Log        *translog.Log
	Exchange   *exchange.Exchange
	Party      *party.Service
	Identity   *identity.Service
	Consent    *consent.Service
	Product    *product.Service
	Demand     *demand.Service
	Matching   *matching.Service
	Lending    *lending.Service
	Monitoring *monitoring.Service
	Cockpit    *cockpit.Service

	lock    *os.File
	handler http.Handler
	jobs    *store.Jobs
	logger  *slog.Logger
}

// Open opens a platform and starts its timed work, which takes up what an earlier run left. Close ends it.
func Open(ctx context.Context, o Options) (*Platform, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Platform{logger: o.Logger}
	if err := p.open(ctx, o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (o *Options) complete() error {
	if o.Keys == nil || o.City == "" {
		return errors.New("a platform needs its keys and the code of its city")
	}
	if o.DB == "" {
		o.DB = "sqlite:" + filepath.Join(o.Dir, "platform.db")
	}
	if o.LogDir == "" {
		o.LogDir = filepath.Join(o.Dir, "log")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("make the platform's folder: %w", err)
	}
	return nil
}

func (p *Platform) open(ctx context.Context, o Options) (err error) {
	if p.lock, err = lockFolder(o.Dir); err != nil {
		return err
	}
	if p.Store, err = store.Open(ctx, o.DB, store.Options{Clock: o.Clock}); err != nil {
		return err
	}
	if p.Log, err = translog.Open(ctx, o.LogDir, border.LogOrigin(border.Platform), o.Keys.Log, translog.Options{}); err != nil {
		return fmt.Errorf("open the platform's log: %w", err)
	}
	if err := p.openServices(ctx, o); err != nil {
		return err
	}
	if err := p.openPages(o); err != nil {
		return err
	}
	return p.startJobs(ctx)
}

func (p *Platform) openServices(ctx context.Context, o Options) (err error) {
	p.Exchange = exchange.Open(exchange.Options{Store: p.Store, Keys: o.Keys, Log: p.Log, Logger: o.Logger,
		OnAnswer: p.takeAnswer, OnAlert: monitoring.Receive, OnDigest: cockpit.Receive})
	if p.Party, err = party.New(p.Store, party.Options{City: o.City}); err != nil {
		return err
	}
	if p.Consent, err = consent.New(p.Store, p.Exchange); err != nil {
		return err
	}
	if p.Product, err = product.New(ctx, p.Store); err != nil {
		return err
	}
	p.Identity = identity.New(p.Store, p.Exchange, p.Consent)
	p.Demand = demand.New(p.Store)
	p.Matching = matching.New(p.Store, p.Product)
	p.Monitoring = monitoring.New(p.Store, p.Exchange, p.Consent)
	p.Cockpit = cockpit.New(p.Store, o.City)
	p.Lending, err = lending.New(lending.Options{Store: p.Store, Products: p.Product, Consents: p.Consent, Exchange: p.Exchange,
		Disbursed: func(ctx context.Context, _ lending.Loan) error {
			_, err := p.Monitoring.Begin(ctx)
			return err
		}})
	return err
}

// takeAnswer gives a node's answer to the service that asked.
func (p *Platform) takeAnswer(ctx context.Context, tx *store.Tx, r exchange.Received) error {
	for _, take := range []func(context.Context, *store.Tx, exchange.Received) (bool, error){p.Identity.TakeAnswer, p.Lending.TakeAnswer, p.Consent.TakeAnswer} {
		if taken, err := take(ctx, tx, r); err != nil || taken {
			return err
		}
	}
	p.logger.WarnContext(ctx, "an answer to a request that nobody made", "request", r.RequestID)
	return nil
}

func (p *Platform) openPages(o Options) error {
	logs := []portal.Log{{Name: border.Platform, Dir: o.LogDir, Verifier: o.Keys.LogVerifier(border.Platform)}}
	if o.NodeLogDir != "" {
		logs = append(logs, portal.Log{Name: "node", Dir: o.NodeLogDir, Verifier: o.Keys.LogVerifier(border.NodeName(o.City))})
	}
	pages, err := portal.New(portal.Services{Party: p.Party, Identity: p.Identity, Consent: p.Consent, Product: p.Product, Demand: p.Demand,
		Matching: p.Matching, Lending: p.Lending, Monitoring: p.Monitoring, Cockpit: p.Cockpit},
		portal.Options{City: o.City, Logs: logs, Secure: o.Secure, Demo: o.Demo, Clock: o.Clock, Logger: o.Logger})
	if err != nil {
		return fmt.Errorf("open the pages: %w", err)
	}
	p.handler = p.measured(pages)
	return nil
}

// measured puts health and metrics beside the pages.
func (p *Platform) measured(pages http.Handler) http.Handler {
	registry := prometheus.NewRegistry()
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yidaitong_http_requests_total",
		Help: "Requests to the pages, by method and status."}, []string{"method", "code"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yidaitong_http_request_duration_seconds",
		Help: "Time to answer a request to the pages, in seconds.", Buckets: []float64{.005, .01, .025, .05, .1, .2, .3, .5, 1, 2, 5, 10}}, []string{"method"})
	registry.MustRegister(requests, seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(p.Store.Writer(), "platform"))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", p.health)
	mux.Handle("/", promhttp.InstrumentHandlerCounter(requests, promhttp.InstrumentHandlerDuration(seconds, pages)))
	return mux
}

// health says whether the database answers.
func (p *Platform) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := p.Store.View(ctx, func(tx *store.Tx) error { return tx.Row(ctx, `select 1`).Scan(new(int)) }); err != nil {
		p.logger.ErrorContext(ctx, "the database does not answer", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// Handler serves the pages, /healthz and /metrics.
func (p *Platform) Handler() http.Handler { return p.handler }

// Seed makes sure that staff accounts and the example products of their banks exist. Doing it again changes nothing.
func (p *Platform) Seed(ctx context.Context, staff []party.Staff) error {
	if _, err := p.Party.SeedStaff(ctx, staff); err != nil {
		return err
	}
	_, err := p.Product.Seed(ctx)
	return err
}

// Serve serves the pages on one listener and the nodes on the other until ctx ends.
func (p *Platform) Serve(ctx context.Context, pages, nodes net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	go func() { failed <- p.Exchange.Serve(ctx, nodes) }()
	go func() { failed <- p.servePages(ctx, pages) }()
	first := <-failed
	stop()
	return errors.Join(first, <-failed)
}

func (p *Platform) servePages(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: p.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(last)
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the pages: %w", err)
	}
	return <-stopped
}

// tendArgs is the job that does what time asks for.
type tendArgs struct{}

// Kind names the job.
func (tendArgs) Kind() string { return "platform_tend" }

// tendEvery is how often it runs. Each of its parts may run again at any time.
const tendEvery = time.Minute

type tender struct {
	river.WorkerDefaults[tendArgs]
	platform *Platform
}

// Work runs the parts; one that fails does not keep the others from running.
func (t *tender) Work(ctx context.Context, _ *river.Job[tendArgs]) error { return t.platform.Tend(ctx) }

// Tend does what is due by the clock: deadlines, overdue loans, lapsed demands, watches that are to begin, withdrawals that a crash
// kept back, sessions that are over.
func (p *Platform) Tend(ctx context.Context) error {
	_, errLending := p.Lending.RunDay(ctx)
	_, errDemand := p.Demand.Expire(ctx)
	_, errWatch := p.Monitoring.Begin(ctx)
	return errors.Join(errLending, errDemand, errWatch, p.Consent.Resume(ctx), p.Party.Purge(ctx))
}

func (p *Platform) startJobs(ctx context.Context) (err error) {
	workers := river.NewWorkers()
	p.Lending.AddWorkers(workers)
	river.AddWorker(workers, &tender{platform: p})
	p.jobs, err = p.Store.NewJobs(&river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		Workers: workers,
		Logger:  slog.New(levelled{p.logger.Handler()}),
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(tendEvery),
			func() (river.JobArgs, *river.InsertOpts) { return tendArgs{}, &river.InsertOpts{MaxAttempts: 1} }, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return err
	}
	if err := p.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		p.jobs = nil
		return fmt.Errorf("start the timed work: %w", err)
	}
	return nil
}

// levelled lets only the queue's warnings through.
type levelled struct{ slog.Handler }

func (l levelled) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level)
}

// Close ends the timed work and closes the log and the store. What was under way is finished or taken up by the next run.
func (p *Platform) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var errs []error
	if p.jobs != nil {
		errs = append(errs, p.jobs.Stop(ctx))
	}
	if p.Log != nil {
		errs = append(errs, p.Log.Close(ctx))
	}
	if p.Store != nil {
		errs = append(errs, p.Store.Close())
	}
	if p.lock != nil {
		errs = append(errs, p.lock.Close())
	}
	return errors.Join(errs...)
}
