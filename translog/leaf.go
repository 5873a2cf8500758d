package translog

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Kind says what a leaf stands for.
type Kind string

const (
	Grant      Kind = "grant"
	Revocation Kind = "revocation"
	Request    Kind = "request"
	Answer     Kind = "answer"
	Refusal    Kind = "refusal"
	Alert      Kind = "alert"
	Digest     Kind = "digest"
	Model      Kind = "model"
	Contract   Kind = "contract"
	Admin      Kind = "admin"
)

var kinds = map[Kind]bool{Grant: true, Revocation: true, Request: true, Answer: true, Refusal: true, Alert: true, Digest: true,
	Model: true, Contract: true, Admin: true}

// leafVersion is the only version of a leaf's format.
const leafVersion = 1

// Leaf is one entry of the log. ID and kind name it: the log holds each pair once.
type Leaf struct {
	Kind       Kind
	Time       time.Time // cut to the second
	ID         string    // a ULID
	Commitment [32]byte
}

// Commit is the commitment to a content under a salt. The salt makes it impossible to find the content by trying; whoever holds salt
// and content can show what the leaf stands for, and when both are deleted nobody can.
func Commit(salt, content []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("yidaitong/translog/v1/commitment"))
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(salt)))
	h.Write(length[:])
	h.Write(salt)
	h.Write(content)
	return [32]byte(h.Sum(nil))
}

// CommitEnvelope is the commitment to an envelope. Its salt is the envelope's own signature: nobody without the envelope or the
// signer's private key can produce it, and it needs no place of its own to be kept or sent.
func CommitEnvelope(e *borderv1.Envelope) [32]byte {
	return Commit(e.GetSignature(), border.SignedBytes(e))
}

// EnvelopeLeaf is the leaf that stands for an envelope.
func EnvelopeLeaf(e *borderv1.Envelope, at time.Time) Leaf {
	return Leaf{Kind: KindOf(e.GetKind()), Time: at, ID: e.GetId(), Commitment: CommitEnvelope(e)}
}

// KindOf is the kind of leaf that stands for an envelope of a payload kind.
func KindOf(k borderv1.PayloadKind) Kind {
	switch k {
	case borderv1.PayloadKind_PAYLOAD_KIND_GRANT:
		return Grant
	case borderv1.PayloadKind_PAYLOAD_KIND_REVOCATION:
		return Revocation
	case borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_REQUEST, borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_REQUEST,
		borderv1.PayloadKind_PAYLOAD_KIND_WATCH_REQUEST:
		return Request
	case borderv1.PayloadKind_PAYLOAD_KIND_REFUSAL:
		return Refusal
	case borderv1.PayloadKind_PAYLOAD_KIND_ALERT:
		return Alert
	case borderv1.PayloadKind_PAYLOAD_KIND_CITY_DIGEST:
		return Digest
	}
	return Answer
}

type leafJSON struct {
	V          int    `json:"v"`
	Kind       Kind   `json:"kind"`
	Time       string `json:"time"`
	ID         string `json:"id"`
	Commitment string `json:"commitment"`
}

// Marshal is the leaf as it stands in the log: closed JSON in one canonical spelling.
func (l Leaf) Marshal() []byte {
	text, err := json.Marshal(leafJSON{leafVersion, l.Kind, l.Time.UTC().Format(time.RFC3339), l.ID,
		base64.RawURLEncoding.EncodeToString(l.Commitment[:])})
	if err != nil {
		panic(err) // strings and a number always encode
	}
	return text
}

// ParseLeaf reads a leaf and refuses everything but the canonical spelling of a known kind.
func ParseLeaf(text []byte) (Leaf, error) {
	var raw leafJSON
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return Leaf{}, errors.New("a leaf is not the closed JSON object that it has to be")
	}
	at, err := time.Parse(time.RFC3339, raw.Time)
	if err != nil {
		return Leaf{}, errors.New("a leaf's time is no RFC 3339 time")
	}
	commitment, err := base64.RawURLEncoding.DecodeString(raw.Commitment)
	if err != nil || len(commitment) != 32 {
		return Leaf{}, errors.New("a leaf's commitment is no SHA-256")
	}
	l := Leaf{Kind: raw.Kind, Time: at, ID: raw.ID, Commitment: [32]byte(commitment)}
	if err := l.check(); err != nil {
		return Leaf{}, err
	}
	if !bytes.Equal(l.Marshal(), text) {
		return Leaf{}, errors.New("a leaf is not in its one canonical spelling")
	}
	return l, nil
}

func (l Leaf) check() error {
	switch {
	case !kinds[l.Kind]:
		return fmt.Errorf("a leaf's kind is unknown")
	case !border.ValidID(l.ID):
		return fmt.Errorf("a leaf's id is no ULID")
	case l.Time.IsZero():
		return fmt.Errorf("a leaf has no time")
	}
	return nil
}
