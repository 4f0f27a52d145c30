package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/services/generator"
	"github.com/loadpilot/loadpilot/services/scheduler"
	"github.com/loadpilot/loadpilot/shared/lifecycle"
	"github.com/loadpilot/loadpilot/shared/load"
)

// upLead leaves generators of other processes enough time, and lets a change of the rate take effect within two seconds.
const upLead = 750 * time.Millisecond

func newUpCommand(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run all services in one process",
		Long: "Run the gateway with its dashboard, a scheduler, a generator and an aggregator in one process, with a NATS and a Redis\n" +
			"server of its own unless URLs of others are given. More generators can join its NATS server.",
		Example: "  loadpilot up\n  loadpilot run checkout.py -t http://127.0.0.1:8000 --gateway-url http://127.0.0.1:8080",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	api := flags.String("listen", defaultAPI, "`ADDR` of the dashboard and the API; elsewhere than on loopback it needs a token")
	var access accessFlags
	access.register(flags)
	var otlp string
	registerOTLP(flags, &otlp)
	natsAddr := flags.String("nats-listen", defaultNATS, "`ADDR` of the embedded NATS server")
	redisAddr := flags.String("redis-listen", defaultRedis, "`ADDR` of the embedded Redis server")
	busURL := flags.String("nats-url", "", "`URL` of a NATS server to use instead")
	natsCreds := flags.String("nats-creds", "", "credentials `FILE` for it")
	redisURL := flags.String("redis-url", "", "`URL` of a Redis server to use instead")
	dataDir := flags.String("data-dir", "", "`FOLDER` of the embedded NATS server (default in the state folder)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		logger, err := newLogger(cmd, std, "info")
		if err != nil {
			return err
		}
		a := newApp("loadpilot up", logger)
		if err := a.addOTLP(otlp); err != nil {
			return err
		}
		timing := scheduler.DefaultConfig()
		if *busURL != "" {
			if *busURL, err = natsURL(*busURL); err != nil {
				return err
			}
		} else {
			dir := *dataDir
			if dir == "" {
				state, err := stateDir()
				if err != nil {
					return err
				}
				dir = filepath.Join(state, "nats")
			}
			if err := checkAddr("nats-listen", *natsAddr); err != nil {
				return err
			}
			a.addNATS(dir, *natsAddr)
			timing.Lead = upLead // the only scheduler
		}
		if *redisURL == "" {
			if err := checkAddr("redis-listen", *redisAddr); err != nil {
				return err
			}
			a.addRedis(*redisAddr)
		}
		listener, config, err := access.open(ctx, *api, timing.Lead)
		if err != nil {
			return err
		}
		a.addBus(*busURL, *natsCreds)
		a.addStore(*redisURL)
		a.addScheduler(timing)
		a.addAggregator(timing.Lead)
		a.addGenerator(generator.Config{Name: processName("up"), Pool: load.DefaultPool, Version: version})
		a.addGateway(listener, config)
		a.group.Add(lifecycle.Part{Name: "announcement", Start: func(context.Context) error {
			_, err := fmt.Fprintf(std.err, "LoadPilot is up on http://%s\n", listener.Addr())
			return err
		}})
		return a.run(ctx)
	}
	return cmd
}
