package scenario

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// A file that does not come to an end is refused with the line it had reached. Time is
// virtual: it passes only in a sleep.
func TestLoadingIsLimited(t *testing.T) {
	t.Parallel()
	const tooLong = "loading the scenario took longer than 2 s"
	for script, want := range map[string]struct {
		msg   string
		after time.Duration
	}{
		"import time; time.sleep(30)\n":                                                       {tooLong, 2 * time.Second},
		"import time\nwhile True: time.sleep(0.01)\n":                                         {tooLong, 2 * time.Second},
		"import time\nwhile True:\n    try: time.sleep(30)\n    except BaseException: pass\n": {tooLong, 2 * time.Second},
		"while True: pass\n":                                                                  {"StepLimitExceeded: step limit reached", 0},
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				_, err := Compile(t.Context(), "script.py", []byte(prelude+script), Options{})
				require.ErrorIs(t, err, load.ErrInvalid)
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, want.msg, e.Msg)
				require.Equal(t, want.after, time.Since(begin))
				require.Greater(t, e.Line, 1)
				require.Contains(t, e.Error(), e.Text+"\n")
				require.NotContains(t, e.Error(), "ancelled")
			})
		})
	}
}

func TestLoadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := Compile(ctx, "script.py", []byte("import time\ntime.sleep(30)\n"), Options{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, load.ErrInvalid)
	})
}
