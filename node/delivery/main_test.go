package delivery_test

import (
	"flag"
	"os"
	"testing"
)

// loadFor names the folder of the lake that this process loads into, when it was started to be killed (see TestAKilledLoadIsCompleted).
const loadFor = "YIDAITONG_TEST_LOAD_INTO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(loadFor); dir != "" {
		os.Exit(loadAndExit(dir, os.Args[1:]))
	}
	flag.Parse()
	// Each check of a property opens two lakes; the default of a hundred would take minutes.
	if given := flag.Lookup("rapid.checks"); given != nil && given.Value.String() == given.DefValue {
		if err := given.Value.Set("8"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
