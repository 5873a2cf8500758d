package intake_test

import (
	"encoding/hex"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/intake"
)

// Whatever a client calls a file, it is kept inside its department's folder of the inbox and loaded as the catalogue that was named.
func FuzzFileName(f *testing.F) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		f.Fatal(err)
	}
	payment, _ := contracts.Find("tax", "tax_payment")
	for _, seed := range []string{"tax_payment_20240410.csv", "导出.xlsx", "../x.csv", "a/b.csv", `a\b.csv`, ".csv", "a\x00.csv", "tax_return_1.csv", "x.csv.gz", "~$x.xlsx", "．．／x.csv", "a.zip", "\u202ex.csv"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		kept, ok := intake.KeptName(contracts, payment, name)
		if !ok {
			return
		}
		path := filepath.Join("inbox", "tax", kept)
		if filepath.Dir(path) != filepath.Join("inbox", "tax") || strings.HasPrefix(kept, ".") || strings.ContainsAny(kept, "/\\\x00\n") || len(kept) > 180 {
			t.Errorf("%q is kept as %q", name, kept)
		}
		if found, ok := delivery.CatalogueOf(contracts, path); !ok || found != payment {
			t.Errorf("%q, kept as %q, is loaded as %v", name, kept, found)
		}
	})
}

func FuzzDigest(f *testing.F) {
	for _, seed := range []string{"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "sha-512=:AA==:, sha-256=::", "sha-256=:", ":", ","} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		sum, ok := intake.DigestIn(http.Header{"Repr-Digest": {given}})
		if raw, err := hex.DecodeString(sum); ok && sum != "" && (err != nil || len(raw) != 32) {
			t.Errorf("%q is read as %q", given, sum)
		}
	})
}
