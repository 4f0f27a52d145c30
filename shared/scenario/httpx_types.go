package scenario

import (
	"net/url"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// timeoutValue is httpx.Timeout: a limit in seconds of each part of a request, None for none.
type timeoutValue struct{ connect, read, write, pool runtime.Value }

var timeoutClass = runtime.Constructor(runtime.NewNativeClass("httpx", "Timeout", runtime.Members{
	"connect": timeoutGetter("connect", func(t *timeoutValue) runtime.Value { return t.connect }),
	"read":    timeoutGetter("read", func(t *timeoutValue) runtime.Value { return t.read }),
	"write":   timeoutGetter("write", func(t *timeoutValue) runtime.Value { return t.write }),
	"pool":    timeoutGetter("pool", func(t *timeoutValue) runtime.Value { return t.pool }),
	"as_dict": runtime.NewNative("as_dict(self)", func(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		t, d := a.Vals[0].(*timeoutValue), runtime.NewDict() //nolint:forcetypeassert // the engine checks self
		d.SetStr("connect", t.connect)
		d.SetStr("read", t.read)
		d.SetStr("write", t.write)
		d.SetStr("pool", t.pool)
		return d, nil
	}),
}), makeTimeout)

func timeoutGetter(name string, get func(*timeoutValue) runtime.Value) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(_ *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return get(self.(*timeoutValue)), nil //nolint:forcetypeassert // the engine checks self
	}}
}

// Class implements runtime.Value.
func (*timeoutValue) Class() *runtime.Class { return timeoutClass }

var timeoutSignature = runtime.NewSignature("Timeout", "timeout=, *, connect=, read=, write=, pool=")

func makeTimeout(_ *runtime.Thread, _ *runtime.Class, a runtime.Args) (runtime.Value, error) {
	vals := make([]runtime.Value, 5)
	if err := timeoutSignature.Bind("Timeout.__init__", a, vals); err != nil {
		return nil, err
	}
	t := &timeoutValue{}
	if vals[0] != nil {
		all, err := newTimeout(vals[0])
		if err != nil {
			return nil, err
		}
		*t = *all
	}
	for i, at := range []*runtime.Value{&t.connect, &t.read, &t.write, &t.pool} {
		if vals[i+1] != nil {
			*at = vals[i+1]
		}
		if *at == nil {
			return nil, runtime.Errorf(runtime.ValueError, "httpx.Timeout must either include a default, or set all four parameters explicitly.")
		}
		if _, err := seconds(*at); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// newTimeout reads a time-out: a number for all parts, a tuple of up to four, or another one.
func newTimeout(v runtime.Value) (*timeoutValue, error) {
	t := &timeoutValue{v, v, v, v}
	switch v := v.(type) {
	case *timeoutValue:
		return v, nil
	case *runtime.Tuple:
		if len(v.Items) < 2 || len(v.Items) > 4 {
			return nil, runtime.Errorf(runtime.ValueError, "timeout must be a number, or a tuple (connect, read, write, pool)")
		}
		t = &timeoutValue{runtime.None, runtime.None, runtime.None, runtime.None}
		for i, at := range []*runtime.Value{&t.connect, &t.read, &t.write, &t.pool} {
			if i < len(v.Items) {
				*at = v.Items[i]
			}
		}
	}
	for _, v := range []runtime.Value{t.connect, t.read, t.write, t.pool} {
		if _, err := seconds(v); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// seconds reads one limit; 0 for None.
func seconds(v runtime.Value) (time.Duration, error) {
	if !given(v) {
		return 0, nil
	}
	s, ok := runtime.AsFloat(v)
	if !ok {
		return 0, runtime.Errorf(runtime.TypeError, "timeout must be a number of seconds, not %s", v.Class().Name)
	}
	if !(s > 0 && s <= maxTimeout.Seconds()) {
		return 0, runtime.Errorf(runtime.ValueError, "timeout must be above 0 and at most %.0f seconds", maxTimeout.Seconds())
	}
	return max(1, time.Duration(s*float64(time.Second))), nil // 0 would be the plan's
}

// limits are those of a request: total is 0 for that of the plan, and covers connecting too
// if connect is 0.
func (t *timeoutValue) limits() (total, connect time.Duration, err error) {
	read, err := seconds(t.read)
	if err != nil {
		return 0, 0, err
	}
	write, err := seconds(t.write)
	if err != nil {
		return 0, 0, err
	}
	connect, err = seconds(t.connect)
	if read > 0 && write > 0 {
		total = max(read, write)
	}
	if connect == total {
		connect = 0
	}
	return total, connect, err
}

// Repr is how scripts print a time-out.
func (t *timeoutValue) Repr(th *runtime.Thread) (string, error) {
	names := []string{"connect=", ", read=", ", write=", ", pool="}
	var texts [4]string
	for i, v := range []runtime.Value{t.connect, t.read, t.write, t.pool} {
		s, err := runtime.Repr(th, v)
		if err != nil {
			return "", err
		}
		texts[i] = s
	}
	if texts[0] == texts[1] && texts[1] == texts[2] && texts[2] == texts[3] {
		return "Timeout(timeout=" + texts[0] + ")", nil
	}
	var b strings.Builder
	for i, s := range texts {
		b.WriteString(names[i] + s)
	}
	return "Timeout(" + b.String() + ")", nil
}

// CompareTo is timeout == other.
func (t *timeoutValue) CompareTo(th *runtime.Thread, op runtime.CmpOp, other runtime.Value) (runtime.Value, error) {
	o, ok := other.(*timeoutValue)
	if op != runtime.Eq || !ok {
		return nil, nil
	}
	same, err := runtime.Equal(th, runtime.NewTuple(t.connect, t.read, t.write, t.pool), runtime.NewTuple(o.connect, o.read, o.write, o.pool))
	return runtime.NewBool(same), err
}

// basicAuthValue is httpx.BasicAuth.
type basicAuthValue struct{ header string }

var basicAuthClass = runtime.Constructor(runtime.NewNativeClass("httpx", "BasicAuth", nil), makeBasicAuth)

// Class implements runtime.Value.
func (*basicAuthValue) Class() *runtime.Class { return basicAuthClass }

var basicAuthSignature = runtime.NewSignature("BasicAuth", "username, password")

func makeBasicAuth(_ *runtime.Thread, _ *runtime.Class, a runtime.Args) (runtime.Value, error) {
	vals := make([]runtime.Value, 2)
	if err := basicAuthSignature.Bind("BasicAuth.__init__", a, vals); err != nil {
		return nil, err
	}
	header, err := basicAuthHeader(vals[0], vals[1])
	return &basicAuthValue{header}, err
}

// basicAuthHeader is the Authorization field for a user and a password, str or bytes.
func basicAuthHeader(user, password runtime.Value) (string, error) {
	var texts [2]string
	for i, v := range []runtime.Value{user, password} {
		switch s := runtime.Data(v).(type) {
		case runtime.Str:
			texts[i] = string(s)
		case runtime.Bytes:
			texts[i] = string(s)
		default:
			return "", runtime.Errorf(runtime.TypeError, "user and password must be str or bytes, not %s", v.Class().Name)
		}
	}
	return basicAuth(texts[0], texts[1]), nil
}

// request is what scripts see of a request that was sent.
type request struct {
	asked  *Request
	target target
}

var requestClass = runtime.NewNativeClass("httpx", "Request", runtime.Members{
	"method":  requestGetter("method", func(r *request) runtime.Value { return runtime.Str(r.asked.Method) }),
	"url":     requestGetter("url", func(r *request) runtime.Value { return newURL(r.target.absolute(r.asked.URL)) }),
	"headers": requestGetter("headers", func(r *request) runtime.Value { return &headers{fields: append([]Field(nil), r.asked.Header...)} }),
	"content": requestGetter("content", func(r *request) runtime.Value { return runtime.Bytes(r.asked.Body) }),
})

func requestGetter(name string, get func(*request) runtime.Value) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(th *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		r := self.(*request) //nolint:forcetypeassert // the engine checks self
		return get(r), th.Alloc(len(r.asked.Body))
	}}
}

// Class implements runtime.Value.
func (*request) Class() *runtime.Class { return requestClass }

// Repr is how scripts print a request.
func (r *request) Repr(*runtime.Thread) (string, error) {
	return "<Request('" + r.asked.Method + "', '" + newURL(r.target.absolute(r.asked.URL)).text + "')>", nil
}

// urlValue is httpx.URL.
type urlValue struct {
	text string
	url  *url.URL
}

var urlClass = runtime.Constructor(runtime.NewNativeClass("httpx", "URL", runtime.Members{
	"scheme":   urlGetter("scheme", func(u *url.URL) runtime.Value { return runtime.Str(u.Scheme) }),
	"host":     urlGetter("host", func(u *url.URL) runtime.Value { return runtime.Str(u.Hostname()) }),
	"netloc":   urlGetter("netloc", func(u *url.URL) runtime.Value { return runtime.Bytes(u.Host) }),
	"path":     urlGetter("path", func(u *url.URL) runtime.Value { return runtime.Str(u.Path) }),
	"raw_path": urlGetter("raw_path", func(u *url.URL) runtime.Value { return runtime.Bytes(u.RequestURI()) }),
	"query":    urlGetter("query", func(u *url.URL) runtime.Value { return runtime.Bytes(u.RawQuery) }),
	"fragment": urlGetter("fragment", func(u *url.URL) runtime.Value { return runtime.Str(u.Fragment) }),
	"port": urlGetter("port", func(u *url.URL) runtime.Value {
		if port := u.Port(); port != "" {
			return runtime.NewInt(parsePort(port))
		}
		return runtime.None
	}),
	"params": urlGetter("params", func(u *url.URL) runtime.Value {
		d := runtime.NewDict()
		parseQuery(u.RawQuery, func(key, value string) {
			if d.GetStr(key) == nil {
				d.SetStr(key, runtime.Str(value))
			}
		})
		return d
	}),
	"join": runtime.NewNative("join(self, url)", func(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		u := a.Vals[0].(*urlValue) //nolint:forcetypeassert // the engine checks self
		s, ok := textOfURL(a.Vals[1])
		if !ok {
			return nil, errURLType(a.Vals[1])
		}
		to, err := u.url.Parse(escapeURL(s))
		if err != nil {
			return nil, runtime.Errorf(invalidURL, "%v", err)
		}
		return newURL(to.String()), nil
	}),
}), makeURL)

func urlGetter(name string, get func(*url.URL) runtime.Value) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(_ *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return get(self.(*urlValue).url), nil //nolint:forcetypeassert // the engine checks self
	}}
}

func parsePort(s string) int64 {
	var n int64
	for _, c := range s {
		n = n*10 + int64(c-'0')
	}
	return n
}

// newURL is the URL of a text, in the form that httpx gives it: scheme and host in lower
// case, without the usual port. One that cannot be read stays as it is.
func newURL(text string) *urlValue {
	u, err := url.Parse(text)
	if err != nil {
		return &urlValue{text, &url.URL{Path: text}}
	}
	u.Host = strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	case "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	}
	if u.Host != "" && u.Path == "" {
		u.Path = "/"
	}
	return &urlValue{u.String(), u}
}

var urlSignature = runtime.NewSignature("URL", "url=''")

func makeURL(th *runtime.Thread, _ *runtime.Class, a runtime.Args) (runtime.Value, error) {
	vals := []runtime.Value{nil}
	if err := urlSignature.Bind("URL.__init__", a, vals); err != nil {
		return nil, err
	}
	s, ok := textOfURL(vals[0])
	if !ok {
		return nil, errURLType(vals[0])
	}
	if err := checkURL(th, s); err != nil {
		return nil, err
	}
	return newURL(escapeURL(s)), nil
}

func errURLType(v runtime.Value) error {
	return runtime.Errorf(runtime.TypeError, "Invalid type for url.  Expected str or httpx.URL, got %s", v.Class().Name)
}

// textOfURL reads a str or an httpx.URL.
func textOfURL(v runtime.Value) (string, bool) {
	if u, ok := v.(*urlValue); ok {
		return u.text, true
	}
	return runtime.AsStr(v)
}

// Class implements runtime.Value.
func (*urlValue) Class() *runtime.Class { return urlClass }

// Str is str(url).
func (u *urlValue) Str(*runtime.Thread) (string, error) { return u.text, nil }

// Repr is how scripts print a URL.
func (u *urlValue) Repr(*runtime.Thread) (string, error) { return "URL('" + u.text + "')", nil }

// HashValue is hash(url).
func (u *urlValue) HashValue(th *runtime.Thread) (int64, error) {
	return runtime.Hash(th, runtime.Str(u.text))
}

// CompareTo is url == other, a URL or a str.
func (u *urlValue) CompareTo(_ *runtime.Thread, op runtime.CmpOp, other runtime.Value) (runtime.Value, error) {
	s, ok := textOfURL(other)
	if op != runtime.Eq || !ok {
		return nil, nil
	}
	return runtime.NewBool(u.text == newURL(escapeURL(s)).text), nil
}
