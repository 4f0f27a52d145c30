package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/loadpilot/loadpilot/shared/load"
)

// A tty is a terminal at which the program runs, and that answers no questions.
type tty struct {
	t      *testing.T
	cmd    *exec.Cmd
	keys   *os.File
	closed chan struct{} // when nothing more will be shown

	mu    sync.Mutex
	shown bytes.Buffer
}

// startAtTerminal starts the program in a folder.
func startAtTerminal(t *testing.T, dir string, args ...string) *tty {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0))
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, screen.Close()) }()
	require.NoError(t, unix.IoctlSetWinsize(int(keys.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	p := &tty{t: t, cmd: exec.Command(program, args...), keys: keys, closed: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), "TERM=xterm-256color")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = screen, screen, screen
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.closed
		_ = keys.Close()
	})
	go func() {
		defer close(p.closed)
		chunk := make([]byte, 4096)
		for {
			n, err := keys.Read(chunk)
			p.mu.Lock()
			p.shown.Write(chunk[:n])
			p.mu.Unlock()
			if err != nil { // the program has ended
				return
			}
		}
	}()
	return p
}

func (p *tty) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

// ended waits for the program and returns its exit code.
func (p *tty) ended() int {
	p.t.Helper()
	err := p.cmd.Wait()
	<-p.closed
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	require.NoError(p.t, err)
	return 0
}

// Commands that show no pages ask the terminal nothing, or they would wait for its answer and lose what is typed meanwhile.
func TestNothingIsAskedOfTheTerminal(t *testing.T) {
	t.Parallel()
	p := startAtTerminal(t, t.TempDir(), "version")
	require.Zero(t, p.ended())
	require.NotContains(t, p.text(), "\x1b")
	require.True(t, strings.HasPrefix(p.text(), "loadpilot "), "%q", p.text())
}

func TestBrowserAtATerminal(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.file("shop.py", browsedShop)
	p := startAtTerminal(t, l.dir, "run", "--dry-run")
	eventually(t, "the scenarios are shown", func() bool { return strings.Contains(p.text(), "Buyers") && strings.Contains(p.text(), "q leave") })
	_, err := p.keys.WriteString("\r")
	require.NoError(t, err)
	eventually(t, "the form is shown", func() bool { return strings.Contains(p.text(), "ctrl+u clear") })
	_, err = p.keys.WriteString("\r")
	require.NoError(t, err)
	require.Equal(t, load.ExitPassed, p.ended(), p.text())
	require.Contains(t, p.text(), "loadpilot run shop.py --scenario=Buyers --demo\r\n")
	require.Contains(t, p.text(), `"scenario": "Buyers"`)

	p = startAtTerminal(t, l.dir, "run")
	eventually(t, "the scenarios are shown", func() bool { return strings.Contains(p.text(), "q leave") })
	_, err = p.keys.WriteString("q")
	require.NoError(t, err)
	require.Equal(t, load.ExitInterrupted, p.ended(), p.text())

	require.Contains(t, l.run(load.ExitConfig, "run").Stderr(), "run takes one scenario file, not 0 arguments")
}
