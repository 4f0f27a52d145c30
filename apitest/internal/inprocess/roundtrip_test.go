package inprocess

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func request(ctx context.Context, tb testing.TB, method, url string, body io.Reader) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	require.NoError(tb, err)
	return r
}

// What a handler writes is there before it returns.
func TestABodyComesAsItIsWritten(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	target := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusAccepted)
		w.Header().Set("Too-Late", "yes")
		w.(http.Flusher).Flush()
		for range more {
			io.WriteString(w, r.Host+r.RequestURI+string(asked)+"\n")
		}
	}))
	resp, err := target.RoundTrip(request(t.Context(), t, http.MethodPost, "http://shop.test/events?n=1", strings.NewReader(" body")))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	require.Equal(t, http.Header{"Content-Type": {"text/event-stream"}}, resp.Header)
	r := bufio.NewReader(resp.Body)
	for range 3 {
		more <- struct{}{}
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "shop.test/events?n=1 body\n", line)
	}
	close(more)
	_, err = r.ReadString('\n')
	require.ErrorIs(t, err, io.EOF)
}

func TestAStreamIsEndedByTheClient(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	target := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		for err == nil {
			_, err = io.WriteString(w, "x")
		}
		<-r.Context().Done()
		ended <- err
	}))
	resp, err := target.RoundTrip(request(t.Context(), t, http.MethodGet, "http://shop.test/", nil))
	require.NoError(t, err)
	_, err = io.ReadFull(resp.Body, make([]byte, 3))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Error(t, <-ended)

	ctx, cancel := context.WithCancel(t.Context())
	resp, err = target.RoundTrip(request(ctx, t, http.MethodGet, "http://shop.test/", nil))
	require.NoError(t, err)
	cancel()
	_, err = io.Copy(io.Discard, resp.Body)
	require.ErrorIs(t, err, context.Canceled)
	require.Error(t, <-ended)
	require.NoError(t, resp.Body.Close())
}

func TestRoundTripsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	target := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("boom")
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/cut":
			io.WriteString(w, "half")
			panic("boom")
		case "/silent":
			close(entered)
			<-r.Context().Done()
		}
	}))
	_, err := target.RoundTrip(request(t.Context(), t, http.MethodGet, "http://shop.test/panic", nil))
	require.EqualError(t, err, "the handler panicked: boom")
	require.Equal(t, run.ErrorPanic, roundtrip.Class(err))
	_, err = target.RoundTrip(request(t.Context(), t, http.MethodGet, "http://shop.test/abort", nil))
	require.Equal(t, load.ErrorClosed, roundtrip.Class(err))
	resp, err := target.RoundTrip(request(t.Context(), t, http.MethodGet, "http://shop.test/cut", nil))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.Equal(t, "half", string(body))
	require.EqualError(t, err, "the handler panicked: boom")
	require.Equal(t, run.ErrorPanic, roundtrip.Class(err))
	require.NoError(t, resp.Body.Close())
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	_, err = target.RoundTrip(request(ctx, t, http.MethodGet, "http://shop.test/silent", nil))
	require.ErrorIs(t, err, context.Canceled)
}

// A handler may take the connection, whether the status was said before or it sends that itself.
func TestUpgrades(t *testing.T) {
	t.Parallel()
	target := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Upgrade", "echo")
		if r.URL.Path == "/said" {
			w.WriteHeader(http.StatusSwitchingProtocols)
		}
		conn, both, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		if r.URL.Path == "/sent" {
			both.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n")
			both.Flush()
		}
		for {
			line, err := both.ReadString('\n')
			if err != nil {
				return
			}
			both.WriteString(strings.ToUpper(line))
			both.Flush()
		}
	}))
	for _, path := range []string{"/said", "/sent"} {
		ctx, cancel := context.WithCancel(t.Context())
		resp, err := target.RoundTrip(request(ctx, t, http.MethodGet, "http://shop.test"+path, nil))
		require.NoError(t, err)
		require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
		require.Equal(t, "echo", resp.Header.Get("Upgrade"))
		cancel() // of the handshake only
		both := resp.Body.(io.ReadWriteCloser)
		r := bufio.NewReader(both)
		for range 3 {
			_, err = io.WriteString(both, "hello\n")
			require.NoError(t, err)
			line, err := r.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "HELLO\n", line)
		}
		require.NoError(t, both.Close())
	}
}
