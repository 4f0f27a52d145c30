package runtime

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
)

// What ended an invocation from outside; errors.Is finds them in a call's error.
var (
	ErrStepLimit   = errors.New("step limit reached")
	ErrMemoryLimit = errors.New("memory limit reached")
	ErrCancelled   = errors.New("cancelled")
)

// Defaults and fixed caps.
const (
	defaultSteps = 50_000_000
	defaultBytes = 256 << 20
	defaultDepth = 1000 // CPython's recursion limit

	checkEvery = 1024     // steps between two looks at the cancel signal
	graceSteps = 20_000   // steps that finally blocks get after a limit or cancel
	stackSize  = 256      // initial stack of a thread, in values
	longBytes  = 64 << 10 // an allocation that counts as work, too
	keptStack  = 64_000   // values of a stack that is lent again
)

// Limits bound one invocation. A zero field means the default.
type Limits struct {
	Steps int64 // calls and loop rounds: 50 million
	Bytes int64 // bytes allocated in all, not live ones: 256 MiB
	Depth int   // nested calls: 1000
}

// Thread is an interpreter stack with the budgets of the invocation it runs. It
// serves one goroutine at a time.
type Thread struct {
	// Out receives print's text; nil drops it.
	Out io.Writer
	// Err receives what goes to stderr: logging, traceback.print_exc. nil means Out.
	Err io.Writer
	// Host is for the embedding program; natives read it.
	Host any
	// Identity is the virtual user that runs; nil for the main thread.
	Identity *Identity

	limits Limits
	ctx    context.Context //nolint:containedctx // the invocation's, for sleeping natives
	budget
	depth   int
	natives int // native calls within each other

	stack  []Value
	sp     int
	frames []*Frame

	keys     [64]Value  // JSON keys seen lately, to box each once
	room     jsonRoom   // of the JSON parser
	handling *Exception // the exception an except clause is handling
	task     *Task      // the coroutine that runs beside others, nil outside
}

// budget is what all coroutines of an invocation share: it goes from thread to thread
// with the baton.
type budget struct {
	done      <-chan struct{}
	quota     int64 // steps until the next check
	stepsOut  int64 // steps left after quota
	bytes     int64 // bytes left
	fatal     error // why the invocation must end
	held      []Abandoned
	tasks     int // coroutines started so far
	suspended int // nested calls of the coroutines that wait
	seed      [2]uint64
	random    *rand.Rand
	generator any // what a script's own seed left
}

// NewThread makes a thread; one costs a few kilobytes.
func NewThread(limits Limits) *Thread {
	if limits.Steps <= 0 {
		limits.Steps = defaultSteps
	}
	if limits.Bytes <= 0 {
		limits.Bytes = defaultBytes
	}
	if limits.Depth <= 0 {
		limits.Depth = defaultDepth
	}
	th := &Thread{limits: limits, stack: make([]Value, stackSize)}
	th.begin(context.Background())
	th.Seed(rand.Uint64(), rand.Uint64()) //nolint:gosec // load data, not secrets
	return th
}

// begin starts the budgets anew.
func (th *Thread) begin(ctx context.Context) {
	th.ctx, th.done = ctx, ctx.Done()
	th.quota = min(checkEvery, th.limits.Steps)
	th.stepsOut = th.limits.Steps - th.quota
	th.bytes = th.limits.Bytes
	th.fatal, th.handling, th.task, th.depth, th.natives, th.tasks, th.suspended = nil, nil, nil, 0, 0, 0, 0
}

// Seed restarts the state behind the random module; it does not allocate.
func (th *Thread) Seed(a, b uint64) {
	th.seed = [2]uint64{a, b}
	th.random, th.generator = nil, nil
}

// Random is the thread's own source.
func (th *Thread) Random() *rand.Rand {
	if th.random == nil {
		th.random = rand.New(rand.NewPCG(th.seed[0], th.seed[1])) //nolint:gosec // load data, not secrets
	}
	return th.random
}

// Generator is what SetGenerator left since the last Seed, nil without.
func (th *Thread) Generator() any { return th.generator }

// SetGenerator keeps the random module's state after a script's own seed.
func (th *Thread) SetGenerator(g any) { th.generator = g }

// Context is that of the invocation that runs. Natives that wait must hear it and
// then return th.Cancelled().
func (th *Thread) Context() context.Context {
	if t := th.task; t != nil && len(t.loop.tasks) > 0 {
		return t.context()
	}
	return th.ctx
}

// Stderr is where errors and logs go; nil drops them.
func (th *Thread) Stderr() io.Writer {
	if th.Err != nil {
		return th.Err
	}
	return th.Out
}

// Blocking runs wait, in which native code waits for something outside: the
// coroutines that were started beside the running one go on meanwhile. wait may run
// on another goroutine and must touch nothing of th; it hears the Context that th had
// before.
func (th *Thread) Blocking(wait func()) {
	if th.Accompanied() {
		th.task.block(wait)
		return
	}
	wait()
}

// Accompanied reports whether there are coroutines that could go on while this one waits. A
// native that waits often asks first, and makes a function for Blocking only then.
func (th *Thread) Accompanied() bool {
	return th.task != nil && th.fatal == nil && len(th.task.loop.tasks) > 0
}

// Step counts one call or loop round.
func (th *Thread) Step() error {
	th.quota--
	if th.quota >= 0 {
		return nil
	}
	return th.refill()
}

// Steps counts n calls or loop rounds.
func (th *Thread) Steps(n int) error {
	th.quota -= int64(n)
	if th.quota >= 0 {
		return nil
	}
	return th.refill()
}

// work counts n units of an operation that is long in itself, as the bytes of a
// string to be searched: a step for each 1024.
func (th *Thread) work(n int) error {
	return th.Steps(n >> 10)
}

// A Bystander is a Host that is told when an invocation takes longer than others would want to wait for it: after 1024 steps, about
// 40 µs, and whenever it has to wait for something itself.
type Bystander interface{ Aside() }

// StepAside tells the Host, if it is a Bystander. Natives call it before they wait.
func (th *Thread) StepAside() {
	if b, ok := th.Host.(Bystander); ok {
		b.Aside()
	}
}

// refill looks at the cancel signal and hands out the next steps.
func (th *Thread) refill() error {
	th.StepAside()
	if th.fatal != nil {
		return th.end(th.fatal)
	}
	select {
	case <-th.done:
		return th.Cancelled()
	default:
	}
	th.stepsOut += th.quota + 1 // what work took beyond the quota
	if th.stepsOut <= 0 {
		return th.end(ErrStepLimit)
	}
	th.quota = min(checkEvery, th.stepsOut) - 1
	th.stepsOut -= th.quota + 1
	return nil
}

// Cancelled ends the invocation, or only the coroutine when that was cancelled;
// natives return it when the context is done.
func (th *Thread) Cancelled() error {
	if t := th.task; t != nil && th.fatal == nil && th.ctx.Err() == nil {
		if err := t.interrupted(); err != nil {
			return err
		}
	}
	return th.end(ErrCancelled)
}

// end makes the exception that no except clause catches. The first time, finally
// blocks get a grace budget; after that they end at once.
func (th *Thread) end(why error) error {
	class := cancelledClass
	if errors.Is(why, ErrStepLimit) {
		class = stepLimitClass
	}
	if th.fatal == nil {
		th.fatal = why
		th.quota, th.stepsOut, th.done = graceSteps, 0, nil
	}
	e := NewException(class, Str(why.Error()))
	e.fatal = why
	return e
}

// Alloc charges n bytes before they are allocated.
func (th *Thread) Alloc(n int) error {
	if int64(n) > th.bytes {
		e := NewException(MemoryError)
		e.cause = ErrMemoryLimit
		return e
	}
	th.bytes -= int64(n)
	if n >= longBytes { // filling it takes its time
		return th.work(n)
	}
	return nil
}

// AllocMany charges count items of size bytes each; it does not overflow.
func (th *Thread) AllocMany(count, size int) error {
	if count > 0 && size > 0 && int64(count) > th.bytes/int64(size) {
		return th.OutOfMemory()
	}
	return th.Alloc(count * size)
}

// enter counts a level of nesting: a call, or a step into a nested container.
func (th *Thread) enter(doing string) error {
	if th.depth >= th.limits.Depth {
		return Errorf(RecursionError, "maximum recursion depth exceeded%s", doing)
	}
	th.depth++
	return nil
}

func (th *Thread) leave() { th.depth-- }

// reserve takes n values from the stack; release gives the newest n back.
func (th *Thread) reserve(n int) []Value {
	if th.sp+n > len(th.stack) {
		// Slices handed out before keep the old array, which nothing else uses.
		th.stack = make([]Value, max(2*len(th.stack), th.sp+n))
	}
	s := th.stack[th.sp : th.sp+n : th.sp+n]
	th.sp += n
	return s
}

func (th *Thread) release(s []Value) {
	clear(s)
	th.sp -= len(s)
}

// Reserve and Release are for compiled code, which pairs them strictly.
func (th *Thread) Reserve(n int) []Value { return th.reserve(n) }

// Release gives back what Reserve gave, newest first.
func (th *Thread) Release(s []Value) { th.release(s) }

// ThreadPool lends threads to goroutines that run a task.
type ThreadPool struct {
	limits Limits
	pool   sync.Pool
}

// NewThreadPool makes a pool of threads with the same limits.
func NewThreadPool(limits Limits) *ThreadPool { return &ThreadPool{limits: limits} }

// Get borrows a thread.
func (p *ThreadPool) Get() *Thread {
	if th, ok := p.pool.Get().(*Thread); ok {
		return th
	}
	return NewThread(p.limits)
}

// Put gives a thread back; what it refers to is dropped.
func (p *ThreadPool) Put(th *Thread) {
	th.Out, th.Err, th.Host, th.Identity, th.handling = nil, nil, nil, nil, nil
	th.ctx, th.done = context.Background(), nil
	if len(th.stack) > keptStack {
		th.stack = make([]Value, stackSize)
	}
	p.pool.Put(th)
}

// OutOfMemory is the error of what would never fit the budget.
func (th *Thread) OutOfMemory() error { return th.Alloc(int(th.bytes) + 1) }

// Enter counts a level of nesting in native code that recurses over values; Leave
// ends it. The error is RecursionError.
func (th *Thread) Enter() error { return th.enter("") }

// Leave ends what Enter began.
func (th *Thread) Leave() { th.leave() }
