package translog

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The only files of a log's folder that are public (C2SP tlog-tiles).
var (
	checkpointPath = "/checkpoint"
	tilePath       = regexp.MustCompile(`^/tile/(entries|[0-9]{1,2})(/x[0-9]{3})*/[0-9]{3}(\.p/[0-9]{1,3})?$`)
)

// Handler serves the log in dir as tlog-tiles: /checkpoint, /tile/… and nothing else.
func Handler(dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "a log is read only", http.StatusMethodNotAllowed)
			return
		case r.URL.Path == checkpointPath:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache")
		case tilePath.MatchString(r.URL.Path):
			w.Header().Set("Content-Type", "application/octet-stream")
			// A tile never changes.
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		default:
			http.NotFound(w, r)
			return
		}
		serveFile(w, r, filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(r.URL.Path, "/"))))
	})
}

func serveFile(w http.ResponseWriter, r *http.Request, path string) {
	f, err := os.Open(path)
	if err != nil {
		w.Header().Del("Cache-Control")
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		w.Header().Del("Cache-Control")
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "", info.ModTime(), f)
}
