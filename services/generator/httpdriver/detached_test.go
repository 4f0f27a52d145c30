package httpdriver

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// woven returns a session of a driver that ends with ctx, its loop, and how to run something in a strand of it.
func woven(ctx context.Context, t *testing.T, target string) (s *Session, loop *strand.Loop, in func(func(*strand.Strand))) {
	t.Helper()
	clock := pacer.NewClock()
	d, err := New(ctx, Config{Target: target, Timeout: 2 * time.Second, Now: clock.Now})
	require.NoError(t, err)
	s = d.NewSession()
	t.Cleanup(s.Close)
	loop = weave(t, s, clock)
	return s, loop, func(f func(*strand.Strand)) {
		done := make(chan struct{})
		loop.Post(func(st *strand.Strand) { defer close(done); f(st) })
		<-done
	}
}

// The end of the run reaches a strand that waits for an answer, although nobody closes its socket for it.
func TestTheEndOfADriverReachesStrands(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/silent" {
			asked <- struct{}{}
			<-r.Context().Done()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s, loop, in := woven(ctx, t, srv.URL)
	context.AfterFunc(ctx, loop.Interrupt)
	require.NoError(t, get(s, "/").Response.Err)
	go func() { <-asked; cancel() }()
	x := &Exchange{}
	in(func(st *strand.Strand) {
		x.Strand = st
		s.Do(ctx, x, &scenario.Request{Method: http.MethodGet, URL: "/silent"})
	})
	require.Equal(t, load.ErrorCancelled, x.Response.Class, "%v", x.Response.Err)
	require.Empty(t, s.idle)
}

// A connection goes back and forth between strands and goroutines, and stays the same.
func TestAConnectionIsDetachedAndAttached(t *testing.T) {
	t.Parallel()
	connections := make(chan struct{}, 10)
	url := raw(t, func(c net.Conn, r *bufio.Reader) {
		connections <- struct{}{}
		for head(r) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	s, _, in := woven(t.Context(), t, url)
	x := &Exchange{}
	req := &scenario.Request{Method: http.MethodGet, URL: "/"}
	for i := range 20 {
		if i%3 > 0 {
			in(func(st *strand.Strand) {
				x.Strand = st
				s.Do(s.driver.ctx, x, req)
			})
			require.Equal(t, i > 0, s.idle[0].detached != nil)
		} else {
			x.Strand = nil
			s.Do(s.driver.ctx, x, req)
			require.Nil(t, s.idle[0].detached)
		}
		require.NoError(t, x.Response.Err)
		require.Equal(t, "ok", string(x.Response.Body))
	}
	require.Len(t, connections, 1)
}

// A strand sees that its kept connection was closed or is out of step, before it sends.
func TestStrandsLookAtKeptConnections(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(c net.Conn){
		"half closed": func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() },
		"closed":      func(c net.Conn) { _ = c.Close() },
		"unasked":     func(c net.Conn) { io.WriteString(c, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{}, 1)
			url := raw(t, func(c net.Conn, r *bufio.Reader) {
				for range 2 {
					if !head(r) {
						return
					}
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
				end(c)
				ended <- struct{}{}
				_, _ = io.Copy(io.Discard, r)
			})
			s, _, in := woven(t.Context(), t, url)
			x, stale := &Exchange{}, 0
			for i := range 20 {
				in(func(st *strand.Strand) {
					x.Strand = st
					s.Do(s.driver.ctx, x, &scenario.Request{Method: http.MethodGet, URL: "/"})
				})
				require.NoError(t, x.Response.Err, "request %d, %+v", i, x.Link)
				require.Equal(t, 200, x.Response.Status)
				require.Equal(t, stale, x.Link.Closed, "request %d", i)
				stale = 0
				if i%2 == 1 {
					<-ended
					stale = len(s.idle) // unless its end came together with the answer
				}
			}
		})
	}
}
