// Command demo measures what a demo costs: the time and the memory of `yidaitong demo --check`, and how long a bank's officer waits from
// the click to the report on the running demo, one officer at a time and several at once.
//
//	go run ./bench/demo -bin bin/yidaitong
//
// It prints figures with the machine that they were measured on. It is no test: nothing fails when it is slow.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/journey"
)

func main() {
	var b bench
	flag.StringVar(&b.bin, "bin", "bin/yidaitong", "the built `binary`")
	flag.IntVar(&b.firms, "firms", 2000, "firms of the demo's city")
	flag.IntVar(&b.clicks, "clicks", 50, "reports asked for, in each of the two ways")
	flag.IntVar(&b.officers, "officers", 4, "officers who click at once")
	flag.StringVar(&b.dir, "dir", "", "demo `folder` to use and keep (default: a temporary one)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	bin              string
	firms            int
	clicks, officers int
	dir              string
	scratch          string // journals of the bench's own borrowers
}

func (b *bench) run(ctx context.Context) error {
	scratch, err := os.MkdirTemp("", "yidaitong-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	b.scratch = scratch
	if b.dir == "" {
		b.dir = filepath.Join(scratch, "demo")
	}
	fmt.Println(machine())
	if err := b.check(ctx); err != nil {
		return err
	}
	return b.serve(ctx)
}

// check runs the journey once from nothing.
func (b *bench) check(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, b.bin, "demo", "--check", "--json", "--fresh", "--dir", b.dir, "--firms", fmt.Sprint(b.firms))
	began := time.Now()
	out, err := cmd.Output()
	var result struct {
		OK    bool           `json:"ok"`
		Steps []journey.Step `json:"steps"`
	}
	if parseErr := json.Unmarshal(out, &result); parseErr != nil || !result.OK {
		return fmt.Errorf("demo --check failed after %d steps: %w", len(result.Steps), errors.Join(err, parseErr))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not tell a process's memory")
	}
	peakMB := usage.Maxrss / 1024 // kilobytes on Linux
	fmt.Printf("demo --check, %d firms: %.1f s, peak %d MB, processor %.1f s\n", b.firms, time.Since(began).Seconds(), peakMB,
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	var journeyMS int64
	for _, s := range result.Steps {
		journeyMS += s.MS
	}
	fmt.Printf("  of which the %d steps of the journey: %.1f s\n", len(result.Steps), float64(journeyMS)/1000)
	return nil
}

// serve measures clicks on the running demo.
func (b *bench) serve(ctx context.Context) error {
	base, stop, err := b.start(ctx)
	if err != nil {
		return err
	}
	defer stop()
	players, err := b.prepare(ctx, base, 2*b.clicks)
	if err != nil {
		return err
	}
	var alone []time.Duration
	for _, p := range players[:b.clicks] {
		took, err := p.ClickReport(ctx)
		if err != nil {
			return err
		}
		alone = append(alone, took)
	}
	fmt.Printf("click to report, one at a time: %s\n", spread(alone))
	began := time.Now()
	together, err := b.together(ctx, players[b.clicks:])
	if err != nil {
		return err
	}
	fmt.Printf("click to report, %d at once:     %s, %.0f reports/s\n", b.officers, spread(together), float64(len(together))/time.Since(began).Seconds())
	return nil
}

// start serves the demo on a free port and waits until it says that it does.
func (b *bench) start(ctx context.Context) (base string, stop func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, b.bin, "demo", "--json", "--dir", b.dir, "--listen", address)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		stop()
		return "", nil, fmt.Errorf("the demo does not serve: %w", err)
	}
	return "http://" + address, stop, nil
}

// prepare makes n applications of n firms, each taken in by the bank and without a report yet.
func (b *bench) prepare(ctx context.Context, base string, n int) ([]*journey.Player, error) {
	text, err := os.ReadFile(filepath.Join(b.dir, "accounts.json"))
	if err != nil {
		return nil, err
	}
	var accounts struct {
		Staff []struct {
			journey.Person
			Role         string `json:"role"`
			Organisation string `json:"organisation"`
		} `json:"staff"`
	}
	if err := json.Unmarshal(text, &accounts); err != nil {
		return nil, err
	}
	bankUser := func(bank string) (journey.Person, bool) {
		for _, a := range accounts.Staff {
			if a.Organisation == bank && a.Role == "bank_officer" {
				return a.Person, true
			}
		}
		return journey.Person{}, false
	}
	var players []*journey.Player
	sound := 0
	for i := range n {
		firm, err := b.pick(ctx, i, &sound)
		if err != nil {
			return nil, err
		}
		journal, err := journey.OpenJournal(filepath.Join(b.scratch, fmt.Sprintf("bench-%d.json", i)))
		if err != nil {
			return nil, err
		}
		p := journey.NewPlayer(journey.Options{Base: base, BankUser: bankUser, Journal: journal, Clock: time.Now,
			Borrower: journey.Borrower{Person: journey.Person{Login: fmt.Sprintf("bench-%d", i), Password: "Click-2-Report-" + firm.USCI[10:], Name: firm.LegalPerson},
				Kind: firm.Kind, FirmName: firm.Name, USCI: firm.USCI, ResidentID: firm.LegalPersonID,
				Section: firm.IndustryCode[:1], EstablishedOn: firm.EstablishedOn.Format(time.DateOnly)}})
		if err := p.Prepare(ctx); err != nil {
			return nil, fmt.Errorf("prepare application %d: %w", i+1, err)
		}
		players = append(players, p)
	}
	return players, nil
}

// pick returns the i-th firm of the bench: the sound ones that the demo has not cast, then weak ones, whose reports take as long.
func (b *bench) pick(ctx context.Context, i int, sound *int) (city.Borrower, error) {
	const cast = 8 // the demo's own borrowers come first
	if *sound == i {
		if firm, err := city.PickBorrower(ctx, b.dir, cast+i); err == nil {
			*sound++
			return firm, nil
		}
	}
	return city.PickWeak(ctx, b.dir, i-*sound)
}

// together lets several officers click at once until every application has its report.
func (b *bench) together(ctx context.Context, players []*journey.Player) ([]time.Duration, error) {
	work := make(chan *journey.Player)
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var wg sync.WaitGroup
	for range b.officers {
		wg.Go(func() {
			for p := range work {
				d, err := p.ClickReport(ctx)
				mu.Lock()
				took, failed = append(took, d), errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	for _, p := range players {
		work <- p
	}
	close(work)
	wg.Wait()
	return took, failed
}

// spread shows the median, the slowest in a hundred and the slowest.
func spread(took []time.Duration) string {
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[min(len(took)-1, int(share*float64(len(took))))].Microseconds()) / 1000
	}
	return fmt.Sprintf("n=%d p50 %.1f ms, p99 %.1f ms, max %.1f ms", len(took), at(0.50), at(0.99), at(1))
}

// machine describes what the figures were measured on.
func machine() string {
	model, memory := "unknown processor", ""
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		first, _, _ := strings.Cut(string(text), "\n")
		memory = strings.Join(strings.Fields(strings.TrimPrefix(first, "MemTotal:")), " ")
	}
	return fmt.Sprintf("machine: %s, %d cores in use, %s, %s/%s, %s, %s", model, runtime.NumCPU(), memory, runtime.GOOS, runtime.GOARCH, runtime.Version(), time.Now().Format(time.DateOnly))
}
