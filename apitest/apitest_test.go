package apitest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest"
	"github.com/loadpilot/loadpilot/apitest/mux"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo counts the bodies that arrive.
type echo struct {
	mu     sync.Mutex
	bodies map[string]int
}

func (e *echo) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bodies[string(body)]++
}

// A PayloadFunc is called once for each request, in either mode.
func TestPayloadFuncMakesEachBody(t *testing.T) {
	t.Parallel()
	for _, inProcess := range []bool{true, false} {
		e := &echo{bodies: map[string]int{}}
		server := httptest.NewServer(e)
		t.Cleanup(server.Close)
		result, err := apitest.NewService(apitest.WithHandler(e), apitest.WithTarget(server.URL)).Run(t.Context(), apitest.Config{
			Method: "POST", Path: "/", Requests: 300, Clients: 8, InProcess: inProcess,
			PayloadFunc: func(n int64) ([]byte, error) { return fmt.Appendf(nil, "body %d", n), nil },
		})
		require.NoError(t, err)
		assert.Equal(t, int64(300), result.Metrics.RequestsSucceeded)
		require.Len(t, e.bodies, 300)
		for body, n := range e.bodies {
			assert.Equal(t, 1, n, body)
		}
	}
}

func TestServiceRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	service := apitest.NewService()
	for field, c := range map[string]apitest.Config{
		"path-param": {Path: "/users/{user_id}", InProcess: true, Handler: http.NotFoundHandler()},
		"in-process": {Path: "/", InProcess: true},
		"target":     {Path: "/"},
		"payload":    {Path: "/", Payload: "{{nonsense}}", InProcess: true, Handler: http.NotFoundHandler()},
	} {
		_, err := service.Run(t.Context(), c)
		wrong, ok := errors.AsType[*load.FieldError](err)
		require.True(t, ok, "%s: %v", field, err)
		assert.Equal(t, field, wrong.Field)
	}
	_, err := service.Routes(t.Context())
	assert.ErrorIs(t, err, load.ErrInvalid)
}

func TestRoutesOfAProgram(t *testing.T) {
	t.Parallel()
	routes := mux.New()
	routes.Tag("users").HandleFunc("GET /users/{id}", func(http.ResponseWriter, *http.Request) {})
	set, err := apitest.NewService(apitest.WithRoutes(routes)).Routes(t.Context())
	require.NoError(t, err)
	require.Len(t, set.Routes, 1)
	assert.Equal(t, "/users/{id}", set.Routes[0].Path)

	documented := http.NewServeMux()
	documented.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"openapi": "3.1.0", "paths": {"/health/": {"get": {"tags": ["health"]}}}}`)
	})
	set, err = apitest.NewService(apitest.WithHandler(documented)).Routes(t.Context())
	require.NoError(t, err)
	require.Len(t, set.Routes, 1)
	assert.Equal(t, "/health/", set.Routes[0].Path)
}

// The command is one of the program's own, and its errors end in an exit code.
func TestCommandOfAProgram(t *testing.T) {
	t.Parallel()
	root := &cobra.Command{Use: "my-app", SilenceErrors: true}
	root.AddCommand(apitest.NewCommand(
		http.NotFoundHandler(), apitest.WithName("hammer", "api-load-test"), apitest.WithRedis("none"), apitest.WithStateDir(t.TempDir()),
	))
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	execute := func(ctx context.Context, args ...string) int {
		root.SetArgs(args)
		return apitest.ExitCode(root.ExecuteContext(ctx))
	}
	assert.Equal(t, load.ExitPassed, execute(t.Context(), "hammer", "run", "/", "--in-process"))
	assert.Equal(t, load.ExitConfig, execute(t.Context(), "api-load-test", "results", "nothing"))
	assert.Equal(t, load.ExitBreached, execute(t.Context(), "hammer", "run", "/", "--in-process", "--fail-on", "error_rate>1"))
}
