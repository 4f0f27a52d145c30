package scenario

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	json := []Field{{"Content-Type", "application/json"}}
	form := []Field{{"Content-Type", "application/x-www-form-urlencoded"}}
	tests := map[string]Request{
		`get("/a b?x=1#y")`:         {Method: "GET", URL: "/a%20b?x=1"},
		`get("/ü")`:                 {Method: "GET", URL: "/%C3%BC"},
		`get("http://other:8080/")`: {Method: "GET", URL: "http://other:8080/"},
		`get("/", params={"a": 1, "b": [True, None, "ü &"]})`:          {Method: "GET", URL: "/?a=1&b=true&b=&b=%C3%BC+%26"},
		`get("/?a=1", params={"b": 2})`:                                {Method: "GET", URL: "/?b=2"},
		`get("/", params="a b&c=%C3%BC&&a+b=1")`:                       {Method: "GET", URL: "/?a+b=&a+b=1&c=%C3%BC"},
		`get("/?a=1", params={})`:                                      {Method: "GET", URL: "/"},
		`get("/?a=1", params=None)`:                                    {Method: "GET", URL: "/?a=1"},
		`get("x")`:                                                     {Method: "GET", URL: "/x"},
		`get("")`:                                                      {Method: "GET", URL: "/"},
		`get("?to=ftp://a")`:                                           {Method: "GET", URL: "/?to=ftp://a"},
		`get("items:all")`:                                             {Method: "GET", URL: "/items:all"},
		`get("HTTPS://other/")`:                                        {Method: "GET", URL: "HTTPS://other/"},
		`get("/", timeout=1e-12)`:                                      {Method: "GET", URL: "/", Timeout: 1},
		`get("/", params=[("a", 1), ("b", None), ["a", True]])`:        {Method: "GET", URL: "/?a=1&a=true&b="},
		`get("/", params={"a": (2, 3), 4: 5})`:                         {Method: "GET", URL: "/?a=2&a=3&4=5"},
		`get("/", headers=[("A", "1"), (b"A", "2")])`:                  {Method: "GET", URL: "/", Header: []Field{{"A", "1"}, {"A", "2"}}},
		`get("/", params={})`:                                          {Method: "GET", URL: "/"},
		`delete("/", headers={"A": "1", "b": b"2"})`:                   {Method: "DELETE", URL: "/", Header: []Field{{"A", "1"}, {"b", "2"}}},
		`put("/", json={"a": [1, 2.5, None, True, "ü"]})`:              {Method: "PUT", URL: "/", Header: json, Body: []byte(`{"a":[1,2.5,null,true,"ü"]}`)},
		`post("/", json={}, headers={"content-type": "x"})`:            {Method: "POST", URL: "/", Header: []Field{{"content-type", "x"}}, Body: []byte(`{}`)},
		`post("/", data={"a": "x y", "b": (1, 2)})`:                    {Method: "POST", URL: "/", Header: form, Body: []byte("a=x+y&b=1&b=2")},
		`get("/", auth=("u", "p", 3), headers={"authorization": "x"})`: {Method: "GET", URL: "/", Header: []Field{{"Authorization", "Basic dTpw"}}},
		`get("http://u:p%40@other/?a")`:                                {Method: "GET", URL: "http://other/?a", Header: []Field{{"Authorization", "Basic dTpwQA=="}}},
		`get("/", name="all items")`:                                   {Method: "GET", URL: "/", Name: "all items"},
		`get("/", timeout=None)`:                                       {Method: "GET", URL: "/"},
		`get("/", timeout=(1, 2))`:                                     {Method: "GET", URL: "/", Connect: time.Second},
		`get("/", timeout=(1, 2, 3, 4))`:                               {Method: "GET", URL: "/", Timeout: 3 * time.Second, Connect: time.Second},
		`post("/", data={"a": 1}, json={"b": 2})`:                      {Method: "POST", URL: "/", Header: form, Body: []byte("a=1")},
		`post("/", data={}, json={"b": 2})`:                            {Method: "POST", URL: "/", Header: json, Body: []byte(`{"b":2}`)},
		`post("/", content="x", json={"b": 2})`:                        {Method: "POST", URL: "/", Body: []byte("x")},
		`post("/", content=["a", b"b"])`:                               {Method: "POST", URL: "/", Body: []byte("ab")},
		`post("/", json=None)`:                                         {Method: "POST", URL: "/"},
		`get("/", cookies={"a": 1}, headers={"cookie": "b=2"})`:        {Method: "GET", URL: "/", Header: []Field{{"cookie", "b=2"}}},
		`get("/", cookies=[("a", "1")])`:                               {Method: "GET", URL: "/", Header: []Field{{"Cookie", "a=1"}}},
		`patch("/", data="text")`:                                      {Method: "PATCH", URL: "/", Body: []byte("text")},
		`patch("/", content=b"\xff")`:                                  {Method: "PATCH", URL: "/", Body: []byte{0xff}},
		`get("/", timeout=0.5, auth=("u", "p"))`:                       {Method: "GET", URL: "/", Timeout: 500 * time.Millisecond, Header: []Field{{"Authorization", "Basic dTpw"}}},
		`get("/", cookies={"a": "1", "b": "2"})`:                       {Method: "GET", URL: "/", Header: []Field{{"Cookie", "a=1; b=2"}}},
		`batch([{"path": "/", "method": "post", "json": [1]}])`:        {Method: "POST", URL: "/", Header: json, Body: []byte(`[1]`)},
		`batch([dict(path="/", params={"a": 1}, timeout=2)])`:          {Method: "GET", URL: "/?a=1", Timeout: 2 * time.Second},
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
				if diff := cmp.Diff(want, *got, cmpopts.IgnoreUnexported(Request{})); diff != "" {
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
		`get("/", headers={"A": 1})`:                    "TypeError: Header value must be str or bytes, not <class 'int'>",
		`get("/", headers={"A": "1\r\nB: 2"})`:          `httpx.LocalProtocolError: Illegal header value b'1\r\nB: 2'`,
		`get("/", json={1, 2})`:                         "TypeError: Object of type set is not JSON serializable",
		`get("/", timeout=-1)`:                          "ValueError: timeout must be above 0 and at most 86400 seconds",
		`get("/", timeout="1s")`:                        "TypeError: timeout must be a number of seconds, not str",
		`get("/", params=3)`:                            "TypeError: params must be a dict or a list of pairs, not int",
		`get("/", params=[("a", 1, 2)])`:                "TypeError: params must be a dict or a list of pairs, which a value of type tuple is not",
		`get("/", headers=["ab"])`:                      `TypeError: headers must be a dict or a list of pairs, which "ab" is not`,
		`get("/", headers={"A b": "1"})`:                `httpx.LocalProtocolError: Illegal header name b'A b'`,
		`get("/", headers={"B(": "1"})`:                 `httpx.LocalProtocolError: Illegal header name b'B('`,
		`get("/", headers={"Ä": "1"})`:                  `UnicodeEncodeError: 'ascii' codec can't encode character '\xc4' in position 0: ordinal not in range(128)`,
		`get("/", headers={"": "1"})`:                   `httpx.LocalProtocolError: Illegal header name b''`,
		`get("ftp://other/")`:                           "httpx.UnsupportedProtocol: Request URL has an unsupported protocol 'ftp://'.",
		`batch([{"path": "/", "method": [5][0]}])`:      `TypeError: batch() needs a str as "method", not int`,
		`get("/", proxy="p")`:                           "TypeError: LoadClient.get() got an unexpected keyword argument 'proxy'",
		`get("/", headers={"A": " 1"})`:                 "httpx.LocalProtocolError: Illegal header value b' 1'",
		`get("/a\nb")`:                                  `httpx.InvalidURL: Invalid non-printable ASCII character in URL, '\n' at position 2.`,
		`get("/" + "a" * 65536)`:                        "httpx.InvalidURL: URL too long",
		`get("/", content=3)`:                           "TypeError: Unexpected type for 'content', <class 'int'>",
		`get("/", content=[b"a", 3])`:                   "TypeError: Unexpected type for 'content', <class 'int'>",
		`get("/", content={"a": 1})`:                    "TypeError: Unexpected type for 'content', <class 'dict'>",
		`get("/", data=4)`:                              "TypeError: Unexpected type for 'content', <class 'int'>",
		`get("/", auth="u:p")`:                          `TypeError: Invalid "auth" argument: 'u:p'`,
		`get("/", cookies={"a;b": "1"})`:                `ValueError: cookie "a;b" cannot be sent`,
		`get("/", cookies=3)`:                           "TypeError: cookies must be a dict or a list of pairs, not int",
		`get("/", files={"a": 3})`:                      "TypeError: Unexpected type for 'content', <class 'int'>",
		`get("/", files={"a": b""}, data={"b": {}})`:    "TypeError: Invalid type for value. Expected primitive type, got <class 'dict'>: {}",
		`get("/", files={"a": b""}, data={1: 2})`:       "TypeError: Invalid type for name. Expected str, got <class 'int'>: 1",
		`get("/", files={"a": ("n", b"", "t", {}, 5)})`: "ValueError: a file is (name, content), (name, content, type) or (name, content, type, headers)",
		`get("/", timeout=(1, 2, 3, 4, 5))`:             "ValueError: timeout must be a number, or a tuple (connect, read, write, pool)",
		`get("/", name="")`:                             "ValueError: name must be a text of 1 to 200 printable characters",
		`get("/", name="a\tb")`:                         "ValueError: name must be a text of 1 to 200 printable characters",
		`get("/", name="a" * 201)`:                      "ValueError: name must be a text of 1 to 200 printable characters",
		`get("/", name=5)`:                              "TypeError: name must be a str, not int",
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
        assert "X-B" in r.headers and "none" not in r.headers and len(r.headers) == 3
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

// A script may show responses to all users, those of hooks and those of tasks. What is
// gone raises; nothing is read while it goes.
func TestSharedResponses(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
@scenario
class Shop(VUser):
    kept = ended = None
    def on_start(self, client):
        Shop.kept = self.r = client.get("/")
    @task
    def t(self, client):
        Shop.ended = client.get("/")
        for r in (Shop.kept, Shop.ended):
            try:
                assert r.headers["a"] == "b" and dict(r.headers) and r.text == "1" and r.content == b"1" and r.json() == 1
            except RuntimeError: pass
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	r, err := p.NewRunner(t.Context(), plan, Options{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			buffer := []byte{0}
			client := &fakeClient{answer: func(*Request) *Response {
				buffer[0] = '1'
				return &Response{Status: 200, Body: buffer, Header: fields("A", "b")}
			}}
			u := r.NewUser()
			if got := u.Start(context.Background(), client); got.Failed {
				t.Error(got.Message)
			}
			for i := range int64(100) {
				if got := u.Run(context.Background(), i, 0, client); got.Failed {
					t.Error(got.Message)
				}
				buffer[0] = 'x' // the generator has its buffer back
			}
		})
	}
	wg.Wait()
}
