package httpdriver

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Types and flags of HTTP/2 frames.
const (
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	frameGoAway   = 7

	ended = 5 // END_STREAM and END_HEADERS
)

// frame is an HTTP/2 frame.
func frame(kind, flags byte, stream uint32, payload ...byte) []byte {
	b := []byte{0, 0, byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

func uint32s(values ...uint32) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// okFrame answers a stream with status 200.
func okFrame(stream uint32) []byte { return frame(frameHeaders, ended, stream, 0x88) }

// frames starts a server of HTTP/2 that greets with the settings and answers each request with frames of the test's own, until
// there are none.
func frames(tb testing.TB, settings []byte, answer func(stream uint32) []byte) (url string, seen, opened *atomic.Int64) {
	tb.Helper()
	seen, opened = &atomic.Int64{}, &atomic.Int64{}
	return raw(tb, func(c net.Conn, r *bufio.Reader) {
		opened.Add(1)
		speak(c, r, settings, func(stream uint32) []byte {
			seen.Add(1)
			return answer(stream)
		})
	}), seen, opened
}

// speak is one connection of frames.
func speak(c net.Conn, r *bufio.Reader, settings []byte, answer func(stream uint32) []byte) {
	if _, err := io.CopyN(io.Discard, r, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	c.Write(frame(frameSettings, 0, 0, settings...))
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(r, head); err != nil {
			return
		}
		size := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, r, size); err != nil {
			return
		}
		if head[3] != frameHeaders {
			continue
		}
		out := answer(binary.BigEndian.Uint32(head[5:]))
		if out == nil {
			return
		}
		c.Write(out)
	}
}

func overHTTP2(c *Config) { c.Transport.HTTP2 = true }

// What the server gives back unprocessed has failed; the server sees each request once.
func TestStreamsThatTheServerGivesUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer func(stream uint32) []byte
		class  string
		says   string
		opened int64 // connections of ten requests
	}{
		"refused":        {func(s uint32) []byte { return frame(frameReset, 0, s, uint32s(7)...) }, load.ErrorClosed, "REFUSED_STREAM", 1},
		"cancelled":      {func(s uint32) []byte { return frame(frameReset, 0, s, uint32s(8)...) }, load.ErrorClosed, "CANCEL", 1},
		"going away":     {func(uint32) []byte { return frame(frameGoAway, 0, 0, uint32s(0, 0)...) }, load.ErrorClosed, "GOAWAY", 10},
		"gone in anger":  {func(uint32) []byte { return frame(frameGoAway, 0, 0, uint32s(0, 11)...) }, load.ErrorClosed, "GOAWAY", 10},
		"gone after it":  {func(s uint32) []byte { return append(okFrame(s), frame(frameGoAway, 0, 0, uint32s(s, 0)...)...) }, "", "", 10},
		"closed":         {func(uint32) []byte { return nil }, load.ErrorClosed, "", 10},
		"no status":      {func(s uint32) []byte { return frame(frameHeaders, ended, s) }, load.ErrorProtocol, "", 1},
		"a wrong frame":  {func(uint32) []byte { return frame(frameSettings, 0, 1) }, load.ErrorProtocol, "PROTOCOL_ERROR", 10},
		"a broken field": {func(s uint32) []byte { return frame(frameHeaders, ended, s, 0xff, 0xff) }, load.ErrorProtocol, "COMPRESSION_ERROR", 10},
		"all is well":    {okFrame, "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, seen, opened := frames(t, nil, tt.answer)
			s := newSession(t, url, overHTTP2)
			for range 10 {
				x := get(s, "/")
				require.Equal(t, tt.class, x.Response.Class, "%v", x.Response.Err)
				if tt.class != "" {
					require.ErrorContains(t, x.Response.Err, tt.says)
				} else if tt.opened > 1 {
					// A request that is sent before the server's farewell is read would fail by it.
					l := s.lines[0]
					require.Eventually(t, func() bool { return l.shared == nil || l.shared.Err() != nil || l.shared.Available() == 0 }, 10*time.Second, time.Millisecond)
				}
			}
			require.EqualValues(t, 10, seen.Load())
			require.Equal(t, tt.opened, opened.Load())
		})
	}
}

// Requests beyond what a server takes at once wait for their turn on the same connection, and are sent when it comes.
func TestMoreRequestsThanStreams(t *testing.T) {
	t.Parallel()
	const mostStreams = 3
	url, seen, opened := frames(t, append([]byte{0, mostStreams}, uint32s(1)...), okFrame)
	s := newSession(t, url, overHTTP2)
	require.NoError(t, get(s, "/").Response.Err) // the settings have come
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if x := get(s, "/"); x.Response.Err != nil {
				t.Error(x.Response.Err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 11, seen.Load())
	require.EqualValues(t, 1, opened.Load())
}

func TestServersWithoutHTTP2(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	secure := serveTLS(t, func(http.ResponseWriter, *http.Request) {}, nil)
	old := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	certificate := newAuthority(t)
	old.Listener = tls.NewListener(old.Listener, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate.pair(t, "127.0.0.1")}})
	old.Start()
	t.Cleanup(old.Close)
	for name, tt := range map[string]struct{ target, ca, class, says string }{
		// A server that refuses the preface may reset the connection before what it says about that is read.
		"prior knowledge": {plain.URL, "", load.ErrorProtocol + " " + load.ErrorClosed, ""},
		"refused by ALPN": {secure.URL, pemOf(secure), load.ErrorTLS, "no application protocol"},
		"no ALPN":         {strings.Replace(old.URL, "http:", "https:", 1), certificate.pem(), load.ErrorTLS, "does not offer HTTP/2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, tt.target, func(c *Config) { c.Transport.HTTP2, c.Credentials.CA = true, tt.ca })
			x := get(s, "/")
			require.Contains(t, strings.Fields(tt.class), x.Response.Class, "%v", x.Response.Err)
			require.ErrorContains(t, x.Response.Err, tt.says)
		})
	}
}

func TestHTTP2ByProxy(t *testing.T) {
	t.Parallel()
	for _, c := range carriers {
		if !c.h2 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &forwarder{}
			proxy := serve(t, f.ServeHTTP)
			s, _ := c.serve(t, shop, func(cfg *Config) { cfg.Transport.Proxy = proxy.URL })
			require.Equal(t, "HTTP/2.0", string(get(s, "/").Response.Body))
			require.Len(t, f.asked, 1)
			require.True(t, strings.HasPrefix(f.asked[0], "CONNECT "))
			s.Close()
		})
	}
}

// The end of a user, and that of the run, closes what is open.
func TestTheEndClosesHTTP2Connections(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"user", "run"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			closed := make(chan struct{})
			url := raw(t, func(_ net.Conn, r *bufio.Reader) {
				io.Copy(io.Discard, r)
				close(closed)
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			d, err := New(ctx, Config{
				Target: url, Timeout: time.Minute, Now: func() time.Duration { return 0 }, Transport: load.Transport{HTTP2: true},
			})
			require.NoError(t, err)
			s := d.NewSession()
			_, err = s.Connect(t.Context())
			require.NoError(t, err)
			if end == "user" {
				s.Close()
			} else {
				cancel()
			}
			<-closed
		})
	}
}

// impatient asks with little time.
func impatient(s *Session) *Exchange {
	x := &Exchange{}
	s.Do(s.driver.ctx, x, &scenario.Request{Method: http.MethodGet, URL: "/", Timeout: 50 * time.Millisecond})
	return x
}

// A connection that has gone silent without an end costs one request its time, and the next one opens another connection.
func TestLeavingSilentHTTP2Connections(t *testing.T) {
	t.Parallel()
	const last = 19 // stream that a connection answers
	url, seen, opened := frames(t, nil, func(stream uint32) []byte {
		if stream > last {
			return []byte{}
		}
		return okFrame(stream)
	})
	s := newSession(t, url, overHTTP2)
	for range 3 {
		for range (last + 1) / 2 {
			require.NoError(t, get(s, "/").Response.Err)
		}
		x := impatient(s)
		require.Equal(t, load.ErrorTimeout, x.Response.Class, "%v", x.Response.Err)
		require.Zero(t, x.Link.Closed)
	}
	require.EqualValues(t, 33, seen.Load(), "nothing is sent twice")
	require.EqualValues(t, 3, opened.Load())
}

// What is under way on a connection that another request has left goes on, and then it is closed.
func TestWhatIsUnderWayOnSilentHTTP2Connections(t *testing.T) {
	t.Parallel()
	asked, answer, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var opened atomic.Int64
	url := raw(t, func(c net.Conn, r *bufio.Reader) {
		if opened.Add(1) > 1 {
			speak(c, r, nil, okFrame)
			return
		}
		speak(c, r, nil, func(stream uint32) []byte {
			if stream == 1 {
				close(asked)
				<-answer // and nothing else is read meanwhile
				return okFrame(stream)
			}
			return []byte{}
		})
		close(closed)
	})
	s := newSession(t, url, overHTTP2)
	var patient sync.WaitGroup
	patient.Go(func() { require.NoError(t, get(s, "/").Response.Err) })
	<-asked
	require.Equal(t, load.ErrorTimeout, impatient(s).Response.Class)
	for range 3 {
		require.NoError(t, get(s, "/").Response.Err)
	}
	close(answer)
	patient.Wait()
	<-closed
	require.NoError(t, get(s, "/").Response.Err)
	require.EqualValues(t, 2, opened.Load())
}

// A connection that its user gives up, at its end or for a thousand other hosts, is closed when the last request on it has ended.
func TestHTTP2ConnectionsThatAreGivenUp(t *testing.T) {
	t.Parallel()
	for name, giveUp := range map[string]func(*Session){
		"end": (*Session).Close,
		"other hosts": func(s *Session) {
			for i := range mostIdle {
				s.line(&host{origin: fmt.Sprintf("http://host%d.test", i)})
			}
			require.Len(t, s.lines, mostIdle)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked, answer, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
			s := newSession(t, raw(t, func(c net.Conn, r *bufio.Reader) {
				speak(c, r, nil, func(stream uint32) []byte {
					close(asked)
					<-answer
					return okFrame(stream)
				})
				close(closed)
			}), overHTTP2)
			var under sync.WaitGroup
			under.Go(func() { require.NoError(t, get(s, "/").Response.Err) })
			<-asked
			giveUp(s)
			close(answer)
			under.Wait()
			<-closed
		})
	}
}

// A request that found its line before that was closed opens a connection which nobody keeps.
func TestHTTP2ConnectionsOfClosedLines(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	s := newSession(t, raw(t, func(c net.Conn, r *bufio.Reader) {
		speak(c, r, nil, okFrame)
		close(closed)
	}), overHTTP2)
	l := s.line(s.driver.target)
	s.Close()
	c, failed := s.connected(t.Context(), l, nil, &Link{})
	require.Nil(t, failed)
	c.leave()
	<-closed
}

// The line that was asked for last stays.
func TestHTTP2LinesInUseStay(t *testing.T) {
	t.Parallel()
	s := newSession(t, "http://127.0.0.1:1", overHTTP2)
	kept := s.line(s.driver.target)
	for i := range 2 * mostIdle {
		s.line(&host{origin: fmt.Sprintf("http://host%d.test", i)})
		require.Same(t, kept, s.line(s.driver.target))
	}
	require.Len(t, s.lines, mostIdle)
}
