// Command city measures what a city costs a node: making it, loading it, refreshing it, and taking in one more delivery, for cities of several
// sizes; each beside a bare DuckDB that reads the same files and writes them as Parquet without checking anything.
//
//	go run ./bench/city -bin bin/yidaitong -records 2000000,20000000
//
// It prints a table in Markdown with the machine that it was measured on, and what the curve says about a city that holds 1.35 billion records
// (Ningbo, 2021). It is no test: nothing fails when it is slow. Cities that lie in -dir already are used again.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	var b bench
	var records, bare string
	flag.StringVar(&b.bin, "bin", "bin/yidaitong", "the built `binary`")
	flag.StringVar(&records, "records", "2000000,20000000", "`numbers` of records of the cities; one firm for each thousand")
	flag.StringVar(&b.dir, "dir", "", "`folder` of the cities, to use and keep (default: a temporary one)")
	flag.IntVar(&b.memory, "memory", 8000, "`megabytes` that the engine may use, for the node and for the bare DuckDB")
	flag.IntVar(&b.increment, "increment", 1_000_000, "`number` of records of the further delivery; a twentieth of a small city's")
	flag.StringVar(&bare, "bare", "", "read this `folder` of deliveries with DuckDB alone, print the number of rows and do nothing else")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := b.run(ctx, records, bare)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	bin       string
	dir       string
	memory    int
	increment int
}

// cost is what a process took.
type cost struct {
	seconds   float64
	processor float64 // seconds of all cores
	peakMB    int64
	rows      int64 // that it read
}

// row is what was measured on one city.
type row struct {
	records, firms           int64
	generate, load, refresh  cost
	bare                     cost
	incrementRows            int64
	incrementLoad, refreshed cost
}

func (b *bench) run(ctx context.Context, records, bareDir string) error {
	if bareDir != "" {
		return bareMain(ctx, bareDir, b.memory)
	}
	if b.dir == "" {
		scratch, err := os.MkdirTemp("", "yidaitong-bench-city-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(scratch)
		b.dir = scratch
	}
	var rows []row
	for part := range strings.SplitSeq(records, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || n < 20_000 {
			return fmt.Errorf("%q is no number of records from 20000", part)
		}
		r, err := b.measure(ctx, n)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	fmt.Println(machine())
	fmt.Println()
	fmt.Print(table(rows))
	fmt.Print(extrapolated(rows))
	return nil
}

// measure takes one city from nothing to refreshed indicators, and one delivery more.
func (b *bench) measure(ctx context.Context, records int64) (row, error) {
	r := row{firms: max(20, records/1000)}
	dir := filepath.Join(b.dir, fmt.Sprintf("city-%d", records))
	var err error
	if r.generate, err = b.makeCity(ctx, dir, r.firms, records); err != nil {
		return row{}, err
	}
	deliveries := filepath.Join(dir, "deliveries")
	self, err := os.Executable()
	if err != nil {
		return row{}, err
	}
	if r.bare, err = measured(ctx, self, "-bare", deliveries, "-memory", fmt.Sprint(b.memory)); err != nil {
		return row{}, err
	}
	node := filepath.Join(dir, "node")
	if err := os.RemoveAll(node); err != nil {
		return row{}, err
	}
	if _, err := measured(ctx, b.bin, "node", "init", "--node", node, "--city", "341500", "--json"); err != nil {
		return row{}, err
	}
	if r.load, err = b.node(ctx, node, "load", deliveries); err != nil {
		return row{}, err
	}
	r.records = r.load.rows
	if r.refresh, err = b.node(ctx, node, "refresh"); err != nil {
		return row{}, err
	}
	next := filepath.Join(dir, "increment")
	if err := b.makeIncrement(ctx, dir, next, min(int64(b.increment), records/20)); err != nil {
		return row{}, err
	}
	if r.incrementLoad, err = b.node(ctx, node, "load", filepath.Join(next, "deliveries")); err != nil {
		return row{}, err
	}
	r.incrementRows = r.incrementLoad.rows
	r.refreshed, err = b.node(ctx, node, "refresh")
	return r, err
}

// makeCity generates a city unless it is there; then it took no time.
func (b *bench) makeCity(ctx context.Context, dir string, firms, records int64) (cost, error) {
	if _, err := os.Stat(filepath.Join(dir, "deliveries")); err == nil {
		return cost{}, nil
	}
	return measured(ctx, b.bin, "city", "generate", "--out", dir, "--firms", fmt.Sprint(firms), "--records", fmt.Sprint(records), "--json")
}

func (b *bench) makeIncrement(ctx context.Context, dir, out string, records int64) error {
	if _, err := os.Stat(filepath.Join(out, "deliveries")); err == nil {
		return nil
	}
	_, err := measured(ctx, b.bin, "city", "increment", "--city", dir, "--out", out, "--records", fmt.Sprint(records), "--json")
	return err
}

func (b *bench) node(ctx context.Context, node, verb string, paths ...string) (cost, error) {
	return measured(ctx, b.bin, append([]string{"node", verb, "--node", node, "--memory", fmt.Sprint(b.memory), "--json"}, paths...)...)
}

// measured runs a program that prints one JSON object, and says what it took.
func measured(ctx context.Context, program string, args ...string) (cost, error) {
	fmt.Fprintln(os.Stderr, "bench:", filepath.Base(program), strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, program, args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	began := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return cost{}, fmt.Errorf("%s %s: %w: %s", filepath.Base(program), strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	took := time.Since(began)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell a process's memory")
	}
	var said struct {
		Received int64 `json:"received"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return cost{}, fmt.Errorf("%s %s did not print JSON: %w", filepath.Base(program), args[0], err)
	}
	return cost{seconds: took.Seconds(), processor: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
		peakMB: usage.Maxrss / 1024, rows: said.Received}, nil // kilobytes on Linux
}

func table(rows []row) string {
	var t strings.Builder
	t.WriteString("| records | firms | generate | bare DuckDB | load | load ÷ bare | refresh | load + refresh | peak of both | increment | its load + refresh |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		generated := "kept"
		if r.generate.seconds > 0 {
			generated = fmt.Sprintf("%.0f s, %d MB", r.generate.seconds, r.generate.peakMB)
		}
		fmt.Fprintf(&t, "| %d | %d | %s | %.1f s (%.1f s of processor), %d MB | %.1f s (%.1f) | %.2f (of processor time %.2f) | %.1f s (%.1f) | %.1f s | %d MB | %d | %.1f s |\n",
			r.records, r.firms, generated, r.bare.seconds, r.bare.processor, r.bare.peakMB, r.load.seconds, r.load.processor,
			r.load.seconds/r.bare.seconds, r.load.processor/r.bare.processor, r.refresh.seconds, r.refresh.processor, r.load.seconds+r.refresh.seconds,
			max(r.load.peakMB, r.refresh.peakMB), r.incrementRows, r.incrementLoad.seconds+r.refreshed.seconds)
	}
	return t.String()
}

// ningbo is what a large city holds: records of 2 million market entities in April 2021.
const ningbo = 1_350_000_000

// extrapolated is what the two largest cities say about a larger one: what a further record costs, on a straight line through both.
func extrapolated(rows []row) string {
	if len(rows) < 2 || rows[len(rows)-1].records < 10_000_000 {
		return "\nNo word about 1.35 billion records: that takes two sizes, the larger of ten million records or more.\n"
	}
	a, b := rows[len(rows)-2], rows[len(rows)-1]
	at := func(of func(row) float64) float64 {
		return of(b) + (of(b)-of(a))/float64(b.records-a.records)*float64(ningbo-b.records)
	}
	power := math.Log(b.load.processor/a.load.processor) / math.Log(float64(b.records)/float64(a.records))
	load, refresh := at(func(r row) float64 { return r.load.processor }), at(func(r row) float64 { return r.refresh.processor })
	return fmt.Sprintf("\nExtrapolated, not measured: on the line through %d and %d records, 1.35 billion would take %.0f seconds of processor to load and %.0f to refresh,\n"+
		"%.0f minutes on %d cores that have nothing else to do (the load's cost grows with the power %.2f of the records).\n",
		a.records, b.records, load, refresh, (load+refresh)/60/float64(runtime.NumCPU()), runtime.NumCPU(), power)
}

// machine is what the figures were measured on, and how busy it was.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	return fmt.Sprintf("%s, %s, %d cores, %s, load average %s at the end", time.Now().Format(time.DateOnly), model, runtime.NumCPU(), runtime.Version(), load)
}
