package natsbus_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
)

// benchmark runs over the in-process connection and over TCP.
func benchmark(b *testing.B, run func(*testing.B, *natsbus.Bus)) {
	b.Helper()
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: b.TempDir(), Port: -1})
	require.NoError(b, err)
	defer server.Shutdown()
	for name, config := range map[string]natsbus.Config{
		"inside": {InProcess: server.Server()},
		"tcp":    {URL: server.ClientURL()},
	} {
		b.Run(name, func(b *testing.B) {
			bus, err := natsbus.Connect(b.Context(), config)
			require.NoError(b, err)
			defer bus.Close()
			b.ReportAllocs()
			run(b, bus)
		})
	}
}

// One iteration is the burst of a second: 64 tokens.
func BenchmarkPublishTokens(b *testing.B) {
	benchmark(b, func(b *testing.B, bus *natsbus.Bus) {
		b.Helper()
		run, s := newRun(), 0
		for b.Loop() {
			if err := bus.Tokens.Publish(b.Context(), run.Pool, second(run, s, 64)); err != nil {
				b.Fatal(err)
			}
			s++
		}
		b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
}

func BenchmarkPublishEvent(b *testing.B) {
	benchmark(b, func(b *testing.B, bus *natsbus.Bus) {
		b.Helper()
		event := newEvent(newRun(), "g", 0)
		event.Tasks = []load.TaskReport{{Task: "browse", Iterations: 50, Requests: 50, Status: map[int]int64{200: 50}}}
		for b.Loop() {
			event.Seq++
			if err := bus.Events.Publish(b.Context(), event); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// One iteration publishes 64 tokens and takes them.
func BenchmarkFetchTokens(b *testing.B) {
	benchmark(b, func(b *testing.B, bus *natsbus.Bus) {
		b.Helper()
		run, s := newRun(), 0
		require.NoError(b, bus.Tokens.Open(b.Context(), run, 0))
		for b.Loop() {
			if err := bus.Tokens.Publish(b.Context(), run.Pool, second(run, s, 64)); err != nil {
				b.Fatal(err)
			}
			for taken := 0; taken < 64; {
				deliveries, err := bus.Tokens.Fetch(b.Context(), run, 64-taken)
				if err != nil {
					b.Fatal(err)
				}
				for _, d := range deliveries {
					if err := d.Receipt.Ack(); err != nil {
						b.Fatal(err)
					}
				}
				taken += len(deliveries)
			}
			s++
		}
	})
}
