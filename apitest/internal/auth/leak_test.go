package auth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/embedded"
)

// TestNoTokenIsKept stores the result of a run whose target repeats what it was sent.
func TestNoTokenIsKept(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartRedis(embedded.RedisConfig{})
	require.NoError(t, err)
	defer server.Close()
	store, err := archive.Open(archive.Config{RedisURL: "redis://" + server.Addr(), Dir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()

	// A header whose name does not give it away.
	l := with(func(l *run.Login) { l.Send = "X-Session: {{token}}" })
	header, secret, err := serve(t, l, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token": %q}`, token)
	}).Login(t.Context(), "alice")
	require.NoError(t, err)

	c := run.Config{Path: "/", AuthAs: "alice", Headers: []run.Pair{header}}.WithDefaults()
	r := &run.Result{
		TestID: uuid.Must(uuid.NewV7()).String(), State: run.StateCompleted, StartedAt: time.Now().UTC(),
		Errors: []run.ErrorSample{{Message: "bad session " + token, Body: `{"X-Session": "` + token + `"}`}},
	}
	r.Seal(c, secret)
	kept, err := store.Put(t.Context(), r)
	require.NoError(t, err)

	file, err := os.ReadFile(kept.File)
	require.NoError(t, err)
	plain := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer plain.Close()
	stored, err := plain.Get(t.Context(), "api_load_test:results:"+r.TestID).Bytes()
	require.NoError(t, err)
	for _, text := range [][]byte{file, stored} {
		require.NotContains(t, string(text), token)
		var got run.Result
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, "alice", got.Config.AuthAs)
		require.Equal(t, "bad session ***", got.Errors[0].Message)
	}
}
