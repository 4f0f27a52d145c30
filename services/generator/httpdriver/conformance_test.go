package httpdriver

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// carrier is one of the ways in which requests travel. All of them keep the same promises.
type carrier struct {
	name       string
	secure, h2 bool
	woven      bool // exchanges run in strands
}

var carriers = []carrier{
	{name: "HTTP 1.1"},
	{name: "HTTP 1.1 over TLS", secure: true},
	{name: "HTTP 2 over TLS", secure: true, h2: true},
	{name: "HTTP 2 with prior knowledge", h2: true},
	{name: "HTTP 1.1 in strands", woven: true},
	{name: "HTTP 1.1 over TLS in strands", secure: true, woven: true},
	{name: "HTTP 2 in strands", h2: true, woven: true},
}

// serve starts a server and returns a session for it, and how many connections the server has seen.
func (c carrier) serve(tb testing.TB, h http.HandlerFunc, change func(*Config)) (*Session, *atomic.Int64) {
	tb.Helper()
	opened := &atomic.Int64{}
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	if c.secure {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Config.Protocols = new(http.Protocols)
		srv.Config.Protocols.SetHTTP1(true)
		srv.Config.Protocols.SetUnencryptedHTTP2(true)
		srv.Start()
	}
	tb.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	clock := pacer.NewClock()
	session := newSession(tb, srv.URL, func(cfg *Config) {
		cfg.Now = clock.Now
		cfg.Transport.HTTP2 = c.h2
		if c.secure {
			cfg.Credentials.CA = pemOf(srv)
		}
		if change != nil {
			change(cfg)
		}
	})
	if c.woven {
		weave(tb, session, clock)
	}
	return session, opened
}

// looms are the loops of the sessions whose exchanges run in strands.
var looms sync.Map

// weave has the exchanges of a session run in strands, where the platform has them.
func weave(tb testing.TB, s *Session, clock pacer.Clock) *strand.Loop {
	tb.Helper()
	loop, alarm := strand.New(clock.Alarm(), clock)
	var wg sync.WaitGroup
	ended := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-ended:
				alarm.Close()
				return
			default:
				alarm.Wait(math.MaxInt64)
			}
		}
	})
	tb.Cleanup(func() {
		close(ended)
		alarm.Ring()
		wg.Wait()
	})
	if loop == nil {
		tb.Skip("there are no strands on this platform")
	}
	looms.Store(s, loop)
	return loop
}

// do is an exchange of a session, in a strand if it has a loom.
func do(ctx context.Context, s *Session, x *Exchange, req *scenario.Request) {
	loop, woven := looms.Load(s)
	if !woven {
		s.Do(ctx, x, req)
		return
	}
	done := make(chan struct{})
	loop.(*strand.Loop).Post(func(st *strand.Strand) {
		defer close(done)
		x.Strand = st
		s.Do(ctx, x, req)
	})
	<-done
}

type connKey struct{}

// cut closes the connection that a request came by.
func cut(r *http.Request) {
	r.Context().Value(connKey{}).(net.Conn).Close()
	panic(http.ErrAbortHandler)
}

// shop is a server of many moods.
func shop(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/echo":
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	case "/chunked":
		for range 3 {
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
		}
	case "/moved":
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		http.Redirect(w, r, "/", http.StatusFound)
	case "/gzip":
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, strings.Repeat("x", 10_000))
		z.Close()
	case "/header":
		w.Header().Set("X-Long", strings.Repeat("x", 100_000))
	case "/missing":
		http.NotFound(w, r)
	case "/truncated":
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "/reset":
		panic(http.ErrAbortHandler)
	case "/cut":
		cut(r)
	case "/silent":
		<-r.Context().Done()
	case "/drip":
		for r.Context().Err() == nil {
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	default:
		w.Header().Set("X-Path", r.RequestURI)
		fmt.Fprint(w, r.Proto)
	}
}

func TestCarriers(t *testing.T) {
	t.Parallel()
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, opened := c.serve(t, shop, nil)
			_, err := s.Connect(t.Context())
			require.NoError(t, err)
			proto, version := "HTTP/1.1", ""
			if c.h2 {
				proto, version = "HTTP/2.0", "HTTP/2"
			}
			for i, path := range []string{"/", "/a//b/../%2F/ü x?q=1#f", "//host/path", "?x=1"} {
				x := get(s, path)
				require.NoError(t, x.Response.Err, path)
				require.Equal(t, proto, string(x.Response.Body), path)
				require.Equal(t, version, x.Response.Version)
				require.EqualValues(t, len(proto), x.BytesIn)
				require.Equal(t, LinkReused, x.Link.State)
				require.LessOrEqual(t, x.Asked, x.Sent)
				require.LessOrEqual(t, x.Sent, x.First)
				require.LessOrEqual(t, x.First, x.Done)
				require.Equal(t, x.Done-x.Sent, x.Response.Elapsed)
				header := http.Header{}
				for name, value := range x.Response.Header {
					header.Add(name, value)
				}
				require.Equal(t, []string{"/", "/a//b/../%2F/%C3%BC%20x?q=1", "//host/path", "/?x=1"}[i], header.Get("X-Path"))
			}
			require.Equal(t, c.woven && !c.secure && !c.h2, len(s.idle) > 0 && s.idle[0].detached != nil, "watched by the loop")
			require.Equal(t, http.StatusNotFound, get(s, "/missing").Response.Status)
			require.Equal(t, "abcabcabc", string(get(s, "/chunked").Response.Body))
			moved := get(s, "/moved")
			require.Equal(t, http.StatusFound, moved.Response.Status, "redirects are not followed")
			require.True(t, moved.Response.SetsCookie)
			packed := get(s, "/gzip")
			require.Equal(t, "gzip", packed.Response.Encoding)
			require.EqualValues(t, len(packed.Response.Body), packed.BytesIn)
			require.Less(t, packed.BytesIn, int64(1000), "what is on the wire counts")
			require.NoError(t, get(s, "/header").Response.Err)

			large := strings.Repeat("x", 3<<20)
			x := &Exchange{}
			do(t.Context(), s, x, &scenario.Request{Method: http.MethodPost, URL: "/echo", Body: []byte(large)})
			require.NoError(t, x.Response.Err)
			require.Equal(t, large, string(x.Response.Body))
			require.EqualValues(t, len(large), x.BytesOut)
			do(t.Context(), s, x, &scenario.Request{Method: http.MethodHead, URL: "/"})
			require.NoError(t, x.Response.Err)
			require.Empty(t, x.Response.Body)
			require.Equal(t, proto, string(get(s, "/").Response.Body), "in step after HEAD")
			require.EqualValues(t, 1, opened.Load(), "all on one connection")
		})
	}
}

func TestHeadersOnAllCarriers(t *testing.T) {
	t.Parallel()
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got http.Header
			var host string
			s, _ := c.serve(t, func(_ http.ResponseWriter, r *http.Request) { got, host = r.Header, r.Host }, func(cfg *Config) {
				cfg.Credentials.Headers = []load.Header{{Name: "X-Tenant", Value: "blue"}, {Name: "X-Own", Value: "no"}}
			})
			x := &Exchange{}
			do(t.Context(), s, x, &scenario.Request{Method: http.MethodGet, URL: "/", Header: []scenario.Field{
				{Name: "x-own", Value: "yes"}, {Name: "Host", Value: "shop.test"}, {Name: "Content-Length", Value: "9"},
			}})
			require.NoError(t, x.Response.Err)
			require.Equal(t, "shop.test", host)
			require.Equal(t, http.Header{
				"X-Own": {"yes"}, "X-Tenant": {"blue"}, "User-Agent": {"loadpilot/test"}, "Accept-Encoding": {"gzip, deflate"},
			}, got)
			s.driver.target.fields = nil
			do(t.Context(), s, x, &scenario.Request{Method: http.MethodGet, URL: "/", Header: []scenario.Field{{Name: "Host", Value: "shop.test"}}})
			require.NoError(t, x.Response.Err)
			require.Empty(t, got, "nothing is added by anybody else")
			for _, wrong := range []scenario.Request{
				{Method: "G T", URL: "/"},
				{Method: "GET", URL: "/", Header: []scenario.Field{{Name: "a", Value: "b\r\nc: d"}}},
			} {
				do(t.Context(), s, x, &wrong)
				require.Equal(t, load.ErrorRequest, x.Response.Class)
			}
		})
	}
}

func TestFailuresOnAllCarriers(t *testing.T) {
	t.Parallel()
	const timeout = 300 * time.Millisecond
	for _, c := range carriers {
		for path, class := range map[string]string{
			"/truncated": load.ErrorClosed, "/reset": load.ErrorClosed, "/cut": load.ErrorClosed,
			"/silent": load.ErrorTimeout, "/drip": load.ErrorTimeout,
		} {
			t.Run(c.name+path, func(t *testing.T) {
				t.Parallel()
				s, _ := c.serve(t, shop, func(cfg *Config) { cfg.Timeout = timeout })
				for range 3 {
					x := get(s, path)
					require.Equal(t, class, x.Response.Class, "%v", x.Response.Err)
					require.Equal(t, scenario.StageReceive, x.Response.Stage)
					require.Less(t, x.Asked, x.Sent, "it was sent")
					require.Equal(t, x.Done-x.Sent, x.Response.Elapsed)
					if class == load.ErrorTimeout {
						require.GreaterOrEqual(t, x.Done-x.Asked, timeout, "failures keep the time they took")
						require.Less(t, x.Done-x.Asked, 10*timeout)
					}
				}
				require.NoError(t, get(s, "/").Response.Err, "the user goes on")
			})
		}
	}
}

// A server that closes the connection of every second request without an answer sees each request once, and each is reported
// once.
func TestNothingIsRepeatedOnAnyCarrier(t *testing.T) {
	t.Parallel()
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			s, _ := c.serve(t, func(w http.ResponseWriter, r *http.Request) {
				if seen.Add(1)%2 == 0 {
					cut(r)
				}
			}, nil)
			classes := map[string]int{}
			for range 100 {
				classes[get(s, "/").Response.Class]++
			}
			require.Equal(t, map[string]int{"": 50, load.ErrorClosed: 50}, classes)
			require.EqualValues(t, 100, seen.Load())
		})
	}
}

func TestCancelOnAllCarriers(t *testing.T) {
	t.Parallel()
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			s, _ := c.serve(t, func(_ http.ResponseWriter, r *http.Request) {
				close(asked)
				<-r.Context().Done()
			}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-asked
				cancel()
			}()
			x := &Exchange{}
			do(ctx, s, x, &scenario.Request{Method: http.MethodGet, URL: "/"})
			require.Equal(t, load.ErrorCancelled, x.Response.Class, "%v", x.Response.Err)
		})
	}
}

// Requests of one user at the same time have a connection each, or share one.
func TestBatchesOnAllCarriers(t *testing.T) {
	t.Parallel()
	const n = 20
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var together sync.WaitGroup
			together.Add(n)
			s, opened := c.serve(t, func(http.ResponseWriter, *http.Request) {
				together.Done()
				together.Wait()
			}, nil)
			var wg sync.WaitGroup
			states := make([]LinkState, n)
			for i := range n {
				wg.Go(func() {
					x := get(s, "/")
					if x.Response.Err != nil {
						t.Error(x.Response.Err)
					}
					states[i] = x.Link.State
				})
			}
			wg.Wait()
			count := map[LinkState]int{}
			for _, state := range states {
				count[state]++
			}
			if c.h2 {
				require.EqualValues(t, 1, opened.Load())
				require.Equal(t, map[LinkState]int{LinkOpened: 1, LinkReused: n - 1}, count)
			} else {
				require.EqualValues(t, n, opened.Load())
				require.Equal(t, map[LinkState]int{LinkOpened: n}, count)
			}
		})
	}
}

func TestLateResponsesOnAllCarriers(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Second
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var clock atomic.Int64
			s, _ := c.serve(t, func(w http.ResponseWriter, _ *http.Request) { clock.Add(int64(timeout + 1)) }, func(cfg *Config) {
				cfg.Timeout = timeout
				cfg.Now = func() time.Duration { return time.Duration(clock.Load()) }
			})
			x := get(s, "/")
			require.Equal(t, load.ErrorTimeout, x.Response.Class, "%v", x.Response.Err)
			require.Equal(t, timeout+1, x.Done-x.Asked)
		})
	}
}
