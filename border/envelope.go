package border

import (
	"bytes"
	"encoding/binary"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// signingContext separates these signatures from any other use of the same key.
const signingContext = "yidaitong/border/v1/envelope"

// SignedBytes are the exact bytes that an envelope's signature covers: the context, then each field in the order of its number,
// each preceded by its length in four bytes, numbers in eight bytes, all big-endian. The signature and the log proof are left out.
func SignedBytes(e *borderv1.Envelope) []byte {
	out := make([]byte, 0, len(e.GetPayload())+256)
	text := func(b string) { out = append(binary.BigEndian.AppendUint32(out, uint32(len(b))), b...) }
	number := func(n int64) { out = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(out, 8), uint64(n)) }
	text(signingContext)
	text(e.GetId())
	number(int64(e.GetKind()))
	text(e.GetSender())
	text(e.GetRecipient())
	number(e.GetSignedAt().GetSeconds())
	number(int64(e.GetSignedAt().GetNanos()))
	text(string(e.GetPayload()))
	text(e.GetKeyId())
	number(int64(e.GetAlgorithm()))
	return out
}

// Sign puts a message into an envelope. The message must keep the rules of Validate: what would be refused on the other side is not
// sent. A message with an id of its own lends it to the envelope (then id is ignored), so that an answer can name what it answers.
func Sign(s *Signer, m proto.Message, recipient, id string, now time.Time) (*borderv1.Envelope, error) {
	kind, ok := KindOf(m)
	if !ok {
		return nil, malformed("payload", "is no message that crosses")
	}
	if err := Validate(m); err != nil {
		return nil, err
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, malformed("payload", "cannot be encoded")
	}
	if own := ownID(m); own != "" {
		id = own
	}
	e := &borderv1.Envelope{
		Id: id, Kind: kind, Sender: s.party, Recipient: recipient,
		SignedAt: timestamppb.New(now.UTC().Truncate(time.Microsecond)), Payload: payload,
		KeyId: s.keyID, Algorithm: borderv1.Algorithm_ALGORITHM_ED25519,
	}
	if err := checkHeader(e, recipient); err != nil {
		return nil, err
	}
	e.Signature = s.sign(SignedBytes(e))
	return e, nil
}

// ownID is the id that a message brings for its envelope.
func ownID(m proto.Message) string {
	switch m := m.(type) {
	case *borderv1.Grant:
		return m.GetId()
	case *borderv1.IdentityRequest:
		return m.GetId()
	case *borderv1.CreditRequest:
		return m.GetId()
	case *borderv1.WatchRequest:
		return m.GetId()
	case *borderv1.Alert:
		return m.GetId()
	case *borderv1.CityDigest:
		return m.GetId()
	}
	return ""
}

// Open verifies an envelope for its recipient and returns the message in it, which keeps the rules of Validate. It looks at no clock,
// because a grant is opened long after it was signed. Every error is a *Refused.
func Open(e *borderv1.Envelope, v *Verifier, recipient string) (proto.Message, error) {
	if err := checkHeader(e, recipient); err != nil {
		return nil, err
	}
	if err := v.verify(e); err != nil {
		return nil, err
	}
	return Decode(e)
}

// Decode returns the message of an envelope that was verified before, as Open does.
func Decode(e *borderv1.Envelope) (proto.Message, error) {
	m := empty(e.GetKind())
	if m == nil {
		return nil, malformed("kind", "is unknown")
	}
	if err := proto.Unmarshal(e.GetPayload(), m); err != nil {
		return nil, malformed("payload", "cannot be decoded")
	}
	if err := Validate(m); err != nil {
		return nil, err
	}
	// Only one encoding of each message is accepted, so that no bit can hide in another one.
	again, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil || !bytes.Equal(again, e.GetPayload()) {
		return nil, malformed("payload", "is not in its one canonical encoding")
	}
	if own := ownID(m); own != "" && own != e.GetId() {
		return nil, malformed("id", "differs from the id of the message")
	}
	return m, nil
}

// checkHeader checks everything around the payload but the signature.
func checkHeader(e *borderv1.Envelope, recipient string) error {
	switch {
	case e == nil:
		return malformed("envelope", "is missing")
	case len(e.GetPayload()) > MaxPayload || proto.Size(e) > MaxEnvelope:
		return malformed("envelope", "is too large")
	case hasUnknown(e.ProtoReflect()):
		return malformed("envelope", "has a field that this version does not know")
	case !ValidID(e.GetId()):
		return malformed("id", "is not a ULID")
	case empty(e.GetKind()) == nil:
		return malformed("kind", "is unknown")
	case !partyPattern.MatchString(e.GetSender()):
		return malformed("sender", "is no party")
	case !partyPattern.MatchString(e.GetRecipient()):
		return malformed("recipient", "is no party")
	case FromNode(e.GetKind()) == (e.GetSender() == Platform):
		return malformed("kind", "does not travel in this direction")
	case len(e.GetPayload()) == 0:
		return malformed("payload", "is missing")
	case !keyIDPattern.MatchString(e.GetKeyId()):
		return malformed("key_id", "is no key id")
	}
	if err := moment("signed_at", e.GetSignedAt()); err != nil {
		return err
	}
	if err := checkProofShape(e.GetLogProof()); err != nil {
		return err
	}
	if e.GetRecipient() != recipient {
		return refuse(borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, "recipient", "is another party")
	}
	return nil
}

func checkProofShape(p *borderv1.LogProof) error {
	switch {
	case p == nil:
		return nil
	case len(p.GetOrigin()) > 128, len(p.GetLeaf()) > 512, len(p.GetInclusion()) > 64, len(p.GetCheckpoint()) > 4096:
		return malformed("log_proof", "is too large")
	}
	for _, hash := range p.GetInclusion() {
		if len(hash) != 32 {
			return malformed("log_proof", "holds a hash of another length")
		}
	}
	return nil
}

// hasUnknown reports whether a message, or one inside it, carries fields that its type does not have.
func hasUnknown(m protoreflect.Message) bool {
	if len(m.GetUnknown()) > 0 {
		return true
	}
	found := false
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Kind() != protoreflect.MessageKind {
			return true
		}
		if !f.IsList() {
			found = hasUnknown(v.Message())
			return !found
		}
		for i := range v.List().Len() {
			if found = hasUnknown(v.List().Get(i).Message()); found {
				return false
			}
		}
		return true
	})
	return found
}
