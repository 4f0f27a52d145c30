package socket_test

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// A handler answers at least twice as many requests if neither a socket nor a server stands before it.
//
//nolint:paralleltest // it measures
func TestInProcessIsTwiceAsFast(t *testing.T) {
	const rounds, n, clients = 3, 4000, 16
	h := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"status":"ok"}`) }
	rates := map[string][]float64{}
	for range rounds {
		for _, way := range []string{"strands", "in-process"} {
			r := ways[way](t, h, config("", func(c *run.Config) { c.Requests, c.Clients, c.InProcess = n, clients, way == "in-process" }), get("/health"))
			require.Equal(t, map[string]int64{"200": n}, r.StatusCodes)
			rates[way] = append(rates[way], r.Metrics.RequestsPerSecond)
		}
	}
	for _, list := range rates {
		slices.Sort(list)
	}
	t.Logf("requests a second: %v", rates)
	require.GreaterOrEqual(t, rates["in-process"][rounds/2], 2*rates["strands"][rounds/2])
}
