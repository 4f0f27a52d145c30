package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/services/generator"
	"github.com/loadpilot/loadpilot/services/scheduler"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/telemetry"
)

// Where services listen and whom they ask, unless flags say otherwise.
const (
	defaultAPI        = "127.0.0.1:8080"
	defaultScheduler  = "127.0.0.1:9091"
	defaultGenerator  = "127.0.0.1:9092"
	defaultAggregator = "127.0.0.1:9093"
	defaultNATS       = "127.0.0.1:4222"
	defaultRedis      = "127.0.0.1:6379"
)

// serviceFlags are the flags that every service has.
type serviceFlags struct {
	listen, natsURL, natsCreds, otlp string
}

func (s *serviceFlags) register(f *pflag.FlagSet, listen, purpose string) {
	f.StringVar(&s.listen, "listen", listen, "`ADDR` of "+purpose)
	f.StringVar(&s.natsURL, "nats-url", "nats://"+defaultNATS, "`URL` of the NATS server")
	f.StringVar(&s.natsCreds, "nats-creds", "", "credentials `FILE` for it")
	registerOTLP(f, &s.otlp)
}

// natsURL puts the URL of --nats-url into shape: it may hold a password, which must be found where it is to be masked.
func natsURL(text string) (string, error) {
	servers, err := natsbus.ParseURL(text)
	if err != nil {
		return "", &flagError{"nats-url", err}
	}
	return servers, nil
}

const telemetryPurpose = "/livez, /readyz and /metrics"

// serve runs a service process: its page, its bus, and what add adds.
func (s *serviceFlags) serve(ctx context.Context, cmd *cobra.Command, std streams, add func(*app)) error {
	logger, err := newLogger(cmd, std, "info")
	if err != nil {
		return err
	}
	if s.natsURL, err = natsURL(s.natsURL); err != nil {
		return err
	}
	a := newApp("loadpilot "+cmd.Name(), logger)
	if err := a.addOTLP(s.otlp); err != nil {
		return err
	}
	page, err := s.openPage(ctx, cmd, a)
	if err != nil {
		return err
	}
	a.addTelemetry(page)
	a.addBus(s.natsURL, s.natsCreds)
	add(a)
	logger.Info("starting", "service", cmd.Name(), "version", version, "listen", page.Addr(), "nats", s.natsURL)
	return a.run(ctx)
}

// openPage opens the address of the page. Several services on one host take any free port when they were told none.
func (s *serviceFlags) openPage(ctx context.Context, cmd *cobra.Command, a *app) (*telemetry.Server, error) {
	if err := checkAddr("listen", s.listen); err != nil {
		return nil, err
	}
	page, err := telemetry.Listen(ctx, s.listen, a.registry, a.health)
	if err != nil && !cmd.Flags().Changed("listen") {
		host, _, _ := net.SplitHostPort(s.listen)
		page, err = telemetry.Listen(ctx, net.JoinHostPort(host, "0"), a.registry, a.health)
	}
	if err != nil {
		return nil, infra(fmt.Errorf("--listen: %w", err))
	}
	return page, nil
}

func newGatewayCommand(std streams) *cobra.Command {
	var s serviceFlags
	var access accessFlags
	cmd := &cobra.Command{
		Use:   "gateway",
		Short: "Serve the dashboard and the HTTP API that accepts runs",
		Example: "  loadpilot gateway --listen 127.0.0.1:8080 --nats-url nats://127.0.0.1:4222\n" +
			"  LOADPILOT_TOKEN=$(openssl rand -hex 16) loadpilot gateway --listen 0.0.0.0:8080 --allow-target '*.staging.example.com'",
		Args: cobra.NoArgs,
	}
	s.register(cmd.Flags(), defaultAPI, "the dashboard and the API; elsewhere than on loopback it needs a token")
	access.register(cmd.Flags())
	redisURL := cmd.Flags().String("redis-url", "", "`URL` of the Redis server whose series and API load tests are shown (default none)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		logger, err := newLogger(cmd, std, "info")
		if err != nil {
			return err
		}
		if s.natsURL, err = natsURL(s.natsURL); err != nil {
			return err
		}
		listener, config, err := access.open(cmd.Context(), s.listen, scheduler.DefaultConfig().Lead)
		if err != nil {
			return err
		}
		a := newApp("loadpilot gateway", logger)
		if err := a.addOTLP(s.otlp); err != nil {
			return err
		}
		a.addBus(s.natsURL, s.natsCreds)
		if *redisURL != "" {
			a.addStore(*redisURL)
		}
		a.addGateway(listener, config)
		return a.run(cmd.Context())
	}
	return cmd
}

func newSchedulerCommand(std streams) *cobra.Command {
	var s serviceFlags
	cmd := &cobra.Command{
		Use:     "scheduler",
		Short:   "Turn the load profiles of runs into rate tokens; any number may work side by side",
		Example: "  loadpilot scheduler --nats-url nats://127.0.0.1:4222",
		Args:    cobra.NoArgs,
	}
	s.register(cmd.Flags(), defaultScheduler, telemetryPurpose)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return s.serve(cmd.Context(), cmd, std, func(a *app) { a.addScheduler(scheduler.DefaultConfig()) })
	}
	return cmd
}

func newAggregatorCommand(std streams) *cobra.Command {
	var s serviceFlags
	cmd := &cobra.Command{
		Use:     "aggregator",
		Short:   "Merge what generators report into results; a second one takes over when the first dies",
		Example: "  loadpilot aggregator --nats-url nats://127.0.0.1:4222 --redis-url redis://127.0.0.1:6379",
		Args:    cobra.NoArgs,
	}
	s.register(cmd.Flags(), defaultAggregator, telemetryPurpose)
	redisURL := cmd.Flags().String("redis-url", "redis://"+defaultRedis, "`URL` of the Redis server that dashboards read")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return s.serve(cmd.Context(), cmd, std, func(a *app) {
			a.addStore(*redisURL)
			a.addAggregator(scheduler.DefaultConfig().Lead)
		})
	}
	return cmd
}

func newGeneratorCommand(std streams) *cobra.Command {
	var s serviceFlags
	config := generator.Config{Version: version}
	cmd := &cobra.Command{
		Use:     "generator",
		Short:   "Pull rate tokens and fire requests; start as many as you like, at any time",
		Example: "  loadpilot generator --nats-url nats://127.0.0.1:4222\n  loadpilot generator --name eu-1 --pool eu --max-rate 5000",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	s.register(flags, defaultGenerator, telemetryPurpose)
	flags.StringVar(&config.Name, "name", "", "`NAME`, unique among the generators (default by the host)")
	flags.StringVar(&config.Pool, "pool", load.DefaultPool, "`POOL` of generators to belong to; a run is worked on by one pool")
	flags.Float64Var(&config.MaxRate, "max-rate", 0, "most iterations per second to take (default no limit)")
	leash := flags.Bool("until-stdin-closes", false, "end when standard input does")
	_ = flags.MarkHidden("until-stdin-closes") // it was registered a line ago
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		if *leash {
			ctx = untilClosed(ctx, std.in)
		}
		if config.Name == "" {
			config.Name = processName("generator")
		}
		if err := config.Validate(); err != nil {
			return err
		}
		return s.serve(ctx, cmd, std, func(a *app) { a.addGenerator(config) })
	}
	return cmd
}

// untilClosed returns a context that ends when the input does. A Ctrl-C, or the end of a terminal, reaches all its processes;
// this one leaves it to the one that holds the other end.
func untilClosed(ctx context.Context, in io.Reader) context.Context {
	signal.Ignore(os.Interrupt, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	go func() { // lives as long as the process: a read cannot be called back
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	return ctx
}

// processName names a process after its role, its host and its number.
func processName(role string) string { return fmt.Sprintf("%s-%s-%d", role, hostName(), os.Getpid()) }

var notInName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// hostName is the name of this host as far as it may be part of a subject.
func hostName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "host"
	}
	return notInName.ReplaceAllString(host, "-")
}
