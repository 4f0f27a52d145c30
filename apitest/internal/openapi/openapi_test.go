package openapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/shared/load"
)

// read returns the routes of a document.
func read(t *testing.T, target, text string) route.Set {
	t.Helper()
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	set, err := Source{Spec: path, Target: target}.Routes(t.Context())
	require.NoError(t, err)
	require.Equal(t, path, set.Source)
	return set
}

// sampled returns a body of a route.
func sampled(t *testing.T, r route.Route) string {
	t.Helper()
	require.NotNil(t, r.Body)
	text, err := r.Body.Sample(0, 0)
	require.NoError(t, err)
	return string(text)
}

const shop3 = `
openapi: 3.1.0
servers: [{url: "https://{region}.example.com/{version}/", variables: {region: {default: eu}, version: {default: v1}}}]
security: [{bearer: []}]
paths:
  x-note: no path
  /users/{id}:
    summary: no operation
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, example: u-9}}
      - {name: page, in: query, required: true, schema: {type: integer, default: 1}}
    get:
      operationId: getUser
      summary: One user
      tags: [users, public]
      security: []
      parameters:
        - {name: page, in: query, schema: {type: array, items: {enum: [3, 4]}}}
        - {name: X-Shop, in: header, required: true, examples: {one: {value: north}}}
        - {name: Authorization, in: header, required: true, schema: {type: string}}
        - {$ref: "#/components/parameters/Trace"}
        - {$ref: "#/components/parameters/Gone"}
    delete: {tags: [users]}
  /events:
    get:
      security: [{bearer: []}, {}]
      responses:
        "200": {content: {"text/event-stream; charset=utf-8": {}}}
  /orders:
    post:
      requestBody:
        required: true
        content:
          text/plain: {schema: {type: string}}
          application/json: {schema: {$ref: "#/components/schemas/Order"}}
    put:
      requestBody:
        $ref: "#/components/requestBodies/Order"
    patch:
      requestBody: {required: true, content: {application/xml: {schema: {type: object}}}}
  /uploads:
    servers: [{url: /files}]
    post:
      requestBody: {content: {"*/*": {example: {a: 1}}}}
  /optional:
    post:
      requestBody: {content: {application/xml: {}}}
components:
  parameters:
    Trace: {name: trace, in: query, required: false, schema: {allOf: [{type: boolean, default: true}]}}
  requestBodies:
    Order: {content: {application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Order"}}}}
  schemas:
    Order: {type: object, required: [item], properties: {item: {type: string, example: lamp}, count: {type: integer, minimum: 2, maximum: 2}}}
`

func TestOpenAPI3(t *testing.T) {
	t.Parallel()
	set := read(t, "http://127.0.0.1:8000", shop3)
	for i := range set.Routes {
		if r := &set.Routes[i]; r.Body != nil {
			r.Summary = sampled(t, *r)
			r.Body = nil
		}
	}
	none := map[string]string{}
	require.Equal(t, []route.Route{
		{
			Method: "GET", Path: "/v1/users/{id}", Params: []string{"id"}, Tags: []string{"users", "public"}, OperationID: "getUser", Summary: "One user",
			Examples: map[string]string{"id": "u-9"},
			Query:    []route.Param{{Name: "page", Example: "3"}, {Name: "trace", Example: "true"}},
			Header:   []route.Param{{Name: "X-Shop", Required: true, Example: "north"}},
		},
		{
			Method: "DELETE", Path: "/v1/users/{id}", Auth: true, Params: []string{"id"}, Tags: []string{"users"},
			Examples: map[string]string{"id": "u-9"}, Query: []route.Param{{Name: "page", Required: true, Example: "1"}},
		},
		{Method: "GET", Path: "/v1/events", Params: []string{}, Tags: []string{}, Examples: none, Streams: true},
		{
			Method: "POST", Path: "/v1/orders", Auth: true, Params: []string{}, Tags: []string{}, Examples: none,
			ContentType: "application/json", Summary: `{"item":"lamp","count":2}`,
		},
		{
			Method: "PUT", Path: "/v1/orders", Auth: true, Params: []string{}, Tags: []string{}, Examples: none,
			ContentType: "application/x-www-form-urlencoded", Summary: "count=2&item=lamp",
		},
		{Method: "PATCH", Path: "/v1/orders", Auth: true, Params: []string{}, Tags: []string{}, Examples: none, ContentType: "application/xml"},
		{
			Method: "POST", Path: "/files/uploads", Auth: true, Params: []string{}, Tags: []string{}, Examples: none,
			ContentType: "application/json", Summary: `{"a":1}`,
		},
		{Method: "POST", Path: "/v1/optional", Auth: true, Params: []string{}, Tags: []string{}, Examples: none},
	}, set.Routes)
	require.Equal(t, []string{
		"GET /users/{id}: parameter: reference #/components/parameters/Gone: it leads nowhere",
		"PATCH /orders: no body can be made: application/xml cannot be made from a schema",
		"POST /optional: no body can be made: there is neither a schema nor an example",
	}, set.Warnings)
}

func TestSwagger2(t *testing.T) {
	t.Parallel()
	set := read(t, "", `
swagger: "2.0"
basePath: /api
consumes: [application/json]
produces: [application/json]
securityDefinitions: {key: {type: apiKey, name: X-Key, in: header}}
paths:
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, type: string, default: p1}]
    post:
      security: [{key: []}]
      parameters: [{name: pet, in: body, required: true, schema: {$ref: "#/definitions/Pet"}}]
    put:
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - {name: name, in: formData, type: string, required: true, enum: [rex]}
        - {name: sort, in: query, type: string, required: true, enum: [up, down]}
    patch:
      parameters: [{name: picture, in: formData, type: file, default: pixels}]
    get: {produces: [text/event-stream]}
definitions:
  Pet: {type: object, properties: {name: {type: string, default: rex}}}
`)
	require.Empty(t, set.Warnings)
	var lines []string
	for _, r := range set.Routes {
		lines = append(lines, fmt.Sprintf("%s %s auth=%t streams=%t %q %v %v", r.Method, r.Path, r.Auth, r.Streams, r.ContentType, r.Query, r.Examples))
	}
	require.Equal(t, []string{
		`POST /api/pets/{id} auth=true streams=false "application/json" [] map[id:p1]`,
		`PUT /api/pets/{id} auth=false streams=false "application/x-www-form-urlencoded" [{sort true up}] map[id:p1]`,
		`PATCH /api/pets/{id} auth=false streams=false "multipart/form-data; boundary=loadpilot-5f1c1a7e9d3b" [] map[id:p1]`,
		`GET /api/pets/{id} auth=false streams=true "" [] map[id:p1]`,
	}, lines)
	require.JSONEq(t, `{"name":"rex"}`, sampled(t, set.Routes[0]))
	require.Equal(t, "name=rex", sampled(t, set.Routes[1]))
	require.Contains(t, sampled(t, set.Routes[2]), "filename=\"picture\"\r\nContent-Type: application/octet-stream\r\n\r\npixels\r\n")
	for _, r := range set.Routes {
		ok, reason := r.Loadable(nil)
		require.True(t, ok, reason)
	}
}

func TestPathsAreBelowTheTarget(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ target, servers, want string }{
		"no server":                  {"http://a", `[]`, "/x"},
		"the root":                   {"http://a/", `[{url: /}]`, "/x"},
		"a host":                     {"http://a", `[{url: "https://example.com"}]`, "/x"},
		"a path":                     {"http://a", `[{url: /api/v3}]`, "/api/v3/x"},
		"a host without a scheme":    {"http://a", `[{url: example.com/api}]`, "/x"},
		"the target has it":          {"http://a/api/v3", `[{url: /api/v3}]`, "/x"},
		"the target has it, slashed": {"http://a/proxy/v3/", `[{url: "https://example.com/v3/"}]`, "/x"},
		"the target has another":     {"http://a/api", `[{url: /v3}]`, "/v3/x"},
		"the first counts":           {"http://a", `[{url: /one}, {url: /two}]`, "/one/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := read(t, tc.target, "openapi: 3.0.3\nservers: "+tc.servers+"\npaths: {/x: {get: {}}}")
			require.Len(t, set.Routes, 1)
			require.Equal(t, tc.want, set.Routes[0].Path)
		})
	}
}

func TestBrokenPathsAreWarnings(t *testing.T) {
	t.Parallel()
	set := read(t, "", `
openapi: 3.0.0
paths:
  /a: {$ref: "#/nowhere"}
  /b: {get: {$ref: "#/nowhere"}}
  /c: {post: {requestBody: {$ref: "#/nowhere"}}}
  /d: null
`)
	require.Equal(t, []string{
		"/a: reference #/nowhere: it leads nowhere",
		"GET /b: reference #/nowhere: it leads nowhere",
		"POST /c: no body can be made: reference #/nowhere: it leads nowhere",
	}, set.Warnings)
	require.Len(t, set.Routes, 1)
}

func TestTheTargetIsAsked(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); r.URL.Path != "/shop/openapi.json" || user != "me" || password != "secret" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"openapi": "3.1.0", "paths": {"/health": {"get": {}}}}`))
	}))
	defer server.Close()
	target := "http://me:secret@" + server.Listener.Addr().String() + "/shop/"
	set, err := Source{Target: target}.Routes(t.Context())
	require.NoError(t, err)
	require.Len(t, set.Routes, 1)
	require.NotContains(t, set.Source, "secret")
	_, err = Source{Target: server.URL}.Routes(t.Context())
	require.ErrorContains(t, err, "read the OpenAPI document: "+server.URL+"/openapi.json answered 404 Not Found")
	server.Close()
	_, err = Source{Target: server.URL}.Routes(t.Context())
	require.ErrorIs(t, err, load.ErrUnavailable)
}

func TestWhatIsNoOpenAPIDocument(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an empty file": "", "text": "hello", "a list": "[1]", "another version": "openapi: 4.0.0", "another document": `{"a": 1}`,
		"Swagger 1": `{"swaggerVersion": "1.2"}`,
	} {
		path := filepath.Join(t.TempDir(), "document")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := Source{Spec: path}.Routes(t.Context())
		require.ErrorContains(t, err, path+" is no OpenAPI document", name)
	}
}

func TestNoPathsAreNoRoutes(t *testing.T) {
	t.Parallel()
	set := read(t, "", "openapi: 3.1.0\nwebhooks: {new: {post: {}}}")
	require.NotNil(t, set.Routes)
	require.Empty(t, set.Routes)
}
