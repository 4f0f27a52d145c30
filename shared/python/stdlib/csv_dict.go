package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// dictReader is csv.DictReader.
type dictReader struct {
	runtime.Guard
	reader           *csvReader
	names            value // nil until the first row gave them
	restKey, restVal value
}

var (
	dictReaderSignature = runtime.NewSignature("DictReader.__init__", "self, f, fieldnames=None, restkey=None, restval=None, dialect='excel'")
	dictWriterSignature = runtime.NewSignature("DictWriter.__init__", "self, f, fieldnames, restval='', extrasaction='raise', dialect='excel'")
	dictReaderClass     = runtime.NewNativeClass("csv", "DictReader", dictReaderMembers())
	dictWriterClass     = runtime.NewNativeClass("csv", "DictWriter", dictWriterMembers())
)

// splitParams takes the format parameters from the keywords; what is left fits sig.
func splitParams(title string, sig *runtime.Signature, a args, into []value) (names []string, vals []value, err error) {
	rest := args{Vals: append([]value{runtime.None}, a.Pos()...)}
	for i, n := range a.Names {
		v := a.Vals[a.NPos()+i]
		switch n {
		case "f", "fieldnames", "restkey", "restval", "extrasaction", "dialect":
			rest.Vals, rest.Names = append(rest.Vals, v), append(rest.Names, n)
		default:
			names, vals = append(names, n), append(vals, v)
		}
	}
	return names, vals, sig.Bind(title, rest, into)
}

func makeDictReader(th *thread, _ *runtime.Class, a args) (value, error) {
	var v [6]value
	names, vals, err := splitParams("DictReader.__init__", dictReaderSignature, a, v[:])
	if err != nil {
		return nil, err
	}
	d, err := dialectOf(th, v[5], names, vals)
	if err != nil {
		return nil, err
	}
	reader, err := readerOf(th, v[1], d)
	if err != nil {
		return nil, err
	}
	r := &dictReader{reader: reader, restKey: v[3], restVal: v[4]}
	if v[2] != runtime.None {
		r.names = v[2]
		if _, ok := v[2].(runtime.Iterator); ok {
			items, err := runtime.Collect(th, v[2])
			if err != nil {
				return nil, err
			}
			r.names = runtime.NewList(items...)
		}
	}
	return r, nil
}

// Class implements runtime.Value.
func (*dictReader) Class() *runtime.Class { return dictReaderClass }

// PublishTo implements runtime.Container.
func (r *dictReader) PublishTo(queue []value) []value {
	if !r.Share() {
		return queue
	}
	if r.names != nil {
		queue = append(queue, r.names)
	}
	return append(queue, r.reader, r.restKey, r.restVal)
}

// fieldNames reads the first row when no names were given.
func (r *dictReader) fieldNames(th *thread) (value, error) {
	r.Lock()
	names := r.names
	r.Unlock()
	if names != nil {
		return names, nil
	}
	row, err := r.reader.Next(th)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return runtime.None, nil
	}
	r.Keep(row)
	r.Lock()
	defer r.Unlock()
	if r.names == nil {
		r.names = row
	}
	return r.names, nil
}

// Next is the next row as a dict.
func (r *dictReader) Next(th *thread) (value, error) {
	names, err := r.fieldNames(th)
	if err != nil {
		return nil, err
	}
	var row *runtime.List
	for row == nil || row.Len() == 0 {
		v, err := r.reader.Next(th)
		if v == nil || err != nil {
			return nil, err
		}
		row, _ = v.(*runtime.List)
	}
	if names == runtime.None {
		return nil, runtime.Errorf(runtime.TypeError, "'NoneType' object is not iterable")
	}
	keys, err := runtime.Collect(th, names)
	if err != nil {
		return nil, err
	}
	d, items := runtime.NewDictSize(len(keys)), row.Items()
	for i, key := range keys {
		v := r.restVal
		if i < len(items) {
			v = items[i]
		}
		if err := d.Set(th, key, v); err != nil {
			return nil, err
		}
	}
	if len(items) > len(keys) {
		err = d.Set(th, r.restKey, runtime.NewList(items[len(keys):]...))
	}
	return d, err
}

func dictReaderMembers() runtime.Members {
	m := members(iterSelf(), iterNext())
	m["fieldnames"] = runtime.Attribute("fieldnames",
		func(th *thread, self value) (value, error) { return self.(*dictReader).fieldNames(th) },
		func(_ *thread, self, v value) error {
			r := self.(*dictReader)
			r.Keep(v)
			r.Lock()
			defer r.Unlock()
			r.names = v
			return nil
		})
	m["line_num"] = &runtime.Getter{Name: "line_num", Get: func(_ *thread, self value) (value, error) {
		return runtime.NewInt(self.(*dictReader).reader.lines.Load()), nil
	}}
	m["restkey"] = &runtime.Getter{Name: "restkey", Get: func(_ *thread, self value) (value, error) { return self.(*dictReader).restKey, nil }}
	m["restval"] = &runtime.Getter{Name: "restval", Get: func(_ *thread, self value) (value, error) { return self.(*dictReader).restVal, nil }}
	m["reader"] = &runtime.Getter{Name: "reader", Get: func(_ *thread, self value) (value, error) { return self.(*dictReader).reader, nil }}
	return m
}

// dictWriter is csv.DictWriter.
type dictWriter struct {
	names, restVal value
	strict         bool // extrasaction="raise"
	writer         *csvWriter
}

func makeDictWriter(th *thread, _ *runtime.Class, a args) (value, error) {
	var v [6]value
	names, vals, err := splitParams("DictWriter.__init__", dictWriterSignature, a, v[:])
	if err != nil {
		return nil, err
	}
	w := &dictWriter{names: v[2], restVal: v[3]}
	if _, ok := v[2].(runtime.Iterator); ok {
		items, err := runtime.Collect(th, v[2])
		if err != nil {
			return nil, err
		}
		w.names = runtime.NewList(items...)
	}
	action, _ := runtime.AsStr(v[4])
	switch strings.ToLower(action) {
	case "raise":
		w.strict = true
	case "ignore":
	default:
		text, err := runtime.ToStr(th, v[4])
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.ValueError, "extrasaction (%s) must be 'raise' or 'ignore'", text)
	}
	d, err := dialectOf(th, v[5], names, vals)
	if err != nil {
		return nil, err
	}
	w.writer, err = writerTo(th, v[1], d)
	return w, err
}

// Class implements runtime.Value.
func (*dictWriter) Class() *runtime.Class { return dictWriterClass }

// PublishTo implements runtime.Container.
func (w *dictWriter) PublishTo(queue []value) []value {
	return append(queue, w.names, w.restVal, w.writer)
}

// row writes the values of a dict in the order of the names.
func (w *dictWriter) row(th *thread, v value) (value, error) {
	names, err := runtime.Collect(th, w.names)
	if err != nil {
		return nil, err
	}
	d, ok := runtime.Data(v).(*runtime.Dict)
	if !ok {
		return nil, noMethod(v, "keys")
	}
	if w.strict {
		if err := w.refuseExtras(th, d); err != nil {
			return nil, err
		}
	}
	for i, name := range names {
		found, err := d.Get(th, name)
		if err != nil {
			return nil, err
		}
		if found == nil {
			found = w.restVal
		}
		names[i] = found
	}
	return w.writer.row(th, runtime.NewList(names...))
}

func (w *dictWriter) refuseExtras(th *thread, d *runtime.Dict) error {
	var extra []string
	for key := range d.All() {
		known, err := runtime.Contains(th, w.names, key)
		if err != nil {
			return err
		}
		if !known {
			s, err := runtime.Repr(th, key)
			if err != nil {
				return err
			}
			extra = append(extra, s)
		}
	}
	if len(extra) > 0 {
		return runtime.Errorf(runtime.ValueError, "dict contains fields not in fieldnames: %s", strings.Join(extra, ", "))
	}
	return nil
}

func dictWriterMembers() runtime.Members {
	m := members(
		define("writeheader(self)", func(th *thread, a args) (value, error) {
			w := a.Vals[0].(*dictWriter)
			return w.writer.row(th, w.names)
		}),
		define("writerow(self, rowdict)", func(th *thread, a args) (value, error) {
			return a.Vals[0].(*dictWriter).row(th, a.Vals[1])
		}),
		define("writerows(self, rowdicts)", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.Iterate(th, a.Vals[1], func(row value) error {
				_, err := a.Vals[0].(*dictWriter).row(th, row)
				return err
			})
		}),
	)
	m["fieldnames"] = &runtime.Getter{Name: "fieldnames", Get: func(_ *thread, self value) (value, error) { return self.(*dictWriter).names, nil }}
	return m
}
