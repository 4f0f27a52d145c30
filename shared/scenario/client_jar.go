package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var cookiesClass = runtime.Constructor(runtime.NewNativeClass("httpx", "Cookies", runtime.Members{
	"get":        runtime.NewNative("get(self, name, default=None, domain=None, path=None)", withCookies((*cookies).getOr)),
	"set":        runtime.NewNative("set(self, name, value, domain='', path='/')", withCookies((*cookies).set)),
	"delete":     runtime.NewNative("delete(self, name, domain=None, path=None)", withCookies((*cookies).delete)),
	"pop":        runtime.NewNative("pop(self, name, default=, /)", withCookies((*cookies).pop)),
	"setdefault": runtime.NewNative("setdefault(self, name, default=None)", withCookies((*cookies).setDefault)),
	"clear":      runtime.NewNative("clear(self, domain=None, path=None)", withCookies((*cookies).clear)),
	"update":     runtime.NewNative("update(self, cookies=None)", withCookies((*cookies).updateWith)),
	"keys":       cookiesView("keys"),
	"values":     cookiesView("values"),
	"items":      cookiesView("items"),
}), makeCookies)

// Class implements runtime.Value.
func (*cookies) Class() *runtime.Class { return cookiesClass }

var cookiesSignature = runtime.NewSignature("Cookies", "cookies=None")

func makeCookies(th *runtime.Thread, _ *runtime.Class, a runtime.Args) (runtime.Value, error) {
	vals := []runtime.Value{nil}
	if err := cookiesSignature.Bind("Cookies", a, vals); err != nil {
		return nil, err
	}
	j := &cookies{}
	err := j.update(th, vals[0])
	return j, err
}

// withCookies is a method of Go as one of Python.
func withCookies(call func(*cookies, *runtime.Thread, []runtime.Value) (runtime.Value, error)) runtime.NativeFunc {
	return func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return call(a.Vals[0].(*cookies), th, a.Vals[1:]) //nolint:forcetypeassert // the engine checks self
	}
}

// find returns the only cookie of a name, and of a domain and path if they are given.
func (j *cookies) find(args ...runtime.Value) (c cookie, ok bool, err error) {
	name, isText := runtime.AsStr(args[0])
	if !isText {
		return cookie{}, false, nil
	}
	for _, o := range j.live() {
		if o.name != name || !o.matches(args[1:]) {
			continue
		}
		if ok {
			return cookie{}, false, runtime.Errorf(cookieConflict, "Multiple cookies exist with name=%s", name)
		}
		c, ok = o, true
	}
	return c, ok, nil
}

// matches compares domain and path with those that are given.
func (c *cookie) matches(where []runtime.Value) bool {
	for i, have := range []string{c.domain, c.path} {
		if i < len(where) && given(where[i]) {
			if want, ok := runtime.AsStr(where[i]); !ok || want != have {
				return false
			}
		}
	}
	return true
}

// remove drops the cookies for which drop holds.
func (j *cookies) remove(drop func(*cookie) bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = slices.DeleteFunc(j.list, func(c cookie) bool { return drop(&c) })
}

func (j *cookies) getOr(_ *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	c, ok, err := j.find(args[0], args[2], args[3])
	if !ok {
		return args[1], err
	}
	return runtime.Str(c.value), nil
}

// set adds a cookie of a script; without a domain it goes to every host.
func (j *cookies) set(th *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	var texts [4]string
	for i, v := range args {
		s, err := runtime.ToStr(th, v)
		if err != nil {
			return nil, err
		}
		texts[i] = s
	}
	c := cookie{name: texts[0], value: texts[1], domain: strings.ToLower(strings.TrimPrefix(texts[2], ".")), path: texts[3]}
	c.hostOnly = !strings.HasPrefix(texts[2], ".")
	if c.name == "" || strings.ContainsAny(c.name, "=;, \t\r\n\x00") || strings.ContainsAny(c.value, ";\r\n\x00") {
		return nil, runtime.Errorf(runtime.ValueError, "cookie %s cannot be sent", kind(args[0]))
	}
	if len(c.name)+len(c.value) > maxCookie {
		return nil, runtime.Errorf(runtime.ValueError, "cookie %s is longer than %d bytes", kind(args[0]), maxCookie)
	}
	j.store(c)
	return runtime.None, nil
}

func (j *cookies) delete(_ *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	name, _ := runtime.AsStr(args[0])
	j.remove(func(c *cookie) bool { return c.name == name && c.matches(args[1:]) })
	return runtime.None, nil
}

func (j *cookies) pop(_ *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	c, ok, err := j.find(args[0])
	switch {
	case err != nil:
		return nil, err
	case ok:
		j.remove(func(o *cookie) bool { return o.name == c.name })
		return runtime.Str(c.value), nil
	case args[1] == nil:
		return nil, runtime.NewException(runtime.KeyError, args[0])
	}
	return args[1], nil
}

func (j *cookies) setDefault(th *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	c, ok, err := j.find(args[0])
	switch {
	case err != nil:
		return nil, err
	case ok:
		return runtime.Str(c.value), nil
	}
	return args[1], j.SetItem(th, args[0], args[1])
}

func (j *cookies) clear(_ *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	j.remove(func(c *cookie) bool { return c.matches(args) })
	return runtime.None, nil
}

func (j *cookies) updateWith(th *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	return runtime.None, j.update(th, args[0])
}

// update takes over cookies in any of the forms that httpx takes.
func (j *cookies) update(th *runtime.Thread, v runtime.Value) error {
	if !given(v) {
		return nil
	}
	if o, ok := v.(*cookies); ok {
		for _, c := range o.live() {
			j.store(c)
		}
		return nil
	}
	b := requestBuilder{th: th}
	b.pairs("cookies", v, func(k, v runtime.Value) error { return j.SetItem(th, k, v) })
	return b.err
}

// GetItem is cookies[name].
func (j *cookies) GetItem(_ *runtime.Thread, name runtime.Value) (runtime.Value, error) {
	c, ok, err := j.find(name)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, runtime.NewException(runtime.KeyError, name)
	}
	return runtime.Str(c.value), nil
}

// SetItem is cookies[name] = value.
func (j *cookies) SetItem(th *runtime.Thread, name, value runtime.Value) error {
	_, err := j.set(th, []runtime.Value{name, value, runtime.Str(""), runtime.Str("/")})
	return err
}

// DelItem is del cookies[name]; as in httpx an unknown one is no error.
func (j *cookies) DelItem(th *runtime.Thread, name runtime.Value) error {
	_, err := j.delete(th, []runtime.Value{name})
	return err
}

// Contains is `name in cookies`.
func (j *cookies) Contains(_ *runtime.Thread, name runtime.Value) (bool, error) {
	text, ok := runtime.AsStr(name)
	if !ok {
		return false, nil
	}
	for _, c := range j.live() {
		if c.name == text {
			return true, nil
		}
	}
	return false, nil
}

// Len is len(cookies).
func (j *cookies) Len() int { return len(j.live()) }

// Iter goes through the names.
func (j *cookies) Iter(th *runtime.Thread) (runtime.Iterator, error) {
	names := runtime.NewList()
	for _, c := range j.live() {
		names.Append(runtime.Str(c.name))
	}
	return runtime.Iter(th, names)
}

// Repr is how scripts print cookies.
func (j *cookies) Repr(*runtime.Thread) (string, error) {
	list := j.live()
	shown := make([]string, len(list))
	for i, c := range list {
		shown[i] = fmt.Sprintf("<Cookie %s=%s for %s />", c.name, c.value, c.domain)
	}
	return "<Cookies[" + strings.Join(shown, ", ") + "]>", nil
}

// cookiesView is keys, values or items, as those of a dict.
func cookiesView(method string) *runtime.Native {
	return runtime.NewNative(method+"(self)", withCookies(func(j *cookies, th *runtime.Thread, _ []runtime.Value) (runtime.Value, error) {
		d := runtime.NewDict()
		for _, c := range j.live() {
			d.SetStr(c.name, runtime.Str(c.value))
		}
		return runtime.CallAttr(th, d, method)
	}))
}
