// Package mux is http.ServeMux with a memory: what is registered can be listed, and so be loaded.
//
//	routes := mux.New()
//	routes.Tag("health").HandleFunc("GET /health/", health)
//	users := routes.Tag("users").Auth(requireUser)
//	users.HandleFunc("GET /api/v1/users/me", me)
//	command := apitest.NewCommand(routes, apitest.WithRoutes(routes))
package mux

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/loadpilot/loadpilot/apitest/route"
)

// Middleware wraps a handler.
type Middleware = func(http.Handler) http.Handler

// Mux is an http.ServeMux that knows its routes. It is a Group without anything in common.
type Mux struct {
	Group

	serve http.ServeMux

	mu     sync.Mutex
	routes []route.Route
}

var _ route.Discoverer = (*Mux)(nil)

// New returns an empty Mux.
func New() *Mux {
	m := &Mux{routes: []route.Route{}}
	m.mux = m
	return m
}

// ServeHTTP calls the handler whose pattern fits the request best, as http.ServeMux does.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.serve.ServeHTTP(w, r) }

// Routes returns what was registered so far, by path and method. A pattern without a method is listed as GET, and one with a host without
// it.
func (m *Mux) Routes(context.Context) (route.Set, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	routes := slices.Clone(m.routes)
	route.Sort(routes)
	return route.Set{Source: "ServeMux", Routes: routes}, nil
}

// Group is what some routes of a Mux have in common. Its methods return groups that have more in common; it stays as it is.
type Group struct {
	mux        *Mux
	tags       []string
	auth       bool
	middleware []Middleware
}

// Tag returns a group whose routes have these tags too.
func (g *Group) Tag(tags ...string) *Group {
	more := *g
	more.tags = slices.Concat(g.tags, tags)
	return &more
}

// With returns a group whose handlers are wrapped in the middleware, the first one outermost, inside of what the group has already.
func (g *Group) With(middleware ...Middleware) *Group {
	more := *g
	more.middleware = slices.Concat(g.middleware, middleware)
	return &more
}

// Auth is With for the middleware that lets only those in who are logged in: the routes are listed as such.
func (g *Group) Auth(middleware Middleware) *Group {
	more := g.With(middleware)
	more.auth = true
	return more
}

// Handle registers a handler. It panics where http.ServeMux does: for a pattern that is invalid or in conflict with another.
func (g *Group) Handle(pattern string, handler http.Handler) {
	for _, wrap := range slices.Backward(g.middleware) {
		handler = wrap(handler)
	}
	g.mux.serve.Handle(pattern, handler)
	method := http.MethodGet
	if end := strings.IndexAny(pattern, " \t"); end >= 0 {
		method = pattern[:end]
	}
	path := route.Plain(pattern[strings.IndexByte(pattern, '/'):])
	g.mux.mu.Lock()
	defer g.mux.mu.Unlock()
	g.mux.routes = append(g.mux.routes, route.Route{
		Method: method, Path: path, Auth: g.auth, Params: route.Placeholders(path), Tags: append([]string{}, g.tags...),
	})
}

// HandleFunc registers a function, as Handle does.
func (g *Group) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	g.Handle(pattern, http.HandlerFunc(handler))
}
