package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
)

// steps is a clock that goes on when it is told to.
type steps struct {
	pacer.Clock

	now time.Duration
}

func (s *steps) Now() time.Duration { return s.now }

func TestWindows(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		known, made int64
		windows     int
		first, last int64
	}{
		"one request":              {1, 1, 1, 1, 1},
		"fewer than windows":       {10, 10, 10, 1, 1},
		"as many":                  {64, 64, 64, 1, 1},
		"one more: ⌈65/64⌉ = 2":    {65, 65, 33, 2, 1},
		"many":                     {100_000, 100_000, 64, 1563, 100_000 - 63*1563},
		"interrupted":              {6400, 150, 2, 100, 50},
		"interrupted early":        {6400, 120, 1, 120, 120},
		"unknown, one":             {0, 1, 1, 1, 1},
		"unknown, 64":              {0, 64, 64, 1, 1},
		"unknown, 65: pairs":       {0, 65, 33, 2, 1},
		"unknown, 128":             {0, 128, 64, 2, 2},
		"unknown, 1000: 62 of 16":  {0, 1000, 63, 16, 8},
		"unknown, the rest joined": {0, 64*1024 + 1, 64, 1024, 1025},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &steps{}
			w := newWindows(tt.known, 0)
			for i := range tt.made {
				clock.now += time.Millisecond
				w.add(time.Duration(i%10)*time.Millisecond, i%2 == 0, i%4 == 0, clock)
			}
			w.finish(clock.now)
			list := w.list()
			require.Len(t, list, tt.windows)
			require.LessOrEqual(t, len(list), run.MaxWindows)
			require.Equal(t, tt.first, list[0].Requests)
			require.Equal(t, tt.last, list[len(list)-1].Requests)
			var sum run.Window
			for _, one := range list {
				sum.Requests += one.Requests
				sum.Failed += one.Failed
				sum.Secs += one.Secs
				require.InDelta(t, float64(one.Requests)/1000, one.Secs, 1e-9)
			}
			require.Equal(t, tt.made, sum.Requests)
			require.Equal(t, (tt.made+3)/4, sum.Failed)
			require.Equal(t, (tt.made+1)/2, w.total.Count(), "all that count are in the total")
			if tt.made >= 1000 {
				require.InDelta(t, 4, list[1].MeanMs, 0.5, "of 0, 2, 4, 6 and 8 ms")
				require.InDelta(t, 4, list[1].P50Ms, 0.01)
				require.InDelta(t, 8, list[1].P95Ms, 0.01)
			}
		})
	}
}
