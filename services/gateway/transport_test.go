package gateway

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func transportRequest(fields map[string]any) map[string]any {
	request := map[string]any{"source": "Checkout", "target": "https://shop.test", "seed": 1}
	maps.Copy(request, fields)
	return request
}

func TestTheTransportIsPlannedAndItsSecretsKeptApart(t *testing.T) {
	t.Parallel()
	var log journal
	f := setup(t, func(_ *Config, d *Deps) {
		d.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	fields := map[string]any{
		"http2": true, "connect_timeout": "2s", "insecure": true, "servername": "inner.test", "proxy": "http://me:s3cret@proxy.test:3128",
		"resolve": []string{"shop.test:443:127.0.0.1"}, "source_address": "127.0.0.2",
		"headers": []string{"Authorization: Bearer s3cret", "X-Tenant: blue"},
	}
	a := f.post("/v1/runs", transportRequest(fields))
	require.Equal(t, http.StatusCreated, a.status, "%s", a.body)
	run := decode[Run](t, a)
	require.Equal(t, PlanTransport{
		HTTP2: true, ConnectTimeout: "2s", Insecure: true, ServerName: "inner.test", Proxy: "http://proxy.test:3128", ProxyAuth: true,
		Resolve: []string{"shop.test:443:127.0.0.1"}, SourceAddress: "127.0.0.2", Headers: []string{"Authorization", "X-Tenant"},
	}, run.Plan.PlanTransport)
	require.Equal(t, load.Secrets{Credentials: load.Credentials{
		ProxyUser: "me:s3cret", Headers: []load.Header{{Name: "Authorization", Value: "Bearer s3cret"}, {Name: "X-Tenant", Value: "blue"}},
	}}, f.bus.secrets[run.ID])
	for _, text := range []string{string(a.body), string(f.get("/v1/runs").body), fmt.Sprintf("%+v", f.bus.runs), log.String()} {
		require.NotContains(t, text, "s3cret")
	}

	list, contentType := form(t, map[string]string{
		"source": "Checkout", "target": "https://shop.test", "insecure": "true", "connect_timeout": "250ms", "headers": `["X-Tenant: blue"]`,
	})
	a = f.do(http.MethodPost, "/v1/runs?dry_run=true", list, "Content-Type", contentType)
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Equal(t, PlanTransport{ConnectTimeout: "250ms", Insecure: true, Headers: []string{"X-Tenant"}}, decode[Plan](t, a).PlanTransport)
}

func TestWrongTransportsAreRefusedByTheirField(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, tc := range []struct {
		field string
		value any
	}{
		{"http2", "yes"},
		{"insecure", 1},
		{"connect_timeout", "soon"},
		{"connect_timeout", "0s"},
		{"connect_timeout", "-1s"},
		{"cacert", "s3cret"},
		{"key", "s3cret"},
		{"servername", "a b"},
		{"proxy", "socks5://me:s3cret@proxy.test:1080"},
		{"resolve", []string{"shop.test:127.0.0.1"}},
		{"source_address", "eth0"},
		{"headers", []string{"s3cret"}},
		{"headers", []string{"Content-Length: s3cret"}},
		{"headers", map[string]string{"A": "s3cret"}},
	} {
		a := f.post("/v1/runs", transportRequest(map[string]any{tc.field: tc.value}))
		p := a.problem(t, http.StatusUnprocessableEntity)
		want := tc.field
		if want == "key" {
			want = "cert" // which is missing
		}
		require.Equal(t, want, p.Field, "%s", a.body)
		require.NotContains(t, string(a.body), "s3cret")
	}
	require.Empty(t, f.bus.runs)
	require.Empty(t, f.bus.secrets)
}

func TestTheSameKeyWithOtherCredentialsIsAConflict(t *testing.T) {
	t.Parallel()
	f := setup(t)
	with := func(value string) map[string]any {
		return transportRequest(map[string]any{"headers": []string{"Authorization: " + value}})
	}
	require.Equal(t, http.StatusCreated, f.post("/v1/runs", with("s3cret"), "Idempotency-Key", "k").status)
	require.Equal(t, http.StatusOK, f.post("/v1/runs", with("s3cret"), "Idempotency-Key", "k").status)
	for _, other := range []map[string]any{with("an0ther"), transportRequest(map[string]any{"insecure": true})} {
		a := f.post("/v1/runs", other, "Idempotency-Key", "k")
		require.Equal(t, "Idempotency-Key", a.problem(t, http.StatusConflict).Field)
		require.NotContains(t, string(a.body), "an0ther")
	}
}
