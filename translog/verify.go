package translog

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	formats "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Report is what a verified log holds.
type Report struct {
	OK     bool   `json:"ok"`
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	Root   string `json:"root"`
	// Signed says whether the checkpoint's signature was checked, which needs the log's public key.
	Signed bool `json:"signed"`
}

// source is where a log is read from.
type source struct {
	checkpoint client.CheckpointFetcherFunc
	tile       client.TileFetcherFunc
	bundle     client.EntryBundleFetcherFunc
}

func dirSource(dir string) source {
	f := client.FileFetcher{Root: dir}
	return source{f.ReadCheckpoint, f.ReadTile, f.ReadEntryBundle}
}

func urlSource(address string) (source, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/") + "/")
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return source{}, errors.New("the log's address is no http or https URL")
	}
	f, err := client.NewHTTPFetcher(u, &http.Client{Timeout: 30 * time.Second})
	if err != nil {
		return source{}, fmt.Errorf("the log's address: %w", err)
	}
	return source{f.ReadCheckpoint, f.ReadTile, f.ReadEntryBundle}, nil
}

// VerifyDir computes the whole tree of the log in dir again, from its entries, and compares it with every tile and with the checkpoint. The
// error names the first place that does not fit. An empty origin accepts any; without a verifier the signature is not checked.
func VerifyDir(ctx context.Context, dir, origin string, v note.Verifier) (Report, error) {
	if _, err := os.Stat(dir); err != nil {
		return Report{}, fmt.Errorf("read the log: %w", err)
	}
	return verify(ctx, dirSource(dir), origin, v)
}

// VerifyURL is VerifyDir for a log that is served over HTTP.
func VerifyURL(ctx context.Context, address, origin string, v note.Verifier) (Report, error) {
	s, err := urlSource(address)
	if err != nil {
		return Report{}, err
	}
	return verify(ctx, s, origin, v)
}

const readers = 4

func verify(ctx context.Context, s source, origin string, v note.Verifier) (Report, error) {
	text, err := s.checkpoint(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the checkpoint: %w", err)
	}
	cp, err := parseCheckpoint(text, origin, v)
	if err != nil {
		return Report{}, err
	}
	t := &tree{ctx: ctx, source: s, size: cp.Size, all: (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)}
	size := func(context.Context) (uint64, error) { return cp.Size, nil }
	for b, err := range client.EntryBundles(ctx, readers, size, s.bundle, 0, cp.Size) {
		if err != nil {
			return Report{}, fmt.Errorf("read the entries after leaf %d: %w", t.all.End(), err)
		}
		if err := t.addBundle(b.RangeInfo, b.Data); err != nil {
			return Report{}, err
		}
		if t.all.End() == cp.Size {
			break
		}
	}
	if t.all.End() != cp.Size {
		return Report{}, fmt.Errorf("the log is truncated: its checkpoint speaks of %d leaves, its entries end after %d", cp.Size, t.all.End())
	}
	if err := t.checkRest(); err != nil {
		return Report{}, err
	}
	root := rfc6962.DefaultHasher.EmptyRoot()
	if cp.Size > 0 {
		if root, err = t.all.GetRootHash(nil); err != nil {
			return Report{}, fmt.Errorf("compute the root: %w", err)
		}
	}
	if !bytes.Equal(root, cp.Hash) {
		return Report{}, fmt.Errorf("the checkpoint of %d leaves has the root %s, but its entries give %s: it belongs to another history of this log",
			cp.Size, base64.StdEncoding.EncodeToString(cp.Hash), base64.StdEncoding.EncodeToString(root))
	}
	return Report{OK: true, Origin: cp.Origin, Size: cp.Size, Root: base64.StdEncoding.EncodeToString(root), Signed: v != nil}, nil
}

// parseCheckpoint reads a checkpoint and checks its signature when there is a verifier.
func parseCheckpoint(text []byte, origin string, v note.Verifier) (formats.Checkpoint, error) {
	var cp formats.Checkpoint
	if _, err := cp.Unmarshal(text); err != nil {
		return cp, errors.New("the checkpoint cannot be read")
	}
	if origin != "" && cp.Origin != origin {
		return cp, fmt.Errorf("the checkpoint is of the log %q, not of %q", cp.Origin, origin)
	}
	if v == nil {
		return cp, nil
	}
	if v.Name() != cp.Origin {
		return cp, fmt.Errorf("the key is of the log %q, the checkpoint of %q", v.Name(), cp.Origin)
	}
	if _, err := note.Open(text, note.VerifierList(v)); err != nil {
		return cp, fmt.Errorf("the checkpoint of %d leaves is not signed by the log's key", cp.Size)
	}
	return cp, nil
}

// tree grows with the entries and compares each tile, when it is complete, with the stored one.
type tree struct {
	ctx    context.Context
	source source
	size   uint64
	all    *compact.Range
	levels []level
}

// level is the tile of a level that is being filled.
type level struct {
	index uint64
	nodes [][]byte
}

func (t *tree) addBundle(info layout.RangeInfo, data []byte) error {
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(data); err != nil {
		return fmt.Errorf("the entry bundle %s is damaged", layout.EntriesPath(info.Index, info.Partial))
	}
	if uint(len(bundle.Entries)) < info.First+info.N {
		return fmt.Errorf("the entry bundle %s is truncated: it holds %d entries of %d", layout.EntriesPath(info.Index, info.Partial),
			len(bundle.Entries), info.First+info.N)
	}
	for _, text := range bundle.Entries[info.First : info.First+info.N] {
		if _, err := ParseLeaf(text); err != nil {
			return fmt.Errorf("leaf %d in %s: %w", t.all.End(), layout.EntriesPath(info.Index, info.Partial), err)
		}
		hash := rfc6962.DefaultHasher.HashLeaf(text)
		if err := t.all.Append(hash, nil); err != nil {
			return fmt.Errorf("leaf %d: %w", t.all.End(), err)
		}
		if err := t.addNode(0, hash); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) addNode(at int, hash []byte) error {
	if at == len(t.levels) {
		t.levels = append(t.levels, level{})
	}
	l := &t.levels[at]
	l.nodes = append(l.nodes, hash)
	if len(l.nodes) < layout.TileWidth {
		return nil
	}
	if err := t.compare(at); err != nil {
		return err
	}
	sub := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, n := range l.nodes {
		if err := sub.Append(n, nil); err != nil {
			return err
		}
	}
	root, err := sub.GetRootHash(nil)
	if err != nil {
		return err
	}
	l.index, l.nodes = l.index+1, nil
	return t.addNode(at+1, root)
}

// checkRest compares the tiles at the right edge, which are not full.
func (t *tree) checkRest() error {
	for at := range t.levels {
		if len(t.levels[at].nodes) == 0 {
			continue
		}
		if err := t.compare(at); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) compare(at int) error {
	l := t.levels[at]
	partial := layout.PartialTileSize(uint64(at), l.index, t.size)
	path := layout.TilePath(uint64(at), l.index, partial)
	stored, err := t.source.tile(t.ctx, uint64(at), l.index, partial)
	if err != nil {
		return fmt.Errorf("read the tile %s: %w", path, err)
	}
	var tile api.HashTile
	if err := tile.UnmarshalText(stored); err != nil || len(tile.Nodes) < len(l.nodes) {
		return fmt.Errorf("the tile %s is truncated or damaged", path)
	}
	for i, n := range l.nodes {
		if bytes.Equal(n, tile.Nodes[i]) {
			continue
		}
		if at == 0 {
			return fmt.Errorf("leaf %d does not fit the tile %s: the entry or the tile was changed", l.index*layout.TileWidth+uint64(i), path)
		}
		return fmt.Errorf("node %d of the tile %s does not fit the leaves below it", i, path)
	}
	return nil
}

// VerifyProof checks that a leaf stands in the log that v is the key of, and returns the leaf.
func VerifyProof(p *borderv1.LogProof, v note.Verifier) (Leaf, error) {
	leaf, _, err := verifyProof(p, v)
	return leaf, err
}

func verifyProof(p *borderv1.LogProof, v note.Verifier) (Leaf, formats.Checkpoint, error) {
	var cp formats.Checkpoint
	if p == nil {
		return Leaf{}, cp, errors.New("there is no log proof")
	}
	if v == nil {
		return Leaf{}, cp, errors.New("the log's key is not known")
	}
	leaf, err := ParseLeaf(p.GetLeaf())
	if err != nil {
		return Leaf{}, cp, fmt.Errorf("log proof: %w", err)
	}
	if p.GetOrigin() != v.Name() {
		return Leaf{}, cp, errors.New("log proof: it is of another log")
	}
	if cp, err = parseCheckpoint(p.GetCheckpoint(), p.GetOrigin(), v); err != nil {
		return Leaf{}, cp, fmt.Errorf("log proof: %w", err)
	}
	// Nothing but the three lines and one signature: a proof is no place for more.
	signed, err := note.Open(p.GetCheckpoint(), note.VerifierList(v))
	if err != nil || len(signed.Sigs) != 1 || len(signed.UnverifiedSigs) != 0 || signed.Text != string(cp.Marshal()) {
		return Leaf{}, cp, errors.New("log proof: the checkpoint holds more than a log's name, size, root and signature")
	}
	err = proof.VerifyInclusion(rfc6962.DefaultHasher, p.GetLeafIndex(), cp.Size, rfc6962.DefaultHasher.HashLeaf(p.GetLeaf()), p.GetInclusion(), cp.Hash)
	if err != nil {
		return Leaf{}, cp, fmt.Errorf("log proof: leaf %d does not stand in the tree of %d leaves", p.GetLeafIndex(), cp.Size)
	}
	return leaf, cp, nil
}

// VerifyEnvelope checks that an envelope's own log proof stands for this envelope.
func VerifyEnvelope(e *borderv1.Envelope, v note.Verifier) (Leaf, error) {
	leaf, err := VerifyProof(e.GetLogProof(), v)
	if err != nil {
		return Leaf{}, err
	}
	if leaf.ID != e.GetId() || leaf.Kind != KindOf(e.GetKind()) || leaf.Commitment != CommitEnvelope(e) {
		return Leaf{}, fmt.Errorf("log proof: leaf %d stands for something else", e.GetLogProof().GetLeafIndex())
	}
	return leaf, nil
}

// VerifyAgainstDir checks a proof, and that the log in dir has the same history: a log that shows one tree to a bank and another to
// the public is found out here.
func VerifyAgainstDir(ctx context.Context, dir string, p *borderv1.LogProof, v note.Verifier) (Leaf, error) {
	leaf, cp, err := verifyProof(p, v)
	if err != nil {
		return Leaf{}, err
	}
	root, err := rootOf(ctx, dirSource(dir).tile, cp.Size)
	if err != nil {
		return Leaf{}, err
	}
	if !bytes.Equal(root, cp.Hash) {
		return Leaf{}, fmt.Errorf("the log has another history than the proof: its tree of %d leaves has another root", cp.Size)
	}
	return leaf, nil
}
