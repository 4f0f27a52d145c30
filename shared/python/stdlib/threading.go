package stdlib

import (
	"strconv"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newThreading makes the threading module. The threads are the virtual users: each is
// one to get_ident and threading.local. A lock that an invocation holds at its end is
// released with a line on stderr, so that a crash of one user does not stop all others.
func newThreading(Host) *runtime.Module {
	m := members(
		define("get_ident()", func(th *thread, _ args) (value, error) { return runtime.NewInt(th.Ident() + 1), nil }),
		define("current_thread()", func(th *thread, _ args) (value, error) { return &currentThread{th.Ident()}, nil }),
		define("main_thread()", func(*thread, args) (value, error) { return &currentThread{}, nil }),
	)
	m["Lock"], m["RLock"], m["local"] = lockClass, rlockClass, runtime.LocalClass
	return runtime.NewModule("threading", m)
}

// lock is threading.Lock and RLock.
type lock struct {
	class *runtime.Class
	place chan struct{} // full while the lock is held

	mu    sync.Mutex // guards what follows
	owner *thread    // the main thread of the invocation that holds it
	depth int        // how often an RLock is held
}

var (
	lockClass  = newLockClass("lock", false)
	rlockClass = newLockClass("RLock", true)
)

func newLockClass(name string, again bool) *runtime.Class {
	self := func(a args) *lock { return a.Vals[0].(*lock) }
	acquire := func(th *thread, a args) (value, error) { return self(a).acquire(th, again, a.Vals[1], a.Vals[2]) }
	release := func(th *thread, a args) (value, error) { return runtime.None, self(a).release(th, again) }
	m := members(
		define("acquire(self, blocking=True, timeout=-1)", acquire),
		define("release(self)", release),
		define("__enter__(self)", func(th *thread, a args) (value, error) {
			return self(a).acquire(th, again, runtime.True, runtime.NewInt(-1))
		}),
		define("__exit__(self, t, v, tb)", release),
	)
	if !again {
		m["locked"] = define("locked(self)", func(_ *thread, a args) (value, error) { return runtime.NewBool(len(self(a).place) > 0), nil })
	}
	c := runtime.NewNativeClass("_thread", name, m)
	return runtime.Constructor(c, func(_ *thread, cls *runtime.Class, a args) (value, error) {
		if len(a.Vals) > 0 {
			return nil, runtime.Errorf(runtime.TypeError, "%s() takes no arguments (%d given)", name, len(a.Vals))
		}
		return &lock{class: cls, place: make(chan struct{}, 1)}, nil
	})
}

// Class implements runtime.Value.
func (l *lock) Class() *runtime.Class { return l.class }

// Repr is how scripts print a lock.
func (l *lock) Repr(*thread) (string, error) {
	state := "unlocked"
	if len(l.place) > 0 {
		state = "locked"
	}
	return "<" + state + " _thread." + l.class.Name + " object at 0x" + strconv.FormatInt(runtime.ID(l), 16) + ">", nil
}

func (l *lock) acquire(th *thread, again bool, blocking, timeout value) (value, error) {
	if err := th.Work(4 << 10); err != nil {
		return nil, err
	}
	wait, err := patience(th, blocking, timeout)
	if err != nil {
		return nil, err
	}
	if again && l.held(th) {
		l.depth++ // nobody else changes the depth of a lock that th holds
		return runtime.True, nil
	}
	if ok, err := l.take(th, wait); err != nil || !ok {
		return runtime.False, err
	}
	l.mu.Lock()
	l.owner, l.depth = th.Main(), 1
	l.mu.Unlock()
	th.Hold(l)
	return runtime.True, nil
}

// patience is how long to wait: negative for ever.
func patience(th *thread, blocking, timeout value) (time.Duration, error) {
	s, ok := runtime.AsFloat(timeout)
	if !ok {
		return 0, runtime.Errorf(runtime.TypeError, "'%s' object cannot be interpreted as an integer", timeout.Class().Name)
	}
	block, err := runtime.Truth(th, blocking)
	switch {
	case err != nil:
		return 0, err
	case !block && s != -1:
		return 0, runtime.Errorf(runtime.ValueError, "can't specify a timeout for a non-blocking call")
	case s < 0 && s != -1:
		return 0, runtime.Errorf(runtime.ValueError, "timeout value must be positive")
	case s > maxSleep:
		return 0, runtime.Errorf(runtime.OverflowError, "timeout value is too large")
	case s != s:
		return 0, runtime.Errorf(runtime.ValueError, "Invalid value NaN (not a number)")
	case !block:
		return 0, nil
	case s == -1:
		return -1, nil
	}
	return time.Duration(s * float64(time.Second)), nil
}

// take fills the place; false when the time is over. It hears the cancel of the
// invocation.
func (l *lock) take(th *thread, wait time.Duration) (bool, error) {
	select {
	case l.place <- struct{}{}:
		return true, nil
	default:
	}
	if wait == 0 {
		return false, nil
	}
	th.StepAside()
	var over <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case l.place <- struct{}{}:
		return true, nil
	case <-over:
		return false, nil
	case <-th.Context().Done():
		return false, th.Cancelled()
	}
}

func (l *lock) held(th *thread) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owner == th.Main()
}

func (l *lock) release(th *thread, again bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case again && l.owner != th.Main():
		return runtime.Errorf(runtime.RuntimeError, "cannot release un-acquired lock")
	case again && l.depth > 1:
		l.depth--
		return nil
	case l.owner == nil:
		return runtime.Errorf(runtime.RuntimeError, "release unlocked lock")
	}
	th.Drop(l)
	l.owner = nil
	<-l.place
	return nil
}

// Abandon implements runtime.Abandoned.
func (l *lock) Abandon(th *thread) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner != th {
		return false
	}
	l.owner = nil
	<-l.place
	return true
}

// currentThread is what current_thread() gives.
type currentThread struct{ number int64 }

var currentThreadClass = runtime.NewNativeClass("threading", "Thread", runtime.Members{
	"name":  &runtime.Getter{Name: "name", Get: func(_ *thread, v value) (value, error) { return runtime.Str(v.(*currentThread).name()), nil }},
	"ident": &runtime.Getter{Name: "ident", Get: func(_ *thread, v value) (value, error) { return runtime.NewInt(v.(*currentThread).number + 1), nil }},
})

// Class implements runtime.Value.
func (*currentThread) Class() *runtime.Class { return currentThreadClass }

func (t *currentThread) name() string {
	if t.number == 0 {
		return "MainThread"
	}
	return "Thread-" + strconv.FormatInt(t.number, 10)
}
