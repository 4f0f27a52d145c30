package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const script = `from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=50, mode="constant")
class Plain(VUser):
    @task
    def ask(self, client: LoadClient):
        client.get("/")
`

// mostOff is how far what is found may be from what is there.
const mostOff = 0.05

// scene is a server and what is demanded of it.
type scene struct {
	workers    int
	service    time.Duration
	thresholds []string
}

var scenes = []scene{
	{10, 20 * time.Millisecond, []string{"p99_ms<500"}}, // more than a queue of the length of a probe takes to show
	{4, 10 * time.Millisecond, nil},
	{50, 20 * time.Millisecond, []string{"p(95)<100", "error_rate<1"}},
}

func (s scene) capacity() float64 { return float64(s.workers) / s.service.Seconds() }

func main() {
	program := flag.String("loadpilot", "./loadpilot", "the program under test")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := prove(ctx, *program, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the deferred stop only restores signals
	}
}

// prove makes all searches, and fails if one is too far off.
func prove(ctx context.Context, program string, out io.Writer) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "loadpilot-capacity-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "plain.py"), []byte(script), 0o600); err != nil {
		return err
	}
	var failures []error
	for _, s := range scenes {
		found, err := search(ctx, program, dir, s)
		if err != nil {
			return err
		}
		off := found.RPS/s.capacity() - 1
		_, _ = fmt.Fprintf(out, "%d workers × %v, %v: found %g/s of %g/s, %+.1f %%, in %d probes\n",
			s.workers, s.service, s.thresholds, found.RPS, s.capacity(), 100*off, len(found.Probes))
		if math.Abs(off) > mostOff || !found.LimitFound {
			failures = append(failures, fmt.Errorf("%g/s is more than %g %% from %g/s", found.RPS, 100*mostOff, s.capacity()))
		}
	}
	return errors.Join(failures...)
}

// search lets the program find the capacity of a server.
func search(ctx context.Context, program, dir string, s scene) (found load.Capacity, err error) {
	server := httptest.NewServer(newWorkers(s.workers, s.service))
	defer server.Close()
	args := []string{"run", "plain.py", "-t", server.URL, "--find-capacity", "--json", "--quiet"}
	for _, t := range s.thresholds {
		args = append(args, "--threshold", t)
	}
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program under test
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), "XDG_STATE_HOME="+dir), os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return found, fmt.Errorf("%d workers × %v: %w", s.workers, s.service, err)
	}
	err = json.Unmarshal(text, &found)
	return found, err
}

// workers answer requests in the order in which they come. When each is free again is reckoned and not measured, so a timer that is
// late delays an answer but takes nothing off the capacity.
type workers struct {
	service time.Duration

	mu   sync.Mutex
	free []time.Time
}

func newWorkers(n int, service time.Duration) *workers {
	return &workers{service: service, free: make([]time.Time, n)}
}

func (w *workers) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(time.Until(w.take(time.Now()))):
		_, _ = io.WriteString(answer, "ok")
	case <-r.Context().Done():
	}
}

// take gives a request to the worker that is free first, and returns when it will be done.
func (w *workers) take(now time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := &w.free[0]
	for i := range w.free {
		if w.free[i].Before(*first) {
			first = &w.free[i]
		}
	}
	if first.Before(now) {
		*first = now
	}
	*first = first.Add(w.service)
	return *first
}
