package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/translog"
)

func verifyLog(t *testing.T, args ...string) (status int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := &console{out: &stdout, err: &stderr}
	status = exitStatus(c, dispatch(t.Context(), c, []verb{logVerb()}, append([]string{"log", "verify"}, args...)))
	return status, stdout.String(), stderr.String()
}

// aLog makes the log of a node with three leaves, and returns its folder and public key.
func aLog(t *testing.T) (dir, key string) {
	t.Helper()
	keyDir, dir, party := t.TempDir(), t.TempDir(), border.NodeName("341500")
	if err := border.CreateKeys(keyDir, time.Now(), "341500"); err != nil {
		t.Fatal(err)
	}
	keys, err := border.LoadKeys(keyDir, party)
	if err != nil {
		t.Fatal(err)
	}
	key, err = border.LogKey(keyDir, party)
	if err != nil {
		t.Fatal(err)
	}
	l, err := translog.Open(t.Context(), dir, border.LogOrigin(party), keys.Log, translog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		id, err := border.NewID(time.Now(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Append(t.Context(), translog.Leaf{Kind: translog.Admin, Time: time.Now(), ID: id, Commitment: sha256.Sum256([]byte(id))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return dir, key
}

func TestLogVerify(t *testing.T) {
	dir, key := aLog(t)
	server := httptest.NewServer(translog.Handler(dir))
	defer server.Close()
	for _, args := range [][]string{{"--log", dir}, {"--log", dir, "--key", key}, {"--log", server.URL, "--key", key, "--origin", "yidaitong/node-341500"}} {
		status, out, errs := verifyLog(t, append(args, "--json")...)
		var got struct {
			OK     bool
			Size   uint64
			Root   string
			Signed bool
		}
		if err := json.Unmarshal([]byte(out), &got); status != 0 || err != nil || !got.OK || got.Size != 3 || len(got.Root) != 44 || got.Signed != (len(args) > 2) {
			t.Errorf("%v: exit %d, %s%s", args, status, out, errs)
		}
	}
}

func TestLogVerifySaysWhatDoesNotFit(t *testing.T) {
	dir, key := aLog(t)
	_, stranger := aLog(t)
	path := filepath.Join(dir, "tile/entries/000.p/3")
	entries, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Replace(entries, []byte(`"kind":"admin"`), []byte(`"kind":"grant"`), 1)
	for _, c := range []struct {
		name, want string
		args       []string
		entries    []byte
		status     int
	}{
		{"nothing", "--log", nil, entries, 2},
		{"a key that is none", "no public key", []string{"--log", dir, "--key", "x"}, entries, 2},
		{"no such folder", "there is no folder", []string{"--log", filepath.Join(dir, "x")}, entries, 1},
		{"another key", "not signed by the log's key", []string{"--log", dir, "--key", stranger}, entries, 1},
		{"another origin", `not of "yidaitong/platform"`, []string{"--log", dir, "--origin", "yidaitong/platform"}, entries, 1},
		{"a rewritten entry", "leaf 0 does not fit", []string{"--log", dir, "--key", key}, forged, 1},
		{"no server", "read the checkpoint", []string{"--log", "http://127.0.0.1:1"}, entries, 1},
	} {
		if err := os.WriteFile(path, c.entries, 0o600); err != nil {
			t.Fatal(err)
		}
		status, out, errs := verifyLog(t, c.args...)
		if status != c.status || out != "" || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, %q", c.name, status, out, errs)
		}
	}
}
