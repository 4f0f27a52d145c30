package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// command prepares the program without the testkit: as the leader of a process group, which its children belong to.
func (l *lab) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(l.t.Context(), program, args...)
	cmd.Env, cmd.Dir = append(os.Environ(), l.env...), l.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// requireTidy checks that no process of the group lives, and that no temporary file does.
func (l *lab) requireTidy(group int) {
	l.t.Helper()
	require.ErrorIs(l.t, syscall.Kill(-group, 0), syscall.ESRCH, "a process lives on")
	left, err := os.ReadDir(l.temp)
	require.NoError(l.t, err)
	require.Empty(l.t, left)
}

// holding is a target that answers nothing. It tells of each request.
func holding(t *testing.T) (url string, requests <-chan struct{}) {
	t.Helper()
	seen, release := make(chan struct{}, 1000), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		seen <- struct{}{}
		<-release
	}))
	t.Cleanup(func() {
		close(release)
		server.Close()
	})
	return server.URL, seen
}

func TestNoGeneratorOutlivesAnInterrupt(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target, requests := holding(t)
	cmd := l.command("run", testdata(t, "two.py"), "-s", "Light", "-t", target, "--duration", "10m", "--timeout", "10m", "-a", "2", "--json")
	require.NoError(t, cmd.Start())
	<-requests
	require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT), "a terminal sends it to all of them")
	_ = cmd.Wait()
	require.Equal(t, load.ExitInterrupted, cmd.ProcessState.ExitCode())
	l.requireTidy(cmd.Process.Pid)
}

func TestSignalsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	for name, signals := range map[string][]syscall.Signal{
		"hangup": {syscall.SIGHUP},
		"term":   {syscall.SIGTERM},
		"twice":  {syscall.SIGINT, syscall.SIGINT},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if slices.ContainsFunc(signals, func(s syscall.Signal) bool { return signal.Ignored(s) }) {
				t.Skip("the tests were started with this signal ignored, as nohup does, and so are the programs they start")
			}
			l := setup(t)
			target, requests := holding(t)
			cmd := l.command("run", testdata(t, "two.py"), "-s", "Light", "-t", target, "--duration", "10m", "--timeout", "10m", "-a", "1")
			require.NoError(t, cmd.Start())
			<-requests
			exited := make(chan struct{})
			go func() {
				defer close(exited)
				_ = cmd.Wait()
			}()
			tick := time.NewTicker(2 * echo) // what comes sooner counts as the same signal
			defer tick.Stop()
			for _, s := range signals {
				_ = cmd.Process.Signal(s)
				select {
				case <-tick.C:
				case <-exited:
				}
			}
			<-exited
			require.Equal(t, load.ExitInterrupted, cmd.ProcessState.ExitCode())
			l.requireTidy(cmd.Process.Pid)
		})
	}
}

func TestAReaderThatLeavesEndsTheRun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	cmd := l.command("run", testdata(t, "two.py"), "-s", "Light", "-t", target, "--duration", "10m")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, output.Close())
	_ = cmd.Wait()
	require.Equal(t, load.ExitInterrupted, cmd.ProcessState.ExitCode())
	require.Empty(t, complaints.String())
	l.requireTidy(cmd.Process.Pid)
}

func TestInterruptBeforeTheClient(t *testing.T) {
	t.Parallel()
	l := setup(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	p := l.start("run", testdata(t, "two.py"), "-s", "Light", "--demo", "--nats-url", "nats://"+listener.Addr().String())
	conn, err := listener.Accept() // it waits for the greeting of a server
	require.NoError(t, err)
	defer conn.Close()
	p.Signal(os.Interrupt)
	require.Equal(t, load.ExitInterrupted, p.Wait())
	require.Contains(t, p.Stderr(), "interrupted before there was a result")
}

// openTerminal returns both ends of a new pseudo-terminal.
func openTerminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	fd := int(keyboard.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	return keyboard, screen
}

// atTerminal runs the program at a terminal of its own and answers its question.
func (l *lab) atTerminal(question, answer string, args ...string) (code int, text string) {
	l.t.Helper()
	keyboard, screen := openTerminal(l.t)
	defer keyboard.Close()
	cmd := l.command(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(l.t, cmd.Start())
	require.NoError(l.t, screen.Close())
	var shown bytes.Buffer
	var once sync.Once
	buffer := make([]byte, 4096)
	for {
		n, err := keyboard.Read(buffer)
		shown.Write(buffer[:n])
		if strings.Contains(shown.String(), question) {
			once.Do(func() { _, err = keyboard.WriteString(answer) })
		}
		if err != nil { // EIO: the last process at the terminal has left
			break
		}
	}
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), shown.String()
}

func TestAQuestionAtATerminal(t *testing.T) {
	t.Parallel()
	l := setup(t)
	code, text := l.atTerminal("Which one? [1-2] ", "\x03", "run", testdata(t, "two.py"), "--demo")
	require.Equal(t, load.ExitInterrupted, code, text)
	require.Contains(t, text, "interrupted before there was a result")
	code, text = l.atTerminal("Which one? [1-2] ", "1\n", "run", testdata(t, "two.py"), "--demo")
	require.Contains(t, []int{load.ExitPassed, load.ExitUntrusted}, code, text) // the latter on a busy machine
	require.Contains(t, text, "Light")
}

func TestAResultIntoAPipe(t *testing.T) {
	t.Parallel()
	l := setup(t)
	pipe := filepath.Join(l.dir, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	p := l.start("run", testdata(t, "two.py"), "-s", "Light", "--demo", "--json", "--results-json", "pipe")
	file, err := os.Open(pipe)
	require.NoError(t, err)
	defer file.Close()
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Equal(t, load.ExitPassed, exitCode(p))
	require.Equal(t, p.Stdout(), string(text))
	info, err := os.Lstat(pipe)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeNamedPipe)
}

func TestAFolderThatCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	l := setup(t)
	closed := filepath.Join(l.dir, "closed")
	require.NoError(t, os.Mkdir(closed, 0o500))
	if probe, err := os.CreateTemp(closed, "x"); !errors.Is(err, os.ErrPermission) {
		_ = probe.Close()
		t.Skip("root may write everywhere")
	}
	p := l.run(load.ExitConfig, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--results-json", "closed/r.json")
	require.Contains(t, p.Stderr(), "--results-json: cannot write to folder closed")
}

func TestAGatewayThatIsNoFriend(t *testing.T) {
	t.Parallel()
	l := setup(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/runs", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id": "../../../evil"}`)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	p := l.run(load.ExitInfra, "run", testdata(t, "two.py"), "-s", "Light", "-t", server.URL, "--gateway-url", server.URL)
	require.Contains(t, p.Stderr(), "evil")
	require.NoDirExists(t, filepath.Join(l.state, "loadpilot"))
}
