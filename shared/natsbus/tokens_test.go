package natsbus_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
)

func testTokensOnce(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	_, found, err := bus.Tokens.LastSecond(t.Context(), run)
	require.NoError(t, err)
	require.False(t, found)
	for s := range 3 { // each second by two schedulers
		for range 2 {
			require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, s, 64)))
		}
	}
	last, found, err := bus.Tokens.LastSecond(t.Context(), run)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 2, last)

	all, err := bus.Tokens.Watch(t.Context(), run)
	require.NoError(t, err)
	want := slices.Concat(second(run, 0, 64), second(run, 1, 64), second(run, 2, 64))
	equal(t, want, take(t, all, len(want)))
	require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 3, 1)))
	equal(t, second(run, 3, 1), take(t, all, 1))
}

func testTokensTooLate(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, bus.Tokens.Publish(ended, run.Pool, second(run, 0, 8)))
	require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 1, 8)))
	all, err := bus.Tokens.Watch(t.Context(), run)
	require.NoError(t, err)
	equal(t, second(run, 1, 8), take(t, all, 8))
}

func testTokensShared(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
	const holders, tokens = 4, 200
	got := make(chan load.Delivery, tokens)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	for range holders {
		go func() {
			for ctx.Err() == nil {
				deliveries, err := bus.Tokens.Fetch(ctx, run, 7)
				if err != nil && ctx.Err() == nil {
					ended <- err
					return
				}
				for _, d := range deliveries {
					got <- d
				}
			}
			ended <- nil
		}()
	}
	require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 0, tokens)))
	deliveries := take(t, got, tokens)
	cancel()
	for range holders {
		require.NoError(t, next(t, ended))
	}
	require.Empty(t, got)
	equal(t, tokenIDs(second(run, 0, tokens)), ids(deliveries))
	// One that crossed the end of a request on its way is marked as redelivered, and was in nobody's hands before; so only
	// who holds what is asked here.
	for _, d := range deliveries {
		require.NoError(t, d.Receipt.InProgress())
		require.NoError(t, d.Receipt.Ack())
	}
	require.NoError(t, bus.Tokens.Close(t.Context(), run))
	require.NoError(t, bus.Tokens.Close(t.Context(), run))
}

func testTokensNak(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
	require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 0, 3)))
	first := fetch(t, bus, run, 3)
	require.NoError(t, first[0].Receipt.Ack())
	require.NoError(t, first[1].Receipt.Nak())
	require.NoError(t, first[2].Receipt.Nak())
	again := fetch(t, bus, run, 2)
	require.Equal(t, ids(first[1:]), ids(again))
	for _, d := range again {
		require.True(t, d.Redelivered)
		require.NoError(t, d.Receipt.Ack())
	}
	none, err := bus.Tokens.Fetch(t.Context(), run, 10) // waits its second out
	require.NoError(t, err)
	require.Empty(t, none)
}

func testFetchCancelled(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
	const tokens = 300
	var got []load.Delivery
	published := make(chan error, 1)
	go func() { published <- bus.Tokens.Publish(t.Context(), run.Pool, second(run, 0, tokens)) }()
	for len(got) < tokens { // cancelled at any moment, nothing is lost
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(len(got)%7)*200*time.Microsecond)
		deliveries, err := bus.Tokens.Fetch(ctx, run, 5)
		if len(deliveries) == 0 && err != nil {
			require.Error(t, ctx.Err())
		}
		cancel()
		got = append(got, deliveries...)
		if len(deliveries) == 0 {
			got = append(got, fetch(t, bus, run, 1)...)
		}
	}
	require.NoError(t, next(t, published))
	equal(t, tokenIDs(second(run, 0, tokens)), ids(got))
}

func testFetchWithoutConsumer(t *testing.T, bus *natsbus.Bus) {
	t.Helper()
	run := newRun()
	_, err := bus.Tokens.Fetch(t.Context(), run, 1)
	require.ErrorIs(t, err, load.ErrNotFound)
	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))

	waiting := make(chan error)
	go func() {
		for {
			if _, err := bus.Tokens.Fetch(t.Context(), run, 1); err != nil {
				waiting <- err
				return
			}
		}
	}()
	require.NoError(t, bus.Tokens.Close(t.Context(), run))
	require.ErrorIs(t, next(t, waiting), load.ErrNotFound)

	require.NoError(t, bus.Tokens.Open(t.Context(), run, time.Second))
	require.NoError(t, bus.Tokens.Publish(t.Context(), run.Pool, second(run, 0, 2)))
	require.Len(t, fetch(t, bus, run, 2), 2)
}
