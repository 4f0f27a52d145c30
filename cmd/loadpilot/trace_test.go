package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// traceTarget answers a login, echoes what it is sent, and has a picture.
func traceTarget(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		switch r.URL.Path {
		case "/login":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Set-Cookie", "id=c00kie-value; Path=/")
			io.WriteString(w, `{"access_token": "tok-12345", "expires_in": 60}`)
		case "/picture":
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte{0x89, 'P', 'N', 'G', 0})
		case "/gone":
			http.Error(w, "gone", http.StatusGone)
		default:
			io.Copy(w, r.Body)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const traced = `import os
import loadpilot
from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=1)
class Shop(VUser):
    def on_start(self, client: LoadClient):
        r = client.post("/login", json={"username": "ann", "password": os.environ["PASSWORD"]})
        self.token = r.json()["access_token"]
        print("logged in with", os.environ["PASSWORD"])

    @task
    def browse(self, client: LoadClient):
        client.get("/items", params={"api_key": "k-987654", "q": self.token}, headers={"Authorization": f"Bearer {self.token}"})
        client.get("/picture", name="picture of s3same")
        loadpilot.event("page", 12.5)

    @task
    def order(self, client: LoadClient):
        client.batch([{"path": "/a"}, {"path": "/b"}])
        client.post("/order", data={"card": "1", "token": "t-5555"})

    def check_order(self, status_code, body):
        assert status_code == 200

    def on_stop(self, client: LoadClient):
        client.post("/logout")
`

var took = regexp.MustCompile(` in [0-9.]+(ms|s|µs)`)

func TestTrace(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := traceTarget(t)
	p := l.run(0, "check", l.file("shop.py", traced), "--target", target, "--trace", "--env", "PASSWORD=s3same")
	got := strings.ReplaceAll(took.ReplaceAllString(p.Stdout(), ""), target, "TARGET")
	want := `on_start
  → POST TARGET/login
      Content-Type: application/json
      {"username":"ann","password":"***"}
  ← 200 OK
      Content-Length: 47
      Content-Type: application/json
      Set-Cookie: ***
      {"access_token": "***", "expires_in": 60}
  | logged in with ***

task browse
  → GET TARGET/items?api_key=***&q=***
      Authorization: ***
  ← 200 OK
      Content-Length: 0
  → GET TARGET/picture (name: picture of ***)
  ← 200 OK
      Content-Length: 5
      Content-Type: image/png
      (5 bytes, image/png)
  event page: 12.5ms

task order
  batch of 2
  → GET TARGET/a
  ← 200 OK
      Content-Length: 0
  → GET TARGET/b
  ← 200 OK
      Content-Length: 0
  → POST TARGET/order
      Content-Type: application/x-www-form-urlencoded
      card=1&token=***
  ← 200 OK
      Content-Type: text/plain; charset=utf-8
      Content-Length: 19
      card=1&token=***
  ✓ check_order passed

on_stop
  → POST TARGET/logout
  ← 200 OK
      Content-Length: 0

`
	if diff := cmp.Diff(sortedHeaders(want), sortedHeaders(got)); diff != "" {
		t.Error(diff)
	}
	for _, secret := range []string{"s3same", "tok-12345", "c00kie-value", "k-987654", "t-5555"} {
		require.NotContains(t, p.Stdout()+p.Stderr(), secret)
	}
}

// sortedHeaders drops the lines of header fields, whose order is the server's, and cookies that are sent back.
func sortedHeaders(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if !regexp.MustCompile(`^      [A-Z][\w-]+: `).MatchString(line) || strings.Contains(line, "Content-Type: application") || strings.Contains(line, "Authorization") {
			out = append(out, line)
		}
	}
	return out
}

func TestTraceMasksWhatItCuts(t *testing.T) {
	t.Parallel()
	const asserts = "import os\n" + imports + "@scenario(rps=1)\nclass Flow(VUser):\n    @task\n    def t(self, client):\n" +
		"        assert 'a' * 50 + os.environ['TOKEN'] == 'fine'\n"
	l := setup(t)
	p := l.run(1, "check", l.file("flow.py", asserts), "--trace", "-t", traceTarget(t), "--env", "TOKEN="+strings.Repeat("s3cret-", 19))
	require.Contains(t, p.Stdout(), "aaa***', right: 'fine')")
	require.NotContains(t, p.Stdout(), "s3cret")
}

func TestTraceOfOneTaskThatFails(t *testing.T) {
	t.Parallel()
	target := traceTarget(t)
	body := func(lines string) string { return imports + "@scenario(rps=1)\nclass Flow(VUser):\n" + lines }
	for name, tc := range map[string]struct {
		source string
		code   int
		says   string
	}{
		"status":    {body("    @task\n    def t(self, client): client.get('/gone')\n"), 1, "← 410 Gone"},
		"check":     {body("    @task\n    def t(self, client): client.get('/')\n    def check_t(self, status_code, body): assert status_code == 201\n"), 1, "(left: 200, right: 201)"},
		"exception": {body("    @task\n    def t(self, client): client.get('/').json()\n"), 1, "JSONDecodeError"},
		"start":     {body("    def on_start(self, client): 1 / 0\n" + aTask), 1, "on_start failed"},
		"good": {
			body("    @task\n    def t(self, client): client.get('/gone')\n    def check_t(self, status_code, body): assert status_code == 410\n"),
			0, "✓ check_t passed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t)
			p := l.run(tc.code, "check", l.file("flow.py", tc.source), "--trace", "-t", target)
			require.Contains(t, p.Stdout(), tc.says)
		})
	}
	l := setup(t)
	p := l.run(0, "check", l.file("shop.py", traced), "--trace", "-t", target, "--task", "order", "--env", "PASSWORD=s3same")
	require.NotContains(t, p.Stdout(), "task browse")
	require.Contains(t, p.Stdout(), "task order")
	require.Contains(t, l.run(2, "check", "shop.py", "--trace", "-t", target, "--task", "none", "--env", "PASSWORD=s3same").Stderr(), "none")
}

func TestTraceOfATargetThatIsAway(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitInfra, "check", l.file("flow.py", scenarioWith("rps=1", aTask)), "--trace", "-t", "http://127.0.0.1:1")
	require.Contains(t, p.Stderr(), "http://127.0.0.1:1")
	require.Contains(t, l.run(2, "check", "flow.py", "--trace", "-t", "nowhere").Stderr(), "target")
}

func TestTraceIsInterrupted(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	l := setup(t)
	file := l.file("flow.py", scenarioWith("rps=1", aTask))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		var out bytes.Buffer
		done <- execute(ctx, []string{"check", l.dir + "/" + file, "--trace", "-t", server.URL}, streams{out: &out, err: &out, last: &farewell{}})
	}()
	<-asked
	cancel()
	require.Equal(t, load.ExitInterrupted, <-done)
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ kind, body, want string }{
		{"application/json", `{"a": 1, "Password": "pw-1", "b": [{"api-key": 12345}, "x"]}`, `{"a": 1, "Password": "***", "b": [{"api-key": "***"}, "x"]}`},
		{"application/json", `{"tokens": {"access": "aaaa", "n": [1, {"x": 2}]}, "ok": true}`, `{"tokens": "***", "ok": true}`},
		{"application/json", `{"secret" :  null , "token_type": "bearer"}`, `{"secret" :  "***" , "token_type": "bearer"}`},
		{"application/json", "{\"token\": \"a\"}\n{\"token\": \"b\"}\n", "{\"token\": \"***\"}\n{\"token\": \"***\"}\n"},
		{"application/json", `{"token": "cut off`, `{"token": "***"`},
		{"text/plain", `plain "text" without fields`, `plain "text" without fields`},
		{"application/x-www-form-urlencoded", "user=a&pass%77ord=b%26c&x", "user=a&pass%77ord=***&x"},
		{"multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\npw\r\n--B--\r\n", "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n***\r\n--B--\r\n"},
	} {
		require.Equal(t, tc.want, newSecrets(nil).body(tc.kind, tc.body))
	}
	s := newSecrets(map[string]string{"A": "p w/1&", "B": "eu"})
	require.Equal(t, "*** *** *** eu", s.mask("p w/1& p+w%2F1%26 p%20w%2F1& eu"))
	s.learnFields([]scenario.Field{{Name: "Authorization", Value: "Bearer abcdef"}, {Name: "Cookie", Value: "a=bbbb; c=dddd"}})
	require.Equal(t, "*** *** ***", s.mask("abcdef bbbb dddd"))
	require.Equal(t, "***", s.field(scenario.Field{Name: "X-Api-Key", Value: "k"}))
	require.Equal(t, "/x?code=1&access_token=***", s.field(scenario.Field{Name: "Location", Value: "/x?code=1&access_token=t"}))
}
