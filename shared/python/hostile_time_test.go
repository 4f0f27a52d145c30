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

// hostileTime bounds a script under any load; on a quiet machine each ends within 2 s.
const hostileTime = 20 * time.Second

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
			begin := time.Now()
			out := run(t, "hostile.py", []byte(scripts[name].src), runtime.Limits{})
			took := time.Since(begin)
			t.Logf("%v", took.Round(time.Millisecond))
			if took > hostileTime {
				t.Errorf("it went on for %v", took)
			}
			last := out[strings.LastIndexByte(strings.TrimSuffix(out, "\n"), '\n')+1:]
			if !strings.Contains(last, scripts[name].want) || !strings.Contains(out, "Traceback") {
				t.Errorf("got %.300q, want %s", last, scripts[name].want)
			}
		})
	}
}
