package scenario

import (
	"context"
	"iter"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// prelude is the first line of the scripts in these tests.
const prelude = "from loadpilot import LoadClient, VUser, scenario, task\n"

// fakeClient answers without a network and remembers what it was asked.
type fakeClient struct {
	answer func(*Request) *Response // nil: 200 without a body

	mu       sync.Mutex
	requests []*Request
	measures []Measure
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

func (c *fakeClient) Measure(m Measure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.measures = append(c.measures, m)
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
	p, err := Compile(t.Context(), "script.py", []byte(prelude+script), Options{})
	require.NoError(t, err)
	return p
}

// newUser makes the first user of the only scenario of a script.
func newUser(t *testing.T, script string, opts Options) *User {
	t.Helper()
	p := compileScript(t, script)
	plan, err := p.Plan("")
	require.NoError(t, err)
	r, err := p.NewRunner(t.Context(), plan, opts)
	require.NoError(t, err)
	return r.NewUser()
}
