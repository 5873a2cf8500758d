package consent

import (
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Grant is one authorisation: this grantee may use these classes of data about this firm, for this purpose, in this time,
// this many times. It is signed by the platform, stands in the platform's log and was sent to the city's node.
type Grant struct {
	ID          string
	SubjectOrg  string
	SubjectUSCI string
	City        string
	GranteeID   string
	GranteeName string
	Purpose     borderv1.Purpose
	Classes     []borderv1.DataClass
	NotBefore   time.Time
	NotAfter    time.Time
	MaxUses     int
	Uses        int
	TextVersion string
	GivenBy     string // account id
	GivenAt     time.Time
	RevokedAt   time.Time // zero while it holds
	EnvelopeID  string
	LeafIndex   uint64 // of the grant in the platform's log
}

// State of a grant at a time.
type State string

const (
	StateActive  State = "active"
	StateExpired State = "expired"
	StateRevoked State = "revoked"
	StateUsedUp  State = "used_up"
)

// State says whether the grant still holds at that time, and if not, why.
func (g Grant) State(at time.Time) State {
	switch {
	case !g.RevokedAt.IsZero():
		return StateRevoked
	case !at.Before(g.NotAfter):
		return StateExpired
	case g.Uses >= g.MaxUses:
		return StateUsedUp
	}
	return StateActive
}

// Request is what a person ticks: form fields product (or grantee), purpose, class (repeated), duration, text.
type Request struct {
	GranteeID string
	Purpose   borderv1.Purpose
	Classes   []borderv1.DataClass
	Duration  time.Duration
	MaxUses   int    // 0 takes the purpose's usual number
	USCI      string // of an identity check only: the code that the firm claims
	Evidence  Evidence
}

// Evidence is how the consent was given; its SHA-256 stands in the grant.
type Evidence struct {
	TextVersion string `json:"text_version"` // of the text that was shown
	Language    string `json:"language"`     // zh or en
	Screen      string `json:"screen"`       // path of the page
	Method      string `json:"method"`       // how the person was known: session, step_up
}

// Text is one version of what a person reads before agreeing. Versions are never changed or removed.
type Text struct {
	Version string
	Purpose borderv1.Purpose
	TitleZH string
	TitleEN string
	BodyZH  string
	BodyEN  string
	SHA256  string
}

// UseKind is what happened to data.
type UseKind string

const (
	UseGrant      UseKind = "grant"
	UseRevocation UseKind = "revocation"
	UseRequest    UseKind = "request"
	UseAnswer     UseKind = "answer"
	UseRefusal    UseKind = "refusal"
	UseAlert      UseKind = "alert"
)

// Use is one line of "who used my data".
type Use struct {
	ID         string
	At         time.Time
	Kind       UseKind
	GrantID    string
	RequestID  string
	UserOrg    string // who used or asked
	UserName   string
	AccountID  string // the officer, empty for machines
	Purpose    borderv1.Purpose
	Classes    []borderv1.DataClass
	Payload    borderv1.PayloadKind
	Refusal    borderv1.RefusalCode // of a refusal
	Alert      borderv1.AlertCode   // of an alert
	Score      int                  // of an answer to a credit request: what left, in bands
	Grade      borderv1.Grade
	LimitBand  borderv1.LimitBand
	EnvelopeID string
	Origin     string // which log: the node's or the platform's
	LeafIndex  uint64
	Proof      Proof
}

// Proof is the outcome of checking, just now, that the use stands in the log it claims to stand in.
type Proof string

const (
	ProofVerified Proof = "verified"
	ProofPending  Proof = "pending" // not in the log yet
	ProofFailed   Proof = "failed"  // the log does not show it: raise the alarm
)
