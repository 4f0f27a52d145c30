package generator

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

const noRows = "users.csv: no more rows"

// stops returns the records that the generator has stored.
func (b *bench) stops() []load.Run {
	b.bus.mu.Lock()
	defer b.bus.mu.Unlock()
	return slices.Clone(b.bus.stops)
}

// 10 a second; from the 15th arrival on there are no rows.
func TestRunsStopWhenDataIsExhausted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runner := &fakeRunner{onTask: func(_ context.Context, iteration int64) scenario.Outcome {
			if iteration >= 15 {
				return scenario.Outcome{Exhausted: noRows}
			}
			return scenario.Outcome{}
		}}
		b := begin(t, 10, 4*time.Second, runner, nil)
		b.bus.conflicts = 1 // somebody else changes the record at the same time
		b.start()
		for second := range 4 {
			b.publish(second)
		}
		time.Sleep(2 * time.Second)
		stops := b.stops()
		require.Len(t, stops, 1)
		stopped := stops[0]
		require.Equal(t, load.StateStopping, stopped.State)
		require.Equal(t, noRows, stopped.Reason)
		require.Contains(t, b.log.String(), noRows)

		sum := b.totals()
		require.EqualValues(t, 40, sum.started+sum.dropped)
		require.Equal(t, sum.started, sum.iterations, "an iteration without a row is over, not failed")
		require.Zero(t, sum.requests)
		require.GreaterOrEqual(t, sum.started, int64(16))
		require.Less(t, sum.started, int64(30), "nothing due after the stop was started")
		require.Empty(t, sum.errors)
		b.end(load.StateDone)
		b.cancel()
		require.NoError(t, <-b.done)
	})
}

func TestUsersWithoutARowDoNotStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runner := &fakeRunner{hasStart: true, onStart: func() scenario.Outcome { return scenario.Outcome{Exhausted: noRows} }}
		b := begin(t, 10, time.Second, runner, nil)
		synctest.Wait()
		stops := b.stops()
		require.Len(t, stops, 1)
		require.Equal(t, load.StateAborted, stops[0].State, "the run had not started")
		require.Equal(t, noRows, stops[0].Reason)
		b.cancel()
		require.NoError(t, <-b.done)
		require.Zero(t, b.totals().setupStarted)
		require.Equal(t, 0, runner.stops)
	})
}

func TestScriptsGetTheirDataAndTheirSeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 10, time.Second, &fakeRunner{}, func(run *load.Run) {
			run.Generators = 3
			run.Source = load.Source{SHA256: "s", File: "shop.py", Files: []load.DataFile{{Name: "a.csv", SHA256: "x"}, {Name: "b.csv", SHA256: "x"}}}
		})
		script := <-b.scripts
		require.Equal(t, "shop.py", script.File)
		require.Equal(t, "text of s", string(script.Source))
		require.Equal(t, map[string]string{"a.csv": "text of x", "b.csv": "text of x"}, script.Files)
		seat, err := script.Seat(t.Context())
		require.NoError(t, err)
		require.Equal(t, scenario.Seat{Number: 4, Of: 3}, seat)
		b.cancel()
		require.NoError(t, <-b.done)
	})
}

func TestScriptsGetTheirEnvironmentAndErrorsDoNotShowIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := scenario.Outcome{Failed: true, Class: "ValueError", Message: "Traceback:\nValueError: not 's3cret'"}
		runner := &fakeRunner{hasStart: true, onStart: func() scenario.Outcome { return fails }}
		b := begin(t, 10, time.Second, runner, func(run *load.Run) { run.Source.Env = []string{"TOKEN"} })
		script := <-b.scripts
		require.Equal(t, load.Environment{"TOKEN": "s3cret"}, script.Env)
		time.Sleep(2 * time.Second)
		b.cancel()
		require.NoError(t, <-b.done)
		told := fmt.Sprintf("%+v %+v", b.bus.events, b.bus.statuses)
		require.Contains(t, told, "not '***'")
		require.NotContains(t, told, "s3cret")
		require.NotContains(t, b.log.String(), "s3cret")
	})
}

func TestTextsAreHeldAsLongAsRunsReadThem(t *testing.T) {
	t.Parallel()
	held := texts{held: map[string]*heldText{}}
	_, have := held.hold("x")
	require.False(t, have)
	require.Equal(t, "first", held.keep("x", "first"))
	require.Equal(t, "first", held.keep("x", "second"), "who was faster")
	held.release([]string{"x"})
	text, have := held.hold("x")
	require.True(t, have)
	require.Equal(t, "first", text)
	held.release([]string{"x", "x"})
	require.Empty(t, held.held)
}
