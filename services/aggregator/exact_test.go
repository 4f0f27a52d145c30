package aggregator

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// What eight generators recorded, told in events that crossed the bus and came in any order, adds up to the histogram of all
// that they recorded, bin for bin.
func TestEightGeneratorsAreOneHistogram(t *testing.T) {
	t.Parallel()
	const generators, events, values = 8, 20, 500
	rng := rand.New(rand.NewPCG(8, 20))
	all := map[string]*histogram.Histogram{}
	for _, name := range []string{"response", "service", "failed", "lag", "dns", "connect", "tls", "first", "transfer", "setup"} {
		all[name] = histogram.New()
	}
	var recorder histogram.Recorder
	draw := func(name string) histogram.Snapshot {
		for range rng.IntN(2 * values) {
			v := int64(math.Exp(22 * rng.Float64())) // 1 µs to an hour
			recorder.Record(v)
			all[name].Record(v)
		}
		return recorder.Take()
	}
	var messages [][]byte
	for g := range generators {
		for seq := range uint64(events) {
			task := load.TaskReport{
				Second: rng.IntN(3), Task: "browse", Response: draw("response"), Service: draw("service"), FailedTime: draw("failed"),
			}
			text, err := wire.EncodeEvent(load.Event{
				Run: "r", Generator: "g", Instance: strconv.Itoa(g), Seq: seq + 1, Tasks: []load.TaskReport{task}, Lag: draw("lag"),
				Connections: load.ConnectionReport{
					Opened: 1, Reused: 2, Failed: 4, Refused: 3, ClosedIdle: 5, DNS: draw("dns"), Connect: draw("connect"), TLS: draw("tls"),
					FirstByte: draw("first"), Transfer: draw("transfer"),
				},
				Setup: load.SetupReport{Connections: load.ConnectionReport{Opened: 6, Connect: draw("setup")}},
			})
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, text)
		}
	}
	rng.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	a := mustAccount(t, runningRun(70, 3))
	for i, text := range messages {
		e, err := wire.DecodeEvent(text)
		if err != nil {
			t.Fatal(err)
		}
		feed(t, a, load.Record{Sequence: uint64(i) + 1, Event: &e}, load.Record{Sequence: uint64(i) + 1, Event: &e})
	}
	_, _, response, service := totals(a.tasks)
	lag := histogram.New()
	for _, i := range a.instances {
		lag.Merge(i.lag)
	}
	seconds := a.sum("", 0, len(a.seconds))
	if seconds.response.Snapshot() != response.Snapshot() || seconds.service.Snapshot() != service.Snapshot() {
		t.Error("the seconds differ from the run")
	}
	for name, got := range map[string]*histogram.Histogram{
		"response": response, "service": service, "failed": a.failed, "lag": lag, "dns": a.links.dns, "connect": a.links.connect,
		"tls": a.links.tls, "first": a.links.firstByte, "transfer": a.links.transfer, "setup": a.setup.links.connect,
	} {
		if d := cmp.Diff(all[name].Snapshot(), got.Snapshot()); d != "" {
			t.Errorf("%s (-all +merged):\n%s", name, d)
		}
	}
	const n = generators * events
	got := a.links.result()
	for name, pair := range map[string][2]int64{
		"opened": {got.Opened, n}, "reused": {got.Reused, 2 * n}, "failed": {got.Failed, 4 * n}, "refused": {got.Refused, 3 * n},
		"closed": {got.ClosedIdle, 5 * n}, "setup": {a.setup.links.opened, 6 * n},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, want %d", name, pair[0], pair[1])
		}
	}
}
