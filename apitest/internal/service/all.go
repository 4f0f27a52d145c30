package service

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// Skipped is a route that is not run, and why.
type Skipped struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// All returns a configuration for each route that has one of the tags, if there are any, and needs no value that is not known: by the
// configuration, which they are all made of, or as an example. Routes that may change something are only among them if unsafe is set. It
// fails if the configuration is wrong whatever the route.
func (s Service) All(ctx context.Context, c run.Config, tags []string, unsafe bool) (jobs []run.Config, skipped []Skipped, err error) {
	anywhere := c
	anywhere.Path, anywhere.PathParams = "/", nil
	if err := s.validate(anywhere); err != nil {
		return nil, nil, err
	}
	set, err := s.Routes(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range set.Filter(route.Filter{Tags: tags}).Routes {
		r.Query, r.Header = missing(r.Query, c.Query), missing(r.Header, c.Headers)
		ok, reason := r.Loadable(c.PathParams)
		switch {
		case !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, r.Method):
			ok, reason = false, "no request of one method: run it by itself"
		case !unsafe && r.Method != http.MethodGet && r.Method != http.MethodHead:
			ok, reason = false, "may change something: --unsafe runs it"
		}
		job := jobOf(r, c)
		if err := s.validate(job); ok && err != nil {
			ok, reason = false, err.Error()
		}
		if !ok {
			skipped = append(skipped, Skipped{Method: r.Method, Path: r.Path, Reason: reason})
			continue
		}
		jobs = append(jobs, job)
	}
	return jobs, skipped, nil
}

func (s Service) validate(c run.Config) error {
	c, _ = s.complete(c)
	return c.Validate()
}

// missing returns what a route takes and is not given.
func missing(declared []route.Param, given []run.Pair) []route.Param {
	return slices.DeleteFunc(slices.Clone(declared), func(p route.Param) bool {
		return slices.ContainsFunc(given, func(g run.Pair) bool { return strings.EqualFold(g.Name, p.Name) })
	})
}

// jobOf returns the configuration of a route, whose parameters are those that are not given.
func jobOf(r route.Route, c run.Config) run.Config {
	c.Method, c.Path = r.Method, r.Path
	known := c.PathParams
	c.PathParams = map[string]string{}
	for name, example := range r.Examples {
		c.PathParams[name] = literal(example)
	}
	maps.Copy(c.PathParams, known)
	maps.DeleteFunc(c.PathParams, func(name, _ string) bool { return !slices.Contains(r.Params, name) })
	c.Query, c.Headers = withExamples(c.Query, r.Query), withExamples(c.Headers, r.Header)
	if r.Body != nil {
		c = withBody(c, r)
	}
	if c.Protocol == "" && r.Streams {
		c.Protocol = run.ProtocolStream
	}
	return c
}

// withExamples adds what a route requires.
func withExamples(given []run.Pair, declared []route.Param) []run.Pair {
	pairs := slices.Clone(given)
	for _, p := range declared {
		if p.Required {
			pairs = append(pairs, run.Pair{Name: p.Name, Value: literal(p.Example)})
		}
	}
	return pairs
}

// literal returns the template of a text that is none.
func literal(text string) string { return strings.ReplaceAll(text, "{{", "{{{{") }
