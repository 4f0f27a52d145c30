package gateway

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPageOfAnotherOriginStartsNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	p := f.post("/v1/runs", checkout(), "Origin", "http://evil.test").problem(t, http.StatusForbidden)
	require.Equal(t, "Origin", p.Field)
	require.Empty(t, f.bus.runs)
}

// To the browser, a name that was bound to loopback anew is the origin of the page.
func TestAPageWithAReboundNameReachesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, path := range []string{"/v1/runs", "/livez", "/none"} {
		p := f.post(path, checkout(), "Host", "evil.test", "Origin", "http://evil.test", "Sec-Fetch-Site", "same-origin").
			problem(t, http.StatusForbidden)
		require.Equal(t, "Host", p.Field)
	}
	require.Empty(t, f.bus.runs)
}

// at is a listener that says it listens elsewhere.
type at struct {
	net.Listener
	addr net.Addr
}

func (l at) Addr() net.Addr { return l.addr }

func TestHosts(t *testing.T) {
	t.Parallel()
	loopback, everywhere := net.IPv6loopback, net.IPv4zero
	for _, tc := range []struct {
		listener net.IP
		host     string
		status   int
	}{
		{loopback, "127.0.0.1", 200},
		{loopback, "127.0.0.1:8080", 200},
		{loopback, "[::1]", 200},
		{loopback, "[::1]:8080", 200},
		{loopback, "localhost", 200},
		{loopback, "LOCALHOST:1", 200},
		{loopback, "pilot.test:8080", 200}, // configured
		{loopback, "evil.test", 403},
		{loopback, "127.0.0.1.evil.test", 403},
		{loopback, "localhost.evil.test:8080", 403},
		{loopback, "evil.test:localhost", 403},
		{loopback, "", 403},
		{everywhere, "evil.test", 200},
	} {
		t.Run(tc.listener.String()+" "+tc.host, func(t *testing.T) {
			t.Parallel()
			config := DefaultConfig()
			config.Hosts, config.Token = []string{"Pilot.test"}, "needed-elsewhere"
			s, err := New(config, Deps{
				Listener: at{addr: &net.TCPAddr{IP: tc.listener, Port: 8080}},
				Ops:      http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
			})
			require.NoError(t, err)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", http.NoBody)
			r.Host = tc.host
			w := httptest.NewRecorder()
			s.handler().ServeHTTP(w, r)
			require.Equal(t, tc.status, w.Code, "%s", w.Body)
		})
	}
}

func TestEveryErrorIsAProblem(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.submitted()
	for _, tc := range []struct {
		method, path, body string
		status             int
		field, detail      string
	}{
		{"GET", "/", "", 404, "", "there is no /"},
		{"GET", "/v2/runs", "", 404, "", "there is no /v2/runs"},
		{"POST", "/v1/run", "", 404, "", "there is no /v1/run"},
		{"GET", "/v1/runs/none", "", 404, "", "no run none"},
		{"GET", "/v1/runs/none/result", "", 404, "", "no run none"},
		{"GET", "/v1/runs/none/events", "", 404, "", "no run none"},
		{"POST", "/v1/runs/none/stop", "", 404, "", "no run none"},
		{"GET", "/v1/runs/" + id + "/result", "", 404, "", "no result of run " + id + " yet"},
		{"DELETE", "/v1/runs", "", 405, "", "/v1/runs takes GET, HEAD, POST, not DELETE"},
		{"DELETE", "/v1/runs/" + id, "", 405, "", "/v1/runs/" + id + " takes GET, HEAD, not DELETE"},
		{"PUT", "/livez", "", 405, "", "/livez takes GET, HEAD, not PUT"},
		{"GET", "/v1/runs?limit=0", "", 422, "limit", "limit: expected number >= 1"},
		{"GET", "/v1/runs?limit=few", "", 422, "limit", "limit: invalid integer"},
		{"POST", "/v1/runs?dry_run=banana", "{}", 422, "dry_run", "dry_run: invalid boolean"},
		{"GET", "/v1/runs/a.b", "", 422, "id", "id: expected string to match pattern ^[A-Za-z0-9_-]+$"},
		{"GET", "/v1/runs/a.b/events", "", 422, "id", "id: expected string to match pattern ^[A-Za-z0-9_-]+$"},
		{"POST", "/v1/runs", "", 400, "", "request body is required"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			a := f.do(tc.method, tc.path, strings.NewReader(tc.body))
			p := a.problem(t, tc.status)
			require.Equal(t, tc.field, p.Field)
			require.Equal(t, tc.detail, p.Detail)
			require.Equal(t, tc.status == http.StatusMethodNotAllowed, a.header.Get("Allow") != "")
			require.NotContains(t, string(a.body), "errors", "no other model of an error shows")
		})
	}
}

func TestAPathThatIsNotCleanIsRedirected(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.Equal(t, http.StatusOK, f.get("/v1//runs").status)
	f.get("/v1//none").problem(t, http.StatusNotFound)
}

// The server reads the rest of a body before it sends an answer, also one that needs none.
func TestNoAnswerWaitsForABodyThatDoesNotArrive(t *testing.T) {
	t.Parallel()
	f := setup(t, withTokens, func(c *Config, _ *Deps) { c.BodyTimeout = 50 * time.Millisecond })
	full, read := "Authorization: Bearer "+fullToken, "Authorization: Bearer "+readToken
	for _, tc := range []struct {
		method, path, header string
		status               int
	}{
		{"POST", "/v1/runs", "X: y", 401},
		{"POST", "/v1/runs", read, 403},
		{"POST", "/v1/runs", "Host: evil.test", 403},
		{"POST", "/login", "Content-Type: application/x-www-form-urlencoded", 408},
		{"GET", "/v1/runs", full, 200},
		{"POST", "/v1/none", full, 404},
		{"DELETE", "/v1/runs", full, 405},
		{"POST", "/livez", full, 405},
	} {
		a := f.stalled(tc.method, tc.path, "token=", tc.header)
		require.Equal(t, tc.status, a.status, "%s %s: %s", tc.method, tc.path, a.body)
	}
}

func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	log := &journal{}
	f := setup(t, func(_ *Config, d *Deps) {
		d.Logger = slog.New(slog.NewTextHandler(log, nil))
		d.Ops = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/readyz" {
				w.WriteHeader(http.StatusOK)
			}
			panic("of the handler")
		})
	})
	require.NotContains(t, f.get("/livez").problem(t, http.StatusInternalServerError).Detail, "of the handler")
	require.Contains(t, log.String(), "of the handler")
	require.Contains(t, log.String(), "TestAPanicIsAProblem", "its stack")

	resp, err := http.Get(f.url + "/readyz") // which has begun
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	require.Error(t, err)
}
