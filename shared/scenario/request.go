package scenario

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// requestOptions are the keyword arguments of a request, those of httpx.
var requestOptions = []string{"headers", "params", "json", "data", "content", "cookies", "auth", "timeout"}

// requestParameters declares them for the client's methods.
const requestParameters = "headers=None, params=None, json=None, data=None, content=None, cookies=None, auth=None, timeout=None"

// jsonFormat is how bodies are written: as httpx does, and as small as it goes.
var jsonFormat = runtime.JSONFormat{ItemSeparator: ",", KeySeparator: ":"}

// newRequest makes a request; the options stand in the order of requestOptions, None for
// one that was not given.
func newRequest(th *runtime.Thread, verb string, path runtime.Value, options []runtime.Value) (*Request, error) {
	b := requestBuilder{th: th, req: &Request{Method: verb}}
	b.path(path)
	b.query(options[1])
	b.headers(options[0])
	b.body(options[2], options[3], options[4])
	b.cookies(options[5])
	b.auth(options[6])
	b.timeout(options[7])
	if b.err != nil {
		return nil, b.err
	}
	return b.req, nil
}

// A requestBuilder fills a request; after the first error it does nothing more.
type requestBuilder struct {
	th  *runtime.Thread
	req *Request
	err error
}

func given(v runtime.Value) bool { return v != nil && v != runtime.None }

func (b *requestBuilder) fail(class *runtime.Class, format string, args ...any) {
	if b.err == nil {
		b.err = runtime.Errorf(class, format, args...)
	}
}

func (b *requestBuilder) path(v runtime.Value) {
	s, ok := runtime.AsStr(v)
	if !ok {
		b.fail(runtime.TypeError, "path must be a str, not %s", v.Class().Name)
		return
	}
	s, _, _ = strings.Cut(s, "#")
	scheme, _, absolute := strings.Cut(s, "://")
	switch {
	case !absolute || strings.ContainsAny(scheme, "/?"):
		if !strings.HasPrefix(s, "/") {
			s = "/" + s
		}
	case !equalFold(scheme, "http") && !equalFold(scheme, "https"):
		b.fail(runtime.ValueError, "%q is neither a path nor a URL of http or https", s)
	}
	b.req.URL = escapeURL(s)
}

// escapeURL percent-encodes what may not stand in a URL and leaves the rest alone.
func escapeURL(s string) string {
	bad := func(c byte) bool { return c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 }
	i := 0
	for i < len(s) && !bad(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if bad(s[i]) {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func (b *requestBuilder) query(v runtime.Value) {
	if b.err != nil || !given(v) {
		return
	}
	encoded, isText := runtime.AsStr(v)
	if isText {
		encoded = escapeURL(strings.TrimPrefix(encoded, "?"))
	} else {
		encoded = b.form("params", v)
	}
	if encoded == "" {
		return
	}
	separator := "?"
	if strings.Contains(b.req.URL, "?") {
		separator = "&"
	}
	b.req.URL += separator + encoded
}

func (b *requestBuilder) headers(v runtime.Value) {
	if b.err != nil || !given(v) {
		return
	}
	if passedOn, ok := v.(*headers); ok { // those of a response
		v = passedOn.dict()
	}
	b.req.Header = []Field{}
	b.pairs("headers", v, func(k, v runtime.Value) error {
		b.header(b.headerText("name", k), b.headerText("value", v))
		return b.err
	})
}

func (b *requestBuilder) headerText(part string, v runtime.Value) string {
	switch v := v.(type) {
	case runtime.Str:
		return string(v)
	case runtime.Bytes:
		return string(v)
	}
	b.fail(runtime.TypeError, "Header %s must be str or bytes, not %s", part, v.Class().Name)
	return ""
}

func (b *requestBuilder) header(name, value string) {
	if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
		b.fail(runtime.ValueError, "header %q: %q cannot be sent", name, value)
	}
	b.req.Header = append(b.req.Header, Field{name, value})
}

// isToken reports whether a text may be the name of a header field.
func isToken(s string) bool {
	bad := func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", c)
	}
	return s != "" && !strings.ContainsFunc(s, bad)
}

// contentType adds the field unless the script gave one.
func (b *requestBuilder) contentType(value string) {
	for _, f := range b.req.Header {
		if equalFold(f.Name, "Content-Type") {
			return
		}
	}
	b.header("Content-Type", value)
}

// equalFold compares header names and verbs, which are ASCII.
func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

func (b *requestBuilder) body(json, data, content runtime.Value) {
	if b.err != nil {
		return
	}
	count := 0
	for _, v := range []runtime.Value{json, data, content} {
		if given(v) {
			count++
		}
	}
	if count > 1 {
		b.fail(runtime.TypeError, "a request has one body: give json, data or content")
		return
	}
	switch {
	case given(json):
		text, err := runtime.WriteJSON(b.th, json, jsonFormat)
		b.req.Body, b.err = []byte(text), err
		b.contentType("application/json")
	case given(content):
		b.raw("content", content)
	case given(data):
		if _, isDict := data.(*runtime.Dict); !isDict {
			b.raw("data", data)
			return
		}
		b.req.Body = []byte(b.form("data", data))
		b.contentType("application/x-www-form-urlencoded")
	}
}

func (b *requestBuilder) raw(what string, v runtime.Value) {
	switch v := v.(type) {
	case runtime.Str:
		b.req.Body = []byte(v)
	case runtime.Bytes:
		b.req.Body = []byte(v)
	default:
		b.fail(runtime.TypeError, "%s must be str or bytes, not %s", what, v.Class().Name)
	}
}

func (b *requestBuilder) cookies(v runtime.Value) {
	if b.err != nil || !given(v) {
		return
	}
	d, ok := v.(*runtime.Dict)
	if !ok {
		b.fail(runtime.TypeError, "cookies must be a dict, not %s", v.Class().Name)
		return
	}
	pairs := make([]string, 0, d.Len())
	for k, v := range d.All() {
		pairs = append(pairs, b.headerText("name", k)+"="+b.headerText("value", v))
	}
	if len(pairs) > 0 {
		b.header("Cookie", strings.Join(pairs, "; "))
	}
}

// auth adds HTTP basic authentication, given as (user, password).
func (b *requestBuilder) auth(v runtime.Value) {
	if b.err != nil || !given(v) {
		return
	}
	pair, ok := v.(*runtime.Tuple)
	if !ok || len(pair.Items) != 2 {
		b.fail(runtime.TypeError, "auth must be a tuple (user, password)")
		return
	}
	user, password := b.headerText("value", pair.Items[0]), b.headerText("value", pair.Items[1])
	b.header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// maxTimeout keeps a time-out in seconds within time.Duration.
const maxTimeout = 24 * time.Hour

func (b *requestBuilder) timeout(v runtime.Value) {
	if b.err != nil || !given(v) {
		return
	}
	seconds, ok := runtime.AsFloat(v)
	if !ok {
		b.fail(runtime.TypeError, "timeout must be a number of seconds, not %s", v.Class().Name)
		return
	}
	if !(seconds > 0 && seconds <= maxTimeout.Seconds()) {
		b.fail(runtime.ValueError, "timeout must be above 0 and at most %.0f seconds", maxTimeout.Seconds())
		return
	}
	b.req.Timeout = max(1, time.Duration(seconds*float64(time.Second))) // 0 would be the plan's
}

// badVerb is the message for a method that is not one of verbs.
func badVerb(verb string) string {
	return fmt.Sprintf("%s is not one of %s", strings.ToUpper(verb), strings.Join(verbs, ", "))
}
