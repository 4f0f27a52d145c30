x = "global"
def f():
    x = "local"
    class C:
        x = "class"
        y = x
        def m(self):
            return x
        z = [x for _ in range(1)]
    return C.y, C().m(), C.z, C.x
print(f())
class D:
    a = 1
    b = a + 1
    c = [i for i in range(b)]
    def get(self): return self.a, D.b
    if b > 1:
        cond = "yes"
    for k in range(2):
        pass
    try:
        del a
    except NameError:
        pass
    def __init__(self): self.a = 9
print(D.b, D.c, D.cond, D.k, D().get())
def outer():
    v = 1
    def mid():
        def inner():
            nonlocal v
            v += 1
            return v
        return inner
    i = mid()
    i(); i()
    return v
print(outer())
def g():
    global NEWG
    NEWG = 5
    def h(): return NEWG
    return h()
print(g(), NEWG)
def shadow(list, str=5): return list, str
print(shadow(1))
len = lambda x: "my len"
print(len([1])); del len; print(len([1, 2]))
def comp(): 
    n = 3
    return [n * i for i in range(n)], {i: n for i in range(1)}, list(n for _ in range(2)), [[n + j for j in range(2)] for i in range(2)]
print(comp())
def cells(a, b=2, *c, **d):
    return lambda: (a, b, c, d)
print(cells(1, 3, 4, e=5)())
def counter():
    c = {"n": 0}
    def inc(): c["n"] += 1; return c["n"]
    return inc
k = counter(); k(); print(k())
fs = []
for i in range(3):
    def fn(): return i
    fs.append(fn)
print([q() for q in fs])
def wal():
    if any((hit := v) > 2 for v in range(5)):
        return hit
print(wal())
def dl():
    try: raise ValueError("e")
    except ValueError as e: msg = str(e)
    return msg, "e" in dir_local()
def dir_local(): return []
print(dl())
def late():
    return defined_later()
def defined_later(): return "ok"
print(late())
class Outer:
    class Inner:
        def who(self): return type(self).__qualname__
    inst = Inner()
    def make(self):
        class Local: pass
        return Local.__qualname__
print(Outer.inst.who(), Outer().make(), Outer.Inner.who.__qualname__)
print(__name__, (lambda: __name__)())
class Self:
    def method(self):
        return __class__.__name__
print(Self().method())
