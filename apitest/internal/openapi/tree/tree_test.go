package tree

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// write puts files, by name, into a new folder, and returns the path of main.yaml.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return filepath.Join(folder, "main.yaml")
}

func open(t *testing.T, files map[string]string) Node {
	t.Helper()
	root, err := Open(t.Context(), nil, write(t, files))
	require.NoError(t, err)
	return root
}

func TestJSONAndYAMLAreTheSame(t *testing.T) {
	t.Parallel()
	const want = `{"z":1,"a":{"list":[1,2.50,true,null,"x"],"empty":{},"none":[]},"200":"status","text":"2020-01-02","big":18446744073709551615}`
	for name, text := range map[string]string{
		"JSON":            want,
		"JSON with a BOM": "\xef\xbb\xbf \n" + want,
		"YAML": `
z: 1
a:
  list: [1, 2.50, true, ~, x]
  empty: {}
  none: []
200: status
text: 2020-01-02
big: 18446744073709551615
`,
	} {
		root := open(t, map[string]string{"main.yaml": text})
		require.Equal(t, want, string(root.JSON()), name) //nolint:testifylint // the order counts
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	root := open(t, map[string]string{"main.yaml": `
base: &base {a: 1, b: 2}
merged: {b: 3, <<: *base}
several:
  <<: [*base, {c: 4}]
alias: *base
numbers: [0x10, 1_000, +1, .5, .inf, .nan]
quoted: ["1", 'true']
`})
	require.Equal(t, `{"b":3,"a":1}`, string(root.Get("merged").JSON()))
	require.Equal(t, `{"a":1,"b":2,"c":4}`, string(root.Get("several").JSON()))
	require.Equal(t, `{"a":1,"b":2}`, string(root.Get("alias").JSON()))
	require.Equal(t, `[16,1000,1,0.5,".inf",".nan"]`, string(root.Get("numbers").JSON()))
	require.Equal(t, `["1","true"]`, string(root.Get("quoted").JSON()))
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	var billion strings.Builder
	billion.WriteString("a: &a [x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c < 'l'; c++ {
		fmt.Fprintf(&billion, "%c: &%c [%s]\n", c, c, strings.Join(slices.Repeat([]string{"*" + string(c-1)}, 9), ", "))
	}
	for name, tc := range map[string]struct{ text, says string }{
		"half of JSON":         {"{\"a\": 1,\n\"b\":", "line 2: unexpected EOF"},
		"wrong JSON":           {"{\"a\": 1,\n b: 2}", "line 2: invalid character 'b'"},
		"two documents":        {"{}\n{}", "line 1: text follows the document"},
		"wrong YAML":           {"a: b: c", "mapping values are not allowed"},
		"deep JSON":            {strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000), "nested more than 1000 deep"},
		"deep YAML":            {strings.Repeat(`[`, 2000) + strings.Repeat("]", 2000), "nested more than 1000 deep"},
		"a billion laughs":     {billion.String(), "more than 2000000 values"},
		"an alias of itself":   {"a: &a [*a]", "nested more than 1000 deep"},
		"more than is allowed": {"a: " + strings.Repeat("x", maxBytes), "larger than 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(t.Context(), nil, write(t, map[string]string{"main.yaml": tc.text}))
			require.ErrorContains(t, err, tc.says)
		})
	}
	_, err := Open(t.Context(), nil, filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReferencesAreFollowed(t *testing.T) {
	t.Parallel()
	root := open(t, map[string]string{
		"main.yaml": `
here: {$ref: "#/defs/a~1b%20c~0"}
through: {$ref: "#/chain/x"}
chain: {$ref: "#/defs"}
there: {$ref: "sub/other.yaml#/list/1"}
back: {$ref: "sub/other.yaml#/back"}
whole: {$ref: sub/whole.json}
items: [{$ref: "#/defs/x"}]
defs:
  a/b c~: found
  x: {n: 1}
`,
		"sub/other.yaml": `
list: [a, {$ref: "whole.json#/deep"}]
back: {$ref: "../main.yaml#/defs/x/n"}
`,
		"sub/whole.json": `{"deep": "sea"}`,
	})
	require.Equal(t, "found", root.Get("here").Text())
	require.Equal(t, "1", root.Path("through", "n").Text())
	require.Equal(t, "sea", root.Get("there").Text())
	require.Equal(t, "1", root.Get("back").Text())
	require.Equal(t, "sea", root.Path("whole", "deep").Text())
	require.True(t, root.Get("items").First().Same(root.Path("defs", "x")))
	require.Equal(t, "#/defs/x", root.Get("items").First().Ref())
}

func TestReferencesThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	root := open(t, map[string]string{"main.yaml": `
nowhere: {$ref: "#/defs/a/b"}
circle: {$ref: "#/other"}
other: {$ref: "#/circle"}
inner: {$ref: "#/inner/x"}
anchor: {$ref: "#name"}
absent: {$ref: "absent.yaml#/a"}
web: {$ref: "http://example.com/a.yaml"}
defs: {a: 1}
`})
	for name, says := range map[string]string{
		"nowhere": "reference #/defs/a/b: it leads nowhere",
		"circle":  "it leads in a circle",
		"inner":   "it leads in a circle",
		"anchor":  "it is no JSON pointer",
		"absent":  "no such file",
		"web":     "a file refers to files only",
	} {
		require.ErrorContains(t, root.Get(name).Err(), says)
		require.False(t, root.Get(name).Exists())
		require.False(t, root.Path(name, "below").Exists())
	}
}

// Each definition leads through the one before it twice.
func TestReferencesThroughReferencesEnd(t *testing.T) {
	t.Parallel()
	var base, others strings.Builder
	base.WriteString("base:\n  x: 1\n")
	others.WriteString("o0: {$ref: '#/base'}\n")
	for i := range 40 {
		fmt.Fprintf(&base, "  b%d: {$ref: '#/o%d'}\n", i, i)
		fmt.Fprintf(&others, "o%d: {$ref: '#/o%d/b%d'}\n", i+1, i, i)
	}
	root := open(t, map[string]string{"main.yaml": base.String() + others.String()})
	require.Equal(t, "1", root.Path("o4", "x").Text())
	require.EqualError(t, root.Get("o40").Err(), "reference #/o39/b39: it leads in a circle")
}

func TestDocumentsOfAServer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another origin was asked") }))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/api/main.yaml", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `
near: {$ref: "parts/a.json#/x"}
same: {$ref: "http://%s/api/parts/a.json#/x"}
other: {$ref: "%s/a.json"}
moved: {$ref: "moved.json"}
gone: {$ref: "gone.json"}
file: {$ref: "file:///etc/hostname"}
`, r.Host, other.URL)
	})
	mux.HandleFunc("/api/parts/a.json", func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = fmt.Fprint(w, `{"x": "found"}`)
	})
	mux.Handle("/api/moved.json", http.RedirectHandler(other.URL, http.StatusFound))
	mux.Handle("/old", http.RedirectHandler("/api/main.yaml", http.StatusFound))
	server := httptest.NewServer(mux)
	defer server.Close()

	root, err := Open(t.Context(), server.Client(), server.URL+"/old")
	require.NoError(t, err)
	require.Equal(t, "found", root.Get("near").Text())
	require.Equal(t, "found", root.Get("same").Text())
	require.EqualValues(t, 1, asked.Load(), "each file is read once")
	require.ErrorContains(t, root.Get("other").Err(), "it leads to another origin")
	require.ErrorContains(t, root.Get("moved").Err(), "it leads to another origin")
	require.ErrorContains(t, root.Get("gone").Err(), "404 Not Found")
	require.ErrorContains(t, root.Get("file").Err(), "it leads to another origin")
}

func TestServersThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	_, err := Open(t.Context(), server.Client(), server.URL)
	require.ErrorContains(t, err, "404 Not Found")
	require.NotErrorIs(t, err, load.ErrUnavailable)
	server.Close()
	_, err = Open(t.Context(), server.Client(), server.URL)
	require.ErrorIs(t, err, load.ErrUnavailable)
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestServersThatAreSilentAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begin := time.Now()
		_, err := Open(t.Context(), &http.Client{Transport: silent}, "http://example.com/")
		require.ErrorIs(t, err, load.ErrUnavailable)
		require.Equal(t, maxTime, time.Since(begin))
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	root := open(t, map[string]string{"main.yaml": `
text: a
number: 1.5
yes: true
nothing: null
list: [a, 1, {}, b]
object: {z: 1, a: 2}
`})
	require.Equal(t, []string{"a", "1", "b"}, root.Get("list").Texts())
	require.Empty(t, root.Get("text").Texts())
	require.Equal(t, "1.5", root.Get("number").Text())
	number, ok := root.Get("number").Number()
	require.True(t, ok)
	require.InDelta(t, 1.5, number, 0)
	_, ok = root.Get("text").Number()
	require.False(t, ok)
	require.True(t, root.Get("yes").True())
	require.Equal(t, "true", root.Get("yes").Text())
	require.True(t, root.Get("nothing").Exists())
	require.True(t, root.Get("nothing").Null())
	require.False(t, root.Get("absent").Exists())
	require.True(t, root.Get("absent").Null())
	require.True(t, root.Get("object").Object())
	require.False(t, root.Get("list").Object())
	require.Equal(t, "1", root.Get("object").First().Text())
	var names []string
	for name := range root.Get("object").Fields() {
		names = append(names, name)
	}
	require.Equal(t, []string{"z", "a"}, names)
}

func TestLargeObjectsAreIndexed(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range few + 5 {
		fmt.Fprintf(&text, "n%d: %d\n", i, i)
	}
	root := open(t, map[string]string{"main.yaml": text.String()})
	for i := range few + 5 {
		require.Equal(t, strconv.Itoa(i), root.Get(fmt.Sprintf("n%d", i)).Text())
	}
	require.False(t, root.Get("n").Exists())
}
