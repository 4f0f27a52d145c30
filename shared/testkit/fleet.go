package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// fleetTimeout is how long the services of a fleet may take until they are there.
	fleetTimeout = 30 * time.Second
	fleetPoll    = 20 * time.Millisecond
)

// FleetConfig says what a fleet begins with.
type FleetConfig struct {
	// Program is the path of the loadpilot binary.
	Program string
	// Schedulers and Aggregators default to 1.
	Schedulers, Aggregators, Generators int
	// Proxies puts a Proxy of its own between each service and NATS, and one before Redis; Delay makes those of NATS slow from the
	// start, and implies them.
	Proxies bool
	Delay   time.Duration
	// NoRedis lets the aggregators look for Redis where there is none.
	NoRedis bool
	// Env and Dir are as in Command.
	Env []string
	Dir string
}

// Fleet is the four services as processes, on a real NATS and a real Redis server.
type Fleet struct {
	NATS  *Server
	Redis *Server // nil if there is none
	// RedisProxy stands before Redis; nil if the FleetConfig wants none.
	RedisProxy *Proxy

	Gateway     *Service
	Schedulers  []*Service
	Aggregators []*Service
	Generators  []*Service // named g1, g2, …

	tb     testing.TB
	config FleetConfig
	addr   string // of the gateway
}

// Service is one service of a fleet. It may end and start again; Process is the present one.
type Service struct {
	*Process

	// Proxy stands before NATS; nil if the FleetConfig wants none.
	Proxy *Proxy
	// Name is g1 for the first generator, scheduler1 for the first scheduler.
	Name string

	command Command
	past    strings.Builder // what the processes before the present one wrote to their standard error
	told    bool            // the test has ended the present process, or has told it to end
}

// StartFleet starts a fleet and returns when its generators are there.
func StartFleet(tb testing.TB, config FleetConfig) *Fleet {
	tb.Helper()
	f := &Fleet{tb: tb, config: config, NATS: StartNATS(tb)}
	redis := "redis://127.0.0.1:1"
	if !config.NoRedis {
		f.Redis = StartRedis(tb)
		redis = f.Redis.URL
		if config.Proxies {
			f.RedisProxy = StartProxy(tb, f.Redis.Addr)
			redis = "redis://" + f.RedisProxy.Addr + "/0"
		}
	}
	for i := range max(1, config.Schedulers) {
		f.Schedulers = append(f.Schedulers, f.service(fmt.Sprintf("scheduler%d", i+1), "scheduler", "--listen", "127.0.0.1:0"))
	}
	for i := range max(1, config.Aggregators) {
		f.Aggregators = append(f.Aggregators,
			f.service(fmt.Sprintf("aggregator%d", i+1), "aggregator", "--listen", "127.0.0.1:0", "--redis-url", redis))
	}
	f.addr = freeAddr(tb)
	f.Gateway = f.service("gateway", "gateway", "--listen", f.addr)
	for range config.Generators {
		f.Join()
	}
	f.Await(config.Generators)
	return f
}

// Join starts one more generator.
func (f *Fleet) Join() *Service {
	f.tb.Helper()
	name := fmt.Sprintf("g%d", len(f.Generators)+1)
	g := f.service(name, "generator", "--listen", "127.0.0.1:0", "--name", name)
	f.Generators = append(f.Generators, g)
	return g
}

func (f *Fleet) service(name string, args ...string) *Service {
	f.tb.Helper()
	s := &Service{Name: name}
	url := f.NATS.URL
	if f.config.Proxies || f.config.Delay > 0 {
		s.Proxy = StartProxy(f.tb, f.NATS.Addr)
		if f.config.Delay > 0 {
			s.Proxy.Delay(f.config.Delay)
		}
		url = "nats://" + s.Proxy.Addr
	}
	s.command = Command{
		Path: f.config.Program, Args: append(args, "--nats-url", url), Env: f.config.Env, Dir: f.config.Dir,
	}
	s.Start(f.tb)
	return s
}

// Start starts the service, again after it has ended. Only a gateway comes back under the same address.
func (s *Service) Start(tb testing.TB) {
	tb.Helper()
	if s.Process != nil {
		s.past.WriteString(s.Stderr())
	}
	s.Process, s.told = Start(tb, s.command), false
}

// Kill ends the service as a crash would.
func (s *Service) Kill() {
	s.told = true
	s.Process.Kill()
}

// Terminate asks the service to end, and does not wait.
func (s *Service) Terminate() {
	s.told = true
	s.Process.Terminate()
}

// Stop asks the service to end and returns its exit code.
func (s *Service) Stop() int {
	s.told = true
	return s.Process.Stop()
}

// Failed reports whether the service has ended and nobody had told it to.
func (s *Service) Failed() bool {
	select {
	case <-s.Exited():
		return !s.told
	default:
		return false
	}
}

// Log is what the service has logged until now, in all of its lives.
func (s *Service) Log() string { return s.past.String() + s.Stderr() }

// Services are all services of the fleet.
func (f *Fleet) Services() []*Service {
	return slices.Concat([]*Service{f.Gateway}, f.Schedulers, f.Aggregators, f.Generators)
}

// URL is where the gateway answers.
func (f *Fleet) URL() string { return "http://" + f.addr }

// GeneratorStatus is what the gateway tells of a generator.
type GeneratorStatus struct {
	Generator string   `json:"generator"`
	Instance  string   `json:"instance"`
	Prepared  []string `json:"prepared"`
}

// List asks the gateway for the generators that are alive; it returns nil while it does not answer.
func (f *Fleet) List() []GeneratorStatus {
	var answer struct{ Generators []GeneratorStatus }
	if status, err := f.Do(http.MethodGet, "/v1/generators", nil, &answer); err != nil || status != http.StatusOK {
		return nil
	}
	return answer.Generators
}

// Await waits until n generators are there.
func (f *Fleet) Await(n int) {
	f.tb.Helper()
	ctx, cancel := context.WithTimeout(f.tb.Context(), fleetTimeout)
	defer cancel()
	poll := time.NewTicker(fleetPoll)
	defer poll.Stop()
	for {
		list := f.List()
		if list != nil && len(list) == n {
			return
		}
		select {
		case <-poll.C:
		case <-f.Gateway.Exited():
			f.tb.Fatalf("testkit: the gateway has ended: %s", f.Gateway.Stderr())
		case <-ctx.Done():
			f.tb.Fatalf("testkit: there are %d generators, not %d", len(list), n)
		}
	}
}

// Do sends a request with a JSON body, or none, to the gateway and decodes its answer.
func (f *Fleet) Do(method, path string, body, answer any) (status int, err error) {
	var content io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		content = bytes.NewReader(data)
	}
	ctx, cancel := context.WithTimeout(f.tb.Context(), fleetTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, f.URL()+path, content)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return response.StatusCode, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return response.StatusCode, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, strings.TrimSpace(string(data)))
	}
	return response.StatusCode, json.Unmarshal(data, answer)
}
