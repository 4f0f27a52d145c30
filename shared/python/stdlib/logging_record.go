package stdlib

import (
	"math"
	"path"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// logEvent is what a call of a logger says.
type logEvent struct {
	name       string
	level      int64
	msg        value
	args       []value
	exc, extra value
}

var logRecordClass = runtime.NewFrozenClass("logging", "LogRecord", nil, members(
	define("__init__(self, name, level, pathname, lineno, msg, args, exc_info, func=None, sinfo=None)", func(th *thread, a args) (value, error) {
		level, err := runtime.Index(a.Vals[2])
		if err != nil {
			return nil, err
		}
		name, err := runtime.ToStr(th, a.Vals[1])
		if err != nil {
			return nil, err
		}
		e := logEvent{name: name, level: level, msg: a.Vals[5]}
		if t, ok := a.Vals[6].(*runtime.Tuple); ok {
			e.args = t.Items
		}
		if err := e.fill(th, a.Vals[0], nameLevel(level, levelNames), time.Now(), 0); err != nil {
			return nil, err
		}
		for i, field := range []string{"pathname", "lineno"} {
			if err := runtime.SetAttr(th, a.Vals[0], field, a.Vals[3+i]); err != nil {
				return nil, err
			}
		}
		return runtime.None, runtime.SetAttr(th, a.Vals[0], "exc_info", a.Vals[7])
	}),
	define("getMessage(self)", func(th *thread, a args) (value, error) {
		msg, err := runtime.GetAttr(th, a.Vals[0], "msg")
		if err != nil {
			return nil, err
		}
		text, err := runtime.ToStr(th, msg)
		if err != nil {
			return nil, err
		}
		with, err := runtime.GetAttr(th, a.Vals[0], "args")
		if err != nil {
			return nil, err
		}
		if has, err := runtime.Truth(th, with); err != nil || !has {
			return runtime.Str(text), err
		}
		return runtime.Binary(th, runtime.Mod, runtime.Str(text), with)
	}),
	define("__repr__(self)", func(th *thread, a args) (value, error) {
		var parts []string
		for _, field := range []string{"name", "levelno", "pathname", "lineno", "msg"} {
			v, err := runtime.GetAttr(th, a.Vals[0], field)
			if err != nil {
				return nil, err
			}
			s, err := runtime.ToStr(th, v)
			if err != nil {
				return nil, err
			}
			parts = append(parts, s)
		}
		return runtime.Str("<LogRecord: " + strings.Join(parts[:4], ", ") + `, "` + parts[4] + `">`), nil
	}),
))

// record makes the LogRecord of an event.
func (e *logEvent) record(th *thread, t *logTree) (value, error) {
	if e.msg == nil {
		e.msg, e.exc, e.extra = runtime.Str(""), runtime.None, runtime.None
	}
	if err := th.Alloc(1024); err != nil {
		return nil, err
	}
	r := runtime.NewObject(logRecordClass)
	now := time.Now()
	if err := e.fill(th, r, t.nameOf(e.level), now, now.Sub(t.started)); err != nil {
		return nil, err
	}
	if e.extra == runtime.None {
		return r, nil
	}
	own, err := runtime.GetAttr(th, r, "__dict__")
	if err != nil {
		return nil, err
	}
	extra, ok := runtime.Data(e.extra).(*runtime.Dict)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not iterable", e.extra.Class().Name)
	}
	for key := range extra.All() {
		taken, err := runtime.Contains(th, own, key)
		if err != nil {
			return nil, err
		}
		if name, _ := runtime.AsStr(key); taken || name == "message" || name == "asctime" {
			return nil, runtime.Errorf(runtime.KeyError, "Attempt to overwrite %s in LogRecord", shown(key))
		}
	}
	return r, setAll(th, r, extra)
}

// setAll sets the entries of a dict as attributes.
func setAll(th *thread, v, dict value) error {
	d, ok := runtime.Data(dict).(*runtime.Dict)
	if !ok {
		return runtime.Errorf(runtime.TypeError, "'%s' object is not iterable", dict.Class().Name)
	}
	for key, x := range d.All() {
		name, ok := runtime.AsStr(key)
		if !ok {
			continue
		}
		if err := runtime.SetAttr(th, v, name, x); err != nil {
			return err
		}
	}
	return nil
}

// fill sets the attributes of a record, in CPython's order.
func (e *logEvent) fill(th *thread, r value, levelName string, now time.Time, since time.Duration) error {
	file, function, line := th.Caller()
	created := float64(now.UnixNano()) / float64(time.Second)
	msecs := math.Floor(float64(now.Nanosecond()) / float64(time.Millisecond))
	base := path.Base(file)
	var with value = runtime.NewTuple(e.args...)
	if len(e.args) == 1 {
		if d, ok := runtime.Data(e.args[0]).(*runtime.Dict); ok && d.Len() > 0 {
			with = e.args[0]
		}
	}
	exc, err := excInfo(th, e.exc)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		v    value
	}{
		{"name", runtime.Str(e.name)},
		{"msg", e.msg},
		{"args", with},
		{"levelname", runtime.Str(levelName)},
		{"levelno", runtime.NewInt(e.level)},
		{"pathname", runtime.Str(file)},
		{"filename", runtime.Str(base)},
		{"module", runtime.Str(strings.TrimSuffix(base, path.Ext(base)))},
		{"exc_info", exc},
		{"exc_text", runtime.None},
		{"stack_info", runtime.None},
		{"lineno", runtime.NewInt(int64(line))},
		{"funcName", runtime.Str(function)},
		{"created", runtime.Float(created)},
		{"msecs", runtime.Float(msecs)},
		{"relativeCreated", runtime.Float(float64(since) / float64(time.Millisecond))},
		{"thread", runtime.NewInt(1)},
		{"threadName", runtime.Str("MainThread")},
		{"processName", runtime.Str("MainProcess")},
		{"process", runtime.NewInt(1)},
	} {
		if err := runtime.SetAttr(th, r, f.name, f.v); err != nil {
			return err
		}
	}
	return nil
}

// excInfo is what exc_info=v puts into the record: None, or a tuple of three.
func excInfo(th *thread, v value) (value, error) {
	if v == nil {
		return runtime.None, nil
	}
	if t, ok := v.(*runtime.Tuple); ok && len(t.Items) > 0 {
		return t, nil
	}
	if e, ok := v.(*runtime.Exception); ok {
		return runtime.NewTuple(e.Class(), e, runtime.None), nil
	}
	if wanted, err := runtime.Truth(th, v); err != nil || !wanted {
		return runtime.None, err
	}
	if e := th.Handling(); e != nil {
		return runtime.NewTuple(e.Class(), e, runtime.None), nil
	}
	return runtime.NewTuple(runtime.None, runtime.None, runtime.None), nil
}
