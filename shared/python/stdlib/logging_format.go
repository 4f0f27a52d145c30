package stdlib

import (
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// basicFormats are what basicConfig uses, by style.
var basicFormats = map[string]string{
	"%": "%(levelname)s:%(name)s:%(message)s", "{": "{levelname}:{name}:{message}", "$": "${levelname}:${name}:${message}",
}

func badStyle() error {
	return runtime.Errorf(runtime.ValueError, "Style must be one of: %%,{,$")
}

var (
	percentField   = regexp.MustCompile(`(?i)%\(\w+\)[#0+ -]*(\*|\d+)?(\.(\*|\d+))?[diouxefgcrsa%]`)
	formatterClass = runtime.NewFrozenClass("logging", "Formatter", nil, formatterMembers())
)

func formatterMembers() runtime.Members {
	m := members(
		define("__init__(self, fmt=None, datefmt=None, style='%', validate=True, *, defaults=None)", startFormatter),
		define("format(self, record)", formatRecord),
		define("formatTime(self, record, datefmt=None)", formatTime),
		define("formatMessage(self, record)", formatMessage),
		define("usesTime(self)", func(th *thread, a args) (value, error) {
			fmt, style, err := lineFormat(th, a.Vals[0])
			return runtime.NewBool(usesTime(fmt, style)), err
		}),
		define("formatException(self, ei)", func(th *thread, a args) (value, error) {
			if t, ok := a.Vals[1].(*runtime.Tuple); ok && len(t.Items) == 3 {
				if e, ok := t.Items[1].(*runtime.Exception); ok {
					s := strings.TrimSuffix(e.Traceback(), "\n")
					return runtime.Str(s), th.Alloc(len(s))
				}
			}
			return runtime.Str("NoneType: None"), nil
		}),
		define("formatStack(self, stack_info)", func(_ *thread, a args) (value, error) { return a.Vals[1], nil }),
	)
	m["default_time_format"], m["default_msec_format"] = runtime.Str("%Y-%m-%d %H:%M:%S"), runtime.Str("%s,%03d")
	return m
}

func startFormatter(th *thread, a args) (value, error) {
	style, _ := runtime.AsStr(a.Vals[3])
	if basicFormats[style] == "" {
		return nil, badStyle()
	}
	plain := map[string]string{"%": "%(message)s", "{": "{message}", "$": "${message}"}[style]
	format := a.Vals[1]
	if has, err := runtime.Truth(th, format); err != nil {
		return nil, err
	} else if !has {
		format = runtime.Str(plain)
	}
	text, ok := runtime.AsStr(format)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "expected string or bytes-like object, got '%s'", format.Class().Name)
	}
	if check, err := runtime.Truth(th, a.Vals[4]); err != nil {
		return nil, err
	} else if check {
		if err := validFormat(text, style); err != nil {
			return nil, err
		}
	}
	for _, f := range []struct {
		name string
		v    value
	}{{"_fmt", format}, {"datefmt", a.Vals[2]}, {"_style", a.Vals[3]}, {"_defaults", a.Vals[5]}} {
		if err := runtime.SetAttr(th, a.Vals[0], f.name, f.v); err != nil {
			return nil, err
		}
	}
	return runtime.None, nil
}

func validFormat(format, style string) error {
	switch {
	case style == "%" && !percentField.MatchString(format):
		return runtime.Errorf(runtime.ValueError, "Invalid format '%s' for '%%' style", format)
	case style == "{" && !strings.Contains(format, "{"):
		return runtime.Errorf(runtime.ValueError, "invalid format: no fields")
	case style == "$" && !strings.Contains(format, "$"):
		return runtime.Errorf(runtime.ValueError, "invalid format: no fields")
	}
	return nil
}

// lineFormat reads the format and its style back.
func lineFormat(th *thread, self value) (format, style string, err error) {
	for name, into := range map[string]*string{"_fmt": &format, "_style": &style} {
		v, err := runtime.GetAttr(th, self, name)
		if err != nil {
			return "", "", err
		}
		*into, _ = runtime.AsStr(v)
	}
	return format, style, nil
}

func usesTime(format, style string) bool {
	switch style {
	case "{":
		return strings.Contains(format, "{asctime")
	case "$":
		return strings.Contains(format, "$asctime") || strings.Contains(format, "${asctime}")
	}
	return strings.Contains(format, "%(asctime)")
}

func formatMessage(th *thread, a args) (value, error) {
	format, style, err := lineFormat(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	own, err := runtime.GetAttr(th, a.Vals[1], "__dict__")
	if err != nil {
		return nil, err
	}
	values, ok := own.(*runtime.Dict)
	if !ok {
		return nil, noMethod(a.Vals[1], "__dict__")
	}
	if more, err := runtime.Find(th, a.Vals[0], "_defaults"); err != nil {
		return nil, err
	} else if d, ok := more.(*runtime.Dict); ok {
		all := runtime.NewDict()
		for _, from := range []value{d, values} {
			if err := runtime.MergeInto(th, all, from); err != nil {
				return nil, err
			}
		}
		values = all
	}
	var text value
	switch style {
	case "{":
		text, err = formatBraces(th, format, values)
	case "$":
		var s string
		s, err = substitute(th, format, values, false)
		text = runtime.Str(s)
	default:
		text, err = runtime.Binary(th, runtime.Mod, runtime.Str(format), values)
	}
	if err != nil && runtime.AsException(err).IsA(runtime.KeyError) {
		e := runtime.AsException(err)
		missing := runtime.Errorf(runtime.ValueError, "Formatting field not found in record: %s", e.Message())
		missing.Cause = e
		return nil, missing
	}
	return text, err
}

func formatBraces(th *thread, format string, values *runtime.Dict) (value, error) {
	f, err := runtime.GetAttr(th, runtime.Str(format), "format")
	if err != nil {
		return nil, err
	}
	var a args
	for k, v := range values.All() {
		if name, ok := runtime.AsStr(k); ok {
			a.Vals, a.Names = append(a.Vals, v), append(a.Names, name)
		}
	}
	return runtime.CallArgs(th, f, a)
}

func formatTime(th *thread, a args) (value, error) {
	created, err := runtime.GetAttr(th, a.Vals[1], "created")
	if err != nil {
		return nil, err
	}
	s, ok := runtime.AsFloat(created)
	if !ok || math.Abs(s) > maxSleep {
		return nil, runtime.Errorf(runtime.OverflowError, "timestamp out of range for platform time_t")
	}
	whole, part := math.Modf(s)
	t := time.Unix(int64(whole), int64(part*1e9)).Local() //nolint:gosmopolitan // log lines show the time of the machine
	layout, given := runtime.AsStr(a.Vals[2])
	if given && layout != "" {
		return zonedFormat(t, false).charged(th, layout)
	}
	msecs, err := runtime.GetAttr(th, a.Vals[1], "msecs")
	if err != nil {
		return nil, err
	}
	text, err := zonedFormat(t, false).charged(th, "%Y-%m-%d %H:%M:%S")
	if err != nil {
		return nil, err
	}
	return runtime.Binary(th, runtime.Mod, runtime.Str("%s,%03d"), runtime.NewTuple(text, msecs))
}

// formatRecord is Formatter.format: the line, then the traceback if there is one.
func formatRecord(th *thread, a args) (value, error) {
	self, record := a.Vals[0], a.Vals[1]
	message, err := runtime.CallAttr(th, record, "getMessage")
	if err != nil {
		return nil, err
	}
	if err := runtime.SetAttr(th, record, "message", message); err != nil {
		return nil, err
	}
	timed, err := runtime.CallAttr(th, self, "usesTime")
	if err != nil {
		return nil, err
	}
	if timed == runtime.True {
		layout, err := runtime.GetAttr(th, self, "datefmt")
		if err != nil {
			return nil, err
		}
		at, err := runtime.CallAttr(th, self, "formatTime", record, layout)
		if err != nil {
			return nil, err
		}
		if err := runtime.SetAttr(th, record, "asctime", at); err != nil {
			return nil, err
		}
	}
	line, err := runtime.CallAttr(th, self, "formatMessage", record)
	if err != nil {
		return nil, err
	}
	trace, err := traceOf(th, self, record)
	if err != nil || trace == runtime.None {
		return line, err
	}
	text, ok := runtime.AsStr(line)
	if ok && !strings.HasSuffix(text, "\n") {
		line = runtime.Str(text + "\n")
	}
	return runtime.Binary(th, runtime.Add, line, trace)
}

// traceOf is the text of the record's exception, made once; None without one.
func traceOf(th *thread, self, record value) (value, error) {
	text, err := runtime.GetAttr(th, record, "exc_text")
	if err != nil {
		return nil, err
	}
	if has, err := runtime.Truth(th, text); err != nil || has {
		return text, err
	}
	exc, err := runtime.GetAttr(th, record, "exc_info")
	if err != nil {
		return nil, err
	}
	if has, err := runtime.Truth(th, exc); err != nil || !has {
		return runtime.None, err
	}
	if text, err = runtime.CallAttr(th, self, "formatException", exc); err != nil {
		return nil, err
	}
	return text, runtime.SetAttr(th, record, "exc_text", text)
}
