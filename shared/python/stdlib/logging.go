package stdlib

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The levels that have names from the start.
const (
	levelDebug    = 10
	levelInfo     = 20
	levelWarning  = 30
	levelError    = 40
	levelCritical = 50
)

var (
	levelNames = map[int64]string{
		0: "NOTSET", levelDebug: "DEBUG", levelInfo: "INFO", levelWarning: "WARNING", levelError: "ERROR", levelCritical: "CRITICAL",
	}
	namedLevels = map[string]int64{
		"NOTSET": 0, "DEBUG": levelDebug, "INFO": levelInfo, "WARN": levelWarning, "WARNING": levelWarning,
		"ERROR": levelError, "CRITICAL": levelCritical, "FATAL": levelCritical,
	}
)

const (
	// maxLoggers bounds the loggers that are remembered by name; one beyond works, but is
	// made anew each time.
	maxLoggers = 1000
	// maxLevelNames bounds the names that a script can give to levels.
	maxLevelNames = 100
)

// logTree is the state of the logging module of one program.
type logTree struct {
	started  time.Time
	module   *runtime.Module
	root     *logger
	disabled atomic.Int64 // levels up to this one are off

	mu      sync.RWMutex // guards what follows
	loggers map[string]*logger
	names   map[int64]string
	levels  map[string]int64
}

// newLogging makes the logging module. Records go to the thread's stderr; where it has
// none, as in a load test, they are dropped before they are made.
func newLogging(Host) *runtime.Module {
	t := &logTree{started: time.Now(), loggers: map[string]*logger{}, names: maps.Clone(levelNames), levels: maps.Clone(namedLevels)}
	t.root = newLogger(t, "root", levelWarning)
	m := t.functions()
	for name, level := range t.levels {
		m[name] = runtime.NewInt(level)
	}
	for name, c := range map[string]*runtime.Class{
		"LogRecord": logRecordClass, "Formatter": formatterClass, "Filter": filterClass,
		"Handler": handlerClass, "StreamHandler": streamHandlerClass, "NullHandler": nullHandlerClass,
	} {
		m[name] = c
	}
	m["Logger"], m["root"] = loggerClass, t.root
	m["BASIC_FORMAT"], m["raiseExceptions"] = runtime.Str(basicFormats["%"]), runtime.True
	t.module = runtime.NewModule("logging", m)
	return t.module
}

// functions are those of the module; the ones that log set up the root first.
func (t *logTree) functions() runtime.Members {
	m := members(
		define("getLogger(name=None)", func(th *thread, a args) (value, error) { return t.named(th, a.Vals[0]) }),
		runtime.NewRaw("basicConfig", t.basicConfig),
		define("getLevelName(level)", t.levelName),
		define("addLevelName(level, levelName)", t.addLevelName),
		define("getLevelNamesMapping()", func(*thread, args) (value, error) {
			t.mu.RLock()
			defer t.mu.RUnlock()
			d := runtime.NewDict()
			for _, name := range sortedLevels(t.levels) {
				d.SetStr(name, runtime.NewInt(t.levels[name]))
			}
			return d, nil
		}),
		define("disable(level=50)", func(_ *thread, a args) (value, error) {
			level, err := t.level(a.Vals[0])
			t.disabled.Store(level)
			return runtime.None, err
		}),
		define("shutdown()", func(*thread, args) (value, error) { return runtime.None, nil }),
		define("getLoggerClass()", func(*thread, args) (value, error) { return loggerClass, nil }),
		define("makeLogRecord(dict)", func(th *thread, a args) (value, error) {
			r, err := (&logEvent{name: "None", level: 0}).record(th, t)
			if err != nil {
				return nil, err
			}
			return r, setAll(th, r, a.Vals[0])
		}),
	)
	for name, level := range logMethods {
		m[name] = runtime.NewRaw(name, func(th *thread, a args) (value, error) {
			if t.root.handlers.Len() == 0 {
				if _, err := t.basicConfig(th, args{}); err != nil {
					return nil, err
				}
			}
			return runtime.None, t.root.log(th, name, level, a)
		})
	}
	return m
}

// sortedLevels are names in the order in which CPython defines them.
func sortedLevels(levels map[string]int64) []string {
	out := []string{"CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "NOTSET"}
	var own []string
	for name := range levels {
		if !slices.Contains(out, name) {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	return append(out, own...)
}

// level reads a level given as a number or by name.
func (t *logTree) level(v value) (int64, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return readLevel(v, t.levels)
}

func readLevel(v value, named map[string]int64) (int64, error) {
	if n, ok := runtime.AsInt(v); ok {
		return n, nil
	}
	name, ok := runtime.AsStr(v)
	if !ok {
		return 0, runtime.Errorf(runtime.TypeError, "Level not an integer or a valid string: %s", shown(v))
	}
	n, ok := named[name]
	if !ok {
		return 0, runtime.Errorf(runtime.ValueError, "Unknown level: %s", shown(v))
	}
	return n, nil
}

// nameOf is the name of a level.
func (t *logTree) nameOf(level int64) string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return nameLevel(level, t.names)
}

func nameLevel(level int64, names map[int64]string) string {
	if name, ok := names[level]; ok {
		return name
	}
	return "Level " + runtime.FormatInt(int(level))
}

func (t *logTree) levelName(th *thread, a args) (value, error) {
	if n, ok := runtime.AsInt(a.Vals[0]); ok {
		return runtime.Str(t.nameOf(n)), nil
	}
	if name, ok := runtime.AsStr(a.Vals[0]); ok {
		t.mu.RLock()
		n, known := t.levels[name]
		t.mu.RUnlock()
		if known {
			return runtime.NewInt(n), nil
		}
	}
	s, err := runtime.ToStr(th, a.Vals[0])
	return runtime.Str("Level " + s), err
}

func (t *logTree) addLevelName(_ *thread, a args) (value, error) {
	n, ok := runtime.AsInt(a.Vals[0])
	name, text := runtime.AsStr(a.Vals[1])
	if !ok || !text {
		return nil, runtime.Errorf(runtime.TypeError, "addLevelName() takes an integer and a name")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.names)+len(t.levels) >= maxLevelNames {
		return nil, runtime.Errorf(runtime.ValueError, "more than %d names of levels", maxLevelNames)
	}
	t.names[n], t.levels[name] = name, n
	return runtime.None, nil
}

// named finds or makes a logger.
func (t *logTree) named(th *thread, v value) (value, error) {
	name, ok := runtime.AsStr(v)
	switch {
	case v == runtime.None || ok && (name == "" || name == "root"):
		return t.root, nil
	case !ok:
		return nil, runtime.Errorf(runtime.TypeError, "A logger name must be a string")
	}
	t.mu.RLock()
	l := t.loggers[name]
	t.mu.RUnlock()
	if l != nil {
		return l, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.loggers[name]; l != nil { // another was faster
		return l, nil
	}
	if err := th.Work(min(len(t.loggers)+16, maxLoggers) << 7); err != nil { // all are looked at
		return nil, err
	}
	l = newLogger(t, name, 0)
	l.parent.Store(t.above(name))
	if len(t.loggers) >= maxLoggers {
		return l, nil
	}
	for _, other := range t.loggers {
		if p := other.parent.Load(); strings.HasPrefix(other.name, name+".") && (p == t.root || len(p.name) < len(name)) {
			other.parent.Store(l)
		}
	}
	t.loggers[name] = l
	return l, nil
}

// above is the nearest logger that a dotted name stands under; t.mu is held.
func (t *logTree) above(name string) *logger {
	for {
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return t.root
		}
		name = name[:i]
		if l := t.loggers[name]; l != nil {
			return l
		}
	}
}

// basicConfig gives the root logger a handler, once.
func (t *logTree) basicConfig(th *thread, a args) (value, error) {
	if a.NPos() > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "basicConfig() takes 0 positional arguments but %d %s given", a.NPos(),
			map[bool]string{true: "was", false: "were"}[a.NPos() == 1])
	}
	if a.Kw("filename") != nil {
		return nil, runtime.Errorf(runtime.ValueError, "a scenario has no files: leave filename out, and lines go to stderr")
	}
	given := func(name string) value {
		if v := a.Kw(name); v != nil {
			return v
		}
		return runtime.None
	}
	if force, err := runtime.Truth(th, given("force")); err != nil {
		return nil, err
	} else if force {
		if _, err := runtime.CallAttr(th, t.root.handlers, "clear"); err != nil {
			return nil, err
		}
	}
	if t.root.handlers.Len() > 0 {
		return runtime.None, nil
	}
	if given("handlers") != runtime.None && a.Kw("stream") != nil {
		return nil, runtime.Errorf(runtime.ValueError, "'stream' or 'filename' should not be specified together with 'handlers'")
	}
	style, _ := runtime.AsStr(orElse(given("style"), "%"))
	if basicFormats[style] == "" {
		return nil, badStyle()
	}
	format, err := runtime.Call(th, formatterClass, orElse(given("format"), basicFormats[style]), given("datefmt"), runtime.Str(style))
	if err != nil {
		return nil, err
	}
	if err := t.configureRoot(th, given("handlers"), given("stream"), format); err != nil {
		return nil, err
	}
	if level := given("level"); level != runtime.None {
		n, err := t.level(level)
		if err != nil {
			return nil, err
		}
		t.root.level.Store(n)
	}
	return runtime.None, unknownOptions(a)
}

// configureRoot adds the handlers that are given, or one for the stream.
func (t *logTree) configureRoot(th *thread, handlers, stream, format value) error {
	if handlers == runtime.None {
		h, err := runtime.Call(th, streamHandlerClass, stream)
		if err != nil {
			return err
		}
		handlers = runtime.NewTuple(h)
	}
	return runtime.Iterate(th, handlers, func(h value) error {
		own, err := runtime.Find(th, h, "formatter")
		if err != nil {
			return err
		}
		if own == nil || own == runtime.None {
			if _, err := runtime.CallAttr(th, h, "setFormatter", format); err != nil {
				return err
			}
		}
		return appendOnce(th, t.root.handlers, h)
	})
}

func unknownOptions(a args) error {
	var unknown []string
	for _, n := range a.Names {
		switch n {
		case "force", "handlers", "stream", "style", "format", "datefmt", "level", "filemode", "encoding", "errors":
		default:
			unknown = append(unknown, n)
		}
	}
	if len(unknown) > 0 {
		return runtime.Errorf(runtime.ValueError, "Unrecognised argument(s): %s", strings.Join(unknown, ", "))
	}
	return nil
}
