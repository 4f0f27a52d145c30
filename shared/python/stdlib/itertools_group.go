package stdlib

import (
	"math"
	"sync"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var grouperClass = runtime.NewIteratorClass("itertools", "itertools._grouper")

// grouping is a groupby: groups draw from it, and only the newest does.
type grouping struct {
	source    runtime.Iterator
	key       value
	now       value // the item read last, nil before the first
	nowKey    value
	targetKey value // the key of the newest group
	newest    int
}

func makeGroupBy(th *thread, c *runtime.Class, a args) (value, error) {
	source, err := runtime.Iter(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	g := &grouping{source: source, key: a.Vals[1]}
	var it *runtime.NativeIterator
	it = runtime.NewIterator(c, func(th *thread) (value, error) {
		if err := g.skip(th); err != nil || g.now == nil {
			return nil, err
		}
		g.newest++
		g.targetKey = g.nowKey
		group := g.group(it, g.newest)
		it.Keep(group)
		return runtime.NewTuple(g.targetKey, group), th.Alloc(256)
	}, source, g.key).Holding(func() []value { return present(g.now, g.nowKey, g.targetKey) })
	return it, nil
}

// skip reads on to the first item of another key than the newest group's.
func (g *grouping) skip(th *thread) error {
	for {
		if g.nowKey != nil {
			if g.targetKey == nil {
				return nil
			}
			same, err := runtime.Equal(th, g.targetKey, g.nowKey)
			if !same || err != nil {
				return err
			}
		}
		if ok, err := g.read(th); !ok || err != nil {
			g.now = nil
			return err
		}
	}
}

// read takes the next item; false at the end.
func (g *grouping) read(th *thread) (bool, error) {
	v, err := g.source.Next(th)
	if v == nil || err != nil {
		return false, err
	}
	if err := th.Step(); err != nil {
		return false, err
	}
	k := v
	if g.key != runtime.None {
		if k, err = runtime.Call(th, g.key, v); err != nil {
			return false, err
		}
	}
	g.now, g.nowKey = v, k
	return true, nil
}

// group is the items of the newest key; it ends when the groupby moves on.
func (g *grouping) group(of *runtime.NativeIterator, number int) value {
	return runtime.NewIterator(grouperClass, func(th *thread) (v value, err error) {
		waitErr := of.While(th, func() {
			if number != g.newest {
				return
			}
			if g.now == nil {
				if ok, readErr := g.read(th); !ok || readErr != nil {
					err = readErr
					return
				}
			}
			same, compareErr := runtime.Equal(th, g.targetKey, g.nowKey)
			if !same || compareErr != nil {
				err = compareErr
				return
			}
			v, g.now = g.now, nil
			of.Keep(v)
		})
		if waitErr != nil {
			return nil, waitErr
		}
		return v, err
	}, of)
}

// teeBuffer is what the copies of one iterator have not all read.
type teeBuffer struct {
	mu     sync.Mutex // guards head and the links between the parts
	source runtime.Iterator
	turn   *runtime.NativeIterator // lets one copy read the source at a time
}

// teePart is one item of a tee; the next is made when a copy first asks for it.
type teePart struct {
	v    value
	next *teePart
}

var teeClass = runtime.NewIteratorClass("itertools", "itertools._tee")

func tee(th *thread, a args) (value, error) {
	n, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "n must be >= 0")
	}
	if err := th.AllocMany(int(min(n, math.MaxInt32)), 256); err != nil {
		return nil, err
	}
	source, err := runtime.Iter(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	b := &teeBuffer{source: source}
	b.turn = runtime.NewIterator(teeClass, source.Next, source)
	start := &teePart{}
	out := make([]value, n)
	for i := range out {
		out[i] = b.copyFrom(start)
	}
	return runtime.NewTuple(out...), nil
}

// copyFrom is a copy whose next item stands at part.
func (b *teeBuffer) copyFrom(part *teePart) value {
	return runtime.NewIterator(teeClass, func(th *thread) (value, error) {
		next, err := b.after(th, part)
		if next == nil || err != nil {
			return nil, err
		}
		v := part.v
		part = next
		return v, nil
	}, b.turn).Holding(func() []value {
		var held []value
		b.mu.Lock()
		defer b.mu.Unlock()
		for p := part; p.next != nil; p = p.next {
			held = append(held, p.v)
		}
		return held
	})
}

// after fills part, unless a copy did before, and gives the part after it; nil at
// the end.
func (b *teeBuffer) after(th *thread, part *teePart) (next *teePart, err error) {
	b.mu.Lock()
	next = part.next
	b.mu.Unlock()
	if next != nil {
		return next, nil
	}
	waitErr := b.turn.While(th, func() {
		b.mu.Lock()
		next = part.next
		b.mu.Unlock()
		if next != nil {
			return
		}
		v, readErr := b.source.Next(th)
		if err = readErr; v == nil || err != nil {
			return
		}
		if err = th.Alloc(48); err != nil {
			return
		}
		b.turn.Keep(v)
		b.mu.Lock()
		part.v, part.next = v, &teePart{}
		next = part.next
		b.mu.Unlock()
	})
	if waitErr != nil {
		return nil, waitErr
	}
	return next, err
}

// makeSliceIterator is islice(iterable, stop) or islice(iterable, start, stop[, step]).
func makeSliceIterator(th *thread, c *runtime.Class, a args) (value, error) {
	if len(a.Names) > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "islice() takes no keyword arguments")
	}
	switch n := len(a.Vals); {
	case n < 2:
		return nil, runtime.Errorf(runtime.TypeError, "islice expected at least 2 arguments, got %d", n)
	case n > 4:
		return nil, runtime.Errorf(runtime.TypeError, "islice expected at most 4 arguments, got %d", n)
	}
	bound := func(i int, def int64, message string) (int64, error) {
		if i >= len(a.Vals) || a.Vals[i] == runtime.None {
			return def, nil
		}
		n, err := runtime.Index(a.Vals[i])
		if err != nil || n < 0 || n == 0 && i == 3 {
			return 0, runtime.Errorf(runtime.ValueError, "%s", message)
		}
		return n, nil
	}
	const indices = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
	stopAt, startAt := 1, 4
	message := "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
	if len(a.Vals) > 2 {
		stopAt, startAt = 2, 1
	}
	stop, err := bound(stopAt, math.MaxInt64, message)
	if err != nil {
		return nil, err
	}
	if len(a.Vals) > 2 {
		message = indices
	}
	next, err := bound(startAt, 0, message)
	if err != nil {
		return nil, err
	}
	step, err := bound(3, 1, "Step for islice() must be a positive integer or None.")
	if err != nil {
		return nil, err
	}
	source, err := runtime.Iter(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	at, ended := int64(0), false
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		if ended {
			return nil, nil
		}
		for ; at < min(next, stop); at++ {
			v, err := source.Next(th)
			if err == nil && v != nil {
				err = th.Step()
			}
			if v == nil || err != nil {
				ended = true
				return nil, err
			}
		}
		if at >= stop {
			ended = true
			return nil, nil
		}
		v, err := source.Next(th)
		at++
		if next += step; next < 0 || next > stop {
			next = stop
		}
		ended = v == nil
		return v, err
	}, source), nil
}

func makeZipLongest(th *thread, c *runtime.Class, a args) (value, error) {
	fill := runtime.None
	for i, n := range a.Names {
		if n != "fillvalue" {
			return nil, runtime.Errorf(runtime.TypeError, "zip_longest() got an unexpected keyword argument")
		}
		fill = a.Vals[a.NPos()+i]
	}
	its, holds, err := iterators(th, a.Pos())
	if err != nil {
		return nil, err
	}
	live := len(its)
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		if live == 0 {
			return nil, nil
		}
		if err := th.AllocMany(len(its)+2, 16); err != nil {
			return nil, err
		}
		out := make([]value, len(its))
		for i, it := range its {
			out[i] = fill
			if it == nil {
				continue
			}
			v, err := it.Next(th)
			if err != nil {
				live = 0
				return nil, err
			}
			if v != nil {
				out[i] = v
				continue
			}
			if its[i], live = nil, live-1; live == 0 {
				return nil, nil
			}
		}
		return runtime.NewTuple(out...), nil
	}, append(holds, fill)...), nil
}
