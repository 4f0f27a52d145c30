package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheLogShowsNoSecret(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := telemetry.NewLogger(&out, "info")
	require.NoError(t, err)
	address, err := url.Parse("redis://:hunter2@127.0.0.1:6379/0")
	require.NoError(t, err)

	logger.Info("connected",
		"password", "hunter2",
		"authorization", "Bearer hunter2",
		"url", "nats://me:hunter2@127.0.0.1:4222",
		"redis", address,
		"error", errors.New(`dial "nats://hunter2@h:1": refused`),
		"tokens", 35,
		slog.Group("task", "env", map[string]string{"KEY": "hunter2"}, "name", "browse"),
	)
	require.NotContains(t, out.String(), "hunter2")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	delete(line, slog.TimeKey)
	require.Empty(t, cmp.Diff(map[string]any{
		"level": "INFO", "msg": "connected",
		"password": "***", "authorization": "***",
		"url": "nats://***@127.0.0.1:4222", "redis": "redis://***@127.0.0.1:6379/0",
		"error": `dial "nats://***@h:1": refused`, "tokens": 35.0,
		"task": map[string]any{"env": "***", "name": "browse"},
	}, line))
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]int{"debug": 3, "info": 2, "warn": 1, "error": 0} {
		var out bytes.Buffer
		logger, err := telemetry.NewLogger(&out, level)
		require.NoError(t, err)
		logger.Debug("d")
		logger.Info("i")
		logger.Warn("w")
		require.Equal(t, want, bytes.Count(out.Bytes(), []byte{'\n'}), level)
	}
	_, err := telemetry.NewLogger(io.Discard, "loud")
	require.ErrorContains(t, err, "loud")
}

func TestRedactURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                               "",
		"no URL @ all":                   "no URL @ all",
		"https://example.com/a@b":        "https://example.com/a@b",
		"https://u:p@example.com/a@b":    "https://***@example.com/a@b",
		"https://u:p@w@example.com":      "https://***@example.com",
		"nats://a:b/c?d@e@h:1":           "nats://***@h:1",
		"http://[::1]:80/a@b":            "http://[::1]:80/a@b",
		"nats://h:1,nats://c:d@h:2":      "nats://h:1,nats://***@h:2",
		"nats://a:b@h:1,nats://c:d@h:2":  "nats://***@h:1,nats://***@h:2",
		"try nats://a:b@h then http://x": "try nats://***@h then http://x",
	} {
		require.Equal(t, want, telemetry.RedactURL(text))
	}
}

func FuzzRedactURL(f *testing.F) {
	f.Add("user", "secret", " nats://x:y@z ")
	f.Fuzz(func(t *testing.T, user, password, rest string) {
		address := url.URL{Scheme: "nats", User: url.UserPassword(user, "Z9"+url.PathEscape(password)+"9Z"), Host: "127.0.0.1:4222"}
		require.NotContains(t, telemetry.RedactURL(address.String()+" "+rest), "Z9"+url.PathEscape(password)+"9Z@")
		require.NotContains(t, telemetry.RedactURL(address.String()), "Z9")
	})
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	registry, health := telemetry.NewRegistry(), new(telemetry.Health)
	handler := telemetry.NewHandler(registry, health)
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		return w.Code, w.Body.String()
	}

	status, body := ask("/readyz")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"ready":true,"checks":{}}`, body)

	health.Add("bus", func(context.Context) error { return errors.New("nats://u:p@h: no servers") })
	health.Add("store", func(context.Context) error { return nil })
	status, body = ask("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.JSONEq(t, `{"ready":false,"checks":{"bus":"nats://***@h: no servers","store":"ok"}}`, body)

	status, _ = ask("/livez")
	require.Equal(t, http.StatusOK, status, "alive although not ready")

	health.Add("bus", func(context.Context) error { return nil })
	status, _ = ask("/readyz")
	require.Equal(t, http.StatusOK, status)
}

func TestServer(t *testing.T) {
	t.Parallel()
	registry := telemetry.NewRegistry()
	registry.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "loadpilot_test_total", Help: "Of this test."}))
	server, err := telemetry.Listen(t.Context(), "127.0.0.1:0", registry, new(telemetry.Health))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()

	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for path, want := range map[string]string{
		"/livez":                  "ok",
		"/readyz":                 `"ready":true`,
		"/metrics":                "loadpilot_test_total 0",
		"/debug/pprof/":           "goroutine",
		"/debug/pprof/heap?gc=0":  "",
		"/debug/pprof/goroutine?": "",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+path, http.NoBody)
		require.NoError(t, err)
		response, err := client.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Contains(t, string(body), want, path)
	}
	_, err = telemetry.Listen(t.Context(), server.Addr(), registry, new(telemetry.Health))
	require.ErrorContains(t, err, "telemetry: listen")
	stop()
	require.NoError(t, <-done)
}
