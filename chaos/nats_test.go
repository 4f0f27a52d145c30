//go:build unix

package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

const (
	// ahead is how long before a second its tokens are published.
	ahead = time.Second
	// delivery is how long they may take to the generators.
	delivery = 500 * time.Millisecond
	// recovery is how long after NATS answers again the rate must be back: to connect, and the lead for which a second must be
	// published before it begins.
	recovery = 3 * time.Second
)

// outage is a time without NATS.
type outage struct {
	crash bool // it is killed, else stopped in order
	lasts time.Duration
}

func (o outage) String() string {
	if o.crash {
		return "killed, back after " + o.lasts.String()
	}
	return "stopped, back after " + o.lasts.String()
}

// befall makes the fleet go through the outage, and returns when it began and when NATS answered again.
func (o outage) befall(t *testing.T, f *testkit.Fleet) (down, up time.Time) {
	t.Helper()
	down = time.Now()
	if o.crash {
		f.NATS.Kill()
	} else {
		f.NATS.Stop()
	}
	until(t, down.Add(o.lasts))
	f.NATS.Start(t)
	return down, time.Now()
}

// aroundOutage is what an outage may touch: from when the tokens run out that are held, until the rate is back.
func aroundOutage(down, up time.Time) span { return span{down.Add(held - delivery), up.Add(recovery)} }

func TestNATSIsAwayInMidRun(t *testing.T) {
	t.Parallel()
	for _, o := range []outage{
		{false, 500 * time.Millisecond},
		{true, 500 * time.Millisecond},
		{true, 3 * time.Second},
		{true, 10 * time.Second},
	} {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, testkit.FleetConfig{Generators: 2})
			duration := 8*time.Second + o.lasts.Truncate(time.Second)
			run := submit(t, f, order{RPS: 60, Duration: duration.String(), MaxLag: slack, Generators: 2})
			run.at(2600 * time.Millisecond)
			touched := aroundOutage(o.befall(t, f))
			result := run.check(cost{redelivered: o.crash})
			run.checkRate(result, touched)
			require.Empty(t, run.record().Missing(4*60), "what was held has run on")
			checkEnd(t, f)
		})
	}
}

func TestNATSIsKilledTwiceInARun(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "14s", MaxLag: slack, Generators: 2})
	run.at(2600 * time.Millisecond)
	first := aroundOutage(outage{true, time.Second}.befall(t, f))
	run.at(7600 * time.Millisecond)
	second := aroundOutage(outage{true, 2 * time.Second}.befall(t, f))
	result := run.check(cost{redelivered: true})
	run.checkRate(result, first, second)
	checkEnd(t, f)
}

// NATS goes away in the last second: everything is issued and held by then, and the generators go on to the end without it. All
// that they have to tell afterwards must be in the result, however much of the time that the aggregator gives a second has
// passed meanwhile. The target is slow, so that iterations that start during the outage end in it as well.
func TestNATSIsAwayAtTheEndOfARun(t *testing.T) {
	t.Parallel()
	for _, lasts := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 12 * time.Second} {
		o := outage{crash: true, lasts: lasts}
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, testkit.FleetConfig{Generators: 2})
			run := submit(t, f, order{RPS: 60, Duration: "4s", MaxLag: slack, Generators: 2}, "-latency", "900ms")
			run.at(3600 * time.Millisecond)
			o.befall(t, f)
			result := run.check(cost{redelivered: true})
			l := result.Ledger
			require.Equal(t, l.Planned, l.Started-l.Repeated, "%s: %+v", run, l)
			require.Zero(t, result.LateEvents, "%s", run)
			checkEnd(t, f)
		})
	}
}
