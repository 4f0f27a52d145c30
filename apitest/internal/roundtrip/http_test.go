package roundtrip

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// fetch is a protocol: the response is read to its end.
func fetch(ctx context.Context, x *HTTP) error {
	req, err := http.NewRequestWithContext(ctx, x.Call.Method, x.URL, http.NoBody)
	if err != nil {
		return err
	}
	req.Header, req.Host = x.Header, x.Host
	resp, err := x.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if x.Answered(resp) {
		return nil
	}
	x.Out.BytesIn, err = io.Copy(io.Discard, resp.Body)
	return err
}

func do(t *testing.T, c run.Config, call *run.Call) run.Outcome {
	t.Helper()
	target := NewTarget(Config{Mode: run.ModeSocket, URL: c.Target, UserAgent: "test", Transport: Sockets(c)}, fetch)
	client, err := target.NewClient(t.Context())
	require.NoError(t, err)
	defer client.Close()
	if call.Timeout == 0 {
		call.Timeout = 10 * time.Second
	}
	var out run.Outcome
	client.Do(t.Context(), call, &out)
	return out
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestRequest(t *testing.T) {
	t.Parallel()
	seen := make(chan *http.Request, 2)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		_, _ = io.WriteString(w, "answer")
	})
	for _, base := range []string{server.URL, server.URL + "/"} {
		out := do(t, run.Config{Target: base}, &run.Call{
			Method: "GET", URL: "/a%2Fb?c=d", Header: []run.Pair{{Name: "host", Value: "shop.example"}, {Name: "X-N", Value: "1"}, {Name: "X-N", Value: "2"}},
		})
		r := <-seen
		assert.Equal(t, "/a%2Fb?c=d", r.RequestURI)
		assert.Equal(t, "shop.example", r.Host)
		assert.Equal(t, []string{"1", "2"}, r.Header["X-N"])
		assert.Equal(t, "test", r.UserAgent())
		require.NoError(t, out.Err)
		assert.Equal(t, 200, out.Status)
		assert.EqualValues(t, len("answer"), out.BytesIn)
		assert.True(t, out.Opened)
		assert.Positive(t, out.FirstByte)
		assert.GreaterOrEqual(t, out.Latency, out.FirstByte)
	}
}

// TestOneConnectionEach says that no exchange uses the connection of another one.
func TestOneConnectionEach(t *testing.T) {
	t.Parallel()
	for name, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opened atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					opened.Add(1)
				}
			}
			server.Config.Protocols = new(http.Protocols)
			server.Config.Protocols.SetHTTP1(true)
			server.Config.Protocols.SetUnencryptedHTTP2(true)
			server.Start()
			defer server.Close()
			target := NewTarget(Config{URL: server.URL, Transport: Sockets(run.Config{HTTP2: h2})}, fetch)
			client, err := target.NewClient(t.Context())
			require.NoError(t, err)
			for range 5 {
				var out run.Outcome
				client.Do(t.Context(), &run.Call{Method: "GET", URL: "/", Timeout: 10 * time.Second}, &out)
				require.NoError(t, out.Err)
				assert.True(t, out.Opened)
			}
			client.Close()
			assert.EqualValues(t, 5, opened.Load())
		})
	}
}

// slow takes a second to connect and another one to answer.
type slow struct{}

// RoundTrip implements http.RoundTripper.
func (slow) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})
	time.Sleep(time.Second)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

// TestConnectingDoesNotCount says that times count from when the connection stands, and the time-out from the beginning.
func TestConnectingDoesNotCount(t *testing.T) {
	t.Parallel()
	for timeout, class := range map[time.Duration]string{3 * time.Second: "", 1500 * time.Millisecond: load.ErrorTimeout} {
		synctest.Test(t, func(t *testing.T) {
			client, err := NewTarget(Config{Transport: func() http.RoundTripper { return slow{} }}, func(ctx context.Context, x *HTTP) error {
				if err := fetch(ctx, x); err != nil {
					return err
				}
				return ctx.Err()
			}).NewClient(t.Context())
			require.NoError(t, err)
			var out run.Outcome
			client.Do(t.Context(), &run.Call{Method: "GET", URL: "http://shop.example/", Timeout: timeout}, &out)
			assert.Equal(t, class, out.Class, "%v", out.Err)
			assert.True(t, out.Opened)
			assert.Equal(t, time.Second, out.FirstByte)
			assert.Equal(t, time.Second, out.Latency)
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Repeat("tea", 1<<20))
	})
	out := do(t, run.Config{Target: server.URL}, &run.Call{Method: "GET", URL: "/"})
	assert.Equal(t, http.StatusTeapot, out.Status)
	assert.Empty(t, out.Class, "the engine classes it")
	assert.Len(t, out.Body, run.MaxSampleBody)
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	secrets := make(chan http.Header, 1)
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { secrets <- r.Header })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, other.URL, http.StatusFound)
			return
		}
		http.Redirect(w, r, "/loop", http.StatusFound)
	})
	config := run.Config{Target: server.URL}

	out := do(t, config, &run.Call{Method: "GET", URL: "/loop"})
	assert.Equal(t, http.StatusFound, out.Status, "not followed")
	assert.Empty(t, out.Class)
	assert.EqualValues(t, 1, requests.Swap(0))

	out = do(t, config, &run.Call{Method: "GET", URL: "/loop", Redirects: 3})
	assert.Equal(t, run.ErrorRedirect, out.Class)
	assert.EqualValues(t, 4, requests.Swap(0))

	out = do(t, config, &run.Call{
		Method: "GET", URL: "/elsewhere?token=secret", Redirects: 3, Login: "x-tenant",
		Header: []run.Pair{
			{Name: "Authorization", Value: "secret"},
			{Name: "X-Auth-Token", Value: "secret"},
			{Name: "X-Tenant", Value: "secret"},
			{Name: "X-Other", Value: "open"},
		},
	})
	require.NoError(t, out.Err)
	assert.Equal(t, 200, out.Status)
	header := <-secrets
	assert.NotContains(t, fmt.Sprint(header), "secret")
	assert.Equal(t, "open", header.Get("X-Other"))
}

// TestClass breaks exchanges in many ways.
func TestClass(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	torn := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "some")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	for name, row := range map[string]struct {
		url, class string
		insecure   bool
	}{
		"nobody listens":           {url: "http://" + unused(t), class: load.ErrorConnect},
		"unknown authority":        {url: secure.URL, class: load.ErrorTLS},
		"any authority":            {url: secure.URL, insecure: true},
		"no TLS":                   {url: strings.Replace(plain.URL, "http", "https", 1), class: load.ErrorTLS},
		"no answer":                {url: silent.URL, class: load.ErrorTimeout},
		"the body breaks off":      {url: torn.URL, class: load.ErrorClosed},
		"closed without an answer": {url: "http://" + answer(t, func(*net.TCPConn) {}), class: load.ErrorClosed},
		"reset":                    {url: "http://" + answer(t, func(conn *net.TCPConn) { _ = conn.SetLinger(0) }), class: load.ErrorClosed},
		"not HTTP":                 {url: "http://" + answer(t, func(conn *net.TCPConn) { _, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.9\r\n") }), class: load.ErrorProtocol},
		"not a URL":                {url: "http://a b", class: load.ErrorRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := 10 * time.Second
			if row.class == load.ErrorTimeout {
				timeout = 50 * time.Millisecond
			}
			out := do(t, run.Config{Insecure: row.insecure}, &run.Call{Method: "GET", URL: row.url + "?token=secret", Timeout: timeout})
			assert.Equal(t, row.class, out.Class, "%v", out.Err)
			if row.class != "" {
				require.Error(t, out.Err)
				assert.NotContains(t, out.Err.Error(), "secret")
			}
		})
	}
}

func TestClassOfUnknownName(t *testing.T) {
	t.Parallel()
	err := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "shop.example", IsNotFound: true}}
	assert.Equal(t, load.ErrorDNS, Class(err))
	assert.Equal(t, run.ErrorPanic, Class(fmt.Errorf("wrapped: %w", &Error{Class: run.ErrorPanic, Err: err})))
}

// unused returns an address where nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// answer returns the address of a server that reads a request, answers as the function does, and hangs up.
func answer(t *testing.T, with func(conn *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			with(conn.(*net.TCPConn))
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}
