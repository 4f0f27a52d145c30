package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat, the same wherever Linux runs.
const tick = 10 * time.Millisecond

// coreBusy returns how long the generator's core has worked since the machine was started, for whomever.
func coreBusy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("ask how busy the core is: %w", err)
	}
	return parseBusy(string(text), "cpu"+generatorCore)
}

// parseBusy finds in /proc/stat how long a core has worked: all its time but what it was idle or waited for disks, and with
// what the host of a virtual machine has taken away.
func parseBusy(text, core string) (time.Duration, error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[0] != core {
			continue
		}
		busy := int64(0)
		for i, field := range fields[1:9] { // user nice system idle iowait irq softirq steal
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read how busy %s is: %w", core, err)
			}
			if i != 3 && i != 4 {
				busy += n
			}
		}
		return time.Duration(busy) * tick, nil
	}
	return 0, fmt.Errorf("nothing is said of %s", core)
}
