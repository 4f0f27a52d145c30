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
	if rooted {
		b = append(b, d.prefix...)
	}
	if !strings.HasPrefix(path, "/") {
		b = append(b, '/')
	}
	b = append(appendEscaped(b, path), " HTTP/1.1\r\n"...)

	var seen given
	for i := range req.Header {
		f := &req.Header[i]
		if seen.note(f.Name) {
			continue
		}
		if !isToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return b, nil, fmt.Errorf("%q: %w", f.Name, errHeader)
		}
		b = appendField(b, f.Name, f.Value)
	}
	if !seen.host {
		b = appendField(b, "Host", h.authority)
	}
	if !seen.userAgent && d.cfg.UserAgent != "" {
		b = appendField(b, "User-Agent", d.cfg.UserAgent)
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

// given notes which of the headers that the driver would add are the script's own.
type given struct{ host, userAgent bool }

// note reports whether the header is left out: the driver frames the body itself.
func (g *given) note(name string) bool {
	switch len(name) {
	case len("Host"):
		g.host = g.host || strings.EqualFold(name, "Host")
	case len("User-Agent"):
		g.userAgent = g.userAgent || strings.EqualFold(name, "User-Agent")
	case len("Content-Length"):
		return strings.EqualFold(name, "Content-Length")
	case len("Transfer-Encoding"):
		return strings.EqualFold(name, "Transfer-Encoding")
	}
	return false
}

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
