class A:
    def __init__(self, **kw):
        self.log = ["A"]; super().__init__(**kw)
    def hi(self): return ["A.hi"]
class B(A):
    def __init__(self, b=None, **kw):
        super().__init__(**kw); self.log.append(f"B{b}")
    def hi(self): return ["B.hi"] + super().hi()
class C(A):
    def __init__(self, c=None, **kw):
        super().__init__(**kw); self.log.append(f"C{c}")
    def hi(self): return ["C.hi"] + super().hi()
class D(B, C):
    def hi(self): return ["D.hi"] + super().hi()
d = D(b=1, c=2)
print(d.log, d.hi(), [k.__name__ for k in D.__mro__])
class Base:
    registry = {}
    def __init_subclass__(cls, **kw): Base.registry[cls.__name__] = kw
    @classmethod
    def create(cls, *a): return cls(*a)
    def template(self): return f"{self.step()}-{self.name}"
    def step(self): raise NotImplementedError
    @property
    def name(self): return type(self).__name__
class One(Base, x=1):
    def step(self): return "one"
class Two(One):
    @property
    def name(self): return "2" + super().name
print(Base.registry, One.create().template(), Two().template())
try: Base().template()
except NotImplementedError as e: print(repr(e))
class Static:
    x = []
    @staticmethod
    def s(): return "s"
    @classmethod
    def c(cls): return cls.s() + cls.__name__
class Sub(Static):
    @staticmethod
    def s(): return "sub" + Static.s()
    @classmethod
    def c(cls): return "c" + super().c()
print(Sub.c(), Sub().c(), Sub.s(), Static.c())
Sub.x.append(1); Sub.y = 5; print(Static.x, hasattr(Static, "y"), Sub.y)
class Err(Exception):
    def __init__(self, code, *a): super().__init__(code, *a); self.code = code
class Err2(Err, KeyError): pass
for E in (Err, Err2):
    try: raise E(5, "msg")
    except Exception as e: print(type(e).__name__, e, e.code, e.args, isinstance(e, LookupError))
class Eq:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return isinstance(o, Eq) and self.v == o.v
class EqSub(Eq): pass
print(Eq(1) == EqSub(1), Eq(1) != Eq(2), Eq(1) in [Eq(1)], [Eq(1)] == [EqSub(1)])
class Repr:
    def __repr__(self): return "R"
print(Repr(), str(Repr()), f"{Repr()}", [Repr()], {"k": Repr()}, (Repr(),), "%s %r" % (Repr(), Repr()))
print(isinstance(d, A), issubclass(D, C), D.__bases__, D.__base__.__name__, object.__bases__, type(d).mro() == list(D.__mro__))
class Slots:
    __slots__ = ("a",)
    def __init__(self): self.a = 1
print(Slots().a)
class CallCls:
    def __new__(cls, v):
        if v < 0: return None
        return super().__new__(cls)
    def __init__(self, v): self.v = v
print(CallCls(-1), CallCls(5).v)
class Cnt:
    n = 0
    def __init__(self): self.__class__.n += 1; type(self).n += 1
Cnt(); Cnt(); print(Cnt.n)
class Priv:
    def __init__(self): self.__x = 1
    def get(self): return self.__x
    def __hidden(self): return "h"
    def call(self): return self.__hidden()
print(Priv().get(), Priv().call())
