package main

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/telemetry"
)

// cpuTick is the unit of CPU time in /proc, the same wherever Linux runs.
const cpuTick = 10 * time.Millisecond

// cpuSpent is the CPU time since the machine was started.
type cpuSpent struct {
	all  time.Duration // that its processors had
	busy time.Duration // that they worked, or that the host of a virtual machine took away
	own  time.Duration // of this process and the target
}

// readCPU reads proc, which is /proc; pid is the target. It fails where the system tells in another way, or not at all.
func readCPU(proc fs.FS, pid int) (cpuSpent, error) {
	line, err := firstLineOf(proc, "stat")
	if err != nil {
		return cpuSpent{}, err
	}
	// cpu user nice system idle iowait irq softirq steal …: what guests took is in user and nice.
	times, err := ticks(strings.Fields(line), 1, 9)
	if err != nil {
		return cpuSpent{}, err
	}
	c := cpuSpent{own: telemetry.CPUTime()}
	for i, t := range times {
		c.all += t
		if i != 3 && i != 4 {
			c.busy += t
		}
	}
	if line, err = firstLineOf(proc, strconv.Itoa(pid)+"/stat"); err != nil {
		return cpuSpent{}, err
	}
	// pid (name) state …: the name may hold anything, user and system time are the 12th and 13th after it.
	times, err = ticks(strings.Fields(line[strings.LastIndexByte(line, ')')+1:]), 11, 13)
	if err != nil {
		return cpuSpent{}, err
	}
	c.own += times[0] + times[1]
	return c, nil
}

// othersPercent returns the share of the processors that other work took since before was read.
func (c cpuSpent) othersPercent(before cpuSpent) float64 {
	others := (c.busy - before.busy) - (c.own - before.own)
	return 100 * max(0, float64(others)) / float64(max(1, c.all-before.all))
}

func firstLineOf(proc fs.FS, name string) (string, error) {
	text, err := fs.ReadFile(proc, name)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line, nil
}

// ticks reads the fields from one to before another as CPU time.
func ticks(fields []string, from, to int) ([]time.Duration, error) {
	if len(fields) < to {
		return nil, fmt.Errorf("%d fields where %d are expected", len(fields), to)
	}
	var out []time.Duration
	for _, field := range fields[from:to] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, time.Duration(n)*cpuTick)
	}
	return out, nil
}
