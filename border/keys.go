package border

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

var keyIDPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Signer signs in the name of one party.
type Signer struct {
	party string
	keyID string
	key   ed25519.PrivateKey
}

// NewSigner returns the signer of a party.
func NewSigner(party string, key ed25519.PrivateKey) *Signer {
	return &Signer{party: party, keyID: KeyID(key.Public().(ed25519.PublicKey)), key: key}
}

// Party is in whose name it signs.
func (s *Signer) Party() string { return s.party }

func (s *Signer) sign(message []byte) []byte { return ed25519.Sign(s.key, message) }

// KeyID names a public key: the first eight bytes of its SHA-256, in hexadecimal.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Verifier knows the public keys of the parties whose envelopes may be believed.
type Verifier struct {
	keys map[string]publicKey // by key id
}

type publicKey struct {
	party string
	key   ed25519.PublicKey
}

// NewVerifier returns a verifier that believes nobody yet.
func NewVerifier() *Verifier { return &Verifier{keys: map[string]publicKey{}} }

// Believe adds a party's key.
func (v *Verifier) Believe(party string, key ed25519.PublicKey) {
	v.keys[KeyID(key)] = publicKey{party: party, key: key}
}

func (v *Verifier) verify(e *borderv1.Envelope) error {
	bad := func(field, why string) error {
		return refuse(borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, field, why)
	}
	known, ok := v.keys[e.GetKeyId()]
	switch {
	case !ok:
		return bad("key_id", "names no key that is known here")
	case e.GetAlgorithm() != borderv1.Algorithm_ALGORITHM_ED25519:
		return bad("algorithm", "is not the key's")
	case known.party != e.GetSender():
		return bad("key_id", "names a key of another party than the sender")
	case !ed25519.Verify(known.key, SignedBytes(e), e.GetSignature()):
		return bad("signature", "does not fit")
	}
	return nil
}
