package socket_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/internal/engine"
	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/socket"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// strandsOrNot runs a test with clients that run in strands, where there are any, and with others.
func strandsOrNot(t *testing.T, test func(t *testing.T, change func(*run.Config))) {
	t.Helper()
	for name, change := range map[string]func(*run.Config){
		"strands":    func(*run.Config) {},
		"goroutines": func(c *run.Config) { c.PayloadFunc = func(int64) ([]byte, error) { return nil, nil } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, change)
		})
	}
}

func TestManyRequests(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		const n, clients = 5000, 16
		var seen atomic.Int64
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			seen.Add(1)
			io.WriteString(w, "ok")
		})
		r := mustLoad(t, config(url, func(c *run.Config) { change(c); c.Requests, c.Clients = n, clients }), get("/"))
		require.Equal(t, map[string]int64{"200": n}, r.StatusCodes)
		require.EqualValues(t, n, seen.Load())
		require.EqualValues(t, clients, r.Metrics.ConnectionsOpened)
		require.EqualValues(t, 2*n, r.Metrics.BytesIn)
		require.Positive(t, r.Metrics.FirstByteMsP50)
		require.LessOrEqual(t, r.Metrics.FirstByteMsP50, r.Metrics.LatencyMsMax)
	})
}

// A server that closes every connection after one answer, said or not, costs connections and no requests.
func TestConnectionsThatDoNotStay(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
		r := mustLoad(t, config(url, func(c *run.Config) { change(c); c.Requests, c.Clients = 200, 8 }), get("/"))
		require.Equal(t, map[string]int64{"200": 200}, r.StatusCodes, "%v", r.Errors)
		require.EqualValues(t, 200, r.Metrics.ConnectionsOpened)
	})
}

func TestARateOverSockets(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		r := mustLoad(t, config(serve(t, shop), func(c *run.Config) { change(c); c.Requests, c.Clients, c.Rate = 50, 4, 500 }), get("/"))
		require.Equal(t, map[string]int64{"200": 50}, r.StatusCodes)
		require.GreaterOrEqual(t, r.DurationSecs, 0.099, "the last one is due then")
	})
}

func TestAServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		r := mustLoad(t, config(url, func(c *run.Config) { change(c); c.Requests, c.Clients, c.Timeout = 8, 4, 50*time.Millisecond }), get("/"))
		require.Equal(t, map[string]int64{"timeout": 8}, r.Classes)
		require.Empty(t, r.StatusCodes)
		require.Positive(t, r.Metrics.LatencyMsMin, "failures keep the time they took")
	})
}

// The end of a run cuts off what is under way, whatever the time-out is.
func TestADuration(t *testing.T) {
	t.Parallel()
	for way, load := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			r := load(t, func(_ http.ResponseWriter, r *http.Request) {
				if n.Add(1) == 3 {
					<-r.Context().Done()
				}
			}, config("", func(c *run.Config) {
				c.Requests, c.Clients, c.InProcess, c.Duration, c.Timeout = 0, 2, way == "in-process", 100*time.Millisecond, time.Hour
			}), get("/"))
			require.Equal(t, run.StateCompleted, r.State)
			require.InDelta(t, 0.1, r.DurationSecs, 1e-9)
			require.Empty(t, r.Classes)
			require.Equal(t, map[string]int64{"200": r.Metrics.RequestsTotal}, r.StatusCodes)
			require.Greater(t, r.Metrics.RequestsTotal, int64(2), "the other client goes on")
			require.Len(t, r.Warnings, 1)
			require.Contains(t, r.Warnings[0], "longer than any in the figures")
		})
	}
}

// A handler that nothing can end does not hold the run: the clients leave it behind, until there are too many of those.
func TestAHandlerThatNeverReturns(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	defer close(end)
	target := inprocess.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	c := config("", func(c *run.Config) { c.Requests, c.Clients, c.InProcess, c.Timeout = 4, 2, true, 10*time.Millisecond })
	r, err := engine.Run(t.Context(), c, target, get("/"), nil)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"timeout": 4}, r.Classes)
	c.Requests = 1000
	r, err = engine.Run(t.Context(), c, target, get("/"), nil)
	require.ErrorContains(t, err, "calls of the handler have not returned")
	require.Equal(t, run.StateInterrupted, r.State)
	require.Less(t, r.Metrics.RequestsTotal, int64(100))
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		r := mustLoad(t, config("http://"+l.Addr().String(), func(c *run.Config) { change(c); c.Requests, c.Clients = 100, 10 }), get("/"))
		require.Equal(t, map[string]int64{"connect": 100}, r.Classes)
		require.Zero(t, r.Metrics.ConnectionsOpened)
		require.Contains(t, r.Errors[0].Message, "refused")
	})
}

// The end of the context ends a run whose requests would never end.
func TestAnInterrupt(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		ctx, cancel := context.WithCancelCause(t.Context())
		errStop := errors.New("enough")
		var asked atomic.Int64
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			if asked.Add(1) > 20 {
				if asked.Load() == 24 {
					cancel(errStop)
				}
				<-r.Context().Done()
			}
		})
		r, err := load(ctx, t, config(url, func(c *run.Config) { change(c); c.Requests, c.Clients = 100, 4 }), get("/"))
		require.ErrorIs(t, err, errStop)
		require.Equal(t, run.StateInterrupted, r.State)
		require.Equal(t, map[string]int64{"200": 20}, r.StatusCodes)
		require.Empty(t, r.Classes, "what was cut off is not counted")
	})
}

// bodies sends as much as it is asked for, with and without saying so before.
func bodies(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.ParseInt(r.URL.Query().Get("size"), 10, 64)
	if r.URL.Path == "/announced" {
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	piece := make([]byte, 128<<10)
	for size > 0 {
		n, err := w.Write(piece[:min(int64(len(piece)), size)])
		if err != nil {
			return
		}
		size -= int64(n)
	}
}

//nolint:paralleltest // it measures what the process allocates
func TestBodiesOfAGigabyte(t *testing.T) {
	url := serve(t, bodies)
	for _, path := range []string{"/announced", "/chunked"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := mustLoad(t, config(url, nil), get(path+"?size="+strconv.Itoa(gigabyte)))
		runtime.ReadMemStats(&after)
		require.Equal(t, map[string]int64{"200": 1}, r.StatusCodes, "%v", r.Errors)
		require.EqualValues(t, gigabyte, r.Metrics.BytesIn)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "allocated by both sides, ever")
	}
}

func TestABodyThatTakesTooLong(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		r := mustLoad(t, config(serve(t, bodies), func(c *run.Config) { change(c); c.Timeout = 20 * time.Millisecond }), get("/announced?size="+strconv.Itoa(1<<40)))
		require.Equal(t, map[string]int64{"timeout": 1}, r.Classes)
	})
}

// A loop of redirects ends, and what proves who asks is not shown to others.
func TestRedirects(t *testing.T) {
	t.Parallel()
	strandsOrNot(t, func(t *testing.T, change func(*run.Config)) {
		t.Helper()
		var asked atomic.Int64
		other := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" || r.Header.Get("X-Tenant") != "blue" {
				w.WriteHeader(http.StatusTeapot)
			}
		})
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			switch {
			case r.Header.Get("Authorization") != "Bearer x":
				w.WriteHeader(http.StatusUnauthorized)
			case r.URL.Path == "/away":
				http.Redirect(w, r, other+"/", http.StatusFound)
			case r.URL.Path == "/nowhere":
				w.WriteHeader(http.StatusFound)
			case r.URL.Path == "/slow" && asked.Load() > 1:
				<-r.Context().Done()
			default:
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
			}
		})
		follow := func(path string, redirects int) run.Result {
			asked.Store(0)
			call := constant{Method: http.MethodGet, URL: path, Header: []run.Pair{{Name: "Authorization", Value: "Bearer x"}, {Name: "X-Tenant", Value: "blue"}}}
			return mustLoad(t, config(url, func(c *run.Config) {
				change(c)
				if c.Redirects = redirects; path == "/slow" {
					c.Timeout = 100 * time.Millisecond
				}
			}), call)
		}
		r := follow("/loop", 10)
		require.Equal(t, map[string]int64{run.ErrorRedirect: 1}, r.Classes)
		require.EqualValues(t, 11, asked.Load())
		require.Contains(t, r.Errors[0].Message, "more than 10 redirects")
		r = follow("/loop", 0)
		require.Equal(t, map[string]int64{"302": 1}, r.StatusCodes)
		require.Zero(t, r.Metrics.RequestsFailed)
		require.Equal(t, map[string]int64{"200": 1}, follow("/away", 1).StatusCodes)
		require.Equal(t, map[string]int64{run.ErrorRedirect: 1}, follow("/nowhere", 1).Classes)
		require.Equal(t, map[string]int64{"timeout": 1}, follow("/slow", 1).Classes)
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	secure.EnableHTTP2 = true
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := strings.Replace(serve(t, shop), "http:", "https:", 1)
	for name, tt := range map[string]struct {
		url    string
		change func(*run.Config)
		class  string
	}{
		"an unknown authority": {secure.URL, func(*run.Config) {}, "tls"},
		"not verified":         {secure.URL, func(c *run.Config) { c.Insecure = true }, ""},
		"HTTP/2":               {secure.URL, func(c *run.Config) { c.Insecure, c.HTTP2 = true, true }, ""},
		"no TLS there":         {plain, func(c *run.Config) { c.Insecure = true }, "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := mustLoad(t, config(tt.url, func(c *run.Config) { c.Requests, c.Clients = 6, 2; tt.change(c) }), get("/"))
			if tt.class == "" {
				require.Equal(t, map[string]int64{"200": 6}, r.StatusCodes, "%v", r.Errors)
				require.EqualValues(t, 2, r.Metrics.ConnectionsOpened)
			} else {
				require.Equal(t, map[string]int64{tt.class: 6}, r.Classes, "%v", r.Errors)
			}
		})
	}
}

// What is no HTTP, and what breaks off, is classed and ends.
func TestNonsense(t *testing.T) {
	t.Parallel()
	for answer, class := range map[string]string{
		"220 smtp.example.test ESMTP\r\n\r\n":                                                             "protocol",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal":                                                 "closed",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal":                                   "closed",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n":                                   "protocol",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n":                          "closed",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n": "",
		"HTTP/1.1 200 OK\r\n\r\nall":                                                                      "",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = bufio.NewReader(c).ReadString('\n')
					io.WriteString(c, answer)
					_ = c.(*net.TCPConn).CloseWrite()
					_, _ = io.Copy(io.Discard, c)
					c.Close()
				}
			}()
			r := mustLoad(t, config("http://"+l.Addr().String(), func(c *run.Config) { c.Requests = 3 }), get("/"))
			l.Close()
			<-ended
			if class == "" {
				require.Equal(t, map[string]int64{"200": 3}, r.StatusCodes, "%v", r.Errors)
				require.EqualValues(t, 9, r.Metrics.BytesIn)
			} else {
				require.Equal(t, map[string]int64{class: 3}, r.Classes, "%v", r.Errors)
			}
		})
	}
}

func TestTheTargetOfAURL(t *testing.T) {
	t.Parallel()
	url := serve(t, shop)
	c := config("http://elsewhere.invalid", func(c *run.Config) { c.Path = url + "/missing" })
	target, err := socket.Open(t.Context(), c, "")
	require.NoError(t, err)
	require.Equal(t, run.ModeSocket, target.Mode())
	loop, _ := target.Loop()
	require.Equal(t, runtime.GOOS == "linux", loop != nil)
	require.NoError(t, target.Close())
	require.Equal(t, map[string]int64{"404": 1}, mustLoad(t, c, get(c.Path)).StatusCodes)
	_, err = socket.Open(t.Context(), config("ftp://127.0.0.1", nil), "")
	require.ErrorContains(t, err, "target: ")
}
