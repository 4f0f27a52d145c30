package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/loadpilot/loadpilot/deploy"
	"github.com/loadpilot/loadpilot/shared/load"
)

// families are metrics by name.
type families map[string]*dto.MetricFamily

// scrape reads /metrics, which must pass the linter of the client library.
func scrape(t *testing.T, url string) families {
	t.Helper()
	response, err := http.Get(url + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	problems, err := promlint.New(strings.NewReader(string(text))).Lint()
	require.NoError(t, err)
	problems = slices.DeleteFunc(problems, func(p promlint.Problem) bool {
		return milliseconds.MatchString(p.Metric) && p.Text == "metric names should not contain abbreviated units"
	})
	require.Empty(t, problems)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	found, err := parser.TextToMetricFamilies(strings.NewReader(string(text)))
	require.NoError(t, err)
	return found
}

// milliseconds are the names whose unit the linter does not like: dashboards know them.
var milliseconds = regexp.MustCompile(`^loadpilot_(latency_(p50|p95|p99|max|mean)|task_latency_(p50|p99|mean))_ms$`)

// sum adds up the values of a metric that have a label with a value, of histograms the counts. Without a label it adds up all.
func (f families) sum(name, label, value string) (sum float64) {
	for _, m := range f[name].GetMetric() {
		if label == "" || labelOf(m, label) == value {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

// inbox is a collector of OTLP.
type inbox struct {
	mu   sync.Mutex
	last *metrics.MetricsData
}

func (i *inbox) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request metrics.MetricsData
	if protojson.Unmarshal(body, &request) == nil && r.URL.Path == "/v1/metrics" {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.last = &request
	}
}

// points returns how many values each metric has in the last push, and the sum of the sums.
func (i *inbox) points() (points map[string]int, sums map[string]float64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	points, sums = map[string]int{}, map[string]float64{}
	for _, m := range i.last.GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics() {
		points[m.GetName()] = len(m.GetGauge().GetDataPoints()) + len(m.GetSum().GetDataPoints()) + len(m.GetHistogram().GetDataPoints())
		for _, p := range m.GetSum().GetDataPoints() {
			sums[m.GetName()] += p.GetAsDouble()
		}
	}
	return points, sums
}

// A run on all services at once: /metrics tells what the result tells and has what the dashboard asks for, and the last push is of the
// same.
func TestMetricsOfARun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var pushed inbox
	otlp := httptest.NewServer(&pushed)
	defer otlp.Close()
	up := l.start("up", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--redis-listen", "127.0.0.1:0", "--otlp-endpoint", otlp.URL)
	var match []string
	eventually(t, "it is up", func() bool {
		match = gatewayURL.FindStringSubmatch(up.Stderr())
		return match != nil
	})
	url := match[1]
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/orders" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer target.Close()
	result := l.result(load.ExitPassed, "run", testdata(t, "counted.py"), "-t", target.URL, "--gateway-url", url,
		"--mode", "constant", "--rps", "60", "--duration", "3s")
	eventually(t, "the aggregator has let the run go", func() bool { return scrape(t, url).sum("loadpilot_aggregator_runs", "", "") == 0 })
	shown := scrape(t, url)
	of := func(name string) float64 { return shown.sum("loadpilot_"+name, "run", result.RunID) }
	require.InDelta(t, result.RequestsTotal, of("requests_total"), 0)
	require.InDelta(t, result.ErrorsTotal, of("errors_total"), 0)
	require.InDelta(t, 30, of("errors_total"), 0, "one of six of 180")
	require.InDelta(t, result.RequestsTotal, of("response_duration_seconds"), 0)
	require.InDelta(t, result.RequestsTotal, of("service_duration_seconds"), 0)
	require.InDelta(t, result.Ledger.Started, of("schedule_lag_seconds"), 0)
	require.InDelta(t, result.P99Ms, of("latency_p99_ms"), 0)
	require.InDelta(t, result.Ledger.Planned, shown.sum("loadpilot_ledger_iterations", "state", "planned"), 0)
	require.InDelta(t, result.Ledger.Completed, shown.sum("loadpilot_iterations_total", "state", "completed"), 0)
	for _, task := range result.Tasks {
		require.InDelta(t, task.Requests, shown.sum("loadpilot_task_requests_total", "task", task.Task), 0, task.Task)
	}
	require.InDelta(t, result.Ledger.Started, shown.sum("loadpilot_generator_iterations_started_total", "", ""), 0)
	require.InDelta(t, result.RequestsTotal, shown.sum("loadpilot_generator_requests_total", "", ""), 0)
	require.Positive(t, shown.sum("loadpilot_scheduler_tokens_total", "", ""))
	require.Positive(t, shown.sum("loadpilot_gateway_requests_total", "code", "201"))
	checkDashboard(t, shown)

	require.Zero(t, up.Stop(), up.Stderr())
	points, sums := pushed.points()
	for name, family := range shown {
		if family.GetType() != dto.MetricType_SUMMARY {
			require.Equal(t, len(family.GetMetric()) > 0, points[name] > 0, name)
		}
	}
	require.InDelta(t, result.RequestsTotal, sums["loadpilot_requests_total"], 0)
}

// checkDashboard looks up all metrics and labels of the dashboard on Prometheus among those that there are.
func checkDashboard(t *testing.T, shown families) {
	t.Helper()
	text, err := deploy.Monitoring.ReadFile("monitoring/grafana/dashboards/loadpilot.json")
	require.NoError(t, err)
	var board struct {
		Templating struct {
			List []struct {
				Definition string `json:"definition"`
			} `json:"list"`
		} `json:"templating"`
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr         string `json:"expr"`
				LegendFormat string `json:"legendFormat"`
			} `json:"targets"`
		} `json:"panels"`
	}
	require.NoError(t, json.Unmarshal(text, &board))
	asked := map[string]bool{}
	check := func(title, expr, legend string) {
		var labels []string
		for _, used := range usedMetric.FindAllStringSubmatch(expr, -1) {
			family := shown[used[1]]
			if name := strings.TrimSuffix(used[1], "_bucket"); family == nil && shown[name].GetType() == dto.MetricType_HISTOGRAM {
				family = shown[name]
				labels = append(labels, "le")
			}
			require.NotNil(t, family, "%s: there is no metric %s", title, used[1])
			asked[family.GetName()] = true
			for _, l := range family.GetMetric()[0].GetLabel() {
				labels = append(labels, l.GetName())
			}
			for _, l := range usedLabel.FindAllStringSubmatch(used[2], -1) {
				require.Contains(t, labels, l[1], "%s: %s", title, expr)
			}
		}
		require.Regexp(t, usedMetric, expr, title)
		labels = append(labels, "instance")
		for _, grouping := range regexp.MustCompile(`by \(([^)]*)\)`).FindAllStringSubmatch(expr, -1) {
			require.Contains(t, labels, grouping[1], "%s: %s", title, expr)
		}
		for _, l := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(legend, -1) {
			require.Contains(t, labels, l[1], "%s: %s", title, legend)
		}
	}
	check("variable run", board.Templating.List[1].Definition, "{{run}}")
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			check(p.Title, target.Expr, target.LegendFormat)
		}
	}
	for name := range shown {
		if strings.HasPrefix(name, "loadpilot_") && !asked[name] {
			require.Contains(t, notOnTheDashboard, name)
		}
	}
}

var (
	usedMetric = regexp.MustCompile(`(loadpilot_[a-z0-9_]+)(\{[^}]*\})?`)
	usedLabel  = regexp.MustCompile(`(\w+)=`)
	// notOnTheDashboard are metrics that it shows in another way.
	notOnTheDashboard = []string{
		"loadpilot_latency_p50_ms", "loadpilot_latency_p95_ms", "loadpilot_latency_max_ms", "loadpilot_latency_mean_ms",
		"loadpilot_aggregator_runs", "loadpilot_generator_users", "loadpilot_generator_in_flight", "loadpilot_generator_events_total",
		"loadpilot_generator_requests_total", "loadpilot_generator_requests_failed_total",
	}
)
