// Package sample makes example values from JSON schemas, as OpenAPI documents have them. A schema is compiled once; what cannot be made
// is found then, and a sample only appends to a buffer.
package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/openapi/tree"
)

// boundary separates the parts of multipart bodies.
const boundary = "loadpilot-5f1c1a7e9d3b"

// Body makes request bodies of one content type. It is safe for concurrent use.
type Body struct {
	ContentType string // with what the bodies need to be read, such as a boundary
	value       maker
	encode      func(value []byte) ([]byte, error) // from JSON
}

// Field is a field of a form.
type Field struct {
	Name     string
	Required bool
	Schema   tree.Node
}

// New returns the bodies of a content type that fit a schema. An example, if there is one that can be sent, is sent as it is.
func New(contentType string, schema, example tree.Node) (*Body, error) {
	files := map[string]bool{}
	for name, property := range schema.Get("properties").Fields() {
		files[name] = isFile(property)
	}
	if example.Exists() {
		if body, err := newBody(contentType, constant(example), files); err == nil {
			return body, nil
		}
	}
	if !schema.Exists() && schema.Err() == nil {
		return nil, errors.New("there is neither a schema nor an example")
	}
	value, err := newCompiler().value([]tree.Node{schema}, 0)
	if err != nil {
		return nil, err
	}
	return newBody(contentType, value, files)
}

// NewForm returns the bodies of a form with these fields.
func NewForm(contentType string, fields []Field) (*Body, error) {
	c := newCompiler()
	files := map[string]bool{}
	properties := make([]property, len(fields))
	for i, f := range fields {
		files[f.Name] = isFile(f.Schema)
		properties[i] = property{name: f.Name, required: f.Required, schemas: []tree.Node{f.Schema}}
	}
	value, err := c.members(properties, 0)
	if err != nil {
		return nil, err
	}
	return newBody(contentType, value, files)
}

func isFile(schema tree.Node) bool {
	return schema.Get("type").Text() == "file" || schema.Get("format").Text() == "binary" || schema.Get("contentMediaType").Exists()
}

func newBody(contentType string, value maker, files map[string]bool) (*Body, error) {
	b := &Body{ContentType: contentType, value: value}
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, fmt.Errorf("content type %q: %w", contentType, err)
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		b.encode = func(value []byte) ([]byte, error) { return value, nil }
	case media == "application/x-www-form-urlencoded":
		b.encode = urlencoded
	case media == "multipart/form-data":
		b.ContentType = "multipart/form-data; boundary=" + boundary
		b.encode = func(value []byte) ([]byte, error) { return multiparts(value, files) }
	case strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml"):
		return nil, fmt.Errorf("%s cannot be made from a schema", media)
	default:
		b.encode = func(value []byte) ([]byte, error) { return []byte(unquoted(value)), nil }
	}
	_, err = b.Sample(0, 0) // an example may not be what this content type is made from
	return b, err
}

// Sample returns body n. The same n and seed make the same body.
func (b *Body) Sample(n int64, seed uint64) ([]byte, error) {
	return b.encode(b.value(nil, rand.New(rand.NewPCG(seed, uint64(n))))) //nolint:gosec // values of a test need not be secret
}

func urlencoded(value []byte) ([]byte, error) {
	fields, err := formFields(value)
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	for _, f := range fields {
		values.Add(f.name, f.value)
	}
	return []byte(values.Encode()), nil
}

func multiparts(value []byte, files map[string]bool) ([]byte, error) {
	fields, err := formFields(value)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		return nil, err
	}
	for _, f := range fields {
		create := w.CreateFormField
		if files[f.name] {
			create = func(name string) (io.Writer, error) { return w.CreateFormFile(name, name) }
		}
		part, err := create(f.name)
		if err != nil {
			return nil, err
		}
		if _, err := part.Write([]byte(f.value)); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return b.Bytes(), err
}

type formField struct{ name, value string }

// formFields returns the members of an object, by name; each element of a list is a field of its own.
func formFields(value []byte) ([]formField, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil {
		return nil, fmt.Errorf("a form is made from an object, not from %.40s", value)
	}
	var fields []formField
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var list []json.RawMessage
		if json.Unmarshal(members[name], &list) != nil {
			list = []json.RawMessage{members[name]}
		}
		for _, element := range list {
			fields = append(fields, formField{name, unquoted(element)})
		}
	}
	return fields, nil
}

// unquoted returns the text of a JSON string, and JSON of all else.
func unquoted(value []byte) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}
