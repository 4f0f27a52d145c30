package socket_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/internal/engine"
	"github.com/loadpilot/loadpilot/apitest/internal/socket"
	"github.com/loadpilot/loadpilot/apitest/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// constant is a Maker of the same call each time.
type constant run.Call

func (c constant) New() run.Filler { return c }

func (c constant) Fill(_ int64, call *run.Call) error {
	call.Method, call.URL, call.Header, call.Body = c.Method, c.URL, c.Header, c.Body
	return nil
}

func get(path string) constant { return constant{Method: http.MethodGet, URL: path} }

// serve starts a server.
func serve(tb testing.TB, h http.HandlerFunc) string {
	tb.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	tb.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL
}

// config is one client that makes one request, unless it is changed.
func config(target string, change func(*run.Config)) run.Config {
	c := run.Config{Path: "/", Target: target, Requests: 1, Clients: 1, Timeout: time.Minute}
	if change != nil {
		change(&c)
	}
	return c.WithDefaults()
}

// load runs a configuration over sockets.
func load(ctx context.Context, tb testing.TB, c run.Config, calls run.Maker) (run.Result, error) {
	tb.Helper()
	target, err := socket.Open(ctx, c, "loadpilot/test")
	require.NoError(tb, err)
	defer target.Close()
	return engine.Run(ctx, c, target, calls, nil)
}

// mustLoad is load to the end.
func mustLoad(tb testing.TB, c run.Config, calls run.Maker) run.Result {
	tb.Helper()
	r, err := load(tb.Context(), tb, c, calls)
	require.NoError(tb, err)
	return r
}
