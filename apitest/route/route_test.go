package route

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var shop = Set{Source: "test", Routes: []Route{
	{Method: "GET", Path: "/users/{id}", Params: []string{"id"}, Tags: []string{"users"}, OperationID: "getUser"},
	{Method: "GET", Path: "/users/me", Tags: []string{"users", "account"}, Summary: "Who is asking"},
	{Method: "DELETE", Path: "/users/{id}", Params: []string{"id"}, Tags: []string{"users"}},
	{Method: "GET", Path: "/files/{name}.{kind}", Params: []string{"name", "kind"}},
	{Method: "GET", Path: "/health/"},
}}

func paths(s Set) []string {
	list := []string{}
	for _, r := range s.Routes {
		list = append(list, r.Method+" "+r.Path)
	}
	return list
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		filter Filter
		want   []string
	}{
		"a tag":             {Filter{Tags: []string{"Account"}}, []string{"GET /users/me"}},
		"any of the tags":   {Filter{Tags: []string{"account", "users"}}, []string{"GET /users/{id}", "GET /users/me", "DELETE /users/{id}"}},
		"a method":          {Filter{Methods: []string{"delete"}}, []string{"DELETE /users/{id}"}},
		"text in a path":    {Filter{Text: "HEALTH"}, []string{"GET /health/"}},
		"text in a summary": {Filter{Text: "asking"}, []string{"GET /users/me"}},
		"text in an id":     {Filter{Text: "getuser"}, []string{"GET /users/{id}"}},
		"all of it":         {Filter{Tags: []string{"users"}, Methods: []string{"GET"}, Text: "{id}"}, []string{"GET /users/{id}"}},
		"nothing":           {Filter{Text: "nowhere"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shop.Filter(tc.filter)
			require.Equal(t, tc.want, paths(got))
			require.Equal(t, "test", got.Source)
		})
	}
	require.Equal(t, paths(shop), paths(shop.Filter(Filter{})))
}

func TestNoRoutesAreAnEmptyListInJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(shop.Filter(Filter{Text: "nowhere"}))
	require.NoError(t, err)
	require.JSONEq(t, `{"source": "test", "routes": []}`, string(text))
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path, want string
	}{
		"a template":                      {"GET", "/users/{id}", "/users/{id}"},
		"a template with other names":     {"GET", "/users/{user}", "/users/{id}"},
		"a concrete path":                 {"GET", "/users/7", "/users/{id}"},
		"the fewest placeholders":         {"GET", "/users/me", "/users/me"},
		"what the method has":             {"DELETE", "/users/me", "/users/{id}"},
		"methods in lower case":           {"get", "/health/", "/health/"},
		"a path with a query":             {"GET", "/users/7?full=1", "/users/{id}"},
		"two placeholders in one segment": {"GET", "/files/a.txt", "/files/{name}.{kind}"},
		"a point is no wildcard":          {"GET", "/files/atxt", ""},
		"one segment too many":            {"GET", "/users/7/orders", ""},
		"another method":                  {"PUT", "/users/7", ""},
		"no slash at the end":             {"GET", "/health", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, ok := shop.Find(tc.method, tc.path)
			require.Equal(t, tc.want != "", ok)
			require.Equal(t, tc.want, r.Path)
		})
	}
}

func TestLoadable(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		route  Route
		known  map[string]string
		reason string
	}{
		"nothing needed":          {Route{}, nil, ""},
		"an unknown parameter":    {Route{Params: []string{"id"}}, nil, "needs a value for {id}"},
		"a known one":             {Route{Params: []string{"id"}}, map[string]string{"id": "7"}, ""},
		"one with an example":     {Route{Params: []string{"id"}, Examples: map[string]string{"id": "7"}}, nil, ""},
		"a required query":        {Route{Query: []Param{{Name: "q", Required: true}}}, nil, "needs a value for the query parameter q"},
		"a query with an example": {Route{Query: []Param{{Name: "q", Required: true, Example: "x"}}}, nil, ""},
		"an optional query":       {Route{Query: []Param{{Name: "q"}}}, nil, ""},
		"a required header":       {Route{Header: []Param{{Name: "X-Shop", Required: true}}}, nil, "needs a value for the header X-Shop"},
		"a body of some kind": {
			Route{ContentType: "text/xml"}, nil, "takes a body (text/xml) that cannot be made from its description",
		},
		"a body that can be made": {Route{ContentType: "text/xml", Body: fixed("<a/>")}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ok, reason := tc.route.Loadable(tc.known)
			require.Equal(t, tc.reason == "", ok)
			require.Equal(t, tc.reason, reason)
		})
	}
}

type fixed string

func (f fixed) Sample(int64, uint64) ([]byte, error) { return []byte(f), nil }

func TestSort(t *testing.T) {
	t.Parallel()
	routes := slices.Clone(shop.Routes)
	Sort(routes)
	require.Equal(t, []string{
		"GET /files/{name}.{kind}", "GET /health/", "GET /users/me", "DELETE /users/{id}", "GET /users/{id}",
	}, paths(Set{Routes: routes}))
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for path, tc := range map[string]struct {
		names []string
		plain string
	}{
		"/":                             {[]string{}, "/"},
		"/a/{b}/c/{d}":                  {[]string{"b", "d"}, "/a/{b}/c/{d}"},
		"/{a}-{b}.json":                 {[]string{"a", "b"}, "/{a}-{b}.json"},
		"/files/{path...}":              {[]string{"path"}, "/files/{path}"},
		"/{id:[0-9]{3}}/{name:[a-z:]+}": {[]string{"id", "name"}, "/{id}/{name}"},
		"/exactly/{$}":                  {[]string{}, "/exactly/"},
		"/open/{id":                     {[]string{}, "/open/{id"},
		"/close/}{id}":                  {[]string{"id"}, "/close/}{id}"},
	} {
		require.Equal(t, tc.names, Placeholders(path), path)
		require.Equal(t, tc.plain, Plain(path), path)
	}
}
