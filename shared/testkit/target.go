package testkit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
)

const (
	// HeaderIteration carries the number of the iteration that a request belongs to.
	HeaderIteration = "X-Iteration"
	// RecordPath is where a target answers with its Record; asking for it leaves no trace in it.
	RecordPath = "/__record"
)

// TargetConfig is how a target answers. The zero value says 200 with a small JSON body at once.
type TargetConfig struct {
	// Latency is how long an answer takes, and Spread what comes on top of it.
	Latency time.Duration
	Spread  Spread
	// Status of the answers, 200 by default.
	Status int
	// CloseEvery closes the connection of every n-th request unanswered; 0 closes none.
	CloseEvery int
	// Requests that arrive from StallFrom until before StallTo, counted since the first request, are held until StallTo.
	StallFrom, StallTo time.Duration
	// Handler answers in place of Status, once the request is recorded and the latency over.
	Handler http.Handler
}

// Target is an HTTP service that keeps a record of its requests. It is an http.Handler, safe for concurrent use.
type Target struct {
	cfg TargetConfig
	url string

	mu     sync.Mutex
	record Record
}

// NewTarget returns a target that does not listen yet.
func NewTarget(cfg TargetConfig) *Target {
	return &Target{cfg: cfg, record: Record{Paths: make(map[string]int)}}
}

// StartTarget returns a target that listens on loopback until the test ends.
func StartTarget(tb testing.TB, cfg TargetConfig) *Target {
	tb.Helper()
	target := NewTarget(cfg)
	server := httptest.NewUnstartedServer(target)
	server.Listener = &countedListener{server.Listener, target}
	lifecycle.WithHTTP2(server.Config)
	withConn(server.Config)
	server.Start()
	tb.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	target.url = server.URL
	return target
}

// StartTargetProcess starts a target in a process of its own, with the flags of the command in folder target, and
// returns its URL. FetchRecord asks it for its record.
func StartTargetProcess(tb testing.TB, flags ...string) string {
	tb.Helper()
	path := Binary(tb, "LOADPILOT_TEST_TARGET", "github.com/loadpilot/loadpilot/shared/testkit/target")
	return Start(tb, Command{Path: path, Args: flags}).Line(tb)
}

// URL is where a started target can be reached, without a closing slash.
func (t *Target) URL() string { return t.url }

// Record returns what has arrived until now.
func (t *Target) Record() Record {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.record.clone()
}

// ServeHTTP records a request and answers it.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == RecordPath {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(t.Record())
		return
	}
	began := time.Now()
	n, at := t.note(r, began)
	if t.cfg.CloseEvery > 0 && n%t.cfg.CloseEvery == 0 {
		hangUp(r)
	}
	delay := t.cfg.Latency + t.cfg.Spread.Delay(n)
	if at >= t.cfg.StallFrom && at < t.cfg.StallTo {
		delay += t.cfg.StallTo - at
	}
	if !wait(r.Context(), delay) {
		return
	}
	defer func() { t.answered(time.Since(began)) }()
	if t.cfg.Handler != nil {
		t.cfg.Handler.ServeHTTP(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(cmp.Or(t.cfg.Status, http.StatusOK))
	_, _ = io.WriteString(w, `{"ok":true}`)
}

// note records a request and returns its number, from 1, and the time since the first one.
func (t *Target) note(r *http.Request, now time.Time) (n int, at time.Duration) {
	iteration, err := strconv.ParseInt(r.Header.Get(HeaderIteration), 10, 64)
	if err != nil {
		iteration = NoIteration
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.record.At) == 0 {
		t.record.First = now
	}
	at = now.Sub(t.record.First)
	t.record.At = append(t.record.At, at)
	t.record.Iterations = append(t.record.Iterations, iteration)
	t.record.Paths[r.Method+" "+r.URL.Path]++
	return len(t.record.At), at
}

// answered records how long a request was held.
func (t *Target) answered(held time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record.Held = append(t.record.Held, held)
}

// connected records a connection.
func (t *Target) connected(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record.Connections = append(t.record.Connections, at)
}

// countedListener tells a target of its connections.
type countedListener struct {
	net.Listener

	target *Target
}

func (l *countedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.target.connected(time.Now())
	}
	return conn, err
}

// connKey is the key of the connection in the context of a request.
type connKey struct{}

// withConn lets handlers of a server find the connection of a request.
func withConn(server *http.Server) {
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
}

// hangUp closes the connection of a request without an answer.
func hangUp(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// wait reports whether it was left to finish.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// ListenAndServe makes the target a process of its own: it listens on addr, prints its URL as the first line of out and
// answers until ctx ends.
func (t *Target) ListenAndServe(ctx context.Context, addr string, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	if _, err := fmt.Fprintf(out, "http://%s\n", listener.Addr()); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	return lifecycle.Serve(ctx, &countedListener{listener, t}, t, lifecycle.WithHTTP2, withConn)
}
