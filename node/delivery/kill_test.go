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
	"testing/fstest"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

// loadAndExit is what the killed process does: open the lake, say so, load one folder after the other, replay the quarantine under a corrected contract, and merge segments.
func loadAndExit(dir string, paths []string) int {
	ctx := context.Background()
	h := busyHouse{dir: dir}
	if err := h.open(ctx); err != nil {
		return fail(err)
	}
	fmt.Println("open")
	if err := h.work(ctx, paths); err != nil {
		return fail(err)
	}
	if err := h.lake.Close(); err != nil {
		return fail(err)
	}
	return 0
}

// busyHouse is a lake with few catalogues, so that it is quickly opened. It loads under the contracts of the tree and replays under a corrected one.
type busyHouse struct {
	dir             string
	lake            *lake.Lake
	strict, lenient *catalog.Catalogs
}

func (h *busyHouse) open(ctx context.Context) error {
	few := fstest.MapFS{}
	for _, file := range []string{"tax/tax_payment.yaml", "human_resources/social_insurance.yaml", "court/judgment.yaml", "utilities/electricity.yaml"} {
		text, err := catalogs.FS.ReadFile(file)
		if err != nil {
			return err
		}
		few[file] = &fstest.MapFile{Data: text}
	}
	var err error
	if h.strict, err = catalog.Load(few); err != nil {
		return err
	}
	text := strings.NewReplacer("version: 1.0.0", "version: 1.1.0", `minimum: "2000-01-01"`, `minimum: "1950-01-01"`).Replace(string(few["tax/tax_payment.yaml"].Data))
	if h.lenient, err = h.strict.Overlay(fstest.MapFS{"tax/tax_payment.yaml": {Data: []byte(text)}}); err != nil {
		return err
	}
	if h.lake, err = lake.Open(ctx, h.dir, lake.Options{}); err != nil {
		return err
	}
	return delivery.Prepare(ctx, h.lake, h.lenient)
}

func (h *busyHouse) work(ctx context.Context, paths []string) error {
	clock := func() time.Time { return today }
	for _, path := range paths {
		if _, err := delivery.Load(ctx, h.lake, h.strict, []string{path}, delivery.LoadOptions{Clock: clock}); err != nil {
			return err
		}
	}
	if _, err := delivery.Replay(ctx, h.lake, h.lenient, delivery.Only{}, clock); err != nil {
		return err
	}
	_, err := delivery.Compact(ctx, h.lake, h.lenient)
	return err
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

// busyCity is some sixty deliveries that try everything: the small city, and payments with withdrawals, deliveries of the whole, deletions, archives,
// copies of earlier files and rows that hold only under the corrected contract. They lie in two folders, the second with days before the first's last.
func busyCity(t *testing.T) []string {
	t.Helper()
	folders := []string{smallCity(t, 60), filepath.Join(t.TempDir(), "late")}
	if err := os.MkdirAll(filepath.Join(folders[1], "tax"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 45 {
		name, header := fmt.Sprintf("tax_payment_2025%02d%02d", i/15+1, i%15+1), "操作,"+paymentHeader
		var b strings.Builder
		for j := range 12 {
			month := fmt.Sprintf("2024-%02d", j+1)
			if j%6 == 0 {
				month = fmt.Sprintf("19%02d-%02d", 80+i%15, j+1)
			}
			fmt.Fprintf(&b, "%s,91341500799655058B,甲公司,%s,税种%d,%d,2024-04-05\n", []string{"", "变更", "删除", ""}[(i+j)%4], month, j%5, i/3+j)
		}
		text := header + b.String()
		switch i % 9 {
		case 3:
			name += "_full_.csv"
		case 5:
			name, text = name+"_delete_.csv", "纳税人识别号,税款所属期,税种\n91341500799655058B,2024-02,税种1\n91341500799655058B,,税种1\n"
		case 7:
			text = zipped(t, entry{name + "_a.csv", text}, entry{name + "_b.csv", text + ",91341500799655058B,甲公司,2024-01,其他,1,2024-04-05\n"})
			name += ".zip"
		default:
			name += ".csv"
		}
		if err := os.WriteFile(filepath.Join(folders[i%2], "tax", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folders
}

// A load, with the replay and the merging behind it, that is killed at any instant and run again leaves what an undisturbed one leaves. The two
// hundred instants fall at random into what is still to be done: each lake is killed over and over until it is through.
func TestAKilledLoadIsCompleted(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 20
	}
	files := busyCity(t)
	want, took := undisturbed(t, files)
	random := rand.New(rand.NewPCG(1, uint64(took)))
	for killed, lakes := 0, 0; killed < kills; lakes++ {
		dir := filepath.Join(t.TempDir(), "lake")
		here, through := 0, false
		for here < 8 && !through && killed+here < kills {
			if through = !killLoad(t, dir, files, time.Duration(random.Int64N(int64(took)))); !through {
				here++
			}
		}
		killed += here
		h := busyHouse{dir: dir}
		if err := h.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		half := &house{t: t, lake: h.lake, contracts: h.lenient}
		half.mustHold()
		if err := h.work(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		half.mustHold()
		if got := half.state(); got != want {
			t.Fatalf("lake %d: after %d kills the state differs: %s", lakes, here, firstDifference(want, got))
		}
		half.close()
	}
}

// undisturbed is the state that a load leaves which nothing disturbs, and how long it takes.
func undisturbed(t *testing.T, files []string) (string, time.Duration) {
	t.Helper()
	h := busyHouse{dir: filepath.Join(t.TempDir(), "lake")}
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if err := h.work(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	took := time.Since(started)
	whole := &house{t: t, lake: h.lake, contracts: h.lenient}
	defer whole.close()
	whole.mustHold()
	for what, query := range map[string]string{
		"quarantined": `SELECT count(*) FROM ledger.quarantine`, "duplicate": `SELECT sum(duplicates) FROM ledger.delivery`, "superseded": `SELECT count(*) FROM ledger.superseded`,
		"replayed": `SELECT sum(landed) FROM ledger.replay`, "ended by a deletion": `SELECT count(*) FROM ledger.delivery WHERE kind = 'deletion' AND landed > 0`,
		"in a delivery of the whole": `SELECT sum(landed) FROM ledger.delivery WHERE kind = 'snapshot'`, "from an archive": `SELECT count(*) FROM ledger.delivery WHERE file LIKE '%.zip/%'`,
	} {
		if n := whole.query(query)[0][0]; n == "0" || n == "∅" {
			t.Fatalf("no row is %s: the deliveries do not try everything", what)
		}
	}
	return whole.state(), took
}

// killLoad starts a load in a process of its own and kills it a while after it has opened the lake, a tenth of the times before; it reports false when
// the load had ended by then.
func killLoad(t *testing.T, dir string, files []string, after time.Duration) bool {
	t.Helper()
	command := exec.Command(os.Args[0], files...)
	command.Env = append(os.Environ(), loadFor+"="+dir)
	var said strings.Builder
	command.Stderr = &said
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if after%10 > 0 {
		_, _ = out.Read(make([]byte, len("open\n"))) // it fails when the load does, which Wait tells
	}
	timer := time.AfterFunc(after, func() { _ = command.Process.Kill() })
	err = command.Wait()
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
