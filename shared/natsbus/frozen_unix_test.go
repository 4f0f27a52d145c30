//go:build unix

package natsbus_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// A server that takes nothing more off the wire blocks nobody for longer than a connection is worth.
func TestAFrozenServerBlocksNobody(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	bus, err := natsbus.Connect(t.Context(), natsbus.Config{URL: server.URL})
	require.NoError(t, err)
	server.Freeze(t)
	refused := make(chan error)
	go func() { // more than the buffers on the way hold
		line := load.Live{RunID: newRun().ID, Scenario: strings.Repeat("x", 512<<10)}
		for {
			if err := bus.Live.Publish(t.Context(), line); err != nil {
				refused <- err
				return
			}
		}
	}()
	require.ErrorIs(t, next(t, refused), load.ErrUnavailable)
	closed := make(chan struct{})
	go func() {
		bus.Close()
		closed <- struct{}{}
	}()
	next(t, closed)
}
