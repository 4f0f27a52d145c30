package generator

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// compiled is a scenario as a Runner.
type compiled struct{ *scenario.Runner }

// NewUser implements Runner.
func (c compiled) NewUser() User { return c.Runner.NewUser() }

// A stage runs a scenario against a server, through the real driver.
type stage struct {
	t     *testing.T
	crew  *crew
	clock pacer.Clock
	hands *hands
	user  *user
}

// newStage compiles a scenario whose task t has this body; an indented body is that of the class.
func newStage(t *testing.T, target, body string, change ...func(*httpdriver.Config)) *stage {
	t.Helper()
	script := "import asyncio, httpx\nfrom loadpilot import VUser, scenario, task\n@scenario\nclass Shop(VUser):\n"
	if body = strings.Trim(body, "\n"); !strings.HasPrefix(body, " ") {
		script += "    @task\n    def t(self, client):\n"
		body = "        " + strings.ReplaceAll(body, "\n", "\n        ")
	}
	program, err := scenario.Compile(t.Context(), "script.py", []byte(script+body+"\n"), scenario.Options{})
	require.NoError(t, err)
	plan, err := program.Plan("")
	require.NoError(t, err)
	plan.Target = target
	runner, err := program.NewRunner(t.Context(), plan, scenario.Options{})
	require.NoError(t, err)
	s := &stage{t: t}
	s.crew, s.clock = newCrewAt(t, target, nil, change...)
	s.crew.runner = compiled{runner}
	s.hands, s.user = s.crew.NewWorker().(*hands), s.crew.NewUser()
	t.Cleanup(s.user.session.Close)
	require.True(t, s.hands.Start(t.Context(), s.user), s.crew.recorder.setupError())
	return s
}

// iterate runs the task once, as late as lag, and returns the samples of its requests.
func (s *stage) iterate(number int64, lag time.Duration) []sample {
	s.t.Helper()
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1, Duration: time.Second})
	require.NoError(s.t, err)
	token := pacer.NewToken(load.Token{Slices: 1, Count: 1}, &pacer.Lane{Profile: &profile}, 0)
	s.crew.recorder.drain(nil)
	now := s.clock.Now()
	s.hands.Run(s.t.Context(), nil, s.user, pacer.Arrival{Number: number, Due: now - lag, Token: token}, now)
	var requests []sample
	for _, x := range s.crew.recorder.drain(nil) {
		if x.kind == kindRequest {
			requests = append(requests, x)
		}
	}
	return requests
}

// run runs the task twice, the second time as a ready one if it can be. Requests may fail by one class; "" for none.
func (s *stage) run(class string) (requests []sample) {
	s.t.Helper()
	for n := range int64(2) {
		requests = append(requests, s.iterate(n, 0)...)
	}
	for _, e := range s.crew.recorder.drainExamples() {
		require.Equal(s.t, class, e.Class, e.Message)
	}
	return requests
}

// A notebook remembers the requests that a server got, as "POST /path body".
type notebook struct {
	mu   sync.Mutex
	seen []string
}

func (n *notebook) note(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL, body)))
}

func (n *notebook) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.seen
}

// serveShop starts a server that notes each request before h answers it.
func serveShop(t *testing.T, h http.HandlerFunc) (url string, n *notebook) {
	t.Helper()
	n = &notebook{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.note(r)
		h(w, r)
	}))
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL, n
}

// Each hop is a request of its own: sent once, measured once, with the method and body that httpx gives it.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ call, first, second string }{
		{`get("/301", follow_redirects=True)`, "GET /301", "GET /to"},
		{`post("/301", content="b", follow_redirects=True)`, "POST /301 b", "GET /to"},
		{`put("/301", content="b", follow_redirects=True)`, "PUT /301 b", "PUT /to b"},
		{`post("/302", content="b", follow_redirects=True)`, "POST /302 b", "GET /to"},
		{`put("/302", content="b", follow_redirects=True)`, "PUT /302 b", "GET /to"},
		{`delete("/303", follow_redirects=True)`, "DELETE /303", "GET /to"},
		{`post("/307", content="b", follow_redirects=True)`, "POST /307 b", "POST /to b"},
		{`patch("/308", json={"a": 1}, follow_redirects=True)`, `PATCH /308 {"a":1}`, `PATCH /to {"a":1}`},
		{`get("/302")`, "GET /302", ""},
		{`get("/302", follow_redirects=False)`, "GET /302", ""},
	} {
		t.Run(tt.call, func(t *testing.T) {
			t.Parallel()
			url, seen := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
				var status int
				if _, err := fmt.Sscanf(r.URL.Path, "/%d", &status); err == nil {
					w.Header().Set("Location", "/to")
					w.WriteHeader(status)
				}
			})
			want := []string{tt.first}
			if tt.second != "" {
				want = append(want, tt.second)
			}
			for _, body := range []string{
				"client." + tt.call,
				"r = client." + tt.call + fmt.Sprintf("\nassert len(r.history) == %d and (r.status_code == 200) == bool(r.history)\nfor h in r.history: assert h.is_redirect and h.headers['location'] == '/to'", len(want)-1),
			} {
				seen.seen = nil
				samples := newStage(t, url, body).run("")
				require.Equal(t, append(append([]string(nil), want...), want...), seen.all())
				require.Len(t, samples, 2*len(want))
			}
		})
	}
}

// A redirect is relative to the URL that was asked for; what identifies a user stays with its origin.
func TestRedirectsToOtherOrigins(t *testing.T) {
	t.Parallel()
	type got struct{ path, auth, cookie, own string }
	var mu sync.Mutex
	seen := map[string]got{}
	note := func(where string, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[where] = got{r.URL.String(), r.Header.Get("Authorization"), r.Header.Get("Cookie"), r.Header.Get("X-Own")}
	}
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { note("other", r) }))
	t.Cleanup(other.Close)
	elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1) + "/x?y=1"
	url, _ := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/start":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s"})
			w.Header().Set("Location", "next?a=b")
			w.WriteHeader(http.StatusTemporaryRedirect)
		case "/api/v1/next":
			note("same", r)
			http.Redirect(w, r, elsewhere, http.StatusFound)
		}
	})
	newStage(t, url+"/api", `
r = client.get("/v1/start", headers={"Authorization": "secret", "X-Own": "o"}, cookies={"once": "1"}, follow_redirects=True)
assert [h.url.path for h in r.history] == ["/api/v1/start", "/api/v1/next"] and r.url.host == "localhost" and r.url.query == b"y=1", r.history
assert [len(h.history) for h in r.history] == [0, 1]`).run("")
	require.Equal(t, map[string]got{
		"same":  {"/api/v1/next?a=b", "secret", "session=s", "o"},
		"other": {"/x?y=1", "", "", "o"},
	}, seen)
}

func TestRedirectsThatEndBadly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		location, want string
		requests       int // of both iterations
	}{
		"loop":     {"/", "TooManyRedirects: Exceeded maximum allowed redirects.", 42},
		"protocol": {"ftp://x.test/", "UnsupportedProtocol: Request URL has an unsupported protocol 'ftp://'.", 2},
		"nonsense": {"http://[::1/", "RemoteProtocolError: Invalid URL in location header", 2},
		"nowhere":  {"http://127.0.0.1:1/", "ConnectError: ", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, seen := serveShop(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", tt.location)
				w.WriteHeader(http.StatusFound)
			})
			newStage(t, url, fmt.Sprintf(`
try:
    client.get("/", follow_redirects=True)
    assert False
except httpx.RequestError as e:
    assert f"{type(e).__name__}: {e}".startswith(%q), repr(e)
    assert e.request.method == "GET"
r, = client.batch([{"path": "/batch"}])
assert r.status_code == 302`, tt.want)).run(map[bool]string{true: load.ErrorConnect}[name == "nowhere"])
			require.Len(t, seen.all(), tt.requests+2)
		})
	}
}

// Who logs in in on_start is logged in in its tasks, whether they are interpreted or ready; others are not.
func TestCookieLogin(t *testing.T) {
	t.Parallel()
	var users atomic.Int64
	url, seen := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
		switch c, err := r.Cookie("session"); {
		case r.URL.Path == "/login":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: strconv.FormatInt(users.Add(1), 10), HttpOnly: true})
			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark", Path: "/other"})
		case err != nil || r.Header.Get("Cookie") != "session="+c.Value:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			io.WriteString(w, c.Value)
		}
	})
	for want := range 2 {
		for _, task := range []string{
			`client.get("/me")`, `client.batch([{"path": "/me"}, {"path": "/me"}])`,
			fmt.Sprintf(`assert client.get("/me").text == client.cookies["session"] and len(client.cookies) == 2 and %d >= 0`, want),
		} {
			newStage(t, url, "    def on_start(self, client): client.post('/login', data={'user': 'u'})\n    @task\n    def t(self, client): "+task).run("")
		}
	}
	require.Equal(t, "POST /login user=u", seen.all()[0])
	require.EqualValues(t, 6, users.Load())
}

func TestOptionsOnTheWire(t *testing.T) {
	t.Parallel()
	for call, check := range map[string]func(r *http.Request) bool{
		`method="POST", files={"f": ("a.txt", "text"), "g": b"raw"}, data={"k": ["1", "2"]}`: func(r *http.Request) bool {
			if r.ParseMultipartForm(1<<20) != nil {
				return false
			}
			f, g := r.MultipartForm.File["f"][0], r.MultipartForm.File["g"][0]
			file, err := f.Open()
			if err != nil {
				return false
			}
			defer file.Close()
			text, _ := io.ReadAll(file)
			return f.Filename == "a.txt" && string(text) == "text" && f.Header.Get("Content-Type") == "text/plain" &&
				g.Filename == "upload" && g.Size == 3 && strings.Join(r.MultipartForm.Value["k"], "") == "12"
		},
		`auth=("user", "pä:ss")`: func(r *http.Request) bool {
			user, password, _ := r.BasicAuth()
			return user == "user" && password == "pä:ss"
		},
		`auth=httpx.BasicAuth("u", "p")`:                      func(r *http.Request) bool { _, p, ok := r.BasicAuth(); return ok && p == "p" },
		`params={"q": ["a b", None, 1.5]}`:                    func(r *http.Request) bool { return r.URL.RawQuery == "q=a+b&q=&q=1.5" },
		`headers=[("A", "1"), ("a", "2")]`:                    func(r *http.Request) bool { return strings.Join(r.Header["A"], ",") == "1,2" },
		`headers=httpx.Headers({"A": "1"})`:                   func(r *http.Request) bool { return r.Header.Get("A") == "1" },
		`cookies={"a": "1", "b": 2}`:                          func(r *http.Request) bool { return r.Header.Get("Cookie") == "a=1; b=2" },
		`method="PUT", content=b"\x00\xff"`:                   func(r *http.Request) bool { return r.ContentLength == 2 },
		`method="PATCH", json={"a": None}`:                    func(r *http.Request) bool { return r.ContentLength == 10 },
		`method="POST", data={"a": ["1", "2"], "b": "ü"}`:     func(r *http.Request) bool { return r.FormValue("b") == "ü" && len(r.Form["a"]) == 2 },
		`timeout=httpx.Timeout(5, connect=1), name="grouped"`: func(r *http.Request) bool { return r.Method == http.MethodGet },
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			url, seen := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
				if !check(r) {
					t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
				}
			})
			newStage(t, url, `client.batch([dict(path="/", `+call+`)])`).run("")
			method, keywords := "get", call
			if rest, ok := strings.CutPrefix(call, `method="`); ok {
				method, keywords, _ = strings.Cut(rest, `", `)
			}
			newStage(t, url, `client.`+strings.ToLower(method)+`("/", `+keywords+`)`).run("")
			require.Len(t, seen.all(), 4)
		})
	}
}

func TestTextOnTheWire(t *testing.T) {
	t.Parallel()
	url, _ := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latin":
			w.Header().Set("Content-Type", "text/plain; charset=iso-8859-1")
			w.Write([]byte{'g', 'r', 0xfc, 'n'})
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, `{"a": "`+strings.Repeat("x", 1000)+`"}`)
			z.Close()
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			for range 257 { // MiB; an invocation has 256
				z.Write(make([]byte, 1<<20))
			}
			z.Close()
		case "/broken":
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "plain")
		}
	})
	newStage(t, url, `
    @task
    def t(self, client):
        assert client.get("/latin").text == "grün"
        try:
            client.get("/broken").text
            assert False
        except httpx.DecodingError: pass
        assert len(client.get("/gzip").json()["a"]) == 1000
    def check_t(self, status, body): assert body["a"][0] == "x"`).run("")
	newStage(t, url, `
try:
    client.get("/bomb").content
    assert False
except MemoryError: pass`).iterate(0, 0)
}

// The classes of time-outs tell what took too long.
func TestTimeoutsOfScripts(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				defer context.AfterFunc(t.Context(), func() { c.Close() })()
				io.Copy(io.Discard, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() { l.Close(); conns.Wait() })
	for call, want := range map[string]string{
		`client.get("/", timeout=0.05)`:                                            "ReadTimeout",
		`client.get("/", timeout=httpx.Timeout(0.05, connect=5))`:                  "ReadTimeout",
		`client.get(client.base_url.replace("http:", "https:"), timeout=0.05)`:     "ConnectTimeout",
		`client.get(client.base_url.replace("http:", "https:"), timeout=(.05, 9))`: "ConnectTimeout",
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			newStage(t, "http://"+l.Addr().String(), fmt.Sprintf("try:\n    %s\n    assert False\nexcept httpx.TimeoutException as e:\n    assert type(e).__name__ == %q and e.request.url.path == '/', repr(e)", call, want)).run(load.ErrorTimeout)
		})
	}
}

// A request that the script itself gives up is one that took too long.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 2)
	url, _ := serveShop(t, func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	})
	s := newStage(t, url, `
    @task
    async def t(self, client):
        try:
            await asyncio.wait_for(self.one(client), 0.2)
            assert False
        except asyncio.TimeoutError: pass
    async def one(self, client): await client.get("/")`)
	require.Len(t, s.run(load.ErrorTimeout), 2)
	require.Len(t, asked, 2)
}

// What the script itself cuts off is in no number: neither a failure of the target nor a time. The exception that did it counts.
func TestCancelledByTheScript(t *testing.T) {
	t.Parallel()
	url, _ := serveShop(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
		}
	})
	const methods = `
    async def slow(self, client): await client.get("/slow", name="slow")
    async def drop(self, client):
        await client.get("/")
        await asyncio.sleep(0.05)
        raise ValueError("dropped")`
	for name, tt := range map[string]struct {
		body    string
		classes []string // of the requests that count
	}{
		"sibling raises": {
			"await asyncio.gather(self.slow(client), self.drop(client))", []string{"ValueError"},
		},
		"sibling raises, the last one is slow": {
			"await asyncio.gather(self.drop(client), self.slow(client))", []string{"", "ValueError"},
		},
		"exception is caught": {`try: await asyncio.gather(self.drop(client), self.slow(client))
        except ValueError: pass`, []string{""}},
		"nobody awaits": {`asyncio.create_task(self.slow(client))
        await client.get("/")
        await asyncio.sleep(0.05)`, []string{""}},
		"cancelled": {`slow = asyncio.create_task(self.slow(client))
        await asyncio.sleep(0.05)
        slow.cancel()`, nil},
		"given up": {`try: await asyncio.wait_for(asyncio.gather(self.slow(client), asyncio.sleep(9)), 0.05)
        except asyncio.TimeoutError: pass`, []string{load.ErrorTimeout}},
		"given up around a longer limit": {`try: await asyncio.wait_for(asyncio.wait_for(self.slow(client), 9), 0.05)
        except asyncio.TimeoutError: pass`, []string{load.ErrorTimeout}},
		"cancelled within a limit": {`slow = asyncio.create_task(asyncio.wait_for(self.slow(client), 9))
        await asyncio.sleep(0.05)
        slow.cancel()`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, url, "\n    @task\n    async def t(self, client):\n        "+tt.body+methods)
			requests := s.iterate(0, 0)
			var classes []string
			for _, x := range requests {
				class := ""
				if x.class != 0 {
					class = s.crew.recorder.classes.name(x.class)
				}
				classes = append(classes, class)
			}
			require.Equal(t, tt.classes, classes)
			for _, e := range s.crew.recorder.drainExamples() {
				require.Contains(t, tt.classes, e.Class)
				require.Equal(t, e.Class == "ValueError", strings.HasSuffix(e.Message, "ValueError: dropped"), e.Message)
			}
		})
	}
}

// Coroutines that are gathered send at the same time. The check is about the request that was asked for last, whichever answer
// came last.
func TestGather(t *testing.T) {
	t.Parallel()
	var together atomic.Pointer[sync.WaitGroup]
	url, _ := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
		wg := together.Load()
		wg.Done()
		wg.Wait()
		if r.URL.Path == "/3" {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	s := newStage(t, url, `
    @task
    async def t(self, client):
        together = await asyncio.gather(*[self.one(client, n) for n in (1, 2, 3)])
        assert together == [200, 200, 418]
    async def one(self, client, n):
        return (await client.get(f"/{n}")).status_code
    def check_t(self, status, body): assert status == 418`)
	for range 3 {
		var wg sync.WaitGroup
		wg.Add(3)
		together.Store(&wg)
		var late int
		for _, x := range s.iterate(0, time.Hour) {
			if x.response >= micros(time.Hour) {
				late++
			}
		}
		require.Empty(t, s.crew.recorder.drainExamples())
		require.Equal(t, 3, late, "all were asked for as late as the iteration was called")
	}
}

// A redirected batch ends with the request that stands last in it.
func TestLastOfARedirectedBatch(t *testing.T) {
	t.Parallel()
	url, seen := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a":
			http.Redirect(w, r, "/b", http.StatusFound)
		case "/last":
			w.WriteHeader(http.StatusTeapot)
		}
	})
	newStage(t, url, `
    @task
    def t(self, client): client.batch([{"path": "/a", "follow_redirects": True}, {"path": "/last"}])
    def check_t(self, status, body): assert status == 418`).run("")
	require.Len(t, seen.all(), 6)
}
