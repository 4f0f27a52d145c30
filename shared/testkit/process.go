package testkit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stopTimeout is how long a process may take to obey SIGTERM: longer than what any of ours promises, about ten seconds, so that a
// busy machine does not make a process fail that keeps its word.
const stopTimeout = 20 * time.Second

// Binary returns the path of a program: what the environment variable says, or else the main package built with the go
// command into the user's cache. Builds of packages that have not changed take no longer than linking.
func Binary(tb testing.TB, variable, importPath string) string {
	tb.Helper()
	if path := os.Getenv(variable); path != "" {
		return path
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "loadpilot-testkit")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		tb.Fatalf("testkit: build %s: %v", importPath, err)
	}
	// Tests and test binaries run at the same time: each builds in a folder of its own, and renames.
	scratch, err := os.MkdirTemp(folder, "build-") //nolint:usetesting // a rename must stay within one file system
	if err != nil {
		tb.Fatalf("testkit: build %s: %v", importPath, err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	name := filepath.Base(importPath) + exeSuffix()
	path, own := filepath.Join(folder, name), filepath.Join(scratch, name)
	build := exec.CommandContext(tb.Context(), "go", "build", "-o", own, importPath)
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("testkit: build %s: %v\n%s", importPath, err, out)
	}
	if err := os.Rename(own, path); err != nil {
		tb.Fatalf("testkit: build %s: %v", importPath, err)
	}
	return path
}

// Process is a program that a test has started. It is stopped when the test ends.
type Process struct {
	cmd    *exec.Cmd
	stdout *output
	stderr *output
	exited chan struct{} // closed when it has ended and all of its output is there
}

// Command is what to start.
type Command struct {
	Path string
	Args []string
	// Env is added to the environment of the test, as KEY=value.
	Env []string
	// Dir is where it runs, by default where the test does.
	Dir string
}

// Start starts a process. Its output is logged when the test has failed.
func Start(tb testing.TB, command Command) *Process {
	tb.Helper()
	p := &Process{
		cmd:    exec.CommandContext(context.WithoutCancel(tb.Context()), command.Path, command.Args...),
		stdout: newOutput(),
		stderr: newOutput(),
		exited: make(chan struct{}),
	}
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.Env = append(os.Environ(), command.Env...)
	p.cmd.Dir = command.Dir
	p.cmd.WaitDelay = stopTimeout
	if err := p.cmd.Start(); err != nil {
		tb.Fatalf("testkit: start %s: %v", command.Path, err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // ExitCode tells
	}()
	tb.Cleanup(func() {
		p.Stop()
		if tb.Failed() {
			tb.Logf("%s %q ended with %d\nstdout:\n%s\nstderr:\n%s", command.Path, command.Args, p.ExitCode(), p.Stdout(), p.Stderr())
		}
	})
	return p
}

// Terminate asks the process to end, with SIGTERM, and does not wait.
func (p *Process) Terminate() { p.Signal(syscall.SIGTERM) }

// Stop asks the process to end, kills it when it has not after twenty seconds, and returns its exit code.
func (p *Process) Stop() int {
	p.Terminate()
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		p.Kill()
	}
	return p.ExitCode()
}

// Kill ends the process at once and waits until it has.
func (p *Process) Kill() {
	p.Signal(os.Kill)
	<-p.exited
}

// Signal sends a signal; a process that has ended ignores it.
func (p *Process) Signal(signal os.Signal) {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = p.cmd.Process.Kill() // there are no signals on this platform
	}
}

// Wait blocks until the process has ended and returns its exit code.
func (p *Process) Wait() int {
	<-p.exited
	return p.ExitCode()
}

// PID is its process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// ExitCode is -1 while the process runs, and when a signal ended it.
func (p *Process) ExitCode() int {
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	default:
		return -1
	}
}

// Stdout returns what the process has written to its standard output until now.
func (p *Process) Stdout() string { return p.stdout.String() }

// Stderr returns what the process has written to its standard error until now.
func (p *Process) Stderr() string { return p.stderr.String() }

// Line waits for the first line on the standard output, and fails the test when the process ends without one.
func (p *Process) Line(tb testing.TB) string {
	tb.Helper()
	for {
		text, changed := p.stdout.state()
		if line, err := bufio.NewReader(bytes.NewReader(text)).ReadString('\n'); err == nil {
			return line[:len(line)-1]
		}
		select {
		case <-changed:
		case <-p.exited:
			if text, _ := p.stdout.state(); !bytes.Contains(text, []byte{'\n'}) {
				tb.Fatalf("testkit: %s ended with %d before its first line: %s", p.cmd.Path, p.ExitCode(), p.Stderr())
			}
		}
	}
}

// output keeps what a process writes and tells when there is more.
type output struct {
	mu      sync.Mutex
	text    []byte
	changed chan struct{} // closed and replaced with each write
}

var _ io.Writer = (*output)(nil)

func newOutput() *output { return &output{changed: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	close(o.changed)
	o.changed = make(chan struct{})
	return len(p), nil
}

func (o *output) String() string {
	text, _ := o.state()
	return string(text)
}

func (o *output) state() (text []byte, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.text), o.changed
}
