package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// sizeOf reads an optional count: None is all.
func sizeOf(v value) (int64, error) {
	if v == runtime.None {
		return -1, nil
	}
	n, err := runtime.Index(v)
	if err != nil && runtime.AsException(err).IsA(runtime.TypeError) {
		return 0, runtime.Errorf(runtime.TypeError, "argument should be integer or None, not '%s'", v.Class().Name)
	}
	return n, err
}

// memMethod makes a method that runs with the file open and locked.
func memMethod[T rune | byte](signature string, f func(th *thread, f *memFile[T], a args) (value, error)) *runtime.Native {
	name, _, _ := strings.Cut(signature, "(")
	return define(signature, func(th *thread, a args) (value, error) {
		file := a.Vals[0].(*memFile[T])
		if err := file.open(name); err != nil {
			return nil, err
		}
		defer file.Unlock()
		return f(th, file, a)
	})
}

func memMembers[T rune | byte]() runtime.Members {
	part := func(name string, take func(f *memFile[T], n int64) []T) *runtime.Native {
		return memMethod(name+"(self, size=-1, /)", func(th *thread, f *memFile[T], a args) (value, error) {
			n, err := sizeOf(a.Vals[1])
			if err != nil {
				return nil, err
			}
			got := take(f, n)
			return f.kind.box(got), th.AllocMany(len(got), f.kind.size)
		})
	}
	yes := func(name string, answer value) *runtime.Native {
		return memMethod(name+"(self, /)", func(*thread, *memFile[T], args) (value, error) { return answer, nil })
	}
	m := members(
		part("read", (*memFile[T]).take), part("readline", (*memFile[T]).line),
		yes("readable", runtime.True), yes("writable", runtime.True), yes("seekable", runtime.True), yes("isatty", runtime.False),
		define("flush(self, /)", func(_ *thread, a args) (value, error) {
			f := a.Vals[0].(*memFile[T])
			f.Lock()
			defer f.Unlock()
			if f.closed && f.kind.size == 1 {
				return nil, runtime.Errorf(runtime.ValueError, "I/O operation on closed file.")
			}
			return runtime.None, nil
		}),
		define("write(self, data, /)", func(th *thread, a args) (value, error) {
			n, err := a.Vals[0].(*memFile[T]).write(th, a.Vals[1])
			return runtime.NewInt(int64(n)), err
		}),
		define("writelines(self, lines, /)", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.Iterate(th, a.Vals[1], func(line value) error {
				_, err := a.Vals[0].(*memFile[T]).write(th, line)
				return err
			})
		}),
		memMethod("getvalue(self, /)", func(th *thread, f *memFile[T], _ args) (value, error) {
			if err := th.AllocMany(len(f.data), f.kind.size); err != nil {
				return nil, err
			}
			return f.kind.box(f.data), nil
		}),
		memMethod("tell(self, /)", func(_ *thread, f *memFile[T], _ args) (value, error) { return runtime.NewInt(int64(f.at)), nil }),
		memMethod("seek(self, offset, whence=0, /)", func(_ *thread, f *memFile[T], a args) (value, error) {
			offset, err := runtime.Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			whence, err := runtime.Index(a.Vals[2])
			if err != nil {
				return nil, err
			}
			err = f.seek(offset, whence)
			return runtime.NewInt(int64(f.at)), err
		}),
		memMethod("truncate(self, size=None, /)", truncate[T]),
		memMethod("readlines(self, hint=-1, /)", readLines[T]),
		define("close(self, /)", func(_ *thread, a args) (value, error) {
			f := a.Vals[0].(*memFile[T])
			f.Lock()
			defer f.Unlock()
			f.closed, f.data = true, nil
			return runtime.None, nil
		}),
		memMethod("__enter__(self, /)", func(_ *thread, f *memFile[T], _ args) (value, error) { return f, nil }),
		iterSelf(), iterNext(),
	)
	m["__exit__"] = runtime.NewRaw("__exit__", func(_ *thread, a args) (value, error) {
		f := a.Vals[0].(*memFile[T])
		f.Lock()
		defer f.Unlock()
		f.closed, f.data = true, nil
		return runtime.None, nil
	})
	m["closed"] = &runtime.Getter{Name: "closed", Get: func(_ *thread, self value) (value, error) {
		f := self.(*memFile[T])
		f.Lock()
		defer f.Unlock()
		return runtime.NewBool(f.closed), nil
	}}
	return m
}

func truncate[T rune | byte](_ *thread, f *memFile[T], a args) (value, error) {
	n := int64(f.at)
	if a.Vals[1] != runtime.None {
		var err error
		if n, err = sizeOf(a.Vals[1]); err != nil {
			return nil, err
		}
		if n < 0 {
			what := "Negative size value %d"
			if f.kind.size == 1 {
				what = "negative size value %d"
			}
			return nil, runtime.Errorf(runtime.ValueError, what, n)
		}
	}
	if n < int64(len(f.data)) {
		f.data = f.data[:n]
	}
	return runtime.NewInt(n), nil
}

func readLines[T rune | byte](th *thread, f *memFile[T], a args) (value, error) {
	hint, err := sizeOf(a.Vals[1])
	if err != nil {
		return nil, err
	}
	out, total := runtime.NewList(), int64(0)
	for {
		if err := th.Step(); err != nil {
			return nil, err
		}
		line := f.line(-1)
		if len(line) == 0 {
			return out, nil
		}
		if err := th.AllocMany(len(line), f.kind.size); err != nil {
			return nil, err
		}
		if err := out.Push(th, f.kind.box(line)); err != nil {
			return nil, err
		}
		if total += int64(len(line)); hint > 0 && total >= hint {
			return out, nil
		}
	}
}

// iterSelf and iterNext are the methods of a native iterator.
func iterSelf() *runtime.Native {
	return define("__iter__(self, /)", func(_ *thread, a args) (value, error) { return a.Vals[0], nil })
}

func iterNext() *runtime.Native {
	return define("__next__(self, /)", func(th *thread, a args) (value, error) {
		it, ok := a.Vals[0].(runtime.Iterator)
		if !ok {
			return nil, noMethod(a.Vals[0], "__next__")
		}
		v, err := it.Next(th)
		if v == nil && err == nil {
			return nil, runtime.NewException(runtime.StopIteration)
		}
		return v, err
	})
}
