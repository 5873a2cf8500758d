package journey

import (
	"context"
	"fmt"
	"time"
)

// Names lists the 21 steps in their order. The names are a promise (docs: commands).
func Names() []string {
	names := make([]string, 0, len(script))
	for _, s := range script {
		names = append(names, s.name)
	}
	return names
}

// script is the journey: who does what, in order. Each step may run again after an interruption anywhere inside it, so it looks at
// the page first and does only what is not done yet.
var script = []struct {
	name string
	do   func(*Player, context.Context) (Evidence, error)
}{
	{"register", (*Player).register},
	{"verify_identity", (*Player).verifyIdentity},
	{"publish_demand", (*Player).publishDemand},
	{"browse_products", (*Player).browseProducts},
	{"match", (*Player).match},
	{"authorise", (*Player).authorise},
	{"apply", (*Player).apply},
	{"node_score", (*Player).nodeScore},
	{"report", (*Player).report},
	{"bank_review", (*Player).bankReview},
	{"offer", (*Player).offer},
	{"accept", (*Player).accept},
	{"contract", (*Player).contract},
	{"disburse", (*Player).disburse},
	{"repay", (*Player).repay},
	{"adverse_event", (*Player).adverseEvent},
	{"alert", (*Player).alert},
	{"who_used_my_data", (*Player).whoUsedMyData},
	{"revoke", (*Player).revoke},
	{"refused_after_revoke", (*Player).refusedAfterRevoke},
	{"log_verify", (*Player).logVerify},
}

// Person is somebody with a way in.
type Person struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
}

// Borrower is a firm of the city and the person who acts for it.
type Borrower struct {
	Person
	Kind          string `json:"kind"` // enterprise or individual
	FirmName      string `json:"firm_name"`
	USCI          string `json:"usci"`
	ResidentID    string `json:"resident_id"`
	Section       string `json:"section"` // GB/T 4754 section letter
	EstablishedOn string `json:"established_on"`
}

// World is what happens outside the pages, done by whoever runs the journey.
type World struct {
	// Adverse delivers a court record about the firm to the city and lets the node take it in.
	Adverse func(ctx context.Context, usci string) (Evidence, error)
	// Probe puts a request under a withdrawn grant straight into the exchange, past the platform's own refusal, and returns what the
	// city's node answered, with the leaves of request and refusal. An answer that is no refusal is an error.
	Probe func(ctx context.Context, grantID string) (Evidence, Leaves, error)
	// VerifyLogs reads both logs from end to end and returns sizes and roots. The logs must have grown beyond the leaves.
	VerifyLogs func(ctx context.Context, beyond Leaves) (Evidence, error)
	// StartFast opens a site of its own, with the same city and the same people, whose clock can be put forward.
	StartFast func(ctx context.Context) (*Fast, error)
}

// Leaves are places in the two logs.
type Leaves struct{ Node, Platform uint64 }

// Fast is a site whose clock can be put forward, for what takes months.
type Fast struct {
	Base   string
	Clock  func() time.Time
	PassTo func(ctx context.Context, then time.Time) error // puts the clock forward and lets what is due happen
	Close  func() error
}

// Options say where the platform is, who plays and what is remembered.
type Options struct {
	Base     string // address of the portal
	Borrower Borrower
	BankUser func(bankName string) (officer Person, ok bool)
	World    World
	Journal  *Journal
	Clock    func() time.Time
	// Started and Ended tell of each step that is run or was found done.
	Started func(name string)
	Ended   func(s Step, earlier bool)
}

// Player plays the journey.
type Player struct {
	o     Options
	j     *Journal
	facts Facts
	fast  *Fast               // nil where time cannot be put forward
	users map[string]*Browser // signed in, by login
}

// NewPlayer prepares a journey.
func NewPlayer(o Options) *Player {
	return &Player{o: o, j: o.Journal, facts: o.Journal.factsOf(""), users: map[string]*Browser{}}
}

// Play runs the steps that the journal does not hold yet, and verifies the logs again in any case. It returns the steps up to and with the
// first that failed; a failure is a step with ok false, not an error. An error means that the journal could not be written or that ctx ended.
func (p *Player) Play(ctx context.Context) ([]Step, error) {
	var steps []Step
	for _, s := range script {
		if done, ok := p.j.Done(s.name); ok && s.name != "log_verify" {
			steps = append(steps, done)
			p.o.Ended(done, true)
			continue
		}
		p.o.Started(s.name)
		step := p.run(ctx, s.name, s.do)
		if err := ctx.Err(); err != nil {
			return steps, err
		}
		if step.OK {
			if err := p.j.Keep(step); err != nil {
				return steps, err
			}
		}
		steps = append(steps, step)
		p.o.Ended(step, false)
		if !step.OK {
			break
		}
	}
	return steps, nil
}

func (p *Player) run(ctx context.Context, name string, do func(*Player, context.Context) (Evidence, error)) Step {
	started := p.o.Clock()
	evidence, err := do(p, ctx)
	step := Step{Name: name, OK: err == nil, MS: p.o.Clock().Sub(started).Milliseconds(), Evidence: evidence}
	if err != nil {
		step.Evidence = Evidence{"error": err.Error()}
	}
	return step
}

// fact returns an id that an earlier step left; a missing one is an error that names it.
func (p *Player) fact(name string) (string, error) {
	if v := p.facts[name]; v != "" {
		return v, nil
	}
	return "", fmt.Errorf("the journal does not know %s; start over with --fresh", name)
}

// note remembers an id at once, before the step that found it is over.
func (p *Player) note(name, value string) error {
	if value == "" {
		return fmt.Errorf("the page gave no %s", name)
	}
	p.facts[name] = value
	return p.j.Save()
}

// answerWithin is how long an answer of the city's node may take before the journey gives up.
const answerWithin = time.Minute

// poll asks again and again, a little slower each time, until ready says yes or the time is over.
func poll(ctx context.Context, ready func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait = min(wait*3/2, time.Second) {
		if ok, err := ready(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nothing came within %v", answerWithin)
		case <-time.After(wait):
		}
	}
}
