// Package web has the pages: the dashboard, and the report of one run in a single file. Both are drawn by the same script
// from the same results. Nothing is fetched from elsewhere; uPlot, which draws the charts, lies in assets with its licence.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets
var assets embed.FS

// Handler serves the dashboard at / and what it needs under /assets/. It holds no data: the page asks the API.
func Handler() http.Handler {
	files := sync.OnceValue(newAssets) // most processes never show a page
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := files()[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		file.serve(w, r)
	})
}

// media says what the files are; the tables of the system may say something else.
var media = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// asset is a file as it is sent.
type asset struct {
	media  string
	etag   string
	zipped []byte
	plain  []byte
}

// newAssets returns the files by their paths.
func newAssets() map[string]*asset {
	files := map[string]*asset{}
	entries, _ := assets.ReadDir("assets")                   // embedded, as the files are
	zip, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // a valid level
	for _, entry := range entries {
		files["/assets/"+entry.Name()] = newAsset(entry.Name(), zip)
	}
	files["/"] = files["/assets/index.html"]
	return files
}

func newAsset(name string, zip *gzip.Writer) *asset {
	text, _ := assets.ReadFile("assets/" + name)
	var zipped bytes.Buffer // takes all
	zip.Reset(&zipped)
	_, _ = zip.Write(text)
	_ = zip.Close()
	sum := sha256.Sum256(text)
	return &asset{
		media: media[path.Ext(name)], etag: hex.EncodeToString(sum[:8]), zipped: zipped.Bytes(), plain: text,
	}
}

// serve answers with the file, or says that the browser has it: a browser asks each time, so that a page never meets the
// script of another version.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	header, body, etag := w.Header(), a.plain, a.etag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body, etag = a.zipped, a.etag+"-gzip"
	}
	header.Set("Content-Type", a.media)
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	header.Set("ETag", `"`+etag+`"`)
	if r.Header.Get("If-None-Match") == header.Get("ETag") {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
