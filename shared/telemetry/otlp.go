package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	pushEvery   = 10 * time.Second
	pushTimeout = 5 * time.Second
	lastPush    = time.Second // limit of the push at the end, which keeps somebody waiting
)

// Exporter sends what a registry holds to an OpenTelemetry collector, as OTLP over HTTP in JSON: every ten seconds, and at the end.
// A collector that is away is a warning, once, and what it missed is in the next push: all counts are cumulative.
type Exporter struct {
	registry prometheus.Gatherer
	url      string
	log      *slog.Logger
	resource []otlpAttribute
	began    time.Time // of counts that do not say themselves since when they are kept
	client   *http.Client
}

// NewExporter returns an exporter to an endpoint, an http or https URL, which may hold a user and password; without a path it is
// completed with /v1/metrics. service and instance name the process among all.
func NewExporter(endpoint string, registry prometheus.Gatherer, log *slog.Logger, service, instance, version string) (*Exporter, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("not a URL such as http://127.0.0.1:4318") // it may hold a password
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/metrics"
	}
	return &Exporter{
		registry: registry, url: u.String(), log: log, began: time.Now(),
		resource: []otlpAttribute{
			attribute("service.namespace", "loadpilot"), attribute("service.name", service),
			attribute("service.instance.id", instance), attribute("service.version", version),
		},
		client: &http.Client{
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: 2 * pushEvery},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Run pushes until ctx ends, and once more then.
func (e *Exporter) Run(ctx context.Context) error {
	defer e.client.CloseIdleConnections()
	tick := time.NewTicker(pushEvery)
	defer tick.Stop()
	failing := false
	push := func(ctx context.Context, limit time.Duration) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err := e.push(ctx)
		switch {
		case err != nil && !failing:
			e.log.Warn("the collector does not take the metrics, trying on", "error", err)
		case err == nil && failing:
			e.log.Info("the collector takes the metrics again")
		}
		failing = err != nil
	}
	for {
		select {
		case <-tick.C:
			push(ctx, pushTimeout)
		case <-ctx.Done():
			push(context.WithoutCancel(ctx), lastPush)
			return nil
		}
	}
}

func (e *Exporter) push(ctx context.Context) error {
	families, err := e.registry.Gather()
	if err != nil {
		return fmt.Errorf("gather metrics: %w", err)
	}
	body, err := json.Marshal(e.request(families, time.Now()))
	if err != nil {
		return fmt.Errorf("encode metrics: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := e.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection can be used again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("POST %s: %s", RedactURL(e.url), response.Status)
	}
	return nil
}

// The part of an ExportMetricsServiceRequest that is used, in the JSON of OTLP: 64-bit integers are texts.
type (
	otlpRequest struct {
		ResourceMetrics []otlpResourceMetrics `json:"resourceMetrics"`
	}
	otlpResourceMetrics struct {
		Resource struct {
			Attributes []otlpAttribute `json:"attributes"`
		} `json:"resource"`
		ScopeMetrics []otlpScopeMetrics `json:"scopeMetrics"`
	}
	otlpScopeMetrics struct {
		Scope struct {
			Name string `json:"name"`
		} `json:"scope"`
		Metrics []otlpMetric `json:"metrics"`
	}
	otlpMetric struct {
		Name        string    `json:"name"`
		Description string    `json:"description"`
		Gauge       *otlpData `json:"gauge,omitempty"`
		Sum         *otlpData `json:"sum,omitempty"`
		Histogram   *otlpData `json:"histogram,omitempty"`
	}
	otlpData struct {
		DataPoints             []otlpPoint `json:"dataPoints"`
		AggregationTemporality int         `json:"aggregationTemporality,omitempty"`
		IsMonotonic            bool        `json:"isMonotonic,omitempty"`
	}
	otlpPoint struct {
		Attributes        []otlpAttribute `json:"attributes,omitempty"`
		StartTimeUnixNano string          `json:"startTimeUnixNano,omitempty"`
		TimeUnixNano      string          `json:"timeUnixNano"`
		AsDouble          *float64        `json:"asDouble,omitempty"`
		// Of a histogram.
		Count          string    `json:"count,omitempty"`
		Sum            float64   `json:"sum,omitempty"`
		BucketCounts   []string  `json:"bucketCounts,omitempty"`
		ExplicitBounds []float64 `json:"explicitBounds,omitempty"`
	}
	otlpAttribute struct {
		Key   string `json:"key"`
		Value struct {
			StringValue string `json:"stringValue"`
		} `json:"value"`
	}
)

// cumulative says that counts are since their start.
const cumulative = 2

func attribute(key, value string) otlpAttribute {
	a := otlpAttribute{Key: key}
	a.Value.StringValue = value
	return a
}

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// request puts families into a request. They keep their names, so that a dashboard works with either way they can take to
// Prometheus. The summaries of the Go runtime are left out.
func (e *Exporter) request(families []*dto.MetricFamily, now time.Time) otlpRequest {
	var scope otlpScopeMetrics
	scope.Scope.Name = "github.com/loadpilot/loadpilot"
	for _, f := range families {
		m := otlpMetric{Name: f.GetName(), Description: f.GetHelp()}
		switch f.GetType() {
		case dto.MetricType_COUNTER:
			m.Sum = &otlpData{DataPoints: e.points(f, now), AggregationTemporality: cumulative, IsMonotonic: true}
		case dto.MetricType_HISTOGRAM:
			m.Histogram = &otlpData{DataPoints: e.points(f, now), AggregationTemporality: cumulative}
		case dto.MetricType_GAUGE:
			m.Gauge = &otlpData{DataPoints: e.points(f, now)}
		default:
			continue
		}
		scope.Metrics = append(scope.Metrics, m)
	}
	out := otlpResourceMetrics{ScopeMetrics: []otlpScopeMetrics{scope}}
	out.Resource.Attributes = e.resource
	return otlpRequest{ResourceMetrics: []otlpResourceMetrics{out}}
}

func (e *Exporter) points(f *dto.MetricFamily, now time.Time) []otlpPoint {
	points := []otlpPoint{}
	for _, m := range f.GetMetric() {
		p := otlpPoint{TimeUnixNano: nanos(now)}
		for _, label := range m.GetLabel() {
			p.Attributes = append(p.Attributes, attribute(label.GetName(), label.GetValue()))
		}
		switch {
		case m.GetHistogram() != nil:
			p.setBuckets(m.GetHistogram())
			p.StartTimeUnixNano = e.since(m.GetHistogram().GetCreatedTimestamp(), now)
		case m.GetCounter() != nil:
			p.AsDouble = new(m.GetCounter().GetValue())
			p.StartTimeUnixNano = e.since(m.GetCounter().GetCreatedTimestamp(), now)
		default:
			p.AsDouble = new(m.GetGauge().GetValue())
		}
		if p.AsDouble != nil && (math.IsNaN(*p.AsDouble) || math.IsInf(*p.AsDouble, 0)) {
			continue // JSON has no such number
		}
		points = append(points, p)
	}
	return points
}

// setBuckets makes the counts up to each bound counts between the bounds.
func (p *otlpPoint) setBuckets(h *dto.Histogram) {
	p.Count, p.Sum = strconv.FormatUint(h.GetSampleCount(), 10), h.GetSampleSum()
	below := uint64(0)
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			break // the last bucket has no bound
		}
		p.ExplicitBounds = append(p.ExplicitBounds, b.GetUpperBound())
		p.BucketCounts = append(p.BucketCounts, strconv.FormatUint(b.GetCumulativeCount()-below, 10))
		below = b.GetCumulativeCount()
	}
	p.BucketCounts = append(p.BucketCounts, strconv.FormatUint(h.GetSampleCount()-below, 10))
}

// since says since when a count is kept. The start of a run may lie ahead of now, that of a count must not.
func (e *Exporter) since(created *timestamppb.Timestamp, now time.Time) string {
	switch {
	case created == nil:
		return nanos(e.began)
	case created.AsTime().After(now):
		return nanos(now)
	default:
		return nanos(created.AsTime())
	}
}
