package stdlib

import (
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newAsyncio makes the asyncio module. The loop itself is the engine's; here are the
// functions around it.
func newAsyncio(Host) *runtime.Module {
	m := members(
		define("run(main, *, debug=None)", func(th *thread, a args) (value, error) {
			c, ok := a.Vals[0].(*runtime.Coroutine)
			if !ok {
				text, err := runtime.Repr(th, a.Vals[0])
				if err != nil {
					return nil, err
				}
				return nil, runtime.Errorf(runtime.ValueError, "a coroutine was expected, got %s", text)
			}
			return th.RunAsync(c)
		}),
		define("sleep(delay, result=None)", func(_ *thread, a args) (value, error) {
			delay, result := a.Vals[0], a.Vals[1]
			return runtime.NewCoroutine("sleep", func(th *thread) (value, error) { return asyncSleep(th, delay, result) }), nil
		}),
		runtime.NewRaw("gather", gather),
		define("create_task(coro, *, name=None, context=None)", createTask),
		define("ensure_future(coro_or_future, *, loop=None)", func(th *thread, a args) (value, error) { return future(th, a.Vals[0]) }),
		define("wait_for(fut, timeout)", func(_ *thread, a args) (value, error) {
			aw, timeout := a.Vals[0], a.Vals[1]
			return runtime.NewCoroutine("wait_for", func(th *thread) (value, error) { return waitFor(th, aw, timeout) }), nil
		}),
		define("wait(fs, *, timeout=None, return_when='ALL_COMPLETED')", func(_ *thread, a args) (value, error) {
			fs, timeout, when := a.Vals[0], a.Vals[1], a.Vals[2]
			return runtime.NewCoroutine("wait", func(th *thread) (value, error) { return wait(th, fs, timeout, when) }), nil
		}),
		define("current_task(loop=None)", func(th *thread, _ args) (value, error) {
			if _, err := th.Loop(); err != nil {
				return nil, err
			}
			return th.Task(), nil
		}),
		define("all_tasks(loop=None)", func(th *thread, _ args) (value, error) {
			l, err := th.Loop()
			if err != nil {
				return nil, err
			}
			all := runtime.NewSet(false)
			for _, t := range l.Tasks() {
				if err := all.Add(th, t); err != nil {
					return nil, err
				}
			}
			return all, nil
		}),
		define("iscoroutine(obj)", func(_ *thread, a args) (value, error) {
			_, ok := a.Vals[0].(*runtime.Coroutine)
			return runtime.NewBool(ok), nil
		}),
		define("iscoroutinefunction(func)", func(_ *thread, a args) (value, error) {
			return runtime.NewBool(isCoroutineFunction(a.Vals[0])), nil
		}),
	)
	for _, name := range []string{"FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"} {
		m[name] = runtime.Str(name)
	}
	m["Future"], m["Task"] = runtime.FutureClass, runtime.TaskClass
	m["CancelledError"], m["InvalidStateError"] = runtime.CancelledError, runtime.InvalidStateError
	m["TimeoutError"] = runtime.TimeoutError
	addSynchronization(m)
	return runtime.NewModule("asyncio", m)
}

func isCoroutineFunction(v value) bool {
	switch v := v.(type) {
	case *runtime.Function:
		return v.Code.Async && !v.Code.Generator
	case *runtime.BoundMethod:
		return isCoroutineFunction(v.Fn)
	}
	return false
}

// seconds reads a delay.
func seconds(v value) (time.Duration, error) {
	s, ok := runtime.AsFloat(v)
	if !ok {
		return 0, runtime.Errorf(runtime.TypeError, "'<=' not supported between instances of '%s' and 'int'", v.Class().Name)
	}
	if s != s {
		return 0, runtime.Errorf(runtime.ValueError, "Invalid delay: NaN (not a number)")
	}
	return time.Duration(max(min(s, maxSleep), 0) * float64(time.Second)), nil
}

func asyncSleep(th *thread, delay, result value) (value, error) {
	d, err := seconds(delay)
	if err != nil {
		return nil, err
	}
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	if d == 0 {
		return result, th.Pause()
	}
	f := l.NewFuture()
	timer := l.Later(d, func() { f.SetResult(result) })
	defer timer.Stop()
	return f.Await(th)
}

func createTask(th *thread, a args) (value, error) {
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	c, ok := a.Vals[0].(*runtime.Coroutine)
	if !ok {
		text, err := runtime.Repr(th, a.Vals[0])
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.TypeError, "a coroutine was expected, got %s", text)
	}
	t, err := l.Start(th, c)
	if err != nil {
		return nil, err
	}
	if a.Vals[1] != runtime.None {
		t.Name, err = runtime.ToStr(th, a.Vals[1])
	}
	return t, err
}

// awaited is a future or a task.
type awaited interface {
	runtime.Awaitable
	Done() bool
	Cancelled() bool
	OnDone(call func())
	Result() (value, error)
	Cancel(message value) bool
	Reach(th *thread) error
}

// future makes a future of what can be awaited: a coroutine becomes a task, an answer
// that is there already is done.
func future(th *thread, v value) (awaited, error) {
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case awaited:
		return v, v.Reach(th)
	case *runtime.Coroutine:
		return l.Start(th, v)
	}
	if !runtime.IsAwaitable(v) {
		return nil, runtime.Errorf(runtime.TypeError, "An asyncio.Future, a coroutine or an awaitable is required")
	}
	if v.Class().Lookup("__await__") != nil {
		return l.Start(th, runtime.NewCoroutine("_wrap_awaitable", func(th *thread) (value, error) { return runtime.Await(th, v) }))
	}
	f := l.NewFuture()
	f.SetResult(v)
	return f, nil
}

// gather waits for all of its arguments; the first error is raised at once unless
// return_exceptions is set.
func gather(th *thread, a args) (value, error) {
	collect := false
	for i, name := range a.Names {
		if name != "return_exceptions" {
			return nil, runtime.Errorf(runtime.TypeError, "gather() got an unexpected keyword argument '%s'", name)
		}
		var err error
		if collect, err = runtime.Truth(th, a.Vals[a.NPos()+i]); err != nil {
			return nil, err
		}
	}
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	children := make([]awaited, a.NPos())
	made := map[value]awaited{} // an argument given twice runs once
	for i, v := range a.Pos() {
		if made[v] == nil {
			if made[v], err = future(th, v); err != nil {
				return nil, err
			}
		}
		children[i] = made[v]
	}
	return collectAll(l, children, made, collect), nil
}

func collectAll(l *runtime.Loop, children []awaited, distinct map[value]awaited, collect bool) *runtime.Future {
	stopping := false
	all := l.NewDependent(func(message value) bool {
		for _, c := range children {
			stopping = c.Cancel(message) || stopping
		}
		return stopping
	})
	left := len(distinct)
	if left == 0 {
		all.SetResult(runtime.NewList())
	}
	watched := map[awaited]bool{}
	for _, c := range children {
		if watched[c] {
			continue
		}
		watched[c] = true
		c.OnDone(func() {
			left--
			_, err := c.Result()
			switch {
			case err != nil && !collect:
				all.SetError(err)
			case left > 0:
			case stopping:
				all.SetError(runtime.NewException(runtime.CancelledError))
			default:
				all.SetResult(outcomes(children))
			}
		})
	}
	return all
}

// outcomes are the results, errors among them.
func outcomes(children []awaited) value {
	out := make([]value, len(children))
	for i, c := range children {
		v, err := c.Result()
		if err != nil {
			v = runtime.AsException(err)
		}
		out[i] = v
	}
	return runtime.NewList(out...)
}

// settled completes when all of the futures are done, or enough is said.
func settled(l *runtime.Loop, fs []awaited, enough func(f awaited, left int) bool) *runtime.Future {
	f, left := l.NewFuture(), len(fs)
	for _, w := range fs {
		w.OnDone(func() {
			if left--; enough(w, left) {
				f.SetResult(runtime.None)
			}
		})
	}
	return f
}

func whenAll(_ awaited, left int) bool { return left == 0 }

// cancelAndWait ends f and waits until it has ended.
func cancelAndWait(th *thread, l *runtime.Loop, f awaited, why value) error {
	over := settled(l, []awaited{f}, whenAll)
	f.Cancel(why)
	_, err := over.Await(th)
	return err
}

func waitFor(th *thread, aw, timeout value) (value, error) {
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	if timeout == runtime.None {
		return runtime.Await(th, aw)
	}
	d, err := seconds(timeout)
	if err != nil {
		return nil, err
	}
	f, err := future(th, aw)
	if err != nil {
		return nil, err
	}
	if d > 0 {
		first := settled(l, []awaited{f}, whenAll)
		timer := l.Later(d, func() { first.SetResult(runtime.None) })
		defer timer.Stop()
		if _, err := first.Await(th); err != nil {
			if f.Done() && runtime.AsException(err).Catchable() {
				return f.Result()
			}
			var why value
			if th.Task().TimeIsUp() { // of a limit around this one
				why = runtime.TimeIsUp
			}
			if ended := cancelAndWait(th, l, f, why); ended != nil {
				err = ended
			}
			return nil, err
		}
	}
	if f.Done() {
		return f.Result()
	}
	if err := cancelAndWait(th, l, f, runtime.TimeIsUp); err != nil {
		return nil, err
	}
	v, err := f.Result()
	if err != nil && f.Cancelled() {
		e := runtime.NewException(runtime.TimeoutError)
		e.Cause, e.Context = runtime.AsException(err), runtime.AsException(err)
		err = e
	}
	return v, err
}

// wait gives two sets: the futures that are done, and the others.
func wait(th *thread, of, timeout, when value) (value, error) {
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	var fs []awaited
	err = runtime.Iterate(th, of, func(v value) error {
		if _, ok := v.(*runtime.Coroutine); ok {
			return runtime.Errorf(runtime.TypeError, "Passing coroutines is forbidden, use tasks explicitly.")
		}
		f, err := future(th, v)
		if err == nil && !slices.Contains(fs, f) {
			fs = append(fs, f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(fs) == 0 {
		return nil, runtime.Errorf(runtime.ValueError, "Set of Tasks/Futures is empty.")
	}
	enough := map[value]func(f awaited, left int) bool{
		runtime.Str("ALL_COMPLETED"):   whenAll,
		runtime.Str("FIRST_COMPLETED"): func(awaited, int) bool { return true },
		runtime.Str("FIRST_EXCEPTION"): func(f awaited, left int) bool {
			_, err := f.Result()
			return left == 0 || err != nil && !f.Cancelled()
		},
	}[when]
	if enough == nil {
		return nil, runtime.Errorf(runtime.ValueError, "Invalid return_when value: %s", when)
	}
	over := settled(l, fs, enough)
	if timeout != runtime.None {
		d, err := seconds(timeout)
		if err != nil {
			return nil, err
		}
		defer l.Later(d, func() { over.SetResult(runtime.None) }).Stop()
	}
	if _, err := over.Await(th); err != nil {
		return nil, err
	}
	done, pending := runtime.NewSet(false), runtime.NewSet(false)
	for _, f := range fs {
		into := pending
		if f.Done() {
			into = done
		}
		if err := into.Add(th, f); err != nil {
			return nil, err
		}
	}
	return runtime.NewTuple(done, pending), nil
}
