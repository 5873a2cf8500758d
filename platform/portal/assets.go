package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:assets
var npmFiles embed.FS

//go:embed web
var ownFiles embed.FS

// neededAssets are the npm files without which pages lack their looks.
var neededAssets = []string{"tabler.min.css", "htmx.min.js", "echarts.min.js", "icons.svg"}

// asset is one embedded file, ready to be sent.
type asset struct {
	mime   string
	raw    []byte
	zipped []byte // nil when it does not pay
	hash   string
}

// assets are the styles and scripts of the pages by name.
type assets map[string]asset

// loadAssets reads the npm files and our own, and tells which npm files are missing.
func loadAssets() (all assets, missing []string, err error) {
	all = assets{}
	for _, from := range []struct {
		files fs.FS
		dir   string
	}{{npmFiles, "assets"}, {ownFiles, "web"}} {
		entries, err := fs.ReadDir(from.files, from.dir)
		if err != nil {
			return nil, nil, err
		}
		for _, entry := range entries {
			raw, err := fs.ReadFile(from.files, path.Join(from.dir, entry.Name()))
			if err != nil {
				return nil, nil, err
			}
			if all[entry.Name()], err = newAsset(entry.Name(), raw); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, name := range neededAssets {
		if _, ok := all[name]; !ok {
			missing = append(missing, name)
		}
	}
	return all, missing, nil
}

func newAsset(name string, raw []byte) (asset, error) {
	sum := sha256.Sum256(raw)
	a := asset{mime: mime.TypeByExtension(path.Ext(name)), raw: raw, hash: hex.EncodeToString(sum[:6])}
	if a.mime == "" {
		a.mime = "text/plain; charset=utf-8"
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(raw); err != nil {
		return asset{}, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return asset{}, fmt.Errorf("compress %s: %w", name, err)
	}
	if zipped.Len() < len(raw) {
		a.zipped = zipped.Bytes()
	}
	return a, nil
}

// url is the asset's address; it changes with the content, so that browsers may keep it for ever.
func (a assets) url(name string) string {
	return "/assets/" + name + "?v=" + a[name].hash
}

// ServeHTTP sends /assets/NAME.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a[strings.TrimPrefix(r.URL.Path, "/assets/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.mime)
	h.Set("ETag", `"`+file.hash+`"`)
	h.Set("Vary", "Accept-Encoding")
	if r.URL.Query().Get("v") == file.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "public, max-age=300")
	}
	if r.Header.Get("If-None-Match") == `"`+file.hash+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := file.raw
	if file.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader is gone: nothing to do
	}
}
