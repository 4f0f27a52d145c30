package httpdriver

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// taken is what a link says, with 1 in the place of each step that was taken.
func taken(l Link) Link {
	for _, step := range []*time.Duration{&l.DNS, &l.Connect, &l.TLS} {
		*step = min(*step, 1)
	}
	return l
}

func TestLinks(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	reused := Link{State: LinkReused}
	for name, tt := range map[string]struct {
		target string
		ca     string
		want   []Link // of one request after the other
	}{
		"address":  {target: plain.URL, want: []Link{{State: LinkOpened, Connect: 1}, reused, reused}},
		"name":     {target: strings.Replace(plain.URL, "127.0.0.1", "localhost", 1), want: []Link{{State: LinkOpened, DNS: 1, Connect: 1}, reused}},
		"no name":  {target: "http://no-such-host.invalid", want: []Link{{State: LinkFailed}}},
		"refused":  {target: "http://" + l.Addr().String(), want: []Link{{State: LinkRefused}, {State: LinkRefused}}},
		"stranger": {target: secure.URL, want: []Link{{State: LinkFailed, Connect: 1}}},
		"TLS": {
			target: secure.URL, ca: pemOf(secure),
			want: []Link{{State: LinkOpened, Connect: 1, TLS: 1}, reused},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, tt.target, func(c *Config) { c.Credentials.CA = tt.ca })
			for i, want := range tt.want {
				x := get(s, "/")
				require.Equal(t, want, taken(x.Link), "request %d: %v", i, x.Response.Err)
				require.Equal(t, x.Response.Err == nil, x.First > 0)
				if x.First > 0 {
					require.LessOrEqual(t, x.Sent, x.First)
					require.LessOrEqual(t, x.First, x.Done)
				}
			}
		})
	}
}

// The connection that a user opens ahead is used by its first request.
func TestLinkAhead(t *testing.T) {
	t.Parallel()
	s := newSession(t, serve(t, func(http.ResponseWriter, *http.Request) {}).URL, nil)
	link, err := s.Connect(t.Context())
	require.NoError(t, err)
	require.Equal(t, Link{State: LinkOpened, Connect: 1}, taken(link))
	require.Equal(t, LinkReused, get(s, "/").Link.State)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	link, err = s.Connect(ctx)
	require.Error(t, err)
	require.Equal(t, LinkNone, link.State, "cut off is not failed")
}

// Two kept connections that the server has closed meanwhile are found to be closed by the request that needs one.
func TestLinksThatWereClosed(t *testing.T) {
	t.Parallel()
	if newProbe(&conn{}) == nil {
		t.Skip("idle sockets cannot be looked at on this platform")
	}
	var accepted atomic.Int64
	s := newSession(t, raw(t, func(c net.Conn, r *bufio.Reader) {
		if accepted.Add(1) > 2 && head(r) {
			io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	}), nil)
	for range 2 {
		_, err := s.Connect(t.Context())
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return !s.idle[0].alive() && !s.idle[1].alive()
	}, 10*time.Second, time.Millisecond)
	require.Equal(t, Link{State: LinkOpened, Closed: 2, Connect: 1}, taken(get(s, "/").Link))
}

// The first byte and the last have instants of their own, also if the connection breaks between them.
func TestFirstByte(t *testing.T) {
	t.Parallel()
	const wait, transfer = 3 * time.Second, 2 * time.Second
	for name, body := range map[string]string{"whole": "hello", "cut": "hel"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock atomic.Int64
			looked := make(chan struct{}, 1)
			url := raw(t, func(c net.Conn, r *bufio.Reader) {
				head(r)
				clock.Add(int64(wait))
				select {
				case <-looked:
				default:
				}
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
				<-looked // the reader has looked at its clock: it has that
				clock.Add(int64(transfer))
				io.WriteString(c, body)
			})
			s := newSession(t, url, func(c *Config) {
				c.Now = func() time.Duration {
					defer func() {
						select {
						case looked <- struct{}{}:
						default:
						}
					}()
					return time.Duration(clock.Load()) + 1
				}
			})
			x := &Exchange{}
			s.Do(t.Context(), x, &scenario.Request{Method: http.MethodGet, URL: "/"})
			require.Equal(t, name == "whole", x.Response.Err == nil)
			require.Equal(t, wait, x.First-x.Sent)
			require.Equal(t, transfer, x.Done-x.First)
		})
	}
}
