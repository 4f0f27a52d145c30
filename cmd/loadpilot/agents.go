package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
)

// agentGrace is how long generator processes have to finish what they are doing before they are killed.
const agentGrace = 10 * time.Second

// agents are generator processes that live as long as this one at most: each ends when its standard input does, which also
// happens if this process is killed.
type agents struct {
	mu       sync.Mutex // start and kill may meet
	commands []*exec.Cmd
	inputs   []io.Closer
}

// addAgents adds n generator processes. natsURL is asked for when they start; with an embedded server it is not known before.
func (a *app) addAgents(n int, pool, creds string, natsURL func() string, log io.Writer) {
	a.group.Add(lifecycle.Part{
		Name:  "agents",
		Start: func(context.Context) error { return a.agents.start(n, pool, creds, natsURL(), log) },
		Run:   a.agents.run,
	})
}

func (g *agents) start(n int, pool, creds, natsURL string, log io.Writer) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range n {
		args := []string{
			"generator", "--until-stdin-closes", "--nats-url", natsURL, "--name", fmt.Sprintf("%s-%d", processName("agent"), i+1),
			"--listen", "127.0.0.1:0", "--log-level", "warn",
		}
		if pool != "" {
			args = append(args, "--pool", pool)
		}
		if creds != "" {
			args = append(args, "--nats-creds", creds)
		}
		cmd := exec.Command(program, args...) //nolint:gosec,noctx // this program itself; its end is asked for, not forced
		cmd.Stderr = log
		input, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			for _, input := range g.inputs { // those that have started leave
				_ = input.Close()
			}
			return fmt.Errorf("start generator %d: %w", i+1, err)
		}
		g.commands, g.inputs = append(g.commands, cmd), append(g.inputs, input)
	}
	return nil
}

// run waits until ctx ends, and fails if all the processes have left before. A single one that is lost is for the ledger to
// show.
func (g *agents) run(ctx context.Context) error {
	var wg sync.WaitGroup
	errs := make([]error, len(g.commands))
	for i, cmd := range g.commands {
		wg.Go(func() { errs[i] = cmd.Wait() })
	}
	gone := make(chan struct{})
	go func() {
		wg.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return fmt.Errorf("all generator processes have ended: %w", errors.Join(errs...))
	case <-ctx.Done():
	}
	for _, input := range g.inputs {
		_ = input.Close()
	}
	select {
	case <-gone:
	case <-time.After(agentGrace):
		g.kill()
		<-gone
	}
	return nil
}

// kill ends the processes at once.
func (g *agents) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, cmd := range g.commands {
		_ = cmd.Process.Kill()
	}
}
