package store

import (
	"encoding/binary"
	"io"
	"sync"
	"time"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

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
	return ulid(g.ms, g.tail)
}

func ulid(ms uint64, tail [10]byte) string {
	var out [26]byte
	for i := 9; i >= 0; i-- {
		out[i] = crockford[ms&31]
		ms >>= 5
	}
	high := uint64(tail[0])<<32 | uint64(binary.BigEndian.Uint32(tail[1:5]))
	low := uint64(tail[5])<<32 | uint64(binary.BigEndian.Uint32(tail[6:10]))
	for i := 7; i >= 0; i-- {
		out[10+i], out[18+i] = crockford[high&31], crockford[low&31]
		high, low = high>>5, low>>5
	}
	return string(out[:])
}
