package stdlib

import (
	"io"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// logger is logging.Logger. All users of a program share it.
type logger struct {
	tree     *logTree
	name     string
	parent   atomic.Pointer[logger]
	level    atomic.Int64
	silent   atomic.Bool // propagate = False
	disabled atomic.Bool
	handlers *runtime.List
	filters  *runtime.List
}

// logMethods are the methods that log, with their levels; log itself is given one.
var logMethods = map[string]int64{
	"debug": levelDebug, "info": levelInfo, "warning": levelWarning, "warn": levelWarning, "error": levelError,
	"exception": levelError, "critical": levelCritical, "fatal": levelCritical, "log": 0,
}

var (
	loggerClass     = newLoggerClass()
	rootLoggerClass = runtime.NewNativeSubclass(loggerClass, "logging", "RootLogger", nil)
)

func newLogger(t *logTree, name string, level int64) *logger {
	l := &logger{tree: t, name: name, handlers: runtime.NewList(), filters: runtime.NewList()}
	l.level.Store(level)
	runtime.Publish(l.handlers, l.filters)
	return l
}

// Class implements runtime.Value.
func (l *logger) Class() *runtime.Class {
	if l == l.tree.root {
		return rootLoggerClass
	}
	return loggerClass
}

// Repr shows name and level.
func (l *logger) Repr(*thread) (string, error) {
	return "<" + l.Class().Name + " " + l.name + " (" + l.tree.nameOf(l.effective()) + ")>", nil
}

// effective is the level of the logger, or of the nearest above that has one.
func (l *logger) effective() int64 {
	for ; l != nil; l = l.parent.Load() {
		if level := l.level.Load(); level != 0 {
			return level
		}
	}
	return 0
}

func (l *logger) enabled(level int64) bool {
	return !l.disabled.Load() && level > l.tree.disabled.Load() && level >= l.effective()
}

// mute tells that nobody would see a record: there is no stderr, and every handler
// writes there.
func (l *logger) mute(th *thread) bool {
	if th.Stderr() != nil {
		return false
	}
	for ; l != nil; l = l.parent.Load() {
		if l.filters.Len() > 0 {
			return false
		}
		for _, h := range l.handlers.Items() {
			stream, err := runtime.Find(th, h, "stream")
			if err != nil || h.Class() != streamHandlerClass || stream != runtime.None {
				return false
			}
		}
		if l.silent.Load() {
			break
		}
	}
	return true
}

// log is logger.<method>(msg, *args, exc_info=…, stack_info=…, stacklevel=…, extra=…).
func (l *logger) log(th *thread, method string, level int64, a args) error {
	pos := a.Pos()
	if method == "log" {
		if len(pos) == 0 {
			return runtime.Errorf(runtime.TypeError, "Logger.log() missing 2 required positional arguments: 'level' and 'msg'")
		}
		n, ok := runtime.AsInt(pos[0])
		if !ok {
			return runtime.Errorf(runtime.TypeError, "level must be an integer")
		}
		level, pos = n, pos[1:]
	}
	if len(pos) == 0 {
		return runtime.Errorf(runtime.TypeError, "Logger.%s() missing 1 required positional argument: 'msg'", method)
	}
	if !l.enabled(level) || l.mute(th) {
		return nil
	}
	e := logEvent{name: l.name, level: level, msg: pos[0], args: append([]value(nil), pos[1:]...), exc: runtime.None, extra: runtime.None}
	if method == "exception" {
		e.exc = runtime.True
	}
	for i, n := range a.Names {
		switch v := a.Vals[a.NPos()+i]; n {
		case "exc_info":
			e.exc = v
		case "extra":
			e.extra = v
		case "stack_info", "stacklevel":
		default:
			return runtime.Errorf(runtime.TypeError, "Logger._log() got an unexpected keyword argument '%s'", n)
		}
	}
	record, err := e.record(th, l.tree)
	if err != nil {
		return err
	}
	return l.handle(th, record)
}

// handle gives a record to the filters, then to all handlers up the tree.
func (l *logger) handle(th *thread, record value) error {
	if l.disabled.Load() {
		return nil
	}
	if ok, err := passes(th, l.filters, record); err != nil || !ok {
		return err
	}
	level := intAttr(th, record, "levelno")
	found := false
	for c := l; c != nil; c = c.parent.Load() {
		for _, h := range c.handlers.Items() {
			found = true
			if level < intAttr(th, h, "level") {
				continue
			}
			if _, err := runtime.CallAttr(th, h, "handle", record); err != nil {
				return err
			}
		}
		if c.silent.Load() {
			break
		}
	}
	if found || level < levelWarning || th.Stderr() == nil {
		return nil
	}
	text, err := runtime.CallAttr(th, record, "getMessage") // nobody configured logging
	if err != nil {
		return err
	}
	s, err := runtime.ToStr(th, text)
	if err != nil {
		return err
	}
	return writeTo(th.Stderr(), s+"\n")
}

func writeTo(w io.Writer, s string) error {
	if _, err := io.WriteString(w, s); err != nil {
		return runtime.Errorf(runtime.OSError, "%v", err).WithCause(err)
	}
	return nil
}

// intAttr is an attribute as a number, 0 when it is none.
func intAttr(th *thread, v value, name string) int64 {
	x, err := runtime.Find(th, v, name)
	if x == nil || err != nil {
		return 0
	}
	n, _ := runtime.AsInt(x)
	return n
}

func newLoggerClass() *runtime.Class {
	m := loggerMethods()
	for name, level := range logMethods {
		m[name] = runtime.NewRaw(name, func(th *thread, a args) (value, error) {
			l := a.Vals[0].(*logger)
			return runtime.None, l.log(th, name, level, args{Vals: a.Vals[1:], Names: a.Names})
		})
	}
	get := func(name string, f func(l *logger) value) {
		m[name] = &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) { return f(self.(*logger)), nil }}
	}
	get("name", func(l *logger) value { return runtime.Str(l.name) })
	get("level", func(l *logger) value { return runtime.NewInt(l.level.Load()) })
	get("handlers", func(l *logger) value { return l.handlers })
	get("filters", func(l *logger) value { return l.filters })
	get("root", func(l *logger) value { return l.tree.root })
	get("parent", func(l *logger) value {
		if p := l.parent.Load(); p != nil {
			return p
		}
		return runtime.None
	})
	flag := func(name string, of func(l *logger) *atomic.Bool, when bool) {
		m[name] = runtime.Attribute(name,
			func(_ *thread, self value) (value, error) {
				return runtime.NewBool(of(self.(*logger)).Load() == when), nil
			},
			func(th *thread, self, v value) error {
				ok, err := runtime.Truth(th, v)
				of(self.(*logger)).Store(ok == when)
				return err
			})
	}
	flag("propagate", func(l *logger) *atomic.Bool { return &l.silent }, false)
	flag("disabled", func(l *logger) *atomic.Bool { return &l.disabled }, true)
	return runtime.NewNativeClass("logging", "Logger", m)
}

func loggerMethods() runtime.Members {
	self := func(a args) *logger { return a.Vals[0].(*logger) }
	return members(
		define("setLevel(self, level)", func(_ *thread, a args) (value, error) {
			n, err := self(a).tree.level(a.Vals[1])
			if err == nil {
				self(a).level.Store(n)
			}
			return runtime.None, err
		}),
		define("isEnabledFor(self, level)", func(_ *thread, a args) (value, error) {
			n, err := runtime.Index(a.Vals[1])
			return runtime.NewBool(self(a).enabled(n)), err
		}),
		define("getEffectiveLevel(self)", func(_ *thread, a args) (value, error) { return runtime.NewInt(self(a).effective()), nil }),
		define("getChild(self, suffix)", func(th *thread, a args) (value, error) {
			suffix, ok := runtime.AsStr(a.Vals[1])
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "sequence item 1: expected str instance, %s found", a.Vals[1].Class().Name)
			}
			if l := self(a); l != l.tree.root {
				suffix = l.name + "." + suffix
			}
			return self(a).tree.named(th, runtime.Str(suffix))
		}),
		define("addHandler(self, hdlr)", func(th *thread, a args) (value, error) {
			return runtime.None, appendOnce(th, self(a).handlers, a.Vals[1])
		}),
		define("removeHandler(self, hdlr)", func(th *thread, a args) (value, error) {
			return runtime.None, dropItem(th, self(a).handlers, a.Vals[1])
		}),
		define("hasHandlers(self)", func(_ *thread, a args) (value, error) {
			for l := self(a); l != nil; l = l.parent.Load() {
				if l.handlers.Len() > 0 {
					return runtime.True, nil
				}
				if l.silent.Load() {
					break
				}
			}
			return runtime.False, nil
		}),
		define("addFilter(self, filter)", func(th *thread, a args) (value, error) {
			return runtime.None, appendOnce(th, self(a).filters, a.Vals[1])
		}),
		define("removeFilter(self, filter)", func(th *thread, a args) (value, error) {
			return runtime.None, dropItem(th, self(a).filters, a.Vals[1])
		}),
		define("filter(self, record)", func(th *thread, a args) (value, error) {
			ok, err := passes(th, self(a).filters, a.Vals[1])
			return runtime.NewBool(ok), err
		}),
		define("handle(self, record)", func(th *thread, a args) (value, error) {
			return runtime.None, self(a).handle(th, a.Vals[1])
		}),
	)
}

// maxHandlers bounds the handlers and filters of one logger: a script that adds one
// for each user would make every line slower than the one before.
const maxHandlers = 100

func appendOnce(th *thread, l *runtime.List, v value) error {
	there, err := runtime.Contains(th, l, v)
	if err != nil || there {
		return err
	}
	if l.Len() >= maxHandlers {
		return runtime.Errorf(runtime.ValueError, "more than %d handlers or filters: add them once, not for each user", maxHandlers)
	}
	return l.Push(th, v)
}

func dropItem(th *thread, l *runtime.List, v value) error {
	there, err := runtime.Contains(th, l, v)
	if err != nil || !there {
		return err
	}
	_, err = runtime.CallAttr(th, l, "remove", v)
	return err
}
