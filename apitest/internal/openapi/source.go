// Package openapi finds the routes of an API in its OpenAPI document: version 3.0 and 3.1, and Swagger 2, as JSON or YAML. It is lenient:
// a document is not validated, and what cannot be read of it costs no more than the route or body that needs it.
package openapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/openapi/tree"
	"github.com/loadpilot/loadpilot/apitest/route"
)

// Source is where a document is. It is a route.Discoverer.
type Source struct {
	Spec   string       // URL or path of the document; "": openapi.json below Target
	Target string       // base URL of the API; paths of routes are below it
	Client *http.Client // nil: the default one
}

var _ route.Discoverer = Source{}

// Routes reads the document. The error matches load.ErrUnavailable if its server did not answer.
func (s Source) Routes(ctx context.Context) (route.Set, error) {
	location := s.Spec
	if location == "" {
		location = strings.TrimSuffix(s.Target, "/") + "/openapi.json"
	}
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	root, err := tree.Open(ctx, client, location)
	if err != nil {
		return route.Set{}, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	r := reader{root: root, target: s.Target, set: route.Set{Source: location, Routes: []route.Route{}}}
	if u, err := url.Parse(location); err == nil && u.User != nil {
		r.set.Source = u.Redacted()
	}
	switch version := root.Get("openapi").Text(); {
	case strings.HasPrefix(version, "3."):
		r.dialect = version3{}
	case root.Get("swagger").Text() == "2.0":
		r.dialect = version2{root: root}
	default:
		return route.Set{}, fmt.Errorf("%s is no OpenAPI document: it has neither openapi: 3.x nor swagger: 2.0", r.set.Source)
	}
	r.read()
	return r.set, nil
}

// reader fills a set from a document.
type reader struct {
	root    tree.Node
	target  string
	dialect dialect
	set     route.Set
}

// dialect is what the versions of OpenAPI do differently.
type dialect interface {
	// base returns the path that all paths of an operation begin with.
	base(levels []tree.Node) string
	// body sets ContentType and Body; the error says why there is no Body.
	body(r *route.Route, operation tree.Node, params []tree.Node) error
	// streams reports whether the operation answers with server-sent events.
	streams(operation tree.Node) bool
	// schema returns that of a parameter.
	schema(param tree.Node) tree.Node
}

var (
	methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

	// spoken are headers that other parts of a document speak of.
	spoken = []string{"accept", "content-type", "authorization"}
)

func (r *reader) read() {
	for path, item := range r.root.Get("paths").Fields() {
		if !strings.HasPrefix(path, "/") { // an extension
			continue
		}
		if err := item.Err(); err != nil {
			r.warn(path, err)
		}
		for method, operation := range item.Fields() {
			if slices.Contains(methods, method) {
				r.operation(strings.ToUpper(method), path, item, operation)
			}
		}
	}
}

func (r *reader) warn(where string, err error) {
	r.set.Warnings = append(r.set.Warnings, where+": "+err.Error())
}

func (r *reader) operation(method, path string, item, operation tree.Node) {
	name := method + " " + path
	if err := operation.Err(); err != nil {
		r.warn(name, err)
		return
	}
	found := route.Route{
		Method:      method,
		Path:        r.below(r.dialect.base([]tree.Node{operation, item, r.root})) + path,
		Auth:        r.auth(operation),
		Tags:        operation.Get("tags").Texts(),
		OperationID: operation.Get("operationId").Text(),
		Summary:     operation.Get("summary").Text(),
		Streams:     r.dialect.streams(operation),
		Examples:    map[string]string{},
	}
	found.Params = route.Placeholders(found.Path)
	params := r.params(name, item, operation)
	for _, p := range params {
		param := route.Param{
			Name:     p.Get("name").Text(),
			Required: p.Get("required").True(),
			Example:  r.example(p),
		}
		switch p.Get("in").Text() {
		case "path":
			if param.Example != "" {
				found.Examples[param.Name] = param.Example
			}
		case "query":
			found.Query = append(found.Query, param)
		case "header":
			if !slices.Contains(spoken, strings.ToLower(param.Name)) {
				found.Header = append(found.Header, param)
			}
		default:
		}
	}
	if err := r.dialect.body(&found, operation, params); err != nil {
		r.warn(name, fmt.Errorf("no body can be made: %w", err))
	}
	r.set.Routes = append(r.set.Routes, found)
}

// below returns the base path without what the target ends with: the target may be the server that the document names, or its host.
func (r *reader) below(base string) string {
	if target, err := url.Parse(r.target); err == nil && strings.HasSuffix(strings.TrimSuffix(target.Path, "/"), base) {
		return ""
	}
	return base
}

// auth reports whether none of the ways to call the operation does without credentials.
func (r *reader) auth(operation tree.Node) bool {
	security := operation.Get("security")
	if !security.Exists() {
		security = r.root.Get("security")
	}
	ways := security.Items()
	for _, way := range ways {
		if !way.First().Exists() {
			return false
		}
	}
	return len(ways) > 0
}

// params returns the parameters of the operation, and those of its path that it does not declare anew.
func (r *reader) params(name string, item, operation tree.Node) []tree.Node {
	var params []tree.Node
	places := map[string]int{}
	for _, p := range append(item.Get("parameters").Items(), operation.Get("parameters").Items()...) {
		if err := p.Err(); err != nil {
			r.warn(name, fmt.Errorf("parameter: %w", err))
			continue
		}
		key := p.Get("in").Text() + " " + p.Get("name").Text()
		if at, ok := places[key]; ok {
			params[at] = p
			continue
		}
		places[key] = len(params)
		params = append(params, p)
	}
	return params
}
