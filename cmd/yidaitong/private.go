package main

import (
	"fmt"
	"io"
	"os"
)

// maxPrivate bounds what is read of a file with identifiers or values, in bytes.
const maxPrivate = 16 << 20

// readPrivate reads what must not stand on the command line, where others on the machine see it: from a file, or from standard input for "-".
func readPrivate(path string) (string, error) {
	from := os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("read what is asked about: %w", err)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, maxPrivate+1))
	if err != nil {
		return "", fmt.Errorf("read what is asked about: %w", err)
	}
	if len(text) > maxPrivate {
		return "", fmt.Errorf("%s is larger than %d MB; give it in parts", path, maxPrivate>>20)
	}
	return string(text), nil
}
