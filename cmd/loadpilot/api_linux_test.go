package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// A hundred thousand requests are a hundred thousand requests, and cost no memory that grows with them.
func TestAPILoadTestCountsExactly(t *testing.T) {
	var seen atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		_, _ = w.Write([]byte("ok"))
	}))
	defer server.Close()
	l := setup(t)
	p := l.start("api", "run", "/", "--target", server.URL, "--requests", "100000", "--clients", "64", "--json", "--redis-url", "none")
	var peak string // VmHWM; that of the last look before the end
	status := fmt.Sprintf("/proc/%d/status", p.PID())
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(status)
		for line := range strings.Lines(string(text)) {
			if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				peak = value
			}
		}
		return p.ExitCode() >= 0
	}, 5*time.Minute, 10*time.Millisecond)
	require.Equal(t, load.ExitPassed, p.Wait(), p.Stderr())
	require.EqualValues(t, 100_000, seen.Load())
	var result struct {
		Metrics struct {
			Requests  int64 `json:"requests_total"`
			Succeeded int64 `json:"requests_succeeded"`
		} `json:"metrics"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &result))
	require.EqualValues(t, 100_000, result.Metrics.Requests)
	require.EqualValues(t, 100_000, result.Metrics.Succeeded)
	kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(peak), " kB"))
	require.NoError(t, err)
	require.Less(t, kilobytes, 60<<10, "resident at most")
}
