package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/services/aggregator"
	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/services/generator"
	"github.com/loadpilot/loadpilot/services/scheduler"
	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/lifecycle"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/redisstore"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/telemetry"
	"github.com/loadpilot/loadpilot/shared/web"
)

// The scheduler works further ahead of time for a fleet of processes than within one, where a message takes microseconds.
const (
	localLead       = 200 * time.Millisecond
	localStartDelay = 300 * time.Millisecond
)

// app puts the parts of one process together. Each method adds a part, which relies on those added before it; the fields
// below the group are set as the parts start.
type app struct {
	name     string // of the process, in the bus's list of clients
	logger   *slog.Logger
	registry *prometheus.Registry
	health   *telemetry.Health
	group    lifecycle.Group

	nats     *embedded.NATS
	redis    *embedded.Redis
	bus      *natsbus.Bus
	store    *redisstore.Store
	storeURL string // of its Redis
}

func newApp(name string, logger *slog.Logger) *app {
	return &app{name: name, logger: logger, registry: telemetry.NewRegistry(), health: &telemetry.Health{}}
}

// run runs the parts until one of them or ctx ends.
func (a *app) run(ctx context.Context) error { return infra(a.group.Run(ctx)) }

// addNATS adds a NATS server of this process, which keeps its data in dir. addr may name port 0.
func (a *app) addNATS(dir, addr string) {
	a.group.Add(lifecycle.Part{
		Name: "nats",
		Start: func(context.Context) error {
			host, port, err := splitAddr(addr)
			if err != nil {
				return err
			}
			if port == 0 {
				port = -1
			}
			a.nats, err = embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, Host: host, Port: port}) //nolint:contextcheck // it takes none
			switch {
			case errors.Is(err, embedded.ErrStoreInUse):
				return &flagError{"data-dir", err}
			case err != nil:
				return &flagError{"nats-listen", err}
			}
			return nil
		},
		Stop: func() error {
			a.nats.Shutdown()
			return nil
		},
	})
}

// addBus adds the connection to NATS: to the server at url, or without one to that of this process.
func (a *app) addBus(url, creds string) {
	a.group.Add(lifecycle.Part{
		Name: "bus",
		Start: func(ctx context.Context) (err error) {
			config := natsbus.Config{URL: url, Creds: creds, Name: a.name, Logger: a.logger}
			if url == "" {
				config.InProcess = a.nats.Server()
			}
			if a.bus, err = natsbus.Connect(ctx, config); err != nil {
				return &flagError{"nats-url", err}
			}
			a.health.Add("nats", func(ctx context.Context) error {
				_, err := a.bus.Generators.List(ctx)
				return err
			})
			return nil
		},
		Stop: func() error {
			a.bus.Close()
			return nil
		},
	})
	a.health.Add("nats", func(context.Context) error { return errors.New("not connected yet") })
}

// addRedis adds a Redis server of this process.
func (a *app) addRedis(addr string) {
	a.group.Add(lifecycle.Part{
		Name: "redis",
		Start: func(context.Context) (err error) {
			if a.redis, err = embedded.StartRedis(embedded.RedisConfig{Addr: addr}); err != nil {
				return &flagError{"redis-listen", err}
			}
			return nil
		},
		Stop: func() error {
			a.redis.Close()
			return nil
		},
	})
}

// addStore adds the client of Redis: of the server at url, or without one of that of this process. That Redis is away is no
// reason not to start.
func (a *app) addStore(url string) {
	a.group.Add(lifecycle.Part{
		Name: "store",
		Start: func(context.Context) (err error) {
			if url == "" {
				url = "redis://" + a.redis.Addr()
			}
			a.storeURL = url
			if a.store, err = redisstore.Open(redisstore.Config{URL: url, Logger: a.logger}); err != nil {
				return &flagError{"redis-url", err}
			}
			return nil
		},
		Stop: func() error { return a.store.Close() },
	})
}

// service is what every service is to the process that hosts it.
type service interface {
	Run(ctx context.Context) error
}

// addService adds a service that is made when its bus is there.
func (a *app) addService(name string, start func() (service, error)) {
	var s service
	a.group.Add(lifecycle.Part{
		Name: name,
		Start: func(context.Context) (err error) {
			s, err = start()
			return err
		},
		Run: func(ctx context.Context) error { return s.Run(ctx) },
	})
}

// addGateway adds the pages and the HTTP API on a listener that is open already, so that a port that is taken is found out
// first. Of a store, if there is one, it shows what is in there.
func (a *app) addGateway(listener net.Listener, config gateway.Config) {
	a.addService("gateway", func() (service, error) {
		deps := gateway.Deps{
			Logger: a.logger, Listener: listener, Compile: compilePlans, Runs: a.bus.Runs, Watcher: a.bus.Runs,
			Scenarios: a.bus.Scenarios, Secrets: a.bus.Secrets, Results: a.bus.Events, Live: a.bus.Live, Fleet: a.bus.Generators, Clock: a.bus.Clock,
			Ops: telemetry.NewHandler(a.registry, a.health), Version: version, Metrics: a.registry,
			APITests: apiResults{archive.NoRedis}, Web: web.Handler(), Report: web.Report,
		}
		if a.store != nil {
			deps.Series, deps.APITests = a.store, apiResults{a.storeURL}
		}
		return gateway.New(config, deps)
	})
}

func (a *app) addScheduler(config scheduler.Config) {
	a.addService("scheduler", func() (service, error) {
		return scheduler.New(config, scheduler.Deps{
			Logger: a.logger, Runs: a.bus.Runs, Tokens: a.bus.Tokens, Fleet: a.bus.Generators, Clock: a.bus.Clock,
			Metrics: a.registry,
		})
	})
}

// addAggregator adds the aggregator; lead is that of the schedulers.
func (a *app) addAggregator(lead time.Duration) {
	a.addService("aggregator", func() (service, error) {
		config := aggregator.DefaultConfig()
		config.Owner, config.Lead = processName("aggregator")+"/"+uuid.NewString(), lead
		config.Expiry = natsbus.DefaultExpiry
		return aggregator.New(config, aggregator.Deps{
			Logger: a.logger, Runs: a.bus.Runs, Tokens: a.bus.Tokens, Events: a.bus.Events, Results: a.bus.Events,
			Live: a.bus.Live, Leases: a.bus.Leases, Fleet: a.bus.Generators, Store: a.store, Clock: a.bus.Clock,
			Metrics: a.registry,
		})
	})
}

func (a *app) addGenerator(config generator.Config) {
	a.addService("generator", func() (service, error) {
		return generator.New(config, generator.Deps{
			Logger: a.logger, Runs: a.bus.Runs, Scenarios: a.bus.Scenarios, Secrets: a.bus.Secrets, Seats: a.bus.Seats,
			Tokens: a.bus.Tokens, Events: a.bus.Events, Registry: a.bus.Generators, Clock: a.bus.Clock, Compile: compileUsers,
			Metrics: a.registry,
		})
	})
}

// addTelemetry adds the page of a service that has no API.
func (a *app) addTelemetry(server *telemetry.Server) {
	a.group.Add(lifecycle.Part{Name: "telemetry", Run: server.Run})
}

// compilePlans compiles a scenario as far as the gateway needs it.
func compilePlans(ctx context.Context, req gateway.Request) (gateway.Program, error) {
	return scenario.Compile(ctx, req.File, []byte(req.Source), scenario.Options{
		Files: req.Files, Env: req.Env, Mask: load.Secrets{Env: req.Env}.Mask().Replace,
	})
}

// compileUsers compiles a scenario into users.
func compileUsers(ctx context.Context, s generator.Script) (generator.Runner, error) {
	options := scenario.Options{Files: s.Files, Env: s.Env, Mask: s.Mask}
	program, err := scenario.Compile(ctx, s.File, s.Source, options)
	if err != nil {
		return nil, err
	}
	if program.NeedsSeat() {
		if options.Seat, err = s.Seat(ctx); err != nil {
			return nil, err
		}
	}
	runner, err := program.NewRunner(ctx, s.Plan, options)
	if err != nil {
		return nil, err
	}
	return users{runner}, nil
}

// users is a scenario as the generator sees it.
type users struct{ *scenario.Runner }

func (u users) NewUser() generator.User { return u.Runner.NewUser() }

// listen opens the address of a flag, and says which flag it was if it cannot.
func listen(ctx context.Context, flag, addr string) (net.Listener, error) {
	if err := checkAddr(flag, addr); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		if cause, ok := errors.AsType[*net.OpError](err); ok {
			err = cause.Err
		}
		return nil, infra(&flagError{flag, fmt.Errorf("cannot listen on %s: %w", addr, err)})
	}
	return listener, nil
}

// checkAddr reports an address that is not HOST:PORT.
func checkAddr(flag, addr string) error {
	if _, _, err := splitAddr(addr); err != nil {
		return &flagError{flag, err}
	}
	return nil
}

func splitAddr(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%q is not an address such as 127.0.0.1:8080", addr)
	}
	return host, port, nil
}
