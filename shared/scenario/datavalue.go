package scenario

import (
	"fmt"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// exhausted is loadpilot.DataExhausted. It ends an iteration as a cancel would: `except Exception` does not catch it.
var exhausted = runtime.NewExceptionClass("loadpilot", "DataExhausted", runtime.BaseException)

// maxReason is the length of the longest reason that a script gives, in bytes.
const maxReason = 200

// exhaustion is why a run must stop, as the exception has it: a script may raise one of its own.
func exhaustion(e *runtime.Exception) string {
	text, err := runtime.ToStr(runtime.NewThread(runtime.Limits{Steps: 10_000, Bytes: 1 << 20, Depth: 100}), e)
	text = strings.Join(strings.Fields(text), " ")
	if err != nil || text == "" {
		text = e.Class().Name
	}
	return strings.ToValidUTF8(text[:min(len(text), maxReason)], "")
}

// order is which row an invocation gets.
type order string

// The orders of rows.
const (
	orderSequence order = "sequence" // by the number of earlier arrivals of the same task
	orderRandom   order = "random"   // by the seed of the invocation
	orderUser     order = "user"     // one for the whole life of a user
)

// What happens when there are no more rows.
const (
	endCycle = "cycle" // they start again
	endStop  = "stop"  // the run stops
)

// data is what loadpilot.data returns. It does not change and has no lock.
type data struct {
	table   *table
	order   order
	stop    bool // when there are no more rows
	columns []runtime.Value
}

var dataClass = runtime.NewNativeClass("loadpilot", "Data", runtime.Members{
	"row": runtime.NewNative("row(self)", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return a.Vals[0].(*data).next(th) //nolint:forcetypeassert // the engine checks self
	}),
	"columns": &runtime.Getter{Name: "columns", Get: func(_ *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return runtime.NewTuple(self.(*data).columns...), nil //nolint:forcetypeassert // the engine checks self
	}},
})

// data is loadpilot.data: it makes the rows of a file available.
func (c *collector) data(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	if c.closed {
		return nil, runtime.Errorf(runtime.RuntimeError, "loadpilot.data belongs at the top level of the file: it cannot be used while the test runs")
	}
	name, _ := runtime.AsStr(a.Vals[0])
	t := c.tables[name]
	if t == nil {
		return nil, runtime.Errorf(runtime.ValueError, "data files are found before the script runs: call loadpilot.data by that name, with a literal")
	}
	d := &data{table: t}
	chosen, _ := runtime.AsStr(a.Vals[1])
	switch d.order = order(chosen); d.order {
	case orderSequence, orderRandom, orderUser:
	default:
		return nil, runtime.Errorf(runtime.ValueError, `order must be "sequence", "random" or "user"`)
	}
	end, _ := runtime.AsStr(a.Vals[2])
	switch {
	case end != endCycle && end != endStop:
		return nil, runtime.Errorf(runtime.ValueError, `end must be "cycle" or "stop"`)
	case end == endStop && d.order == orderRandom:
		return nil, runtime.Errorf(runtime.ValueError, `order="random" never runs out of rows: end="stop" needs order="sequence" or "user"`)
	}
	d.stop = end == endStop
	if err := d.require(th, a.Vals[3]); err != nil {
		return nil, err
	}
	for _, column := range t.columns {
		d.columns = append(d.columns, runtime.Str(column))
	}
	c.perUser = c.perUser || d.order == orderUser
	return d, nil
}

// require refuses a file that lacks one of the columns a script needs. Literal ones were checked before.
func (d *data) require(th *runtime.Thread, columns runtime.Value) error {
	if columns == runtime.None {
		return nil
	}
	if _, isText := runtime.AsStr(columns); isText {
		return runtime.Errorf(runtime.TypeError, "columns must be a list of names, not a str")
	}
	return runtime.Iterate(th, columns, func(v runtime.Value) error {
		name, ok := runtime.AsStr(v)
		if !ok {
			return runtime.Errorf(runtime.TypeError, "columns must be a list of names, not of %s", v.Class().Name)
		}
		if msg := d.table.lacking(name); msg != "" {
			return runtime.Errorf(runtime.ValueError, "%s", msg)
		}
		return nil
	})
}

// Class implements runtime.Value.
func (*data) Class() *runtime.Class { return dataClass }

// Repr is how scripts print data.
func (d *data) Repr(*runtime.Thread) (string, error) {
	return fmt.Sprintf("<Data %s: %s>", d.table.name, count(d.table.rows(), "row")), nil
}

// Len is len(data).
func (d *data) Len() int { return d.table.rows() }

// GetItem is data[i].
func (d *data) GetItem(th *runtime.Thread, key runtime.Value) (runtime.Value, error) {
	i, err := runtime.Index(key)
	if err != nil {
		return nil, err
	}
	rows := int64(d.table.rows())
	if i < 0 {
		i += rows
	}
	if i < 0 || i >= rows {
		return nil, runtime.Errorf(runtime.IndexError, "%s has %s", d.table.name, count(d.table.rows(), "row"))
	}
	return d.table.row(th, int(i))
}

// dataIteratorClass is the type of iter(data).
var dataIteratorClass = runtime.NewIteratorClass("loadpilot", "data_iterator")

// Iter goes through all rows.
func (d *data) Iter(*runtime.Thread) (runtime.Iterator, error) {
	i := 0
	return runtime.NewIterator(dataIteratorClass, func(th *runtime.Thread) (runtime.Value, error) {
		if i >= d.table.rows() {
			return nil, nil
		}
		i++
		return d.table.row(th, i-1)
	}), nil
}

// next is data.row(): the row of the invocation that runs.
func (d *data) next(th *runtime.Thread) (runtime.Value, error) {
	inv, ok := th.Host.(*invocation)
	rows := int64(d.table.rows())
	var at int64
	switch {
	case d.order == orderRandom:
		at = th.Random().Int64N(rows)
	case !ok:
		return nil, runtime.Errorf(runtime.RuntimeError, "row() works only in on_start, on_stop and tasks; take a row by its number, as in rows[0]")
	case d.order == orderUser:
		at = inv.user.runner.rows.seat.row(inv.user.number-1, rows)
	case inv.iteration < 0:
		return nil, runtime.Errorf(runtime.RuntimeError, `row() of order="sequence" works only in tasks: for rows in on_start use order="user"`)
	default:
		at = inv.user.runner.rows.sequence.Ordinal(inv.iteration)
	}
	if at >= rows && d.stop {
		inv.ranOut = d.table
		return nil, runtime.Errorf(exhausted, "%s", d.table.noMoreRows())
	}
	return d.table.row(th, int(at%rows))
}

// A rowRule is what rows of data follow from, in one runner.
type rowRule struct {
	sequence load.Sequence
	seat     Seat
}

// A Seat is the place of a generator among those of a run. It decides which rows of order="user" its users get.
type Seat struct {
	Number int // counted from 0 for the run
	Of     int // how many generators were expected; 0 is 1
}

// row returns the row of the user with that number, counted from 0: any number from 0 if there were rows without end.
//
// The expected generators deal the rows out in turn, from the first one: seat s gets s, s+Of, s+2·Of, … Generators beyond
// them take rows from the end: each leaves some to those that may follow, so that all of them differ. Extra seat e takes
// every (e+2)th of the rows that the extra seats before it leave. What the two sides have taken is the same
// only once they have met.
func (s Seat) row(user, rows int64) int64 {
	of := int64(max(1, s.Of))
	if extra := int64(s.Number) - of; extra >= 0 {
		back := user * (extra + 2)
		for m := extra; m > 0; m-- { // where it stands among the rows that one seat fewer has left
			back += back/m + 1
		}
		if back < rows {
			return rows - 1 - back
		}
		return back
	}
	return int64(s.Number) + user*of
}
