package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/apitest/internal/compare"
	"github.com/loadpilot/loadpilot/apitest/internal/payload"
	"github.com/loadpilot/loadpilot/apitest/internal/service"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// runFlags are the flags of run.
type runFlags struct {
	*targetFlags
	*storeFlags

	config     run.Config
	headers    []string
	pathParams []string
	query      []string
	env        []string
	generate   bool
	stream, ws bool
	failOn     []string
	all        bool
	unsafe     bool
	tags       []string
	json       bool
	quiet      bool
}

func (c commands) newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run PATH",
		Short: "Send requests to one route and tell how long the answers took",
		Long: "Sends requests to one route. The exit code is 0 when all of them were completed, whatever the answers were, unless a\n" +
			"--fail-on says otherwise (1); it is 2 if something is missing or wrong, and 130 after an interrupt.",
		Args: cobra.MaximumNArgs(1),
	}
	examples(cmd,
		"/health/ --requests 500 --clients 10",
		"'/api/v1/tasks/status/{task_id}' --path-param task_id=abc-123",
		`/api/v1/tasks/enqueue --method POST --payload '{"task": "ping", "id": "{{uuid}}"}'`,
		`/health/ --json --fail-on "error_rate>1" --fail-on "p95_ms>300"`,
	)
	f := &runFlags{targetFlags: c.targetFlags(cmd.Flags()), storeFlags: c.storeFlags(cmd.Flags())}
	f.loginFlags(cmd.Flags())
	f.add(cmd.Flags())
	for _, opener := range c.Service.Openers {
		if o, ok := opener.(interface{ AddFlags(flags *pflag.FlagSet) }); ok {
			o.AddFlags(cmd.Flags())
		}
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s := f.apply(cmd)
		if f.all != (len(args) == 0) {
			return errors.New("run takes the PATH of one route, or --all")
		}
		conditions, err := parseFailOn(f.failOn)
		if err != nil {
			return err
		}
		job, err := f.job(cmd, s)
		if err != nil {
			return err
		}
		if err := judgeable(conditions, job); err != nil {
			return err
		}
		store, err := f.open()
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }() // what was to be kept is by now
		e := &execution{cmd: cmd, service: s, store: store, failOn: conditions, json: f.json, quiet: f.quiet, unsaid: job.Protocol == ""}
		if f.all {
			return e.all(job, f.tags, f.unsafe)
		}
		job.Path = args[0]
		return e.one(job, f.generate)
	}
	return cmd
}

func (f *runFlags) add(flags *pflag.FlagSet) {
	c := &f.config
	flags.Int64Var(&c.Requests, "requests", run.DefaultRequests, "how many, exactly; with --duration only if given")
	flags.IntVar(&c.Clients, "clients", run.DefaultClients, "how many send requests, each one after the other")
	flags.DurationVar(&c.Duration, "duration", 0, "end after this time")
	flags.Float64Var(&c.Rate, "rate", 0, "so many requests a second are due, at fixed instants (default as fast as the clients go)")
	flags.DurationVar(&c.Timeout, "timeout", run.DefaultTimeout, "of each request")
	flags.StringVar(&c.Method, "method", "GET", "HTTP `METHOD`")
	flags.StringArrayVar(&f.pathParams, "path-param", nil, "`NAME=VALUE` of a {placeholder} of the path; repeatable")
	flags.StringArrayVar(&f.query, "query", nil, "query parameter `NAME=VALUE`; repeatable")
	flags.StringArrayVar(&f.headers, "header", nil, "header `NAME=VALUE` or \"NAME: VALUE\"; repeatable")
	flags.StringVar(&c.Payload, "payload", "", "body, a template: `TEXT|@FILE|-`")
	flags.BoolVar(&c.RawPayload, "raw-payload", false, "send the payload as it is: {{…}} means nothing")
	flags.BoolVar(&f.generate, "generate", false, "make bodies that fit the route's schema in the OpenAPI document")
	flags.StringArrayVar(&f.env, "env", nil, "`NAME` of an environment variable for {{env.NAME}}, or NAME=VALUE; repeatable")
	flags.StringVar(&c.DataFile, "data", "", "CSV `FILE` with a line of names, for {{row.NAME}}")
	flags.Uint64Var(&c.Seed, "seed", 0, "of random values of templates and generated bodies, to repeat a run")
	flags.BoolVar(&c.InProcess, "in-process", false, "call the handler of this program, without a server")
	flags.BoolVar(&f.stream, "stream", false, "count the events of answers that go on: server-sent events or chunks (default: if the header of an answer says so)")
	flags.BoolVar(&f.ws, "ws", false, "send the payload over WebSockets and await its echo")
	flags.Int64Var(&c.Events, "events", 0, "end a stream, or a WebSocket, after so many events (default of a stream without --duration: 10)")
	flags.IntVar(&c.Redirects, "redirects", 0, "follow at most so many")
	flags.BoolVar(&c.HTTP2, "http2", false, "speak HTTP/2")
	flags.BoolVar(&c.Insecure, "insecure", false, "accept any certificate")
	flags.StringVar(&c.AuthAs, "auth-as", "", "log this `USER` in before and send the token")
	flags.StringArrayVar(&f.failOn, "fail-on", nil, "exit with 1 if this `CONDITION` is met, such as error_rate>1 or p95_ms>300; repeatable")
	flags.BoolVar(&f.all, "all", false, "run each route that needs no unknown value, and does not change anything")
	flags.BoolVar(&f.unsafe, "unsafe", false, "with --all: POST, PUT, PATCH and DELETE as well")
	flags.StringSliceVar(&f.tags, "tag", nil, "with --all: only routes with one of these tags")
	flags.BoolVar(&f.json, "json", false, "print nothing but the result, as JSON")
	flags.BoolVar(&f.quiet, "quiet", false, "show no progress")
}

// job returns what is to be done, but for the path.
func (f *runFlags) job(cmd *cobra.Command, s service.Service) (run.Config, error) {
	c := f.config
	changed := func(flag string) bool { return cmd.Flag(flag).Changed }
	switch {
	case c.InProcess && s.Handler == nil && changed("target"):
		return c, errors.New("--in-process: the handler of this program is called; it goes without --target")
	case c.InProcess && s.Handler == nil:
		return c, errors.New("--in-process: this program has no handler; it is for programs that embed apitest")
	case c.Requests < 1:
		return c, fmt.Errorf("--requests: %d is not above 0", c.Requests)
	case c.Clients < 1:
		return c, fmt.Errorf("--clients: %d is not above 0", c.Clients)
	case f.stream && f.ws:
		return c, errors.New("--ws: a WebSocket is no --stream")
	case f.generate && changed("payload"):
		return c, errors.New("--generate: there is a --payload already")
	}
	if c.Duration > 0 && !changed("requests") {
		c.Requests = 0
	}
	switch {
	case f.ws:
		c.Protocol = run.ProtocolWebSocket
	case f.stream || c.Events > 0 && !f.all:
		c.Protocol = run.ProtocolStream
	case changed("stream"):
		c.Protocol = run.ProtocolHTTP
	}
	var err error
	if c.Payload, err = readPayload(cmd, c.Payload); err != nil {
		return c, exit(cmd, err)
	}
	if c.Env, err = environment(f.env, s.Getenv); err != nil {
		return c, err
	}
	if c.Headers, err = parseHeaders(f.headers); err != nil {
		return c, err
	}
	if c.Query, err = parsePairs("query", f.query); err != nil {
		return c, err
	}
	params, err := parsePairs("path-param", f.pathParams)
	if err != nil {
		return c, err
	}
	c.PathParams = map[string]string{}
	for _, p := range params {
		c.PathParams[p.Name] = p.Value
	}
	return c, nil
}

// readPayload returns what @FILE or - stands for.
func readPayload(cmd *cobra.Command, text string) (string, error) {
	var body []byte
	var err error
	name, isFile := strings.CutPrefix(text, "@")
	switch {
	case isFile:
		body, err = payload.ReadFile(cmd.Context(), name)
	case text == "-":
		body, err = payload.ReadAll(cmd.Context(), cmd.InOrStdin())
	default:
		return text, nil
	}
	if err != nil {
		return "", fmt.Errorf("--payload: %w", err)
	}
	return string(body), nil
}

// parseHeaders reads NAME=VALUE and NAME: VALUE; the first of the two signs counts. Errors do not show values.
func parseHeaders(texts []string) ([]run.Pair, error) {
	var headers []run.Pair
	for _, text := range texts {
		i := strings.IndexAny(text, "=:")
		if i < 1 {
			return nil, errors.New("--header: one of them is neither NAME=VALUE nor NAME: VALUE")
		}
		headers = append(headers, run.Pair{Name: strings.TrimSpace(text[:i]), Value: strings.TrimSpace(text[i+1:])})
	}
	return headers, nil
}

func parsePairs(flag string, texts []string) ([]run.Pair, error) {
	var pairs []run.Pair
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--%s: %q is not NAME=VALUE", flag, text)
		}
		pairs = append(pairs, run.Pair{Name: name, Value: value})
	}
	return pairs, nil
}

// environment returns what templates see of the environment. Errors do not show values.
func environment(settings []string, getenv func(string) string) (load.Environment, error) {
	env := load.Environment{}
	for _, setting := range settings {
		name, value, ok := strings.Cut(setting, "=")
		if !ok && getenv != nil {
			value = getenv(name)
		}
		if !ok && value == "" {
			return nil, fmt.Errorf("--env: the environment has no %s", name)
		}
		env[name] = value
	}
	return env, flagError(env.Validate())
}

// judgeable refuses conditions that so few requests cannot meet.
func judgeable(conditions []run.FailOn, job run.Config) error {
	for _, condition := range conditions {
		if condition.Metric == run.MetricRegression && job.Requests > 0 && job.Requests < compare.MinRequests {
			return fmt.Errorf("--fail-on: %s is judged from --requests %d on, and not with %d", condition, compare.MinRequests, job.Requests)
		}
	}
	return nil
}

func parseFailOn(texts []string) ([]run.FailOn, error) {
	var conditions []run.FailOn
	for _, text := range texts {
		condition, err := run.ParseFailOn(text)
		if err != nil {
			return nil, flagError(err)
		}
		conditions = append(conditions, condition)
	}
	return conditions, nil
}
