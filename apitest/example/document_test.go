package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	built   sync.Once
	program string
)

// build returns the program.
func build(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		program = testkit.Binary(t, "LOADPILOT_EXAMPLE", "github.com/loadpilot/loadpilot/apitest/example")
	})
	require.NotEmpty(t, program, "it cannot be built")
	return program
}

const password = "correct horse battery"

// start serves the API, and returns its URL and that of its gRPC service.
func start(t *testing.T, program string) (url, grpcURL string) {
	t.Helper()
	server := testkit.Start(t, testkit.Command{
		Path: program, Args: []string{"serve", "--listen", "127.0.0.1:0", "--listen-grpc", "127.0.0.1:0"},
		Env: []string{"EXAMPLE_PASSWORD=" + password},
	})
	url, grpcURL, ok := strings.Cut(strings.TrimPrefix(server.Line(t), "listening on "), " and ")
	require.True(t, ok)
	return url, grpcURL
}

// Every command line of the document on API load tests, in-process and over connections.
func TestDocument(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "jq", "redis-cli", "script"} {
		if _, err := exec.LookPath(tool); err != nil {
			require.Empty(t, os.Getenv("CI"), "%s is not installed", tool)
			t.Skipf("%s is not installed: the command lines of the document are not tested (make tools installs it on Debian)", tool)
		}
	}
	program := build(t)
	url, grpcURL := start(t, program)
	for _, mode := range []string{"in-process", "socket"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			redis := testkit.StartRedis(t)
			script := testkit.Start(t, testkit.Command{Path: "bash", Args: []string{"testdata/document.sh"}, Env: []string{
				"APP=" + program, "MODE=" + mode, "EXAMPLE_URL=" + url, "EXAMPLE_GRPC=" + grpcURL, "EXAMPLE_PASSWORD=" + password,
				"EXAMPLE_REDIS_URL=" + redis.URL, "XDG_STATE_HOME=" + t.TempDir(), "HOME=" + t.TempDir(),
			}})
			require.Equal(t, 0, script.Wait(), "%s%s", script.Stdout(), script.Stderr())
			require.Equal(t, "done\n", script.Stdout())
		})
	}
}
