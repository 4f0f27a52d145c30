package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// The API load test against the sample shop: list, run, recent and results by the real binary, without Redis.
func TestAPILoadTest(t *testing.T) {
	l := setup(t)
	l.env = append(l.env, "LOADPILOT_REDIS_URL=none")
	demo := l.start("demo", "--listen", "127.0.0.1:0", "--latency-scale", "0")
	target := strings.TrimPrefix(demo.Line(t), "demo shop on ")

	list := l.run(load.ExitPassed, "api", "list", "--target", target).Stdout()
	require.Contains(t, list, "Discovered ")
	require.Contains(t, list, "/api/products/{id}")

	p := l.run(load.ExitConfig, "api", "run", "/api/products/{id}", "--target", target)
	require.Contains(t, p.Stderr(), "id", "the placeholder is named")
	require.Contains(t, p.Stderr(), "--path-param")

	out := l.run(load.ExitPassed, "api", "run", "/api/products/{id}", "--path-param", "id=7", "--target", target,
		"--requests", "500", "--clients", "8", "--json").Stdout()
	var result struct {
		TestID  string `json:"test_id"`
		Metrics struct {
			Requests int64 `json:"requests_total"`
		} `json:"metrics"`
		StatusCodes map[string]int64 `json:"status_codes"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	require.EqualValues(t, 500, result.Metrics.Requests)
	var answered int64
	for _, n := range result.StatusCodes {
		answered += n
	}
	require.EqualValues(t, 500, answered)

	require.Contains(t, l.run(load.ExitPassed, "api", "recent").Stdout(), "/api/products/{id}")
	require.Contains(t, l.run(load.ExitPassed, "api", "results", result.TestID).Stdout(), result.TestID)
	_, err := os.Stat(filepath.Join(l.state, "loadpilot", "api-results", result.TestID+".json"))
	require.NoError(t, err)
}
