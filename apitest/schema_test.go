package apitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest"
)

const schemaFile = "../docs/api-load-test.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("file:///schema.json", doc))
	compiled, err := c.Compile("file:///schema.json")
	require.NoError(t, err)
	return compiled
}

// Whatever comes of a run, its result is as the schema says.
func TestResultsMatchTheirSchema(t *testing.T) {
	t.Parallel()
	results := schema(t)
	app := http.NewServeMux()
	app.HandleFunc("/ok", func(http.ResponseWriter, *http.Request) {})
	app.HandleFunc("/refused", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) })
	app.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("no") })
	app.HandleFunc("/events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("data: 1\n\ndata: 2\n\n"))
	})
	service := apitest.NewService(apitest.WithHandler(app), apitest.WithVersion("test", "1"))
	for name, c := range map[string]apitest.Config{
		"ok": {Path: "/ok", InProcess: true},
		"everything is asked for": {
			Method: "POST", Path: "/{path}", PathParams: map[string]string{"path": "ok"}, InProcess: true,
			Query: []apitest.Pair{{Name: "q", Value: "{{seq}}"}}, Headers: []apitest.Pair{{Name: "Authorization", Value: "Bearer s3cr3t"}},
			Payload: "{{uuid}}", Duration: time.Minute, Requests: 10, Rate: 1000, Timeout: time.Second, Redirects: 3, Seed: 7,
		},
		"refused": {Path: "/refused", InProcess: true},
		"panic":   {Path: "/panic", InProcess: true},
		"stream":  {Path: "/events", InProcess: true, Protocol: apitest.ProtocolStream, Events: 1, Requests: 3},
		"nobody":  {Path: "/ok", Target: "http://127.0.0.1:1", Requests: 3},
	} {
		result, err := service.Run(t.Context(), c)
		require.NoError(t, err, name)
		validate(t, results, name, result)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	cancel(gone)
	result, err := service.Run(ctx, apitest.Config{Path: "/ok", InProcess: true})
	require.ErrorIs(t, err, gone)
	assert.Equal(t, "interrupted", result.State)
	validate(t, results, "interrupted", result)
}

func validate(t *testing.T, results *jsonschema.Schema, name string, result apitest.Result) {
	t.Helper()
	text, err := json.Marshal(result)
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	assert.NoError(t, results.Validate(doc), "%s: %s", name, text)
	assert.NotContains(t, string(text), "s3cr3t")
}

// Every name in the schema is explained in the document.
func TestEveryNameIsExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/api-load-test.md")
	require.NoError(t, err)
	body, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var walk func(node any)
	walk = func(node any) {
		object, _ := node.(map[string]any)
		properties, _ := object["properties"].(map[string]any)
		for name, child := range properties {
			assert.Contains(t, string(text), "`"+name+"`", "api-load-test.md does not explain it")
			walk(child)
		}
		if items, ok := object["items"]; ok {
			walk(items)
		}
	}
	var doc any
	require.NoError(t, json.Unmarshal(body, &doc))
	walk(doc)
}
