//go:build !race

package python_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

const (
	// hostileTime bounds the processor time of a script with all that this process does for it, such as collecting garbage. The
	// aim is 2 s; the rest is room for slow machines.
	hostileTime = 4 * time.Second
	// heardWithin bounds the processor time between a stop and the end of the call. Most hear of it within 100 ms.
	heardWithin = time.Second
)

// TestHostileScriptsEndInTime: each ends by itself at the limits of an iteration. The race
// detector makes a step ten times as long, so that it says nothing about time.
func TestHostileScriptsEndInTime(t *testing.T) { //nolint:paralleltest // the time is measured
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	scripts := hostileLanguage()
	maps.Copy(scripts, hostileModules())
	for _, name := range slices.Sorted(maps.Keys(scripts)) { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			before := cpuTime()
			out := run(t, "hostile.py", []byte(scripts[name].src), runtime.Limits{})
			took := cpuTime() - before
			t.Logf("%v", took.Round(time.Millisecond))
			if took > hostileTime {
				t.Errorf("it took %v of the processors", took)
			}
			last := out[strings.LastIndexByte(strings.TrimSuffix(out, "\n"), '\n')+1:]
			if !strings.Contains(last, scripts[name].want) || !strings.Contains(out, "Traceback") {
				t.Errorf("got %.300q, want %s", last, scripts[name].want)
			}
		})
	}
}
