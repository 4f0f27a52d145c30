package ws

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func do(t *testing.T, server *httptest.Server, call *run.Call) run.Outcome {
	t.Helper()
	return exchangeOver(t, roundtrip.Config{
		URL: server.URL, Transport: roundtrip.Sockets(run.Config{Protocol: run.ProtocolWebSocket, Insecure: true, HTTP2: true}),
	}, call)
}

func exchangeOver(t *testing.T, cfg roundtrip.Config, call *run.Call) run.Outcome {
	t.Helper()
	client, err := NewTarget(cfg).NewClient(t.Context())
	require.NoError(t, err)
	defer client.Close()
	if call.Timeout == 0 {
		call.Timeout = 10 * time.Second
	}
	call.Method, call.URL = "WS", "/ws/echo"
	var out run.Outcome
	client.Do(t.Context(), call, &out)
	return out
}

// serve returns a server that accepts WebSockets and leaves them to talk. How each one ended is in the channel.
func serve(t *testing.T, talk func(ctx context.Context, conn *websocket.Conn) error) (*httptest.Server, <-chan error) {
	t.Helper()
	ended := make(chan error, 100)
	server := httptest.NewUnstartedServer(handler(talk, ended))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, ended
}

func handler(talk func(ctx context.Context, conn *websocket.Conn) error, ended chan<- error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			ended <- err
			return
		}
		defer conn.CloseNow()
		conn.SetReadLimit(-1)
		ended <- talk(r.Context(), conn)
	})
}

// echoes answers each message with itself.
func echoes(ctx context.Context, conn *websocket.Conn) error {
	for {
		kind, message, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, kind, message); err != nil {
			return err
		}
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	server, ended := serve(t, echoes)
	large := bytes.Repeat([]byte{0xff}, 1<<20)
	for name, row := range map[string]struct {
		body   []byte
		events int64
		want   int64
		size   int
	}{
		"once, unless told otherwise": {want: 1, size: len(defaultMessage)},
		"ten times":                   {body: []byte(`{"a": 1}`), events: 10, want: 10, size: 80},
		"large and binary":            {body: large, events: 2, want: 2, size: 2 << 20},
	} {
		out := do(t, server, &run.Call{Body: row.body, Events: row.events})
		require.NoError(t, out.Err, name)
		assert.Equal(t, http.StatusSwitchingProtocols, out.Status)
		assert.True(t, out.Stream)
		assert.True(t, out.Opened)
		assert.Equal(t, row.want, out.Events)
		assert.Len(t, out.Gaps, int(row.want))
		assert.EqualValues(t, row.size, out.BytesIn)
		assert.EqualValues(t, row.size, out.BytesOut)
		assert.GreaterOrEqual(t, out.FirstEvent, out.FirstByte)
		assert.False(t, out.ServerEnd)
		assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(<-ended), "the client takes its leave")
	}
}

// TestInProcess talks with a handler that is called.
func TestInProcess(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	out := exchangeOver(t, roundtrip.Config{
		Mode: run.ModeInProcess, URL: "http://in-process",
		Transport: func() http.RoundTripper { return inprocess.New(handler(echoes, ended)) },
	}, &run.Call{Events: 10})
	require.NoError(t, out.Err)
	assert.EqualValues(t, 10, out.Events)
	assert.False(t, out.Opened)
	assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(<-ended))
}

// TestUntil says that a WebSocket goes round until the end of the run if it is told no number, and that each answer must come in
// time.
func TestUntil(t *testing.T) {
	t.Parallel()
	const answer, timeout, long = 10 * time.Millisecond, 50 * time.Millisecond, time.Second
	for name, row := range map[string]struct {
		silentAfter, got int64
		class            string
		within           time.Duration
	}{
		"until":        {silentAfter: 1000, got: 99, within: long},
		"falls silent": {silentAfter: 20, got: 20, class: load.ErrorTimeout, within: 20*answer + timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				slow := handler(func(ctx context.Context, conn *websocket.Conn) error {
					for n := int64(0); ; n++ {
						kind, message, err := conn.Read(ctx)
						if err != nil {
							return err
						}
						time.Sleep(answer)
						if n < row.silentAfter {
							_ = conn.Write(ctx, kind, message)
						}
					}
				}, ended)
				begin := time.Now()
				out := exchangeOver(t, roundtrip.Config{
					URL: "http://in-process", Transport: func() http.RoundTripper { return inprocess.New(slow) },
				}, &run.Call{Timeout: timeout, Until: begin.Add(long - answer/2)})
				assert.Equal(t, row.class, out.Class, "%v", out.Err)
				assert.Equal(t, row.got, out.Events)
				assert.InDelta(t, row.within, time.Since(begin), float64(answer))
				for _, gap := range out.Gaps {
					assert.Equal(t, answer, gap)
				}
				<-ended
			})
		})
	}
}

func TestKindOfMessage(t *testing.T) {
	t.Parallel()
	kinds := make(chan websocket.MessageType, 1)
	server, _ := serve(t, func(ctx context.Context, conn *websocket.Conn) error {
		kind, message, err := conn.Read(ctx)
		kinds <- kind
		if err == nil {
			err = conn.Write(ctx, kind, message)
		}
		_, _, _ = conn.Read(ctx) // the client closes
		return err
	})
	for body, kind := range map[string]websocket.MessageType{"ping": websocket.MessageText, "\xff": websocket.MessageBinary} {
		out := do(t, server, &run.Call{Body: []byte(body)})
		require.NoError(t, out.Err)
		assert.Equal(t, kind, <-kinds)
	}
}

// TestServerMisbehaves has servers end a WebSocket in all ways but the right one.
func TestServerMisbehaves(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		talk      func(ctx context.Context, conn *websocket.Conn) error
		class     string
		serverEnd bool
		events    int64
	}{
		"closes in place of an answer": {
			talk: func(ctx context.Context, conn *websocket.Conn) error {
				_, _, _ = conn.Read(ctx)
				return conn.Close(websocket.StatusTryAgainLater, "busy")
			},
			class: load.ErrorClosed, serverEnd: true,
		},
		"closes after an answer": {
			talk: func(ctx context.Context, conn *websocket.Conn) error {
				_, message, _ := conn.Read(ctx)
				_ = conn.Write(ctx, websocket.MessageText, message)
				return conn.Close(websocket.StatusGoingAway, "")
			},
			class: load.ErrorClosed, serverEnd: true, events: 1,
		},
		"hangs up": {
			talk: func(ctx context.Context, conn *websocket.Conn) error {
				_, _, _ = conn.Read(ctx)
				return conn.CloseNow()
			},
			class: load.ErrorClosed,
		},
		"says nothing": {
			talk: func(ctx context.Context, conn *websocket.Conn) error {
				_, _, _ = conn.Read(ctx)
				_, _, err := conn.Read(ctx) // the client gives up
				return err
			},
			class: load.ErrorTimeout,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, ended := serve(t, row.talk)
			call := &run.Call{Events: 3}
			if row.class == load.ErrorTimeout {
				call.Timeout = 200 * time.Millisecond
			}
			out := do(t, server, call)
			require.Error(t, out.Err)
			assert.Equal(t, row.class, out.Class, "%v", out.Err)
			assert.Equal(t, row.serverEnd, out.ServerEnd)
			assert.Equal(t, row.events, out.Events)
			assert.Equal(t, http.StatusSwitchingProtocols, out.Status)
			<-ended
		})
	}
}

// upgrade answers a handshake and then with raw bytes, in place of a WebSocket's frames.
func upgrade(t *testing.T, frames string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The library knows how the key is answered; only what it would send afterwards is not what is wanted.
		recorded := hijacker{ResponseWriter: w}
		conn, err := websocket.Accept(&recorded, r, nil)
		if !assert.NoError(t, err) {
			return
		}
		_, _, _ = conn.Read(r.Context())
		_, _ = io.WriteString(recorded.stream, frames)
		_, _, _ = conn.Read(r.Context())
		_ = conn.CloseNow()
	}))
	t.Cleanup(server.Close)
	return server
}

// hijacker remembers the connection that was taken over.
type hijacker struct {
	http.ResponseWriter

	stream io.Writer
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := h.ResponseWriter.(http.Hijacker).Hijack()
	h.stream = conn
	return conn, buffer, err
}

func TestWrongFrames(t *testing.T) {
	t.Parallel()
	for name, frames := range map[string]string{
		"unknown opcode":          "\x83\x00",
		"reserved bits":           "\xf1\x00",
		"continuation of nothing": "\x80\x00",
		"HTTP again":              "HTTP/1.1 400 Bad Request\r\n\r\n",
		"control frame too long":  "\x89\x7e\x01\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := do(t, upgrade(t, frames), &run.Call{})
			assert.Equal(t, load.ErrorProtocol, out.Class, "%v", out.Err)
			assert.Zero(t, out.Events)
		})
	}
}

// TestNoWebSocket says what comes of handshakes that are not accepted.
func TestNoWebSocket(t *testing.T) {
	t.Parallel()
	for status, class := range map[int]string{
		http.StatusUnauthorized: "", // the engine classes it
		http.StatusOK:           load.ErrorProtocol,
		http.StatusFound:        load.ErrorProtocol,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "no")
		}))
		out := do(t, server, &run.Call{})
		server.Close()
		assert.Equal(t, status, out.Status)
		assert.Equal(t, class, out.Class, "%v", out.Err)
		if status == http.StatusUnauthorized {
			assert.Equal(t, "no", string(out.Body))
		}
	}
}

// TestRudeServer says that a server which does not answer when it is told to close holds nobody up for long.
func TestRudeServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release, ended := make(chan struct{}), make(chan error, 1)
		rude := handler(func(ctx context.Context, conn *websocket.Conn) error {
			_, message, _ := conn.Read(ctx)
			err := conn.Write(ctx, websocket.MessageText, message)
			<-release // it does not read
			return err
		}, ended)
		begin := time.Now()
		out := exchangeOver(t, roundtrip.Config{
			URL: "http://in-process", Transport: func() http.RoundTripper { return inprocess.New(rude) },
		}, &run.Call{Timeout: time.Hour})
		assert.Equal(t, closeTimeout, time.Since(begin))
		close(release)
		require.NoError(t, out.Err)
		assert.EqualValues(t, 1, out.Events)
		require.NoError(t, <-ended)
	})
}
