package scenario

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever arguments a script has for the client, for responses and for httpx, it gets an
// answer or an exception of Python.
func TestClientNeverPanics(t *testing.T) {
	t.Parallel()
	const setup = `
class Odd:
    def __getattr__(self, name): raise ValueError(name)
    def __str__(self): raise KeyError
class Half:
    def items(self): return [1]
    def read(self): return 5
def many(): yield from (b"a", "b", 3)
`
	const body = `
h, c, t, u, b = httpx.Headers({"A": "1"}), httpx.Cookies({"a": "1"}), httpx.Timeout(5), httpx.URL("http://x.test/y?z=1"), httpx.BasicAuth("u", "p")
r = client.get("/")
odd = [None, True, 0, -1, 5, 10**30, 1.5, float("nan"), float("inf"), "", "x", "\n", "\u00fc", "http://", "http://[", b"", b"\xff", [], [1], [(1, 2)], [("a", "b", "c")],
       (), (1,), (1, 2), ("a", "b"), (None, None, None, None), {}, {1: 2}, {"a": None}, {"a": {"b": []}}, {b"a": b"b"}, {1, 2}, object(), Odd(), Half(), many(), int, len, h, c, t, u, b, r, r.request, client, range(3)]
calls = [client.get, client.post, client.put, client.patch, client.delete, client.batch, httpx.Headers, httpx.Cookies, httpx.Timeout, httpx.URL, httpx.BasicAuth,
         httpx.HTTPError, httpx.HTTPStatusError, httpx.ReadTimeout, httpx.codes.is_error, httpx.codes.get_reason_phrase]
for v in (client, client.headers, client.cookies, h, c, t, u, b, r, r.request, r.headers, r.cookies):
    for name in dir(v):
        if name in ("clear", "__class__", "__init_subclass__", "__subclasshook__", "__new__"): continue
        try: got = getattr(v, name)
        except SystemError: raise
        except Exception: continue
        if callable(got): calls.append(got)
names = "headers params json data content files cookies auth timeout follow_redirects name default domain path chunk_size split_commas connect request response".split()
def attempt(f, *args, **kwargs):
    try: f(*args, **kwargs)
    except SystemError: raise
    except Exception: pass
for f in calls:
    attempt(f)
    for a in odd:
        attempt(f, a)
        attempt(f, "/", a)
        attempt(f, a, a)
        attempt(f, a, a, a)
for name in names:
    for a in odd:
        for f in (client.post, httpx.Timeout, httpx.Headers, c.get, c.set, c.delete, c.clear, r.iter_bytes, h.get_list, httpx.HTTPStatusError, httpx.ReadTimeout):
            attempt(f, "/", **{name: a})
        attempt(client.batch, [{"path": "/", name: a}])
        attempt(setattr, client, name, a)
        attempt(setattr, r, "encoding", a)
        attempt(lambda: str(r.url.join(a)))
for v in (client, h, c, t, u, b, r, r.request):
    for a in odd:
        for f in (lambda: v[a], lambda: v == a, lambda: a in v, lambda: v < a, lambda: v + a, lambda: hash(v), lambda: v.__setitem__(a, a), lambda: repr(v), lambda: str(v),
                  lambda: list(v), lambda: len(v), lambda: bool(v), lambda: f"{v:5}", lambda: json.dumps(v), lambda: {**v}, lambda: dict(v)):
            attempt(f)
        def put(): v[a] = a
        def drop(): del v[a]
        attempt(put)
        attempt(drop)
`
	for _, answer := range []func(*Request) *Response{
		nil,
		func(*Request) *Response {
			return &Response{
				Status: 302, Body: []byte("\x1f\x8b\xff"), Encoding: "gzip, x, deflate", SetsCookie: true,
				Header: fields("Location", "http://[::1/\x00", "Set-Cookie", "=;=", "Set-Cookie", "a=b; expires=x; max-age=x; domain=..", "Content-Type", "; charset=\xff"),
			}
		},
		func(*Request) *Response { return &Response{Err: errors.New("refused"), Class: "odd"} },
	} {
		u := newTargetUser(t, "http://shop.test", setup+body)
		client := &fakeClient{answer: answer}
		require.Empty(t, u.Start(t.Context(), client).Message)
		for n := range int64(2) {
			got := u.Run(t.Context(), n, 0, client)
			require.False(t, got.Internal, got.Message)
			if got.Failed {
				require.NotContains(t, got.Message, "SystemError")
			}
			require.Contains(t, []string{"", "TransportError"}, got.Class, got.Message)
		}
	}
}
