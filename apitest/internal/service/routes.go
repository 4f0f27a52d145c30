package service

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/openapi"
	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Routes returns the routes of the API: those of Spec, of the program, or of the document that the handler or the target serves.
func (s Service) Routes(ctx context.Context) (route.Set, error) {
	switch {
	case s.Spec != "":
		return openapi.Source{Spec: s.Spec, Target: s.Target}.Routes(ctx)
	case s.Discoverer != nil:
		return s.Discoverer.Routes(ctx)
	case s.Handler != nil:
		client := &http.Client{Transport: inprocess.New(s.Handler)}
		return openapi.Source{Target: inProcessURL, Client: client}.Routes(ctx)
	case s.Target != "":
		return openapi.Source{Target: s.Target}.Routes(ctx)
	default:
		return route.Set{}, &load.FieldError{Field: "target", Message: "which API? Give its base URL, or --spec FILE|URL"}
	}
}

// Describe adds to a configuration what the routes of the API say of its path, as far as they are at hand: that answers are streams,
// and, if generate is set, bodies that fit the route's schema.
func (s Service) Describe(ctx context.Context, c run.Config, generate bool) (run.Config, error) {
	if !generate && (c.Protocol != "" || s.Spec == "" && s.Discoverer == nil) {
		return c, nil
	}
	set, err := s.Routes(ctx)
	if err != nil {
		return c, err
	}
	r, ok := set.Find(c.Method, c.Path)
	switch {
	case generate && !ok:
		return c, &load.FieldError{Field: "generate", Message: set.Source + " has no route " + c.Method + " " + c.Masked().Path}
	case generate && r.Body == nil:
		return c, &load.FieldError{Field: "generate", Message: c.Method + " " + c.Masked().Path + " takes no body whose schema is known"}
	case generate:
		c = withBody(c, r)
	}
	if c.Protocol == "" && r.Streams {
		c.Protocol = run.ProtocolStream
	}
	return c, nil
}

// withBody makes bodies that fit the schema of the route.
func withBody(c run.Config, r route.Route) run.Config {
	c.Seed = c.WithDefaults().Seed
	c.PayloadFunc = func(n int64) ([]byte, error) { return r.Body.Sample(n, c.Seed) }
	for _, h := range c.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			return c
		}
	}
	c.Headers = append(slices.Clip(c.Headers), run.Pair{Name: "Content-Type", Value: r.ContentType})
	return c
}
