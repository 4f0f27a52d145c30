package natsbus_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
)

func testEventsReplay(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run, other := newRun(), newRun()
	publish := func(seq uint64) {
		for range 2 { // the second is a duplicate
			require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g1", seq)))
		}
		require.NoError(t, bus.Events.Publish(t.Context(), newEvent(other, "g1", seq)))
		require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g2", seq)))
	}
	for seq := range uint64(20) {
		publish(seq + 1)
	}
	decision := load.Decision{Run: run.ID, Kind: load.DecisionClose, Second: 3, NeverIssued: 2}
	require.NoError(t, bus.Events.Decide(t.Context(), decision))
	records, err := bus.Events.Replay(t.Context(), run.ID)
	require.NoError(t, err)
	var last uint64
	check := func(want ...any) {
		t.Helper()
		for _, w := range want {
			r := next(t, records)
			require.Greater(t, r.Sequence, last)
			last = r.Sequence
			if e, ok := w.(load.Event); ok {
				equal(t, load.Record{Sequence: last, Event: &e}, r)
			} else {
				equal(t, load.Record{Sequence: last, Decision: &decision}, r)
			}
		}
	}
	for seq := range uint64(20) {
		check(newEvent(run, "g1", seq+1), newEvent(run, "g2", seq+1))
	}
	check(decision)
	publish(21)
	check(newEvent(run, "g1", 21), newEvent(run, "g2", 21))
}

func testDecisions(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	first := []load.Decision{
		{Run: run.ID, Kind: load.DecisionOwn, Epoch: 7, Owner: "one"},
		{Run: run.ID, Kind: load.DecisionClose, Second: 0},
		{Run: run.ID, Kind: load.DecisionClose, Second: 1, NeverIssued: 5},
		{Run: run.ID, Kind: load.DecisionEnd, Through: 99},
		{Run: run.ID, Kind: load.DecisionOwn, Epoch: 8, Owner: "two"},
	}
	for _, d := range first {
		require.NoError(t, bus.Events.Decide(t.Context(), d))
		d.Through, d.NeverIssued = d.Through+1, d.NeverIssued+1
		require.NoError(t, bus.Events.Decide(t.Context(), d), "a second one is no error")
	}
	records, err := bus.Events.Replay(t.Context(), run.ID)
	require.NoError(t, err)
	for _, d := range first {
		equal(t, &d, next(t, records).Decision)
	}
}

func testResults(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	_, err := bus.Events.Result(t.Context(), run.ID)
	require.ErrorIs(t, err, load.ErrNotFound)
	require.NoError(t, bus.Events.Decide(t.Context(), load.Decision{Run: run.ID, Kind: load.DecisionEnd, Through: 1}))
	_, err = bus.Events.Result(t.Context(), run.ID)
	require.ErrorIs(t, err, load.ErrNotFound)
	for _, size := range []int{10, 100_000, 3_000_000, 20} {
		result := []byte(fmt.Sprintf(`{"size":%d,"text":%q}`, size, strings.Repeat("é<", size/3)))
		require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, result))
		read, err := bus.Events.Result(t.Context(), run.ID)
		require.NoError(t, err)
		require.JSONEq(t, string(result), string(read))
	}
	records, err := bus.Events.Replay(t.Context(), run.ID)
	require.NoError(t, err)
	require.Equal(t, load.DecisionEnd, next(t, records).Decision.Kind)
	require.NoError(t, bus.Events.Publish(t.Context(), newEvent(run, "g", 1)))
	require.NotNil(t, next(t, records).Event, "results are not part of the replay")
}

func testLive(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	ctx, cancel := context.WithCancel(t.Context())
	lines, err := bus.Live.Subscribe(ctx, run.ID)
	require.NoError(t, err)
	for i := range 3 {
		line := load.Live{RunID: run.ID, Scenario: "Shop", State: load.StateRunning, ElapsedSecs: float64(i), Tasks: []load.LiveTask{}}
		require.NoError(t, bus.Live.Publish(t.Context(), line))
		equal(t, line, next(t, lines))
	}
	cancel()
	for range lines {
	}
}
