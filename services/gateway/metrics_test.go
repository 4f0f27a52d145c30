package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMetricsCountAnswers(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	f := setup(t, func(_ *Config, d *Deps) { d.Metrics = registry })
	for range 2 {
		f.get("/v1/runs")
	}
	f.get("/none").problem(t, http.StatusNotFound)
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP loadpilot_gateway_requests_total Requests by the status of their answers, streams when they have ended.
# TYPE loadpilot_gateway_requests_total counter
loadpilot_gateway_requests_total{code="200"} 2
loadpilot_gateway_requests_total{code="404"} 1
`), "loadpilot_gateway_requests_total"))
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestMetricsCountStreams(t *testing.T) {
	t.Parallel()
	h, f := newTestHub(t)
	registry := prometheus.NewRegistry()
	newMetrics(registry, h)
	compare := func(streams, dropped int) {
		t.Helper()
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(fmt.Sprintf(`
# HELP loadpilot_gateway_streams Clients that follow runs under way.
# TYPE loadpilot_gateway_streams gauge
loadpilot_gateway_streams %d
# HELP loadpilot_gateway_streams_dropped_total Clients that were dropped because they did not keep up.
# TYPE loadpilot_gateway_streams_dropped_total counter
loadpilot_gateway_streams_dropped_total %d
`, streams, dropped)), "loadpilot_gateway_streams", "loadpilot_gateway_streams_dropped_total"))
	}
	compare(0, 0)
	quick, leave := h.listen("r", never(t))
	dropped := make(chan struct{})
	_, leaveToo := h.listen("r", func() { close(dropped) })
	defer leaveToo()
	compare(2, 0)
	source := <-f.opened
	for range listenerBacklog + 1 {
		source.lines <- load.Live{RunID: "r"}
		<-quick
	}
	<-dropped
	compare(1, 1)
	leave()
	compare(0, 1)
}
