package gateway

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// stored is a SeriesStore.
type stored struct {
	seconds []load.Second
	err     error
}

func (s stored) Series(context.Context, string) ([]load.Second, error) { return s.seconds, s.err }

type series struct {
	Seconds  []load.Second
	Complete bool
}

func seconds(started int64, from, to int) []load.Second {
	var out []load.Second
	for s := from; s < to; s++ {
		out = append(out, load.Second{Second: s, Started: started})
	}
	return out
}

func TestTheSeriesOfARunUnderWay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		store SeriesStore
		from  string
		more  []load.Second
		want  []load.Second
	}{
		"without a store: since the gateway came": {nil, "", nil, seconds(2, 3, 6)},
		"what was before is in the store":         {stored{seconds: seconds(1, 0, 5)}, "", nil, append(seconds(1, 0, 3), seconds(2, 3, 6)...)},
		"from a second on":                        {stored{seconds: seconds(1, 0, 5)}, "?from=2", nil, append(seconds(1, 2, 3), seconds(2, 3, 6)...)},
		"which needs no store":                    {stored{err: load.ErrUnavailable}, "?from=4", nil, seconds(2, 4, 6)},
		"the store is away":                       {stored{err: load.ErrUnavailable}, "", nil, seconds(2, 3, 6)},
		"what was missed is in the store":         {stored{seconds: seconds(1, 0, 8)}, "?from=3", seconds(2, 8, 9), slices.Concat(seconds(2, 3, 6), seconds(1, 6, 8), seconds(2, 8, 9))},
		"beyond the end":                          {nil, "?from=9", nil, []load.Second{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t, func(_ *Config, d *Deps) { d.Series = tc.store })
			id := f.submitted()
			r := f.follow(id, false)
			require.Equal(t, "state pending", r.next())
			f.bus.tell(load.Live{RunID: id, Seconds: append(seconds(2, 3, 6), tc.more...)})
			require.Equal(t, "live 0", r.next())
			equal(t, series{Seconds: tc.want}, decode[series](t, f.get("/v1/runs/"+id+"/series"+tc.from)))
		})
	}
}

func TestTheSeriesOfAnEndedRunIsThatOfItsResult(t *testing.T) {
	t.Parallel()
	f := setup(t, func(_ *Config, d *Deps) { d.Series = stored{seconds: seconds(1, 0, 2)} })
	id := f.submitted()
	f.bus.become(id, load.StateDone)
	equal(t, series{Seconds: seconds(1, 0, 2)}, decode[series](t, f.get("/v1/runs/"+id+"/series"))) // no result yet
	f.bus.publishResult(id, `{"requests_total":3,"series":[{"second":0,"started":1},{"second":1,"started":2}]}`)
	equal(t, series{Seconds: []load.Second{{Second: 1, Started: 2}}, Complete: true}, decode[series](t, f.get("/v1/runs/"+id+"/series?from=1")))
	f.bus.publishResult(id, `[]`)
	f.get("/v1/runs/"+id+"/series").problem(t, http.StatusInternalServerError)
}

func TestTheListTellsVerdictAndTrust(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var ids []string
	for i, result := range []string{
		`{"verdict":{"passed":true},"trust":{"level":"trusted"}}`, `{"verdict":{"passed":false},"trust":{"level":"untrusted"}}`, "", "",
	} {
		id := f.submitted()
		ids = append(ids, id)
		if i < 3 {
			f.bus.become(id, load.StateDone)
		}
		if result != "" {
			f.bus.publishResult(id, result)
		}
	}
	list := func() (out []string) {
		for _, run := range decode[struct{ Runs []Run }](t, f.get("/v1/runs")).Runs {
			out = append(out, fmt.Sprintf("%s/%s", run.Verdict, run.Trust))
		}
		return out
	}
	require.Equal(t, []string{"/", "/", "failed/untrusted", "passed/trusted"}, list())
	f.bus.publishResult(ids[2], `{"verdict":{"passed":true},"trust":{"level":"degraded"}}`) // it came late
	f.bus.publishResult(ids[0], `not read again`)
	require.Equal(t, []string{"/", "passed/degraded", "failed/untrusted", "passed/trusted"}, list())
	one := decode[Run](t, f.get("/v1/runs/"+ids[1]))
	require.Equal(t, "failed untrusted", one.Verdict+" "+one.Trust)
	f.bus.publishResult(ids[1], `[]`)
	f.get("/v1/runs/"+ids[1]).problem(t, http.StatusInternalServerError)
	f.bus.become(ids[3], load.StateDone)
	f.bus.publishResult(ids[3], `[]`)
	require.Equal(t, []string{"/", "passed/degraded", "failed/untrusted", "passed/trusted"}, list(), "one that cannot be read does not hide the others")
}

func TestOutcomesOfRunsThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBus()
	b.publishResult("a", `{}`)
	b.publishResult("b", `{}`)
	o := &outcomes{results: b, known: map[string]outcome{}}
	for _, id := range []string{"a", "b", "none"} {
		_, err := o.of(t.Context(), id)
		require.NoError(t, err)
	}
	o.keep([]load.Run{{ID: "b"}, {ID: "c"}})
	require.Equal(t, map[string]outcome{"b": {verdict: "failed"}}, o.known)
}
