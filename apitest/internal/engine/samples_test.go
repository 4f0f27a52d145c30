package engine

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
)

func TestSamples(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		classes []string // one after the other, each 200 times
		want    map[string]int
	}{
		"one class":           {[]string{"a"}, map[string]int{"a": 100}},
		"two":                 {[]string{"a", "b"}, map[string]int{"a": 50, "b": 50}},
		"three":               {[]string{"a", "b", "c"}, map[string]int{"a": 50, "b": 50}},
		"two that take turns": {[]string{"a", "b", "a"}, map[string]int{"a": 50, "b": 50}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s samples
			n := int64(0)
			for _, class := range tt.classes {
				for range 200 {
					if s.wants(class) {
						s.add(run.ErrorSample{Request: n, Class: class})
					}
					n++
				}
			}
			got := map[string]int{}
			last := int64(-1)
			for _, e := range s.list() {
				got[e.Class]++
				require.Greater(t, e.Request, last, "in order")
				last = e.Request
			}
			require.Equal(t, tt.want, got)
			require.EqualValues(t, 0, s.list()[0].Request, "the first are kept")
		})
	}
}

// One failure of many kinds among very many of one kind is not lost.
func TestRareFailuresAreKept(t *testing.T) {
	t.Parallel()
	var s samples
	for i := range 10_000 {
		class := "common"
		if i > 5000 && i%100 == 0 {
			class = fmt.Sprint("rare ", i)
		}
		if s.wants(class) {
			s.add(run.ErrorSample{Class: class})
		}
	}
	require.Len(t, s.list(), run.MaxSamples)
	require.Len(t, s.count, 50, "49 rare ones and the common one")
	require.Equal(t, 51, s.count["common"])
}
