package natsbus_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// until repeats an operation that fails while the server is away.
func until(t *testing.T, operation func() error) {
	t.Helper()
	for {
		err := operation()
		if err == nil {
			return
		}
		require.ErrorIs(t, err, load.ErrUnavailable)
		require.NoError(t, t.Context().Err())
	}
}

func onEachServer(t *testing.T, run func(*testing.T, *broker)) {
	t.Helper()
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, start(t))
		})
	}
}

func TestWatchesAndPublishersOutliveARestart(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run, err := bus.Runs.Create(t.Context(), newRun())
		require.NoError(t, err)
		runs, err := bus.Runs.Watch(t.Context())
		require.NoError(t, err)
		tokens, err := bus.Tokens.Watch(t.Context(), run)
		require.NoError(t, err)
		records, err := bus.Events.Replay(t.Context(), run.ID)
		require.NoError(t, err)
		require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
		equal(t, run, next(t, runs))

		for outage, goAway := range []func(){server.stop, server.kill} {
			before := 2 * outage
			require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, before, 32)))
			require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g", uint64(before)+1)))
			goAway()
			require.ErrorIs(t, bus.Events.Publish(t.Context(), newEvent(run, "g", uint64(before)+2)), load.ErrUnavailable)
			_, err = bus.Runs.Get(t.Context(), run.ID)
			require.ErrorIs(t, err, load.ErrUnavailable)
			_, err = bus.Tokens.Fetch(t.Context(), run, 1)
			require.ErrorIs(t, err, load.ErrUnavailable)
			published := make(chan error)
			go func() { published <- bus.Tokens.Publish(t.Context(), run.Pool, second(run, before+1, 32)) }()
			server.start()
			require.NoError(t, next(t, published), "the burst is stored once the server is back")
			until(t, func() error { return bus.Events.Publish(t.Context(), newEvent(run, "g", uint64(before)+2)) })
			// The server remembers what was stored before.
			require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, before, 32)))
			until(t, func() error { return bus.Events.Publish(t.Context(), newEvent(run, "g", uint64(before)+1)) })

			run.Reason += "x"
			run, err = bus.Runs.Update(t.Context(), run)
			require.NoError(t, err)
			equal(t, run, next(t, runs))
			equal(t, second(run, before, 32), take(t, tokens, 32))
			require.ElementsMatch(t, second(run, before+1, 32), take(t, tokens, 32))
			for seq := before + 1; seq <= before+2; seq++ {
				require.EqualValues(t, seq, next(t, records).Event.Seq)
			}
			require.Len(t, fetch(t, bus, run, 64), 64)
		}
		last := load.Decision{Run: run.ID, Kind: load.DecisionEnd}
		require.NoError(t, bus.Events.Decide(t.Context(), last))
		equal(t, &last, next(t, records).Decision)
	})
}

func TestALeaseOutlivesARestartAndIsLostByAnOutage(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run := newRun().ID
		held, err := bus.Leases.Acquire(t.Context(), run, "one")
		require.NoError(t, err)
		server.stop()
		_, err = bus.Leases.Renew(t.Context(), held)
		require.ErrorIs(t, err, load.ErrUnavailable)
		server.start()
		var other load.Lease
		require.Eventually(t, func() bool {
			other, err = bus.Leases.Acquire(t.Context(), run, "two")
			return err == nil
		}, 30*time.Second, 10*time.Millisecond)
		require.Greater(t, other.Epoch, held.Epoch)
		_, err = bus.Leases.Renew(t.Context(), held)
		require.ErrorIs(t, err, load.ErrConflict)
	})
}

// A server that lost its store counts from 1 again: what was learned from the old one must not hide the new one's.
func TestWatchesOutliveAnEmptiedStore(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	t.Cleanup(func() { server.Shutdown() })
	u, err := url.Parse(server.ClientURL())
	require.NoError(t, err)
	bus := connect(t, server.ClientURL())
	runs, err := bus.Runs.Watch(t.Context())
	require.NoError(t, err)
	for range 5 {
		run, err := bus.Runs.Create(t.Context(), newRun())
		require.NoError(t, err)
		equal(t, run, next(t, runs))
	}
	server.Shutdown()
	port := mustPort(t, u)
	server, err = embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), Port: port})
	require.NoError(t, err)
	var run load.Run
	until(t, func() error { run, err = bus.Runs.Create(t.Context(), newRun()); return err })
	require.EqualValues(t, 1, run.Revision)
	equal(t, run, next(t, runs))
}

func TestATokenThatIsNotAnsweredForComesAgain(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run := newRun()
		require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
		require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 0, 1)))
		require.False(t, fetch(t, bus, run, 1)[0].Redelivered)
		again := fetch(t, bus, run, 1)[0] // after the ack wait
		require.True(t, again.Redelivered)
		require.NoError(t, again.Receipt.Ack())
	})
}

func TestStreamsAreMadeAsDocumented(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run := newRun()
		run.Plan.MaxLag = 4 * time.Second
		require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
		nc, err := nats.Connect(server.url)
		require.NoError(t, err)
		defer nc.Close()
		js, err := jetstream.New(nc)
		require.NoError(t, err)
		config := func(stream string) jetstream.StreamConfig {
			s, err := js.Stream(t.Context(), stream)
			require.NoError(t, err)
			return s.CachedInfo().Config
		}
		for _, name := range []string{
			"LOADPILOT_TOKENS", "LOADPILOT_EVENTS", "KV_LOADPILOT_RUNS", "KV_LOADPILOT_LEASES", "KV_LOADPILOT_SEATS",
			"KV_LOADPILOT_GENERATORS", "KV_LOADPILOT_ENV", "OBJ_LOADPILOT_SCENARIOS",
		} {
			require.Equal(t, jetstream.FileStorage, config(name).Storage, name)
			require.Equal(t, jetstream.LimitsPolicy, config(name).Retention, name)
		}
		tokens, events := config("LOADPILOT_TOKENS"), config("LOADPILOT_EVENTS")
		require.Equal(t, 15*time.Minute, tokens.MaxAge)
		require.Equal(t, 5*time.Minute, tokens.Duplicates)
		require.Equal(t, 24*time.Hour, events.MaxAge)
		require.Equal(t, 10*time.Minute, events.Duplicates)
		require.Equal(t, jetstream.DiscardNew, events.Discard)
		require.Positive(t, events.MaxBytes)
		require.Equal(t, expiry, config("KV_LOADPILOT_LEASES").MaxAge)
		require.Equal(t, expiry, config("KV_LOADPILOT_GENERATORS").MaxAge)
		require.EqualValues(t, 8, config("KV_LOADPILOT_RUNS").MaxMsgsPerSubject)
		require.EqualValues(t, 1, config("KV_LOADPILOT_ENV").MaxMsgsPerSubject)
		require.Greater(t, config("KV_LOADPILOT_ENV").MaxAge, load.MaxDuration)

		consumer, err := js.Consumer(t.Context(), "LOADPILOT_TOKENS", "run_"+run.ID)
		require.NoError(t, err)
		c := consumer.CachedInfo().Config
		require.Equal(t, jetstream.AckExplicitPolicy, c.AckPolicy)
		require.Equal(t, 8*time.Second, c.AckWait, "lead 1 s + 1 s + max lag 4 s + 2 s")
		require.Equal(t, -1, c.MaxAckPending)
		require.Equal(t, -1, c.MaxDeliver)
		require.Equal(t, 16384, c.MaxWaiting)
		require.Equal(t, "loadpilot.tokens.default."+run.ID, c.FilterSubject)
	})
}

func TestAFullEventStreamSaysSo(t *testing.T) {
	t.Parallel()
	bus, err := natsbus.Connect(t.Context(), natsbus.Config{URL: embeddedBroker(t).url, EventsMaxBytes: 10_000})
	require.NoError(t, err)
	defer bus.Close()
	run := newRun()
	stored := uint64(0)
	for err == nil {
		stored++
		err = bus.Events.Publish(t.Context(), newEvent(run, "g", stored))
	}
	require.ErrorIs(t, err, load.ErrUnavailable)
	require.ErrorContains(t, err, "maximum bytes exceeded")
	records, err := bus.Events.Replay(t.Context(), run.ID)
	require.NoError(t, err)
	for seq := uint64(1); seq < stored; seq++ { // what was acknowledged is there
		require.Equal(t, seq, next(t, records).Event.Seq)
	}
}

func TestTheEventStreamFitsASmallDisk(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), Port: -1, MaxStore: 1 << 30})
	require.NoError(t, err)
	t.Cleanup(server.Shutdown)
	bus := connect(t, server.ClientURL())
	require.NoError(t, bus.Events.Publish(t.Context(), newEvent(newRun(), "g", 1)))
}

func TestConnectGivesUp(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	addr := l.Addr().String()
	config := natsbus.Config{URL: "nats://user:secret@" + addr, ConnectTimeout: 300 * time.Millisecond}
	_, err = natsbus.Connect(t.Context(), config)
	require.ErrorIs(t, err, load.ErrUnavailable)
	require.ErrorContains(t, err, "NATS at nats://"+addr)
	require.NotContains(t, err.Error(), "secret")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = natsbus.Connect(ctx, config)
	require.ErrorIs(t, err, context.Canceled)

	_, err = natsbus.Connect(t.Context(), natsbus.Config{URL: "nats://user:sec%ret@host"})
	require.ErrorIs(t, err, load.ErrInvalid)
	require.NotContains(t, err.Error(), "sec%")
}

func TestConnectWaitsForAServerThatIsStarting(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		server.stop()
		connected := make(chan error)
		go func() {
			bus, err := natsbus.Connect(t.Context(), natsbus.Config{URL: server.url, ConnectTimeout: time.Minute})
			if err == nil {
				bus.Close()
			}
			connected <- err
		}()
		server.start()
		require.NoError(t, next(t, connected))
	})
}

func TestInProcessConnection(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer server.Shutdown()
	bus, err := natsbus.Connect(t.Context(), natsbus.Config{InProcess: server.Server()})
	require.NoError(t, err)
	run, err := bus.Runs.Create(t.Context(), newRun())
	require.NoError(t, err)
	watch, err := bus.Runs.Watch(t.Context())
	require.NoError(t, err)
	equal(t, run, next(t, watch))
	bus.Close()
	for range watch { // closed with the bus
	}
}

// syncBuffer collects what is logged.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestMessagesOfAnotherVersionAreLeftOut(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	log := &syncBuffer{}
	bus, err := natsbus.Connect(t.Context(), natsbus.Config{URL: server.URL, Logger: slog.New(slog.NewTextHandler(log, nil))})
	require.NoError(t, err)
	defer bus.Close()
	run := newRun()
	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
	nc, err := nats.Connect(server.URL)
	require.NoError(t, err)
	defer nc.Close()
	for _, subject := range []string{
		"loadpilot.tokens.default." + run.ID, "loadpilot.events." + run.ID + ".latency.g", "$KV.LOADPILOT_RUNS." + run.ID,
	} {
		_, err := nc.Request(subject, []byte(`{"v":99}`), 10*time.Second)
		require.NoError(t, err)
	}
	require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 0, 1)))
	require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g", 1)))
	tokens, err := bus.Tokens.Watch(t.Context(), run)
	require.NoError(t, err)
	equal(t, second(run, 0, 1), take(t, tokens, 1))
	records, err := bus.Events.Replay(t.Context(), run.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, next(t, records).Event.Seq)
	require.Equal(t, tokenIDs(second(run, 0, 1)), ids(fetch(t, bus, run, 1)))
	all, err := bus.Runs.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
	_, err = bus.Runs.Get(t.Context(), run.ID)
	require.ErrorContains(t, err, "unknown version 99")
	require.Contains(t, log.String(), "unknown version 99")
}
