//go:build unix

package httpdriver

import (
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/loadpilot/loadpilot/shared/load"
)

const exhaustedTarget = "LOADPILOT_TEST_EXHAUSTED_TARGET"

// A generator that has no descriptor left says so: the target has no part in that.
func TestDescriptorsExhausted(t *testing.T) {
	t.Parallel()
	if target := os.Getenv(exhaustedTarget); target != "" {
		exhaust(t, target)
		return
	}
	for _, c := range carriers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _ := c.serve(t, func(http.ResponseWriter, *http.Request) {}, nil)
			// The limit is that of a whole process.
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDescriptorsExhausted$")
			h2 := ""
			if c.h2 {
				h2 = "h2"
			}
			cmd.Env = append(os.Environ(), exhaustedTarget+"="+s.driver.cfg.Target, exhaustedTarget+"_H2="+h2)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
		})
	}
}

func exhaust(t *testing.T, target string) {
	t.Helper()
	s := newSession(t, target, func(c *Config) {
		c.Transport.HTTP2, c.Transport.Insecure = os.Getenv(exhaustedTarget+"_H2") != "", true
	})
	require.NoError(t, get(s, "/").Response.Err)
	s.Close()
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: 64}))
	var held []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		held = append(held, f)
	}
	x := get(s, "/")
	require.Equal(t, load.ErrorGenerator, x.Response.Class, "%v", x.Response.Err)
	require.Equal(t, LinkFailed, x.Link.State)
	for _, f := range held {
		require.NoError(t, f.Close())
	}
	require.NoError(t, get(s, "/").Response.Err)
}
