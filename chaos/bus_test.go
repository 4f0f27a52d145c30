//go:build unix

package chaos_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// bus is what a fleet keeps on NATS, read past the product's own readers.
type bus struct {
	t  *testing.T
	nc *nats.Conn
	js jetstream.JetStream
}

func openBus(t *testing.T, fleet *testkit.Fleet) *bus {
	t.Helper()
	nc, err := nats.Connect(fleet.NATS.URL, nats.MaxReconnects(-1))
	require.NoError(t, err)
	closed := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	t.Cleanup(func() {
		nc.Close()
		<-closed
	})
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return &bus{t: t, nc: nc, js: js}
}

// stored returns the messages of a subject, in the order of the stream.
func (b *bus) stored(stream, subject string) []*jetstream.RawStreamMsg {
	b.t.Helper()
	s, err := b.js.Stream(b.t.Context(), stream)
	require.NoError(b.t, err)
	var found []*jetstream.RawStreamMsg
	for next := uint64(1); ; {
		m, err := s.GetMsg(b.t.Context(), next, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return found
		}
		require.NoError(b.t, err)
		found, next = append(found, m), m.Sequence+1
	}
}

// issued adds up the arrivals of the tokens that were published for each second of a run, and of those among them that the bus
// has stored only when their second was over.
func (b *bus) issued(run string) (sums, overdue map[int]int64) {
	b.t.Helper()
	sums, overdue = map[int]int64{}, map[int]int64{}
	for _, m := range b.stored("LOADPILOT_TOKENS", "loadpilot.tokens.*."+run) {
		token, err := wire.DecodeToken(m.Data)
		require.NoError(b.t, err)
		sums[token.Second] += token.Count
		if m.Time.Sub(token.StartAt) >= time.Second {
			overdue[token.Second] += token.Count
		}
	}
	return sums, overdue
}

// partlyDropped adds up the arrivals that generators have dropped of tokens that some generator began.
func (b *bus) partlyDropped(run string) (sum int64) {
	b.t.Helper()
	type slice struct{ second, slice int }
	started, dropped := map[slice]int64{}, map[slice]int64{}
	for _, m := range b.stored("LOADPILOT_EVENTS", "loadpilot.events."+run+".latency.*") {
		event, err := wire.DecodeEvent(m.Data)
		require.NoError(b.t, err)
		for _, token := range event.Tokens {
			started[slice{token.Second, token.Slice}] += token.Started
			dropped[slice{token.Second, token.Slice}] += token.Dropped
		}
	}
	for s, n := range dropped {
		if started[s] > 0 {
			sum += n
		}
	}
	return sum
}

// decisions returns what was decided about a run, in the order of the stream.
func (b *bus) decisions(run string, kind load.DecisionKind) []load.Decision {
	b.t.Helper()
	var found []load.Decision
	for _, m := range b.stored("LOADPILOT_EVENTS", "loadpilot.events."+run+".state") {
		state, err := wire.DecodeState(m.Data)
		require.NoError(b.t, err)
		if state.Decision != nil && state.Decision.Kind == kind {
			found = append(found, *state.Decision)
		}
	}
	return found
}

// results returns every result of a run that was ever published.
func (b *bus) results(run string) [][]byte {
	b.t.Helper()
	var found [][]byte
	for _, m := range b.stored("LOADPILOT_EVENTS", "loadpilot.events."+run+".result") {
		state, err := wire.DecodeState(m.Data)
		require.NoError(b.t, err)
		found = append(found, state.Result)
	}
	return found
}

// leases is the bucket that says who owns each run.
func (b *bus) leases() jetstream.KeyValue {
	b.t.Helper()
	bucket, err := b.js.KeyValue(b.t.Context(), "LOADPILOT_LEASES")
	require.NoError(b.t, err)
	return bucket
}

func leaseKey(run string) string { return "aggregator." + run }

// owner returns who a lease says owns a run.
func owner(entry jetstream.KeyValueEntry) (string, error) {
	var lease struct {
		Owner string `json:"owner"`
	}
	err := json.Unmarshal(entry.Value(), &lease)
	return lease.Owner, err
}

// speech is what is being said about a run by those who own it.
type speech struct {
	t   *testing.T
	sub *nats.Subscription
}

// listen hears decisions and results from now on.
func (b *bus) listen(run string) speech {
	b.t.Helper()
	sub, err := b.nc.SubscribeSync("loadpilot.events." + run + ".*")
	require.NoError(b.t, err)
	require.NoError(b.t, b.nc.Flush())
	return speech{b.t, sub}
}

// until returns as soon as something is said.
func (s speech) until(what func(wire.State) bool) {
	s.t.Helper()
	for {
		m, err := s.sub.NextMsgWithContext(s.t.Context())
		require.NoError(s.t, err)
		state, err := wire.DecodeState(m.Data)
		require.NoError(s.t, err)
		if what(state) {
			return
		}
	}
}
