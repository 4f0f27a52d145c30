package web

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var handler = sync.OnceValue(Handler)

func get(t *testing.T, target string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	r.Header = header
	w := httptest.NewRecorder()
	handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

func TestEveryAssetIsServedAsWhatItIs(t *testing.T) {
	t.Parallel()
	entries, err := assets.ReadDir("assets")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, entry := range entries {
		resp := get(t, "/assets/"+entry.Name(), nil)
		assert.Equal(t, http.StatusOK, resp.StatusCode, entry.Name())
		assert.Equal(t, media[path.Ext(entry.Name())], resp.Header.Get("Content-Type"), entry.Name())
		assert.NotEmpty(t, resp.Header.Get("Content-Type"), entry.Name())
		assert.Equal(t, read(entry.Name()), body(t, resp), entry.Name())
	}
	assert.Equal(t, read("index.html"), body(t, get(t, "/", nil)))
	for _, wrong := range []string{"/index.html", "/assets/", "/assets/../web.go", "/assets/none.js"} {
		assert.Equal(t, http.StatusNotFound, get(t, wrong, nil).StatusCode, wrong)
	}
}

func TestABrowserThatHasAFileIsToldSo(t *testing.T) {
	t.Parallel()
	first := get(t, "/assets/view.js", http.Header{"Accept-Encoding": {"gzip"}})
	assert.Equal(t, "gzip", first.Header.Get("Content-Encoding"))
	zip, err := gzip.NewReader(first.Body)
	require.NoError(t, err)
	text, err := io.ReadAll(zip)
	require.NoError(t, err)
	assert.Equal(t, read("view.js"), string(text))

	again := get(t, "/assets/view.js", http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {first.Header.Get("ETag")}})
	assert.Equal(t, http.StatusNotModified, again.StatusCode)
	assert.Empty(t, body(t, again))

	plain := get(t, "/assets/view.js", http.Header{"If-None-Match": {first.Header.Get("ETag")}})
	assert.Equal(t, http.StatusOK, plain.StatusCode, "the tag is that of another encoding")
}

// TestTheFirstPageIsLight adds up what the browser loads before it shows the list of runs, uncompressed.
func TestTheFirstPageIsLight(t *testing.T) {
	t.Parallel()
	page := read("index.html")
	total := len(page)
	named := regexp.MustCompile(`(?:href|src)="/assets/([^"]+)"`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, named)
	seen := map[string]bool{}
	for _, match := range named {
		if text := read(match[1]); assert.NotEmpty(t, text, match[1]) && !seen[match[1]] {
			total += len(text)
			seen[match[1]] = true
		}
	}
	assert.Less(t, total, 100_000)
}

// TestVendoredFilesAreThoseOfTheirAuthors compares with dist/ of the npm package uplot 1.6.32.
func TestVendoredFilesAreThoseOfTheirAuthors(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"uplot.js":          "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
		"uplot.css":         "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
		"uplot.LICENSE.txt": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
	} {
		sum := sha256.Sum256([]byte(read(name)))
		assert.Equal(t, want, hex.EncodeToString(sum[:]), name)
	}
}
