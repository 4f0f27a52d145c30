package service

import (
	"context"
	"maps"
	"net/http"
	"slices"

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
// configuration, which they are all made of, or as an example. Routes that may change something are only among them if unsafe is set.
func (s Service) All(ctx context.Context, c run.Config, tags []string, unsafe bool) (jobs []run.Config, skipped []Skipped, err error) {
	set, err := s.Routes(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range set.Filter(route.Filter{Tags: tags}).Routes {
		ok, reason := r.Loadable(c.PathParams)
		switch {
		case !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, r.Method):
			ok, reason = false, "no request of one method: run it by itself"
		case !unsafe && r.Method != http.MethodGet && r.Method != http.MethodHead:
			ok, reason = false, "may change something: --unsafe runs it"
		}
		if !ok {
			skipped = append(skipped, Skipped{Method: r.Method, Path: r.Path, Reason: reason})
			continue
		}
		jobs = append(jobs, jobOf(r, c))
	}
	return jobs, skipped, nil
}

// jobOf returns the configuration of a route.
func jobOf(r route.Route, c run.Config) run.Config {
	c.Method, c.Path = r.Method, r.Path
	known := c.PathParams
	c.PathParams = maps.Clone(r.Examples)
	if c.PathParams == nil {
		c.PathParams = map[string]string{}
	}
	maps.Copy(c.PathParams, known)
	maps.DeleteFunc(c.PathParams, func(name, _ string) bool { return !slices.Contains(r.Params, name) })
	c.Query, c.Headers = withExamples(c.Query, r.Query), withExamples(c.Headers, r.Header)
	if r.Body != nil {
		c = withBody(c, r)
	}
	if r.Streams {
		c.Protocol = run.ProtocolStream
		if c.Events == 0 {
			c.Events = defaultEvents
		}
	}
	return c
}

// withExamples adds what a route requires and the configuration does not have.
func withExamples(given []run.Pair, declared []route.Param) []run.Pair {
	pairs := slices.Clone(given)
	for _, p := range declared {
		if p.Required && !slices.ContainsFunc(given, func(g run.Pair) bool { return g.Name == p.Name }) {
			pairs = append(pairs, run.Pair{Name: p.Name, Value: p.Example})
		}
	}
	return pairs
}
