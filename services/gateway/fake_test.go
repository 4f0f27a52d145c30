package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bus is a bus in memory. It plays every port of the gateway.
type bus struct {
	mu       sync.Mutex
	runs     []load.Run
	revision uint64
	sources  map[string][]byte
	secrets  map[string]load.Secrets
	results  map[string][]byte
	live     map[string]chan load.Live // by run id
	watch    chan load.Run
	alive    []load.GeneratorStatus
	away     error // what every call returns, if set
	raced    int   // updates that are to fail with a conflict
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// errMissing is how an adapter says it.
var errMissing = fmt.Errorf("%w: vendor: err_code=10037", load.ErrNotFound)

func newBus() *bus {
	return &bus{
		sources: map[string][]byte{}, secrets: map[string]load.Secrets{}, results: map[string][]byte{},
		live: map[string]chan load.Live{}, watch: make(chan load.Run, 1000),
	}
}

func (b *bus) Create(_ context.Context, run load.Run) (load.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.index(run.ID) >= 0 {
		return load.Run{}, load.ErrConflict
	}
	b.revision++
	run.Revision = b.revision
	b.runs = append(b.runs, run)
	return run, b.away
}

func (b *bus) index(id string) int {
	return slices.IndexFunc(b.runs, func(r load.Run) bool { return r.ID == id })
}

func (b *bus) Get(_ context.Context, id string) (load.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return load.Run{}, b.away
	}
	i := b.index(id)
	if i < 0 {
		return load.Run{}, errMissing
	}
	return b.runs[i], nil
}

func (b *bus) List(context.Context) ([]load.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.runs)
	slices.Reverse(out)
	return out, b.away
}

func (b *bus) Update(_ context.Context, run load.Run) (load.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.raced > 0 {
		b.raced--
		return load.Run{}, load.ErrConflict
	}
	b.revision++
	run.Revision = b.revision
	b.runs[b.index(run.ID)] = run
	b.watch <- run
	return run, nil
}

// become moves a run to a state, as the other services do.
func (b *bus) become(id string, state load.State) {
	run, _ := b.Get(context.Background(), id)
	run.State = state
	_, _ = b.Update(context.Background(), run)
}

func (b *bus) Watch(ctx context.Context) (<-chan load.Run, error) {
	if b.away != nil {
		return nil, b.away
	}
	out := make(chan load.Run)
	go func() {
		defer close(out)
		for {
			select {
			case run, open := <-b.watch:
				if !open {
					return
				}
				select {
				case out <- run:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

func (b *bus) Put(_ context.Context, source []byte) (string, error) {
	sum := sha256.Sum256(source)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sources[hex.EncodeToString(sum[:])] = bytes.Clone(source)
	return hex.EncodeToString(sum[:]), b.away
}

func (b *bus) Result(_ context.Context, id string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return nil, b.away
	}
	if r, ok := b.results[id]; ok {
		return r, nil
	}
	return nil, errMissing
}

func (b *bus) publishResult(id, result string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results[id] = []byte(result)
}

func (b *bus) Subscribe(_ context.Context, run string) (<-chan load.Live, error) {
	return b.lines(run), nil
}

func (b *bus) lines(run string) chan load.Live {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.live[run] == nil {
		b.live[run] = make(chan load.Live)
	}
	return b.live[run]
}

// tell publishes a live line and returns when the gateway has it.
func (b *bus) tell(line load.Live) { b.lines(line.RunID) <- line }

func (b *bus) Now() time.Time { return noon }

// secretStore is the bus as the store of secrets.
type secretStore struct{ *bus }

func (s secretStore) Put(_ context.Context, run string, secrets load.Secrets) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored, ok := s.secrets[run]; ok && !reflect.DeepEqual(stored, secrets) {
		return load.ErrConflict
	}
	s.secrets[run] = secrets
	return s.away
}

func (s secretStore) Delete(_ context.Context, run string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.secrets, run)
	return s.away
}

type fleet struct{ *bus }

func (f fleet) List(context.Context) ([]load.GeneratorStatus, error) { return f.alive, f.away }

// program is a compiled file: its scenarios are the words of the source.
type program []string

func (p program) Names() []string { return p }

func (p program) Plan(name string) (load.Plan, error) {
	if name == "" {
		name = p[0]
	}
	return load.Plan{
		Scenario: name,
		Shape:    load.Shape{Mode: load.ModeRamp, RPS: 10, Duration: time.Minute, RampUp: 10 * time.Second, Steps: 5},
		Tasks:    []load.Task{{Name: "browse", Weight: 5}, {Name: "purchase", Weight: 1}},
		MaxUsers: load.DefaultMaxUsers, MaxLag: load.DefaultMaxLag, Timeout: load.DefaultTimeout,
		GracefulStop: load.DefaultGracefulStop, Thresholds: []load.Threshold{{Metric: "p99_ms", Limit: 500}},
	}, nil
}

// compile makes a program of the words of a source; one that says def is left to the script engine.
func compile(ctx context.Context, req Request) (Program, error) {
	if strings.Contains(req.Source, "def") {
		return scenario.Compile(ctx, req.File, []byte(req.Source), scenario.Options{Files: req.Files, Env: req.Env})
	}
	return program(strings.Fields(req.Source)), nil
}

// fixture is a gateway that serves on loopback.
type fixture struct {
	t   *testing.T
	bus *bus
	url string
	end func() // stops the gateway and waits
}

func setup(t *testing.T, changes ...func(*Config, *Deps)) *fixture {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b := newBus()
	config := DefaultConfig()
	config.MaxBodyBytes, config.ResultWait, config.KeepAlive = 4096, 500*time.Millisecond, time.Hour
	deps := Deps{
		Logger: slog.New(slog.DiscardHandler), Listener: listener, Compile: compile, Runs: b, Watcher: b, Scenarios: b, Secrets: secretStore{b},
		Results: b, Live: b, Fleet: fleet{b}, Clock: b, Version: "test",
		Ops: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "ops "+r.URL.Path) }),
	}
	for _, change := range changes {
		change(&config, &deps)
	}
	s, err := New(config, deps)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	f := &fixture{t: t, bus: b, url: "http://" + listener.Addr().String()}
	f.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(f.end)
	return f
}

// answer is an HTTP answer that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// problem returns the problem that the answer is, of that status.
func (a answer) problem(t *testing.T, status int) Problem {
	t.Helper()
	require.Equal(t, status, a.status, "%s", a.body)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	p := decode[Problem](t, a)
	require.Equal(t, status, p.Status)
	require.Equal(t, http.StatusText(status), p.Title)
	return p
}

func (f *fixture) do(method, path string, body io.Reader, header ...string) answer {
	f.t.Helper()
	resp := f.open(method, path, body, header...)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	return answer{resp.StatusCode, resp.Header, b}
}

// open sends a request; header holds names and values in turn.
func (f *fixture) open(method, path string, body io.Reader, header ...string) *http.Response {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, body)
	require.NoError(f.t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(header, 2) {
		if req.Header.Set(pair[0], pair[1]); pair[0] == "Host" {
			req.Host = pair[1]
		}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(f.t, err)
	return resp
}

func (f *fixture) get(path string) answer { return f.do(http.MethodGet, path, http.NoBody) }

func (f *fixture) post(path string, body any, header ...string) answer {
	f.t.Helper()
	b, err := json.Marshal(body)
	require.NoError(f.t, err)
	return f.do(http.MethodPost, path, bytes.NewReader(b), header...)
}

// submitted submits a small run and returns its id.
func (f *fixture) submitted() string {
	f.t.Helper()
	a := f.post("/v1/runs", map[string]any{"source": "Checkout", "target": "http://127.0.0.1:1"})
	require.Equal(f.t, http.StatusCreated, a.status, "%s", a.body)
	return decode[Run](f.t, a).ID
}

func decode[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
