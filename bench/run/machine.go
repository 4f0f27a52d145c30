package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// machine describes where the figures come from.
func (f *field) machine(ctx context.Context) []fact {
	return []fact{
		{"CPU", valueIn("/proc/cpuinfo", "model name") + ", " + strconv.Itoa(runtime.NumCPU()) + " cores"},
		{"kernel", firstLine(os.ReadFile("/proc/sys/kernel/osrelease"))},
		{"other work", "load average " + firstLine(os.ReadFile("/proc/loadavg")) + " before the start"},
		{"Go", runtime.Version()},
		{loadpilot, says(ctx, f.programs[loadpilot], "version")},
		{fortio, says(ctx, f.programs[fortio], "version")},
		{k6, says(ctx, f.programs[k6], "version")},
		{wrk, says(ctx, f.programs[wrk], "-v")},
		{"nginx", says(ctx, "nginx", "-v")},
	}
}

// says returns the first line that a program writes, wherever and with whatever exit code: wrk knows no other way to tell its version.
func says(ctx context.Context, program string, args ...string) string {
	out, _ := exec.CommandContext(ctx, program, args...).CombinedOutput() //nolint:gosec // the peers
	return firstLine(out, nil)
}

// firstLine returns the first line of a text, "unknown" if there is none.
func firstLine(text []byte, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if err != nil || line == "" {
		return "unknown"
	}
	return line
}

// valueIn finds the first value of a name in a file of lines `name : value`.
func valueIn(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
