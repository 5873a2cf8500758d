package store

import (
	"io"
	"sync"
	"time"

	"github.com/yidaitong/yidaitong/border"
)

// ids makes ULIDs that rise within one process, also within one millisecond and when the clock steps back.
type ids struct {
	rand io.Reader
	mu   sync.Mutex
	ms   uint64
	tail [10]byte
}

func (g *ids) next(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ms := uint64(now.UnixMilli()); ms > g.ms {
		g.ms = ms
		if _, err := io.ReadFull(g.rand, g.tail[:]); err != nil {
			panic("store: no randomness: " + err.Error())
		}
		g.tail[0] &= 0x7f // room to count up
	} else {
		for i := len(g.tail) - 1; i >= 0; i-- {
			if g.tail[i]++; g.tail[i] != 0 {
				break
			}
		}
	}
	return border.ULID(g.ms, g.tail)
}
