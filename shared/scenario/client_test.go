package scenario

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// runTask runs a task with this body twice, with an answer for each request, and returns
// what was asked for. It fails unless the task passes.
func runTask(t *testing.T, body string, answer func(*Request) *Response) []*Request {
	t.Helper()
	u := newTargetUser(t, "http://shop.test/base/", body)
	client := &fakeClient{answer: answer}
	require.Empty(t, u.Start(t.Context(), client).Message)
	client.urls()
	got := u.Run(t.Context(), 0, 0, client)
	require.Empty(t, got.Message)
	return client.requests
}

// newTargetUser makes a user of a scenario whose task t has this body. An indented one is
// the body of the class.
func newTargetUser(t *testing.T, target, body string) *User {
	t.Helper()
	script := "import asyncio, datetime, httpx, json\n@scenario\nclass Shop(VUser):\n"
	if body = strings.Trim(body, "\n"); !strings.HasPrefix(body, " ") {
		script += "    @task\n    def t(self, client):\n"
		body = "        " + strings.ReplaceAll(body, "\n", "\n        ")
	}
	script += body + "\n"
	p := compileScript(t, script)
	plan, err := p.Plan("")
	require.NoError(t, err)
	plan.Target = target
	r, err := p.NewRunner(t.Context(), plan, Options{})
	require.NoError(t, err)
	return r.NewUser()
}

func headerNamed(r *Request, name string) string {
	var values []string
	for _, f := range r.Header {
		if equalFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return strings.Join(values, " | ")
}

// Each script asserts what it sees.
func TestResponseAttributes(t *testing.T) {
	t.Parallel()
	const teapot = "/418"
	answer := func(r *Request) *Response {
		switch r.URL {
		case teapot:
			return &Response{Status: 418, Reason: "Short and stout", Body: []byte("no coffee"), Elapsed: 1500 * time.Microsecond}
		case "/302":
			return &Response{Status: 302, Header: fields("Location", "/there")}
		case "/gbk":
			return &Response{Status: 200, Body: []byte{0xc4, 0xe3}, Header: fields("Content-Type", "text/plain; charset=GBK")}
		case "/latin":
			return &Response{Status: 200, Body: []byte{0xfc, 0x80}, Header: fields("Content-Type", `text/plain; charset="ISO-8859-1"`)}
		case "/unknown":
			return &Response{Status: 200, Body: []byte("ü\xff\xff"), Header: fields("Content-Type", "text/plain; charset=nonsense")}
		case "/cookies":
			return &Response{Status: 200, SetsCookie: true, Header: fields("Set-Cookie", "a=1; Path=/", "Set-Cookie", "b=2; Max-Age=0")}
		case "/lines":
			return &Response{Status: 200, Body: []byte("one\r\ntwo\nthree")}
		}
		return &Response{
			Status: 201, Body: []byte(`{"id": 7}`), Elapsed: 1500 * time.Microsecond,
			Header: fields("Content-Type", "application/json", "X-A", "1", "x-a", "2"),
		}
	}
	for name, body := range map[string]string{
		"status": `
r = client.get("/")
assert (r.status_code, r.ok, r.is_success, r.is_error, r.is_client_error, r.is_server_error, r.is_redirect, r.is_informational) == (201, True, True, False, False, False, False, False)
r = client.get("/418")
assert (r.status_code, r.ok, r.is_success, r.is_error, r.is_client_error, r.is_server_error, r.is_redirect) == (418, False, False, True, True, False, False)
assert (r.reason_phrase, r.http_version, repr(r)) == ("Short and stout", "HTTP/1.1", "<Response [418 Short and stout]>")
r = client.get("/302")
assert r.is_redirect and r.has_redirect_location and r.ok and not r.is_success and r.history == []`,
		"time": `
r = client.get("/")
assert r.elapsed == datetime.timedelta(microseconds=1500) and r.elapsed.total_seconds() == 0.0015 and r.elapsed_ms == 1.5`,
		"url": `
r = client.get("/a b?x=1")
assert str(r.url) == f"{r.url}" == "http://shop.test/base/a%20b?x=1" and r.url == "http://shop.test/base/a%20b?x=1" != r.url.path
assert (r.url.scheme, r.url.host, r.url.port, r.url.path, r.url.query, r.url.raw_path) == ("http", "shop.test", None, "/base/a b", b"x=1", b"/base/a%20b?x=1")
assert repr(r.url) == "URL('http://shop.test/base/a%20b?x=1')" and r.url.params["x"] == "1" and {r.url: 1}[r.url] == 1
assert str(r.url.join("../c")) == "http://shop.test/c" and client.base_url == "http://shop.test/base/"
assert client.get(r.url).url == r.url and str(httpx.URL("HTTP://Shop.test:80")) == "http://shop.test/"
try:
    client.base_url = "x"
    assert False
except AttributeError: pass`,
		"request": `
r = client.post("/p", json=[1], headers={"X": "1"})
assert (r.request.method, str(r.request.url), r.request.content) == ("POST", "http://shop.test/base/p", b"[1]")
assert r.request.headers["x"] == "1" and r.request.headers["Content-Type"] == "application/json"
assert repr(r.request) == "<Request('POST', 'http://shop.test/base/p')>"`,
		"headers": `
h = client.get("/").headers
assert isinstance(h, httpx.Headers) and h["X-A"] == "1, 2" and h.get_list("x-a") == ["1", "2"] and len(h) == 3
assert h.multi_items() == [("content-type", "application/json"), ("x-a", "1"), ("x-a", "2")]
assert h.raw[1] == (b"X-A", b"1") and list(h.keys()) == ["content-type", "x-a"] and dict(h) == {"content-type": "application/json", "x-a": "1, 2"}
assert repr(h) == "Headers([('content-type', 'application/json'), ('x-a', '1'), ('x-a', '2')])"
assert {**h}["x-a"] == "1, 2" and h.get("none", 5) == 5 and "X-a" in h and "none" not in h`,
		"body": `
r = client.get("/")
assert r.json() == {"id": 7} and r.text == '{"id": 7}' and r.content == r.read() == b'{"id": 7}' and r.close() is None
assert list(r.iter_bytes(4)) == [b'{"id', b'": 7', b'}'] and list(r.iter_text()) == ['{"id": 7}'] and r.encoding == "utf-8" and r.charset_encoding is None
assert list(client.get("/lines").iter_lines()) == ["one", "two", "three"]
try:
    client.get("/418").json()
    assert False
except json.JSONDecodeError as e:
    assert isinstance(e, ValueError) and str(e) == "Expecting value: line 1 column 1 (char 0)"`,
		"charset": `
r = client.get("/gbk")
assert (r.text, r.encoding, r.charset_encoding) == ("\u4f60", "gbk", "gbk")
assert client.get("/latin").text == "ü\x80"
r = client.get("/unknown")
assert (r.text, r.encoding, r.charset_encoding) == ("ü\ufffd\ufffd", "utf-8", "nonsense")
r.encoding = "latin-1"
assert r.text == "Ã¼ÿÿ" and r.encoding == "latin-1"`,
		"cookies": `
r = client.get("/cookies")
assert dict(r.cookies) == {"a": "1"} and client.cookies["a"] == "1" and "b" not in client.cookies`,
		"raise_for_status": `
r = client.get("/")
assert r.raise_for_status() is r
try:
    client.get("/418").raise_for_status()
    assert False
except httpx.HTTPStatusError as e:
    assert str(e) == "Client error '418 Short and stout' for url 'http://shop.test/base/418'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/418"
    assert e.response.status_code == 418 and e.response.text == "no coffee" and str(e.request.url).endswith("/418") and e.request.method == "GET"
try:
    client.get("/302").raise_for_status()
    assert False
except httpx.HTTPError as e:
    assert str(e) == "Redirect response '302 Found' for url 'http://shop.test/base/302'\nRedirect location: '/there'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/302"`,
		"with": `
with client.get("/") as r:
    assert r.json()["id"] == 7
try:
    with client.get("/") as r: raise KeyError
    assert False
except KeyError: pass`,
		"async": `
    @task
    async def t(self, client):
        r = await client.get("/")
        async with client.get("/") as s:
            assert r.json() == s.json() and await s.aread() == s.content
            await s.aclose()
        a, b = await asyncio.gather(self.one(client, 1), self.one(client, 2))
        assert (a, b) == (7, 7)
    async def one(self, client, n):
        r = await client.get(f"/{n}")
        return r.json()["id"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runTask(t, body, answer)
		})
	}
}

// What httpx offers besides requests. Each script asserts what it sees.
func TestHTTPXModule(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"exceptions": `
chain = [httpx.ConnectTimeout, httpx.TimeoutException, httpx.TransportError, httpx.RequestError, httpx.HTTPError, Exception]
assert all(issubclass(a, b) for a, b in zip(chain, chain[1:]))
for name in "ReadTimeout WriteTimeout PoolTimeout".split(): assert issubclass(getattr(httpx, name), httpx.TimeoutException)
for name in "ConnectError ReadError WriteError CloseError".split(): assert issubclass(getattr(httpx, name), httpx.NetworkError)
for name in "LocalProtocolError RemoteProtocolError".split(): assert issubclass(getattr(httpx, name), httpx.ProtocolError)
for name in "NetworkError ProtocolError ProxyError UnsupportedProtocol".split(): assert issubclass(getattr(httpx, name), httpx.TransportError)
for name in "DecodingError TooManyRedirects".split(): assert issubclass(getattr(httpx, name), httpx.RequestError)
for name in "StreamConsumed StreamClosed ResponseNotRead RequestNotRead".split(): assert issubclass(getattr(httpx, name), httpx.StreamError)
assert issubclass(httpx.StreamError, RuntimeError) and issubclass(httpx.HTTPStatusError, httpx.HTTPError)
assert not issubclass(httpx.InvalidURL, httpx.HTTPError) and not issubclass(httpx.CookieConflict, httpx.HTTPError)`,
		"raised by scripts": `
try: raise httpx.ReadTimeout("late", request=5)
except httpx.HTTPError as e: assert str(e) == "late" and e.request == 5 and e.args == ("late",)
try: raise httpx.HTTPStatusError("bad", request=1, response=2)
except httpx.HTTPStatusError as e: assert (e.request, e.response) == (1, 2)
try: httpx.ReadTimeout("x").request
except RuntimeError as e: assert str(e) == "The .request property has not been set."
try: httpx.ReadTimeout("x", response=5)
except TypeError as e: assert str(e) == "ReadTimeout.__init__() got an unexpected keyword argument 'response'"
class Mine(httpx.HTTPStatusError):
    def __init__(self, code):
        super().__init__(f"code {code}", request=None, response="r")
        self.code = code
try: raise Mine(7)
except httpx.HTTPError as e: assert (str(e), e.code, e.response) == ("code 7", 7, "r")`,
		"codes": `
assert httpx.codes.OK == 200 and httpx.codes.not_found == 404 and httpx.codes.IM_A_TEAPOT == 418 and httpx.codes.NON_AUTHORITATIVE_INFORMATION == 203
assert httpx.codes.is_error(500) and httpx.codes.is_client_error(404) and not httpx.codes.is_server_error(404) and httpx.codes.is_success(204)
assert httpx.codes.get_reason_phrase(404) == "Not Found"`,
		"Timeout": `
t = httpx.Timeout(10, connect=5)
assert (t.connect, t.read, t.write, t.pool) == (5, 10, 10, 10) and repr(t) == "Timeout(connect=5, read=10, write=10, pool=10)"
assert repr(httpx.Timeout(3.5)) == "Timeout(timeout=3.5)" and httpx.Timeout(5) == httpx.Timeout(5) != httpx.Timeout(6)
assert httpx.Timeout(None).read is None and t.as_dict() == {"connect": 5, "read": 10, "write": 10, "pool": 10}
try: httpx.Timeout(connect=5)
except ValueError as e: assert str(e) == "httpx.Timeout must either include a default, or set all four parameters explicitly."`,
		"Headers": `
h = httpx.Headers({"A": "1"})
h["a"] = "2"; h["B"] = "3"; h.update({"b": "4", "c": "5"}); h.update([("C", "6"), ("c", "7")])
assert h.multi_items() == [("a", "2"), ("b", "4"), ("c", "6"), ("c", "7")] and h == {"A": "2", "b": "4", "C": "6"} or h["c"] == "6, 7"
h["c"] = "8"
assert h["C"] == "8" and h.pop("C") == "8" and h.pop("c", None) is None and h.setdefault("D", "9") == "9" and "d" in h
del h["d"]
g = h.copy(); g.clear()
assert len(g) == 0 and not g and h == httpx.Headers([("B", "4"), ("A", "2")]) and h != {"A": "2"}
assert repr(httpx.Headers({"Authorization": "x"})) == "Headers({'authorization': '[secure]'})"
for bad in (lambda: h["none"], lambda: h.pop("none"), lambda: h.__class__(5)):
    try:
        bad()
        assert False
    except (KeyError, TypeError): pass`,
		"Cookies": `
c = httpx.Cookies({"a": "1"})
c.set("a", "2", domain="shop.test"); c["b"] = "3"
assert list(c) == ["a", "a", "b"] and c.get("b") == "3" and c.get("x", 5) == 5 and c.get("a", domain="shop.test") == "2" and "b" in c and len(c) == 3
try:
    c["a"]
    assert False
except httpx.CookieConflict as e: assert str(e) == "Multiple cookies exist with name=a"
c.delete("a", domain="shop.test")
assert dict(c.items()) == {"a": "1", "b": "3"} and repr(c) == "<Cookies[<Cookie a=1 for  />, <Cookie b=3 for  />]>"
assert c.pop("b") == "3" and c.setdefault("d", "4") == "4"
c.clear()
assert not c`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runTask(t, body, nil)
		})
	}
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	boundary := regexp.MustCompile(`^multipart/form-data; boundary=([0-9a-f]{32})$`)
	for call, want := range map[string]string{
		`files={"f": b"x"}`:                                 "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"upload\"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--B--\r\n",
		`files={"f": ("a.csv", "1,2")}`:                     "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n1,2\r\n--B--\r\n",
		`files={"f": ("a", b"x", "image/png", {"X": "1"})}`: "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\nX: 1\r\nContent-Type: image/png\r\n\r\nx\r\n--B--\r\n",
		`files=[("f", (None, "x"))]`:                        "--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--B--\r\n",
		`files={"q\"\\\r": ("ü", "")}`:                      "--B\r\nContent-Disposition: form-data; name=\"q%22\\\\%0D\"; filename=\"ü\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n",
		`files={"f": (None, "x")}, data={"a": [1, True], "b": None}`: "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntrue\r\n" +
			"--B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--B--\r\n",
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			reqs := runTask(t, "client.post('/', "+call+")\nclient.batch([dict(path='/', method='POST', "+call+")])", nil)
			require.Len(t, reqs, 2)
			seen := map[string]bool{}
			for _, req := range reqs {
				m := boundary.FindStringSubmatch(headerNamed(req, "Content-Type"))
				require.Len(t, m, 2)
				require.Equal(t, want, strings.ReplaceAll(string(req.Body), m[1], "B"))
				require.Len(t, req.Body, len(reqs[0].Body))
				seen[m[1]] = true
			}
			require.Len(t, seen, 2, "boundaries are random")
		})
	}
	reqs := runTask(t, `client.post("/", files={"f": (None, "x")}, headers={"content-type": "multipart/form-data; boundary=own"})`, nil)
	require.Equal(t, "multipart/form-data; boundary=own", headerNamed(reqs[0], "Content-Type"))
	require.True(t, strings.HasPrefix(string(reqs[0].Body), "--own\r\n"))
}

// What a user sets on its client goes with its later requests, those that are ready too,
// and with no other user's.
func TestDefaults(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
C = [0]
@scenario
class Shop(VUser):
    def on_start(self, client):
        C[0] += 1
        self.n = C[0]
        if self.n == 1: return
        client.headers.update({"Authorization": f"Bearer {self.n}", "X-Default": "d", "Content-Type": "text/x"})
        client.cookies.set("c", "1")
    @task
    def a_ready(self, client): client.post("/a", json=1, headers={"x-default": "own"}, cookies={"d": "2"})
    @task
    def b_dynamic(self, client):
        client.get(f"/b/{len(client.cookies)}")
    @task
    def c_explicit(self, client): client.get("/c", headers={"Cookie": "mine=1"})
    @task
    def d_batch(self, client): client.batch([{"path": "/d"}, {"path": "/e", "cookies": {"c": "3"}}])
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	r, err := p.NewRunner(t.Context(), plan, Options{})
	require.NoError(t, err)
	client := &fakeClient{}
	want := [][]string{
		{"/a||own|d=2|application/json"},
		{"/b/0||||"},
		{"/c|||mine=1|"},
		{"/d||||", "/e|||c=3|"},
	}
	dressed := [][]string{
		{"/a|Bearer 2|own|c=1; d=2|text/x"},
		{"/b/1|Bearer 2|d|c=1|text/x"},
		{"/c|Bearer 2|d|mine=1|text/x"},
		{"/d|Bearer 2|d|c=1|text/x", "/e|Bearer 2|d|c=3|text/x"},
	}
	plain, own := r.NewUser(), r.NewUser()
	for _, u := range []*User{plain, own} {
		require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	}
	require.Nil(t, plain.session.Load(), "who sets nothing pays nothing")
	for i := range plan.Tasks {
		for _, tt := range []struct {
			user *User
			want []string
		}{{plain, want[i]}, {own, dressed[i]}, {own, dressed[i]}, {plain, want[i]}} {
			client.urls()
			require.Empty(t, tt.user.Run(t.Context(), 0, i, client).Message)
			var got []string
			for _, r := range client.requests {
				got = append(got, strings.Join([]string{
					r.URL, headerNamed(r, "Authorization"), headerNamed(r, "X-Default"), headerNamed(r, "Cookie"), headerNamed(r, "Content-Type"),
				}, "|"))
			}
			require.Equal(t, tt.want, got)
		}
	}
	require.Equal(t, Outcome{}, own.Start(t.Context(), client))
	client.urls()
	require.Equal(t, Outcome{}, own.Run(t.Context(), 0, 1, client))
	require.Equal(t, "Bearer 3", headerNamed(client.requests[0], "Authorization"), "a start makes the user anew")
}

func TestJar(t *testing.T) {
	t.Parallel()
	now := time.Now()
	type set struct{ from, cookie string }
	for name, tt := range map[string]struct {
		sets []set
		want map[string]string // Cookie fields, by URL
	}{
		"host only": {
			[]set{{"http://a.shop.test/x/y", "k=v"}},
			map[string]string{"http://a.shop.test/x/z": "k=v", "http://A.Shop.test:99/x": "k=v", "http://a.shop.test/": "", "http://b.a.shop.test/x": "", "http://shop.test/x": ""},
		},
		"domain": {
			[]set{{"http://a.shop.test/", "k=v; Domain=.Shop.test; Path=/"}},
			map[string]string{"http://shop.test/": "k=v", "https://b.a.shop.test/": "k=v", "http://noshop.test/": ""},
		},
		"foreign domains": {
			[]set{{"http://a.shop.test/", "k=v; Domain=other.test"}, {"http://a.shop.test/", "k=v; Domain=test"}, {"http://127.0.0.1/", "k=v; Domain=0.0.1"}},
			map[string]string{"http://a.shop.test/": "", "http://other.test/": "", "http://127.0.0.1/": ""},
		},
		"paths": {
			[]set{{"http://s.test/", "a=1; Path=/x"}, {"http://s.test/", "b=2; Path=/x/y/"}, {"http://s.test/", "c=3; path=nonsense"}},
			map[string]string{"http://s.test/x/y/z": "b=2; a=1; c=3", "http://s.test/x": "a=1; c=3", "http://s.test/xy": "c=3", "http://s.test": "c=3"},
		},
		"secure": {
			[]set{{"https://s.test/", "k=v; Secure; HttpOnly; SameSite=Lax"}},
			map[string]string{"https://s.test/": "k=v", "http://s.test/": ""},
		},
		"replaced and deleted": {
			[]set{{"http://s.test/", "a=1"}, {"http://s.test/", "b=1"}, {"http://s.test/", "a=2"}, {"http://s.test/", "b=; Max-Age=0"}, {"http://s.test/", "c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}},
			map[string]string{"http://s.test/": "a=2"},
		},
		"dates": {
			[]set{{"http://s.test/", "a=1; Expires=Wed, 21-Oct-2065 07:28:00 GMT"}, {"http://s.test/", "b=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=60"}, {"http://s.test/", "c=1; expires=soon"}},
			map[string]string{"http://s.test/": "a=1; b=1; c=1"},
		},
		"odd": {
			[]set{{"http://s.test/", `q="a b"`}, {"http://s.test/", "=x"}, {"http://s.test/", "none"}, {"http://s.test/", `j={"a":[1,2]}`}, {"http://s.test/", "big=" + strings.Repeat("x", maxCookie)}},
			map[string]string{"http://s.test/": `q="a b"; j={"a":[1,2]}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jar := &cookies{}
			for _, s := range tt.sets {
				u, err := target("").parse(s.from)
				require.NoError(t, err)
				if c, ok := parseCookie(u, s.cookie, now); ok {
					jar.store(c)
				}
			}
			got := map[string]string{}
			for at := range tt.want {
				u, err := target("").parse(at)
				require.NoError(t, err)
				got[at] = jar.header(u, "")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A server cannot make a user grow without end.
func TestJarIsBounded(t *testing.T) {
	t.Parallel()
	jar := &cookies{}
	for i := range 10_000 {
		jar.store(cookie{name: fmt.Sprint("n", i), value: "v"})
	}
	require.Len(t, jar.list, maxCookies)
	require.Equal(t, "n9999", jar.list[maxCookies-1].name)
}
