// Command splink compares `yidaitong entity match` with Splink (PyPI, on its DuckDB backend) on the same files, on the same machine, one after the
// other.
//
//	go run ./bench/peers/splink -bin bin/yidaitong -firms 20000 -records 100000
//
// It makes the files (node/entity/entitytest: 15 % damaged identifiers, firms outside the reference, namesakes, records without identifiers), an
// environment of Python with the versions that requirements.txt pins, runs both, and prints a table in Markdown: time, processor time, peak memory,
// precision, recall, F1 and the share of records about firms outside the reference that were linked. It is no test: nothing fails when it is slow.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the engine

	"github.com/yidaitong/yidaitong/node/entity/entitytest"
	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed link.py
var program []byte

//go:embed requirements.txt
var requirements []byte

func main() {
	var b bench
	flag.StringVar(&b.bin, "bin", "bin/yidaitong", "the built `binary`")
	flag.StringVar(&b.dir, "dir", "", "`folder` of the Python environment and the files, to use and keep (default: a temporary one)")
	flag.StringVar(&b.names, "names", "", "gzip `file` of trade names, one on a line, to make firms' names of (default: combined characters)")
	flag.IntVar(&b.options.Firms, "firms", 20000, "`number` of firms in the reference")
	flag.IntVar(&b.options.Records, "records", 100000, "`number` of records")
	flag.Int64Var(&b.options.Seed, "seed", 7, "`number` that decides everything random")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	bin, dir, names string
	options         entitytest.Options
}

func (b *bench) run(ctx context.Context) error {
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "splink")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		b.dir = dir
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	python, err := b.environment(ctx)
	if err != nil {
		return err
	}
	b.options.Damage, b.options.Bare, b.options.Outside = 0.15, 0.08, 0.1
	if b.names != "" {
		if b.options.Trades, err = readNames(b.names); err != nil {
			return err
		}
	}
	files, err := entitytest.Write(ctx, b.dir, b.options)
	if err != nil {
		return err
	}
	fmt.Printf("%d firms, %d records, %d %s cores, %s\n\n", b.options.Firms, b.options.Records, runtime.NumCPU(), runtime.GOARCH, time.Now().Format(time.DateOnly))
	fmt.Println("| program | seconds | processor seconds | peak MB | precision | recall | F1 | outside linked |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, peer := range []struct {
		name    string
		command []string
	}{
		{"yidaitong", []string{b.bin, "entity", "match", "--reference", files.Reference, "--records", files.Records, "--out"}},
		{"Splink", []string{python, filepath.Join(b.dir, "link.py"), files.Reference, files.Records}},
	} {
		out := filepath.Join(b.dir, peer.name+".csv")
		c, err := measure(ctx, append(peer.command, out))
		if err != nil {
			return fmt.Errorf("%s: %w", peer.name, err)
		}
		j, err := judge(ctx, files.Truth, out)
		if err != nil {
			return fmt.Errorf("judge %s: %w", peer.name, err)
		}
		fmt.Printf("| %s | %.1f | %.1f | %d | %.5f | %.5f | %.5f | %.4f |\n", peer.name, c.seconds, c.processor, c.peakMB, j.precision, j.recall, j.f1(), j.outside)
	}
	return nil
}

// environment makes the Python environment in dir, once, and returns its interpreter.
func (b *bench) environment(ctx context.Context) (string, error) {
	venv := filepath.Join(b.dir, "venv")
	python := filepath.Join(venv, "bin", "python")
	pinned := filepath.Join(b.dir, "requirements.txt")
	if err := os.WriteFile(filepath.Join(b.dir, "link.py"), program, 0o600); err != nil {
		return "", err
	}
	if before, err := os.ReadFile(pinned); err == nil && string(before) == string(requirements) {
		return python, nil
	}
	for _, command := range [][]string{{"python3", "-m", "venv", venv}, {python, "-m", "pip", "install", "--quiet", "-r", "/dev/stdin"}} {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdin, cmd.Stderr = strings.NewReader(string(requirements)), os.Stderr
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("make the Python environment (%s): %w", strings.Join(command, " "), err)
		}
	}
	return python, os.WriteFile(pinned, requirements, 0o600)
}

func readNames(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var names []string
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			names = append(names, name)
		}
	}
	return names, lines.Err()
}

type cost struct {
	seconds, processor float64
	peakMB             int64
}

func measure(ctx context.Context, command []string) (cost, error) {
	started := time.Now()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return cost{}, err
	}
	c := cost{seconds: time.Since(started).Seconds(), processor: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peakMB = usage.Maxrss / 1024
	}
	return c, nil
}

type judgement struct{ precision, recall, outside float64 }

func (j judgement) f1() float64 { return 2 * j.precision * j.recall / (j.precision + j.recall) }

// judge compares links with the truth: pairwise, over all records.
func judge(ctx context.Context, truth, links string) (judgement, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return judgement{}, err
	}
	defer db.Close()
	var j judgement
	err = db.QueryRowContext(ctx, `SELECT count(*) FILTER (l.firm_id = t.firm_id) / count(l.firm_id), count(*) FILTER (l.firm_id = t.firm_id) / count(t.firm_id),
			count(l.firm_id) FILTER (t.firm_id IS NULL) / greatest(count(*) FILTER (t.firm_id IS NULL), 1)
		FROM read_csv(`+lake.Path(truth)+`, all_varchar = true) t JOIN read_csv(`+lake.Path(links)+`, all_varchar = true) l USING (record_id)`).Scan(&j.precision, &j.recall, &j.outside)
	return j, err
}
