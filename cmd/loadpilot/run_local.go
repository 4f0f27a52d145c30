package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/services/generator"
	"github.com/loadpilot/loadpilot/services/scheduler"
	"github.com/loadpilot/loadpilot/shared/lifecycle"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// interruptWait is how long an interrupted run has to end in good order, the stop of the run included.
const interruptWait = 1800 * time.Millisecond

// runScenario puts together the process of one run: what the run needs and does not find elsewhere, and last the client that
// follows it.
func runScenario(cmd *cobra.Command, std streams, o *runOptions, file string) error {
	ctx, stop := context.WithCancelCause(cmd.Context())
	defer stop(nil)
	if err := o.validate(); err != nil {
		return err
	}
	source, err := readScenario(file)
	if err != nil {
		return err
	}
	files, err := readData(file, source)
	if err != nil {
		return err
	}
	env, err := o.env.read()
	if err != nil {
		return err
	}
	transport, err := o.transport.read(cmd.Flags())
	if err != nil {
		return err
	}
	logger, err := newLogger(cmd, std, "warn")
	if err != nil {
		return err
	}
	r, err := o.newRunner(cmd.Flags(), std, file, source, stop)
	if err != nil {
		return err
	}
	r.logger, r.request.Files, r.request.Env, r.request.Transport = logger, files, env, transport
	a := newApp("loadpilot run", logger)
	if err := a.addOTLP(o.otlpEndpoint); err != nil {
		return err
	}
	if o.useDemo {
		shop, err := startDemo(ctx, o.seed)
		if err != nil {
			return err
		}
		a.group.Add(lifecycle.Part{Name: "demo", Run: shop.Run})
		r.request.Target = shop.URL()
	}
	gatewayURL, label := o.gatewayURL, "--gateway-url "+o.gatewayURL
	if gatewayURL == "" {
		if gatewayURL, err = o.addStack(ctx, a, std.last); err != nil {
			return err
		}
		label = "gateway of this process"
	}
	if o.agents > 0 && !o.dryRun {
		g := &agents{count: o.agents, pool: o.pool, creds: o.natsCreds, log: std.err}
		std.last.add(g.kill)
		a.addAgents(g, func() string { return o.busURL(a) })
	}
	if o.externalAgents > 0 && o.natsURL == "" && o.gatewayURL == "" {
		announceBus(a, std.err)
	}
	r.client = newClient(gatewayURL, label)
	r.client.token = o.token
	a.group.Add(lifecycle.Part{Name: "run", Run: r.run})
	signal.Ignore(syscall.SIGPIPE) // a reader that has gone fails the write, which ends the run in good order
	parts := runBounded(ctx, a)
	select {
	case client := <-r.outcome:
		return decide(ctx, client, parts)
	default:
		return decide(ctx, errNoOutcome, parts)
	}
}

// newRunner makes the client's side of the run, all but the gateway it speaks to. Progress that cannot be shown ends the run.
func (o *runOptions) newRunner(flags *pflag.FlagSet, std streams, file, source string, stop func(error)) (*runner, error) {
	request, err := o.request(flags, file, source)
	if err != nil {
		return nil, err
	}
	progress := std.out
	if o.jsonOnly {
		progress = std.err
	}
	r := &runner{
		request: request, external: o.externalAgents > 0, outlives: o.gatewayURL != "" || o.natsURL != "",
		dryRun: o.dryRun, jsonOnly: o.jsonOnly, capacity: o.findCapacity, ui: o.ui, outputs: o.outputs, out: std.out, err: std.err,
		view: newDisplay(progress, o.quiet || o.dryRun, stop), outcome: make(chan error, 1),
	}
	if terminal.IsTerminal(std.in) && terminal.IsTerminal(std.out) && !o.jsonOnly && !o.dryRun {
		r.choose = func(ctx context.Context, names []string) (string, error) {
			return chooseScenario(ctx, std.in, std.out, names)
		}
	}
	return r, nil
}

// errNoOutcome stands for a client that was not there yet, or not done, when the process had to end.
var errNoOutcome = &exitError{code: load.ExitInterrupted, err: errors.New("interrupted before there was a result")}

// ranks orders the exit codes of a run that nobody interrupted. A client that was interrupted all the same had to leave because
// of another part.
var ranks = []int{load.ExitPassed, load.ExitInterrupted, load.ExitBreached, load.ExitUntrusted, load.ExitInfra, load.ExitConfig}

// decide says what the process ends with, of what the client and the other parts have to say. An interrupt outranks all, and
// what parts complain of while they stop because of it is of no interest.
func decide(ctx context.Context, client, parts error) error {
	if ctx.Err() != nil {
		text := textOf(client)
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, syscall.EPIPE):
			text = nil // nobody reads
		case !errors.Is(cause, context.Canceled):
			text = cause
		}
		return &exitError{code: load.ExitInterrupted, err: text}
	}
	if slices.Index(ranks, codeOf(parts)) > slices.Index(ranks, codeOf(client)) {
		return parts
	}
	return client
}

// runBounded runs the parts. Once ctx has ended they have only so long to end too; what is left then ends with the process.
func runBounded(ctx context.Context, a *app) error {
	done := make(chan error, 1)
	go func() { done <- a.run(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(interruptWait):
		return nil
	}
}

// addStack adds the services that a run needs, with servers of their own where no URL is given. It returns the URL of the
// gateway. What the servers have stored goes last.
func (o *runOptions) addStack(ctx context.Context, a *app, last *farewell) (gatewayURL string, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", infra(fmt.Errorf("listen for the gateway: %w", err))
	}
	if o.natsURL == "" {
		dir, err := os.MkdirTemp("", "loadpilot-")
		if err != nil {
			return "", infra(errors.Join(fmt.Errorf("make a store folder: %w", err), listener.Close()))
		}
		last.add(func() { removeFolder(dir) })
		a.addNATS(dir, "127.0.0.1:0")
	}
	a.addBus(o.natsURL, o.natsCreds)
	if o.redisURL == "" {
		a.addRedis("127.0.0.1:0")
	}
	a.addStore(o.redisURL)
	timing := scheduler.DefaultConfig()
	if o.natsURL == "" && o.agents == 0 && o.externalAgents == 0 {
		timing.Lead, timing.StartDelay = localLead, localStartDelay
	}
	if !o.dryRun {
		a.addScheduler(timing)
		a.addAggregator(timing.Lead)
		if o.agents == 0 && o.externalAgents == 0 {
			pool := o.pool
			if pool == "" {
				pool = load.DefaultPool
			}
			a.addGenerator(generator.Config{Name: processName("run"), Pool: pool, Version: version})
		}
	}
	config := gateway.DefaultConfig()
	config.ChangeAhead = changeAhead(timing.Lead)
	a.addGateway(listener, config)
	return "http://" + listener.Addr().String(), nil
}

// removeFolder removes the store of a server that may not have stopped yet, and puts down a file while it is at it.
func removeFolder(dir string) {
	for range 5 {
		if os.RemoveAll(dir) == nil {
			return
		}
	}
}

// busURL is where generators of other processes find the bus.
func (o *runOptions) busURL(a *app) string {
	if o.natsURL != "" {
		return o.natsURL
	}
	return a.nats.ClientURL()
}

// announceBus tells where generators can join, once the server is there.
func announceBus(a *app, out io.Writer) {
	a.group.Add(lifecycle.Part{
		Name: "announcement",
		Start: func(context.Context) error {
			_, err := fmt.Fprintf(out, "start the generators with: loadpilot generator --nats-url %s\n", a.nats.ClientURL())
			return err
		},
	})
}
