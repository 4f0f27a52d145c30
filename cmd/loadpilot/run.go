package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// runOptions are the flags of run.
type runOptions struct {
	scenario, target, mode, pool     string
	rps                              float64
	duration, rampUp                 time.Duration
	maxLag, timeout, gracefulStop    time.Duration
	warmup                           time.Duration
	steps, users, maxUsers           int
	stages, thresholds               []string
	seed                             uint64
	agents, externalAgents           int
	natsURL, natsCreds, redisURL     string
	gatewayURL                       string
	outputs                          outputOptions
	cpuProfile, token, otlpEndpoint  string
	findCapacity, ui                 bool
	env                              envFlags
	transport                        transportFlags
	dryRun, jsonOnly, quiet, useDemo bool
}

func newRunCommand(std streams) *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run [FILE]",
		Short: "Run a scenario and judge the outcome",
		Long: "Run a scenario file against a target. Without --gateway-url everything that is needed is started in this process.\n" +
			"Without a file, at a terminal, the scenarios in this folder and below are there to choose from.\n\n" +
			"Exit codes: 0 passed, 1 a threshold was breached, 2 the configuration or the scenario is wrong, 3 untrusted or no data,\n" +
			"4 infrastructure (NATS, gateway), 130 interrupted.",
		Example: "  loadpilot run scenarios/checkout.py --demo\n" +
			"  loadpilot run checkout.py -t https://staging.example.com --rps 200 --duration 2m --threshold p99_ms=300\n" +
			"  loadpilot run checkout.py -t https://staging.example.com --stage 30s:100 --stage 1m:100 --stage 10s:0 --agents 4\n" +
			"  loadpilot run checkout.py -t https://staging.example.com --gateway-url http://127.0.0.1:8080 --json",
		Args: func(_ *cobra.Command, args []string) error { return oneFileOr(std, args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := o.chooseFile(cmd, std, args)
			if err != nil {
				return err
			}
			return profiled(o.cpuProfile, func() error { return runScenario(cmd, std, o, file) })
		},
	}
	o.register(cmd.Flags())
	return cmd
}

func (o *runOptions) register(f *pflag.FlagSet) {
	f.StringVarP(&o.target, "target", "t", "", "base `URL` of the service under test")
	f.StringVarP(&o.scenario, "scenario", "s", "", "`NAME` of the scenario, if the file has several")
	f.Float64Var(&o.rps, "rps", 0, "iterations per second at the peak")
	f.DurationVar(&o.duration, "duration", 0, "of the load, in mode ramp without the ramp-up")
	f.DurationVar(&o.rampUp, "ramp-up", 0, "time to reach the peak, in mode ramp")
	f.StringVar(&o.mode, "mode", "", "ramp, constant, step or spike")
	f.IntVar(&o.steps, "steps", 0, "of mode step")
	f.StringArrayVar(&o.stages, "stage", nil, "`D:RPS`, move to this rate over this time; repeat it for a free profile")
	f.StringArrayVar(&o.thresholds, "threshold", nil, "`KEY=LIMIT` such as p99_ms=500, error_rate=1, browse:p95_ms=200, p99_ms[30s]<500,abort_on_fail,delay=10s or p(95)<500; repeatable")
	f.IntVar(&o.users, "users", 0, "users prepared on each generator before the start (default by the rate)")
	f.IntVar(&o.maxUsers, "max-users", 0, "most users of each generator")
	f.DurationVar(&o.maxLag, "max-lag", 0, "how late an iteration may start before it is dropped")
	f.DurationVar(&o.timeout, "timeout", 0, "of a request")
	f.DurationVar(&o.gracefulStop, "graceful-stop", 0, "for iterations under way at the end")
	f.DurationVar(&o.warmup, "warmup", 0, "whole seconds at the beginning of the load whose iterations are in no number of the run")
	f.Uint64Var(&o.seed, "seed", 0, "of the scripts' random numbers, to repeat a run (default random)")
	f.StringVar(&o.pool, "pool", "", "the generators to use (default \"default\")")
	f.IntVarP(&o.agents, "agents", "a", 0, "start `N` generator processes instead of one in this process")
	f.IntVarP(&o.externalAgents, "external-agents", "e", 0, "wait for `N` generators that were started elsewhere")
	f.StringVar(&o.natsURL, "nats-url", "", "`URL` of a NATS server to use instead of an embedded one")
	f.StringVar(&o.natsCreds, "nats-creds", "", "credentials `FILE` for it")
	f.StringVar(&o.redisURL, "redis-url", "", "`URL` of a Redis server to use instead of an embedded one")
	f.StringVar(&o.gatewayURL, "gateway-url", "", "`URL` of a gateway to submit the run to (alias --coordinator-url)")
	f.StringVar(&o.token, "token", "", "`TOKEN` that the gateway asks for; LOADPILOT_TOKEN shows it to nobody")
	f.BoolVar(&o.ui, "ui", false, "tell where the dashboard of this run is")
	o.outputs.register(f)
	registerOTLP(f, &o.otlpEndpoint)
	f.StringVar(&o.cpuProfile, "cpu-profile", "", "write a CPU profile of this process to this `FILE`")
	f.BoolVar(&o.findCapacity, "find-capacity", false, "search the highest rate that holds the thresholds, by runs of a constant rate of --duration each (10s), from --rps up")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the plan as JSON and run nothing")
	f.BoolVar(&o.jsonOnly, "json", false, "print nothing but the result, as JSON")
	f.BoolVar(&o.quiet, "quiet", false, "show no progress")
	f.BoolVar(&o.useDemo, "demo", false, "start the sample shop in this process and aim at it")
	o.env.register(f)
	o.transport.register(f)
	f.SetNormalizeFunc(canonical)
}

// validate reports flags that contradict each other or cannot work, and puts the others into shape.
func (o *runOptions) validate() error {
	switch {
	case o.useDemo && o.target != "":
		return errors.New("--demo and --target exclude each other")
	case !o.useDemo && o.target == "" && !o.dryRun:
		return errors.New("--target: name the service under test, or try --demo")
	case o.agents < 0:
		return fmt.Errorf("--agents: %d must not be negative", o.agents)
	case o.externalAgents < 0:
		return fmt.Errorf("--external-agents: %d must not be negative", o.externalAgents)
	case o.agents > 0 && o.gatewayURL != "" && o.natsURL == "":
		return errors.New("--agents: generators for the gateway of --gateway-url need its --nats-url")
	case o.findCapacity && (o.mode != "" && o.mode != string(load.ModeConstant) || len(o.stages) > 0 || o.steps != 0 || o.rampUp != 0):
		return errors.New("--find-capacity: its runs are of a constant rate: leave --mode, --steps, --stage and --ramp-up out")
	case o.findCapacity && !o.outputs.ofSearch():
		return errors.New("--find-capacity: what it found can be had as --json, --results-json and --report; loadpilot recent lists its runs")
	case o.otlpEndpoint != "" && o.gatewayURL != "":
		return errors.New("--otlp-endpoint: the figures of a run are those of the services behind the gateway: give the flag to them")
	case math.IsNaN(o.rps) || math.IsInf(o.rps, 0):
		return fmt.Errorf("--rps: %v is not a rate", o.rps)
	case o.gatewayURL != "" && !strings.HasPrefix(o.gatewayURL, "http://") && !strings.HasPrefix(o.gatewayURL, "https://"):
		return errors.New("--gateway-url: must start with http:// or https://") // it may hold a password
	}
	if err := o.outputs.check(); err != nil {
		return err
	}
	if u, err := url.Parse(o.gatewayURL); err != nil || o.gatewayURL != "" && u.Host == "" {
		return errors.New("--gateway-url: not a URL such as http://" + defaultAPI)
	}
	if o.natsURL != "" {
		var err error
		if o.natsURL, err = natsURL(o.natsURL); err != nil {
			return err
		}
	}
	return nil
}

// maxSource is the longest scenario file that is sent, in bytes.
const maxSource = 2 << 20

// readScenario reads a scenario file, and refuses what cannot be one in words that fit.
func readScenario(name string) (string, error) {
	source, err := openSource(name)
	if err == nil && strings.TrimSpace(source) == "" {
		return "", fmt.Errorf("%s: the file is empty", name)
	}
	return source, err
}

// openSource reads a file of Python.
func openSource(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%s: there is no such file", name)
		}
		return "", err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s: it is a folder, not a Python file", name)
	}
	return readSource(name, file)
}

// readSource reads Python, and refuses what cannot be that.
func readSource(name string, in io.Reader) (string, error) {
	source, err := io.ReadAll(io.LimitReader(in, maxSource+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", name, err)
	case len(source) > maxSource:
		return "", fmt.Errorf("%s: longer than %d bytes", name, maxSource)
	case !utf8.Valid(source) || bytes.IndexByte(source, 0) >= 0:
		return "", fmt.Errorf("%s: it is not a Python file", name)
	}
	return string(source), nil
}

// readData reads the data files that a scenario names, from its folder and those below it.
func readData(file, source string) (map[string]string, error) {
	folder, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	return scenario.ReadData(filepath.Base(file), []byte(source), folder.FS())
}

// request puts the flags that were given into a request.
func (o *runOptions) request(flags *pflag.FlagSet, file, source string) (gateway.Request, error) {
	req := gateway.Request{
		Source: source, File: filepath.Base(file), Scenario: o.scenario, Target: o.target, Mode: o.mode, Pool: o.pool,
		Generators: o.agents + o.externalAgents,
	}
	given(flags, "rps", &o.rps, &req.RPS)
	given(flags, "steps", &o.steps, &req.Steps)
	given(flags, "users", &o.users, &req.Users)
	given(flags, "max-users", &o.maxUsers, &req.MaxUsers)
	given(flags, "seed", &o.seed, &req.Seed)
	for name, d := range map[string]struct {
		value time.Duration
		dst   *string
	}{
		"duration": {o.duration, &req.Duration}, "ramp-up": {o.rampUp, &req.RampUp}, "max-lag": {o.maxLag, &req.MaxLag},
		"timeout": {o.timeout, &req.Timeout}, "graceful-stop": {o.gracefulStop, &req.GracefulStop},
		"warmup": {o.warmup, &req.Warmup},
	} {
		if flags.Changed(name) {
			*d.dst = d.value.String()
		}
	}
	for _, text := range o.stages {
		stage, err := parseStage(text)
		if err != nil {
			return req, err
		}
		req.Stages = append(req.Stages, stage)
	}
	err := o.requestThresholds(&req)
	return req, err
}

func given[T any](flags *pflag.FlagSet, name string, value *T, dst **T) {
	if flags.Changed(name) {
		*dst = value
	}
}

// parseNumber reads a finite number.
func parseNumber(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		err = strconv.ErrRange
	}
	return v, err
}

func parseStage(text string) (gateway.Stage, error) {
	d, rps, ok := strings.Cut(text, ":")
	rate, err := parseNumber(rps)
	if !ok || err != nil {
		return gateway.Stage{}, fmt.Errorf("--stage: %q is not D:RPS, such as 30s:100", text)
	}
	if _, err := time.ParseDuration(d); err != nil {
		return gateway.Stage{}, fmt.Errorf("--stage: %q: %q is not a duration such as 30s", text, d)
	}
	return gateway.Stage{Duration: d, RPS: rate}, nil
}

// requestThresholds puts the thresholds of the flags into a request.
func (o *runOptions) requestThresholds(req *gateway.Request) error {
	for _, text := range o.thresholds {
		t, err := load.ParseThresholdText(text)
		if field, ok := errors.AsType[*load.FieldError](err); ok {
			return errors.New("--threshold: " + field.Message)
		}
		if err != nil {
			return err
		}
		if req.Thresholds == nil {
			req.Thresholds = map[string]gateway.Limit{}
		}
		limit := gateway.Limit{Limit: t.Limit, AbortOnFail: t.Abort}
		if t.Abort {
			limit.Delay = t.Delay.String()
		}
		req.Thresholds[t.Key()] = limit
	}
	return nil
}
