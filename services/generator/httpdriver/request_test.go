package httpdriver

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Whatever a script asks for is refused, or is one well-formed request that says neither more nor less.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "/a?b=c#d", "X-Name", "value", []byte(nil))
	f.Add("POST", "a b/ü", "content-length", "7", []byte("body"))
	f.Add("PUT", "http://other.test/x\r\nA: b", "A", "b\r\nC: d", []byte("\r\n\r\n"))
	f.Add("G T", "//host/path", "", "", []byte(nil))
	d, err := New(f.Context(), Config{Target: "http://target.test/base", Now: func() time.Duration { return 0 }})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, method, url, name, value string, body []byte) {
		h, path, rooted, err := d.locate(url)
		if err != nil {
			return
		}
		req := &scenario.Request{Method: method, URL: url, Header: []scenario.Field{{Name: name, Value: value}}, Body: body}
		head, rest, err := d.appendRequest(nil, h, path, rooted, req)
		if err != nil {
			return
		}
		r := bufio.NewReader(io.MultiReader(bytes.NewReader(head), bytes.NewReader(rest)))
		got, err := http.ReadRequest(r)
		if err != nil {
			return // net/http knows more rules than we hold scripts to; what matters is that nothing is smuggled
		}
		require.Equal(t, method, got.Method)
		require.LessOrEqual(t, len(got.Header), 3, "%q", head)
		sent, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		require.Equal(t, string(body), string(sent))
		_, err = r.ReadByte()
		require.ErrorIs(t, err, io.EOF, "one request")
	})
}
