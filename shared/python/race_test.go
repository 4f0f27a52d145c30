package python_test

import (
	"sync"
	"testing"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestEightUsersShareValues: each operation on what users share is atomic, and a
// sequence of them is under a lock.
func TestEightUsersShareValues(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
import os, threading
LOCK = threading.Lock()
LIST, DICT, SET, GEN = [], {}, set(), (i for i in range(800))
class Account:
    total = 0
    log = []
    def __init__(self): self.seen = {}
BANK = Account()
def counter():
    n = 0
    def add():
        nonlocal n
        n += 1
        return n
    return add
ADD = counter()
def task(user):
    for i in range(100):
        LIST.append((user, i))
        DICT[user, i] = [i]
        SET.add(i)
        os.environ[f"U{user}_{i}"] = str(i)
        BANK.seen[user] = i
        Account.log.append(user)
        Account.last = BANK
        DICT[user, i].append(next(GEN))
        with LOCK:
            Account.total += 1
            ADD()
        sum(v[0] for v in list(DICT.values())), len(LIST), i in SET, sorted(BANK.seen), str(LIST[-1])
def check():
    return len(LIST), len(DICT), len(SET), Account.total, ADD(), len(BANK.seen), len(Account.log), sum(v[1] for v in DICT.values())
`)
	var users sync.WaitGroup
	for u := range 8 {
		users.Go(func() {
			if _, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("task"), []runtime.Value{runtime.NewInt(int64(u))}); err != nil {
				t.Errorf("user %d: %v", u, err)
			}
		})
	}
	users.Wait()
	th := runtime.NewThread(runtime.Limits{})
	v, err := th.Call(t.Context(), m.Get("check"), nil)
	if err != nil {
		t.Fatal(err)
	}
	// 8 users of 100 rounds; the generator's numbers 0…799 are each taken once.
	if text, _ := runtime.Repr(th, v); text != "(800, 800, 100, 800, 801, 8, 800, 319600)" {
		t.Errorf("got %s", text)
	}
}
