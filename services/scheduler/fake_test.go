package scheduler

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// bus is a bus in memory: it keeps records by compare-and-swap, drops tokens whose id it has, and can be cut off.
type bus struct {
	mu        sync.Mutex
	runs      map[string]load.Run
	revision  uint64
	watchers  map[chan load.Run]struct{}
	fleet     []load.GeneratorStatus
	tokens    []published
	have      map[string]bool
	consumers map[string]time.Time // run → when its consumer was opened
	closed    map[string]int
	awayTill  time.Time
	outage    time.Duration // that begins when a consumer has been opened
	ahead     time.Duration // of the bus time: it grows at once, as for a process that was frozen
	copies    int           // tokens that were there already
}

// published is a token with the moment at which the bus stored it.
type published struct {
	load.Token
	at time.Time
}

func newBus() *bus {
	return &bus{
		runs: map[string]load.Run{}, watchers: map[chan load.Run]struct{}{}, have: map[string]bool{},
		consumers: map[string]time.Time{}, closed: map[string]int{},
	}
}

func (b *bus) lock() (unlock func(), err error) {
	b.mu.Lock()
	if time.Now().Before(b.awayTill) {
		b.mu.Unlock()
		return nil, load.ErrUnavailable
	}
	return b.mu.Unlock, nil
}

// put stores a record as the gateway does, whatever is there.
func (b *bus) put(run load.Run) load.Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.store(run)
}

func (b *bus) store(run load.Run) load.Run {
	b.revision++
	run.Revision = b.revision
	b.runs[run.ID] = run
	for ch := range b.watchers {
		ch <- run
	}
	return run
}

func (b *bus) get(id string) load.Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.runs[id]
}

// change applies a change to the present record.
func (b *bus) change(id string, do func(*load.Run)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	run := b.runs[id]
	do(&run)
	b.store(run)
}

func (b *bus) stored() []published {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.tokens)
}

func (b *bus) Watch(ctx context.Context) (<-chan load.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	in, out := make(chan load.Run, 1000), make(chan load.Run)
	for _, run := range b.runs {
		in <- run
	}
	b.watchers[in] = struct{}{}
	go func() {
		defer close(out)
		for {
			select {
			case run := <-in:
				select {
				case out <- run:
					continue
				case <-ctx.Done():
				}
			case <-ctx.Done():
			}
			b.mu.Lock()
			delete(b.watchers, in)
			b.mu.Unlock()
			return
		}
	}()
	return out, nil
}

func (b *bus) Get(_ context.Context, id string) (load.Run, error) {
	unlock, err := b.lock()
	if err != nil {
		return load.Run{}, err
	}
	defer unlock()
	return b.runs[id], nil
}

func (b *bus) Update(_ context.Context, run load.Run) (load.Run, error) {
	unlock, err := b.lock()
	if err != nil {
		return load.Run{}, err
	}
	defer unlock()
	if b.runs[run.ID].Revision != run.Revision {
		return load.Run{}, load.ErrConflict
	}
	return b.store(run), nil
}

func (b *bus) Open(_ context.Context, run load.Run, _ time.Duration) error {
	unlock, err := b.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := b.consumers[run.ID]; !ok {
		b.consumers[run.ID] = time.Now()
	}
	b.awayTill = time.Now().Add(b.outage)
	return nil
}

// Publish stores tokens even if ctx has ended, as a bus may.
func (b *bus) Publish(_ context.Context, _ string, tokens []load.Token) error {
	unlock, err := b.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, t := range tokens {
		if b.have[t.ID()] {
			b.copies++
			continue
		}
		b.have[t.ID()] = true
		b.tokens = append(b.tokens, published{Token: t, at: time.Now().Add(b.ahead)})
	}
	return nil
}

func (b *bus) LastSecond(_ context.Context, run load.Run) (int, bool, error) {
	unlock, err := b.lock()
	if err != nil {
		return 0, false, err
	}
	defer unlock()
	for _, t := range slices.Backward(b.tokens) {
		if t.Run == run.ID {
			return t.Second, true, nil
		}
	}
	return 0, false, nil
}

func (b *bus) Close(_ context.Context, run load.Run) error {
	unlock, err := b.lock()
	if err != nil {
		return err
	}
	defer unlock()
	b.closed[run.ID]++
	return nil
}

func (b *bus) List(context.Context) ([]load.GeneratorStatus, error) {
	unlock, err := b.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return slices.Clone(b.fleet), nil
}

func (b *bus) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.ahead)
}

// prepared lets n generators announce that they have prepared a run.
func (b *bus) prepared(id string, n int, errText string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range n {
		b.fleet = append(b.fleet, load.GeneratorStatus{Pool: "p", Prepared: map[string]load.Prepared{id: {Error: errText}}})
	}
}

// replica starts a scheduler on the bus; stop ends it and waits.
func replica(t *testing.T, b *bus) (stop func()) {
	t.Helper()
	s, err := New(DefaultConfig(), Deps{Runs: b, Tokens: b, Fleet: b, Clock: b, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// pendingRun plans rps iterations in each of seconds seconds.
func pendingRun(id string, rps float64, seconds int) load.Run {
	return load.Run{
		ID: id, CreatedAt: time.Now(), Pool: "p", Generators: 1, State: load.StatePending,
		Plan: load.Plan{
			Scenario: "S", Target: "http://127.0.0.1",
			Shape:  load.Shape{Mode: load.ModeConstant, RPS: rps, Duration: time.Duration(seconds) * time.Second},
			Tasks:  []load.Task{{Name: "browse", Weight: 5}, {Name: "buy", Weight: 1}},
			MaxLag: load.DefaultMaxLag, MaxUsers: 1, Timeout: time.Second,
		},
	}
}
