// Package route says what of an API can be loaded. Its sources, such as an OpenAPI document or a router, are Discoverers.
package route

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Route is one operation.
type Route struct {
	Method      string   `json:"method"` // upper case; WS and GRPC for those
	Path        string   `json:"path"`   // with {placeholders}
	Auth        bool     `json:"auth"`
	Params      []string `json:"params"` // names of the placeholders, in order
	Tags        []string `json:"tags"`
	OperationID string   `json:"operation_id,omitempty"`
	Summary     string   `json:"summary,omitempty"`

	Examples    map[string]string `json:"examples,omitempty"` // of placeholders, where the source has them
	Query       []Param           `json:"query,omitempty"`    // declared query parameters
	Header      []Param           `json:"header,omitempty"`
	ContentType string            `json:"content_type,omitempty"` // of the body it takes; "": none
	Streams     bool              `json:"streams,omitempty"`      // answers text/event-stream
	Body        Sampler           `json:"-"`                      // nil: unknown
}

// Param is a declared parameter of a query or header.
type Param struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Example  string `json:"example,omitempty"`
}

// Sampler makes bodies that fit the route's schema. The same n and seed make the same body. It is safe for concurrent use.
type Sampler interface {
	Sample(n int64, seed uint64) ([]byte, error)
}

// Set is the routes of one API, in the order of its source (OpenAPI: of the document; others: by path, then method).
type Set struct {
	Source   string   `json:"source"` // URL, file, "chi", "ServeMux"
	Routes   []Route  `json:"routes"`
	Warnings []string `json:"warnings,omitempty"` // what of the source could not be read
}

// Discoverer finds routes.
type Discoverer interface {
	Routes(ctx context.Context) (Set, error)
}

// Filter keeps what matches all of it: any of the tags, any of the methods, the text in path, summary or operation id. Upper and lower
// case are the same.
type Filter struct {
	Tags, Methods []string
	Text          string
}

// Filter returns the routes that match.
func (s Set) Filter(f Filter) Set {
	s.Routes = slices.DeleteFunc(slices.Clone(s.Routes), func(r Route) bool { return !f.matches(r) })
	return s
}

func (f Filter) matches(r Route) bool {
	text := strings.ToLower(f.Text)
	return (len(f.Tags) == 0 || slices.ContainsFunc(r.Tags, among(f.Tags))) &&
		(len(f.Methods) == 0 || among(f.Methods)(r.Method)) &&
		slices.ContainsFunc([]string{r.Path, r.Summary, r.OperationID}, func(field string) bool {
			return strings.Contains(strings.ToLower(field), text)
		})
}

func among(list []string) func(string) bool {
	return func(text string) bool {
		return slices.ContainsFunc(list, func(entry string) bool { return strings.EqualFold(entry, text) })
	}
}

// Loadable reports whether nothing is missing to call it: every placeholder and every required parameter has a value that is known or an
// example, and its body, if it takes one, can be made. The reason says what is missing.
func (r Route) Loadable(known map[string]string) (ok bool, reason string) {
	for _, name := range r.Params {
		if known[name] == "" && r.Examples[name] == "" {
			return false, fmt.Sprintf("needs a value for {%s}", name)
		}
	}
	for _, p := range r.Query {
		if p.Required && p.Example == "" {
			return false, "needs a value for the query parameter " + p.Name
		}
	}
	for _, p := range r.Header {
		if p.Required && p.Example == "" {
			return false, "needs a value for the header " + p.Name
		}
	}
	if r.ContentType != "" && r.Body == nil {
		return false, "takes a body (" + r.ContentType + ") that cannot be made from its description"
	}
	return true, ""
}

// Sort puts routes in the order of tables: by path, then method.
func Sort(routes []Route) {
	slices.SortStableFunc(routes, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
}
