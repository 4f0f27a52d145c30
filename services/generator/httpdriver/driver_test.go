package httpdriver

import (
	"bufio"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSession(tb testing.TB, target string, change func(*Config)) *Session {
	tb.Helper()
	epoch := time.Now()
	cfg := Config{
		Target: target, UserAgent: "loadpilot/test", Timeout: 10 * time.Second,
		Now: func() time.Duration { return time.Since(epoch) },
	}
	if change != nil {
		change(&cfg)
	}
	d, err := New(tb.Context(), cfg)
	require.NoError(tb, err)
	s := d.NewSession()
	tb.Cleanup(s.Close)
	return s
}

func get(s *Session, url string) *Exchange {
	x := &Exchange{}
	do(s.driver.ctx, s, x, &scenario.Request{Method: http.MethodGet, URL: url})
	return x
}

// serve starts an HTTP server.
func serve(tb testing.TB, h http.HandlerFunc) *httptest.Server {
	tb.Helper()
	srv := httptest.NewServer(h)
	tb.Cleanup(srv.Close)
	return srv
}

// raw starts a server that hands each connection to f and closes it afterwards.
func raw(tb testing.TB, f func(c net.Conn, r *bufio.Reader)) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				stop := context.AfterFunc(tb.Context(), func() { c.Close() })
				defer stop()
				f(c, bufio.NewReader(c))
			})
		}
	})
	tb.Cleanup(func() { l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

// head reads one request without a body; false at the end of the connection.
func head(r *bufio.Reader) bool {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(line) == len("\r\n") {
			return true
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prefix string
		req    scenario.Request
		want   []string
	}{
		"get": {req: scenario.Request{Method: "GET", URL: "/a?b=c"}, want: []string{"GET /a?b=c HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate"}},
		"below a prefix": {
			prefix: "/api/", req: scenario.Request{Method: "GET", URL: "items"},
			want: []string{"GET /api/items HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate"},
		},
		"query only": {
			req:  scenario.Request{Method: "DELETE", URL: "?x=1#fragment"},
			want: []string{"DELETE /?x=1 HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate"},
		},
		"path as it is": {
			req:  scenario.Request{Method: "GET", URL: "/a//b/../%2F/ü x"},
			want: []string{"GET /a//b/../%2F/%C3%BC%20x HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate"},
		},
		"a URL in the query is not absolute": {
			req:  scenario.Request{Method: "GET", URL: "/go?to=http://x.test/"},
			want: []string{"GET /go?to=http://x.test/ HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate"},
		},
		"post": {
			req:  scenario.Request{Method: "POST", URL: "/", Body: []byte("hello")},
			want: []string{"POST / HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate", "Content-Length: 5", "", "hello"},
		},
		"post of nothing": {
			req:  scenario.Request{Method: "POST", URL: "/"},
			want: []string{"POST / HTTP/1.1", "Host: HOST", "User-Agent: loadpilot/test", "Accept-Encoding: gzip, deflate", "Content-Length: 0"},
		},
		"own headers": {
			req: scenario.Request{Method: "GET", URL: "/", Header: []scenario.Field{
				{Name: "host", Value: "shop.test"}, {Name: "user-agent", Value: "me"}, {Name: "Content-Length", Value: "9"}, {Name: "X-Y", Value: "z"},
			}},
			want: []string{"GET / HTTP/1.1", "host: shop.test", "user-agent: me", "X-Y: z", "Accept-Encoding: gzip, deflate"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(chan string, 1)
			url := raw(t, func(c net.Conn, r *bufio.Reader) {
				b := make([]byte, 4096)
				n, _ := r.Read(b)
				got <- string(b[:n])
				io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
			})
			s := newSession(t, url+tt.prefix, nil)
			x := &Exchange{}
			s.Do(t.Context(), x, &tt.req)
			require.NoError(t, x.Response.Err)
			require.Equal(t, 204, x.Response.Status)
			text := strings.ReplaceAll(strings.TrimSpace(<-got), strings.TrimPrefix(url, "http://"), "HOST")
			require.Empty(t, cmp.Diff(tt.want, strings.Split(text, "\r\n")))
			require.EqualValues(t, len(tt.req.Body), x.BytesOut)
		})
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	s := newSession(t, "http://127.0.0.1:1", nil)
	for _, req := range []scenario.Request{
		{Method: "", URL: "/"},
		{Method: "GET\r\n", URL: "/"},
		{Method: "GET", URL: "ftp://x.test/"},
		{Method: "GET", URL: "http://"},
		{Method: "GET", URL: "http://me:secret@x.test/"},
		{Method: "GET", URL: "/", Header: []scenario.Field{{Name: "a b", Value: ""}}},
		{Method: "GET", URL: "/", Header: []scenario.Field{{Name: "a", Value: "b\r\nc: d"}}},
	} {
		x := &Exchange{}
		s.Do(t.Context(), x, &req)
		require.Equal(t, load.ErrorRequest, x.Response.Class, "%+v", req)
		require.NotContains(t, x.Response.Err.Error(), "secret")
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 3<<20)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunked":
			for range 3 {
				io.WriteString(w, "abc")
				w.(http.Flusher).Flush()
			}
		case "/large":
			io.WriteString(w, large)
		case "/header":
			w.Header().Set("X-Long", large[:100_000])
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/echo":
			io.Copy(w, r.Body)
		case "/close":
			w.Header().Set("Connection", "close")
		default:
			w.Header().Set("X-Name", "value")
			io.WriteString(w, "hello")
		}
	})
	s := newSession(t, srv.URL, nil)
	x := get(s, "/")
	require.Equal(t, 200, x.Response.Status)
	require.Equal(t, "hello", string(x.Response.Body))
	require.EqualValues(t, 5, x.BytesIn)
	header := maps.Collect(x.Response.Header)
	require.Equal(t, "value", header["X-Name"])
	require.Equal(t, "5", header["Content-Length"])
	require.LessOrEqual(t, x.Asked, x.Sent)
	require.Equal(t, x.Done-x.Sent, x.Response.Elapsed)

	require.Equal(t, "abcabcabc", string(get(s, "/chunked").Response.Body))
	require.Len(t, get(s, "/large").Response.Body, len(large))
	require.Equal(t, 302, get(s, "/moved").Response.Status, "redirects are not followed")
	require.Equal(t, "hello", string(get(s, srv.URL+"/absolute").Response.Body))
	require.NoError(t, get(s, "/header").Response.Err)
	require.Len(t, s.idle, 1, "all on one connection")
	require.NoError(t, get(s, "/close").Response.Err)
	require.Empty(t, s.idle)

	s.Do(t.Context(), x, &scenario.Request{Method: "PUT", URL: "/echo", Body: []byte(large)})
	require.NoError(t, x.Response.Err)
	require.Equal(t, large, string(x.Response.Body))
	s.Do(t.Context(), x, &scenario.Request{Method: "HEAD", URL: "/"})
	require.Equal(t, 200, x.Response.Status)
	require.Empty(t, x.Response.Body)
	require.Equal(t, "hello", string(get(s, "/").Response.Body), "in step after HEAD")
}

// A server that reads every second request of a connection and closes without an answer sees each request once, and each
// is reported once.
func TestNothingIsRepeated(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			url := raw(t, func(c net.Conn, r *bufio.Reader) {
				for n := 1; head(r); n++ {
					seen.Add(1)
					if n%2 == 0 {
						return
					}
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			})
			s := newSession(t, url, nil)
			var ok, closed int64
			x := &Exchange{}
			for range 100 {
				s.Do(t.Context(), x, &scenario.Request{Method: method, URL: "/"})
				switch {
				case x.Response.Err == nil:
					ok++
				case x.Response.Class == load.ErrorClosed:
					closed++
				}
			}
			require.EqualValues(t, 50, ok)
			require.EqualValues(t, 50, closed)
			require.EqualValues(t, 100, seen.Load())
		})
	}
}

// A connection that the server closed while it was idle is replaced before anything is sent.
func TestIdleConnectionThatWasClosed(t *testing.T) {
	t.Parallel()
	if newProbe(&conn{}) == nil {
		t.Skip("idle sockets cannot be looked at on this platform")
	}
	var seen atomic.Int64
	closed := make(chan struct{}, 1)
	url := raw(t, func(c net.Conn, r *bufio.Reader) {
		if head(r) {
			seen.Add(1)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			c.Close()
			closed <- struct{}{}
		}
	})
	s := newSession(t, url, nil)
	for range 50 {
		x := get(s, "/")
		require.NoError(t, x.Response.Err)
		<-closed
		require.Eventually(t, func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.idle) == 0 || !s.idle[0].alive()
		}, 5*time.Second, time.Millisecond)
	}
	require.EqualValues(t, 50, seen.Load())
}

func TestHostileServers(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	answer := func(text string) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			head(r)
			io.WriteString(c, text)
		}
	}
	stall := func(text string) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			head(r)
			io.WriteString(c, text)
			r.ReadByte() // until the client gives up
		}
	}
	tests := map[string]struct {
		serve func(net.Conn, *bufio.Reader)
		class string
	}{
		"closed at once":        {func(net.Conn, *bufio.Reader) {}, load.ErrorClosed},
		"closed unanswered":     {answer(""), load.ErrorClosed},
		"half a status line":    {answer("HTTP/1."), load.ErrorClosed},
		"half a header":         {answer(ok + "Content-Le"), load.ErrorClosed},
		"half a body":           {answer(ok + "Content-Length: 10\r\n\r\nhalf"), load.ErrorClosed},
		"half a chunk":          {answer(ok + "Transfer-Encoding: chunked\r\n\r\n8\r\nhalf"), load.ErrorClosed},
		"no last chunk":         {answer(ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), load.ErrorClosed},
		"stalls":                {stall(""), load.ErrorTimeout},
		"stalls in the header":  {stall(ok + "Con"), load.ErrorTimeout},
		"stalls in the body":    {stall(ok + "Content-Length: 10\r\n\r\nhalf"), load.ErrorTimeout},
		"garbage":               {stall("220 smtp.example.test ESMTP\r\n\r\n"), load.ErrorProtocol},
		"bad content length":    {stall(ok + "Content-Length: -5\r\n\r\n"), load.ErrorProtocol},
		"absurd content length": {stall(ok + "Content-Length: 99999999999999\r\n\r\n"), load.ErrorGenerator},
		"bad chunk":             {stall(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), load.ErrorProtocol},
		"body until close":      {answer(ok + "\r\nall of it"), ""},
		"two interim responses": {answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + ok + "Connection: close\r\n\r\nok"), ""},
		"more than was asked":   {stall(ok + "Content-Length: 2\r\n\r\nokHTTP/1.1 500 Oops\r\n\r\n"), ""},
		"reset instead of an answer": {func(c net.Conn, r *bufio.Reader) {
			head(r)
			c.(*net.TCPConn).SetLinger(0)
		}, load.ErrorClosed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, raw(t, tt.serve), func(c *Config) { c.Timeout = 300 * time.Millisecond })
			x := get(s, "/")
			require.Equal(t, tt.class, x.Response.Class, "%v", x.Response.Err)
			if tt.class == load.ErrorTimeout {
				require.GreaterOrEqual(t, x.Done-x.Asked, 300*time.Millisecond, "failures keep the time they took")
			}
			require.Empty(t, s.idle, "the connection is not used again")
		})
	}
}

func TestConnectionsThatFail(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	refused := l.Addr().String()
	l.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	stalled := raw(t, func(_ net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) })
	tests := map[string]struct{ target, class string }{
		"refused":                  {"http://" + refused, load.ErrorConnect},
		"unknown host":             {"http://host.invalid", load.ErrorDNS},
		"no TLS there":             {strings.Replace(plain.URL, "http:", "https:", 1), load.ErrorTLS},
		"handshake without answer": {strings.Replace(stalled, "http:", "https:", 1), load.ErrorTimeout},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, tt.target, func(c *Config) { c.Timeout = 500 * time.Millisecond })
			x := get(s, "/")
			require.Equal(t, tt.class, x.Response.Class, "%v", x.Response.Err)
			require.Equal(t, x.Asked, x.Sent, "nothing was sent")
		})
	}
}

// pemOf returns the certificate of a server.
func pemOf(srv *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	s := newSession(t, srv.URL, func(c *Config) {
		c.Credentials.CA = pemOf(srv)
	})
	_, err := s.Connect(t.Context())
	require.NoError(t, err)
	for range 3 {
		x := get(s, "/")
		require.NoError(t, x.Response.Err)
		require.Equal(t, "HTTP/1.1", string(x.Response.Body))
		require.Len(t, s.idle, 1)
	}
	stranger := newSession(t, srv.URL, nil)
	require.Equal(t, load.ErrorTLS, get(stranger, "/").Response.Class)
}

// The end of the driver's context, and of a context that a script narrows, cuts a request off.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"driver", "request"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			url := raw(t, func(_ net.Conn, r *bufio.Reader) {
				head(r)
				close(asked)
				io.Copy(io.Discard, r)
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			d, err := New(ctx, Config{Target: url, Timeout: time.Minute, Now: func() time.Duration { return 0 }})
			require.NoError(t, err)
			use := ctx
			if name == "request" {
				use, cancel = context.WithCancel(ctx)
			}
			go func() {
				<-asked
				cancel()
			}()
			x := &Exchange{}
			s := d.NewSession()
			s.Do(use, x, &scenario.Request{Method: "GET", URL: "/"})
			require.Equal(t, load.ErrorCancelled, x.Response.Class)
			require.Empty(t, s.idle)
		})
	}
}

func TestConcurrentRequestsOfOneUser(t *testing.T) {
	t.Parallel()
	const n = 20
	var together sync.WaitGroup
	together.Add(n)
	srv := serve(t, func(http.ResponseWriter, *http.Request) {
		together.Done()
		together.Wait()
	})
	s := newSession(t, srv.URL, nil)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if x := get(s, "/"); x.Response.Err != nil {
				t.Error(x.Response.Err)
			}
		})
	}
	wg.Wait()
	require.Len(t, s.idle, n)
}

// A response that was there before its deadline was noticed has still taken too long.
func TestLateResponses(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Second
	for name, tt := range map[string]struct {
		takes   time.Duration
		connect time.Duration
		class   string
	}{
		"in time":               {takes: timeout},
		"late":                  {takes: timeout + 1, class: load.ErrorTimeout},
		"late, connected apart": {takes: timeout + 1, connect: time.Minute, class: load.ErrorTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock atomic.Int64
			srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				clock.Add(int64(tt.takes))
				fmt.Fprint(w, "whole")
			})
			s := newSession(t, srv.URL, func(c *Config) {
				c.Timeout = timeout
				c.Now = func() time.Duration { return time.Duration(clock.Load()) }
			})
			x := &Exchange{}
			s.Do(t.Context(), x, &scenario.Request{Method: http.MethodGet, URL: "/", Connect: tt.connect})
			require.Equal(t, tt.class, x.Response.Class, "%v", x.Response.Err)
			require.Equal(t, tt.takes, x.Done-x.Asked)
			require.Equal(t, tt.takes, x.Response.Elapsed)
			require.Equal(t, tt.class == "", len(s.idle) == 1)
		})
	}
}

// A server may end its side of an idle connection and go on reading, or send what nobody asked for: the next request is sent over
// another connection at once, however soon it comes, and fails by neither.
func TestKeptConnectionsThatAreStale(t *testing.T) {
	t.Parallel()
	if newProbe(&conn{}) == nil {
		t.Skip("idle sockets cannot be looked at on this platform")
	}
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for name, end := range map[string]func(c net.Conn){
		"half closed": func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() },
		"closed":      func(c net.Conn) { _ = c.Close() },
		"unasked":     func(c net.Conn) { io.WriteString(c, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") },
	} {
		for _, size := range []int{0, 2 * inlineBody} {
			t.Run(fmt.Sprint(name, ", body of ", size), func(t *testing.T) {
				t.Parallel()
				ended := make(chan struct{}, 1)
				var seen atomic.Int64
				url := raw(t, func(c net.Conn, r *bufio.Reader) {
					for range 2 {
						if !head(r) {
							return
						}
						seen.Add(1)
						if _, err := io.CopyN(io.Discard, r, int64(size)); err != nil {
							return
						}
						io.WriteString(c, ok)
					}
					end(c)
					ended <- struct{}{}
					_, _ = io.Copy(io.Discard, r)
				})
				s := newSession(t, url, nil)
				x := &Exchange{}
				stale := int64(0) // connections that were put aside before the server ended them
				for i := range 20 {
					s.Do(s.driver.ctx, x, &scenario.Request{Method: http.MethodPost, URL: "/", Body: make([]byte, size)})
					require.NoError(t, x.Response.Err)
					require.Equal(t, 200, x.Response.Status)
					require.EqualValues(t, stale, x.Link.Closed, "request %d", i)
					stale = 0
					if i%2 == 1 {
						<-ended
						for _, c := range s.idle {
							stale++
							require.Eventually(t, func() bool { return !c.alive() }, 10*time.Second, time.Millisecond)
						}
					}
				}
				require.EqualValues(t, 20, seen.Load())
			})
		}
	}
}

// A cancel that comes together with the answer does not spoil the connection for the next request.
func TestCancelAtTheEnd(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	s := newSession(t, srv.URL, nil)
	x := &Exchange{}
	for range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); runtime.Gosched(); cancel() }()
		s.Do(ctx, x, &scenario.Request{Method: http.MethodGet, URL: "/"})
		<-done
		require.NoError(t, get(s, "/").Response.Err)
	}
}
