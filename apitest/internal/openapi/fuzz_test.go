package openapi

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzDocument holds the reader to its bounds: whatever a document says, it is read in a short time, and what is listed can be used.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		shop3,
		`{"openapi": "3.0.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}}`,
		`{"swagger": "2.0", "paths": {"/a/{b}": {"post": {"parameters": [{"in": "formData", "name": "x", "type": "array"}]}}}}`,
		"openapi: 3.1.0\npaths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/s'}}}}}}}\n" +
			"s: {required: [a, b], properties: {a: {oneOf: [{$ref: '#/s'}, {type: array, items: {$ref: '#/s'}}]}, b: {allOf: [{$ref: '#/s/properties/a'}]}}}",
		"openapi: 3.1.0\npaths: &a {/a: *a}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		path := filepath.Join(t.TempDir(), "document")
		if err := os.WriteFile(path, document, 0o600); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		set, err := Source{Spec: path, Target: "http://127.0.0.1/"}.Routes(t.Context())
		if took := time.Since(begin); took > 5*time.Second {
			t.Fatalf("it took %v", took)
		}
		if err != nil {
			return
		}
		for _, r := range set.Routes {
			if r.Path == "" || r.Path[0] != '/' || r.Params == nil || r.Tags == nil {
				t.Fatalf("%+v", r)
			}
			if r.Body == nil {
				continue
			}
			if _, err := r.Body.Sample(1, 1); err != nil {
				t.Fatal(err)
			}
		}
	})
}
