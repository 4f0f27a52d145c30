package stdlib_test

import (
	"sync"
	"testing"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestSharedCollections: users change what a class holds; nothing is lost.
func TestSharedCollections(t *testing.T) {
	t.Parallel()
	prog, err := python.Compile("pool.py", []byte(`
import itertools
from collections import Counter, OrderedDict, defaultdict, deque
from functools import lru_cache
class Pool:
    ids = itertools.count()
    turn = itertools.cycle(["a", "b"])
    done = deque()
    recent = deque(maxlen=3)
    seen = Counter()
    by = defaultdict(list)
    order = OrderedDict()
@lru_cache(maxsize=8)
def square(n):
    return n * n
def task(n):
    i = next(Pool.ids)
    Pool.done.append(i)
    Pool.recent.append([i])
    Pool.seen.update(["n", next(Pool.turn)])
    Pool.by[n % 2].append(i)
    Pool.order[i] = n
    Pool.order.move_to_end(i)
    return square(n % 20)
def check():
    n = len(Pool.done)
    return (n, len(set(Pool.done)), Pool.seen["n"], Pool.seen["a"], sum(len(v) for v in Pool.by.values()), len(Pool.order), len(Pool.recent), square.cache_info().currsize) == (800, 800, 800, 400, 800, 800, 3, 8)
`), python.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := prog.Load(t.Context(), runtime.NewThread(runtime.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			th := runtime.NewThread(runtime.Limits{})
			for i := range 100 {
				v, err := th.Call(t.Context(), m.Get("task"), []runtime.Value{runtime.NewInt(int64(i))})
				if n := int64(i % 20); err != nil || v != runtime.NewInt(n*n) {
					t.Errorf("task(%d) gave %v, %v", i, v, err)
				}
			}
		})
	}
	users.Wait()
	if v, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("check"), nil); err != nil || v != runtime.True {
		t.Errorf("the counts do not agree: %v, %v", v, err)
	}
}
