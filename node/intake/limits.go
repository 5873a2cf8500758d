package intake

import (
	"sync"
	"time"
)

// Bounds on what clients may ask for at once.
const (
	maxUploads       = 32  // uploads under way, of all departments
	maxUploadsEach   = 8   // of one department
	requestsAMinute  = 600 // of one department, in bursts of as many
	maxWaitingParts  = 200 // broken-off uploads that a department may leave
	partsKept        = 7 * 24 * time.Hour
	reserveBytes     = 1 << 30 // of the disk are left free
	pieceBytes       = 256 << 10
	pieceWithin      = 30 * time.Second // a client that sends less than a piece in this time is cut off
	headerWithin     = 10 * time.Second
	idleWithin       = 2 * time.Minute
	maxHeaderBytes   = 64 << 10
	shutdownWithin   = 10 * time.Second
	maxNameBytes     = 180
	sweepEvery       = time.Minute
	lockedRetryAfter = 5 * time.Second
)

// limits counts requests and uploads by department.
type limits struct {
	mu      sync.Mutex
	clock   func() time.Time
	budgets map[string]*budget
	busy    map[string]bool // parts that a request is writing
	uploads map[string]int
	all     int
}

// budget is a bucket of requests that refills evenly.
type budget struct {
	left float64
	at   time.Time
}

func newLimits(clock func() time.Time) *limits {
	return &limits{clock: clock, budgets: map[string]*budget{}, busy: map[string]bool{}, uploads: map[string]int{}}
}

// request takes one request from a department's budget.
func (l *limits) request(department string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	b := l.budgets[department]
	if b == nil {
		b = &budget{left: requestsAMinute, at: now}
		l.budgets[department] = b
	}
	b.left = min(requestsAMinute, b.left+now.Sub(b.at).Minutes()*requestsAMinute)
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// begin claims a part for one upload. It returns what refuses it, or the function that gives the part free.
func (l *limits) begin(department, part string) (end func(), refused *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.busy[part]:
		return nil, no(409, "another upload of this file is under way; wait until it has ended and ask for its offset", "该文件正在另一连接中上传，请等其结束后查询进度再续传")
	case l.all >= maxUploads || l.uploads[department] >= maxUploadsEach:
		return nil, no(429, "too many uploads at once; try again in a minute", "同时上传的文件过多，请一分钟后再试")
	}
	l.busy[part] = true
	l.all++
	l.uploads[department]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.busy, part)
		l.all--
		l.uploads[department]--
	}, nil
}
