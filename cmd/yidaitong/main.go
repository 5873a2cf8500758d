// Command yidaitong is the whole product in one binary: a verb per file.
//
// Every verb writes its result to standard output (one JSON object with --json), logs and progress to standard error,
// and exits 0 when done, 1 when it was refused or failed, 2 when it was used wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// verbs are the words that may follow "yidaitong", in the order in which help lists them.
func verbs() []verb {
	return []verb{
		demoVerb(),
		cityVerb(),
		nodeVerb(),
		platformVerb(),
		modelVerb(),
		studyVerb(),
		entityVerb(),
		newsVerb(),
		logVerb(),
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &console{out: os.Stdout, err: os.Stderr, progress: isTerminal(os.Stderr)}
	os.Exit(exitStatus(c, dispatch(ctx, c, verbs(), os.Args[1:])))
}

// exitStatus prints a failure as one sentence and returns the process's exit status.
func exitStatus(c *console, err error) int {
	var usage *usageError
	switch {
	case err == nil, errors.Is(err, errHelpShown):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(c.err, "yidaitong: %v\n", err)
		return 2
	default:
		fmt.Fprintf(c.err, "yidaitong: %v\n", err)
		return 1
	}
}
