package openapi

import (
	"net/url"
	"path"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/openapi/tree"
	"github.com/loadpilot/loadpilot/apitest/internal/sample"
	"github.com/loadpilot/loadpilot/apitest/route"
)

const (
	typeJSON   = "application/json"
	typeForm   = "application/x-www-form-urlencoded"
	typeParts  = "multipart/form-data"
	typeEvents = "text/event-stream"
)

// version3 is OpenAPI 3.0 and 3.1.
type version3 struct{}

func (version3) base(levels []tree.Node) string {
	for _, level := range levels {
		server := level.Get("servers").First()
		if !server.Exists() {
			continue
		}
		address := server.Get("url").Text()
		for name, variable := range server.Get("variables").Fields() {
			address = strings.ReplaceAll(address, "{"+name+"}", variable.Get("default").Text())
		}
		return basePath(address)
	}
	return ""
}

func (version3) schema(param tree.Node) tree.Node {
	if schema := param.Get("schema"); schema.Exists() {
		return schema
	}
	return param.Get("content").First().Get("schema")
}

func (version3) streams(operation tree.Node) bool {
	for status, response := range operation.Get("responses").Fields() {
		if !strings.HasPrefix(status, "2") && status != "default" {
			continue
		}
		for contentType := range response.Get("content").Fields() {
			if mediaType(contentType) == typeEvents {
				return true
			}
		}
	}
	return false
}

func (version3) body(r *route.Route, operation tree.Node, _ []tree.Node) error {
	request := operation.Get("requestBody")
	if request.Err() != nil {
		return request.Err()
	}
	types := map[string]tree.Node{}
	var order []string
	for contentType, media := range request.Get("content").Fields() {
		order = append(order, contentType)
		types[contentType] = media
	}
	if len(order) == 0 {
		return nil
	}
	contentType := preferred(order)
	media := types[contentType]
	example := media.Get("example")
	if !example.Exists() {
		example = media.Get("examples").First().Get("value")
	}
	if strings.Contains(contentType, "*") {
		contentType = typeJSON
	}
	body, err := sample.New(contentType, media.Get("schema"), example)
	return take(r, contentType, body, err, request.Get("required").True())
}

// version2 is Swagger 2.0.
type version2 struct{ root tree.Node }

func (s version2) base([]tree.Node) string { return basePath(s.root.Get("basePath").Text()) }

func (version2) schema(param tree.Node) tree.Node { return param }

func (s version2) streams(operation tree.Node) bool {
	for _, contentType := range s.types(operation, "produces") {
		if mediaType(contentType) == typeEvents {
			return true
		}
	}
	return false
}

func (s version2) body(r *route.Route, operation tree.Node, params []tree.Node) error {
	consumes := s.types(operation, "consumes")
	var fields []sample.Field
	for _, p := range params {
		switch p.Get("in").Text() {
		case "body":
			contentType := typeJSON
			if len(consumes) > 0 {
				contentType = preferred(consumes)
			}
			body, err := sample.New(contentType, p.Get("schema"), tree.Node{})
			return take(r, contentType, body, err, p.Get("required").True())
		case "formData":
			fields = append(fields, sample.Field{Name: p.Get("name").Text(), Required: p.Get("required").True(), Schema: p})
			if p.Get("type").Text() == "file" {
				consumes = []string{typeParts}
			}
		default:
		}
	}
	if len(fields) == 0 {
		return nil
	}
	contentType := typeForm
	if len(consumes) > 0 && preferred(consumes) == typeParts {
		contentType = typeParts
	}
	body, err := sample.NewForm(contentType, fields)
	return take(r, contentType, body, err, true)
}

// types returns a list of content types, which an operation may have for itself.
func (s version2) types(operation tree.Node, name string) []string {
	if own := operation.Get(name); own.Exists() {
		return own.Texts()
	}
	return s.root.Get(name).Texts()
}

// take gives the route its body. One that cannot be made is left away if it may be.
func take(r *route.Route, contentType string, body *sample.Body, err error, required bool) error {
	switch {
	case err == nil:
		r.ContentType, r.Body = body.ContentType, body
	case required:
		r.ContentType = contentType
	default:
	}
	return err
}

// preferred returns the content type that is made best, or else the first.
func preferred(types []string) string {
	for _, wanted := range []string{typeJSON, "+json", "*", typeForm, typeParts, "text/plain"} {
		for _, contentType := range types {
			if media := mediaType(contentType); media == wanted || wanted == "+json" && strings.HasSuffix(media, wanted) ||
				wanted == "*" && strings.Contains(media, wanted) {
				return contentType
			}
		}
	}
	return types[0]
}

// mediaType returns a content type without its parameters.
func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// basePath returns the path of a server's URL, without a slash at its end. What is neither a URL nor begins with a slash is most often a
// host whose scheme was forgotten.
func basePath(server string) string {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" && !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	return strings.TrimSuffix(path.Join("/", u.EscapedPath()), "/")
}

// example returns the value that the document gives a parameter; "" if there is none that is a text, number or boolean.
func (r *reader) example(param tree.Node) string {
	for _, given := range []tree.Node{param.Get("example"), param.Get("examples").First().Get("value")} {
		if text := scalar(given); text != "" {
			return text
		}
	}
	schema := r.dialect.schema(param)
	for range 8 { // of lists of lists
		given, _ := sample.Given(schema)
		for _, value := range []tree.Node{given, schema.Get("enum")} {
			if text := scalar(value); text != "" {
				return text
			}
		}
		if all := schema.Get("allOf").Items(); len(all) == 1 {
			schema = all[0]
		} else {
			schema = schema.Get("items")
		}
	}
	return ""
}

// scalar returns a value as text, and the first of a list.
func scalar(n tree.Node) string {
	if text := n.Text(); text != "" {
		return text
	}
	return n.First().Text()
}
