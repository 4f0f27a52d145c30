class Field:
    def __init__(self, default=None):
        self.default = default

    def __set_name__(self, owner, name):
        self.name = name
        print("set_name", owner.__name__, name)

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        return getattr(obj, "_" + self.name, self.default)

    def __set__(self, obj, value):
        if value is None:
            raise ValueError(f"{self.name} is required")
        setattr(obj, "_" + self.name, value)

    def __delete__(self, obj):
        print("delete", self.name)
        delattr(obj, "_" + self.name)


class Lazy:
    def __init__(self, fn):
        self.fn = fn

    def __get__(self, obj, owner=None):
        return "class" if obj is None else self.fn(obj)


class User:
    name = Field("nobody")
    age = Field(0)

    @Lazy
    def label(self):
        return f"{self.name}:{self.age}"

    @property
    def double(self):
        "twice the age"
        return self.age * 2

    @double.setter
    def double(self, value):
        self.age = value // 2

    @double.deleter
    def double(self):
        self.age = -1

    @property
    def fixed(self):
        return 1


u = User()
print(u.name, u.age, u.label, User.label)
u.name, u.age = "ann", 30
print(u.label, u.double)
u.double = 10
print(u.age)
del u.double
print(u.age)
del u.name
print(u.name)
for bad in ("name", "fixed"):
    try:
        setattr(u, bad, None)
    except (ValueError, AttributeError) as e:
        print(type(e).__name__, e)
try:
    del u.fixed
except AttributeError as e:
    print(e)
print(User.double.__doc__, type(User.name).__name__, User.double.fget(u))


class Base:
    registry = []

    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.tag = tag
        Base.registry.append((cls.__name__, tag))

    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item}]"


class A(Base, tag="a"):
    pass


class B(A):
    pass


print(Base.registry, A.tag, B.tag, A[int], B["x", 1])


class Fallback:
    def __getattr__(self, name):
        if name.startswith("get_"):
            return lambda *a: (name[4:], a)
        raise AttributeError(f"no {name}")

    def __setattr__(self, name, value):
        print("set", name)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        print("del", name)
        object.__delattr__(self, name)


f = Fallback()
print(f.get_x(1, 2))
f.y = 3
print(f.y, hasattr(f, "zz"), getattr(f, "zz", "default"))
del f.y
try:
    f.y
except AttributeError as e:
    print(e)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


s = Slotted()
print(s.a)
try:
    s.b
except AttributeError as e:
    print(e)


class Typed:
    "keeps its value in the instance's __dict__"

    def __init__(self, kind):
        self.kind = kind

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, obj, owner=None):
        return self if obj is None else obj.__dict__[self.name]

    def __set__(self, obj, value):
        if not isinstance(value, self.kind):
            raise TypeError(f"{self.name} must be {self.kind.__name__}, not {type(value).__name__}")
        obj.__dict__[self.name] = value

    def __delete__(self, obj):
        del obj.__dict__[self.name]


class Order:
    sku = Typed(str)
    amount = Typed(int)

    def __init__(self, sku, amount):
        self.sku, self.amount = sku, amount


o = Order("A-1", 2)
o.amount += 1
print(o.sku, o.amount, o.__dict__, vars(o))
for act in (lambda: setattr(o, "amount", "x"), lambda: Order(1, 1)):
    try:
        act()
    except TypeError as e:
        print(e)
del o.sku
print("sku" in o.__dict__, vars(o))
try:
    o.sku
except KeyError as e:
    print("KeyError", e)


class Plain:
    def __init__(self, **kw):
        self.__dict__.update(kw)


p = Plain(a=1, b=2)
print(p.a, p.b, p.__dict__)
print(p.__dict__.pop("a"), hasattr(p, "a"), p.__dict__.pop("zz", None))
print(p.__dict__.setdefault("b", 9), p.__dict__.setdefault("c", 3), p.b, p.c)
vars(p)["d"] = 4
print(p.d, list(vars(p)), p.__dict__.popitem(), hasattr(p, "d"))
d = p.__dict__
d["own"] = d["b"] = 5
print(p.own, p.b, d == p.__dict__, d is not None)
p.__dict__.clear()
print(p.__dict__, hasattr(p, "b"))
for i in range(40):
    p.__dict__[f"n{i}"] = i
print(p.n0, p.n39, len(p.__dict__), sum(vars(p).values()))
del p.__dict__["n39"], p.__dict__["n0"]
print(hasattr(p, "n39"), hasattr(p, "n0"), p.n38)
copy = dict(p.__dict__)
copy["n1"] = copy2 = p.__dict__.copy()
copy2["n2"] = None
print(p.n1, p.n2)
try:
    del p.__dict__["missing"]
except KeyError as e:
    print("KeyError", e)


class OnlySet:
    def __set__(self, obj, value):
        print("set", value)


class OnlyDelete:
    def __delete__(self, obj):
        print("deleted")


class Both:
    s = OnlySet()
    d = OnlyDelete()


b = Both()
b.s = 1
del b.d
for act in (lambda: setattr(b, "d", 1), lambda: delattr(b, "s")):
    try:
        act()
    except AttributeError as e:
        print("AttributeError", e)
print(User.fixed.fset, User.fixed.fdel, User.double.fdel is None, property(None).__doc__, property(doc="d").__doc__)
