package scenario

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

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
				Message: strings.ReplaceAll(frame, "%LINE%", "6") + "t\n    client.get('/x').raise_for_status()\nhttpx.HTTPStatusError: Client error '404 Not Found' for url '/x'\n" +
					"For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/404",
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

// Whatever can be called with the arguments is called, as Python would.
func TestSignatures(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"    @task\n    def t(self, client): client.get('/')\n    @staticmethod\n    def check_t(status, body): assert status == 200\n",
		"    @task\n    def t(self, client): client.get('/')\n    @classmethod\n    def check_t(cls, status, body): assert cls is Shop and status == 200\n",
		"    @task\n    def t(self, client, n=1): client.get('/')\n    def check_t(self, *args): assert args == (200, None)\n",
		"    @task\n    def t(*args, **kw): args[1].get('/')\n    def check_t(self, status, *rest, n=1): assert status == 200\n",
		"    t = task(lambda self, client: client.get('/'))\n    check_t = lambda *args: args\n    check_limit = 5\n",
		"    @staticmethod\n    def on_start(client): client.get('/')\n    @task\n    def t(self, client): client.get('/')\n    def check_t(self, status, body): pass\n",
		"    @task\n    def t(self, client): client.get('/')\n    def check_t(self, status, body): pass\n    @task\n    def check_u(self, client): pass\n",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "@scenario\nclass Shop(VUser):\n"+body, Options{})
			client := &fakeClient{}
			require.Equal(t, Outcome{}, u.Start(t.Context(), client))
			task := len(u.runner.tasks) - 1 // t is the last
			require.Equal(t, Outcome{Check: CheckPassed}, u.Run(t.Context(), 0, task, client))
		})
	}
}

// A check may belong to a task that is left out here.
func TestChecksOfOtherTasks(t *testing.T) {
	t.Parallel()
	compileScript(t, `
class Base(VUser):
    @task
    def a(self, client): pass
    @task
    def b(self, client): pass
    def check_a(self, status_code, body): pass

@scenario
class Shop(Base):
    def a(self, client): pass
`)
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
		r, err := p.NewRunner(t.Context(), plan, Options{})
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

// asideClient is told when the script takes long.
type asideClient struct {
	fakeClient

	told int
}

func (c *asideClient) Aside() { c.told++ }

// Whoever others wait for is told before it takes long: when it computes, waits, or unpacks a body; not when it does what all do.
func TestBystandersAreTold(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(`{"a": 1}`))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for body, told := range map[string]bool{
		"for i in range(3000): pass":                                        true,
		"time.sleep(0)":                                                     true,
		"asyncio.run(asyncio.sleep(0))":                                     true,
		"self.lock.acquire(); self.lock.acquire(timeout=0.001)":             true,
		"client.get('/packed').json()":                                      true,
		"client.get('/', headers={'a': f'{1+1}'}).json()['a']":              false,
		"[client.get(f'/{i}') for i in range(20)]":                          false,
		"sum(range(10))":                                                    false,
		"self.lock.acquire(); self.lock.acquire(blocking=False)":            false,
		"client.get('/packed').status_code":                                 false,
		"'x' * 100_000_000 if client.get('/').status_code == 201 else None": false,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, "import asyncio, threading, time\n@scenario()\nclass S(VUser):\n    lock = threading.Lock()\n    @task\n    def t(self, client):\n        "+body+"\n", Options{})
			c := &asideClient{fakeClient: fakeClient{answer: func(r *Request) *Response {
				if r.URL == "/packed" {
					return &Response{Status: 200, Body: packed.Bytes(), Encoding: "gzip"}
				}
				return &Response{Status: 200, Body: []byte(`{"a": 1}`)}
			}}}
			require.False(t, u.Run(t.Context(), 0, 0, c).Failed)
			require.Equal(t, told, c.told > 0, "told %d times", c.told)
		})
	}
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
	r, err := p.NewRunner(t.Context(), plan, Options{})
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

func TestLongMessagesAreCut(t *testing.T) {
	t.Parallel()
	u := newUser(t, "@scenario\nclass Shop(VUser):\n    @task\n    def t(self, client): raise ValueError('ü' * 1_000_000 + ' end')\n", Options{})
	got := u.Run(t.Context(), 0, 0, &fakeClient{})
	require.LessOrEqual(t, len(got.Message), 8<<10)
	require.True(t, utf8.ValidString(got.Message))
	require.Contains(t, got.Message, `File "script.py", line 5, in t`)
	require.True(t, strings.HasSuffix(got.Message, "ü end"))
}
