package translog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	formats "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/lockfile"
)

// Options of Open; the zero value is right for a server.
type Options struct {
	// BatchAge is how long a leaf waits for others to share its write.
	BatchAge time.Duration
	// Remembered is how many of the newest leaves are known by id, so that a leaf that is appended again after a crash is found.
	Remembered int
}

const (
	defaultBatchAge   = 2 * time.Millisecond
	defaultRemembered = 64 << 10
	batchSize         = 1024
	// checkpointInterval is the shortest that tessera publishes a checkpoint at.
	checkpointInterval = 100 * time.Millisecond
)

// Log is an open log. One process has it open at a time.
type Log struct {
	dir      string
	origin   string
	signer   note.Signer
	appender *tessera.Appender
	reader   tessera.LogReader
	shutdown func(context.Context) error
	stop     context.CancelFunc
	lock     *os.File

	adding sync.WaitGroup // one for each leaf on its way

	mu     sync.Mutex
	closed bool
	known  map[name]*place // of the newest leaves
	order  []name          // oldest first, a ring of the size of remembered
	next   int
	signed signedTree
}

type name struct {
	kind Kind
	id   string
}

// place is where a leaf went; done is closed when index and err are set.
type place struct {
	text  []byte
	done  chan struct{}
	index uint64
	err   error
}

// Entry is a leaf with its place in the log.
type Entry struct {
	Leaf  Leaf
	Index uint64
}

// ErrConflict says that the log holds another leaf of the same kind and id.
var ErrConflict = errors.New("the log holds another leaf of the same kind and id")

// ErrClosed says that the log was closed.
var ErrClosed = errors.New("the log is closed")

// Open opens the log in dir, or makes a new one. origin is the first line of its checkpoints and the name of its key.
func Open(ctx context.Context, dir, origin string, signer note.Signer, o Options) (*Log, error) {
	if signer.Name() != origin {
		return nil, fmt.Errorf("the log's key is named %q, not like its origin %q", signer.Name(), origin)
	}
	if o.BatchAge == 0 {
		o.BatchAge = defaultBatchAge
	}
	if o.Remembered == 0 {
		o.Remembered = defaultRemembered
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	l := &Log{dir: dir, origin: origin, signer: signer, lock: lock, known: map[name]*place{}, order: make([]name, o.Remembered)}
	if err := l.start(ctx, o); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

// quiet turns tessera's own log, which is one per process, to warnings in the program's log.
var quiet sync.Once

func (l *Log) start(ctx context.Context, o Options) error {
	quiet.Do(func() { klog.SetSlogLogger(slog.New(warnings{slog.Default().Handler()})) })
	if err := l.refuseForeign(); err != nil {
		return err
	}
	// The appender's own work goes on until Close, also when ctx ends first.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	driver, err := posix.New(running, posix.Config{Path: l.dir})
	if err != nil {
		stop()
		return fmt.Errorf("open the log in %s: %w", l.dir, err)
	}
	options := tessera.NewAppendOptions().WithCheckpointSigner(l.signer).WithCheckpointInterval(checkpointInterval).
		WithCheckpointRepublishInterval(0).WithBatching(batchSize, o.BatchAge)
	l.appender, l.shutdown, l.reader, err = tessera.NewAppender(running, driver, options)
	if err != nil {
		stop()
		return fmt.Errorf("open the log in %s: %w", l.dir, err)
	}
	if err := l.remember(ctx); err != nil {
		stop()
		return fmt.Errorf("read the newest leaves of the log in %s: %w", l.dir, err)
	}
	return nil
}

// warnings drops what is less than a warning.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// lockFolder keeps a second process away: two appenders would each know only their own leaves.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the log's folder: %w", err)
	}
	f, err := lockfile.Take(filepath.Join(dir, ".lock"))
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, fmt.Errorf("the log in %s is open in another process; stop that one first", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the log: %w", err)
	}
	return f, nil
}

// refuseForeign refuses a folder whose checkpoint another key signed.
func (l *Log) refuseForeign() error {
	text, err := os.ReadFile(filepath.Join(l.dir, layout.CheckpointPath))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the log's checkpoint: %w", err)
	}
	var cp formats.Checkpoint
	if _, err := cp.Unmarshal(text); err != nil || cp.Origin != l.origin {
		return fmt.Errorf("the folder %s holds another log than %s", l.dir, l.origin)
	}
	return nil
}

// remember reads the newest leaves, so that one that is appended again is found.
func (l *Log) remember(ctx context.Context) error {
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return err
	}
	from := uint64(0)
	if n := uint64(len(l.order)); size > n {
		from = size - n
	}
	for bundle := from / layout.EntryBundleWidth; bundle*layout.EntryBundleWidth < size; bundle++ {
		entries, err := client.GetEntryBundle(ctx, l.reader.ReadEntryBundle, bundle, size)
		if err != nil {
			return err
		}
		for i, text := range entries.Entries {
			index := bundle*layout.EntryBundleWidth + uint64(i)
			leaf, err := ParseLeaf(text)
			if err != nil {
				return fmt.Errorf("leaf %d: %w", index, err)
			}
			if index >= from && index < size {
				p := &place{text: text, done: make(chan struct{}), index: index}
				close(p.done)
				l.put(name{leaf.Kind, leaf.ID}, p)
			}
		}
	}
	return nil
}

func (l *Log) put(n name, p *place) {
	delete(l.known, l.order[l.next])
	l.order[l.next], l.known[n] = n, p
	l.next = (l.next + 1) % len(l.order)
}

// Origin is the log's name.
func (l *Log) Origin() string { return l.origin }

// Append adds a leaf and returns when it is durable and integrated. The same leaf again (byte for byte, as after a crash) returns its
// first place; another leaf of the same kind and id is ErrConflict.
func (l *Log) Append(ctx context.Context, leaf Leaf) (Entry, error) {
	entries, err := l.AppendAll(ctx, leaf)
	if err != nil {
		return Entry{}, err
	}
	return entries[0], nil
}

// AppendAll is Append for several leaves that share one write.
func (l *Log) AppendAll(ctx context.Context, leaves ...Leaf) ([]Entry, error) {
	places := make([]*place, len(leaves))
	for i, leaf := range leaves {
		if err := leaf.check(); err != nil {
			return nil, err
		}
		p, err := l.add(leaf)
		if err != nil {
			return nil, err
		}
		places[i] = p
	}
	entries := make([]Entry, len(leaves))
	for i, p := range places {
		select {
		case <-p.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if p.err != nil {
			return nil, fmt.Errorf("append to the log: %w", p.err)
		}
		entries[i] = Entry{Leaf: leaves[i], Index: p.index}
	}
	return entries, nil
}

// add queues a leaf, or finds the place that it has.
func (l *Log) add(leaf Leaf) (*place, error) {
	n, text := name{leaf.Kind, leaf.ID}, leaf.Marshal()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	if p, ok := l.known[n]; ok {
		if !bytes.Equal(p.text, text) {
			return nil, ErrConflict
		}
		return p, nil
	}
	p := &place{text: text, done: make(chan struct{})}
	l.put(n, p)
	// The write is not the caller's alone: it goes on when the caller gives up.
	future := l.appender.Add(context.Background(), tessera.NewEntry(text))
	l.adding.Go(func() {
		index, err := future()
		p.index, p.err = index.Index, err
		if err != nil {
			l.forget(n, p)
		}
		close(p.done)
	})
	return p, nil
}

// forget lets a leaf that failed be appended again.
func (l *Log) forget(n name, p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[n] == p {
		delete(l.known, n)
	}
}

// signedTree is the last tree that this process signed for a proof.
type signedTree struct {
	size       uint64
	checkpoint []byte
}

// Prove returns the proof that a leaf stands in the log. Its checkpoint is signed over the tree as it is integrated now; the published
// checkpoint, which follows within 100 ms, covers the same tree or a larger one.
func (l *Log) Prove(ctx context.Context, index uint64) (*borderv1.LogProof, error) {
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	if index >= size {
		return nil, fmt.Errorf("prove leaf %d: the log has %d", index, size)
	}
	checkpoint, err := l.checkpoint(ctx, size)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	return prove(ctx, source{l.reader.ReadCheckpoint, l.reader.ReadTile, l.reader.ReadEntryBundle}, index,
		formats.Checkpoint{Origin: l.origin, Size: size}, checkpoint)
}

// checkpoint signs the tree of a size.
func (l *Log) checkpoint(ctx context.Context, size uint64) ([]byte, error) {
	l.mu.Lock()
	last := l.signed
	l.mu.Unlock()
	if last.size == size {
		return last.checkpoint, nil
	}
	root, err := rootOf(ctx, l.reader.ReadTile, size)
	if err != nil {
		return nil, err
	}
	text := formats.Checkpoint{Origin: l.origin, Size: size, Hash: root}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, l.signer)
	if err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	l.mu.Lock()
	l.signed = signedTree{size, signed}
	l.mu.Unlock()
	return signed, nil
}

// rootOf computes the root of a tree from its tiles.
func rootOf(ctx context.Context, tile client.TileFetcherFunc, size uint64) ([]byte, error) {
	if size == 0 {
		return rfc6962.DefaultHasher.EmptyRoot(), nil
	}
	hashes, err := client.FetchRangeNodes(ctx, size, tile)
	if err != nil {
		return nil, fmt.Errorf("read the tiles of the tree of %d leaves: %w", size, err)
	}
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r, err := factory.NewRange(0, size, hashes)
	if err != nil {
		return nil, fmt.Errorf("join the tiles of the tree of %d leaves: %w", size, err)
	}
	return r.GetRootHash(nil)
}

// Size is the number of leaves that are integrated.
func (l *Log) Size(ctx context.Context) (uint64, error) { return l.reader.IntegratedSize(ctx) }

// Leaf returns the leaf at an index.
func (l *Log) Leaf(ctx context.Context, index uint64) (Leaf, error) {
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return Leaf{}, fmt.Errorf("read leaf %d: %w", index, err)
	}
	if index >= size {
		return Leaf{}, fmt.Errorf("read leaf %d: the log has %d", index, size)
	}
	bundle, err := client.GetEntryBundle(ctx, l.reader.ReadEntryBundle, index/layout.EntryBundleWidth, size)
	if err != nil {
		return Leaf{}, fmt.Errorf("read leaf %d: %w", index, err)
	}
	return ParseLeaf(bundle.Entries[index%layout.EntryBundleWidth])
}

// Close waits until everything that was appended is published, and gives the folder free.
func (l *Log) Close(ctx context.Context) error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	// A leaf on its way when the folder is given free would be one that the next to open it does not know.
	l.adding.Wait()
	err := l.shutdown(ctx)
	l.stop()
	return errors.Join(err, l.lock.Close())
}
