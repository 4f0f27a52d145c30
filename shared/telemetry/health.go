package telemetry

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// checkTimeout is how long one readiness check may take.
const checkTimeout = 2 * time.Second

// Check reports why a part is not ready, or nil.
type Check func(context.Context) error

// Health is the named conditions under which a process is ready for work. The zero value has none: it is ready. It is
// safe for concurrent use.
type Health struct {
	mu     sync.Mutex
	checks map[string]Check
}

// Add registers a check; a second one of the same name takes the place of the first.
func (h *Health) Add(name string, check Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = make(map[string]Check)
	}
	h.checks[name] = check
}

// Report runs all checks at the same time, each for at most two seconds, and returns what they say by name: "ok" or
// the error. It is ready when all are ok.
func (h *Health) Report(ctx context.Context) (states map[string]string, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	states = make(map[string]string)
	ready = true
	var mu sync.Mutex
	var wg sync.WaitGroup
	h.mu.Lock()
	for name, check := range h.checks {
		wg.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				states[name], ready = RedactURL(err.Error()), false
				return
			}
			states[name] = "ok"
		})
	}
	h.mu.Unlock()
	wg.Wait()
	return states, ready
}

// ready answers 200 or 503 with what each check says.
func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	states, ready := h.Report(r.Context())
	w.Header().Set("Content-Type", "application/json")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(struct { // the asker may have gone
		Ready  bool              `json:"ready"`
		Checks map[string]string `json:"checks"`
	}{ready, states})
}
