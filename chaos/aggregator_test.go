//go:build unix

package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// zombieFrozen is longer than a lease.
const zombieFrozen = 5 * time.Second

func TestAnAggregatorIsKilledWithAnotherStandingBy(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Aggregators: 2, Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "8s", Generators: 2})
	ownership := run.watchOwners()
	run.at(2500 * time.Millisecond)
	ownership.owner().Kill()
	result := run.untouched()
	ownership.require(2, 1, result)
	run.requireOneResult(result)
	checkEnd(t, f)
}

func TestTheOnlyAggregatorIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "8s", Generators: 2})
	ownership := run.watchOwners()
	run.at(2500 * time.Millisecond)
	ownership.owner().Kill()
	lasting(t, 2*time.Second)
	f.Aggregators[0].Start(t)
	result := run.untouched()
	ownership.require(2, 1, result)
	run.requireOneResult(result)
	checkEnd(t, f)
}

func TestTwoAggregatorsHaveOneOwner(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Aggregators: 2, Generators: 2})
	run := submit(t, f, order{RPS: 120, Duration: "5s", Generators: 2})
	ownership := run.watchOwners()
	result := run.untouched()
	ownership.require(1, 0, result)
	require.Len(t, ownership.bus.results(run.id), 1)
	run.requireOneResult(result)
	checkEnd(t, f)
}

// An owner that was frozen for longer than its lease wakes up and believes that it still is one.
func TestTheOwnerIsFrozen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		aggregators int
		duration    string
	}{
		"another takes over, in mid-run":  {2, "10s"},
		"another takes over, and ends it": {2, "5s"},
		"nobody takes over, in mid-run":   {1, "10s"},
		"nobody takes over, at the end":   {1, "5s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, testkit.FleetConfig{Aggregators: c.aggregators, Generators: 2})
			run := submit(t, f, order{RPS: 60, Duration: c.duration, Generators: 2})
			ownership := run.watchOwners()
			run.at(2500 * time.Millisecond)
			zombie := ownership.owner()
			zombie.Freeze(t)
			lasting(t, zombieFrozen)
			zombie.Thaw()
			result := run.untouched()
			require.Zero(t, result.LateEvents, "the run was ended without having read what there was")
			ownership.require(c.aggregators, 1, result)
			run.requireOneResult(result)
			checkEnd(t, f)
		})
	}
}

// The owner is killed as soon as the last second is closed, the run is ended or its result stored.
func TestTheOwnerIsKilledAtTheEnd(t *testing.T) {
	t.Parallel()
	const last = 3
	closed := func(s wire.State) bool {
		return s.Decision != nil && s.Decision.Kind == load.DecisionClose && s.Decision.Second == last
	}
	ended := func(s wire.State) bool { return s.Decision != nil && s.Decision.Kind == load.DecisionEnd }
	stored := func(s wire.State) bool { return s.Result != nil }
	for name, c := range map[string]struct {
		aggregators int
		when        func(wire.State) bool
	}{
		"last second closed, another stands by": {2, closed},
		"last second closed, it comes back":     {1, closed},
		"ended, another stands by":              {2, ended},
		"ended, it comes back":                  {1, ended},
		"stored, another stands by":             {2, stored},
		"stored, it comes back":                 {1, stored},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, testkit.FleetConfig{Aggregators: c.aggregators, Generators: 2})
			run := submit(t, f, order{RPS: 60, Duration: fmt.Sprintf("%ds", last+1), Generators: 2})
			ownership := run.watchOwners()
			said := ownership.bus.listen(run.id)
			run.at(0)
			victim := ownership.owner()
			said.until(c.when)
			victim.Kill()
			if c.aggregators == 1 {
				victim.Start(t)
			}
			result := run.untouched()
			run.requireOneResult(result)
			checkEnd(t, f)
		})
	}
}

// ownership is who owned a run, one after the other, and under which epochs Redis was written to, as a bystander sees it.
type ownership struct {
	trial *trial
	bus   *bus
	watch sync.WaitGroup
	end   context.CancelFunc

	// For those who have waited for watch:
	owners []string
	taken  []time.Time // by each owner, in bus time
	epochs []uint64
	err    error
}

// watchOwners begins to watch who owns the run.
func (r *trial) watchOwners() *ownership {
	r.t.Helper()
	o := &ownership{trial: r, bus: openBus(r.t, r.fleet)}
	ctx, cancel := context.WithCancel(r.t.Context())
	o.end = cancel
	leases, err := o.bus.leases().Watch(ctx, leaseKey(r.id), jetstream.IgnoreDeletes())
	require.NoError(r.t, err)
	client := r.redis()
	o.watch.Go(func() {
		tick := time.NewTicker(poll)
		defer tick.Stop()
		for {
			select {
			case lease := <-leases.Updates():
				o.sawLease(lease)
			case <-tick.C:
				o.sawEpoch(client.HGet(ctx, "load_test:live:"+r.id, "epoch").Uint64())
			case <-ctx.Done():
				return
			}
		}
	})
	r.t.Cleanup(func() {
		cancel()
		o.watch.Wait()
	})
	return o
}

func (o *ownership) sawLease(lease jetstream.KeyValueEntry) {
	if lease == nil { // the present one was told
		return
	}
	name, err := owner(lease)
	o.err = errors.Join(o.err, err)
	if len(o.owners) == 0 || o.owners[len(o.owners)-1] != name {
		o.owners, o.taken = append(o.owners, name), append(o.taken, lease.Created())
	}
}

func (o *ownership) sawEpoch(epoch uint64, err error) {
	switch {
	case errors.Is(err, redis.Nil), errors.Is(err, context.Canceled):
	case err != nil:
		o.err = errors.Join(o.err, err)
	default:
		o.epochs = append(o.epochs, epoch)
	}
}

// owner returns the aggregator that owns the run.
func (o *ownership) owner() (found *testkit.Service) {
	r := o.trial
	r.t.Helper()
	r.await("an aggregator owns it", func() bool {
		lease, err := o.bus.leases().Get(r.t.Context(), leaseKey(r.id))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return false
		}
		require.NoError(r.t, err)
		name, err := owner(lease)
		require.NoError(r.t, err)
		for _, s := range r.fleet.Aggregators {
			if strings.Contains(name, fmt.Sprintf("-%d/", s.PID())) {
				found = s
			}
		}
		return found != nil
	})
	return found
}

// require checks that the run had so many owners, one after the other and never again one that had lost it to another, that
// each said so, that Redis never obeyed an earlier one, and that the result tells of so many takeovers and of nothing else.
func (o *ownership) require(owners, takeovers int, result load.Result) {
	t := o.trial.t
	t.Helper()
	o.end()
	o.watch.Wait()
	require.NoError(t, o.err)
	require.NotEmpty(t, o.epochs)
	require.True(t, slices.IsSorted(o.epochs), "%v", o.epochs)
	var marks []string
	for _, d := range o.bus.decisions(o.trial.id, load.DecisionOwn) {
		marks = append(marks, d.Owner)
	}
	marks = slices.Compact(marks)
	require.Len(t, marks, owners)
	// Who stands by and has not heard of the end may take the lease that the owner has just given back. It finds the run done,
	// and leaves no mark.
	require.GreaterOrEqual(t, len(o.owners), owners)
	require.Equal(t, marks, o.owners[:owners])
	published := o.bus.stored("LOADPILOT_EVENTS", "loadpilot.events."+o.trial.id+".result")[0].Time
	for i, taken := range o.taken[owners:] {
		require.True(t, taken.After(published), "%s took the lease before there was a result", o.owners[owners+i])
	}
	require.Len(t, result.Incidents, takeovers, "%v", result.Incidents)
	for _, i := range result.Incidents {
		require.Equal(t, load.IncidentTakeover, i.Kind, "%v", i)
	}
}

// requireOneResult checks that everybody is told the same: by the gateway, by each copy in the event stream, and by Redis.
func (r *trial) requireOneResult(result load.Result) {
	t := r.t
	t.Helper()
	var body json.RawMessage
	_, err := r.fleet.Do(http.MethodGet, "/v1/runs/"+r.id+"/result", nil, &body)
	require.NoError(t, err)
	for _, stored := range openBus(t, r.fleet).results(r.id) {
		require.Equal(t, string(body), string(stored))
	}
	r.checkRedis(result)
}
