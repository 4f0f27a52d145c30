package natsbus_test

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// expiry of leases and generators in these tests.
const expiry = time.Second

// broker is a NATS server that can be away for a while and comes back with its address and its store.
type broker struct {
	url         string
	stop, start func()
	kill        func()
}

// servers are what the suite runs on.
var servers = map[string]func(*testing.T) *broker{
	"embedded": embeddedBroker,
	"process":  processBroker,
}

func embeddedBroker(t *testing.T) *broker {
	t.Helper()
	dir := t.TempDir()
	start := func(port int) *embedded.NATS {
		n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, Port: port})
		require.NoError(t, err)
		return n
	}
	server := start(-1)
	t.Cleanup(func() { server.Shutdown() })
	u, err := url.Parse(server.ClientURL())
	require.NoError(t, err)
	port := mustPort(t, u)
	stop := func() { server.Shutdown() }
	return &broker{url: server.ClientURL(), stop: stop, kill: stop, start: func() { server = start(port) }}
}

func mustPort(t *testing.T, u *url.URL) int {
	t.Helper()
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	return port
}

func processBroker(t *testing.T) *broker {
	t.Helper()
	s := testkit.StartNATS(t)
	return &broker{url: s.URL, stop: s.Stop, kill: s.Kill, start: func() { s.Start(t) }}
}

func connect(t *testing.T, url string) *natsbus.Bus {
	t.Helper()
	b, err := natsbus.Connect(t.Context(), natsbus.Config{URL: url, Name: t.Name(), Expiry: expiry})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	return b
}

// All tests of a kind of server share one, and are told apart by their run ids.
func TestConformance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(*testing.T, *natsbus.Bus)
	}{
		{"runs are created once", testRunsCreate},
		{"runs are changed by compare and swap", testRunsUpdate},
		{"runs are watched from the present on", testRunsWatch},
		{"names that are other subjects are refused", testNames},
		{"scenarios are kept by content", testScenarios},
		{"each generator has a seat of its own", testSeats},
		{"secrets go with the end of their runs", testSecrets},
		{"tokens are stored once", testTokensOnce},
		{"tokens whose time is over are not sent", testTokensTooLate},
		{"tokens are shared, each goes to one holder", testTokensShared},
		{"tokens can be given back", testTokensNak},
		{"fetch gives back what came when it is cancelled", testFetchCancelled},
		{"fetch says when the consumer has gone and goes on when it is back", testFetchWithoutConsumer},
		{"events are replayed once, in order", testEventsReplay},
		{"the first decision stands", testDecisions},
		{"results of any size are kept", testResults},
		{"live lines reach who listens", testLive},
		{"a lease has one holder", testLeases},
		{"a lease ends when it is not renewed", testLeaseExpiry},
		{"generators are listed while they are alive", testGenerators},
		{"the clock is the server's", testClock},
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := connect(t, start(t).url)
			for _, test := range tests {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					test.run(t, bus)
				})
			}
		})
	}
}

func newRun() load.Run {
	return load.Run{
		ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: time.Now().UTC().Round(0), State: load.StatePending,
		Source: load.Source{SHA256: strings.Repeat("ab", 32), File: "shop.py"},
		Plan: load.Plan{
			Scenario: "Shop", Target: "http://127.0.0.1:8080",
			Shape:    load.Shape{Mode: load.ModeConstant, RPS: 100, Duration: time.Minute},
			Tasks:    []load.Task{{Name: "browse", Weight: 5}, {Name: "buy", Weight: 1}},
			MaxUsers: 10, MaxLag: 250 * time.Millisecond, Timeout: 30 * time.Second, GracefulStop: 30 * time.Second,
		},
		Pool: "default", Generators: 1,
	}
}

// second returns the tokens of a second of a run: n of them.
func second(run load.Run, s, n int) []load.Token {
	tokens := make([]load.Token, n)
	for i := range tokens {
		tokens[i] = load.Token{
			Run: run.ID, Second: s, Slice: i, Slices: n, First: int64(s*n + i), Count: 1, Planned: int64(n),
			StartAt: time.Unix(1_800_000_000+int64(s), 0).UTC(),
		}
	}
	return tokens
}

func newEvent(run load.Run, generator string, seq uint64) load.Event {
	return load.Event{
		Run: run.ID, Generator: generator, Instance: generator + "-instance", Seq: seq,
		Tokens: []load.TokenReport{}, Tasks: []load.TaskReport{},
	}
}

// next takes one value from a channel that is open.
func next[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-from:
		require.True(t, ok, "the channel was closed")
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// take takes n values.
func take[T any](t *testing.T, from <-chan T, n int) []T {
	t.Helper()
	values := make([]T, n)
	for i := range values {
		values[i] = next(t, from)
	}
	return values
}

// fetch collects n tokens.
func fetch(t *testing.T, bus *natsbus.Bus, run load.Run, n int) []load.Delivery {
	t.Helper()
	var got []load.Delivery
	for len(got) < n {
		d, err := bus.Tokens.Fetch(t.Context(), run, n-len(got))
		require.NoError(t, err)
		got = append(got, d...)
	}
	return got
}

func ids(deliveries []load.Delivery) []string {
	var all []string
	for _, d := range deliveries {
		all = append(all, d.Token.ID())
	}
	slices.Sort(all)
	return all
}

func tokenIDs(tokens []load.Token) []string {
	var all []string
	for _, token := range tokens {
		all = append(all, token.ID())
	}
	slices.Sort(all)
	return all
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("want - got +\n%s", diff)
	}
}

func testRunsCreate(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	_, err := bus.Runs.Get(t.Context(), run.ID)
	require.ErrorIs(t, err, load.ErrNotFound)
	created, err := bus.Runs.Create(t.Context(), run)
	require.NoError(t, err)
	require.Positive(t, created.Revision)
	_, err = bus.Runs.Create(t.Context(), run)
	require.ErrorIs(t, err, load.ErrConflict)
	read, err := bus.Runs.Get(t.Context(), run.ID)
	require.NoError(t, err)
	equal(t, created, read)

	newer := newRun()
	newer.CreatedAt = run.CreatedAt.Add(time.Hour)
	_, err = bus.Runs.Create(t.Context(), newer)
	require.NoError(t, err)
	all, err := bus.Runs.List(t.Context())
	require.NoError(t, err)
	place := func(id string) int { return slices.IndexFunc(all, func(r load.Run) bool { return r.ID == id }) }
	require.NotEqual(t, -1, place(newer.ID))
	require.Less(t, place(newer.ID), place(run.ID))
}

func testRunsUpdate(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run, err := bus.Runs.Create(t.Context(), newRun())
	require.NoError(t, err)
	run.State = load.StatePreparing
	// Two change the same revision: one wins.
	results := make(chan error)
	for range 2 {
		go func() {
			_, err := bus.Runs.Update(t.Context(), run)
			results <- err
		}()
	}
	first, other := next(t, results), next(t, results)
	if first != nil {
		first, other = other, first
	}
	require.NoError(t, first)
	require.ErrorIs(t, other, load.ErrConflict)

	stored, err := bus.Runs.Get(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, load.StatePreparing, stored.State)
	require.Greater(t, stored.Revision, run.Revision)
	stored.State, stored.Slices, stored.T0 = load.StateRunning, 37, time.Now().UTC().Round(0)
	updated, err := bus.Runs.Update(t.Context(), stored)
	require.NoError(t, err)
	read, err := bus.Runs.Get(t.Context(), run.ID)
	require.NoError(t, err)
	equal(t, updated, read)
}

func testRunsWatch(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run, err := bus.Runs.Create(t.Context(), newRun())
	require.NoError(t, err)
	run.State = load.StatePreparing
	run, err = bus.Runs.Update(t.Context(), run)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	all, err := bus.Runs.Watch(ctx)
	require.NoError(t, err)
	ofThis := func() load.Run {
		for {
			if r := next(t, all); r.ID == run.ID {
				return r
			}
		}
	}
	equal(t, run, ofThis())
	for _, state := range []load.State{load.StateRunning, load.StateStopping, load.StateDone} {
		run.State = state
		run, err = bus.Runs.Update(t.Context(), run)
		require.NoError(t, err)
		equal(t, run, ofThis())
	}
	cancel()
	for range all { // ends when the channel is closed
	}
}

func testNames(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	for _, name := range []string{"", "*", ">", "a.b", "a b", "ä", "a/b"} {
		_, err := bus.Runs.Get(t.Context(), name)
		require.ErrorIs(t, err, load.ErrInvalid, name)
		_, err = bus.Events.Replay(t.Context(), name)
		require.ErrorIs(t, err, load.ErrInvalid, name)
		_, err = bus.Leases.Acquire(t.Context(), name, "me")
		require.ErrorIs(t, err, load.ErrInvalid, name)
		run := newRun()
		run.Pool = name
		require.ErrorIs(t, bus.Tokens.Open(t.Context(), run, time.Second), load.ErrInvalid, name)
		require.ErrorIs(t, bus.Tokens.Publish(t.Context(), name, second(run, 0, 1)), load.ErrInvalid, name)
		require.ErrorIs(t, bus.Generators.Announce(t.Context(), load.GeneratorStatus{Generator: name}), load.ErrInvalid, name)
	}
}

func testScenarios(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	source := []byte("# " + uuid.NewString() + strings.Repeat("\nx = 1", 100_000))
	name, err := bus.Scenarios.Put(t.Context(), source)
	require.NoError(t, err)
	again, err := bus.Scenarios.Put(t.Context(), source)
	require.NoError(t, err)
	require.Equal(t, name, again)
	read, err := bus.Scenarios.Get(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, source, read)
	_, err = bus.Scenarios.Get(t.Context(), strings.Repeat("0", 64))
	require.ErrorIs(t, err, load.ErrNotFound)

	data := []byte(uuid.NewString() + strings.Repeat("\nname,password", 3<<20)) // of more than one attempt's usual time
	name, err = bus.Scenarios.Put(t.Context(), data)
	require.NoError(t, err)
	read, err = bus.Scenarios.Get(t.Context(), name)
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, read))
}

func testSeats(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun().ID
	const generators = 12
	seats := make([]int, generators)
	var claims sync.WaitGroup
	for i := range seats {
		claims.Go(func() {
			var err error
			seats[i], err = bus.Seats.Claim(t.Context(), run, strconv.Itoa(i))
			assert.NoError(t, err)
		})
	}
	claims.Wait()
	for i, seat := range seats {
		again, err := bus.Seats.Claim(t.Context(), run, strconv.Itoa(i))
		require.NoError(t, err)
		require.Equal(t, seat, again, "who asks again keeps the seat")
	}
	slices.Sort(seats)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, seats)
	other, err := bus.Seats.Claim(t.Context(), newRun().ID, "0")
	require.NoError(t, err)
	require.Zero(t, other, "each run counts for itself")
	_, err = bus.Seats.Claim(t.Context(), "a.b", "0")
	require.ErrorIs(t, err, load.ErrInvalid)
}

func testSecrets(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	secrets := load.Secrets{
		Env: load.Environment{"TOKEN": "s3cret", "EMPTY": ""}, Credentials: load.Credentials{Headers: []load.Header{{Name: "A", Value: "<s3cret>"}}},
	}
	other := load.Secrets{Credentials: load.Credentials{Key: "an0ther"}}
	_, err := bus.Secrets.Get(t.Context(), run.ID)
	require.ErrorIs(t, err, load.ErrNotFound)
	require.NoError(t, bus.Secrets.Put(t.Context(), run.ID, secrets))
	require.NoError(t, bus.Secrets.Put(t.Context(), run.ID, secrets), "the same again")
	err = bus.Secrets.Put(t.Context(), run.ID, other)
	require.ErrorIs(t, err, load.ErrConflict)
	require.NotContains(t, err.Error(), "s3cret")
	require.NotContains(t, err.Error(), "an0ther")

	run.Source.Env = secrets.Env.Names()
	run, err = bus.Runs.Create(t.Context(), run)
	require.NoError(t, err)
	run.State = load.StateRunning
	run, err = bus.Runs.Update(t.Context(), run)
	require.NoError(t, err)
	stale := run
	stale.State = load.StateFailed
	stale.Revision--
	_, err = bus.Runs.Update(t.Context(), stale)
	require.ErrorIs(t, err, load.ErrConflict)
	got, err := bus.Secrets.Get(t.Context(), run.ID)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(secrets, got))

	for _, state := range []load.State{load.StateDone, load.StateFailed, load.StateAborted} {
		ended := newRun()
		ended.Plan.Transport.Describe(secrets.Credentials)
		require.NoError(t, bus.Secrets.Put(t.Context(), ended.ID, secrets))
		ended, err = bus.Runs.Create(t.Context(), ended)
		require.NoError(t, err)
		ended.State = state
		_, err = bus.Runs.Update(t.Context(), ended)
		require.NoError(t, err)
		_, err = bus.Secrets.Get(t.Context(), ended.ID)
		require.ErrorIs(t, err, load.ErrNotFound, state)
	}
	_, err = bus.Secrets.Get(t.Context(), run.ID)
	require.NoError(t, err, "that of another run stays")
	require.NoError(t, bus.Secrets.Delete(t.Context(), run.ID))
	require.NoError(t, bus.Secrets.Delete(t.Context(), run.ID), "there is none any more")
	require.NoError(t, bus.Secrets.Put(t.Context(), run.ID, other))
	_, err = bus.Secrets.Get(t.Context(), "a.b")
	require.ErrorIs(t, err, load.ErrInvalid)
}

func testLeases(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun().ID
	first, err := bus.Leases.Acquire(t.Context(), run, "one")
	require.NoError(t, err)
	_, err = bus.Leases.Acquire(t.Context(), run, "two")
	require.ErrorIs(t, err, load.ErrConflict)
	renewed, err := bus.Leases.Renew(t.Context(), first)
	require.NoError(t, err)
	require.Greater(t, renewed.Epoch, first.Epoch)
	// The answer to that renewal may have been lost: the lease is still the owner's.
	again, err := bus.Leases.Renew(t.Context(), first)
	require.NoError(t, err)
	require.Greater(t, again.Epoch, renewed.Epoch)
	require.NoError(t, bus.Leases.Release(t.Context(), renewed), "no longer the newest: no error, and no effect")
	_, err = bus.Leases.Acquire(t.Context(), run, "two")
	require.ErrorIs(t, err, load.ErrConflict)
	require.NoError(t, bus.Leases.Release(t.Context(), again))
	second, err := bus.Leases.Acquire(t.Context(), run, "two")
	require.NoError(t, err)
	require.Greater(t, second.Epoch, again.Epoch)
	_, err = bus.Leases.Renew(t.Context(), again)
	require.ErrorIs(t, err, load.ErrConflict)
}

func testLeaseExpiry(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun().ID
	held, err := bus.Leases.Acquire(t.Context(), run, "one")
	require.NoError(t, err)
	for range 3 {
		held, err = bus.Leases.Renew(t.Context(), held)
		require.NoError(t, err)
	}
	var other load.Lease
	require.Eventually(t, func() bool {
		other, err = bus.Leases.Acquire(t.Context(), run, "two")
		return err == nil
	}, 20*expiry, expiry/20)
	require.Greater(t, other.Epoch, held.Epoch)
	_, err = bus.Leases.Renew(t.Context(), held)
	require.ErrorIs(t, err, load.ErrConflict)
}

func testGenerators(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	prefix := newRun().ID
	statuses := []load.GeneratorStatus{
		{
			Generator: prefix + "-a", Instance: "i1", Pool: "default", Version: "v1", MaxRate: 500,
			Prepared: map[string]load.Prepared{"r1": {Users: 20}, "r2": {Error: "LoginError: 403"}},
			Users:    20, InFlight: 3, CPUPercent: 12.5, ClockError: 35 * time.Microsecond, Draining: true,
		},
		{Generator: prefix + "-b", Instance: "i2", Pool: "default", Prepared: map[string]load.Prepared{}},
	}
	listed := func() []load.GeneratorStatus {
		all, err := bus.Generators.List(t.Context())
		require.NoError(t, err)
		return slices.DeleteFunc(all, func(g load.GeneratorStatus) bool { return !strings.HasPrefix(g.Generator, prefix) })
	}
	for _, s := range statuses {
		require.NoError(t, bus.Generators.Announce(t.Context(), s))
	}
	equal(t, statuses, listed())
	// However often it is announced meanwhile, a generator is never missing. Each list takes a new announcement by surprise.
	var announcing sync.WaitGroup
	for range 200 {
		require.NoError(t, bus.Generators.Announce(t.Context(), statuses[1])) // or it would expire meanwhile
		announcing.Go(func() { assert.NoError(t, bus.Generators.Announce(t.Context(), statuses[0])) })
		equal(t, statuses, listed())
		announcing.Wait()
	}
	require.NoError(t, bus.Generators.Withdraw(t.Context(), statuses[0]))
	for _, g := range listed() {
		require.Equal(t, statuses[1].Generator, g.Generator)
	}
	require.Eventually(t, func() bool { return len(listed()) == 0 }, 20*expiry, expiry/20)
}

func testClock(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	// The server runs on this machine, so its clock is the local one.
	bound := bus.Clock.Error()
	require.Positive(t, bound)
	now, local := bus.Clock.Now(), time.Now()
	require.InDelta(t, 0, now.Sub(local), float64(bound+time.Millisecond))
	at := bus.Clock.Local(now.Add(time.Hour))
	require.InDelta(t, float64(time.Hour), float64(at.Sub(local)), float64(bound+time.Millisecond))
	require.Contains(t, at.String(), "m=", "it must carry a monotonic reading")
}
