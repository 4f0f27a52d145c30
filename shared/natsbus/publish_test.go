package natsbus

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
)

// A server that is not ready says that nobody takes tokens. Nothing is sent again behind the publisher's back, when it may be
// too late.
func TestNoTokenIsSentAfterItsDeadline(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	t.Cleanup(func() { server.Shutdown() })
	bus, err := Connect(t.Context(), Config{URL: server.ClientURL(), Name: "test"})
	require.NoError(t, err)
	t.Cleanup(bus.Close)
	config := bus.Tokens.stream.CachedInfo().Config
	require.NoError(t, bus.js.DeleteStream(t.Context(), tokenStream))

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	token := load.Token{Run: "r", Slices: 1, Count: 3, Planned: 3, StartAt: time.Unix(1_800_000_000, 0)}
	err = bus.Tokens.Publish(ctx, "p", []load.Token{token})
	require.ErrorIs(t, err, load.ErrUnavailable)

	stream, err := bus.js.CreateStream(t.Context(), config)
	require.NoError(t, err)
	<-bus.js.PublishAsyncComplete()
	require.NoError(t, bus.nc.Flush())
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	require.Zero(t, info.State.Msgs)
}
