package border

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Platform is the party name of the internet side. A node's is NodeName(city).
const Platform = "platform"

const nodePrefix = "node-"

// NodeName is the party name of a city's node, as it stands in envelopes and certificates.
func NodeName(city string) string { return nodePrefix + city }

// CityOf returns the city of a node's party name; ok is false for any other party.
func CityOf(party string) (city string, ok bool) {
	city, ok = strings.CutPrefix(party, nodePrefix)
	return city, ok && ValidCity(city)
}

// Sizes beyond which nothing is read.
const (
	MaxPayload  = 128 << 10
	MaxEnvelope = 256 << 10
)

// Refused says why something must not cross. It never holds a value, only where the fault is and what is wrong with it.
type Refused struct {
	Code  borderv1.RefusalCode
	Field string
	Why   string
}

func (r *Refused) Error() string {
	code := strings.ToLower(strings.TrimPrefix(r.Code.String(), "REFUSAL_CODE_"))
	if r.Field == "" {
		return fmt.Sprintf("refused (%s): %s", code, r.Why)
	}
	return fmt.Sprintf("refused (%s): %s %s", code, r.Field, r.Why)
}

// CodeOf returns the refusal code of an error; unspecified when it is no refusal.
func CodeOf(err error) borderv1.RefusalCode {
	var r *Refused
	if errors.As(err, &r) {
		return r.Code
	}
	return borderv1.RefusalCode_REFUSAL_CODE_UNSPECIFIED
}

func refuse(code borderv1.RefusalCode, field, why string) error {
	return &Refused{Code: code, Field: field, Why: why}
}

func malformed(field, why string) error {
	return refuse(borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, field, why)
}

// KindOf returns the payload kind of a message; false when the message is none that crosses.
func KindOf(m proto.Message) (borderv1.PayloadKind, bool) {
	switch m.(type) {
	case *borderv1.Grant:
		return borderv1.PayloadKind_PAYLOAD_KIND_GRANT, true
	case *borderv1.Revocation:
		return borderv1.PayloadKind_PAYLOAD_KIND_REVOCATION, true
	case *borderv1.IdentityRequest:
		return borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_REQUEST, true
	case *borderv1.CreditRequest:
		return borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_REQUEST, true
	case *borderv1.WatchRequest:
		return borderv1.PayloadKind_PAYLOAD_KIND_WATCH_REQUEST, true
	case *borderv1.IdentityResult:
		return borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_RESULT, true
	case *borderv1.CreditResult:
		return borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_RESULT, true
	case *borderv1.Refusal:
		return borderv1.PayloadKind_PAYLOAD_KIND_REFUSAL, true
	case *borderv1.Alert:
		return borderv1.PayloadKind_PAYLOAD_KIND_ALERT, true
	case *borderv1.CityDigest:
		return borderv1.PayloadKind_PAYLOAD_KIND_CITY_DIGEST, true
	}
	return borderv1.PayloadKind_PAYLOAD_KIND_UNSPECIFIED, false
}

// empty returns an empty message of a kind, nil for a kind that does not exist.
func empty(kind borderv1.PayloadKind) proto.Message {
	switch kind {
	case borderv1.PayloadKind_PAYLOAD_KIND_GRANT:
		return &borderv1.Grant{}
	case borderv1.PayloadKind_PAYLOAD_KIND_REVOCATION:
		return &borderv1.Revocation{}
	case borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_REQUEST:
		return &borderv1.IdentityRequest{}
	case borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_REQUEST:
		return &borderv1.CreditRequest{}
	case borderv1.PayloadKind_PAYLOAD_KIND_WATCH_REQUEST:
		return &borderv1.WatchRequest{}
	case borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_RESULT:
		return &borderv1.IdentityResult{}
	case borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_RESULT:
		return &borderv1.CreditResult{}
	case borderv1.PayloadKind_PAYLOAD_KIND_REFUSAL:
		return &borderv1.Refusal{}
	case borderv1.PayloadKind_PAYLOAD_KIND_ALERT:
		return &borderv1.Alert{}
	case borderv1.PayloadKind_PAYLOAD_KIND_CITY_DIGEST:
		return &borderv1.CityDigest{}
	}
	return nil
}

// FromNode reports whether a kind travels out of the government network (the others travel into it).
func FromNode(kind borderv1.PayloadKind) bool {
	return kind >= borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_RESULT && kind <= borderv1.PayloadKind_PAYLOAD_KIND_CITY_DIGEST
}

var partyPattern = regexp.MustCompile(`^(platform|node-[0-9]{6})$`)
