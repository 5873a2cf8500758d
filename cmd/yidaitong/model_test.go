package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// model runs 'yidaitong model ARGS' and returns its exit status, standard output and standard error.
func model(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	c := &console{out: &out, err: &errs}
	status := exitStatus(c, dispatch(t.Context(), c, []verb{modelVerb()}, append([]string{"model"}, args...)))
	return status, out.String(), errs.String()
}

// loans writes 600 cases whose outcome depends on size and trade.
func loans(t *testing.T) string {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 4))
	text := "id,half,size,trade,bad\n"
	for n := range 600 {
		size, trade := r.Float64()*10, []string{"mill", "shop"}[n%2]
		bad := 0
		if r.Float64() < (10-size)/15+0.2*float64(n%2) {
			bad = 1
		}
		text += fmt.Sprintf("L%d,%d,%.3f,%s,%d\n", n, n%3/2, size, trade, bad)
	}
	path := filepath.Join(t.TempDir(), "loans.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestModelTrainAndScore(t *testing.T) {
	data, dir := loans(t), t.TempDir()
	for _, kind := range []string{"card", "boosted"} {
		card, scores := filepath.Join(dir, kind+".json"), filepath.Join(dir, kind+".csv")
		status, out, errs := model(t, "train", "--json", "--data", data, "--target", "bad", "--id", "id", "--split", "half=0", "--cv", "5x2", "--kind", kind, "--out", card)
		if status != 0 {
			t.Fatalf("%s: status %d: %s", kind, status, errs)
		}
		var r struct {
			Train, Test struct{ AUC, KS, Brier float64 }
			CV          struct {
				Mean float64 `json:"auc_mean"`
				SD   float64 `json:"auc_sd"`
			}
			Features []struct {
				Name string
				IV   float64
			}
			Seconds float64
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%s: %v in %q", kind, err, out)
		}
		if r.Train.AUC < 0.7 || r.Test.AUC < 0.65 || r.CV.Mean < 0.65 || r.CV.SD <= 0 || len(r.Features) != 2 || r.Features[0].IV <= 0 {
			t.Errorf("%s: %+v", kind, r)
		}
		if status, _, errs := model(t, "score", "--model", card, "--data", data, "--id", "id", "--out", scores); status != 0 {
			t.Fatalf("%s: status %d: %s", kind, status, errs)
		}
		text, err := os.ReadFile(scores)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(rows) != 601 || strings.Join(rows[0], ",") != "id,pd,score,grade,reason_1,reason_2,reason_3,reason_4" || rows[1][0] != "L0" {
			t.Errorf("%s: %d rows, header %v, %v", kind, len(rows), rows[0], err)
		}
	}
}

func TestModelRefusesInOneSentence(t *testing.T) {
	data, dir := loans(t), t.TempDir()
	card := filepath.Join(dir, "card.json")
	if status, _, errs := model(t, "train", "--data", data, "--target", "bad", "--id", "id", "--out", card); status != 0 {
		t.Fatal(errs)
	}
	text, err := os.ReadFile(card)
	if err != nil {
		t.Fatal(err)
	}
	altered := filepath.Join(dir, "altered.json")
	if err := os.WriteFile(altered, bytes.Replace(text, []byte(`"base": 600`), []byte(`"base": 700`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.csv")
	if err := os.WriteFile(other, []byte("x\n1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"train --data " + data + " --target nothing --out " + out, 1, `no column "nothing"`},
		{"train --data " + data + " --target trade --out " + out, 1, "other than 0 (good) and 1 (bad)"},
		{"train --data " + data + " --target bad --drop nobody --out " + out, 1, `no column "nobody"`},
		{"train --data " + data + " --target bad --split half=9 --out " + out, 1, "no row"},
		{"train --data nowhere.csv --target bad --out " + out, 1, "does not exist"},
		{"train --data " + data + " --target bad --out " + filepath.Join(dir, "no", "folder.json"), 1, "cannot be written to"},
		{"train --data " + data + " --target bad --kind forest --out " + out, 2, "not one of card, boosted"},
		{"train --data " + data + " --target bad --cv 1x1 --out " + out, 2, "FOLDSxREPEATS"},
		{"train --data " + data + " --target bad --test-share 2 --out " + out, 2, "between 0 and 1"},
		{"train --target bad --out " + out, 2, "give --data"},
		{"score --model " + altered + " --data " + data + " --out " + out, 1, "was altered"},
		{"score --model " + card + " --data " + other + " --out " + out, 1, "which the model reads"},
		{"score --model none.json --data " + data + " --out " + out, 1, "train a model first"},
		{"score --model " + card, 2, "give --model, --data and --out"},
	} {
		status, stdout, errs := model(t, strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 || stdout != "" {
			t.Errorf("%s: status %d, %q", c.args, status, errs)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused command left a file")
	}
}
