package httpdriver

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// inlineBody is up to which size a body goes out in one write with the header.
const inlineBody = 64 << 10

var errHeader = errors.New("not a valid HTTP header")

// appendRequest writes the head of a request, and its body if that is small; rest is what remains to be sent.
func (d *Driver) appendRequest(b []byte, h *host, path string, rooted bool, req *scenario.Request) (head, rest []byte, err error) {
	if !isToken(req.Method) {
		return b, nil, fmt.Errorf("%q is not an HTTP method", req.Method)
	}
	b = append(append(b, req.Method...), ' ')
	b = append(b, h.absolute...)
	b = append(d.appendTarget(b, path, rooted), " HTTP/1.1\r\n"...)
	for i := range req.Header {
		f := &req.Header[i]
		if framing(f.Name) {
			continue
		}
		if !isToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return b, nil, fmt.Errorf("%q: %w", f.Name, errHeader)
		}
		b = appendField(b, f.Name, f.Value)
	}
	for i := range h.fields {
		if f := &h.fields[i]; !has(req, f.name) {
			b = append(b, f.line...)
		}
	}
	if len(req.Body) > 0 || hasContent(req.Method) {
		b = append(b, "Content-Length: "...)
		b = append(strconv.AppendInt(b, int64(len(req.Body)), 10), "\r\n"...)
	}
	b = append(b, "\r\n"...)
	if len(req.Body) > inlineBody {
		return b, req.Body, nil
	}
	return append(b, req.Body...), nil, nil
}

// hasContent reports whether requests of the method say how long their body is even if there is none.
func hasContent(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// appendTarget appends the path and query of a request.
func (d *Driver) appendTarget(b []byte, path string, rooted bool) []byte {
	if rooted {
		b = append(b, d.prefix...)
	}
	if !strings.HasPrefix(path, "/") {
		b = append(b, '/')
	}
	return appendEscaped(b, path)
}

// framing reports whether a header field is left out: the driver frames the body itself.
func framing(name string) bool {
	return equalFold(name, "Content-Length") || equalFold(name, "Transfer-Encoding")
}

// has reports whether the script sends a field of that name.
func has(req *scenario.Request, name string) bool {
	for i := range req.Header {
		if equalFold(req.Header[i].Name, name) {
			return true
		}
	}
	return false
}

// equalFold is strings.EqualFold for names that rarely have the same length.
func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

func appendField(b []byte, name, value string) []byte {
	b = append(append(b, name...), ": "...)
	return append(append(b, value...), "\r\n"...)
}

// appendEscaped appends a request target up to its fragment, with the bytes escaped that must not stand in one.
func appendEscaped(b []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(path) {
		switch c := path[i]; {
		case c == '#':
			return b
		case c <= ' ' || c >= 0x7f:
			b = append(b, '%', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

// isToken reports whether s is a token of RFC 9110, as methods and header names are.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
