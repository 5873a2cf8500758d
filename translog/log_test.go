package translog

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	formats "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/proto"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

const origin = "yidaitong/node-341500"

type keys struct {
	signer   note.Signer
	verifier note.Verifier
}

func newKeys(t testing.TB) keys {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err1 := note.NewSigner(secret)
	v, err2 := note.NewVerifier(public)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return keys{s, v}
}

func open(t testing.TB, dir string, k keys) *Log {
	t.Helper()
	l, err := Open(context.Background(), dir, origin, k.signer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func leafNumber(t testing.TB, n int) Leaf {
	t.Helper()
	at := time.Date(2026, 10, 15, 9, 0, n%60, 0, time.UTC)
	id, err := border.NewID(at, strings.NewReader(fmt.Sprintf("%010d", n)))
	if err != nil {
		t.Fatal(err)
	}
	return Leaf{Kind: Request, Time: at, ID: id, Commitment: sha256.Sum256([]byte(id))}
}

// filled makes a log of n leaves and closes it.
func filled(t testing.TB, n int) (dir string, k keys) {
	t.Helper()
	dir, k = t.TempDir(), newKeys(t)
	l := open(t, dir, k)
	var leaves []Leaf
	for i := range n {
		leaves = append(leaves, leafNumber(t, i))
	}
	if _, err := l.AppendAll(t.Context(), leaves...); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return dir, k
}

func TestAppendProveVerify(t *testing.T) {
	dir, k := t.TempDir(), newKeys(t)
	l := open(t, dir, k)
	for n := range 20 {
		want := leafNumber(t, n)
		e, err := l.Append(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if e.Index != uint64(n) {
			t.Fatalf("leaf %d went to %d", n, e.Index)
		}
		p, err := l.Prove(t.Context(), e.Index)
		if err != nil {
			t.Fatal(err)
		}
		got, err := VerifyProof(p, k.verifier)
		if err != nil || got != want {
			t.Fatalf("leaf %d: %v, %v; want %v", n, got, err, want)
		}
		if _, err := VerifyAgainstDir(t.Context(), dir, p, k.verifier); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	r, err := VerifyDir(t.Context(), dir, origin, k.verifier)
	if err != nil || !r.OK || r.Size != 20 || !r.Signed {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestTheSameLeafIsAppendedOnce(t *testing.T) {
	dir, k := t.TempDir(), newKeys(t)
	l := open(t, dir, k)
	leaf := leafNumber(t, 1)
	for range 3 {
		if e, err := l.Append(t.Context(), leaf); err != nil || e.Index != 0 {
			t.Fatalf("%v, %v", e, err)
		}
	}
	other := leaf
	other.Commitment[0]++
	if _, err := l.Append(t.Context(), other); !errors.Is(err, ErrConflict) {
		t.Fatalf("another leaf of the same name: %v", err)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	// As after a crash: the caller does not know whether its leaf arrived.
	l = open(t, dir, k)
	defer l.Close(context.Background())
	if e, err := l.Append(t.Context(), leaf); err != nil || e.Index != 0 {
		t.Fatalf("after a restart: %v, %v", e, err)
	}
	if size, err := l.Size(t.Context()); err != nil || size != 1 {
		t.Fatalf("size %d, %v", size, err)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir, k := t.TempDir(), newKeys(t)
	l := open(t, dir, k)
	defer l.Close(context.Background())
	if _, err := Open(t.Context(), dir, origin, k.signer, Options{}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Fatal(err)
	}
}

func TestAnotherLogsFolderIsRefused(t *testing.T) {
	dir, _ := filled(t, 1)
	secret, _, err := note.GenerateKey(rand.Reader, "yidaitong/platform")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, "yidaitong/platform", s, Options{}); err == nil || !strings.Contains(err.Error(), "another log") {
		t.Fatal(err)
	}
}

func TestReader(t *testing.T) {
	dir, k := filled(t, 600)
	r, err := OpenReader(dir, k.verifier)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := r.Checkpoint(t.Context())
	if err != nil || cp.Size != 600 {
		t.Fatalf("%+v, %v", cp, err)
	}
	lines, err := r.Entries(t.Context(), 250, 300)
	if err != nil || len(lines) != 300 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, line := range lines {
		if want := leafNumber(t, 250+i); line.Index != uint64(250+i) || line.Leaf != want {
			t.Fatalf("line %d: %v", i, line)
		}
	}
	if lines, err = r.Entries(t.Context(), 590, 300); err != nil || len(lines) != 10 {
		t.Fatalf("the end: %d lines, %v", len(lines), err)
	}
	p, err := r.Prove(t.Context(), 511)
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err := VerifyProof(p, k.verifier); err != nil || leaf != leafNumber(t, 511) {
		t.Fatalf("%v, %v", leaf, err)
	}
	other, err := OpenReader(dir, newKeys(t).verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Checkpoint(t.Context()); err == nil {
		t.Error("a checkpoint of another key was believed")
	}
}

func TestVerifyURL(t *testing.T) {
	dir, k := filled(t, 600)
	server := httptest.NewServer(Handler(dir))
	defer server.Close()
	r, err := VerifyURL(t.Context(), server.URL, origin, k.verifier)
	if err != nil || r.Size != 600 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, path := range []string{"/.state/treeState", "/.lock", "/tile/../.lock", "/", "/tile", "/tile/0/x000", "/tile/0/000.p/"} {
		res, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 404 {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
}

// TestTampering changes a verified log in one place at a time; each is found and named.
func TestTampering(t *testing.T) {
	flip := func(t *testing.T, path string, at int) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[at] ^= 1
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leafLength := len(leafNumber(t, 0).Marshal()) + 2
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string, k keys)
		want   string
	}{
		{"an entry is rewritten", func(t *testing.T, dir string, k keys) {
			path := filepath.Join(dir, "tile/entries/001")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			forged := leafNumber(t, 999_999)
			copy(data[2*leafLength+2:], forged.Marshal())
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "leaf 258 does not fit the tile tile/0/001"},
		{"an entry is garbage", func(t *testing.T, dir string, k keys) {
			flip(t, filepath.Join(dir, "tile/entries/000"), 5*leafLength+3)
		}, "leaf 5 in tile/entries/000: a leaf is not"},
		{"one bit of a bottom tile", func(t *testing.T, dir string, k keys) { flip(t, filepath.Join(dir, "tile/0/000"), 32*7) },
			"leaf 7 does not fit the tile tile/0/000"},
		{"one bit of an upper tile", func(t *testing.T, dir string, k keys) { flip(t, filepath.Join(dir, "tile/1/000.p/2"), 40) },
			"node 1 of the tile tile/1/000.p/2 does not fit"},
		{"the last entries are cut off", func(t *testing.T, dir string, k keys) {
			path := filepath.Join(dir, "tile/entries/002.p/88")
			if err := os.Truncate(path, int64(leafLength*10)); err != nil {
				t.Fatal(err)
			}
		}, "the entry bundle tile/entries/002.p/88 is truncated: it holds 10 entries of 88"},
		{"a bundle is gone", func(t *testing.T, dir string, k keys) {
			if err := os.Remove(filepath.Join(dir, "tile/entries/001")); err != nil {
				t.Fatal(err)
			}
		}, "read the entries after leaf 256"},
		{"a tile is gone", func(t *testing.T, dir string, k keys) {
			if err := os.Remove(filepath.Join(dir, "tile/0/001")); err != nil {
				t.Fatal(err)
			}
		}, "read the tile tile/0/001"},
		{"the checkpoint is forked", func(t *testing.T, dir string, k keys) {
			other, _ := filled(t, 601)
			cp := checkpointOf(t, other)
			cp.Size = 600
			sign(t, dir, cp, k)
		}, "it belongs to another history"},
		{"the checkpoint claims more leaves", func(t *testing.T, dir string, k keys) {
			cp := checkpointOf(t, dir)
			cp.Size = 700
			sign(t, dir, cp, k)
		}, "read the entries after leaf 512"},
		{"the checkpoint is signed by another key", func(t *testing.T, dir string, k keys) {
			sign(t, dir, checkpointOf(t, dir), newKeys(t))
		}, "is not signed by the log's key"},
		{"the checkpoint is of another log", func(t *testing.T, dir string, k keys) {
			cp := checkpointOf(t, dir)
			cp.Origin = "yidaitong/platform"
			sign(t, dir, cp, k)
		}, `not of "yidaitong/node-341500"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, k := filled(t, 600)
			if _, err := VerifyDir(t.Context(), dir, origin, k.verifier); err != nil {
				t.Fatalf("before: %v", err)
			}
			c.change(t, dir, k)
			r, err := VerifyDir(t.Context(), dir, origin, k.verifier)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%+v, %v; want %q", r, err, c.want)
			}
		})
	}
}

func checkpointOf(t *testing.T, dir string) formats.Checkpoint {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	var cp formats.Checkpoint
	if _, err := cp.Unmarshal(text); err != nil {
		t.Fatal(err)
	}
	return cp
}

func sign(t *testing.T, dir string, cp formats.Checkpoint, k keys) {
	t.Helper()
	text, err := note.Sign(&note.Note{Text: string(cp.Marshal())}, k.signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "checkpoint"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAProofOfAnotherHistoryIsFound: the log signs one tree for the bank and shows another to the public.
func TestAProofOfAnotherHistoryIsFound(t *testing.T) {
	k := newKeys(t)
	shown, hidden := t.TempDir(), t.TempDir()
	for dir, offset := range map[string]int{shown: 0, hidden: 100} {
		l := open(t, dir, k)
		for i := range 5 {
			if _, err := l.Append(t.Context(), leafNumber(t, offset+i)); err != nil {
				t.Fatal(err)
			}
		}
		if dir == hidden {
			p, err := l.Prove(t.Context(), 3)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if _, err := VerifyAgainstDir(context.Background(), shown, p, k.verifier); err == nil || !strings.Contains(err.Error(), "another history") {
					t.Error(err)
				}
			}()
		}
		if err := l.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAForgedProofIsRefused(t *testing.T) {
	dir, k := t.TempDir(), newKeys(t)
	l := open(t, dir, k)
	defer l.Close(context.Background())
	for i := range 9 {
		if _, err := l.Append(t.Context(), leafNumber(t, i)); err != nil {
			t.Fatal(err)
		}
	}
	good, err := l.Prove(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(p *borderv1.LogProof){
		"another leaf":      func(p *borderv1.LogProof) { p.Leaf = leafNumber(t, 5).Marshal() },
		"another index":     func(p *borderv1.LogProof) { p.LeafIndex = 5 },
		"another hash":      func(p *borderv1.LogProof) { p.Inclusion[0][3] ^= 1 },
		"a hash less":       func(p *borderv1.LogProof) { p.Inclusion = p.Inclusion[1:] },
		"another log":       func(p *borderv1.LogProof) { p.Origin = "yidaitong/platform" },
		"no checkpoint":     func(p *borderv1.LogProof) { p.Checkpoint = nil },
		"a bit of the root": func(p *borderv1.LogProof) { p.Checkpoint[len(origin)+5] ^= 1 },
		"a message below":   func(p *borderv1.LogProof) { p.Checkpoint = append(p.Checkpoint, "— hello AAAA\n"...) },
		"a field in a leaf": func(p *borderv1.LogProof) { p.Leaf = append([]byte(`{"name":"x",`), p.Leaf[1:]...) },
	} {
		p := proto.CloneOf(good)
		change(p)
		if _, err := VerifyProof(p, k.verifier); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := VerifyProof(good, newKeys(t).verifier); err == nil {
		t.Error("another key of the same name: accepted")
	}
	if _, err := VerifyProof(nil, k.verifier); err == nil {
		t.Error("nothing: accepted")
	}
}

// BenchmarkAppendAndProve is what an answer waits for at idle: two leaves in one write, and the proof of one.
func BenchmarkAppendAndProve(b *testing.B) {
	dir, k := b.TempDir(), newKeys(b)
	l := open(b, dir, k)
	defer l.Close(context.Background())
	var took []time.Duration
	for i := range b.N {
		time.Sleep(time.Duration(i%7) * 5 * time.Millisecond)
		start := time.Now()
		entries, err := l.AppendAll(b.Context(), leafNumber(b, 2*i), leafNumber(b, 2*i+1))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.Prove(b.Context(), entries[1].Index); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// BenchmarkAppendTogether is how many leaves a second go in when many wait at once.
func BenchmarkAppendTogether(b *testing.B) {
	dir, k := b.TempDir(), newKeys(b)
	l := open(b, dir, k)
	defer l.Close(context.Background())
	leaves := make([]Leaf, b.N)
	for i := range leaves {
		leaves[i] = leafNumber(b, i)
	}
	b.ResetTimer()
	if _, err := l.AppendAll(b.Context(), leaves...); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(leafNumber(f, 1).Marshal())
	f.Add([]byte(`{"v":1,"kind":"grant","time":"2026-10-15T09:00:00Z","id":"","commitment":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if leaf, err := ParseLeaf(text); err == nil && string(leaf.Marshal()) != string(text) {
			t.Errorf("accepted %q, which is not canonical", text)
		}
	})
}
