package telemetry

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// fakeCollector answers pushes with the statuses in turn, the last one again and again, and hands over what it was sent.
type fakeCollector struct {
	statuses []int
	bodies   [][]byte
	requests []*http.Request
}

// RoundTrip implements http.RoundTripper.
func (c *fakeCollector) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.bodies, c.requests = append(c.bodies, body), append(c.requests, r)
	status := c.statuses[min(len(c.bodies), len(c.statuses))-1]
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: http.NoBody}, nil
}

func export(t *testing.T, endpoint string, registry prometheus.Gatherer, log *slog.Logger) *Exporter {
	t.Helper()
	e, err := NewExporter(endpoint, registry, log, "aggregator", "host-1", "1.2.3")
	require.NoError(t, err)
	return e
}

func texts(attributes []*common.KeyValue) map[string]string {
	out := map[string]string{}
	for _, a := range attributes {
		out[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return out
}

// What is pushed is decoded with the official schema, strictly.
func TestPushIsOTLP(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	requests := prometheus.NewDesc("requests_total", "Requests.", []string{"task"}, nil)
	lag := prometheus.NewDesc("lag_seconds", "Lag.", nil, nil)
	registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "users", Help: "Users."}, func() float64 { return 2.5 }),
		prometheus.NewSummary(prometheus.SummaryOpts{Name: "left_out", Help: "Left out."}),
		constant{prometheus.MustNewConstMetricWithCreatedTimestamp(requests, prometheus.CounterValue, 7, began, "browse")},
		constant{prometheus.MustNewConstHistogramWithCreatedTimestamp(lag, 10, 12.5, map[float64]uint64{0.1: 3, 1: 3, 2: 8}, began)},
	)
	fake := &fakeCollector{statuses: []int{http.StatusOK}}
	e := export(t, "http://collector:4318", registry, slog.New(slog.DiscardHandler))
	e.client.Transport = fake
	require.NoError(t, e.push(t.Context()))
	require.Equal(t, "http://collector:4318/v1/metrics", fake.requests[0].URL.String())
	require.Equal(t, "application/json", fake.requests[0].Header.Get("Content-Type"))

	var got metrics.MetricsData
	require.NoError(t, protojson.Unmarshal(fake.bodies[0], &got), "%s", fake.bodies[0])
	require.Len(t, got.GetResourceMetrics(), 1)
	resource := got.GetResourceMetrics()[0]
	require.Equal(t, map[string]string{
		"service.namespace": "loadpilot", "service.name": "aggregator", "service.instance.id": "host-1", "service.version": "1.2.3",
	}, texts(resource.GetResource().GetAttributes()))
	byName := map[string]*metrics.Metric{}
	for _, m := range resource.GetScopeMetrics()[0].GetMetrics() {
		byName[m.GetName()] = m
	}
	require.Len(t, byName, 3)

	users := byName["users"].GetGauge().GetDataPoints()[0]
	require.InDelta(t, 2.5, users.GetAsDouble(), 0)
	require.Equal(t, "Users.", byName["users"].GetDescription())
	require.NotZero(t, users.GetTimeUnixNano())

	sum := byName["requests_total"].GetSum()
	require.True(t, sum.GetIsMonotonic())
	require.Equal(t, metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE, sum.GetAggregationTemporality())
	require.InDelta(t, 7, sum.GetDataPoints()[0].GetAsDouble(), 0)
	require.Equal(t, map[string]string{"task": "browse"}, texts(sum.GetDataPoints()[0].GetAttributes()))
	require.EqualValues(t, began.UnixNano(), sum.GetDataPoints()[0].GetStartTimeUnixNano())

	h := byName["lag_seconds"].GetHistogram()
	require.Equal(t, metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE, h.GetAggregationTemporality())
	point := h.GetDataPoints()[0]
	require.EqualValues(t, 10, point.GetCount())
	require.InDelta(t, 12.5, point.GetSum(), 0)
	require.Equal(t, []float64{0.1, 1, 2}, point.GetExplicitBounds())
	require.Equal(t, []uint64{3, 0, 5, 2}, point.GetBucketCounts())
	require.EqualValues(t, began.UnixNano(), point.GetStartTimeUnixNano())
}

// A count of a run whose second 0 lies ahead begins with the push: a start after its end is invalid.
func TestCountsBeginBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	ahead := time.Now().Add(time.Hour)
	requests := prometheus.NewDesc("requests_total", "Requests.", nil, nil)
	lag := prometheus.NewDesc("lag_seconds", "Lag.", nil, nil)
	registry.MustRegister(
		constant{prometheus.MustNewConstMetricWithCreatedTimestamp(requests, prometheus.CounterValue, 0, ahead)},
		constant{prometheus.MustNewConstHistogramWithCreatedTimestamp(lag, 0, 0, map[float64]uint64{1: 0}, ahead)},
	)
	fake := &fakeCollector{statuses: []int{http.StatusOK}}
	e := export(t, "http://collector:4318", registry, slog.New(slog.DiscardHandler))
	e.client.Transport = fake
	require.NoError(t, e.push(t.Context()))
	var got metrics.MetricsData
	require.NoError(t, protojson.Unmarshal(fake.bodies[0], &got))
	for _, m := range got.GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics() {
		for _, p := range m.GetSum().GetDataPoints() {
			require.Equal(t, p.GetTimeUnixNano(), p.GetStartTimeUnixNano(), m.GetName())
		}
		for _, p := range m.GetHistogram().GetDataPoints() {
			require.Equal(t, p.GetTimeUnixNano(), p.GetStartTimeUnixNano(), m.GetName())
		}
	}
}

// constant is a collector of one metric.
type constant struct{ prometheus.Metric }

func (c constant) Describe(out chan<- *prometheus.Desc) { out <- c.Desc() }

func (c constant) Collect(out chan<- prometheus.Metric) { out <- c.Metric }

// A collector that is away is told of once, and the end of the process pushes once more.
func TestExporterRides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		fake := &fakeCollector{statuses: []int{503, 503, 200}}
		e := export(t, "http://user:secret@collector/otlp", prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&log, nil)))
		e.client.Transport = fake
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		time.Sleep(3*pushEvery + time.Second)
		cancel()
		require.NoError(t, <-done)
		require.Len(t, fake.bodies, 4)
		require.Equal(t, "/otlp", fake.requests[0].URL.Path)
		require.Equal(t, 1, strings.Count(log.String(), "does not take the metrics"), log.String())
		require.Equal(t, 1, strings.Count(log.String(), "takes the metrics again"), log.String())
		require.NotContains(t, log.String(), "secret")
	})
}

// A redirect is not followed: the metrics go where they were told to go.
func TestPushFollowsNobody(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer here.Close()
	e := export(t, here.URL, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	defer e.client.CloseIdleConnections()
	require.ErrorContains(t, e.push(t.Context()), "307")
}

func TestEndpointRefused(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"", "collector:4318", "ftp://collector", "http://", "http://user:secret@%zz/"} {
		_, err := NewExporter(endpoint, prometheus.NewRegistry(), slog.New(slog.DiscardHandler), "s", "i", "v")
		require.Error(t, err, endpoint)
		require.NotContains(t, err.Error(), "secret")
	}
}
