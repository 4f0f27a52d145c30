package service

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/internal/auth"
	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const document = `{
  "openapi": "3.0.3",
  "paths": {
    "/users/{id}": {
      "get": {"parameters": [
        {"name": "verbose", "in": "query", "required": true, "example": "yes"}
      ]},
      "delete": {},
      "parameters": [{"name": "id", "in": "path", "required": true, "example": "u-1"}]
    },
    "/secret/{key}": {"get": {}},
    "/users": {"post": {"requestBody": {"content": {"application/json": {"schema": {
      "type": "object", "required": ["name"], "properties": {"name": {"type": "string", "enum": ["alice"]}}
    }}}}}},
    "/events": {"get": {"responses": {"200": {"content": {"text/event-stream": {}}}}}}
  }
}`

// api serves the document and notes what arrives beside it.
type api struct {
	*http.ServeMux

	mu       sync.Mutex
	requests []string
	token    string // that is demanded
}

func newAPI() *api {
	a := &api{ServeMux: http.NewServeMux()}
	a.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, document) })
	a.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		var form struct {
			User     string `json:"user"`
			Password string `json:"password"`
		}
		if json.NewDecoder(r.Body).Decode(&form) != nil || form.Password != "hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"token": "t0ken-of-" + form.User})
	})
	a.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, "data: x\n\n"); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
		}
	})
	a.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.requests = append(a.requests, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		if a.token != "" && r.Header.Get("Authorization") != "Bearer "+a.token {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "not with "+r.Header.Get("Authorization"))
		}
	})
	return a
}

func TestAllMakesWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	a := newAPI()
	s := Service{Handler: a}
	base := run.Config{Requests: 1, Clients: 1, InProcess: true}
	jobs, skipped, err := s.All(t.Context(), base, nil, false)
	require.NoError(t, err)
	assert.Equal(t, []Skipped{
		{"DELETE", "/users/{id}", "may change something: --unsafe runs it"},
		{"GET", "/secret/{key}", "needs a value for {key}"},
		{"POST", "/users", "may change something: --unsafe runs it"},
	}, skipped)
	require.Len(t, jobs, 2)
	assert.Equal(t, run.ProtocolStream, jobs[1].Protocol)

	jobs, skipped, err = s.All(t.Context(), base, nil, true)
	require.NoError(t, err)
	assert.Len(t, skipped, 1)
	for _, job := range jobs {
		result, err := s.Run(t.Context(), job, nil)
		require.NoError(t, err)
		assert.Equal(t, int64(1), result.Metrics.RequestsSucceeded, "%+v", result.Errors)
	}
	assert.Equal(t, []string{"GET /users/u-1?verbose=yes ", "DELETE /users/u-1 ", `POST /users {"name":"alice"}`}, a.requests)
}

// A route that answers with events is not taken for a slow one, if the document says so.
func TestStreamsAreRecognized(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "openapi.json")
	require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
	s := Service{Handler: newAPI(), Spec: file}
	c, err := s.Describe(t.Context(), run.Config{Method: "GET", Path: "/events", InProcess: true, Requests: 3}, false)
	require.NoError(t, err)
	assert.Equal(t, run.ProtocolStream, c.Protocol)
	result, err := s.Run(t.Context(), c, nil)
	require.NoError(t, err)
	require.NotNil(t, result.Stream)
	assert.Equal(t, int64(3*run.DefaultEvents), result.Stream.Events)
	assert.Zero(t, result.Metrics.RequestsFailed)

	c, err = s.Describe(t.Context(), run.Config{Method: "POST", Path: "/users"}, false)
	require.NoError(t, err)
	assert.Empty(t, c.Protocol)
	assert.Nil(t, c.PayloadFunc)
	c, err = s.Describe(t.Context(), run.Config{Method: "POST", Path: "/users"}, true)
	require.NoError(t, err)
	body, err := c.PayloadFunc(0)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name": "alice"}`, string(body))
	assert.Equal(t, []run.Pair{{Name: "Content-Type", Value: "application/json"}}, c.Headers)
}

// Without a document, and without being told, the header of an answer says whether it is a stream.
func TestStreamsAreRecognizedByTheirHeader(t *testing.T) {
	t.Parallel()
	for _, inProcess := range []bool{true, false} {
		a := newAPI()
		a.HandleFunc("GET /lines", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.Header().Set("Content-Length", "6")
			_, _ = w.Write([]byte("{}\n{}\n"))
		})
		server := httptest.NewServer(a)
		t.Cleanup(server.Close)
		s := Service{Handler: a, Target: server.URL}
		for want, c := range map[int64]run.Config{
			3 * run.DefaultEvents: {Path: "/events"},
			3 * 2:                 {Path: "/events", Events: 2},
		} {
			c.InProcess, c.Requests, c.Clients = inProcess, 3, 1
			result, err := s.Run(t.Context(), c, nil)
			require.NoError(t, err)
			require.NotNil(t, result.Stream)
			assert.Equal(t, want, result.Stream.Events)
			assert.Equal(t, int64(3), result.Metrics.RequestsSucceeded, "what was cut off at its header does not count")
		}
		result, err := s.Run(t.Context(), run.Config{Path: "/plain", Query: []run.Pair{{Name: "n", Value: "{{seq}}-{{client}}"}}, InProcess: inProcess, Requests: 2, Clients: 1, Events: 5}, nil)
		require.NoError(t, err)
		assert.Nil(t, result.Stream)
		assert.Zero(t, result.Config.Events)
		lines, err := s.Run(t.Context(), run.Config{Path: "/lines", InProcess: inProcess, Requests: 2, Clients: 1}, nil)
		require.NoError(t, err)
		assert.Nil(t, lines.Stream, "an answer of a known length is none")
		assert.Equal(t, int64(2), lines.Metrics.RequestsSucceeded)
		assert.Equal(t, []string{"GET /plain?n=0-0 ", "GET /plain?n=1-0 "}, a.requests, "other answers are asked for once")
		result, err = s.Run(t.Context(), run.Config{Path: "/events", Protocol: run.ProtocolHTTP, InProcess: inProcess, Requests: 1, Timeout: 50 * time.Millisecond}, nil)
		require.NoError(t, err)
		assert.Equal(t, map[string]int64{load.ErrorTimeout: 1}, result.Classes, "it was said that they are no streams")
	}
}

// One odd route is left out, and the others are run.
func TestAllLeavesOutWhatIsOdd(t *testing.T) {
	t.Parallel()
	odd := discovered{
		{Method: "GET", Path: "/a b"},
		{Method: "GET", Path: "/x/{id}", Params: []string{"id"}, Examples: map[string]string{"id": "{{x}}"}, Query: []route.Param{{Name: "q", Required: true, Example: "{{"}}},
		{Method: "GET", Path: "/given", Query: []route.Param{{Name: "page", Required: true}}},
		{Method: "GET", Path: "/stream", Streams: true},
	}
	a := newAPI()
	s := Service{Handler: a, Discoverer: odd}
	base := run.Config{Requests: 1, Clients: 1, InProcess: true, Events: 3, Query: []run.Pair{{Name: "page", Value: "{{seq}}"}}}
	jobs, skipped, err := s.All(t.Context(), base, nil, false)
	require.NoError(t, err)
	assert.Equal(t, []Skipped{{"GET", "/a b", `path: "/a b" holds a blank or a control character; percent-encode it`}}, skipped)
	require.Len(t, jobs, 3)
	assert.Equal(t, run.ProtocolStream, jobs[2].Protocol)
	for _, job := range jobs[:2] {
		job.Protocol = run.ProtocolHTTP
		_, err := s.Run(t.Context(), job, nil)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"GET /x/%7B%7Bx%7D%7D?page=0&q=%7B%7B ", "GET /given?page=0 "}, a.requests)

	base.Clients = run.MaxClients + 1
	_, _, err = s.All(t.Context(), base, nil, false)
	require.ErrorIs(t, err, load.ErrInvalid, "that is about no route")
}

// discovered are routes that are known.
type discovered []route.Route

func (d discovered) Routes(context.Context) (route.Set, error) { return route.Set{Routes: d}, nil }

// A stream that was to be one answer is none, but the result says what it looks like.
func TestAnswersThatDoNotEnd(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newAPI())
	t.Cleanup(server.Close)
	c := run.Config{Path: "/events", Protocol: run.ProtocolHTTP, Requests: 2, Timeout: 50 * time.Millisecond}
	result, err := Service{Target: server.URL}.Run(t.Context(), c, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{load.ErrorTimeout: 2}, result.Classes)
	assert.Equal(t, []string{"answers began, but none ended within 50ms; if they are streams, --stream counts their events"}, result.Warnings)
}

// The user is logged in before the clock starts, and what was secret is nowhere in the result.
func TestUsersAreLoggedIn(t *testing.T) {
	t.Parallel()
	profile := &run.Login{URL: "/login", Body: `{"user": "{{user}}", "password": "{{password}}"}`, Token: "token", PasswordEnv: "PASSWORD"}
	for _, inProcess := range []bool{true, false} {
		a := newAPI()
		a.token = "t0ken-of-alice"
		server := httptest.NewServer(a)
		t.Cleanup(server.Close)
		s := Service{
			Handler: a, Target: server.URL, Login: profile,
			Getenv: func(name string) string { return map[string]string{"PASSWORD": "hunter2"}[name] },
		}
		result, err := s.Run(t.Context(), run.Config{Path: "/me", AuthAs: "alice", InProcess: inProcess, Requests: 20}, nil)
		require.NoError(t, err)
		assert.Equal(t, map[string]int64{"200": 20}, result.StatusCodes)

		token, err := s.Token(t.Context(), "alice", inProcess, false)
		require.NoError(t, err)
		assert.Equal(t, a.token, token)

		a.token = "another" // the API complains, and shows what it was sent
		result, err = s.Run(t.Context(), run.Config{Path: "/me", AuthAs: "alice", InProcess: inProcess, Requests: 20}, nil)
		require.NoError(t, err)
		text, err := json.Marshal(result)
		require.NoError(t, err)
		assert.Contains(t, string(text), "not with ***")
		assert.NotContains(t, string(text), "t0ken-of-alice")
		assert.NotContains(t, string(text), "hunter2")
	}
	s := Service{Login: profile}
	_, err := s.Token(t.Context(), "alice", false, false)
	require.ErrorIs(t, err, load.ErrInvalid)
	_, err = s.Token(t.Context(), "alice", true, false)
	require.ErrorIs(t, err, errNoHandler)
}

// A file in the folder that a program runs in does not decide where the program sends passwords.
func TestWhichProfileCounts(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir(filepath.Dir(auth.DefaultFile), 0o700))
	const profile = "url: http://%s.test/\nbody: '{{user}}{{password}}'\ntoken: t\n"
	require.NoError(t, os.WriteFile(auth.DefaultFile, fmt.Appendf(nil, profile, "folder"), 0o600))
	require.NoError(t, os.WriteFile("named.yaml", fmt.Appendf(nil, profile, "named"), 0o600))
	own := &run.Login{URL: "http://own.test/"}
	for want, s := range map[string]Service{
		"http://own.test/":    {Login: own},
		"http://named.test/":  {Login: own, Profile: "named.yaml"},
		"http://folder.test/": {},
	} {
		l, err := s.profile()
		require.NoError(t, err)
		assert.Equal(t, want, l.URL)
	}
}

// A token is not shown to another origin, whatever the header is called that it is sent in.
func TestTokensStayWithTheirOrigin(t *testing.T) {
	t.Parallel()
	for _, protocol := range []run.Protocol{run.ProtocolHTTP, run.ProtocolStream} {
		seen := make(chan http.Header, 1)
		other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header }))
		t.Cleanup(other.Close)
		a := newAPI()
		a.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Tenant") == "t0ken-of-alice" {
				http.Redirect(w, r, other.URL, http.StatusFound)
			}
		})
		server := httptest.NewServer(a)
		t.Cleanup(server.Close)
		s := Service{
			Target: server.URL, Getenv: func(string) string { return "hunter2" },
			Login: &run.Login{URL: "/login", Body: `{"user": "{{user}}", "password": "{{password}}"}`, Token: "token", Send: "X-Tenant: {{token}}"},
		}
		result, err := s.Run(t.Context(), run.Config{
			Path: "/away", AuthAs: "alice", Protocol: protocol, Redirects: 1, Requests: 1, Clients: 1,
			Headers: []run.Pair{{Name: "X-Auth-Token", Value: "t0ken-of-bob"}, {Name: "X-Other", Value: "open"}},
		}, nil)
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"200": 1}, result.StatusCodes, "%v", result.Errors)
		header := <-seen
		assert.NotContains(t, fmt.Sprint(header), "t0ken")
		assert.Equal(t, "open", header.Get("X-Other"))
	}
}
