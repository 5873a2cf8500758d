package border

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A folder of keys looks like this; a party needs its own folder and public/ only, so each can be kept on its own machine:
//
//	ca/                 the small certificate authority that both sides pin (needed only to add a party)
//	platform/           sign.key, log.key, tls.key, tls.crt
//	node-341500/        the same for the node of city 341500
//	public/             ca.crt, and PARTY.pub (signing) and PARTY.log (log) of everybody
const (
	caFolder     = "ca"
	publicFolder = "public"
	signFile     = "sign.key"
	logFile      = "log.key"
	tlsKeyFile   = "tls.key"
	tlsCertFile  = "tls.crt"
)

const (
	caLifetime   = 10 * 365 * 24 * time.Hour
	leafLifetime = 2 * 365 * 24 * time.Hour
)

// LogOrigin is the origin line of a party's transparency log, and the name of its key.
func LogOrigin(party string) string { return "yidaitong/" + party }

// Keyring is what one party holds: its own secrets, and everybody's public keys.
type Keyring struct {
	Party    string
	Signer   *Signer
	Verifier *Verifier
	// Log signs the checkpoints of the party's own log.
	Log note.Signer

	logs map[string]note.Verifier // by party
	cert tls.Certificate
	ca   *x509.CertPool
}

// LogVerifier returns the verifier of a party's log; nil when the party is not known.
func (k *Keyring) LogVerifier(party string) note.Verifier { return k.logs[party] }

// LogKey returns the public key of a party's log in the form that `log verify --key` takes; empty when the party is not known.
func LogKey(dir, party string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, publicFolder, party+".log"))
	if err != nil {
		return "", fmt.Errorf("read the public key of the log: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// ClientTLS is how a node dials: it shows its certificate and accepts only the platform's, from the pinned authority.
func (k *Keyring) ClientTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{k.cert}, RootCAs: k.ca, ServerName: Platform}
}

// ServerTLS is how the platform listens for nodes: no certificate of the pinned authority, no connection.
func (k *Keyring) ServerTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{k.cert}, ClientCAs: k.ca,
		ClientAuth: tls.RequireAndVerifyClientCert, NextProtos: []string{"h2", "http/1.1"}}
}

// CreateKeys makes the keys of the platform and of the cities' nodes in dir. A party that has keys keeps them, so that a city can be
// added later, and a run that was cut off can be repeated.
func CreateKeys(dir string, now time.Time, cities ...string) error {
	parties := []string{Platform}
	for _, c := range cities {
		if !ValidCity(c) {
			return errors.New("a city is given as the six digits of its GB/T 2260 division code, as in 341500")
		}
		parties = append(parties, NodeName(c))
	}
	if err := os.MkdirAll(filepath.Join(dir, publicFolder), 0o700); err != nil {
		return fmt.Errorf("make the folder of keys: %w", err)
	}
	authority, err := createAuthority(dir, now)
	if err != nil {
		return fmt.Errorf("make the certificate authority: %w", err)
	}
	for _, party := range parties {
		if err := createParty(dir, party, authority, now); err != nil {
			return fmt.Errorf("make the keys of %s: %w", party, err)
		}
	}
	return nil
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func createAuthority(dir string, now time.Time) (*authority, error) {
	home := filepath.Join(dir, caFolder)
	if _, err := os.Stat(home); err == nil {
		return loadAuthority(home)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Yidaitong exchange CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(caLifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := privatePEM(key)
	if err != nil {
		return nil, err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := writeKey(filepath.Join(dir, publicFolder, "ca.crt"), cert); err != nil {
		return nil, err
	}
	if err := publish(home, map[string][]byte{tlsKeyFile: secret, tlsCertFile: cert}); err != nil {
		return nil, err
	}
	return loadAuthority(home)
}

func loadAuthority(home string) (*authority, error) {
	if err := checkModes(home); err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(home, tlsCertFile), filepath.Join(home, tlsKeyFile))
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no ECDSA key", filepath.Join(home, tlsKeyFile))
	}
	return &authority{cert: pair.Leaf, key: key}, nil
}

func createParty(dir, party string, a *authority, now time.Time) error {
	home := filepath.Join(dir, party)
	if _, err := os.Stat(home); err == nil {
		return nil
	}
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signPEM, err := privatePEM(secret)
	if err != nil {
		return err
	}
	publicDER, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return err
	}
	logSecret, logPublic, err := note.GenerateKey(rand.Reader, LogOrigin(party))
	if err != nil {
		return err
	}
	tlsKey, tlsCert, err := a.issue(party, now)
	if err != nil {
		return err
	}
	// Public parts first: a party's folder exists only when everything of it does.
	err = errors.Join(
		writeKey(filepath.Join(dir, publicFolder, party+".pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER})),
		writeKey(filepath.Join(dir, publicFolder, party+".log"), []byte(logPublic+"\n")))
	if err != nil {
		return err
	}
	return publish(home, map[string][]byte{signFile: signPEM, logFile: []byte(logSecret + "\n"), tlsKeyFile: tlsKey, tlsCertFile: tlsCert})
}

// issue makes a party's TLS certificate: the platform's is for serving, a node's for dialling, and neither for the other.
func (a *authority) issue(party string, now time.Time) (keyPEM, certPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	usage := x509.ExtKeyUsageClientAuth
	if party == Platform {
		usage = x509.ExtKeyUsageServerAuth
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: party}, DNSNames: []string{party},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(leafLifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, BasicConstraintsValid: true,
	}, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err = privatePEM(key)
	return keyPEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

// LoadKeys reads the keys of one party. It refuses secrets that others on the machine may read.
func LoadKeys(dir, party string) (*Keyring, error) {
	home := filepath.Join(dir, party)
	if _, err := os.Stat(home); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no keys of %s; make them with border.CreateKeys or copy that folder and %s/ here", dir, party, publicFolder)
	}
	if err := checkModes(home); err != nil {
		return nil, err
	}
	k := &Keyring{Party: party, Verifier: NewVerifier(), logs: map[string]note.Verifier{}, ca: x509.NewCertPool()}
	if err := errors.Join(k.loadSecrets(home), k.loadPublic(filepath.Join(dir, publicFolder))); err != nil {
		return nil, fmt.Errorf("load the keys of %s: %w", party, err)
	}
	return k, nil
}

func (k *Keyring) loadSecrets(home string) error {
	text, err := os.ReadFile(filepath.Join(home, signFile))
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("%s is no PEM file", filepath.Join(home, signFile))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("%s holds no private key", filepath.Join(home, signFile))
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return fmt.Errorf("%s holds no Ed25519 key", filepath.Join(home, signFile))
	}
	k.Signer = NewSigner(k.Party, key)
	logKey, err := os.ReadFile(filepath.Join(home, logFile))
	if err != nil {
		return err
	}
	if k.Log, err = note.NewSigner(strings.TrimSpace(string(logKey))); err != nil {
		return fmt.Errorf("%s holds no log key", filepath.Join(home, logFile))
	}
	k.cert, err = tls.LoadX509KeyPair(filepath.Join(home, tlsCertFile), filepath.Join(home, tlsKeyFile))
	return err
}

func (k *Keyring) loadPublic(dir string) error {
	authority, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return err
	}
	if !k.ca.AppendCertsFromPEM(authority) {
		return fmt.Errorf("%s holds no certificate", filepath.Join(dir, "ca.crt"))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.pub"))
	if err != nil {
		return err
	}
	for _, file := range files {
		party := strings.TrimSuffix(filepath.Base(file), ".pub")
		if err := k.loadPeer(dir, party); err != nil {
			return fmt.Errorf("public keys of %s: %w", party, err)
		}
	}
	return nil
}

func (k *Keyring) loadPeer(dir, party string) error {
	if !partyPattern.MatchString(party) {
		return errors.New("the file is not named after a party")
	}
	text, err := os.ReadFile(filepath.Join(dir, party+".pub"))
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("the .pub file is no PEM file")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return errors.New("the .pub file holds no Ed25519 key")
	}
	k.Verifier.Believe(party, key)
	text, err = os.ReadFile(filepath.Join(dir, party+".log"))
	if err != nil {
		return err
	}
	k.logs[party], err = note.NewVerifier(strings.TrimSpace(string(text)))
	return err
}

// checkModes refuses a folder of secrets that others may enter, and files in it that others may read.
func checkModes(home string) error {
	info, err := os.Stat(home)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is open to other users of this machine (mode %04o); close it with 'chmod 700 %s'", home, info.Mode().Perm(), home)
	}
	entries, err := os.ReadDir(home)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		if path := filepath.Join(home, e.Name()); info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s can be read by other users of this machine (mode %04o); close it with 'chmod 600 %s'", path, info.Mode().Perm(), path)
		}
	}
	return nil
}

// publish writes files into a new folder in one step, so that a run that is cut off leaves no half of a party.
func publish(home string, files map[string][]byte) error {
	temp, err := os.MkdirTemp(filepath.Dir(home), ".new-*") // made with mode 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	for name, content := range files {
		if err := writeKey(filepath.Join(temp, name), content); err != nil {
			return err
		}
	}
	return os.Rename(temp, home)
}

func writeKey(path string, content []byte) error {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

func privatePEM(key any) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
