package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

// elsewhere returns an address of this host that is not on loopback.
func elsewhere(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	t.Skip("this host has no address but those of loopback")
	return ""
}

func TestAnotherAddressNeedsAToken(t *testing.T) {
	t.Parallel()
	addr := net.JoinHostPort(elsewhere(t), "0")
	l := setup(t)
	embedded := []string{"--nats-listen", "127.0.0.1:0", "--redis-listen", "127.0.0.1:0"}
	for _, listen := range []string{addr, "0.0.0.0:0", "[::]:0", ":0"} {
		p := l.run(load.ExitConfig, slices.Concat([]string{"up", "--listen", listen}, embedded)...)
		require.Contains(t, p.Stderr(), "Error: --token: needed, because others than this host can reach")
		require.NotContains(t, p.Stderr(), "is up")
	}
	require.Contains(t, l.run(load.ExitConfig, "gateway", "--listen", addr).Stderr(), "--token")

	const token = "0123456789abcdef"
	up := l.start(slices.Concat([]string{"up", "--listen", addr, "--token", token, "--read-token", "r", "--allow-target", "127.0.0.1"}, embedded)...)
	var url string
	eventually(t, "it is up", func() bool {
		if match := gatewayURL.FindStringSubmatch(up.Stderr()); match != nil {
			url = match[1]
		}
		return url != ""
	})
	require.NotContains(t, url, "127.0.0.1")
	ask := func(method, path, body, token string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		require.NoError(t, err)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := client.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	const submission = `{"source":"from loadpilot import VUser, scenario, task\n","target":"http://127.0.0.1:1"}`
	for _, wrong := range []string{"", "wrong"} {
		for _, request := range []string{"GET /v1/runs", "POST /v1/runs", "GET /v1/generators", "GET /metrics", "GET /v1/openapi.json"} {
			method, path, _ := strings.Cut(request, " ")
			status, body := ask(method, path, submission, wrong)
			require.Equal(t, http.StatusUnauthorized, status, "%s: %s", request, body)
		}
		args := []string{"run", testdata(t, "two.py"), "-s", "Light", "--demo", "--gateway-url", url}
		if wrong != "" {
			args = append(args, "--token", wrong)
		}
		require.Contains(t, l.run(load.ExitConfig, args...).Stderr(), "a token is needed")
	}
	status, body := ask(http.MethodGet, "/v1/runs", "", "r")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"runs":[]}`, body, "nothing has happened")
	status, _ = ask(http.MethodPost, "/v1/runs", submission, "r")
	require.Equal(t, http.StatusForbidden, status)

	with := *l
	with.env = append(slices.Clone(l.env), "LOADPILOT_TOKEN="+token)
	p := with.run(load.ExitConfig, "run", testdata(t, "two.py"), "-s", "Light", "-t", "http://"+addr, "--gateway-url", url)
	require.Contains(t, p.Stderr(), "this gateway allows no load on "+addr)
	r := with.result(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--gateway-url", url)
	requireWhole(t, r, 20)
	_, body = ask(http.MethodGet, "/v1/runs", "", token)
	var list struct {
		Runs []gateway.Run `json:"runs"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &list))
	require.Len(t, list.Runs, 1)
	require.Equal(t, "passed", list.Runs[0].Verdict)
	require.Zero(t, up.Stop(), up.Stderr())
	require.NotContains(t, up.Stderr(), token)
}

func TestAnAddressThatOthersReachNeedsAToken(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, command := range []string{"gateway", "up"} {
		p := l.run(load.ExitConfig, command, "--listen", "0.0.0.0:0")
		require.Regexp(t, `(?m)^Error: --token: needed, because others than this host can reach \S+:\d+$`, p.Stderr())
	}
}

func TestWrongAccessFlags(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for says, args := range map[string][]string{
		"is none of HOST, HOST:PORT":     {"--allow-target", "http://shop.test"},
		"there is no folder":             {"--scenarios", "nowhere"},
		"a read-only token beside no":    {"--read-token", "r"},
		"the read-only token is the oth": {"--token", "t", "--read-token", "t"},
		"only have printable ASCII":      {"--token", "a b"},
	} {
		for _, command := range []string{"gateway", "up"} {
			p := l.run(load.ExitConfig, append([]string{command, "--listen", "127.0.0.1:0"}, args...)...)
			require.Contains(t, p.Stderr(), says)
		}
	}
}
