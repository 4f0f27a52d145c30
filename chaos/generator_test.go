package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestAGeneratorIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	run := submit(t, f, order{RPS: 90, Duration: "6s", Generators: 3})
	run.at(2500 * time.Millisecond)
	f.Generators[1].Kill()
	result := run.check(cost{unreported: true})
	l := result.Ledger
	const share = 30
	require.LessOrEqual(t, l.Dropped+l.Lost+l.Unfinished, int64(2*share+share/2), "%+v", l)
	checkEnd(t, f)
}
