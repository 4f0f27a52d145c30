package sample

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/internal/openapi/tree"
)

func parse(t *testing.T, text string) tree.Node {
	t.Helper()
	path := filepath.Join(t.TempDir(), "schema.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	root, err := tree.Open(t.Context(), nil, path)
	require.NoError(t, err)
	return root
}

// body returns the bodies of a schema as JSON.
func body(t *testing.T, schema string) *Body {
	t.Helper()
	b, err := New("application/json", parse(t, schema), tree.Node{})
	require.NoError(t, err)
	return b
}

func sampled(t *testing.T, b *Body, n int64) string {
	t.Helper()
	text, err := b.Sample(n, 1)
	require.NoError(t, err)
	return string(text)
}

// validator returns what an independent implementation of JSON Schema, 2020-12, makes of the schema.
func validator(t *testing.T, schema string) *jsonschema.Schema {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("schema.json", value))
	compiled, err := c.Compile("schema.json")
	require.NoError(t, err)
	return compiled
}

func TestSamplesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]string{
		"anything":               `{}`,
		"true":                   `{"type": "array", "items": true}`,
		"short text":             `{"type": "string", "maxLength": 3}`,
		"long text":              `{"type": "string", "minLength": 40}`,
		"no text":                `{"type": "string", "maxLength": 0}`,
		"pattern":                `{"type": "string", "pattern": "^[A-Z]{3}-\\d{2,4}(x|yz)?$"}`,
		"pattern and length":     `{"type": "string", "pattern": "^[a-z]+$", "minLength": 3, "maxLength": 4}`,
		"a class without ASCII":  `{"type": "string", "pattern": "^[Ā-ž]+$"}`,
		"a negated class":        `{"type": "string", "pattern": "^[^/ ]+$"}`,
		"enum":                   `{"enum": ["a", 2, true, null]}`,
		"null":                   `{"type": "null"}`,
		"boolean":                `{"type": "boolean"}`,
		"const":                  `{"const": {"a": [1, "x"]}}`,
		"integer":                `{"type": "integer"}`,
		"integers of a range":    `{"type": "integer", "minimum": -3, "maximum": 2}`,
		"integers above":         `{"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7}`,
		"negative integers":      `{"type": "integer", "maximum": -5}`,
		"huge integers":          `{"type": "integer", "minimum": 1000000000000, "maximum": 9223372036854775807}`,
		"multiples":              `{"type": "integer", "multipleOf": 5000}`,
		"multiples of a range":   `{"type": "number", "multipleOf": 0.25, "minimum": 0.3, "maximum": 0.8}`,
		"numbers":                `{"type": "number", "exclusiveMinimum": 0, "maximum": 1}`,
		"small numbers":          `{"type": "number", "minimum": 0.0001, "maximum": 0.0002}`,
		"one number":             `{"type": "number", "minimum": 0.123456, "maximum": 0.123456}`,
		"list":                   `{"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3}`,
		"empty list":             `{"type": "array", "items": {"type": "integer"}, "maxItems": 0}`,
		"distinct elements":      `{"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": true}`,
		"tuple":                  `{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": false}`,
		"one of several types":   `{"type": ["null", "integer"], "minimum": 7}`,
		"an inferred object":     `{"properties": {"a": {"type": "integer"}}, "required": ["a", "undeclared"]}`,
		"a map":                  `{"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}`,
		"references":             `{"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/b"}, "type": "array"}, "b": {"type": "boolean"}}}`,
		"allOf":                  `{"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"], "properties": {"b": {"const": 1}}}]}`,
		"a property of two":      `{"properties": {"a": {"type": "string"}}, "allOf": [{"properties": {"a": {"enum": ["x"]}}, "required": ["a"]}]}`,
		"the first of oneOf":     `{"oneOf": [{"type": "integer", "minimum": 5}, {"type": "string"}]}`,
		"something but null":     `{"anyOf": [{"type": "null"}, {"type": "integer"}]}`,
		"oneOf beside members":   `{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "oneOf": [{"required": ["b"]}, {"required": ["c"]}]}`,
		"itself, optional":       `{"type": "object", "properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}, "required": ["n"]}`,
		"itself, in a list":      `{"type": "object", "properties": {"all": {"type": "array", "items": {"$ref": "#"}}}, "required": ["all"]}`,
		"itself, one way of two": `{"type": "object", "properties": {"x": {"oneOf": [{"$ref": "#"}, {"type": "integer"}]}}, "required": ["x"]}`,
		"one base of two parents": `{"allOf": [{"$ref": "#/$defs/b"}, {"$ref": "#/$defs/c"}], "$defs": {
			"a": {"properties": {"a": {"type": "integer"}}, "required": ["a"]}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}, "c": {"allOf": [{"$ref": "#/$defs/a"}]}}}`,
		"formats": `{"type": "object", "additionalProperties": false, "properties": {
			"a": {"type": "string", "format": "uuid"}, "b": {"type": "string", "format": "date"}, "c": {"type": "string", "format": "date-time"},
			"d": {"type": "string", "format": "time"}, "e": {"type": "string", "format": "duration"}, "f": {"type": "string", "format": "email"},
			"g": {"type": "string", "format": "hostname"}, "h": {"type": "string", "format": "uri"}, "i": {"type": "string", "format": "uri-reference"},
			"j": {"type": "string", "format": "ipv4"}, "k": {"type": "string", "format": "ipv6"}},
			"required": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, v := body(t, schema), validator(t, schema)
			for n := range int64(50) {
				text := sampled(t, b, n)
				value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
				require.NoError(t, err, text)
				require.NoError(t, v.Validate(value), text)
			}
		})
	}
}

func TestSamplesSayWhatTheDocumentGives(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ schema, want string }{
		"an example":            {`{"type": "integer", "example": 5}`, `5`},
		"the first of examples": {`{"type": "integer", "examples": [6, 7]}`, `6`},
		"a default":             {`{"type": "string", "default": "x"}`, `"x"`},
		"no null":               {`{"type": "integer", "default": null, "enum": [9, null]}`, `9`},
		"members in order":      {`{"example": {"z": 1, "a": {"y": [], "b": null}}}`, `{"z":1,"a":{"y":[],"b":null}}`},
		"an example of the whole": {
			`{"type": "object", "example": {"a": 2}, "properties": {"a": {"example": 1}}}`, `{"a":2}`,
		},
		"an example of the only part": {
			`{"allOf": [{"type": "object", "example": {"a": 2}, "properties": {"a": {"example": 1}}}]}`, `{"a":2}`,
		},
		"no example of one part of several": {
			`{"properties": {"b": {"example": 3}}, "allOf": [{"example": {"a": 2}, "properties": {"a": {"example": 1}}}]}`, `{"b":3,"a":1}`,
		},
		"nothing that is read only": {
			`{"properties": {"id": {"readOnly": true, "example": 1}, "a": {"example": 2}}, "required": ["id", "a"]}`, `{"a":2}`,
		},
		"which of several it is": {
			`{"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "discriminator": {"propertyName": "kind"}, "$defs": {
				"Cat": {"properties": {"kind": {"type": "string"}}}, "Dog": {"properties": {"kind": {"type": "string"}}}}}`,
			`{"kind":"Cat"}`,
		},
		"which of several by a mapping": {
			`{"oneOf": [{"$ref": "#/$defs/Cat"}], "discriminator": {"propertyName": "kind", "mapping": {"meow": "#/$defs/Cat"}}, "$defs": {
				"Cat": {"properties": {"kind": {"type": "string"}}}}}`,
			`{"kind":"meow"}`,
		},
		"which of several in Swagger 2": {
			`{"$ref": "#/$defs/Cat", "$defs": {"Pet": {"discriminator": "kind", "properties": {"kind": {"type": "string"}}, "required": ["kind"]},
				"Cat": {"allOf": [{"$ref": "#/$defs/Pet"}]}}}`,
			`{"kind":"Cat"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := body(t, tc.schema)
			for n := range int64(5) {
				require.Equal(t, tc.want, sampled(t, b, n))
			}
		})
	}
}

func TestASeedRepeatsItsBodies(t *testing.T) {
	t.Parallel()
	schema := `{"properties": {"a": {"type": "string", "format": "uuid"}, "b": {"type": "integer"}}}`
	one, two := body(t, schema), body(t, schema)
	seen := map[string]bool{}
	for n := range int64(1000) {
		text := sampled(t, one, n)
		require.Equal(t, text, sampled(t, two, n))
		seen[text] = true
	}
	require.Len(t, seen, 1000)
	other, err := one.Sample(0, 2)
	require.NoError(t, err)
	require.NotContains(t, seen, string(other))
}

func TestWhatCannotBeMadeIsAnError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ schema, says string }{
		"it needs itself":           {`{"properties": {"a": {"$ref": "#"}}, "required": ["a"]}`, "a: the schema needs itself"},
		"a broken reference":        {`{"properties": {"a": {"$ref": "#/x"}}, "required": ["a"]}`, "a: reference #/x: it leads nowhere"},
		"nothing fits":              {`{"properties": {"a": false}, "required": ["a"]}`, "a: nothing fits"},
		"no integer between":        {`{"type": "integer", "minimum": 1.2, "maximum": 1.8}`, "no multiple of 1 between 1.2 and 1.8"},
		"a list that is too long":   {`{"type": "array", "minItems": 1000000}`, "a list of 1000000 elements is longer than 100"},
		"a text that is too long":   {`{"type": "string", "minLength": 1e12}`, "is longer than 65536"},
		"too many schemas, needed":  {doublings(20, true), "the schema needs more than 10000 others"},
		"elements that need itself": {`{"type": "array", "minItems": 1, "items": {"$ref": "#"}}`, "the schema needs itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New("application/json", parse(t, tc.schema), tree.Node{})
			require.ErrorContains(t, err, tc.says)
		})
	}
}

// doublings returns a schema in which each of n levels has the next one twice.
func doublings(n int, required bool) string {
	definitions := map[string]any{"s0": map[string]any{"type": "integer"}}
	for i := range n {
		next := map[string]any{"$ref": "#/$defs/s" + string(rune('0'+i))}
		s := map[string]any{"properties": map[string]any{"a": next, "b": next}}
		if required {
			s["required"] = []string{"a", "b"}
		}
		definitions["s"+string(rune('1'+i))] = s
	}
	text, _ := json.Marshal(map[string]any{ //nolint:errchkjson // maps and strings
		"properties": map[string]any{"top": map[string]any{"$ref": "#/$defs/s" + string(rune('0'+n))}}, "required": []string{"top"},
		"$defs": definitions,
	})
	return string(text)
}

func TestWhatIsOptionalEndsSomewhere(t *testing.T) {
	t.Parallel()
	require.Less(t, len(sampled(t, body(t, doublings(20, false)), 0)), 10_000)
}

func TestRepetitionsInPatternsEnd(t *testing.T) {
	t.Parallel()
	pattern := strings.Repeat("(?:", 60) + "a*b?" + strings.Repeat(")+", 60)
	text := sampled(t, body(t, `{"type": "string", "pattern": "`+pattern+`"}`), 0)
	require.LessOrEqual(t, len(text), maxText+2)
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	const schema = `{"properties": {"name": {"example": "a & b"}, "tags": {"example": ["x", "y"]}, "at": {"example": {"n": 1}},
		"file": {"type": "string", "format": "binary", "example": "content"}}}`

	b, err := New("application/merge-patch+json", parse(t, `{"example": {"a": 1}}`), tree.Node{})
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, sampled(t, b, 0))

	b, err = New("text/plain; charset=utf-8", parse(t, `{"example": "a \"b\""}`), tree.Node{})
	require.NoError(t, err)
	require.Equal(t, `a "b"`, sampled(t, b, 0))

	b, err = New("application/x-www-form-urlencoded", parse(t, schema), tree.Node{})
	require.NoError(t, err)
	values, err := url.ParseQuery(sampled(t, b, 0))
	require.NoError(t, err)
	require.Equal(t, url.Values{"name": {"a & b"}, "tags": {"x", "y"}, "at": {`{"n":1}`}, "file": {"content"}}, values)

	b, err = New("multipart/form-data", parse(t, schema), tree.Node{})
	require.NoError(t, err)
	_, params, err := mime.ParseMediaType(b.ContentType)
	require.NoError(t, err)
	var parts []string
	for r := multipart.NewReader(strings.NewReader(sampled(t, b, 0)), params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF { //nolint:errorlint // NextPart returns it as it is
			break
		}
		require.NoError(t, err)
		var content bytes.Buffer
		_, err = content.ReadFrom(part)
		require.NoError(t, err)
		parts = append(parts, part.FormName()+" "+part.FileName()+" "+content.String())
	}
	require.Equal(t, []string{`at  {"n":1}`, "file file content", "name  a & b", "tags  x", "tags  y"}, parts)

	_, err = New("application/xml", parse(t, `{"type": "string"}`), tree.Node{})
	require.ErrorContains(t, err, "application/xml cannot be made from a schema")
	_, err = New("application/json", tree.Node{}, tree.Node{})
	require.ErrorContains(t, err, "neither a schema nor an example")
	_, err = New("application/x-www-form-urlencoded", parse(t, `{"type": "string"}`), tree.Node{})
	require.ErrorContains(t, err, "a form is made from an object")
}

func TestExamplesThatCannotBeSentGiveWayToTheSchema(t *testing.T) {
	t.Parallel()
	b, err := New("application/x-www-form-urlencoded", parse(t, `{"properties": {"a": {"const": "b"}}}`), parse(t, `"a text"`))
	require.NoError(t, err)
	require.Equal(t, "a=b", sampled(t, b, 0))
	b, err = New("application/x-www-form-urlencoded", parse(t, `{"properties": {"a": {"const": "b"}}}`), parse(t, `{"a": "c"}`))
	require.NoError(t, err)
	require.Equal(t, "a=c", sampled(t, b, 0))
}

func BenchmarkSample(b *testing.B) {
	path := filepath.Join(b.TempDir(), "schema.json")
	require.NoError(b, os.WriteFile(path, []byte(`{"properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"},
		"age": {"type": "integer", "maximum": 99}, "tags": {"type": "array", "items": {"type": "string"}}}}`), 0o600))
	root, err := tree.Open(b.Context(), nil, path)
	require.NoError(b, err)
	bodies, err := New("application/json", root, tree.Node{})
	require.NoError(b, err)
	b.ReportAllocs()
	n := int64(0)
	for b.Loop() {
		if _, err := bodies.Sample(n, 1); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
