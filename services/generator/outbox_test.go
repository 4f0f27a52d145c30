package generator

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
)

// moodySink refuses the first events it is given, as often as it is told to.
type moodySink struct {
	refusals int
	attempts []load.Event
	stored   []load.Event
	during   func() // while an event is under way
}

func (s *moodySink) Publish(_ context.Context, e load.Event) error {
	s.attempts = append(s.attempts, e)
	if s.during != nil {
		s.during()
	}
	if s.refusals > 0 {
		s.refusals--
		return load.ErrUnavailable
	}
	s.stored = append(s.stored, e)
	return nil
}

func newOutbox(sink EventSink) *outbox {
	rec := newRecorder()
	return &outbox{
		sink: sink, log: slog.New(slog.DiscardHandler), head: load.Event{Run: "r", Generator: "g", Instance: "i"},
		vitals: func() vitals { return vitals{} }, recorder: rec, holdings: newHoldings(),
		reporter: newReporter([]load.Task{{Name: "browse", Weight: 1}}, rec), metrics: newMetrics(nil, nil),
	}
}

// hold gives the outbox a token of n arrivals.
func hold(t *testing.T, o *outbox, bus *fakeBus, n int64) *pacer.Token {
	t.Helper()
	tk := load.Token{Run: "r", Slices: 1, Count: n}
	held := pacer.NewToken(tk, &pacer.Lane{}, 0)
	require.True(t, o.holdings.add(held, fakeReceipt{bus: bus, token: tk}, 0))
	require.False(t, o.holdings.add(held, fakeReceipt{bus: bus, token: tk}, 0), "held already")
	return held
}

func TestNothingToSay(t *testing.T) {
	t.Parallel()
	sink := &moodySink{}
	o := newOutbox(sink)
	for range 3 {
		require.Empty(t, o.flush(t.Context()))
	}
	require.Empty(t, sink.attempts)
	o.vitals = func() vitals { return vitals{users: 1} }
	for range 3 {
		require.Empty(t, o.flush(t.Context()))
	}
	require.Len(t, sink.stored, 1, "a change of users is told once")
}

// An event is tried again as it is, under its number, and what happens meanwhile goes into the next.
func TestRefusedEventsAreTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sink, bus := &moodySink{refusals: 5}, newFakeBus()
		o := newOutbox(sink)
		token := hold(t, o, bus, 10)
		token.Start()
		sink.during = token.Start
		require.Empty(t, o.flush(t.Context()))
		require.Len(t, sink.attempts, 6)
		for _, e := range sink.attempts {
			require.EqualValues(t, 1, e.Seq)
			require.Equal(t, []load.TokenReport{{Planned: 10, Started: 1}}, e.Tokens)
		}
		require.Empty(t, bus.acks)
		sink.during = nil
		for range 3 {
			token.Drop(load.DropNoUser, 1)
		}
		require.Empty(t, o.flush(t.Context()))
		require.EqualValues(t, 2, sink.stored[1].Seq)
		require.Equal(t, []load.TokenReport{
			{Planned: 10, Started: 6}, {Planned: 10, Dropped: 3, Reason: load.DropNoUser, Final: true},
		}, sink.stored[1].Tokens)
		require.Len(t, bus.acks, 1)
		require.Empty(t, o.flush(t.Context()))
		require.Len(t, sink.stored, 2, "a final token is reported once")
	})
}

func TestNoAcknowledgementBeforeItIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sink, bus := &moodySink{refusals: 1000}, newFakeBus()
		o := newOutbox(sink)
		hold(t, o, bus, 2).Drop(load.DropLate, 2)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		require.Len(t, o.flush(ctx), 1)
		require.Empty(t, bus.acks)
		require.Greater(t, len(sink.attempts), 3)
	})
}

// The parts of a large event have numbers of their own, and its tokens are acknowledged after the last.
func TestLargeEvents(t *testing.T) {
	t.Parallel()
	sink, bus := &moodySink{}, newFakeBus()
	o := newOutbox(sink)
	for i := range 10_000 {
		tk := load.Token{Run: "r", Second: i, Slices: 1, Count: 1}
		held := pacer.NewToken(tk, &pacer.Lane{}, 0)
		require.True(t, o.holdings.add(held, fakeReceipt{bus: bus, token: tk}, 0))
		held.Start()
	}
	sink.during = func() { require.Empty(t, bus.acks) }
	require.Empty(t, o.flush(t.Context()))
	require.Greater(t, len(sink.stored), 1)
	reports := 0
	for i, e := range sink.stored {
		require.EqualValues(t, i+1, e.Seq)
		reports += len(e.Tokens)
	}
	require.Equal(t, 10_000, reports)
	require.Len(t, bus.acks, 10_000)
}
