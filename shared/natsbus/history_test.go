package natsbus_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// read returns the whole history of a run, in which the sequences must grow. They are then set to 0.
func read(t *testing.T, bus *natsbus.Bus, run string) []load.Record {
	t.Helper()
	var records []load.Record
	var last uint64
	require.NoError(t, bus.Events.History(t.Context(), run, func(r load.Record) error {
		require.Greater(t, r.Sequence, last)
		last, r.Sequence = r.Sequence, 0
		records = append(records, r)
		return nil
	}))
	return records
}

// publish stores events seq from..to of generator g and returns them as records.
func publish(t *testing.T, bus *natsbus.Bus, run load.Run, from, to uint64) []load.Record {
	t.Helper()
	var records []load.Record
	for seq := from; seq <= to; seq++ {
		event := newEvent(run, "g", seq)
		require.NoError(t, bus.Events.Publish(t.Context(), event))
		records = append(records, load.Record{Event: &event})
	}
	return records
}

func TestHistoryIsWhatIsStored(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run, other := newRun(), newRun()
		require.Empty(t, read(t, bus, run.ID), "there is none yet")

		const batches = 1200 // a reader asks for 512 at a time
		want := publish(t, bus, run, 1, batches)
		publish(t, bus, other, 1, 1)
		end := load.Decision{Run: run.ID, Kind: load.DecisionEnd, Through: batches}
		require.NoError(t, bus.Events.Decide(t.Context(), end))
		want = append(want, load.Record{Decision: &end})
		equal(t, want, read(t, bus, run.ID))

		require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, []byte("{}")))
		equal(t, want, read(t, bus, run.ID))
		want = append(want, publish(t, bus, run, batches+1, batches+1)...)
		require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, []byte("{}")))
		publish(t, bus, other, 2, 2)
		equal(t, want, read(t, bus, run.ID))
		equal(t, want, read(t, bus, run.ID))
	})
}

func TestHistoryEndsWithItsReader(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run := newRun()
		publish(t, bus, run, 1, 20)

		enough := errors.New("enough")
		n := 0
		require.ErrorIs(t, bus.Events.History(t.Context(), run.ID, func(load.Record) error {
			if n++; n == 7 {
				return enough
			}
			return nil
		}), enough)
		require.Equal(t, 7, n)

		ctx, cancel := context.WithCancel(t.Context())
		require.ErrorIs(t, bus.Events.History(ctx, run.ID, func(load.Record) error { cancel(); return nil }), context.Canceled)
		require.ErrorIs(t, bus.Events.History(t.Context(), "*", nil), load.ErrInvalid)
	})
}

func TestHistoryOutlivesARestart(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run := newRun()
		want := publish(t, bus, run, 1, 1200)
		var records []load.Record
		require.NoError(t, bus.Events.History(t.Context(), run.ID, func(r load.Record) error {
			r.Sequence = 0
			if records = append(records, r); len(records) == 600 {
				server.kill()
				server.start()
			}
			return nil
		}))
		equal(t, want, records)
	})
}

// The end of a history that is purged while it is read is not waited for.
func TestHistoryOfWhatIsPurged(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		run := newRun()
		publish(t, bus, run, 1, 1200)
		nc, err := nats.Connect(server.url)
		require.NoError(t, err)
		defer nc.Close()
		js, err := jetstream.New(nc)
		require.NoError(t, err)
		stream, err := js.Stream(t.Context(), "LOADPILOT_EVENTS")
		require.NoError(t, err)
		n := 0
		require.NoError(t, bus.Events.History(t.Context(), run.ID, func(load.Record) error {
			if n++; n == 1 {
				return stream.Purge(t.Context(), jetstream.WithPurgeSubject("loadpilot.events."+run.ID+".>"))
			}
			return nil
		}))
		require.Less(t, n, 1200)
		require.Empty(t, read(t, bus, run.ID))
	})
}

// A way that is cut in the middle of a delivery costs no record and repeats none.
func TestHistoryOverAWayThatBreaks(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	proxy := testkit.StartProxy(t, u.Host)
	bus := connect(t, "nats://"+proxy.Addr)
	run := newRun()
	want := publish(t, bus, run, 1, 1200)
	var records []load.Record
	require.NoError(t, bus.Events.History(t.Context(), run.ID, func(r load.Record) error {
		r.Sequence = 0
		if records = append(records, r); len(records)%500 == 1 {
			proxy.Cut()
			proxy.Heal()
		}
		return nil
	}))
	equal(t, want, records)
}

func TestKeptSince(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := connect(t, server.url)
		since, err := bus.Events.KeptSince(t.Context())
		require.NoError(t, err)
		require.WithinDuration(t, bus.Clock.Now().Add(-24*time.Hour), since, time.Minute)
	})
}
