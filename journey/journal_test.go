package journey

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestJournalOutlivesTheProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "journey.json")
	j := reopen(t, file)
	if err := j.Keep(Step{Name: "register", OK: true, MS: 12, Evidence: Evidence{"account": "01"}}); err != nil {
		t.Fatal(err)
	}
	if err := j.KeepPath("declined", Path{OK: true, Application: "02"}); err != nil {
		t.Fatal(err)
	}
	j.factsOf("declined")["demand"] = "03"
	if err := j.Save(); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, file)
	if s, ok := j.Done("register"); !ok || s.MS != 12 || s.Evidence["account"] != "01" {
		t.Errorf("step is %+v %v", s, ok)
	}
	if j.Paths["declined"].Application != "02" || j.factsOf("declined")["demand"] != "03" || len(j.factsOf("")) != 0 {
		t.Errorf("paths %v facts %v", j.Paths, j.Facts)
	}
	if _, ok := j.Done("apply"); ok {
		t.Error("a step that never ran is done")
	}
	if left, _ := filepath.Glob(file + ".new*"); len(left) > 0 {
		t.Errorf("left behind %v", left)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(file); err == nil {
		t.Error("a broken journal was read")
	}
}

func reopen(t *testing.T, file string) *Journal {
	t.Helper()
	j, err := OpenJournal(file)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestPlayGoesOnWhereItStopped stops a journey at every step, by failure and by interruption, and counts what ran how often.
func TestPlayGoesOnWhereItStopped(t *testing.T) {
	real := script
	t.Cleanup(func() { script = real })
	for stop := range real {
		for _, interrupted := range []bool{false, true} {
			ran := map[string]int{}
			ctx, cancel := context.WithCancel(context.Background())
			first := true
			script = nil
			for i, s := range real {
				s.do = func(*Player, context.Context) (Evidence, error) {
					if i == stop && first {
						first = false
						if interrupted {
							cancel()
							return nil, ctx.Err()
						}
						return nil, errors.New("the page said no")
					}
					ran[s.name]++
					return Evidence{"n": i}, nil
				}
				script = append(script, s)
			}
			j := reopen(t, filepath.Join(t.TempDir(), "journey.json"))
			player := func() *Player {
				return NewPlayer(Options{Journal: j, Clock: time.Now, Started: func(string) {}, Ended: func(Step, bool) {}})
			}
			steps, err := player().Play(ctx)
			cancel()
			if interrupted && (!errors.Is(err, context.Canceled) || len(steps) != stop) {
				t.Fatalf("interrupted at %d: %d steps, %v", stop, len(steps), err)
			}
			if !interrupted && (err != nil || len(steps) != stop+1 || steps[stop].OK || steps[stop].Evidence["error"] != "the page said no") {
				t.Fatalf("failed at %d: %+v, %v", stop, steps, err)
			}
			steps, err = player().Play(context.Background())
			if err != nil || len(steps) != len(real) {
				t.Fatalf("again after %d: %d steps, %v", stop, len(steps), err)
			}
			for _, s := range real {
				if ran[s.name] != 1 {
					t.Errorf("stopped at %d: %s ran %d times", stop, s.name, ran[s.name])
				}
			}
		}
	}
}
