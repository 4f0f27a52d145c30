package generator

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// counted is a report with the counts of its distributions alone.
func counted(r load.ConnectionReport) load.ConnectionReport {
	for _, s := range []*histogram.Snapshot{&r.DNS, &r.Connect, &r.TLS, &r.FirstByte, &r.Transfer} {
		*s = histogram.Snapshot{Count: s.Count}
	}
	return r
}

func reported(c *crew) (e load.Event) {
	newReporter(c.tasks, c.recorder).report(&e, c.recorder.drain(nil))
	return e
}

func of(n int64) histogram.Snapshot { return histogram.Snapshot{Count: n} }

// What on_start opens and uses is of the setup, what an iteration opens and uses is of the run, and a connection that one has
// opened and the other used is told by both.
func TestConnections(t *testing.T) {
	t.Parallel()
	paths := []string{"/", "/"}
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		for _, p := range paths {
			ask(ctx, c, p)
		}
		return scenario.Outcome{}
	})
	w, u := c.NewWorker(), c.NewUser()
	require.True(t, w.Start(t.Context(), u))
	e := reported(c)
	require.Zero(t, e.Connections)
	require.Empty(t, cmp.Diff(load.ConnectionReport{Opened: 1, Reused: 1, Connect: of(1), FirstByte: of(2), Transfer: of(2)}, counted(e.Setup.Connections)))

	paths = []string{"/", "/close", "/"}
	iterateAs(t, c, u, t.Context(), clock.Now(), 0)
	e = reported(c)
	require.Zero(t, e.Setup)
	require.Empty(t, cmp.Diff(load.ConnectionReport{Opened: 1, Reused: 2, Connect: of(1), FirstByte: of(2), Transfer: of(2)}, counted(e.Connections)))
	require.Zero(t, reported(c), "it is told once")
	u.session.Close()
}

// The connection of a user without on_start is opened ahead of the run.
func TestConnectionsAhead(t *testing.T) {
	t.Parallel()
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		ask(ctx, c, "/")
		return scenario.Outcome{}
	})
	c.runner = hookless{c.runner}
	w, u := c.NewWorker(), c.NewUser()
	require.True(t, w.Start(t.Context(), u))
	iterateAs(t, c, u, t.Context(), clock.Now(), 0)
	e := reported(c)
	require.Empty(t, cmp.Diff(load.ConnectionReport{Opened: 1, Connect: of(1)}, counted(e.Setup.Connections)))
	require.Empty(t, cmp.Diff(load.ConnectionReport{Reused: 1, FirstByte: of(1), Transfer: of(1)}, counted(e.Connections)))
	u.session.Close()
}

// What an iteration of the warm-up opens and uses is in no number.
func TestConnectionsOfTheWarmup(t *testing.T) {
	t.Parallel()
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		ask(ctx, c, "/")
		return scenario.Outcome{}
	})
	u := c.NewUser()
	c.warmup = 8 // iterations are of second 7
	iterateAs(t, c, u, t.Context(), clock.Now(), 0)
	c.warmup = 7
	iterateAs(t, c, u, t.Context(), clock.Now(), 0)
	require.Empty(t, cmp.Diff(load.ConnectionReport{Reused: 1, FirstByte: of(1), Transfer: of(1)}, counted(reported(c).Connections)))
	u.session.Close()
}

// hookless is a runner whose scenario has tasks only.
type hookless struct{ Runner }

func (hookless) HasStart() bool { return false }

func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c, clock := newCrewAt(t, "http://"+l.Addr().String(), func(ctx context.Context, c scenario.Client) scenario.Outcome {
		ask(ctx, c, "/")
		ask(ctx, c, "http://no-such-host.invalid/")
		return scenario.Outcome{}
	})
	iterate(t, c, clock, t.Context(), 0)
	require.Equal(t, load.ConnectionReport{Failed: 2, Refused: 1}, reported(c).Connections)
}

// The parts of a request add up to its service time, whatever becomes of the request and of the fractions of microseconds.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	c, _ := newCrewAt(t, "http://127.0.0.1:1", nil)
	h := c.NewWorker().(*hands)
	for i := range time.Duration(1000) {
		x := h.ask(&scenario.Request{Method: http.MethodGet, URL: "/"})[0].exchange
		*x = httpdriver.Exchange{Asked: 1, Sent: 7 * i, First: 7*i + 1001*i, Done: 7*i + 1001*i + 1999*i}
		x.Link = httpdriver.Link{State: httpdriver.LinkOpened, Closed: 1, DNS: 3 * time.Millisecond, Connect: 2 * time.Millisecond, TLS: time.Millisecond}
		if i%2 == 1 {
			x.Response.Class = load.ErrorTimeout
		}
	}
	h.setup(taskStart, scenario.Outcome{})
	got := reported(c).Setup.Connections
	require.Empty(t, cmp.Diff(load.ConnectionReport{
		Opened: 1000, ClosedIdle: 1000, DNS: of(1000), Connect: of(1000), TLS: of(1000), FirstByte: of(999), Transfer: of(999),
	}, counted(got)))
	require.EqualValues(t, 3_000_000, got.DNS.SumMicros)
	require.EqualValues(t, 2_000_000, got.Connect.SumMicros)
	require.EqualValues(t, 1_000_000, got.TLS.SumMicros)
	total := int64(0)
	for i := range time.Duration(1000) {
		total += (3000 * i).Microseconds()
	}
	require.Equal(t, total, got.FirstByte.SumMicros+got.Transfer.SumMicros)
}
