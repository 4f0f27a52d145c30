package scenario

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// requestOptions are the keyword arguments of a request: those of httpx, and name.
var requestOptions = []string{
	"headers", "params", "json", "data", "content", "files", "cookies", "auth", "timeout", "follow_redirects", "name",
}

// requestParameters declares them for the client's methods.
var requestParameters = strings.Join(requestOptions, "=None, ") + "=None"

// newRequest makes a request; the options stand in the order of requestOptions, None for
// one that was not given.
func newRequest(th *runtime.Thread, verb string, path runtime.Value, options []runtime.Value) (*Request, error) {
	b := requestBuilder{th: th}
	b.req.Method = verb
	b.path(path)
	b.query(options[1])
	b.headers(options[0])
	b.body(options[2], options[3], options[4], options[5])
	b.cookies(options[6])
	b.auth(options[7])
	b.timeout(options[8])
	b.redirects(options[9])
	b.name(options[10])
	if b.err != nil {
		return nil, b.err
	}
	b.th = nil // which the request would keep
	return &b.req, nil
}

// A requestBuilder fills a request; after the first error it does nothing more.
type requestBuilder struct {
	th   *runtime.Thread
	req  Request
	err  error
	room [2]Field // for the header fields of most requests, in one piece with the request
}

func given(v runtime.Value) bool {
	_, none := v.(runtime.NoneType)
	return v != nil && !none
}

// skip reports whether an option needs no look.
func (b *requestBuilder) skip(v runtime.Value) bool { return b.err != nil || !given(v) }

func (b *requestBuilder) fail(class *runtime.Class, format string, args ...any) {
	if b.err == nil {
		b.err = runtime.Errorf(class, format, args...)
	}
}

// maxURL is the length of the longest URL that httpx takes.
const maxURL = 65536

func (b *requestBuilder) path(v runtime.Value) {
	s, ok := textOfURL(v)
	if !ok {
		b.fail(runtime.TypeError, "path must be a str, not %s", v.Class().Name)
		return
	}
	if isPlainPath(s) {
		b.req.URL = s
		return
	}
	if b.err = checkURL(b.th, s); b.err != nil {
		return
	}
	s, _, _ = strings.Cut(s, "#")
	switch scheme, rest, absolute := cutScheme(s); {
	case !absolute:
		if !strings.HasPrefix(s, "/") {
			s = "/" + s
		}
	case !equalFold(scheme, "http") && !equalFold(scheme, "https"):
		b.fail(unsupported, "Request URL has an unsupported protocol '%s://'.", scheme)
	default:
		s = scheme + "://" + b.credentials(rest)
	}
	b.req.URL = escapeURL(s)
}

// inPath tells which bytes may stand in a path and query as they are.
var inPath = printable("\"#<>\\^`{|}")

// isPlainPath reports whether a text is a path with nothing to refuse, to cut off or to escape, as most are.
func isPlainPath(s string) bool {
	if s == "" || s[0] != '/' || len(s) > maxURL {
		return false
	}
	for i := range len(s) {
		if !inPath[s[i]] {
			return false
		}
	}
	return true
}

// checkURL refuses what no URL may hold.
func checkURL(th *runtime.Thread, s string) error {
	if len(s) > maxURL {
		return runtime.Errorf(invalidURL, "URL too long")
	}
	at := 0
	for at < len(s) && s[at] >= ' ' && s[at] != 0x7f {
		at++
	}
	if at == len(s) {
		return nil
	}
	char, err := runtime.Repr(th, runtime.Str(s[at:at+1]))
	if err != nil {
		return err
	}
	return runtime.Errorf(invalidURL, "Invalid non-printable ASCII character in URL, %s at position %d.",
		char, utf8.RuneCountInString(s[:at]))
}

// cutScheme takes an absolute URL apart; absolute is false for a path.
func cutScheme(s string) (scheme, rest string, absolute bool) {
	scheme, rest, absolute = strings.Cut(s, "://")
	return scheme, rest, absolute && !strings.ContainsAny(scheme, "/?")
}

// credentials takes user and password out of what follows the scheme of a URL. They
// become a header, unless auth= replaces it.
func (b *requestBuilder) credentials(rest string) string {
	end := len(rest)
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		end = i
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return rest
	}
	user, password, _ := strings.Cut(rest[:at], ":")
	if text, err := url.PathUnescape(user); err == nil {
		user = text
	}
	if text, err := url.PathUnescape(password); err == nil {
		password = text
	}
	b.req.Header = append(b.req.Header, Field{"Authorization", basicAuth(user, password)})
	return rest[at+1:]
}

// inURL tells which bytes may stand in a URL as they are.
var inURL = printable("\"<>\\^`{|}")

// printable is the table of the visible ASCII characters without some.
func printable(without string) (table [256]bool) {
	for c := byte('!'); c <= '~'; c++ {
		table[c] = strings.IndexByte(without, c) < 0
	}
	return table
}

// escapeURL percent-encodes what may not stand in a URL and leaves the rest alone.
func escapeURL(s string) string {
	i := 0
	for i < len(s) && inURL[s[i]] {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if !inURL[s[i]] {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// query sets the query of the URL; as in httpx, params= replaces what the URL had.
func (b *requestBuilder) query(v runtime.Value) {
	if b.skip(v) {
		return
	}
	encoded := b.params(v)
	b.req.URL, _, _ = strings.Cut(b.req.URL, "?")
	if encoded != "" {
		b.req.URL += "?" + encoded
	}
}

func (b *requestBuilder) headers(v runtime.Value) {
	if b.skip(v) {
		return
	}
	auth := b.req.Header
	b.req.Header = b.fields(v, b.room[:0])
	for _, f := range auth { // of the URL's credentials
		b.set(f.Name, f.Value)
	}
}

// fields reads header fields in any of the forms that httpx takes, into the room if that is enough.
func (b *requestBuilder) fields(v runtime.Value, room []Field) []Field {
	if h, ok := v.(*headers); ok {
		return h.all()
	}
	size := 0
	if d, ok := v.(*runtime.Dict); ok {
		size = d.Len()
	}
	fields := room
	if size > cap(room) {
		fields = make([]Field, 0, size)
	}
	b.pairs("headers", v, func(k, v runtime.Value) error {
		f, err := newField(b.th, k, v)
		fields = append(fields, f)
		return err
	})
	return fields
}

// set gives a header field a value, in place of any it had.
func (b *requestBuilder) set(name, value string) {
	b.req.Header = append(without(b.req.Header, name), Field{name, value})
}

// without leaves the fields of a name out, in place.
func without(fields []Field, name string) []Field {
	kept := fields[:0]
	for _, f := range fields {
		if !equalFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	return kept
}

// has reports whether there is a field of that name.
func has(fields []Field, name string) bool {
	for i := range fields {
		if equalFold(fields[i].Name, name) {
			return true
		}
	}
	return false
}

// contentType adds the field unless the script gave one.
func (b *requestBuilder) contentType(value string) {
	if !has(b.req.Header, "Content-Type") {
		b.req.Header = append(b.req.Header, Field{"Content-Type", value})
		b.req.opts.implied = true
	}
}

// equalFold compares header names and verbs, which are ASCII.
func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// cookies adds those of this request alone. A Cookie header of the script goes before them.
func (b *requestBuilder) cookies(v runtime.Value) {
	if b.skip(v) || has(b.req.Header, "Cookie") {
		return
	}
	own := &cookies{}
	if b.err = own.update(b.th, v); b.err != nil {
		return
	}
	if text := joinCookies(own.live(), ""); text != "" {
		f, err := newField(b.th, runtime.Str("Cookie"), runtime.Str(text))
		b.err = err
		b.req.Header = append(b.req.Header, f)
		b.req.opts.cookies = true
	}
}

// auth adds HTTP basic authentication, given as (user, password) or httpx.BasicAuth.
func (b *requestBuilder) auth(v runtime.Value) {
	if b.skip(v) {
		return
	}
	switch v := v.(type) {
	case *basicAuthValue:
		b.set("Authorization", v.header)
		return
	case *runtime.Tuple:
		if len(v.Items) >= 2 {
			var header string
			header, b.err = basicAuthHeader(v.Items[0], v.Items[1])
			b.set("Authorization", header)
			return
		}
	}
	repr, err := runtime.Repr(b.th, v)
	if err != nil {
		b.err = err
		return
	}
	b.fail(runtime.TypeError, "Invalid \"auth\" argument: %s", repr)
}

// basicAuth is the value of the Authorization field.
func basicAuth(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// maxTimeout keeps a time-out in seconds within time.Duration.
const maxTimeout = 24 * time.Hour

func (b *requestBuilder) timeout(v runtime.Value) {
	if b.skip(v) {
		return
	}
	t, ok := v.(*timeoutValue)
	if !ok {
		t, b.err = newTimeout(v)
	}
	if b.err == nil {
		b.req.Timeout, b.req.Connect, b.err = t.limits()
	}
}

func (b *requestBuilder) redirects(v runtime.Value) {
	if b.skip(v) {
		return
	}
	b.req.opts.redirects, b.err = runtime.Truth(b.th, v)
}

// maxName is the length of the longest name of a request, in characters.
const maxName = 200

func (b *requestBuilder) name(v runtime.Value) {
	if b.skip(v) {
		return
	}
	s, ok := runtime.AsStr(v)
	if !ok {
		b.fail(runtime.TypeError, "name must be a str, not %s", v.Class().Name)
		return
	}
	if s == "" || utf8.RuneCountInString(s) > maxName || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		b.fail(runtime.ValueError, "name must be a text of 1 to %d printable characters", maxName)
	}
	b.req.Name = s
}

// badVerb is the message for a method that is not one of verbs.
func badVerb(verb string) string {
	return fmt.Sprintf("%s is not one of %s", strings.ToUpper(verb), strings.Join(verbs, ", "))
}
