package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/services/generator"
	"github.com/loadpilot/loadpilot/services/scheduler"
	"github.com/loadpilot/loadpilot/shared/lifecycle"
	"github.com/loadpilot/loadpilot/shared/load"
)

// interruptWait is how long an interrupted run has to end in good order, the stop of the run included.
const interruptWait = 1800 * time.Millisecond

// runScenario puts together the process of one run: what the run needs and does not find elsewhere, and last the client that
// follows it.
func runScenario(cmd *cobra.Command, std streams, o *runOptions, file string) error {
	ctx := cmd.Context()
	if err := o.validate(); err != nil {
		return err
	}
	source, err := readScenario(file)
	if err != nil {
		return err
	}
	logger, err := newLogger(cmd, std, "warn")
	if err != nil {
		return err
	}
	a := newApp("loadpilot run", logger)
	r := &runner{
		external: o.externalAgents > 0, dryRun: o.dryRun, jsonOnly: o.jsonOnly, file: o.resultsJSON, out: std.out, logger: logger,
	}
	if r.request, err = o.request(cmd.Flags(), file, source); err != nil {
		return err
	}
	if isTerminal(std.in) && isTerminal(std.out) && !o.jsonOnly && !o.dryRun {
		r.choose = func(names []string) (string, error) { return chooseScenario(std.in, std.out, names) }
	}
	progress := std.out
	if o.jsonOnly {
		progress = std.err
	}
	r.view = newDisplay(progress, o.quiet || o.dryRun)
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
		url, clean, err := o.addStack(ctx, a)
		if err != nil {
			return err
		}
		defer clean()
		gatewayURL, label = url, "gateway of this process"
	}
	if o.agents > 0 && !o.dryRun {
		a.addAgents(o.agents, o.pool, o.natsCreds, func() string { return o.busURL(a) }, std.err)
	}
	if o.externalAgents > 0 && o.natsURL == "" && o.gatewayURL == "" {
		announceBus(a, std.err)
	}
	r.client = newClient(gatewayURL, label)
	a.group.Add(lifecycle.Part{Name: "run", Run: r.run})
	return firstOf(r, runBounded(ctx, a))
}

// firstOf prefers what the client has to say over the failure of another part, unless that is why the client had to leave.
func firstOf(r *runner, err error) error {
	var exit *exitError
	if err != nil && (r.err == nil || errors.As(r.err, &exit) && exit.code == load.ExitInterrupted) {
		return err
	}
	return r.err
}

// runBounded runs the parts. Once ctx has ended they have only so long to end too.
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
		a.agents.kill()
		return nil // the process ends now, and what is left with it
	}
}

// addStack adds the services that a run needs, with servers of their own where no URL is given. It returns the URL of the
// gateway, and what to clean up at the end.
func (o *runOptions) addStack(ctx context.Context, a *app) (gatewayURL string, clean func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, infra(fmt.Errorf("listen for the gateway: %w", err))
	}
	clean = func() {}
	if o.natsURL == "" {
		dir, err := os.MkdirTemp("", "loadpilot-")
		if err != nil {
			return "", nil, infra(errors.Join(fmt.Errorf("make a store folder: %w", err), listener.Close()))
		}
		clean = func() { _ = os.RemoveAll(dir) } // what is left of it the system clears
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
	a.addGateway(listener)
	return "http://" + listener.Addr().String(), clean, nil
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
