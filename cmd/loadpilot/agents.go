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
	count       int
	pool, creds string
	log         io.Writer

	mu       sync.Mutex // start and kill may meet
	killed   bool
	commands []*exec.Cmd
	inputs   []io.Closer
	errs     []error // of the commands, once alive is done
	alive    sync.WaitGroup
}

// addAgents adds generator processes. natsURL is asked for when they start; with an embedded server it is not known before.
func (a *app) addAgents(g *agents, natsURL func() string) {
	a.group.Add(lifecycle.Part{
		Name:  "agents",
		Start: func(context.Context) error { return g.start(natsURL()) },
		Run:   g.run,
	})
}

func (g *agents) start(natsURL string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.errs = make([]error, g.count)
	memory := divideMemory(os.Getenv, g.count)
	for i := range g.count {
		if g.killed {
			return errors.New("start generators: too late")
		}
		cmd := exec.Command(program, g.arguments(i)...)                 //nolint:gosec,noctx // this program itself; its end is asked for, not forced
		cmd.Env = append(os.Environ(), envName("nats-url")+"="+natsURL) // it may hold a password, and arguments are for all to see
		cmd.Env = append(cmd.Env, memory...)
		cmd.Stderr = g.log
		input, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			for _, input := range g.inputs { // those that have started leave
				_ = input.Close()
			}
			g.alive.Wait()
			return fmt.Errorf("start generator %d: %w", i+1, err)
		}
		g.commands, g.inputs = append(g.commands, cmd), append(g.inputs, input)
		g.alive.Go(func() { g.errs[i] = cmd.Wait() })
	}
	return nil
}

func (g *agents) arguments(i int) []string {
	args := []string{
		"generator", "--until-stdin-closes", "--name", fmt.Sprintf("%s-%d", processName("agent"), i+1),
		"--listen", "127.0.0.1:0", "--log-level", "warn",
	}
	if g.pool != "" {
		args = append(args, "--pool", g.pool)
	}
	if g.creds != "" {
		args = append(args, "--nats-creds", g.creds)
	}
	return args
}

// run waits until ctx ends, and fails if all the processes have left before. A single one that is lost is for the ledger to
// show.
func (g *agents) run(ctx context.Context) error {
	gone := make(chan struct{})
	go func() {
		g.alive.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return fmt.Errorf("all generator processes have ended: %w", errors.Join(g.errs...))
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

// kill ends the processes at once, and returns when they are gone. None starts any more.
func (g *agents) kill() {
	g.mu.Lock()
	g.killed = true
	for _, cmd := range g.commands {
		_ = cmd.Process.Kill()
	}
	g.mu.Unlock()
	g.alive.Wait()
}
