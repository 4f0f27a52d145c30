package service

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/engine"
	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/payload"
	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/internal/socket"
	"github.com/loadpilot/loadpilot/apitest/internal/stream"
	"github.com/loadpilot/loadpilot/apitest/internal/ws"
	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Service is an API and what is known of it. It is a value: who needs another one changes a copy.
type Service struct {
	Program    string                                                   // name and version, sent to servers as well
	Handler    http.Handler                                             // that is called in-process; nil: there is none
	Target     string                                                   // base URL where a configuration has none
	Discoverer route.Discoverer                                         // of the routes; nil: an OpenAPI document
	Spec       string                                                   // its file or URL; "": as the API serves it
	Openers    []run.Opener                                             // of further protocols
	Login      *run.Login                                               // nil: that of the profile
	Profile    string                                                   // file with a Login
	Getenv     func(name string) string                                 // nil: the environment is empty
	Ask        func(ctx context.Context, prompt string) (string, error) // for a password; nil: nobody is there
}

// inProcessURL is the base of the URLs that a handler sees in-process.
const inProcessURL = "http://in-process"

var errNoHandler = &load.FieldError{Field: "in-process", Message: "there is no handler to call"}

// Run makes a run. It fails with a *load.FieldError if the configuration is wrong, with load.ErrUnavailable if the login does not answer,
// or what must say how to call the target, and as engine.Run does.
func (s Service) Run(ctx context.Context, c run.Config, tell func(run.Progress)) (run.Result, error) {
	unsaid := c.Protocol == ""
	c, opener := s.complete(c)
	if err := c.Validate(); err != nil {
		return run.Result{}, err
	}
	var token string
	if c.AuthAs != "" {
		header, secret, err := s.login(ctx, c)
		if err != nil {
			return run.Result{}, err
		}
		c.Headers, c.LoginHeader, token = append(slices.Clip(c.Headers), header), header.Name, secret
	}
	events := c.Events
	if c.Protocol == run.ProtocolHTTP {
		c.Events, c.Unsaid = 0, unsaid // there are none, as far as is known
	}
	result, err := s.make(ctx, c, opener, tell)
	if errors.Is(err, engine.ErrStream) {
		c.Protocol, c.Events, c.Unsaid = run.ProtocolStream, events, false
		c = c.WithDefaults()
		result, err = s.make(ctx, c, opener, tell)
	}
	result.Program = s.Program
	result.Seal(c, token)
	return result, err
}

// make makes the requests of a run.
func (s Service) make(ctx context.Context, c run.Config, opener run.Opener, tell func(run.Progress)) (run.Result, error) {
	target, calls, err := s.open(ctx, c, opener)
	if err != nil {
		return run.Result{}, err
	}
	defer func() { _ = target.Close() }() // the figures are there
	return engine.Run(ctx, c, target, calls, tell)
}

// complete fills in what the service knows and the defaults.
func (s Service) complete(c run.Config) (run.Config, run.Opener) {
	var opener run.Opener
	for _, o := range s.Openers {
		if o.Opens(c.Path) {
			opener, c.Protocol = o, o.Protocol()
		}
	}
	if c.Handler == nil {
		c.Handler = s.Handler
	}
	switch {
	case c.InProcess || strings.Contains(c.Path, "://"):
		c.Target = ""
	case c.Target == "":
		c.Target = s.Target
	}
	return c.WithDefaults(), opener
}

// open returns the target of a configuration and what makes the calls.
func (s Service) open(ctx context.Context, c run.Config, opener run.Opener) (run.Target, run.Maker, error) {
	if opener != nil {
		return opener.Open(ctx, c)
	}
	if c.InProcess && c.Handler == nil {
		return nil, nil, errNoHandler
	}
	calls, err := payload.New(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	var target run.Target
	switch {
	case c.Protocol == run.ProtocolStream:
		target = stream.NewTarget(s.roundTrips(c))
	case c.Protocol == run.ProtocolWebSocket:
		target = ws.NewTarget(s.roundTrips(c))
	case c.InProcess:
		target = inprocess.New(c.Handler)
	default:
		target, err = socket.Open(ctx, c, s.Program)
	}
	return target, calls, err
}

// roundTrips says how exchanges that go on are made.
func (s Service) roundTrips(c run.Config) roundtrip.Config {
	cfg := roundtrip.Config{Mode: c.Mode(), URL: c.Target, UserAgent: s.Program, Transport: roundtrip.Sockets(c)}
	if c.InProcess {
		cfg.URL = inProcessURL
		cfg.Transport = func() http.RoundTripper { return inprocess.New(c.Handler) }
	}
	return cfg
}
