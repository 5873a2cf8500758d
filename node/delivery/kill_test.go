package delivery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

// loadAndExit is what the killed process does: open the lake and load.
func loadAndExit(dir string, paths []string) int {
	ctx := context.Background()
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		return fail(err)
	}
	l, err := lake.Open(ctx, dir, lake.Options{})
	if err != nil {
		return fail(err)
	}
	if err := delivery.Prepare(ctx, l, contracts); err != nil {
		return fail(err)
	}
	if _, err := delivery.Load(ctx, l, contracts, paths, delivery.LoadOptions{Clock: func() time.Time { return today }}); err != nil {
		return fail(err)
	}
	if err := l.Close(); err != nil {
		return fail(err)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// smallCity writes deliveries of several catalogues, with repetitions, corrections and rows to keep back, in several formats.
func smallCity(t *testing.T, rows int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(path, content string) {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for quarter := 1; quarter <= 3; quarter++ {
		day := fmt.Sprintf("2024%02d10", quarter*3+1)
		var payments, insured, judgments, power strings.Builder
		payments.WriteString(paymentHeader)
		insured.WriteString("社会信用代码,单位名称,缴费月份,参保人数,应缴金额,实缴金额\n")
		power.WriteString("户号,户名,用电月份,用电量,电费\n")
		for i := range rows {
			firm := fmt.Sprintf("91341500%010d", i%97)
			amount := i * quarter
			if i%50 == 0 {
				amount = i // the same row in every quarter: a repetition
			}
			fmt.Fprintf(&payments, "%s,甲公司,%d-%02d,税种%d,%d.00,2024-04-05\n", firm, 2023, i%12+1, i, amount)
			fmt.Fprintf(&insured, "%s,甲公司,2024%02d,%d,%d,%d\n", firm, i%12+1, i-1, i, i)
			fmt.Fprintf(&judgments, `{"案号":"%d","当事人名称":"甲公司","诉讼地位":"被告","裁判日期":"2024-%02d-05"}`+"\n", i, i%14+1)
			fmt.Fprintf(&power, "%d,\"乙,公司\",2024年%d月,%d,%d\n", i, i%12+1, i, i)
		}
		write("tax/tax_payment_"+day+".csv", payments.String())
		write("human_resources/social_insurance_"+day+".csv", gb18030(t, insured.String()))
		write("court/judgment_"+day+".jsonl", judgments.String())
		write("utilities/electricity_"+day+".csv.gz", gzipped(t, power.String()))
	}
	return dir
}

// A load that is killed at any instant and run again leaves what an undisturbed one leaves.
func TestAKilledLoadIsCompleted(t *testing.T) {
	files := smallCity(t, 1000)
	undisturbed := newHouse(t)
	started := time.Now()
	report := undisturbed.load(files)
	took := time.Since(started)
	if report.Landed == 0 || report.Quarantined == 0 || report.Duplicates == 0 {
		t.Fatalf("the deliveries do not try everything: %+v", report)
	}
	want := undisturbed.state()
	random := rand.New(rand.NewPCG(1, uint64(took)))
	h := newHouse(t)
	for range 10 {
		h.close()
		if err := os.RemoveAll(h.dir); err != nil {
			t.Fatal(err)
		}
		killed := 0
		for range 3 {
			if killLoad(t, h.dir, files, time.Duration(random.Int64N(int64(took+300*time.Millisecond)))) {
				killed++
			}
		}
		h.open()
		h.mustHold()
		h.load(files)
		if got := h.state(); got != want {
			t.Fatalf("after %d kills the state differs: %s", killed, firstDifference(want, got))
		}
		h.mustHold()
	}
}

// killLoad starts a load in a process of its own and kills it after a while; it reports false when the load had ended before.
func killLoad(t *testing.T, dir, files string, after time.Duration) bool {
	t.Helper()
	command := exec.Command(os.Args[0], files)
	command.Env = append(os.Environ(), loadFor+"="+dir)
	var said strings.Builder
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = command.Process.Kill() })
	err := command.Wait()
	stopped := timer.Stop()
	if stopped && err != nil {
		t.Fatalf("the load failed by itself: %v %s", err, said.String())
	}
	return err != nil
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}
