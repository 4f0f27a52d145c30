package scenario

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/demo"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// prelude is the first line of the scripts in these tests.
const prelude = "from loadpilot import LoadClient, VUser, scenario, task\n"

// fakeClient answers without a network and remembers what it was asked.
type fakeClient struct {
	answer func(*Request) *Response // nil: 200 without a body

	mu       sync.Mutex
	requests []*Request
}

func (c *fakeClient) Do(_ context.Context, req *Request) *Response {
	c.mu.Lock()
	c.requests = append(c.requests, req)
	c.mu.Unlock()
	if c.answer == nil {
		return &Response{Status: http.StatusOK}
	}
	return c.answer(req)
}

func (c *fakeClient) Batch(ctx context.Context, reqs []*Request) []*Response {
	out := make([]*Response, len(reqs))
	for i, req := range reqs {
		out[i] = c.Do(ctx, req)
	}
	return out
}

// urls returns what was asked for since the last call, as "GET /path".
func (c *fakeClient) urls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, req := range c.requests {
		out = append(out, req.Method+" "+req.URL)
	}
	c.requests = nil
	return out
}

func answerJSON(status int, body string) func(*Request) *Response {
	return func(*Request) *Response {
		return &Response{Status: status, Body: []byte(body), Header: fields("Content-Type", "application/json")}
	}
}

// fields makes header fields of names and values.
func fields(pairs ...string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := 0; i < len(pairs); i += 2 {
			if !yield(pairs[i], pairs[i+1]) {
				return
			}
		}
	}
}

func compileScript(t *testing.T, script string) *Program {
	t.Helper()
	p, err := Compile("script.py", []byte(prelude+script), Options{})
	require.NoError(t, err)
	return p
}

// newUser makes the first user of the only scenario of a script.
func newUser(t *testing.T, script string, opts Options) *User {
	t.Helper()
	p := compileScript(t, script)
	plan, err := p.Plan("")
	require.NoError(t, err)
	r, err := p.NewRunner(plan, opts)
	require.NoError(t, err)
	return r.NewUser()
}

func TestPlanDefaults(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
@scenario
class Shop(VUser):
    @task
    def b(self, client): pass
    @task(weight=3)
    def a(self, client): pass
    @task(2)
    def c(self, client): pass
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	want := load.Plan{
		Scenario: "Shop",
		Shape:    load.Shape{Mode: load.ModeRamp, RPS: 10, Duration: time.Minute, RampUp: 10 * time.Second, Steps: 5},
		Tasks:    []load.Task{{Name: "a", Weight: 3}, {Name: "b", Weight: 1}, {Name: "c", Weight: 2}},
		MaxUsers: 10_000, MaxLag: 250 * time.Millisecond, Timeout: 30 * time.Second, GracefulStop: 30 * time.Second,
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlanParameters(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
class Base(VUser):
    @task(weight=2)
    def inherited(self, client): pass
    @task
    def replaced(self, client): pass

@scenario(rps=2.5, duration="2m30s", ramp_up="15s", mode="step", steps=7, thresholds={"p99_ms": 500, "own:error_rate": 1.5},
          users=3, max_users=40, max_lag="1s", timeout="5s", graceful_stop="0s")
class Shop(Base):
    @task(weight=4)
    def own(self, client): pass
    def replaced(self, client): pass

@scenario(rps=1)
class Other(Base): ...
`)
	require.Equal(t, []string{"Shop", "Other"}, p.Names())
	plan, err := p.Plan("Shop")
	require.NoError(t, err)
	want := load.Plan{
		Scenario:   "Shop",
		Shape:      load.Shape{Mode: load.ModeStep, RPS: 2.5, Duration: 150 * time.Second, RampUp: 15 * time.Second, Steps: 7},
		Tasks:      []load.Task{{Name: "inherited", Weight: 2}, {Name: "own", Weight: 4}},
		Thresholds: []load.Threshold{{Metric: "p99_ms", Limit: 500}, {Task: "own", Metric: "error_rate", Limit: 1.5}},
		Users:      3, MaxUsers: 40, MaxLag: time.Second, Timeout: 5 * time.Second,
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"", "Missing"} {
		_, err = p.Plan(name)
		require.ErrorIs(t, err, load.ErrInvalid)
		require.ErrorContains(t, err, "Shop, Other")
	}
}

// TestRefused checks the files of testdata/refused.txt: sources, each followed by a line
// `>>>` and the error expected.
func TestRefused(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/refused.txt")
	require.NoError(t, err)
	for part := range strings.SplitSeq(string(data), "\n---\n") {
		source, want, ok := strings.Cut(part, "\n>>>\n")
		require.True(t, ok, part)
		t.Run(want[strings.LastIndex(strings.TrimSpace(want), "\n")+1:], func(t *testing.T) {
			t.Parallel()
			_, err := Compile("shop.py", []byte(source), Options{})
			require.ErrorIs(t, err, load.ErrInvalid)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "shop.py", e.File)
			require.Positive(t, e.Line)
			if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(err.Error())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", source, diff)
			}
		})
	}
}

// What a hostile file costs is an error that names its line.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"while True: pass\n":    "StepLimitExceeded: step limit reached",
		"x = 'a' * 10**10\n":    "MemoryError",
		"def f(): f()\nf()\n":   "RecursionError: maximum recursion depth exceeded",
		"raise SystemExit(1)\n": "SystemExit: 1",
	}
	for script, want := range tests {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			_, err := Compile("script.py", []byte(prelude+script), Options{})
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, want, e.Msg)
			require.Equal(t, 2, e.Line)
		})
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	const frame = "Traceback (most recent call last):\n  File \"script.py\", line %LINE%, in "
	tests := map[string]struct {
		body   string // of the class, from line 5 on
		answer func(*Request) *Response
		want   Outcome
	}{
		"no check": {
			body:   "    def t(self, client): client.get('/')\n",
			answer: answerJSON(500, ""),
		},
		"check passes": {
			body:   "    def t(self, client): client.get('/')\n    def check_t(self, status, body): assert body['a'] == [1]\n",
			answer: answerJSON(500, `{"a": [1]}`),
			want:   Outcome{Check: CheckPassed},
		},
		"check fails": {
			body:   "    def t(self, client): client.get('/')\n    def check_t(self, status, body):\n        assert status == 200\n",
			answer: answerJSON(404, `{}`),
			want: Outcome{
				Failed: true, Class: "AssertionError", Check: CheckFailed,
				Message: strings.ReplaceAll(frame, "%LINE%", "7") + "check_t\n    assert status == 200\n           ^^^^^^^^^^^^^\nAssertionError  (left: 404, right: 200)",
			},
		},
		"check gets text": {
			body:   "    def t(self, client): client.get('/')\n    def check_t(self, status, body): assert body == 'plain'\n",
			answer: answerJSON(200, "plain"),
			want:   Outcome{Check: CheckPassed},
		},
		"check gets None": {
			body:   "    def t(self, client): client.get('/')\n    def check_t(self, status, body): assert body is None\n",
			answer: answerJSON(204, ""),
			want:   Outcome{Check: CheckPassed},
		},
		"check without a request": {
			body: "    def t(self, client): pass\n    def check_t(self, status, body): assert False\n",
		},
		"check sees the last response": {
			body:   "    def t(self, client):\n        client.get('/a')\n        client.batch([{'path': '/b'}, {'path': '/c'}])\n    def check_t(self, status, body): assert status == 203\n",
			answer: func(r *Request) *Response { return &Response{Status: 200 + int(r.URL[1]-'a') + 1} },
			want:   Outcome{Check: CheckPassed},
		},
		"task raises": {
			body: "    def t(self, client):\n        client.get('/')\n        {}['x']\n    def check_t(self, status, body): pass\n",
			want: Outcome{
				Failed: true, Class: "KeyError",
				Message: strings.ReplaceAll(frame, "%LINE%", "7") + "t\n    {}['x']\n    ~~^^^^^\nKeyError: 'x'",
			},
		},
		"transport error": {
			body:   "    def t(self, client):\n        client.get('/', timeout=1)\n    def check_t(self, status, body): assert False\n",
			answer: func(*Request) *Response { return &Response{Err: errors.New("timed out"), Class: load.ErrorTimeout} },
			want: Outcome{
				Failed: true, Class: "ReadTimeout",
				Message: strings.ReplaceAll(frame, "%LINE%", "6") + "t\n    client.get('/', timeout=1)\nhttpx.ReadTimeout: timed out",
			},
		},
		"transport error caught": {
			body: "    def t(self, client):\n        import httpx\n        try:\n            client.get('/')\n        except httpx.ConnectError: pass\n" +
				"    def check_t(self, status, body): assert False\n",
			answer: func(*Request) *Response { return &Response{Err: errors.New("refused"), Class: load.ErrorConnect} },
		},
		"transport error in a batch": {
			body: "    def t(self, client):\n        a, = client.batch([{'path': '/'}])\n        assert (a.status_code, a.ok) == (0, False)\n" +
				"    def check_t(self, status, body): assert False\n",
			answer: func(*Request) *Response { return &Response{Err: errors.New("refused"), Class: load.ErrorConnect} },
		},
		"raise_for_status": {
			body:   "    def t(self, client):\n        client.get('/x').raise_for_status()\n",
			answer: answerJSON(404, ""),
			want: Outcome{
				Failed: true, Class: "HTTPStatusError",
				Message: strings.ReplaceAll(frame, "%LINE%", "6") + "t\n    client.get('/x').raise_for_status()\nhttpx.HTTPStatusError: Client error '404 Not Found' for url '/x'",
			},
		},
	}
	for label, tt := range tests {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "@scenario\nclass Shop(VUser):\n    @task\n"+tt.body, Options{})
			for i := range int64(2) { // a task with ready requests must end as it did when it was interpreted
				if diff := cmp.Diff(tt.want, u.Run(t.Context(), i, 0, &fakeClient{answer: tt.answer})); diff != "" {
					t.Errorf("iteration %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	json := []Field{{"Content-Type", "application/json"}}
	form := []Field{{"Content-Type", "application/x-www-form-urlencoded"}}
	tests := map[string]Request{
		`get("/a b?x=1#y")`:         {Method: "GET", URL: "/a%20b?x=1"},
		`get("/ü")`:                 {Method: "GET", URL: "/%C3%BC"},
		`get("http://other:8080/")`: {Method: "GET", URL: "http://other:8080/"},
		`get("/", params={"a": 1, "b": [True, None, "ü &"]})`:   {Method: "GET", URL: "/?a=1&b=true&b=&b=%C3%BC+%26"},
		`get("/?a=1", params={"b": 2})`:                         {Method: "GET", URL: "/?a=1&b=2"},
		`get("/", params="?a b")`:                               {Method: "GET", URL: "/?a%20b"},
		`get("/", params={})`:                                   {Method: "GET", URL: "/"},
		`delete("/", headers={"A": "1", "b": b"2"})`:            {Method: "DELETE", URL: "/", Header: []Field{{"A", "1"}, {"b", "2"}}},
		`put("/", json={"a": [1, 2.5, None, True, "ü"]})`:       {Method: "PUT", URL: "/", Header: json, Body: []byte(`{"a":[1,2.5,null,true,"ü"]}`)},
		`post("/", json={}, headers={"content-type": "x"})`:     {Method: "POST", URL: "/", Header: []Field{{"content-type", "x"}}, Body: []byte(`{}`)},
		`post("/", data={"a": "x y", "b": (1, 2)})`:             {Method: "POST", URL: "/", Header: form, Body: []byte("a=x+y&b=1&b=2")},
		`patch("/", data="text")`:                               {Method: "PATCH", URL: "/", Body: []byte("text")},
		`patch("/", content=b"\xff")`:                           {Method: "PATCH", URL: "/", Body: []byte{0xff}},
		`get("/", timeout=0.5, auth=("u", "p"))`:                {Method: "GET", URL: "/", Timeout: 500 * time.Millisecond, Header: []Field{{"Authorization", "Basic dTpw"}}},
		`get("/", cookies={"a": "1", "b": "2"})`:                {Method: "GET", URL: "/", Header: []Field{{"Cookie", "a=1; b=2"}}},
		`batch([{"path": "/", "method": "post", "json": [1]}])`: {Method: "POST", URL: "/", Header: json, Body: []byte(`[1]`)},
		`batch([dict(path="/", params={"a": 1}, timeout=2)])`:   {Method: "GET", URL: "/?a=1", Timeout: 2 * time.Second},
	}
	for call, want := range tests {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "@scenario\nclass Shop(VUser):\n    @task\n    def t(self, client): client."+call+"\n", Options{})
			client := &fakeClient{}
			for i := range int64(2) {
				require.Equal(t, Outcome{}, u.Run(t.Context(), i, 0, client))
			}
			require.Len(t, client.requests, 2)
			for _, got := range client.requests {
				if diff := cmp.Diff(want, *got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`get(1)`:                                        "TypeError: path must be a str, not int",
		`get("/", headers={"A": 1})`:                    "TypeError: Header value must be str or bytes, not int",
		`get("/", headers={"A": "1\r\nB: 2"})`:          `ValueError: header "A": "1\r\nB: 2" cannot be sent`,
		`get("/", json=1, data="x")`:                    "TypeError: a request has one body: give json, data or content",
		`get("/", json={1, 2})`:                         "TypeError: Object of type set is not JSON serializable",
		`get("/", timeout=-1)`:                          "ValueError: timeout must be above 0 and at most 86400 seconds",
		`get("/", timeout="1s")`:                        "TypeError: timeout must be a number of seconds, not str",
		`get("/", params=3)`:                            "TypeError: params must be a dict, not int",
		`get("/", files={})`:                            "TypeError: LoadClient.get() got an unexpected keyword argument 'files'",
		`batch([{"method": "HE" + "AD", "path": "/"}])`: "ValueError: HEAD is not one of GET, POST, PUT, PATCH, DELETE",
		`batch([{"url": "/"}])`:                         "ValueError: batch() does not know the key 'url'",
		`batch([{}])`:                                   `ValueError: batch() needs a "path" in each request`,
		`batch(["/"])`:                                  `TypeError: batch() takes dicts such as {"method": "GET", "path": "/"}, not str`,
	}
	for call, want := range tests {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "@scenario\nclass Shop(VUser):\n    @task\n    def t(self, client): client."+call+"\n", Options{})
			client := &fakeClient{}
			got := u.Run(t.Context(), 0, 0, client)
			require.True(t, got.Failed)
			require.Equal(t, want, got.Message[strings.LastIndex(got.Message, "\n")+1:])
			require.Empty(t, client.requests)
		})
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	u := newUser(t, `
import json
@scenario
class Shop(VUser):
    @task
    def t(self, client):
        r = client.get("/")
        assert r.status_code == 201 and r.ok
        assert r.text == '{"a": "\ufffd"}', r.text
        assert r.content == b'{"a": "\xff"}'
        assert r.elapsed_ms == 1.5
        assert r.headers["x-a"] == "1, 2" == r.headers.get("X-A")
        assert r.headers.get("none") is None and r.headers.get("none", 3) == 3
        assert "X-B" in r.headers and "none" not in r.headers and len(r.headers) == 2
        assert list(r.headers) == ["x-a", "x-b"] == list(r.headers.keys())
        assert dict(r.headers.items()) == {"x-a": "1, 2", "x-b": ""}
        assert repr(r) == "<Response [201 Created]>"
        try:
            r.headers["none"]
            assert False
        except KeyError: pass
        try:
            client.get("/bad").json()
            assert False
        except json.JSONDecodeError: pass
`, Options{})
	client := &fakeClient{answer: func(r *Request) *Response {
		body := "{\"a\": \"\xff\"}"
		if r.URL == "/bad" {
			body = "<html>"
		}
		return &Response{
			Status: 201, Body: []byte(body), Elapsed: 1500 * time.Microsecond,
			Header: fields("X-A", "1", "X-B", "", "x-a", "2"),
		}
	}}
	require.Equal(t, Outcome{}, u.Run(t.Context(), 0, 0, client))
}

// A response's body belongs to the generator again once the invocation is over. What
// on_start got is kept.
func TestResponsesEnd(t *testing.T) {
	t.Parallel()
	u := newUser(t, `
@scenario
class Shop(VUser):
    def on_start(self, client):
        self.first = client.get("/")
        self.second = None
    @task
    def t(self, client):
        assert self.first.json() == 1 and self.first.headers["a"] == "b"
        if self.second:
            assert self.second.status_code == 200
            self.second.text
        self.second = client.get("/")
`, Options{})
	buffer := []byte("1")
	client := &fakeClient{answer: func(*Request) *Response {
		return &Response{Status: 200, Body: buffer, Header: fields("a", "b")}
	}}
	require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	buffer[0] = 'x'
	require.Equal(t, Outcome{}, u.Run(t.Context(), 0, 0, client))
	got := u.Run(t.Context(), 1, 0, client)
	require.Equal(t, "RuntimeError", got.Class)
	require.Contains(t, got.Message, "a response of a task can be read only until the task ends")
}

func TestHooks(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	script := `
@scenario
class Shop(VUser):
    def __init__(self):
        self.n = 0
    def on_start(self, client):
        super().on_start(client)
        self.n += 1
        client.post("/login")
    def on_stop(self, client):
        print("stop", self.n)
        client.post("/logout")
    @task
    async def t(self, client):
        self.n += 1
`
	u := newUser(t, script, Options{Print: &out})
	require.True(t, u.runner.HasStart())
	require.True(t, u.runner.HasStop())
	client := &fakeClient{}
	for range 2 { // a start that is tried again finds a new instance
		require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	}
	require.Equal(t, Outcome{}, u.Run(t.Context(), 0, 0, client))
	require.Equal(t, Outcome{}, u.Stop(t.Context(), client))
	require.Equal(t, []string{"POST /login", "POST /login", "POST /logout"}, client.urls())
	require.Equal(t, "stop 2\n", out.String())

	plain := newUser(t, "@scenario\nclass Shop(VUser):\n    @task\n    def t(self, client): pass\n", Options{})
	require.False(t, plain.runner.HasStart())
	require.False(t, plain.runner.HasStop())
	require.Equal(t, Outcome{}, plain.Start(t.Context(), client))

	bad := newUser(t, "@scenario\nclass Shop(VUser):\n    def on_start(self, client): client.get('/').json()['x']\n    @task\n    def t(self, client): pass\n", Options{})
	got := bad.Start(t.Context(), &fakeClient{answer: answerJSON(200, "{}")})
	require.Equal(t, "KeyError", got.Class)
	require.Contains(t, got.Message, `File "script.py", line 4, in on_start`)
}

func TestRandomFollowsSeedAndArrival(t *testing.T) {
	t.Parallel()
	script := `
import random, loadpilot
@scenario
class Shop(VUser):
    @task
    def t(self, client): client.get(f"/{loadpilot.iteration}/{random.random()}")
`
	p := compileScript(t, script)
	urls := func(seed uint64, arrivals ...int64) []string {
		plan, err := p.Plan("")
		require.NoError(t, err)
		plan.Seed = seed
		r, err := p.NewRunner(plan, Options{})
		require.NoError(t, err)
		client := &fakeClient{}
		for _, k := range arrivals {
			require.Equal(t, Outcome{}, r.NewUser().Run(t.Context(), k, 0, client))
		}
		return client.urls()
	}
	first := urls(1, 7, 8)
	require.True(t, strings.HasPrefix(first[0], "GET /7/0."), first[0])
	require.NotEqual(t, first[0][len("GET /7"):], first[1][len("GET /8"):])
	require.Equal(t, first, urls(1, 7, 8))
	require.Equal(t, first[1:], urls(1, 8))
	require.NotEqual(t, first, urls(2, 7, 8))
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	script := prelude + `
import os
@scenario(rps=int(os.environ.get("RPS", "5")))
class Shop(VUser):
    @task
    def t(self, client): client.get(os.environ["PATH_"])
    if os.getenv("EXTRA"):
        @task
        def extra(self, client): pass
`
	p, err := Compile("script.py", []byte(script), Options{Env: map[string]string{"RPS": "7", "EXTRA": "1"}})
	require.NoError(t, err)
	plan, err := p.Plan("")
	require.NoError(t, err)
	require.InDelta(t, 7, plan.Shape.RPS, 0)
	_, err = p.NewRunner(plan, Options{})
	require.ErrorIs(t, err, load.ErrInvalid)
	require.ErrorContains(t, err, `no task "extra" in this environment`)
	r, err := p.NewRunner(plan, Options{Env: map[string]string{"EXTRA": "1", "PATH_": "/p"}})
	require.NoError(t, err)
	client := &fakeClient{}
	require.Equal(t, Outcome{}, r.NewUser().Run(t.Context(), 0, 1, client))
	require.Equal(t, []string{"GET /p"}, client.urls())
}

func TestCancel(t *testing.T) {
	t.Parallel()
	u := newUser(t, "import time\n@scenario\nclass Shop(VUser):\n    @task\n    def t(self, client):\n        client.get('/')\n        time.sleep(3600)\n", Options{})
	ctx, cancel := context.WithCancel(t.Context())
	client := &fakeClient{answer: func(*Request) *Response { cancel(); return &Response{Status: 200} }}
	got := u.Run(ctx, 0, 0, client)
	require.True(t, got.Failed)
	require.Equal(t, load.ErrorCancelled, got.Class)
	require.False(t, got.Internal)
}

func TestUsersShareTheirClass(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
POOL = [str(n) for n in range(100)]
@scenario
class Shop(VUser):
    def on_start(self, client): self.name = POOL.pop()
    @task
    def t(self, client): client.get(f"/{self.name}/{len(POOL)}")
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	r, err := p.NewRunner(plan, Options{})
	require.NoError(t, err)
	client := &fakeClient{}
	var wg sync.WaitGroup
	users := make([]*User, 100)
	for i := range users {
		users[i] = r.NewUser()
		wg.Go(func() {
			if got := users[i].Start(context.Background(), client); got.Failed {
				t.Error(got.Message)
			}
		})
	}
	wg.Wait()
	for i, u := range users {
		require.Equal(t, Outcome{}, u.Run(t.Context(), int64(i), 0, client))
	}
	urls := client.urls()
	seen := make(map[string]bool)
	for _, url := range urls {
		require.True(t, strings.HasSuffix(url, "/0"), url)
		seen[url] = true
	}
	require.Len(t, seen, 100)
}

// httpClient sends requests to a real server.
type httpClient struct{ target string }

func (c httpClient) Do(ctx context.Context, req *Request) *Response {
	start := time.Now()
	r, err := http.NewRequestWithContext(ctx, req.Method, c.target+req.URL, bytes.NewReader(req.Body))
	if err != nil {
		return &Response{Err: err, Class: load.ErrorRequest}
	}
	for _, f := range req.Header {
		r.Header.Add(f.Name, f.Value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return &Response{Err: err, Class: load.ErrorConnect}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return &Response{Err: err, Class: load.ErrorClosed}
	}
	header := func(yield func(string, string) bool) {
		for name, values := range resp.Header {
			for _, v := range values {
				if !yield(name, v) {
					return
				}
			}
		}
	}
	return &Response{Status: resp.StatusCode, Body: body, Header: header, Elapsed: time.Since(start)}
}

func (c httpClient) Batch(ctx context.Context, reqs []*Request) []*Response {
	out := make([]*Response, len(reqs))
	var wg sync.WaitGroup
	for i, req := range reqs {
		wg.Go(func() { out[i] = c.Do(ctx, req) })
	}
	wg.Wait()
	return out
}

// TestFilesRun runs each task of the files that come with LoadPilot, and of those in the
// documents, against the demo shop.
func TestFilesRun(t *testing.T) {
	t.Parallel()
	shop := httptest.NewServer(withMethods(demo.New(demo.Config{})))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		shop.Close()
	})
	var files []string
	for _, pattern := range []string{"testdata/docs/*.py", "../../scenarios/*.py"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			p, err := Compile(filepath.Base(file), source, Options{})
			require.NoError(t, err)
			for _, name := range p.Names() {
				runAll(t, p, name, httpClient{shop.URL})
			}
		})
	}
}

// withMethods lets /health answer every method, and any path JSON.
func withMethods(shop http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			r.Method = http.MethodGet
		}
		shop.ServeHTTP(w, r)
	})
}

func runAll(t *testing.T, p *Program, name string, client Client) {
	t.Helper()
	plan, err := p.Plan(name)
	require.NoError(t, err)
	r, err := p.NewRunner(plan, Options{})
	require.NoError(t, err)
	u := r.NewUser()
	require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	for i := range plan.Tasks {
		for k := range int64(3) {
			got := u.Run(t.Context(), k, i, client)
			require.False(t, got.Failed, "%s.%s: %s", name, plan.Tasks[i].Name, got.Message)
		}
	}
	require.Equal(t, Outcome{}, u.Stop(t.Context(), client))
}
