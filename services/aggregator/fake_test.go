package aggregator

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// bus is a bus and a store in memory. Its clock is the test's.
type bus struct {
	mu       sync.Mutex
	wake     chan struct{} // closed and replaced when a stream has grown
	runs     map[string]load.Run
	revision uint64
	changes  []load.Run
	tokens   []load.Token
	records  []load.Record
	decided  map[string]bool
	results  map[string][]byte
	puts     int // results published
	live     []load.Live
	lease    load.Lease
	expires  time.Time
	owners   []string // in order of acquisition
	writes   []load.StoreUpdate
	refused  int
	down     bool                   // the store is away
	forget   bool                   // the store has lost everything
	fleet    []load.GeneratorStatus // that are alive
	blind    bool                   // the fleet cannot be listed
	looks    int                    // at the fleet
	refuse   string                 // what the event stream does not take: decisions of this kind, the "result", or "all"
}

func newBus() *bus {
	return &bus{wake: make(chan struct{}), runs: map[string]load.Run{}, decided: map[string]bool{}, results: map[string][]byte{}}
}

// with runs do under the lock and wakes the readers.
func (b *bus) with(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
	close(b.wake)
	b.wake = make(chan struct{})
}

func (b *bus) put(run load.Run) {
	b.with(func() { b.store(run) })
}

func (b *bus) store(run load.Run) load.Run {
	b.revision++
	run.Revision = b.revision
	b.runs[run.ID] = run
	b.changes = append(b.changes, run)
	return run
}

// unfinish makes it so that the owner died before it could publish the result and make the run done: nobody ever sees that
// record.
func (b *bus) unfinish(run load.Run) {
	b.changes = slices.DeleteFunc(b.changes, func(r load.Run) bool { return r.State.Final() })
	delete(b.results, run.ID)
	b.store(run)
}

func (b *bus) get(id string) load.Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.runs[id]
}

// follow sends what a growing list holds, from the first, until ctx ends.
func follow[T any](ctx context.Context, b *bus, list func() []T) <-chan T {
	out := make(chan T)
	go func() {
		defer close(out)
		for i := 0; ; {
			b.mu.Lock()
			rest, wake := slices.Clone(list()[i:]), b.wake
			b.mu.Unlock()
			for _, v := range rest {
				select {
				case out <- v:
					i++
				case <-ctx.Done():
					return
				}
			}
			if len(rest) > 0 {
				continue
			}
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// event appends an event to the stream.
func (b *bus) event(e load.Event) {
	b.with(func() {
		b.records = append(b.records, load.Record{Sequence: uint64(len(b.records)) + 1, Event: &e})
	})
}

type runStore struct{ *bus }

func (b runStore) Watch(ctx context.Context) (<-chan load.Run, error) {
	return follow(ctx, b.bus, func() []load.Run { return b.changes }), nil
}

func (b runStore) Get(_ context.Context, id string) (load.Run, error) { return b.get(id), nil }

func (b runStore) Update(_ context.Context, run load.Run) (out load.Run, err error) {
	b.with(func() {
		if b.runs[run.ID].Revision != run.Revision {
			err = load.ErrConflict
			return
		}
		out = b.store(run)
	})
	return out, err
}

type tokenWatch struct{ *bus }

func (b tokenWatch) Watch(ctx context.Context, _ load.Run) (<-chan load.Token, error) {
	return follow(ctx, b.bus, func() []load.Token { return b.tokens }), nil
}

func (b tokenWatch) LastSecond(context.Context, load.Run) (int, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.tokens) == 0 {
		return 0, false, nil
	}
	return b.tokens[len(b.tokens)-1].Second, true, nil
}

type eventLog struct{ *bus }

func (b eventLog) Replay(ctx context.Context, _ string) (<-chan load.Record, error) {
	return follow(ctx, b.bus, func() []load.Record { return b.records }), nil
}

func (b eventLog) Decide(_ context.Context, d load.Decision) (err error) {
	b.with(func() {
		if err = b.refusal(string(d.Kind)); err != nil {
			return
		}
		if !b.decided[d.ID()] {
			b.decided[d.ID()] = true
			b.records = append(b.records, load.Record{Sequence: uint64(len(b.records)) + 1, Decision: &d})
		}
	})
	return err
}

// refusal says whether the event stream takes what.
func (b *bus) refusal(what string) error {
	if b.refuse == what || b.refuse == "all" {
		return fmt.Errorf("%w: the event stream is full", load.ErrUnavailable)
	}
	return nil
}

type resultLog struct{ *bus }

func (b resultLog) PublishResult(_ context.Context, run string, result []byte) (err error) {
	b.with(func() {
		if err = b.refusal("result"); err == nil {
			b.puts++
			b.results[run] = result
		}
	})
	return err
}

func (b resultLog) Result(_ context.Context, run string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.results[run]; ok {
		return r, nil
	}
	return nil, load.ErrNotFound
}

type liveFeed struct{ *bus }

func (b liveFeed) Publish(_ context.Context, l load.Live) error {
	b.with(func() { b.live = append(b.live, l) })
	return nil
}

type fleetList struct{ *bus }

func (b fleetList) List(context.Context) ([]load.GeneratorStatus, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks++
	if b.blind {
		return nil, load.ErrUnavailable
	}
	return slices.Clone(b.fleet), nil
}

// alive is the status of instance i of a generator that has prepared run r.
func alive(name, instance string) load.GeneratorStatus {
	return load.GeneratorStatus{
		Generator: name, Instance: instance, Pool: "p", Prepared: map[string]load.Prepared{"r": {Users: 2}},
	}
}

// leases is the lease of one run, for 3 s.
type leases struct{ *bus }

func (b leases) Acquire(_ context.Context, run, owner string) (out load.Lease, err error) {
	b.with(func() {
		if time.Now().Before(b.expires) {
			err = load.ErrConflict
			return
		}
		b.owners = append(b.owners, owner)
		out = b.grant(load.Lease{Run: run, Owner: owner})
	})
	return out, err
}

func (b leases) grant(l load.Lease) load.Lease {
	l.Epoch = b.lease.Epoch + 1
	b.lease, b.expires = l, time.Now().Add(3*time.Second)
	return l
}

func (b leases) Renew(_ context.Context, l load.Lease) (out load.Lease, err error) {
	b.with(func() {
		if b.lease != l || !time.Now().Before(b.expires) {
			err = load.ErrConflict
			return
		}
		out = b.grant(l)
	})
	return out, err
}

func (b leases) Release(_ context.Context, l load.Lease) error {
	b.with(func() {
		if b.lease == l {
			b.expires = time.Time{}
		}
	})
	return nil
}

type store struct{ *bus }

func (b store) Write(_ context.Context, u load.StoreUpdate) (rewrite bool, err error) {
	b.with(func() {
		if b.down {
			b.refused++
			err = load.ErrUnavailable
			return
		}
		rewrite, b.forget = b.forget, false
		b.writes = append(b.writes, u)
	})
	return rewrite, err
}

type clock struct{}

func (clock) Now() time.Time { return time.Now() }

func deps(b *bus) Deps {
	return Deps{
		Runs: runStore{b}, Tokens: tokenWatch{b}, Events: eventLog{b}, Results: resultLog{b}, Live: liveFeed{b},
		Leases: leases{b}, Fleet: fleetList{b}, Store: store{b}, Clock: clock{}, Logger: slog.New(slog.DiscardHandler),
	}
}

// replica starts an aggregator; stop ends it and waits.
func replica(t *testing.T, d Deps, owner string) (stop func()) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Owner = owner
	s, err := New(cfg, d)
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

// fleet plays the scheduler and n generators of a run until all its arrivals are reported, or the run is stopped: tokens
// one second ahead, an event every 500 ms, each iteration answered at once.
func fleet(t *testing.T, b *bus, run load.Run, n int) {
	profile := mustProfile(t, run)
	var l log
	pending := make([][]load.Token, n)
	for half := -2; half <= 2*profile.Seconds(); half++ {
		time.Sleep(time.Until(run.T0.Add(time.Duration(half) * 500 * time.Millisecond)))
		present := b.get(run.ID)
		stopped := present.Stopped()
		if s := half/2 + 1; half%2 == 0 && s < profile.Seconds() && !stopped {
			toks := tokensOf(t, present, s)
			b.with(func() { b.tokens = append(b.tokens, toks...) })
			for i, tok := range toks {
				pending[i%n] = append(pending[i%n], tok)
			}
		}
		for g := range pending {
			e := load.Event{Users: 2}
			if stopped || half == 2*profile.Seconds() {
				e.Users = 0
			}
			pending[g] = slices.DeleteFunc(pending[g], func(tok load.Token) bool {
				if !stopped && tok.StartAt.Add(time.Second).After(time.Now()) {
					return false
				}
				count := tok.Count
				if stopped && tok.StartAt.Add(time.Second).After(present.StoppedAt) {
					count = 0
				}
				e.Tokens = append(e.Tokens, report(tok, count, tok.Count-count))
				e.Tasks = append(e.Tasks, done(tok.Second, "buy", count))
				return true
			})
			l.event(string(rune('a'+g)), e)
			b.event(*l.records[len(l.records)-1].Event)
		}
		if stopped {
			return
		}
	}
}
