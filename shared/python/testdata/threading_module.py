import threading
import threading as t
from threading import Lock, RLock, current_thread, get_ident, local, main_thread

lock = Lock()
print(lock.acquire(), lock.locked(), lock.acquire(False), lock.acquire(blocking=False), lock.acquire(timeout=0.01))
lock.release()
print(lock.locked())
with lock as got:
    print(got, lock.locked(), repr(lock)[:28])
print(repr(lock)[:30], type(lock).__name__)
try:
    lock.release()
except RuntimeError as e:
    print(e)
for args in ((False, 1), (True, -5), (True, "x")):
    try:
        lock.acquire(*args)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)

again = RLock()
with again:
    with again:
        print("twice", again.acquire())
        again.release()
try:
    again.release()
except RuntimeError as e:
    print(e)


def guarded(n):
    with lock:
        if n == 0:
            raise ValueError("inside")
        return n


for n in (1, 0, 2):
    try:
        print(guarded(n), lock.locked())
    except ValueError as e:
        print(e, lock.locked())

data = local()
data.user = "ann"
data.count = 1
data.count += 1
print(data.user, data.count, hasattr(data, "other"), sorted(data.__dict__))
del data.user
try:
    data.user
except AttributeError as e:
    print(e)
try:
    del data.user
except AttributeError as e:
    print(type(e).__name__)


class Session(threading.local):
    kind = "session"

    def __init__(self, name, *, size=1):
        self.name, self.size = name, size

    def grow(self):
        self.size += 1
        return self.size

    @property
    def label(self):
        return f"{self.name}:{self.size}"


s = Session("s", size=3)
print(s.name, s.grow(), s.label, s.kind, isinstance(s, local), sorted(vars(s).items()))
s.extra = [1]
s.extra.append(2)
print(s.extra, getattr(s, "nothing", "default"))
print(current_thread().name, main_thread().name, get_ident() == t.get_ident(), current_thread().ident == get_ident())
