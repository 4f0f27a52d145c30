package stdlib

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newOSPath makes os.path: what can be said of a path by its text.
func newOSPath(Host) *runtime.Module {
	text := func(name string, f func(p string) value) *runtime.Native {
		return define(name+"(p)", func(th *thread, a args) (value, error) {
			p, err := wantPath(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return f(p), th.AllocMany(len(p), 2)
		})
	}
	m := members(
		runtime.NewRaw("join", joinPath),
		text("basename", func(p string) value { return runtime.Str(p[strings.LastIndexByte(p, '/')+1:]) }),
		text("dirname", func(p string) value {
			head, _ := splitPath(p)
			return runtime.Str(head)
		}),
		text("split", func(p string) value {
			head, tail := splitPath(p)
			return runtime.NewTuple(runtime.Str(head), runtime.Str(tail))
		}),
		text("splitext", func(p string) value {
			at := extension(p)
			return runtime.NewTuple(runtime.Str(p[:at]), runtime.Str(p[at:]))
		}),
		text("isabs", func(p string) value { return runtime.NewBool(strings.HasPrefix(p, "/")) }),
		text("normpath", func(p string) value { return runtime.Str(normPath(p)) }),
	)
	m["sep"] = runtime.Str("/")
	return runtime.NewModule("os.path", m)
}

func wantPath(v value) (string, error) {
	p, ok := runtime.AsStr(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "expected str, bytes or os.PathLike object, not %s", v.Class().Name)
	}
	return p, nil
}

func joinPath(th *thread, a args) (value, error) {
	if a.NPos() == 0 {
		return nil, runtime.Errorf(runtime.TypeError, "join() missing 1 required positional argument: 'a'")
	}
	var b strings.Builder
	for i, v := range a.Pos() {
		p, err := wantPath(v)
		if err != nil && i > 0 {
			err = runtime.Errorf(runtime.TypeError, "join() argument must be str, bytes, or os.PathLike object, not '%s'", v.Class().Name)
		}
		if err != nil {
			return nil, err
		}
		if err := th.AllocMany(len(p)+1, 2); err != nil {
			return nil, err
		}
		switch {
		case strings.HasPrefix(p, "/"):
			b.Reset()
		case i > 0 && b.Len() > 0 && !strings.HasSuffix(b.String(), "/"):
			b.WriteByte('/')
		}
		b.WriteString(p)
	}
	return runtime.Str(b.String()), nil
}

// splitPath takes the slashes between off the head, unless it is made of nothing else.
func splitPath(p string) (head, tail string) {
	at := strings.LastIndexByte(p, '/') + 1
	head, tail = p[:at], p[at:]
	if short := strings.TrimRight(head, "/"); short != "" {
		head = short
	}
	return head, tail
}

// extension is where the extension of a path begins; dots at the start of a name are
// none.
func extension(p string) int {
	start := strings.LastIndexByte(p, '/') + 1
	dot := strings.LastIndexByte(p, '.')
	if dot < start || strings.Trim(p[start:dot], ".") == "" {
		return len(p)
	}
	return dot
}

func normPath(p string) string {
	if p == "" {
		return "."
	}
	root := ""
	if strings.HasPrefix(p, "/") {
		root = "/"
		if strings.HasPrefix(p, "//") && !strings.HasPrefix(p, "///") { // POSIX gives two slashes a meaning
			root = "//"
		}
	}
	var parts []string
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "" || part == ".":
		case part != ".." || root == "" && (len(parts) == 0 || parts[len(parts)-1] == ".."):
			parts = append(parts, part)
		case len(parts) > 0:
			parts = slices.Delete(parts, len(parts)-1, len(parts))
		}
	}
	if p = root + strings.Join(parts, "/"); p == "" {
		return "."
	}
	return p
}
