package strand

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
)

const never = time.Duration(math.MaxInt64)

// trimEvery is how often half of the strands that nobody needed meanwhile are given up.
const trimEvery = time.Second

// freshFor is how many strands the loop begins before it looks again at what has happened.
const freshFor = 32

// Within these limits the loop prefers one thing to another.
const (
	overdue    = 2 * time.Millisecond  // after which the pacer comes before what is posted
	patience   = 5 * time.Millisecond  // with which the loop is waited for to be idle
	sweepPause = 100 * time.Nanosecond // for each strand that waits, between two looks at their deadlines
	mostTrim   = 256                   // strands that are given up at once
)

// Loop runs strands on the goroutine that waits for it as an alarm. Post, Unwatch, Ring, Interrupt and Close are safe for concurrent
// use, the other methods are for that goroutine and for strands on the loop.
type Loop struct {
	clock    pacer.Clock
	watcher  pacer.Watcher
	watches  []*Watch      // by descriptor
	waiting  []*Strand     // for sockets
	round    uint64        // of looking for what has happened
	seen     uint64        // the newest round in which all was told
	due      []*Strand     // of a sweep
	soonest  time.Duration // no deadline of those that wait is before
	free     []*Strand     // the one that worked last on top
	spare    int           // least number of them since the last trim
	trimmed  time.Duration
	yielded  time.Duration  // when other goroutines last had their turn
	carriers sync.WaitGroup // of strands that have left

	interrupted atomic.Bool
	asleep      atomic.Bool // or about to be: what is posted needs a ring to be seen

	mu     sync.Mutex
	works  []func(*Strand) // that were posted
	idle   []func()        // that wait for the loop to be idle
	since  time.Duration   // when the first of these was asked for
	posted []*Strand       // that wait no longer for others
	back   []*Strand       // that had left and have returned

	begun  []func(*Strand) // swapped with works
	awake  []*Strand       // swapped with posted
	rested []func()        // swapped with idle
}

// New returns a loop on top of an alarm, and the loop as an alarm in its place. If the alarm watches no sockets there can be no loop:
// it returns nil and the alarm itself.
func New(alarm pacer.Alarm, clock pacer.Clock) (*Loop, pacer.Alarm) {
	watcher, ok := alarm.(pacer.Watcher)
	if !ok {
		return nil, alarm
	}
	l := &Loop{clock: clock, watcher: watcher, soonest: never, trimmed: clock.Now()}
	return l, l
}

// Go runs work in a strand until it waits, leaves, or returns.
func (l *Loop) Go(work func(*Strand)) {
	s := l.take()
	s.work, s.onLoop = work, true
	l.switchTo(s)
}

// Post has the loop Go soon.
func (l *Loop) Post(work func(*Strand)) {
	l.mu.Lock()
	l.works = append(l.works, work)
	l.mu.Unlock()
	l.wake()
}

// Idle has the loop call work once, when it has told of all that has come in and would have to wait, or when so much comes in that this
// takes too long.
func (l *Loop) Idle(work func()) {
	l.mu.Lock()
	if len(l.idle) == 0 {
		l.since = l.clock.Now()
	}
	l.idle = append(l.idle, work)
	l.mu.Unlock()
	l.wake()
}

// rest does what is to be done when the loop is idle, if it is, and reports whether there was something to do.
func (l *Loop) rest() bool {
	l.mu.Lock()
	some, since := len(l.idle) > 0, l.since
	l.mu.Unlock()
	if !some {
		return false
	}
	if !l.look() || l.clock.Now()-since > patience {
		l.asleep.Store(false)
		l.mu.Lock()
		l.idle, l.rested = l.rested[:0], l.idle
		l.mu.Unlock()
		for i, work := range l.rested {
			l.rested[i] = nil
			work()
		}
	}
	return true
}

// look tells of what has happened, without waiting.
func (l *Loop) look() (told bool) {
	l.round++
	told, all := l.watcher.Poll(l.tell)
	if all {
		l.seen = l.round
	}
	return told
}

func (l *Loop) wake() {
	if l.asleep.Load() {
		l.Ring()
	}
}

func (l *Loop) take() *Strand {
	if len(l.free) == 0 {
		l.mu.Lock()
		l.free, l.back = l.back, l.free
		l.mu.Unlock()
	}
	last := len(l.free) - 1
	if last < 0 {
		l.spare = 0
		return newStrand(l)
	}
	s := l.free[last]
	l.free[last] = nil
	l.free = l.free[:last]
	l.spare = min(l.spare, last)
	return s
}

// giveBack takes a strand that had left and has returned.
func (l *Loop) giveBack(s *Strand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.back = append(l.back, s)
}

// switchTo runs a strand until it switches back.
func (l *Loop) switchTo(s *Strand) {
	switch state, _ := s.resume(); state {
	case waits:
	case left:
		l.carriers.Add(1)
		go s.carry()
	case returned:
		l.free = append(l.free, s)
	}
}

// Watch begins to watch a socket, until its descriptor is closed.
func (l *Loop) Watch(fd int) (*Watch, error) {
	if err := l.watcher.Watch(fd); err != nil {
		return nil, err
	}
	for len(l.watches) <= fd {
		l.watches = append(l.watches, nil)
	}
	w := &Watch{round: l.round} // of what was before nothing is told yet
	l.watches[fd] = w
	return w, nil
}

// Unwatch ends what Watch began. It is safe for concurrent use.
func (l *Loop) Unwatch(fd int) { l.watcher.Unwatch(fd) }

// tell notes what has happened on a socket, which may have been closed meanwhile and its descriptor be that of another.
func (l *Loop) tell(fd int, ended bool) {
	if fd >= len(l.watches) || l.watches[fd] == nil {
		return
	}
	w := l.watches[fd]
	w.told, w.ended = true, w.ended || ended
	if w.strand != nil {
		l.asleep.Store(false)
		l.switchTo(w.strand)
	}
}

// Wait implements pacer.Alarm. Meanwhile strands go on. It may also return when the deadline of one has come.
func (l *Loop) Wait(until time.Duration) {
	for over := false; !over; {
		for more := true; more && l.clock.Now()-overdue < until; {
			l.asleep.Store(true)
			more = l.attend() || l.rest()
		}
		l.yield()
		l.round++
		var all bool
		if over, all = l.watcher.Serve(min(until, l.soonest), l.tell); all {
			l.seen = l.round
		}
		l.asleep.Store(false)
	}
	now := l.clock.Now()
	if l.interrupted.Swap(false) {
		l.sweep(never)
	} else if now >= l.soonest {
		l.sweep(now)
	}
	l.trim(now)
}

// yieldEvery is less than the 10 ms after which the Go runtime would take the processor from a goroutine that has not been scheduled
// anew, in the middle of whatever it does. That would also keep the runtime's monitoring thread awake, at 2 % of a processor.
const yieldEvery = 5 * time.Millisecond

// yield gives other goroutines their turn now that the loop is about to wait, if they had none lately.
func (l *Loop) yield() {
	if now := l.clock.Now(); now-l.yielded >= yieldEvery {
		runtime.Gosched()
		l.yielded = now
	}
}

// sweep resumes the strands whose deadline has come.
func (l *Loop) sweep(now time.Duration) {
	l.due, l.soonest = l.due[:0], never
	for _, s := range l.waiting {
		if s.deadline <= now {
			l.due = append(l.due, s)
		} else {
			l.soonest = min(l.soonest, s.deadline)
		}
	}
	if now != never {
		l.soonest = max(l.soonest, now+time.Duration(len(l.waiting))*sweepPause)
	}
	for i, s := range l.due {
		l.due[i] = nil
		l.switchTo(s)
	}
}

func (l *Loop) enlist(s *Strand) {
	s.place = len(l.waiting)
	l.waiting = append(l.waiting, s)
	l.soonest = min(l.soonest, s.deadline)
}

func (l *Loop) strike(s *Strand) {
	last := len(l.waiting) - 1
	l.waiting[s.place] = l.waiting[last]
	l.waiting[s.place].place = s.place
	l.waiting[last] = nil
	l.waiting = l.waiting[:last]
}

// post has a strand resumed that waits for others.
func (l *Loop) post(s *Strand) {
	l.mu.Lock()
	l.posted = append(l.posted, s)
	l.mu.Unlock()
	l.wake()
}

// attend does what was posted, and reports whether something was.
func (l *Loop) attend() bool {
	l.mu.Lock()
	l.works, l.begun = l.begun[:0], l.works
	l.posted, l.awake = l.awake[:0], l.posted
	l.mu.Unlock()
	if len(l.awake)+len(l.begun) == 0 {
		return false
	}
	l.asleep.Store(false)
	for i, s := range l.awake {
		l.awake[i] = nil
		l.switchTo(s)
	}
	for i, work := range l.begun {
		if i%freshFor == 0 {
			l.look() // so that none of these uses a socket that was closed before it was posted
		}
		l.begun[i] = nil
		l.Go(work)
	}
	return true
}

// trim gives up strands that were not needed lately.
func (l *Loop) trim(now time.Duration) {
	if now-l.trimmed < trimEvery {
		return
	}
	n := min(l.spare, len(l.free), 2*mostTrim) / 2
	for _, s := range l.free[:n] {
		s.stop()
	}
	l.free = append(l.free[:0], l.free[n:]...)
	l.spare, l.trimmed = len(l.free), now
}

// Ring implements pacer.Alarm.
func (l *Loop) Ring() { l.watcher.Ring() }

// Interrupt has every strand that waits for a socket look at it again, as it may have been closed.
func (l *Loop) Interrupt() {
	l.interrupted.Store(true)
	l.Ring()
}

// Close implements pacer.Alarm. All strands must have returned, or be about to in goroutines of their own.
func (l *Loop) Close() {
	l.carriers.Wait()
	for _, s := range append(l.free, l.back...) {
		s.stop()
	}
	l.free, l.back = nil, nil
	l.watcher.Close()
}
