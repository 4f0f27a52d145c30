package scenario

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each class body has a task t. Ready says whether its requests may be kept.
func TestReady(t *testing.T) {
	t.Parallel()
	const start = "    def on_start(self, client): self.token = 'abc'\n"
	const auth = "    def auth(self): return {'Authorization': f'Bearer {self.token}'}\n"
	tests := []struct {
		label, module, body string
		ready               bool
	}{
		{"literal", "", "    @task\n    def t(self, client): client.get('/')\n", true},
		{"docstring and several", "", "    @task\n    def t(self, client):\n        'Doc.'\n        client.get('/a')\n        client.post('/b', json={'a': [1, (2, 3)]})\n", true},
		{"attribute of on_start", "", start + "    @task\n    def t(self, client): client.get('/', headers={'A': f'B {self.token}'})\n", true},
		{"helper", "", start + auth + "    @task\n    def t(self, client): client.get('/', headers=self.auth())\n", true},
		{"helper with a local", "", start + "    def auth(self):\n        token = 'Bearer ' + self.token\n        return {'A': token}\n    @task\n    def t(self, client): client.get('/', headers=self.auth())\n", true},
		{"local", "", start + "    @task\n    def t(self, client):\n        h = {'A': self.token}\n        client.get('/', headers=h)\n", true},
		{"unused response", "", "    @task\n    def t(self, client): r = client.batch([{'path': '/'}])\n", true},
		{"async", "", "    @task\n    async def t(self, client): client.get('/')\n", true},
		{"awaited", "", "    @task\n    async def t(self, client): await client.get('/')\n", true},
		{"constant of the module", "BASE = '/api'\n", "    @task\n    def t(self, client): client.get(BASE + '/x')\n", true},
		{"class constant", "", "    base: str = '/api'\n    @task\n    def t(self, client): client.get(self.base)\n", true},
		{"inherited", "class Base(VUser):\n" + start + auth + "    @task\n    def t(self, client): client.get('/', headers=self.auth())\n", "    pass\n", true},
		{"condition on constants", "", start + "    @task\n    def t(self, client): client.get('/a' if self.token == 'abc' else '/b')\n", true},

		{"used response", "", "    @task\n    def t(self, client):\n        r = client.get('/')\n        r.raise_for_status()\n", false},
		{"response in an expression", "", "    @task\n    def t(self, client): client.get('/').raise_for_status()\n", false},
		{"random", "import random\n", "    @task\n    def t(self, client): client.get(f'/{random.random()}')\n", false},
		{"iteration", "import loadpilot\n", "    @task\n    def t(self, client): client.get(f'/{loadpilot.iteration}')\n", false},
		{"branch", "", "    @task\n    def t(self, client):\n        if True: client.get('/')\n", false},
		{"sleep", "import time\n", "    @task\n    def t(self, client):\n        client.get('/')\n        time.sleep(0)\n", false},
		{"attribute written by the task", "", start + "    @task\n    def t(self, client):\n        client.get(self.token)\n        self.token = 'b'\n", false},
		{"attribute written by another method", "", start + "    def renew(self): self.token += 'b'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"attribute written through the class", "", start + "    def renew(self): Shop.token = 'b'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"attribute written through the class in on_start", "", "    def on_start(self, client): Shop.token = 'b'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"attribute deleted", "", start + "    def renew(self): del self.token\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"attribute unpacked to", "", start + "    def renew(self): a, (self.token, b) = 1, (2, 3)\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"attribute written by a nested function", "", "    def on_start(self, client):\n        self.token = 'a'\n        def later(): self.token = 'b'\n        self.later = later\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start called again", "", start + "    def renew(self, client): self.on_start(client)\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start of the base", "class Base(VUser):\n" + start, "    def on_start(self, client):\n        super().on_start(client)\n        self.n = 1\n    @task\n    def t(self, client): client.get(self.token)\n", true},
		{"getattr of a literal name", "", start + "    def name(self): return getattr(self, 'token', None), type(self).__name__\n    @task\n    def t(self, client): client.get(self.token)\n", true},
		{"on_start under another name", "", start + "    relogin = on_start\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start kept by itself", "", "    def on_start(self, client):\n        self.token, self.again = 'a', self.on_start\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start kept for later", "class Base(VUser):\n" + start, "    def on_start(self, client): self.later = super().on_start(client)\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start called on another", "", "    def on_start(self, client):\n        self.token = 'a'\n        if client is None: Shop.on_start(OTHER, client)\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start with another self", "", "    def on_start(self, client):\n        self = OTHER\n        self.token = 'a'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start decorated", "def twice(f): return f\n", "    @twice\n" + start + "    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start by name", "", start + "    def renew(self, client): getattr(self, 'on_start')(client)\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start by computed name", "", start + "    def renew(self, client): getattr(self, 'on_' + 'start')(client)\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"on_start as a text", "NAMES = ('on_start',)\n", start + "    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"__init__ called again", "", "    def __init__(self): self.token = 'a'\n    def renew(self): self.__init__()\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"written later by on_start", "", "    def on_start(self, client):\n        self.token = 'a'\n        self.later = (0 for self.token in 'bc')\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"one object for all", "", start + "    def __new__(cls): return ONE\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"class changed", "", start + "    def renew(self): self.__class__ = Other\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"class made by type", "Made = type('Made', (), {})\n", start + "    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"setattr under another name", "put = setattr\n", start + "    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"setattr of a computed name", "", start + "    def renew(self, name): setattr(self, name, 'b')\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"object.__setattr__", "", start + "    def renew(self): object.__setattr__(self, 'token', 'b')\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"vars", "", start + "    def renew(self): vars(self)['token'] = 'b'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"parameter that hides a constant", "self = '/a'\n", "    def __str__(self): return 'b'\n    @task\n    def t(self, client): client.get(f'/{self}')\n", false},
		{"setattr", "", start + "    def renew(self): setattr(self, 'token', 'b')\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"__dict__", "", start + "    def renew(self): self.__dict__['token'] = 'b'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"property", "", "    @property\n    def token(self): return 'a'\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"computed in the class", "", "    token = property(lambda self: 'a')\n    @task\n    def t(self, client): client.get(self.token)\n", false},
		{"helper replaced", "", start + auth + "    def renew(self): self.auth = dict\n    @task\n    def t(self, client): client.get('/', headers=self.auth())\n", false},
		{"helper defined twice", "", start + auth + auth + "    @task\n    def t(self, client): client.get('/', headers=self.auth())\n", false},
		{"helper that recurs", "", "    def auth(self): return self.auth()\n    @task\n    def t(self, client): client.get('/', headers=self.auth())\n", false},
		{"variable of the module", "N = 1\nN = 2\n", "    @task\n    def t(self, client): client.get(f'/{N}')\n", false},
		{"global", "N = 1\ndef bump():\n    global N; N += 1\n", "    @task\n    def t(self, client): client.get(f'/{N}')\n", false},
		{"list of the module", "L = [1]\n", "    @task\n    def t(self, client): client.get(f'/{L}')\n", false},
		{"other decorator", "def twice(f): return f\n", "    @task\n    @twice\n    def t(self, client): client.get('/')\n", false},
		{"decorated base", "def deco(c): return c\n@deco\nclass Base(VUser): pass\n", "    @task\n    def t(self, client): client.get('/')\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.label, func(t *testing.T) {
			t.Parallel()
			base := "VUser"
			if strings.Contains(tt.module, "class Base") {
				base = "Base"
			}
			u := newUser(t, tt.module+"@scenario\nclass Shop("+base+"):\n"+tt.body, Options{})
			require.Equal(t, tt.ready, u.runner.tasks[0].ready)
		})
	}
}

// Requests that change between iterations must not be kept. Each script has a task a that
// changes what task b asks for.
func TestNotReady(t *testing.T) {
	t.Parallel()
	const count = "    def on_start(self, client):\n        C[0] += 1\n        self.n = C[0]\n"
	const b = "    @task\n    def b(self, client): client.get(f'/{self.n}')\n"
	const class = "C = [0]\n@scenario\nclass Shop(VUser):\n"
	tests := map[string]string{
		"alias":   class + count + "    relogin = on_start\n    @task\n    def a(self, client): self.relogin(client)\n" + b,
		"getattr": class + count + "    @task\n    def a(self, client): getattr(self, 'on_start')(client)\n" + b,
		"marked":  class + "    @task\n" + strings.Replace(count, "on_start", "a", 1) + "    on_start = a\n" + b,
		"closure": `X = 0
def make():
    X = 1
    @scenario
    class Shop(VUser):
        @task
        def a(self, client):
            nonlocal X
            X += 1
        @task
        def b(self, client): client.get(f"/{X}")
make()
`,
	}
	for label, script := range tests {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, script, Options{})
			client := &fakeClient{}
			require.Equal(t, Outcome{}, u.Start(t.Context(), client))
			for i, task := range []int{1, 0, 1, 0, 1} {
				require.Equal(t, Outcome{}, u.Run(t.Context(), int64(i), task, client))
			}
			require.Equal(t, []string{"GET /1", "GET /2", "GET /3"}, client.urls())
		})
	}
}

// A task that is on_start itself changes what it wrote.
func TestStartAsTask(t *testing.T) {
	t.Parallel()
	u := newUser(t, `
C = [0]
@scenario
class Shop(VUser):
    @task
    def on_start(self, client):
        C[0] += 1
        self.n = C[0]
    @task
    def b(self, client): client.get(f"/{self.n}")
`, Options{})
	client := &fakeClient{}
	require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	for i, task := range []int{0, 1, 0} {
		require.Equal(t, Outcome{}, u.Run(t.Context(), int64(i), task, client))
	}
	require.Equal(t, []string{"GET /1", "GET /2"}, client.urls())
}

func TestReadsBody(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"def check_t(self, status, body): assert status == 200":                  false,
		"def check_t(self, status, body): assert body":                           true,
		"def check_t(self, status, body): assert (lambda: body)()":               true,
		"def check_t(self, *args): assert args[0] == 200":                        true,
		"def check_t(self, status, body): assert locals()":                       true,
		"check_t = lambda self, status, body: status == 200":                     true,
		"def check_t(self, status, other, extra=None): assert status == 200":     true,
		"async def check_t(self, status_code: int, _: dict): assert status_code": false,
	}
	for check, want := range tests {
		s, err := newSource("script.py", []byte(prelude+"@scenario\nclass Shop(VUser):\n    "+check+"\n"))
		require.NoError(t, err)
		a := &analysis{usage: s.usage(), classes: []*body{newBody(s.class("Shop").Body)}}
		require.Equal(t, want, a.readsBody("check_t"), check)
	}
}

// A file that binds many names, in methods too, must not take long.
func TestManyNames(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "n%d = %d\n", i, i)
	}
	b.WriteString("@scenario\nclass Shop(VUser):\n")
	for i := range 2_000 {
		fmt.Fprintf(&b, "    @task\n    def t%d(self, client): client.get(f'/{n%d}')\n", i, i)
	}
	u := newUser(t, b.String(), Options{})
	for _, code := range u.runner.tasks {
		require.True(t, code.ready, code.name)
	}
}

// TestReadyRequests checks that ready requests are the same objects each time, are those
// of their user, and are made anew after another start.
func TestReadyRequests(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
@scenario
class Shop(VUser):
    def on_start(self, client):
        self.token = client.get("/login").text
    @task
    def t(self, client):
        client.get("/a", headers={"T": self.token})
        client.batch([{"path": "/b"}, {"path": "/c"}])
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	r, err := p.NewRunner(t.Context(), plan, Options{})
	require.NoError(t, err)
	token := 0
	client := &fakeClient{answer: func(r *Request) *Response {
		if r.URL == "/login" {
			token++
		}
		return &Response{Status: 200, Body: []byte{byte('0' + token)}}
	}}
	first, second := r.NewUser(), r.NewUser()
	require.Equal(t, Outcome{}, first.Start(t.Context(), client))
	require.Equal(t, Outcome{}, second.Start(t.Context(), client))
	client.urls()
	run := func(u *User) []*Request {
		require.Equal(t, Outcome{}, u.Run(t.Context(), 0, 0, client))
		reqs := client.requests
		require.Equal(t, []string{"GET /a", "GET /b", "GET /c"}, client.urls())
		return reqs
	}
	a, b, c := run(first), run(first), run(second)
	for i := range a {
		require.Same(t, a[i], b[i])
	}
	require.Equal(t, "1", a[0].Header[0].Value)
	require.Equal(t, "2", c[0].Header[0].Value)
	require.Equal(t, Outcome{}, first.Start(t.Context(), client))
	client.urls()
	require.Equal(t, "3", run(first)[0].Header[0].Value)
}

// A list can be changed in place, so a request made of one is not kept.
func TestMutableAttributesAreNotReady(t *testing.T) {
	t.Parallel()
	u := newUser(t, `
@scenario
class Shop(VUser):
    def on_start(self, client): self.items = []
    @task
    def a(self, client): client.post("/", json=self.items)
    @task
    def b(self, client): self.items.append(1)
`, Options{})
	client := &fakeClient{}
	require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	for i, task := range []int{0, 1, 0} {
		require.Equal(t, Outcome{}, u.Run(t.Context(), int64(i), task, client))
	}
	require.Equal(t, "[]", string(client.requests[0].Body))
	require.Equal(t, "[1]", string(client.requests[1].Body))
}
