package python_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

// withWaiter loads a file that may call host.wait(name), a native that waits for
// something outside.
func withWaiter(t *testing.T, src string, wait func(ctx context.Context, name string)) *runtime.Module {
	t.Helper()
	prog, err := python.Compile("async.py", []byte(src), python.Config{Modules: map[string]stdlib.Factory{
		"host": func(stdlib.Host) *runtime.Module {
			return runtime.NewModule("host", runtime.Members{
				"wait": runtime.NewNative("wait(name)", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
					name, _ := runtime.AsStr(a.Vals[0])
					ctx := th.Context()
					th.Blocking(func() { wait(ctx, name) })
					if ctx.Err() != nil {
						return nil, th.Cancelled()
					}
					return runtime.Str(name), nil
				}),
			})
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := prog.Load(t.Context(), runtime.NewThread(runtime.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGatheredCoroutinesWaitTogether: each of three waits ends only when all three
// have begun.
func TestGatheredCoroutinesWaitTogether(t *testing.T) {
	t.Parallel()
	began, all := make(chan string, 3), make(chan struct{})
	go func() {
		for range 3 {
			<-began
		}
		close(all)
	}()
	m := withWaiter(t, `
import asyncio, host
async def one(name):
    return host.wait(name)
async def task():
    return await asyncio.gather(one("a"), one("b"), one("c"))
`, func(ctx context.Context, name string) {
		began <- name
		select {
		case <-all:
		case <-ctx.Done():
		}
	})
	th := runtime.NewThread(runtime.Limits{})
	v, err := th.Call(t.Context(), m.Get("task"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := runtime.Repr(th, v); text != "['a', 'b', 'c']" {
		t.Errorf("got %s", text)
	}
}

// TestCancelledTaskEndsItsWait: task.cancel() ends what the coroutine waits for outside,
// and nothing else.
func TestCancelledTaskEndsItsWait(t *testing.T) {
	t.Parallel()
	m := withWaiter(t, `
import asyncio, host
async def one():
    try:
        return host.wait("ever")
    except asyncio.CancelledError:
        return "cancelled"
async def task():
    t = asyncio.create_task(one())
    await asyncio.sleep(0)
    t.cancel()
    first = await t
    try:
        await asyncio.wait_for(one(), 0.001)
    except asyncio.TimeoutError:
        first += " timeout"
    return first
`, func(ctx context.Context, _ string) { <-ctx.Done() })
	v, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("task"), nil)
	if err != nil || v != runtime.Str("cancelled") {
		t.Errorf("got %v, %v", v, err)
	}
}

// TestEndReachesAllCoroutines: a stop or a limit unwinds every coroutine, wherever it
// waits, and their finally blocks run.
func TestEndReachesAllCoroutines(t *testing.T) {
	t.Parallel()
	m := withWaiter(t, `
import asyncio, host, time
async def waits(how):
    try:
        print("begin")
        if how == 0:
            await asyncio.sleep(1000)
        elif how == 1:
            host.wait("ever")
        elif how == 2:
            await asyncio.Event().wait()
        else:
            await asyncio.gather(waits(0), waits(1))
    except BaseException:
        print("caught")
    finally:
        print("finally")
async def last(how):
    await asyncio.sleep(0)
    host.wait("ready")
    if how == "time":
        time.sleep(1000)
    if how == "loop":
        while True: pass
    if how == "memory":
        "x" * 10**12
    if how == "exit":
        return
    await asyncio.sleep(1000)
async def task(how):
    for i in range(4):
        asyncio.create_task(waits(i))
    await last(how)
`, func(ctx context.Context, name string) {
		if name == "ever" {
			<-ctx.Done()
		}
	})
	for how, want := range map[string]error{
		"sleep": runtime.ErrCancelled, "time": runtime.ErrCancelled, "loop": runtime.ErrStepLimit, "memory": runtime.ErrMemoryLimit, "exit": nil,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out strings.Builder
			th := runtime.NewThread(runtime.Limits{Steps: 100_000, Bytes: 1 << 20})
			th.Out = &out
			if errors.Is(want, runtime.ErrCancelled) {
				time.AfterFunc(20*time.Millisecond, cancel)
			}
			_, err := th.Call(ctx, m.Get("task"), []runtime.Value{runtime.Str(how)})
			if !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			begun, ended := strings.Count(out.String(), "begin"), strings.Count(out.String(), "finally")
			if begun != 6 || ended != begun {
				t.Errorf("%d coroutines began and %d ended", begun, ended)
			}
		})
	}
}

// TestDeadlockOfCoroutines: what nothing can end is an error, not a wait for ever.
func TestDeadlockOfCoroutines(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
import asyncio
async def forever():
    try:
        await asyncio.Event().wait()
    finally:
        print("ended")
async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
async def task(f):
    asyncio.create_task(f())
    await forever()
`)
	for _, name := range []string{"forever", "stubborn"} {
		_, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("task"), []runtime.Value{m.Get(name)})
		if err == nil || !strings.Contains(err.Error(), "deadlock") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestLockEndsWithItsInvocation: a user that crashes with a lock in hand does not stop
// the others, and stderr says what happened.
func TestLockEndsWithItsInvocation(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
import threading
LOCK, AGAIN = threading.Lock(), threading.RLock()
def crash():
    LOCK.acquire()
    AGAIN.acquire()
    AGAIN.acquire()
    raise ValueError("in the middle")
def task():
    with LOCK, AGAIN:
        return "free"
def twice():
    LOCK.acquire()
    LOCK.acquire()
`)
	var told strings.Builder
	th := runtime.NewThread(runtime.Limits{})
	th.Err = &told
	if _, err := th.Call(t.Context(), m.Get("crash"), nil); err == nil {
		t.Fatal("no error")
	}
	if n := strings.Count(told.String(), "a lock was released"); n != 2 {
		t.Errorf("stderr tells of %d locks: %q", n, told.String())
	}
	if v, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("task"), nil); err != nil || v != runtime.Str("free") {
		t.Errorf("got %v, %v", v, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := th.Call(ctx, m.Get("twice"), nil); !errors.Is(err, runtime.ErrCancelled) {
		t.Errorf("a deadlock of one user: %v", err)
	}
	if v, err := th.Call(t.Context(), m.Get("task"), nil); err != nil || v != runtime.Str("free") {
		t.Errorf("after the deadlock: %v, %v", v, err)
	}
}

// TestLocalIsPerUser: threading.local has attributes for each user, which last from one
// invocation to the next; __init__ runs once for each.
func TestLocalIsPerUser(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
import threading
class Session(threading.local):
    def __init__(self, start):
        self.n = start
S = Session(10)
S.n = 99
def task():
    S.n += 1
    return S.n, threading.get_ident(), threading.current_thread().name
`)
	th := runtime.NewThread(runtime.Limits{})
	users := []*runtime.Identity{{Number: 1}, {Number: 2}}
	for round := range 3 {
		for _, u := range users {
			th.Identity = u
			v, err := th.Call(t.Context(), m.Get("task"), nil)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := runtime.Repr(th, v)
			want := map[int64]string{1: ", 2, 'Thread-1')", 2: ", 3, 'Thread-2')"}[u.Number]
			if want = "(" + runtime.FormatInt(11+round) + want; text != want {
				t.Errorf("round %d: got %s, want %s", round, text, want)
			}
		}
	}
}

// TestWaitsThatFail: a coroutine whose wait failed goes on, and what it waited for wakes
// nobody else when it comes.
func TestWaitsThatFail(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
import asyncio, time
async def deep(n, wait):
    return await (deep(n - 1, wait) if n else wait())
async def nested(ev, how, failed):
    try:
        await deep(900, ev.wait if how == "event" else lambda: asyncio.sleep(0))
    except MemoryError:
        failed.append(1)
async def memory(how):
    ev, failed = asyncio.Event(), []
    tasks = [asyncio.create_task(nested(ev, how, failed)) for _ in range(130)]
    await asyncio.sleep(0.01)
    ev.set()
    await asyncio.sleep(0.01)
    for t in tasks:
        await t
    return len(failed) > 0
async def event():
    return await memory("event")
async def pause():
    return await memory("pause")
async def cleans(ev, log):
    try:
        await ev.wait()
    finally:
        await asyncio.sleep(0.001)
        log.append("cleaned")
LOG = []
async def deadlock():
    t = asyncio.create_task(cleans(asyncio.Event(), LOG))
    try:
        await t
    except RuntimeError:
        LOG.append("deadlock")
    await asyncio.sleep(0.001)
    t.cancel()
    await asyncio.sleep(0.01)
    return LOG == ["deadlock", "cleaned"]
async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
async def left():
    asyncio.create_task(stubborn())
    await asyncio.sleep(0)
async def cancelled():
    time.sleep(0.001)
    asyncio.current_task().cancel()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        time.sleep(0.001)
        return True
async def goes_on():
    other = asyncio.create_task(asyncio.sleep(0.01))
    result = await asyncio.create_task(cancelled())
    await other
    return result
`)
	for _, name := range []string{"event", "pause", "deadlock", "goes_on"} {
		v, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get(name), nil)
		if err != nil || (v != runtime.True && name != "pause") {
			t.Errorf("%s: got %v, %v", name, v, err)
		}
	}
	_, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("left"), nil)
	if err == nil || !strings.Contains(err.Error(), "deadlock") || errors.Is(err, runtime.ErrCancelled) {
		t.Errorf("what cannot end: got %v", err)
	}
}
