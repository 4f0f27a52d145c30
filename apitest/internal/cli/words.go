package cli

import (
	"fmt"

	"github.com/loadpilot/loadpilot/shared/terminal"
)

// counted writes a number of things.
func counted(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return terminal.Count(n) + " " + thing
}

// latency writes a time; a handler that is called may take less than a hundredth of a millisecond.
func latency(ms float64) string {
	if ms > 0 && ms < 0.1 {
		return terminal.Number(1000*ms) + "µs"
	}
	return terminal.Millis(ms)
}

// spread writes how far times were apart; a dash if there were none.
func spread(p50, p95, highest float64) string {
	if highest == 0 {
		return "–"
	}
	return fmt.Sprintf("p50 %s   p95 %s   max %s", latency(p50), latency(p95), latency(highest))
}

// rate writes how many there are a second.
func rate(perSecond float64) string { return perSec(perSecond) + "/s" }

// perSec is rate without the unit.
func perSec(n float64) string {
	if n >= 100 {
		return terminal.Count(int64(n + 0.5))
	}
	return terminal.Number(n)
}

// size writes a number of bytes.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, unit := float64(n), 0
	for value >= 1000 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	return fmt.Sprintf("%s %s", terminal.Number(value), units[unit])
}
