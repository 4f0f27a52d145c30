package natsbus_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
)

// tiny is a bus whose event stream holds few events.
func tiny(t *testing.T, server *broker) *natsbus.Bus {
	t.Helper()
	bus, err := natsbus.Connect(t.Context(), natsbus.Config{URL: server.url, EventsMaxBytes: 20_000})
	require.NoError(t, err)
	t.Cleanup(bus.Close)
	return bus
}

// recorded is a run whose record is in the given state.
func recorded(t *testing.T, bus *natsbus.Bus, state load.State) load.Run {
	t.Helper()
	run := newRun()
	run.State = state
	run, err := bus.Runs.Create(t.Context(), run)
	require.NoError(t, err)
	return run
}

// finish stores what the owner of a run leaves at its end, and makes the run done.
func finish(t *testing.T, bus *natsbus.Bus, run load.Run) {
	t.Helper()
	require.NoError(t, bus.Events.Decide(t.Context(), load.Decision{Run: run.ID, Kind: load.DecisionEnd, Through: 7}))
	require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, []byte(`{"of":"`+run.ID+`"}`)))
	run.State = load.StateDone
	_, err := bus.Runs.Update(t.Context(), run)
	require.NoError(t, err)
}

// fill publishes events of a run until one is refused, and returns the refusal.
func fill(t *testing.T, bus *natsbus.Bus, run load.Run) error {
	t.Helper()
	for seq := uint64(1); ; seq++ {
		if err := bus.Events.Publish(t.Context(), newEvent(run, "g", seq)); err != nil {
			return err
		}
	}
}

// left counts the events of a run that are still stored before its end decision.
func left(t *testing.T, bus *natsbus.Bus, run load.Run) (events int) {
	t.Helper()
	records, err := bus.Events.Replay(t.Context(), run.ID)
	require.NoError(t, err)
	for next(t, records).Decision == nil {
		events++
	}
	return events
}

func TestEndedRunsMakeRoom(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := tiny(t, server)
		oldest, old, open := recorded(t, bus, load.StateRunning), recorded(t, bus, load.StateRunning), recorded(t, bus, load.StateRunning)
		for seq := range uint64(10) {
			for _, run := range []load.Run{old, oldest, open} {
				require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g", seq+1)))
			}
		}
		finish(t, bus, oldest)
		finish(t, bus, old)

		// The stream fills up twice: first the oldest run that has ended gives way, then the other.
		young := recorded(t, bus, load.StateRunning)
		var seq uint64
		publish := func() {
			seq++
			require.NoError(t, bus.Events.Publish(t.Context(), newEvent(young, "g", seq)))
		}
		for left(t, bus, oldest) > 0 {
			publish()
		}
		require.Equal(t, 10, left(t, bus, old))
		for left(t, bus, old) > 0 {
			publish()
		}
		for _, run := range []load.Run{oldest, old} {
			result, err := bus.Events.Result(t.Context(), run.ID)
			require.NoError(t, err)
			require.JSONEq(t, `{"of":"`+run.ID+`"}`, string(result))
		}

		// Now nothing is left to give: what is stored belongs to runs that have not ended.
		err := fill(t, bus, young)
		require.ErrorIs(t, err, load.ErrUnavailable)
		require.ErrorContains(t, err, "the event stream is full")
		err = bus.Events.Decide(t.Context(), load.Decision{Run: open.ID, Kind: load.DecisionEnd})
		require.ErrorContains(t, err, "the event stream is full")
	})
}

// A run whose owner died between its result and its record is read again by the next owner, which needs the events.
func TestARunWithoutAnEndKeepsItsEvents(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := tiny(t, server)
		withResult, failed := recorded(t, bus, load.StateRunning), recorded(t, bus, load.StateFailed)
		for _, run := range []load.Run{withResult, failed} {
			require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g", 1)))
		}
		require.NoError(t, bus.Events.PublishResult(t.Context(), withResult.ID, []byte(`{}`)))
		for _, run := range []load.Run{withResult, failed} {
			require.NoError(t, bus.Events.Decide(t.Context(), load.Decision{Run: run.ID, Kind: load.DecisionEnd}))
		}
		err := fill(t, bus, recorded(t, bus, load.StateRunning))
		require.ErrorContains(t, err, "the event stream is full")
		require.Equal(t, 1, left(t, bus, withResult), "its record is not final")
		require.Equal(t, 1, left(t, bus, failed), "it has no result")
	})
}

// A run that has filled the stream alone, and was failed for it, gives way to its own end and to the next run.
func TestARunThatFailedOfAFullStreamMakesRoom(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, server *broker) {
		t.Helper()
		bus := tiny(t, server)
		run := recorded(t, bus, load.StateRunning)
		err := fill(t, bus, run)
		require.ErrorContains(t, err, "the event stream is full")
		run.State, run.Cause, run.Reason = load.StateFailed, load.CauseInfra, "the event stream is full"
		_, err = bus.Runs.Update(t.Context(), run)
		require.NoError(t, err)
		until(t, func() error {
			return bus.Events.Decide(t.Context(), load.Decision{Run: run.ID, Kind: load.DecisionEnd})
		})
		require.Equal(t, 0, left(t, bus, run))
		large := fmt.Sprintf("%q", strings.Repeat("x", 10_000))
		require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, []byte(large)))
		require.NoError(t, bus.Events.Publish(t.Context(), newEvent(newRun(), "g", 1)))
	})
}
