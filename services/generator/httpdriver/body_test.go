package httpdriver

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Exchanges that keep only the beginning of a body come to the same as others, over the same connections.
func TestBodiesAreCountedOnAllCarriers(t *testing.T) {
	t.Parallel()
	const kept = 1000
	large := bytes.Repeat([]byte("0123456789"), 300_000)
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, opened := c.serve(t, shop, nil)
			x := &Exchange{}
			ask := func(most int, method, path string, body []byte) {
				x.KeepBody = most
				do(t.Context(), s, x, &scenario.Request{Method: method, URL: path, Body: body})
			}
			requests := []struct {
				method, path string
				body         []byte
			}{
				{http.MethodGet, "/", nil},
				{http.MethodGet, "/chunked", nil},
				{http.MethodPost, "/echo", large[:kept]},
				{http.MethodPost, "/echo", large[:readBuffer]},
				{http.MethodPost, "/echo", large},
				{http.MethodGet, "/missing", nil},
				{http.MethodGet, "/moved", nil},
				{http.MethodGet, "/gzip", nil},
				{http.MethodGet, "/header", nil},
				{http.MethodHead, "/", nil},
				{http.MethodPost, "/echo", nil},
			}
			for range 2 {
				for _, r := range requests {
					ask(0, r.method, r.path, r.body)
					require.NoError(t, x.Response.Err, r.path)
					status, whole, in := x.Response.Status, bytes.Clone(x.Response.Body), x.BytesIn
					ask(kept, r.method, r.path, r.body)
					require.NoError(t, x.Response.Err, r.path)
					require.Equal(t, status, x.Response.Status)
					require.Equal(t, in, x.BytesIn)
					require.EqualValues(t, len(whole), x.BytesIn)
					require.True(t, bytes.HasPrefix(whole, x.Response.Body), r.path)
					require.GreaterOrEqual(t, len(x.Response.Body), min(kept, len(whole)))
					require.LessOrEqual(t, len(x.Response.Body), readBuffer)
				}
			}
			require.EqualValues(t, 1, opened.Load(), "all on one connection")
			x.Shuns = func(media string) bool { return media == "text/plain" }
			ask(kept, http.MethodGet, "/chunked", nil)
			require.ErrorIs(t, x.Response.Err, ErrShunned)
			require.Equal(t, load.ErrorCancelled, x.Response.Class)
			ask(kept, http.MethodGet, "/missing", nil)
			require.NoError(t, x.Response.Err, "no success")
			x.Shuns = func(media string) bool { return media == "image/png" }
			ask(kept, http.MethodGet, "/chunked", nil)
			require.NoError(t, x.Response.Err, "another type")
			for _, path := range []string{"/truncated", "/reset", "/cut"} {
				ask(kept, http.MethodGet, path, nil)
				require.Equal(t, load.ErrorClosed, x.Response.Class, "%s: %v", path, x.Response.Err)
				ask(kept, http.MethodGet, "/", nil)
				require.NoError(t, x.Response.Err, "the user goes on")
			}
		})
	}
}
