package translog

import (
	"context"
	"fmt"
	"os"

	formats "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Reader reads a log that another process writes.
type Reader struct {
	source   source
	verifier note.Verifier
}

// Checkpoint is a log's newest published state, with its signature verified.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   []byte
	Raw    []byte
}

// Line is a leaf as it stands in the log.
type Line struct {
	Index uint64
	Leaf  Leaf
	Raw   []byte
}

// OpenReader reads the log in dir, whose public key v is.
func OpenReader(dir string, v note.Verifier) (*Reader, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return &Reader{source: dirSource(dir), verifier: v}, nil
}

// Checkpoint returns the newest published state.
func (r *Reader) Checkpoint(ctx context.Context) (Checkpoint, error) {
	cp, raw, err := r.checkpoint(ctx)
	return Checkpoint{Origin: cp.Origin, Size: cp.Size, Root: cp.Hash, Raw: raw}, err
}

func (r *Reader) checkpoint(ctx context.Context) (formats.Checkpoint, []byte, error) {
	raw, err := r.source.checkpoint(ctx)
	if err != nil {
		return formats.Checkpoint{}, nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	cp, err := parseCheckpoint(raw, r.verifier.Name(), r.verifier)
	return cp, raw, err
}

// Entries returns up to n leaves from an index on, as far as they are published.
func (r *Reader) Entries(ctx context.Context, from, n uint64) ([]Line, error) {
	cp, _, err := r.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for at := from; at < cp.Size && at-from < n; {
		bundle, err := client.GetEntryBundle(ctx, r.source.bundle, at/layout.EntryBundleWidth, cp.Size)
		if err != nil {
			return nil, fmt.Errorf("read leaf %d: %w", at, err)
		}
		for i := at % layout.EntryBundleWidth; i < uint64(len(bundle.Entries)) && at < cp.Size && at-from < n; i++ {
			leaf, err := ParseLeaf(bundle.Entries[i])
			if err != nil {
				return nil, fmt.Errorf("leaf %d: %w", at, err)
			}
			lines = append(lines, Line{Index: at, Leaf: leaf, Raw: bundle.Entries[i]})
			at++
		}
	}
	return lines, nil
}

// Prove returns the proof of a leaf against the newest published checkpoint.
func (r *Reader) Prove(ctx context.Context, index uint64) (*borderv1.LogProof, error) {
	cp, raw, err := r.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if index >= cp.Size {
		return nil, fmt.Errorf("prove leaf %d: the log has published %d", index, cp.Size)
	}
	return prove(ctx, r.source, index, cp, raw)
}

// prove makes the proof of a leaf in the tree of a checkpoint.
func prove(ctx context.Context, s source, index uint64, cp formats.Checkpoint, raw []byte) (*borderv1.LogProof, error) {
	builder, err := client.NewProofBuilder(ctx, cp.Size, s.tile)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	inclusion, err := builder.InclusionProof(ctx, index)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	bundle, err := client.GetEntryBundle(ctx, s.bundle, index/layout.EntryBundleWidth, cp.Size)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", index, err)
	}
	at := index % layout.EntryBundleWidth
	if at >= uint64(len(bundle.Entries)) {
		return nil, fmt.Errorf("prove leaf %d: the entry bundle is truncated", index)
	}
	return &borderv1.LogProof{Origin: cp.Origin, LeafIndex: index, Leaf: bundle.Entries[at], Inclusion: inclusion, Checkpoint: raw}, nil
}
