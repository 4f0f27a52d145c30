package service

import (
	"context"
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
	target, calls, err := s.open(ctx, &c, opener, unsaid)
	if err != nil {
		return run.Result{}, err
	}
	result, err := engine.Run(ctx, c, target, calls, tell)
	_ = target.Close() // the figures are there
	result.Program = s.Program
	result.Seal(c, token)
	return result, err
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

// open returns the target of a configuration and what makes the calls. If nobody has said the protocol, it finds out.
func (s Service) open(ctx context.Context, of *run.Config, opener run.Opener, unsaid bool) (run.Target, run.Maker, error) {
	if opener != nil {
		return opener.Open(ctx, *of)
	}
	c := *of
	if c.InProcess && c.Handler == nil {
		return nil, nil, errNoHandler
	}
	calls, err := payload.New(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if unsaid {
		c = s.recognize(ctx, c, calls)
		*of = c
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
