package node

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// ServeOptions say whom a node serves and with which keys.
type ServeOptions struct {
	Dir      string // the node's folder
	Platform string // https://HOST:PORT of the platform's listener for nodes
	KeyDir   string // the folder of keys; Dir/../keys when empty
	LogDir   string // the node's transparency log; Dir/../log/node when empty
	Clock    func() time.Time
	Logger   *slog.Logger
}

// Serve dials out to the platform and answers its requests until ctx ends; then it returns nil. It opens no port, and it never opens the lake.
func Serve(ctx context.Context, o ServeOptions) error { return errors.New("not ready") }
