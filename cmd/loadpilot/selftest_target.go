package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
)

// selftestTarget is a process of this program that answers requests at once. It ends when its standard input does, which also
// happens if this process is killed.
type selftestTarget struct {
	url string

	mu    sync.Mutex // start and kill may meet
	cmd   *exec.Cmd
	input io.Closer
}

// selftestTargetName is the hidden command that the process runs.
const selftestTargetName = "selftest-target"

func (t *selftestTarget) start(context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(program, selftestTargetName) //nolint:gosec,noctx // this program itself; its end is asked for, not forced
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	output, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return errors.Join(err, input.Close())
	}
	t.mu.Lock()
	t.cmd, t.input = cmd, input
	t.mu.Unlock()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.kill()
		return fmt.Errorf("read its address: %w", err)
	}
	t.url = strings.TrimSpace(line)
	return nil
}

// stop ends the process and waits for it.
func (t *selftestTarget) stop() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cmd == nil {
		return nil
	}
	err := errors.Join(t.input.Close(), t.cmd.Wait())
	t.cmd = nil
	return err
}

// pid identifies the process, which has been started.
func (t *selftestTarget) pid() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cmd == nil {
		return 0
	}
	return t.cmd.Process.Pid
}

// kill ends the process at once, if it is there.
func (t *selftestTarget) kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cmd == nil {
		return
	}
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
	t.cmd = nil
}

func newSelftestTargetCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use: selftestTargetName, Hidden: true, Short: "Answer the requests of selftest", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := untilClosed(cmd.Context(), std.in)
			listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return infra(fmt.Errorf("listen: %w", err))
			}
			if _, err := fmt.Fprintf(std.out, "http://%s\n", listener.Addr()); err != nil {
				return infra(err)
			}
			return infra(lifecycle.Serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"ok":true}`)
			})))
		},
	}
}
