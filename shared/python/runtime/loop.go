package runtime

import (
	"container/heap"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Loop is the event loop of one invocation. Each coroutine that was started beside
// the running one has a goroutine and a thread of its own, but one of them runs at a
// time: it holds the baton, and with it the budgets of the invocation. Who waits runs
// what is ready itself, and hands the baton to the coroutine whose turn is next, in
// CPython's order: first come first served, timers by their time. Nothing here needs
// a lock but what comes from outside.
type Loop struct {
	main   *Task   // runs on the invocation's own thread
	tasks  []*Task // the others that are not done, by creation
	ready  []handle
	batch  int // how many of ready run before timers are looked at again
	timers timers
	idle   []*Thread // of coroutines that are done
	closed atomic.Bool

	goroutines sync.WaitGroup
	outside    int           // coroutines that wait in Thread.Blocking
	bell       chan struct{} // rings when arrived is not empty
	mu         sync.Mutex    // guards arrived
	arrived    []*Task
}

// handle is a coroutine whose turn has come, or a function of the loop.
type handle struct {
	task *Task
	run  func()
}

// maxSuspended bounds the nested calls of all coroutines that wait, whose Go stacks
// the byte budget does not count; taskBytes is charged for each coroutine.
const (
	maxSuspended = 100_000
	taskBytes    = 16 << 10
)

// Loop is the loop of the coroutine that runs on th.
func (th *Thread) Loop() (*Loop, error) {
	if th.task == nil {
		return nil, Errorf(RuntimeError, "no running event loop")
	}
	return th.task.loop, nil
}

// RunAsync is asyncio.run(): it runs the coroutine as the main one of a new loop, then
// cancels what it left running and waits for that.
func (th *Thread) RunAsync(c *Coroutine) (v Value, err error) {
	if th.task != nil {
		return nil, Errorf(RuntimeError, "asyncio.run() cannot be called from a running event loop")
	}
	th.StepAside()
	l := &Loop{bell: make(chan struct{}, 1)}
	l.main = l.newTask(th, c)
	l.main.th, l.main.started, th.task = th, true, l.main
	defer func() {
		left := l.close(th)
		th.task = nil
		if err == nil {
			err = left
		}
	}()
	return c.Await(th)
}

// Soon runs f in the loop's next round.
func (l *Loop) Soon(f func()) { l.ready = append(l.ready, handle{run: f}) }

// Timer is a function that runs at a time.
type Timer struct {
	at      time.Time
	order   int
	run     func()
	stopped bool
}

// Stop keeps the timer from running.
func (t *Timer) Stop() { t.stopped = true }

// Later runs f after d.
func (l *Loop) Later(d time.Duration, f func()) *Timer {
	t := &Timer{at: time.Now().Add(d), order: l.timers.made, run: f}
	l.timers.made++
	heap.Push(&l.timers, t)
	return t
}

// timers is a heap by time, then by creation.
type timers struct {
	list []*Timer
	made int
}

func (h *timers) Len() int      { return len(h.list) }
func (h *timers) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *timers) Push(x any)    { h.list = append(h.list, x.(*Timer)) }
func (h *timers) Less(i, j int) bool {
	if a, b := h.list[i], h.list[j]; !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return h.list[i].order < h.list[j].order
}

func (h *timers) Pop() any {
	last := len(h.list) - 1
	t := h.list[last]
	h.list[last] = nil
	h.list = h.list[:last]
	return t
}

// next runs what is ready until it is a coroutine's turn. When the invocation must
// end, or nothing can ever be ready again, that is the main one.
func (l *Loop) next(th *Thread) *Task {
	for th.fatal == nil {
		if l.batch == 0 {
			if !l.poll(th) {
				break
			}
			l.batch = len(l.ready)
		}
		h := l.ready[0]
		l.ready[0] = handle{}
		l.ready = l.ready[1:]
		l.batch--
		switch {
		case h.run != nil:
			h.run()
		case !h.task.done:
			return h.task
		}
	}
	return l.main
}

// poll fills ready with what is due, and waits while that is nothing. It is false
// when the invocation must end or nobody is left to wait for.
func (l *Loop) poll(th *Thread) bool {
	for {
		wait := l.collect()
		if len(l.ready) > 0 {
			return true
		}
		if l.outside == 0 && l.timers.Len() == 0 {
			return false
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.bell:
		case <-th.done:
			timer.Stop()
			_ = th.end(ErrCancelled)
			return false
		}
		timer.Stop()
	}
}

// collect moves what is due to ready and gives the time until the next timer.
func (l *Loop) collect() time.Duration {
	if l.outside > 0 {
		l.mu.Lock()
		for _, t := range l.arrived {
			l.ready = append(l.ready, handle{task: t})
		}
		l.outside -= len(l.arrived)
		l.arrived = l.arrived[:0]
		l.mu.Unlock()
	}
	for l.timers.Len() > 0 {
		first := l.timers.list[0]
		if !first.stopped {
			if wait := time.Until(first.at); wait > 0 {
				return wait
			}
			l.Soon(first.run)
		}
		heap.Pop(&l.timers)
	}
	return time.Hour
}

// arrive says that the wait of a coroutine in Thread.Blocking is over.
func (l *Loop) arrive(t *Task) {
	l.mu.Lock()
	l.arrived = append(l.arrived, t)
	l.mu.Unlock()
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// hand gives the baton of from to another coroutine.
func (l *Loop) hand(from *budget, to *Task) {
	if !to.started {
		to.started = true
		to.th = l.thread()
		to.th.task, to.th.budget = to, *from
		l.goroutines.Go(to.run)
		return
	}
	to.th.budget = *from
	to.wake <- struct{}{}
}

// thread makes a thread that shares the invocation's surroundings.
func (l *Loop) thread() *Thread {
	if n := len(l.idle); n > 0 {
		th := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return th
	}
	main := l.main.th
	return &Thread{
		Out: main.Out, Err: main.Err, Host: main.Host, Identity: main.identity(), limits: main.limits, ctx: main.ctx,
		stack: make([]Value, stackSize/4),
	}
}

// close cancels the coroutines that are left and lets them run to their end.
func (l *Loop) close(th *Thread) (err error) {
	l.main.mustCancel = false
	for _, t := range slices.Clone(l.tasks) {
		t.Cancel(nil)
	}
	for len(l.tasks) > 0 && th.fatal == nil {
		all := l.NewFuture()
		left := len(l.tasks)
		for _, t := range l.tasks {
			t.OnDone(func() {
				if left--; left == 0 {
					all.SetResult(None)
				}
			})
		}
		if _, err = all.Await(th); err != nil && th.fatal == nil {
			if end := th.end(ErrCancelled); asException(err).IsA(CancelledError) {
				err = end
			} // or they wait for each other
		}
	}
	for len(l.tasks) > 0 { // each hears why the invocation ends, at the place where it waits
		t := l.tasks[0]
		if !t.started {
			t.finish(nil, NewException(CancelledError))
			continue
		}
		l.hand(&th.budget, t)
		<-l.main.wake
	}
	l.goroutines.Wait()
	if l.main.stop != nil {
		l.main.stop(nil)
	}
	l.closed.Store(true)
	return err
}

// Ended tells whether the invocation of the loop is over.
func (l *Loop) Ended() bool { return l.closed.Load() }

// Tasks are the coroutines that are not done, the main one first.
func (l *Loop) Tasks() []*Task { return append([]*Task{l.main}, l.tasks...) }
