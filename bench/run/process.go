package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	serverCore    = "0"
	generatorCore = "1"
	// glance is how often the memory of a process is looked at.
	glance = 50 * time.Millisecond
	// patience is how much longer than its load a generator may take.
	patience = 90 * time.Second
)

// usage is what a process has cost from its start to its end.
type usage struct {
	cpu    time.Duration // of all its threads, user and system
	memory int64         // the most that was resident, in bytes
	wall   time.Duration
	others time.Duration // CPU time that other work took on the same core meanwhile
}

// command is a generator's command line.
type command struct {
	args []string // the program first
	env  []string // added to that of this process
	// codes are exit codes beside 0 after which there is a result.
	codes []int
}

// run runs a command on the generator's core to its end and returns what it wrote to standard output.
func (c command) run(ctx context.Context, load time.Duration) ([]byte, usage, error) {
	ctx, cancel := context.WithTimeout(ctx, load+patience)
	defer cancel()
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", generatorCore}, c.args...)...) //nolint:gosec // the peers' own command lines
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &complaints, append(os.Environ(), c.env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	begin := time.Now()
	before, err := coreBusy()
	if err != nil {
		return nil, usage{}, err
	}
	if err := cmd.Start(); err != nil {
		return nil, usage{}, fmt.Errorf("start %s: %w", c.args[0], err)
	}
	ended, peak := make(chan struct{}), make(chan int64)
	go watchMemory(cmd.Process.Pid, ended, peak)
	err = cmd.Wait()
	close(ended)
	used := usage{memory: <-peak, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall: time.Since(begin)}
	after, busyErr := coreBusy()
	if busyErr != nil {
		return nil, usage{}, busyErr
	}
	used.others = max(0, after-before-used.cpu)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(c.codes, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return nil, usage{}, fmt.Errorf("run %s: %w\n%s", strings.Join(c.args, " "), err, tail(complaints.Bytes()))
	}
	return out.Bytes(), used, nil
}

// watchMemory looks at a process until it has ended, and then sends the most memory that it had resident. The figure
// that comes with the end of a process will not do: it begins with that of the parent.
func watchMemory(pid int, ended <-chan struct{}, peak chan<- int64) {
	most := int64(0)
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			peak <- most
			return
		case <-ticker.C:
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			if err == nil { // it may have ended just now
				most = max(most, peakMemory(string(status)))
			}
		}
	}
}

// peakMemory finds the most memory that was resident in what Linux says of a process, in bytes; 0 if it does not say.
func peakMemory(status string) int64 {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err == nil {
				return kib << 10
			}
		}
	}
	return 0
}

// tail returns the end of what a process said.
func tail(text []byte) []byte {
	const most = 2000
	return text[max(0, len(text)-most):]
}
