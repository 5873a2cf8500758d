package intake_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(receiveFor); dir != "" {
		fmt.Fprintln(os.Stderr, receiveUntilKilled(dir))
		os.Exit(1)
	}
	flag.Parse()
	// Each check of a property sends a file in a dozen requests.
	if given := flag.Lookup("rapid.checks"); given != nil && given.Value.String() == given.DefValue {
		if err := given.Value.Set("25"); err != nil {
			panic(err)
		}
	}
	status := m.Run()
	stopPostgres()
	os.Exit(status)
}
