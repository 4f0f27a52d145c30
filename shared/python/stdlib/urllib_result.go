package stdlib

import (
	"slices"
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The results are tuples whose items have names.
var (
	parseResultClass  = newURLResult("ParseResult", "scheme", "netloc", "path", "params", "query", "fragment")
	splitResultClass  = newURLResult("SplitResult", "scheme", "netloc", "path", "query", "fragment")
	defragResultClass = newURLResult("DefragResult", "url", "fragment")
)

func urlResult(c *runtime.Class, parts ...string) value {
	items := make([]value, len(parts))
	for i, p := range parts {
		items[i] = runtime.Str(p)
	}
	return runtime.Instance(c, runtime.NewTuple(items...))
}

// partsOf reads a result back; what a script put there that is no text counts as empty.
func partsOf(self value) []string {
	t, _ := runtime.Data(self).(*runtime.Tuple)
	out := make([]string, len(t.Items))
	for i, v := range t.Items {
		out[i], _ = runtime.AsStr(v)
	}
	return out
}

func newURLResult(name string, fields ...string) *runtime.Class {
	m := urlResultMembers(name, fields)
	for i, f := range fields {
		m[f] = &runtime.Getter{Name: f, Get: func(_ *thread, self value) (value, error) {
			return runtime.Data(self).(*runtime.Tuple).Items[i], nil
		}}
	}
	if slices.Contains(fields, "netloc") {
		for _, g := range netlocGetters() {
			m[g.Name] = g
		}
	}
	c := runtime.NewFrozenClass("urllib.parse", name, []*runtime.Class{runtime.TupleClass}, m)
	signature := runtime.NewSignature(name+".__new__", strings.Join(fields, ","))
	return runtime.Constructor(c, func(_ *thread, cls *runtime.Class, a args) (value, error) {
		vals := make([]value, len(fields))
		if err := signature.Bind(name+".__new__", a, vals); err != nil {
			return nil, err
		}
		return runtime.Instance(cls, runtime.NewTuple(vals...)), nil
	})
}

func urlResultMembers(name string, fields []string) runtime.Members {
	m := members(
		define("__repr__(self)", func(th *thread, a args) (value, error) {
			var b strings.Builder
			for i, v := range runtime.Data(a.Vals[0]).(*runtime.Tuple).Items {
				s, err := runtime.Repr(th, v)
				if err != nil {
					return nil, err
				}
				b.WriteString(", " + fields[i] + "=" + s)
			}
			return runtime.Str(name + "(" + strings.TrimPrefix(b.String(), ", ") + ")"), th.Alloc(b.Len())
		}),
		define("geturl(self)", func(th *thread, a args) (value, error) {
			t := runtime.Data(a.Vals[0])
			switch len(fields) {
			case 5, 6:
				return unsplit(th, t, len(fields))
			}
			p := partsOf(t)
			if p[1] == "" {
				return runtime.Str(p[0]), nil
			}
			return runtime.Str(p[0] + "#" + p[1]), th.Alloc(len(p[0]) + len(p[1]))
		}),
		define("_asdict(self)", func(_ *thread, a args) (value, error) {
			d := runtime.NewDict()
			for i, v := range runtime.Data(a.Vals[0]).(*runtime.Tuple).Items {
				d.SetStr(fields[i], v)
			}
			return d, nil
		}),
	)
	m["_replace"] = runtime.NewRaw("_replace", func(_ *thread, a args) (value, error) {
		if a.NPos() > 1 {
			return nil, runtime.Errorf(runtime.TypeError, "%s._replace() takes 1 positional argument but %d were given", name, a.NPos())
		}
		items := slices.Clone(runtime.Data(a.Vals[0]).(*runtime.Tuple).Items)
		var unknown []string
		for i, n := range a.Names {
			if at := slices.Index(fields, n); at >= 0 {
				items[at] = a.Vals[1+i]
			} else {
				unknown = append(unknown, "'"+n+"'")
			}
		}
		if len(unknown) > 0 {
			return nil, runtime.Errorf(runtime.ValueError, "Got unexpected field names: [%s]", strings.Join(unknown, ", "))
		}
		return runtime.Instance(a.Vals[0].Class(), runtime.NewTuple(items...)), nil
	})
	names := make([]value, len(fields))
	for i, f := range fields {
		names[i] = runtime.Str(f)
	}
	m["_fields"] = runtime.NewTuple(names...)
	return m
}

// netlocGetters are the parts of user:password@host:port.
func netlocGetters() []*runtime.Getter {
	textOrNone := func(s string, ok bool) value {
		if !ok {
			return runtime.None
		}
		return runtime.Str(s)
	}
	get := func(name string, f func(user, host string, hasUser bool) (value, error)) *runtime.Getter {
		return &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) {
			netloc := partsOf(self)[1]
			at := strings.LastIndexByte(netloc, '@')
			return f(netloc[:max(at, 0)], netloc[at+1:], at >= 0)
		}}
	}
	return []*runtime.Getter{
		get("username", func(user, _ string, ok bool) (value, error) {
			name, _, _ := strings.Cut(user, ":")
			return textOrNone(name, ok), nil
		}),
		get("password", func(user, _ string, _ bool) (value, error) {
			_, password, ok := strings.Cut(user, ":")
			return textOrNone(password, ok), nil
		}),
		get("hostname", func(_, host string, _ bool) (value, error) {
			name, _ := hostAndPort(host)
			name, zone, scoped := strings.Cut(name, "%")
			name = strings.ToLower(name)
			if scoped {
				name += "%" + zone
			}
			return textOrNone(name, name != ""), nil
		}),
		get("port", func(_, host string, _ bool) (value, error) {
			_, port := hostAndPort(host)
			if port == "" {
				return runtime.None, nil
			}
			if strings.Trim(port, digits) != "" {
				return nil, runtime.Errorf(runtime.ValueError, "Port could not be cast to integer value as %s", shown(runtime.Str(port)))
			}
			n, err := strconv.Atoi(port)
			if err != nil || n > 65535 {
				return nil, runtime.Errorf(runtime.ValueError, "Port out of range 0-65535")
			}
			return runtime.NewInt(int64(n)), nil
		}),
	}
}

// hostAndPort knows addresses in brackets.
func hostAndPort(s string) (host, port string) {
	if _, inside, ok := strings.Cut(s, "["); ok {
		host, port, _ = strings.Cut(inside, "]")
		_, port, _ = strings.Cut(port, ":")
		return host, port
	}
	host, port, _ = strings.Cut(s, ":")
	return host, port
}
