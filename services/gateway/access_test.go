package gateway

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	fullToken = "full-0123456789abcdef"
	readToken = "read-0123456789abcdef"
)

// page is what the pages of a test gateway say.
const page = "<title>LoadPilot</title>"

func withTokens(c *Config, d *Deps) {
	c.Token, c.ReadToken = fullToken, readToken
	d.Web = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page + r.URL.Path))
	})
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

func TestWithoutATokenNothingHappens(t *testing.T) {
	t.Parallel()
	f := setup(t, withTokens)
	id := decode[Run](t, f.post("/v1/runs", checkout(), bearer(fullToken)...)).ID
	f.bus.become(id, load.StateRunning)
	before := f.bus.runs[0]
	for name, header := range map[string][]string{
		"nothing":          nil,
		"a wrong token":    bearer("wrong"),
		"a part of it":     bearer(fullToken[:len(fullToken)-1]),
		"no token":         bearer(""),
		"another scheme":   {"Authorization", "Basic " + fullToken},
		"an unknown page":  {"Cookie", cookieName + "=" + fullToken}, // the cookie is not the token
		"a worn-out login": {"Cookie", cookieName + "=" + cookieOf("old")},
		"a token that does not fit beside a cookie that does": {"Authorization", "Bearer wrong", "Cookie", cookieName + "=" + cookieOf(fullToken)},
	} {
		for _, request := range []struct{ method, path, body string }{
			{"POST", "/v1/runs", `{"source":"A","target":"http://shop.test"}`},
			{"POST", "/v1/runs/" + id + "/stop", ""},
			{"POST", "/v1/runs/" + id + "/control", `{"action":"pause"}`},
			{"GET", "/v1/runs", ""},
			{"GET", "/v1/runs/" + id, ""},
			{"GET", "/v1/runs/" + id + "/events", ""},
			{"GET", "/v1/openapi.json", ""},
			{"GET", "/metrics", ""},
			{"GET", "/v2", ""}, // nor what there is
			{"GET", "/assets/../v1/runs", ""},
			{"HEAD", "/v1/runs", ""},
		} {
			a := f.do(request.method, request.path, strings.NewReader(request.body), header...)
			require.Equal(t, http.StatusUnauthorized, a.status, "%s: %s %s", name, request.method, request.path)
			require.Equal(t, `Bearer realm="LoadPilot"`, a.header.Get("WWW-Authenticate"))
			if request.method != http.MethodHead {
				require.Equal(t, "Authorization", a.problem(t, http.StatusUnauthorized).Field)
			}
		}
	}
	require.Equal(t, []load.Run{before}, f.bus.runs)
	require.Len(t, f.bus.sources, 1)
	for _, path := range []string{"/livez", "/readyz", "/", "/assets/app.js"} {
		require.Equal(t, http.StatusOK, f.get(path).status, "%s holds no data", path)
	}
	require.Contains(t, string(f.get("/assets/%2e%2e/v1/runs").body), page, "it is one of the pages, or none")
}

func TestTheDocumentSaysWhatToShow(t *testing.T) {
	t.Parallel()
	security := func(f *fixture) []any {
		var doc struct {
			Security []any `json:"security"`
		}
		require.NoError(t, json.Unmarshal(f.do(http.MethodGet, "/v1/openapi.json", http.NoBody, bearer(readToken)...).body, &doc))
		return doc.Security
	}
	require.Len(t, security(setup(t, withTokens)), 2)
	require.Empty(t, security(setup(t)))
}

func TestTheReadOnlyTokenLooksAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t, withTokens)
	id := decode[Run](t, f.post("/v1/runs", checkout(), bearer(fullToken)...)).ID
	for _, path := range []string{"/v1/runs", "/v1/runs/" + id, "/v1/runs/" + id + "/series", "/v1/generators", "/v1/openapi.json", "/metrics"} {
		require.Equal(t, http.StatusOK, f.do(http.MethodGet, path, http.NoBody, bearer(readToken)...).status, path)
	}
	for _, path := range []string{"/v1/runs", "/v1/runs?dry_run=true", "/v1/runs/" + id + "/stop", "/v1/runs/" + id + "/control"} {
		p := f.post(path, checkout(), bearer(readToken)...).problem(t, http.StatusForbidden)
		require.Equal(t, "Authorization", p.Field)
	}
	require.Equal(t, load.StatePending, f.bus.runs[0].State)
	for _, path := range []string{"/v1/scenarios", "/v1/%73cenarios", "/v1//scenarios", "/v1/scenarios?x=y"} { // which may hold credentials
		f.do(http.MethodGet, path, http.NoBody, bearer(readToken)...).problem(t, http.StatusForbidden)
	}
}

// login posts the form of the pages.
func login(t *testing.T, f *fixture, token string, header ...string) answer {
	t.Helper()
	form := url.Values{"token": {token}}.Encode()
	return f.do(http.MethodPost, "/login", strings.NewReader(form), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

func TestABrowserLogsInWithAForm(t *testing.T) {
	t.Parallel()
	f := setup(t, withTokens)
	wrong := login(t, f, "wrong")
	require.Equal(t, "token", wrong.problem(t, http.StatusUnauthorized).Field)
	require.Empty(t, wrong.header.Values("Set-Cookie"))
	login(t, f, strings.Repeat("x", 2*maxLogin)).problem(t, http.StatusUnauthorized)
	require.Equal(t, "Origin", login(t, f, fullToken, "Origin", "http://evil.test").problem(t, http.StatusForbidden).Field)

	for token, code := range map[string]int{fullToken: http.StatusCreated, readToken: http.StatusForbidden} {
		a := login(t, f, token) // the client follows the redirect, without its cookie
		require.Equal(t, page+"/", string(a.body))
		resp := f.loggedIn(token)
		require.Equal(t, "/", resp.header.Get("Location"))
		cookies, err := http.ParseSetCookie(resp.header.Get("Set-Cookie"))
		require.NoError(t, err)
		require.NotContains(t, cookies.Value, token)
		require.True(t, cookies.HttpOnly)
		require.Equal(t, http.SameSiteStrictMode, cookies.SameSite)
		require.Equal(t, "/", cookies.Path)
		require.Zero(t, cookies.MaxAge, "it lasts as long as the browser")

		cookie := []string{"Cookie", cookies.Name + "=" + cookies.Value}
		require.Equal(t, http.StatusOK, f.do(http.MethodGet, "/v1/runs", http.NoBody, cookie...).status)
		require.Equal(t, code, f.post("/v1/runs", checkout(), append(cookie, "Origin", f.url)...).status)
		forged := f.post("/v1/runs", checkout(), append(cookie, "Origin", "http://evil.test", "Sec-Fetch-Site", "cross-site")...)
		forged.problem(t, http.StatusForbidden)
	}
	require.Len(t, f.bus.runs, 1)
}

// loggedIn is the answer to a login itself.
func (f *fixture) loggedIn(token string) answer {
	f.t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.PostForm(f.url+"/login", url.Values{"token": {token}})
	require.NoError(f.t, err)
	defer resp.Body.Close()
	require.Equal(f.t, http.StatusSeeOther, resp.StatusCode)
	return answer{status: resp.StatusCode, header: resp.Header}
}

func TestWithoutTokensThereIsNoLogin(t *testing.T) {
	t.Parallel()
	f := setup(t)
	login(t, f, "").problem(t, http.StatusNotFound)
	require.Equal(t, http.StatusOK, f.do(http.MethodGet, "/v1/runs", http.NoBody, bearer("any")...).status)
}

func TestEveryAnswerIsStrictWithBrowsers(t *testing.T) {
	t.Parallel()
	f := setup(t, withTokens)
	for _, path := range []string{"/", "/assets/app.js", "/v1/runs", "/none", "/livez"} {
		header := f.get(path).header
		require.Equal(t, contentPolicy, header.Get("Content-Security-Policy"), path)
		require.NotContains(t, contentPolicy, "unsafe")
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", header.Get("Referrer-Policy"))
	}
}

func TestTokensThatProtectNothingAreRefused(t *testing.T) {
	t.Parallel()
	loopback, everywhere := at{addr: &net.TCPAddr{IP: net.IPv6loopback}}, at{addr: &net.TCPAddr{IP: net.IPv4zero}}
	for name, tc := range map[string]struct {
		listener    net.Listener
		token, read string
		ok          bool
	}{
		"loopback without":              {loopback, "", "", true},
		"loopback with":                 {loopback, "t", "r", true},
		"everywhere with":               {everywhere, "t", "", true},
		"everywhere without":            {everywhere, "", "", false},
		"a read-only token alone":       {loopback, "", "r", false},
		"the same twice":                {loopback, "t", "t", false},
		"what a header cannot carry":    {loopback, "a b", "", false},
		"what a header cannot carry, 2": {loopback, "t", "ä", false},
	} {
		config := DefaultConfig()
		config.Token, config.ReadToken = tc.token, tc.read
		_, err := New(config, Deps{Listener: tc.listener})
		if tc.ok {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, load.ErrInvalid, name)
		}
	}
	config := DefaultConfig()
	config.Targets = []string{"http://shop.test"}
	require.ErrorIs(t, config.Validate(), load.ErrInvalid)
}

func TestLoadIsPutOnAllowedTargetsOnly(t *testing.T) {
	t.Parallel()
	f := setup(t, func(c *Config, _ *Deps) { c.Targets = []string{"shop.test:8000", "*.staging.test"} })
	request := func(changes ...string) map[string]any {
		r := checkout()
		for i := 0; i < len(changes); i += 2 {
			r[changes[i]] = changes[i+1]
		}
		return r
	}
	with := func(key string, value any) map[string]any {
		r := checkout()
		r[key] = value
		return r
	}
	for _, query := range []string{"", "?dry_run=true"} {
		for field, body := range map[string]map[string]any{
			"target":  request("target", "http://other.test:8000"),
			"proxy":   request("proxy", "http://127.0.0.1:3128"),
			"resolve": with("resolve", []string{"shop.test:8000:127.0.0.1"}),
		} {
			p := f.post("/v1/runs"+query, body).problem(t, http.StatusUnprocessableEntity)
			require.Equal(t, field, p.Field, p.Detail)
		}
	}
	p := f.post("/v1/runs", request("target", "http://shop.test")).problem(t, http.StatusUnprocessableEntity)
	require.Equal(t, "target: this gateway allows no load on shop.test, only on shop.test:8000, *.staging.test", p.Detail)
	require.Empty(t, f.bus.runs)
	require.Empty(t, f.bus.sources)
	for _, target := range []string{"http://shop.test:8000", "https://a.staging.test"} {
		require.Equal(t, http.StatusCreated, f.post("/v1/runs", request("target", target)).status, target)
	}
	require.Equal(t, []string{"shop.test:8000", "*.staging.test"}, f.bus.runs[0].Plan.Targets, "which the generators keep to as well")
	open := checkout()
	delete(open, "target")
	require.Equal(t, http.StatusOK, f.post("/v1/runs?dry_run=true", open).status, "a dry run may leave it open")
}
