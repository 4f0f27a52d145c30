package stdlib

import (
	"slices"
	"sync"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// semaphore is asyncio.Semaphore and Lock. It belongs to the loop of whoever holds it
// or waits for it, and is free again when that loop has ended.
type semaphore struct {
	class   *runtime.Class
	size    int
	lock    bool // asyncio.Lock
	bounded bool

	mu      sync.Mutex
	loop    *runtime.Loop
	free    int
	waiting []*runtime.Future
}

// Class implements runtime.Value.
func (s *semaphore) Class() *runtime.Class { return s.class }

// bind makes the semaphore that of th's loop.
func (s *semaphore) bind(th *thread) (*runtime.Loop, error) {
	l, err := th.Loop()
	if err != nil || s.loop == l {
		return l, err
	}
	if s.loop != nil && !s.loop.Ended() && (s.free < s.size || len(s.waiting) > 0) {
		text, err := runtime.Repr(th, s)
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.RuntimeError, "%s is bound to a different event loop", text)
	}
	s.loop, s.free, s.waiting = l, s.size, nil
	return l, nil
}

// take gets one place, or the future that will be done when it has one.
func (s *semaphore) take(th *thread) (*runtime.Future, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.bind(th)
	if err != nil {
		return nil, err
	}
	if s.free > 0 && !s.queued() {
		s.free--
		return nil, nil
	}
	f := l.NewFuture()
	s.waiting = append(s.waiting, f)
	return f, nil
}

func (s *semaphore) queued() bool {
	for _, f := range s.waiting {
		if !f.Cancelled() {
			return true
		}
	}
	return false
}

func (s *semaphore) acquire(th *thread) (value, error) {
	f, err := s.take(th)
	if err != nil || f == nil {
		return runtime.True, err
	}
	if _, err := f.Await(th); err != nil {
		if f.Done() && !f.Cancelled() {
			s.give()
		}
		s.mu.Lock()
		s.waiting = without(s.waiting, f)
		s.mu.Unlock()
		return nil, err
	}
	return runtime.True, nil
}

// without drops who gave up from those that wait.
func without(waiting []*runtime.Future, f *runtime.Future) []*runtime.Future {
	return slices.DeleteFunc(waiting, func(w *runtime.Future) bool { return w == f })
}

// give hands the place to the first that waits.
func (s *semaphore) give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.waiting) > 0 {
		f := s.waiting[0]
		s.waiting = s.waiting[1:]
		if !f.Done() {
			f.SetResult(runtime.None)
			return
		}
	}
	s.free++
}

func (s *semaphore) locked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.free == 0 && (s.loop == nil || !s.loop.Ended())
}

func (s *semaphore) release(th *thread) (value, error) {
	s.mu.Lock()
	_, err := s.bind(th)
	over := s.free >= s.size
	s.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case over && s.lock:
		return nil, runtime.Errorf(runtime.RuntimeError, "Lock is not acquired.")
	case over && s.bounded:
		return nil, runtime.Errorf(runtime.ValueError, "BoundedSemaphore released too many times")
	}
	s.give()
	return runtime.None, nil
}

func semaphoreMembers() runtime.Members {
	self := func(a args) *semaphore { return a.Vals[0].(*semaphore) }
	return members(
		define("acquire(self)", func(_ *thread, a args) (value, error) { return runtime.NewCoroutine("acquire", self(a).acquire), nil }),
		define("release(self)", func(th *thread, a args) (value, error) { return self(a).release(th) }),
		define("locked(self)", func(_ *thread, a args) (value, error) { return runtime.NewBool(self(a).locked()), nil }),
		define("__aenter__(self)", func(_ *thread, a args) (value, error) {
			s := self(a)
			return runtime.NewCoroutine("__aenter__", func(th *thread) (value, error) {
				_, err := s.acquire(th)
				return runtime.None, err
			}), nil
		}),
		define("__aexit__(self, exc_type, exc, tb)", func(_ *thread, a args) (value, error) {
			return runtime.NewCoroutine("__aexit__", self(a).release), nil
		}),
	)
}

var (
	semaphoreClasses = []*runtime.Class{
		semaphoreClass("Lock", true, true), semaphoreClass("Semaphore", false, false), semaphoreClass("BoundedSemaphore", false, true),
	}
	asyncEventClass = newAsyncEventClass()
)

func semaphoreClass(name string, lock, bounded bool) *runtime.Class {
	c := runtime.NewNativeClass("asyncio.locks", name, semaphoreMembers())
	return runtime.Constructor(c, func(_ *thread, cls *runtime.Class, a args) (value, error) {
		size := int64(1)
		for i, v := range a.Vals {
			n, err := runtime.Index(v)
			if lock || i > 0 || len(a.Names) > 0 && a.Names[0] != "value" {
				return nil, runtime.Errorf(runtime.TypeError, "%s.__init__() got an unexpected argument", name)
			}
			if err != nil {
				return nil, err
			}
			size = n
		}
		if size < 0 {
			return nil, runtime.Errorf(runtime.ValueError, "Semaphore initial value must be >= 0")
		}
		return &semaphore{class: cls, size: int(size), free: int(size), lock: lock, bounded: bounded}, nil
	})
}

// asyncEvent is asyncio.Event.
type asyncEvent struct {
	mu      sync.Mutex
	set     bool
	waiting []*runtime.Future
}

// Class implements runtime.Value.
func (*asyncEvent) Class() *runtime.Class { return asyncEventClass }

func (e *asyncEvent) wait(th *thread) (value, error) {
	l, err := th.Loop()
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	if e.set {
		e.mu.Unlock()
		return runtime.True, nil
	}
	f := l.NewFuture()
	e.waiting = append(e.waiting, f)
	e.mu.Unlock()
	if _, err := f.Await(th); err != nil {
		e.mu.Lock()
		e.waiting = without(e.waiting, f)
		e.mu.Unlock()
		return nil, err
	}
	return runtime.True, nil
}

// raise sets the event and wakes the waiting coroutines of th's own loop.
func (e *asyncEvent) raise(th *thread) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set = true
	for _, f := range e.waiting {
		if f.Reach(th) == nil {
			f.SetResult(runtime.True)
		}
	}
	e.waiting = nil
}

func newAsyncEventClass() *runtime.Class {
	self := func(a args) *asyncEvent { return a.Vals[0].(*asyncEvent) }
	c := runtime.NewNativeClass("asyncio.locks", "Event", members(
		define("set(self)", func(th *thread, a args) (value, error) {
			self(a).raise(th)
			return runtime.None, nil
		}),
		define("clear(self)", func(_ *thread, a args) (value, error) {
			e := self(a)
			e.mu.Lock()
			defer e.mu.Unlock()
			e.set = false
			return runtime.None, nil
		}),
		define("is_set(self)", func(_ *thread, a args) (value, error) {
			e := self(a)
			e.mu.Lock()
			defer e.mu.Unlock()
			return runtime.NewBool(e.set), nil
		}),
		define("wait(self)", func(_ *thread, a args) (value, error) { return runtime.NewCoroutine("wait", self(a).wait), nil }),
	))
	return runtime.Constructor(c, func(_ *thread, _ *runtime.Class, a args) (value, error) {
		if len(a.Vals) > 0 {
			return nil, runtime.Errorf(runtime.TypeError, "Event.__init__() takes 1 positional argument but %d were given", len(a.Vals)+1)
		}
		return &asyncEvent{}, nil
	})
}

func addSynchronization(m runtime.Members) {
	for _, c := range semaphoreClasses {
		m[c.Name] = c
	}
	m["Event"] = asyncEventClass
}
