package inprocess

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// open returns a client of a handler.
func open(tb testing.TB, h http.HandlerFunc) run.Client {
	tb.Helper()
	c, err := New(h).NewClient(tb.Context())
	require.NoError(tb, err)
	tb.Cleanup(c.Close)
	return c
}

// do makes a call with a time-out that is never reached.
func do(tb testing.TB, c run.Client, call *run.Call) run.Outcome {
	tb.Helper()
	call.Timeout = time.Minute
	out := run.Outcome{Status: 999, Body: []byte("of the call before")}
	c.Do(tb.Context(), call, &out)
	return out
}

func TestARequestIsWhatAServerWouldSee(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	c := open(t, func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	})
	call := &run.Call{
		Method: http.MethodPost, URL: "/a%2Fb/c?d=e&d=f", Body: []byte("hello"),
		Header: []run.Pair{{Name: "x-tenant", Value: "a"}, {Name: "X-Tenant", Value: "b"}, {Name: "host", Value: "shop.test"}},
	}
	for range 2 {
		require.Empty(t, do(t, c, call).Class)
		require.Equal(t, "POST /a%2Fb/c?d=e&d=f HTTP/1.1", got.Method+" "+got.RequestURI+" "+got.Proto)
		require.Equal(t, "/a/b/c", got.URL.Path)
		require.Equal(t, []string{"e", "f"}, got.URL.Query()["d"])
		require.Equal(t, http.Header{"X-Tenant": {"a", "b"}}, got.Header)
		require.Equal(t, "shop.test", got.Host)
		require.EqualValues(t, 5, got.ContentLength)
		require.Equal(t, "hello", string(body))
		require.ErrorIs(t, got.Context().Err(), context.Canceled, "as after a call by net/http")
		_, err := got.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		got.Header.Set("X-Tenant", "changed")
		got.URL.Path = "/changed"
	}
	require.Equal(t, "a", call.Header[0].Value, "a handler may change its own header only")
	require.Empty(t, do(t, c, &run.Call{Method: http.MethodGet, URL: "/"}).Class)
	require.Equal(t, "localhost", got.Host)
	require.Equal(t, http.NoBody, got.Body)
	require.Equal(t, load.ErrorRequest, do(t, c, &run.Call{Method: http.MethodGet, URL: "no path"}).Class)
}

func TestTheContextOfACall(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "of the run"))
	defer cancel()
	entered := make(chan struct{})
	c := open(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Context().Value(key{}) != "of the run" || r.Context().Err() != nil {
			panic("another context")
		}
		inner, end := context.WithCancel(r.Context())
		defer end()
		close(entered)
		<-inner.Done()
	})
	go func() { <-entered; cancel() }()
	var out run.Outcome
	c.Do(ctx, &run.Call{Method: http.MethodGet, URL: "/", Timeout: time.Minute}, &out)
	require.Equal(t, load.ErrorCancelled, out.Class, "%v", out.Err)
}

//nolint:paralleltest // it counts allocations
func TestBodiesAreCountedAndNotKept(t *testing.T) {
	const pieces, size = 16 << 10, 64 << 10
	piece := make([]byte, size)
	c := open(t, func(w http.ResponseWriter, _ *http.Request) {
		for range pieces {
			if _, err := w.Write(piece); err != nil {
				panic(err)
			}
		}
	})
	call := &run.Call{Method: http.MethodGet, URL: "/"}
	var out run.Outcome
	allocated := testing.AllocsPerRun(1, func() { out = do(t, c, call) })
	require.Empty(t, out.Class, "%v", out.Err)
	require.EqualValues(t, 1<<30, out.BytesIn)
	require.Nil(t, out.Body)
	require.Less(t, allocated, 100.0)
	require.Positive(t, out.FirstByte)
	require.Less(t, out.FirstByte, out.Latency)

	refused := open(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "sorry: ")
		w.Write(bytes.Repeat([]byte("x"), 5000))
	})
	out = do(t, refused, call)
	require.Equal(t, http.StatusTeapot, out.Status)
	require.EqualValues(t, 5007, out.BytesIn)
	require.Equal(t, "sorry: "+string(bytes.Repeat([]byte("x"), run.MaxSampleBody-7)), string(out.Body))
}

func TestPanics(t *testing.T) {
	t.Parallel()
	var with any
	c := open(t, func(w http.ResponseWriter, _ *http.Request) {
		if with != nil {
			panic(with)
		}
	})
	for _, tt := range []struct {
		with  any
		class string
		err   string
	}{
		{"boom", run.ErrorPanic, "the handler panicked: boom"},
		{http.ErrAbortHandler, load.ErrorClosed, "the handler aborted the response"},
	} {
		with = tt.with
		out := do(t, c, &run.Call{Method: http.MethodGet, URL: "/"})
		require.Equal(t, tt.class, out.Class)
		require.EqualError(t, out.Err, tt.err)
		require.Zero(t, out.Status)
		require.Positive(t, out.Latency)
		with = nil
		require.Equal(t, http.StatusOK, do(t, c, &run.Call{Method: http.MethodGet, URL: "/"}).Status, "the client goes on")
	}
}

func TestRedirectsStayInTheProcess(t *testing.T) {
	t.Parallel()
	var seen []string
	c := open(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.Host+r.URL.Path)
		switch r.URL.Path {
		case "/a":
			http.Redirect(w, r, "http://"+r.Host+"/b", http.StatusSeeOther)
		case "/b":
			http.Redirect(w, r, "c", http.StatusFound)
		case "/home":
			w.Header().Set("Location", "http://"+r.Host)
			w.WriteHeader(http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://other.test/", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	})
	follow := func(path string, redirects int) run.Outcome {
		seen = nil
		return do(t, c, &run.Call{Method: http.MethodPost, URL: path, Redirects: redirects, Header: []run.Pair{{Name: "Host", Value: "shop.test"}}})
	}
	require.Equal(t, http.StatusSeeOther, follow("/a", 0).Status)
	require.Len(t, seen, 1)
	out := follow("/a", 2)
	require.Equal(t, http.StatusOK, out.Status, "%v", out.Err)
	require.Equal(t, []string{"POST shop.test/a", "GET shop.test/b", "GET shop.test/c"}, seen)
	out = follow("/home", 2)
	require.Equal(t, http.StatusOK, out.Status, "%v", out.Err)
	require.Equal(t, []string{"POST shop.test/home", "GET shop.test/"}, seen)
	out = follow("/loop", 3)
	require.Equal(t, run.ErrorRedirect, out.Class)
	require.Len(t, seen, 4)
	out = follow("/away", 3)
	require.Equal(t, run.ErrorRedirect, out.Class)
	require.ErrorContains(t, out.Err, "http://other.test/")
	require.Len(t, seen, 1)
}

func BenchmarkDo(b *testing.B) {
	c := open(b, func(http.ResponseWriter, *http.Request) {})
	call := &run.Call{Method: http.MethodGet, URL: "/health", Timeout: time.Minute, Header: []run.Pair{{Name: "Authorization", Value: "Bearer x"}}}
	var out run.Outcome
	b.ReportAllocs()
	for b.Loop() {
		c.Do(b.Context(), call, &out)
	}
	require.Empty(b, out.Class)
}
