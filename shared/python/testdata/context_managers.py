log = []
class CM:
    def __init__(self, n, swallow=False, fail_enter=False, fail_exit=False): self.n, self.s, self.fe, self.fx = n, swallow, fail_enter, fail_exit
    def __enter__(self):
        log.append(("in", self.n))
        if self.fe: raise RuntimeError("enter " + self.n)
        return self
    def __exit__(self, t, v, tb):
        log.append(("out", self.n, t.__name__ if t else None))
        if self.fx: raise RuntimeError("exit " + self.n)
        return self.s
def show():
    print(log); log.clear()
with CM("a"), CM("b") as b: log.append(b.n)
show()
with (CM("p") as p, CM("q")): pass
show()
try:
    with CM("a"), CM("b", fail_enter=True): log.append("never")
except RuntimeError as e: log.append(str(e))
show()
try:
    with CM("a", fail_exit=True): raise KeyError("k")
except RuntimeError as e: log.append((str(e), repr(e.__context__)))
show()
with CM("a", swallow=True):
    with CM("b"): 1 / 0
show()
def f():
    with CM("r"):
        return "value"
log.append(f()); show()
def g():
    for i in range(3):
        with CM(str(i)):
            if i == 0: continue
            if i == 1: break
g(); show()
class Tx:
    depth = 0
    def __enter__(self): Tx.depth += 1; return Tx.depth
    def __exit__(self, *e): Tx.depth -= 1
with Tx() as d1, Tx() as d2: print(d1, d2)
print(Tx.depth)
with CM("x") as (y): print(y.n)
class Pair:
    def __enter__(self): return 1, 2
    def __exit__(self, *a): return False
with Pair() as (m, n): print(m, n)
holder = {}
with Pair() as holder["k"]: print(holder)
try:
    with CM("z") as z:
        with CM("w", swallow=False):
            raise ValueError("deep")
except ValueError as e: print(e)
show()
