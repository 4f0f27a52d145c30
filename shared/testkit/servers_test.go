package testkit_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

// publish stores one message in a stream of its own and returns how many the stream then has.
func publish(ctx context.Context, t *testing.T, url string) uint64 {
	t.Helper()
	conn, err := nats.Connect(url)
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
	require.NoError(t, err)
	_, err = js.Publish(ctx, "s", nil)
	require.NoError(t, err)
	info, err := stream.Info(ctx)
	require.NoError(t, err)
	return info.State.Msgs
}

func TestNATSKeepsItsDataAndAddressOverARestart(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	require.EqualValues(t, 1, publish(t.Context(), t, server.URL))
	server.Kill()
	_, err := nats.Connect(server.URL)
	require.Error(t, err)
	server.Start(t)
	require.EqualValues(t, 2, publish(t.Context(), t, server.URL))
}

func TestRedisComesBackEmpty(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	defer client.Close()
	require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
	server.Stop()
	server.Start(t)
	require.ErrorIs(t, client.Get(t.Context(), "key").Err(), redis.Nil)
}
