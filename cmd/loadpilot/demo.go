package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/shared/demo"
)

func newDemoCommand(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Serve a sample shop to aim at",
		Example: "  loadpilot demo --listen 127.0.0.1:8000\n  loadpilot demo --delay 50ms --error-rate 2 --stall-from 30s --stall-to 32s",
		Args:    cobra.NoArgs,
	}
	var c demo.Config
	flags := cmd.Flags()
	listen := flags.String("listen", "127.0.0.1:8000", "`ADDR` to listen on")
	flags.Uint64Var(&c.Seed, "seed", 0, "of the latencies")
	flags.Float64Var(&c.LatencyScale, "latency-scale", 1, "multiplies every latency; 0 answers at once")
	flags.DurationVar(&c.Delay, "delay", 0, "added to every answer")
	flags.Float64Var(&c.ErrorRate, "error-rate", 0, "per cent of the requests that are answered with 503")
	flags.DurationVar(&c.StallFrom, "stall-from", 0, "hold requests that arrive from here, counted from the start, …")
	flags.DurationVar(&c.StallTo, "stall-to", 0, "… until here")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := c.Validate(); err != nil {
			return fmt.Errorf("--%w", err)
		}
		if err := checkAddr("listen", *listen); err != nil {
			return err
		}
		server, err := demo.Listen(cmd.Context(), *listen, c)
		if err != nil {
			return infra(fmt.Errorf("--listen %s: %w", *listen, err))
		}
		_, _ = fmt.Fprintln(std.out, "demo shop on", server.URL())
		return infra(server.Run(cmd.Context()))
	}
	return cmd
}

// startDemo starts the shop as the target of a run in this process.
func startDemo(ctx context.Context, seed uint64) (*demo.Server, error) {
	server, err := demo.Listen(ctx, "", demo.Config{Seed: seed, LatencyScale: 1})
	if err != nil {
		return nil, infra(err)
	}
	return server, nil
}
