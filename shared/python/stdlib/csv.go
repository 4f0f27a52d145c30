package stdlib

import (
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var csvError = runtime.NewExceptionClass("_csv", "Error", runtime.ExceptionClass)

// How fields are quoted.
const (
	quoteMinimal = iota
	quoteAll
	quoteNonNumeric
	quoteNone
)

// csvDialect is a checked set of format parameters; a rune of -1 is not set.
type csvDialect struct {
	delimiter, quote, escape rune
	doubleQuote, skipSpace   bool
	strict                   bool
	terminator               string
	quoting                  int64
}

var (
	dialectClass = runtime.NewFrozenClass("csv", "Dialect", nil, runtime.Members{
		"delimiter": runtime.None, "quotechar": runtime.None, "escapechar": runtime.None, "doublequote": runtime.None,
		"skipinitialspace": runtime.None, "lineterminator": runtime.None, "quoting": runtime.None,
	})
	excelClass    = newDialect("excel", dialectClass, runtime.Members{"delimiter": runtime.Str(","), "quotechar": runtime.Str(`"`), "doublequote": runtime.True, "skipinitialspace": runtime.False, "lineterminator": runtime.Str("\r\n"), "quoting": runtime.NewInt(quoteMinimal)})
	excelTabClass = newDialect("excel_tab", excelClass, runtime.Members{"delimiter": runtime.Str("\t")})
	unixClass     = newDialect("unix_dialect", dialectClass, runtime.Members{"delimiter": runtime.Str(","), "quotechar": runtime.Str(`"`), "doublequote": runtime.True, "skipinitialspace": runtime.False, "lineterminator": runtime.Str("\n"), "quoting": runtime.NewInt(quoteAll)})
	dialectNames  = map[string]*runtime.Class{"excel": excelClass, "excel-tab": excelTabClass, "unix": unixClass}
)

func newDialect(name string, base *runtime.Class, m runtime.Members) *runtime.Class {
	return runtime.NewFrozenClass("csv", name, []*runtime.Class{base}, m)
}

func newCSV(Host) *runtime.Module {
	m := members(
		runtime.NewRaw("reader", newCSVReader), runtime.NewRaw("writer", newCSVWriter),
		define("list_dialects()", func(*thread, args) (value, error) {
			return runtime.NewList(runtime.Str("excel"), runtime.Str("excel-tab"), runtime.Str("unix")), nil
		}),
	)
	m["Error"], m["Dialect"], m["excel"], m["excel_tab"], m["unix_dialect"] = csvError, dialectClass, excelClass, excelTabClass, unixClass
	m["QUOTE_MINIMAL"], m["QUOTE_ALL"] = runtime.NewInt(quoteMinimal), runtime.NewInt(quoteAll)
	m["QUOTE_NONNUMERIC"], m["QUOTE_NONE"] = runtime.NewInt(quoteNonNumeric), runtime.NewInt(quoteNone)
	m["DictReader"], m["DictWriter"] = runtime.Constructor(dictReaderClass, makeDictReader), runtime.Constructor(dictWriterClass, makeDictWriter)
	return runtime.NewModule("csv", m)
}

// dialectOf reads the dialect and the format parameters that go before it.
func dialectOf(th *thread, dialect value, names []string, vals []value) (*csvDialect, error) {
	given := map[string]value{}
	if name, ok := runtime.AsStr(dialect); ok {
		c := dialectNames[name]
		if c == nil {
			return nil, runtime.Errorf(csvError, "unknown dialect")
		}
		dialect = c
	}
	for _, name := range []string{"delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"} {
		if dialect == nil || dialect == runtime.None {
			break
		}
		v, err := runtime.Find(th, dialect, name)
		if err != nil {
			return nil, err
		}
		if v != nil {
			given[name] = v
		}
	}
	for i, name := range names {
		switch name {
		case "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict":
			given[name] = vals[i]
		default:
			return nil, runtime.Errorf(runtime.TypeError, "'%s' is an invalid keyword argument for this function", name)
		}
	}
	return readDialect(th, given)
}

func readDialect(th *thread, given map[string]value) (*csvDialect, error) {
	d := &csvDialect{doubleQuote: true, terminator: "\r\n"}
	for name, into := range map[string]*bool{"doublequote": &d.doubleQuote, "skipinitialspace": &d.skipSpace, "strict": &d.strict} {
		if v := given[name]; v != nil {
			ok, err := runtime.Truth(th, v)
			if err != nil {
				return nil, err
			}
			*into = ok
		}
	}
	var err error
	if d.delimiter, err = dialectRune("delimiter", given["delimiter"], ',', false); err != nil {
		return nil, err
	}
	if d.escape, err = dialectRune("escapechar", given["escapechar"], -1, true); err != nil {
		return nil, err
	}
	if v := given["lineterminator"]; v != nil {
		s, ok := runtime.AsStr(v)
		if v == runtime.None {
			return nil, runtime.Errorf(runtime.TypeError, "lineterminator must be set")
		}
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, `"lineterminator" must be a string`)
		}
		d.terminator = s
	}
	if d.quote, err = dialectRune("quotechar", given["quotechar"], '"', true); err != nil {
		return nil, err
	}
	if v := given["quoting"]; v != nil {
		n, ok := v.(runtime.Int)
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, `"quoting" must be an integer`)
		}
		d.quoting = int64(n)
	}
	switch {
	case d.quoting < quoteMinimal || d.quoting > quoteNone:
		return nil, runtime.Errorf(runtime.TypeError, `bad "quoting" value`)
	case given["quotechar"] == runtime.None && given["quoting"] == nil:
		d.quoting = quoteNone
	case d.quote < 0 && d.quoting != quoteNone:
		return nil, runtime.Errorf(runtime.TypeError, "quotechar must be set if quoting enabled")
	}
	return d, nil
}

func dialectRune(name string, v value, def rune, orNone bool) (rune, error) {
	if v == nil {
		return def, nil
	}
	if v == runtime.None && orNone {
		return -1, nil
	}
	s, ok := runtime.AsStr(v)
	if !ok {
		what := "string"
		if orNone {
			what = "string or None"
		}
		return 0, runtime.Errorf(runtime.TypeError, `"%s" must be %s, not %s`, name, what, v.Class().Name)
	}
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n != len(s) {
		return 0, runtime.Errorf(runtime.TypeError, `"%s" must be a 1-character string`, name)
	}
	return r, nil
}

// bindCSV reads the arguments of reader and writer: a source, a dialect, parameters.
func bindCSV(th *thread, a args) (value, *csvDialect, error) {
	pos := a.Pos()
	switch {
	case len(pos) == 0:
		return nil, nil, runtime.Errorf(runtime.TypeError, " expected at least 1 argument, got 0")
	case len(pos) > 2:
		return nil, nil, runtime.Errorf(runtime.TypeError, " expected at most 2 arguments, got %d", len(pos))
	}
	var dialect value
	if len(pos) == 2 {
		dialect = pos[1]
	}
	var names []string
	var vals []value
	for i, n := range a.Names {
		if v := a.Vals[len(pos)+i]; n == "dialect" && dialect == nil {
			dialect = v
		} else {
			names, vals = append(names, n), append(vals, v)
		}
	}
	d, err := dialectOf(th, dialect, names, vals)
	return pos[0], d, err
}

// csvWriter is what csv.writer gives.
type csvWriter struct {
	dialect *csvDialect
	write   value
}

var csvWriterClass = runtime.NewNativeClass("_csv", "_csv.writer", runtime.Members{
	"writerow": define("writerow(self, row, /)", func(th *thread, a args) (value, error) {
		return a.Vals[0].(*csvWriter).row(th, a.Vals[1])
	}),
	"writerows": define("writerows(self, rows, /)", func(th *thread, a args) (value, error) {
		return runtime.None, runtime.Iterate(th, a.Vals[1], func(row value) error {
			_, err := a.Vals[0].(*csvWriter).row(th, row)
			return err
		})
	}),
})

// Class implements runtime.Value.
func (*csvWriter) Class() *runtime.Class { return csvWriterClass }

// PublishTo implements runtime.Container.
func (w *csvWriter) PublishTo(queue []value) []value { return append(queue, w.write) }

func newCSVWriter(th *thread, a args) (value, error) {
	file, d, err := bindCSV(th, a)
	if err != nil {
		return nil, err
	}
	return writerTo(th, file, d)
}

func writerTo(th *thread, file value, d *csvDialect) (*csvWriter, error) {
	write, err := runtime.Find(th, file, "write")
	if err != nil {
		return nil, err
	}
	if write == nil || !runtime.Callable(write) {
		return nil, runtime.Errorf(runtime.TypeError, `argument 1 must have a "write" method`)
	}
	return &csvWriter{dialect: d, write: write}, nil
}

func (w *csvWriter) row(th *thread, row value) (value, error) {
	if _, err := runtime.Iter(th, row); err != nil {
		if runtime.AsException(err).IsA(runtime.TypeError) {
			return nil, runtime.Errorf(csvError, "iterable expected, not %s", row.Class().Name)
		}
		return nil, err
	}
	var b strings.Builder
	fields := 0
	err := runtime.Iterate(th, row, func(v value) error {
		if fields > 0 {
			b.WriteRune(w.dialect.delimiter)
		}
		fields++
		return w.field(th, &b, v)
	})
	if err != nil {
		return nil, err
	}
	if fields > 0 && b.Len() == 0 {
		if w.dialect.quoting == quoteNone {
			return nil, runtime.Errorf(csvError, "single empty field record must be quoted")
		}
		b.WriteString(strings.Repeat(string(w.dialect.quote), 2))
	}
	b.WriteString(w.dialect.terminator)
	return runtime.Call(th, w.write, runtime.Str(b.String()))
}

// field appends one value, quoted where the dialect wants it.
func (w *csvWriter) field(th *thread, b *strings.Builder, v value) error {
	d, text := w.dialect, ""
	_, isText := runtime.AsStr(v)
	if v != runtime.None {
		var err error
		if text, err = runtime.ToStr(th, v); err != nil {
			return err
		}
	}
	if err := th.AllocMany(len(text)+len(d.terminator)+2, 2); err != nil {
		return err
	}
	_, isNumber := runtime.AsFloat(v)
	quoted := d.quoting == quoteAll || d.quoting == quoteNonNumeric && (isText || !isNumber)
	var out strings.Builder
	for _, r := range text {
		if r == d.delimiter || r == d.escape || r == d.quote || strings.ContainsRune(d.terminator, r) {
			escaped := d.quoting == quoteNone || r == d.escape
			if r == d.quote && !escaped {
				if d.doubleQuote {
					out.WriteRune(r)
				} else {
					escaped = true
				}
			}
			switch {
			case !escaped:
				quoted = true
			case d.escape < 0:
				return runtime.Errorf(csvError, "need to escape, but no escapechar set")
			default:
				out.WriteRune(d.escape)
			}
		}
		out.WriteRune(r)
	}
	if quoted {
		b.WriteRune(d.quote)
	}
	b.WriteString(out.String())
	if quoted {
		b.WriteRune(d.quote)
	}
	return nil
}
