package inprocess

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// lostEach is how many handlers may be given up for each client.
const lostEach = 10

// Target is a handler.
type Target struct {
	handler http.Handler
	clients atomic.Int64 // that were made
	lost    atomic.Int64 // calls that were given up
}

// New returns the target that is a handler.
func New(h http.Handler) *Target { return &Target{handler: h} }

// Mode implements run.Target.
func (t *Target) Mode() run.Mode { return run.ModeInProcess }

// NewClient implements run.Target.
func (t *Target) NewClient(context.Context) (run.Client, error) {
	t.clients.Add(1)
	return newClient(t), nil
}

// Close implements run.Target. Handlers that were given up may still run.
func (t *Target) Close() error { return nil }

// GaveUp returns why no more calls should be made, nil if they can be.
func (t *Target) GaveUp() error {
	if n := t.lost.Load(); n > lostEach*t.clients.Load() {
		return fmt.Errorf("%d calls of the handler have not returned, not even when their context was cancelled", n)
	}
	return nil
}
