def f(x):
    try:
        if x == 0:
            raise ValueError("zero")
        if x == 1:
            return "ret"
        if x == 2:
            raise KeyError("k")
        if x == 3:
            1 / 0
        print("body", x)
    except ValueError as e:
        print("value", e)
        return "from except"
    except (KeyError, IndexError) as e:
        print("lookup", repr(e))
        raise RuntimeError("wrapped") from e
    else:
        print("else")
    finally:
        print("finally", x)
    return "end"


for i in range(5):
    try:
        print(f(i))
    except Exception as e:
        print(type(e).__name__, e, repr(e.__cause__), repr(e.__context__), e.__suppress_context__)


def ret_finally():
    try:
        return 1
    finally:
        return 2


def loop_finally():
    out = []
    for i in range(4):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append("f%d" % i)
    return out


def swallow():
    for i in range(2):
        try:
            1 / 0
        finally:
            continue
    return "swallowed"


print(ret_finally(), loop_finally(), swallow())
try:
    try:
        raise ValueError(1)
    except ValueError:
        raise TypeError(2)
except TypeError as e:
    print(repr(e.__context__), e.__cause__)
try:
    try:
        raise ValueError(1)
    except ValueError:
        raise TypeError(2) from None
except TypeError as e:
    print(repr(e.__context__), e.__cause__, e.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise
except ZeroDivisionError as e:
    print("reraised", e)
try:
    raise ValueError
except ValueError as e:
    print(repr(e))
for bad in [lambda: exec_raise(5), lambda: exec_raise("a"), lambda: exec_raise(None)]:
    def exec_raise(v):
        raise v
    try:
        bad()
    except TypeError as e:
        print(e)
try:
    raise
except RuntimeError as e:
    print(e)
try:
    try:
        raise ValueError("a")
    except 5:
        pass
except TypeError as e:
    print(e)
try:
    assert 1 == 2, "msg %d" % 5
except AssertionError as e:
    print(repr(e), e.args)
try:
    assert []
except AssertionError as e:
    print(repr(e))
e = "outer"
try:
    raise ValueError("x")
except ValueError as e:
    pass
try:
    print(e)
except NameError as n:
    print(n)
print(issubclass(KeyError, LookupError), issubclass(ZeroDivisionError, ArithmeticError), issubclass(ConnectionError, OSError), issubclass(UnicodeDecodeError, ValueError), issubclass(KeyboardInterrupt, Exception), [c.__name__ for c in KeyError.__mro__], IOError is OSError, TimeoutError.__mro__[1].__name__)
ex = ValueError("a", 1)
ex.add_note("note1")
print(ex.args, ex.__notes__, ex.with_traceback(None) is ex)
try:
    next(iter([]))
except StopIteration as s:
    print(repr(s), s.value)


class Ctx:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("enter", self.name)
        return self.name

    def __exit__(self, t, v, tb):
        print("exit", self.name, t.__name__ if t else None, v)
        return self.swallow


with Ctx("a") as a, Ctx("b", True) as b:
    print(a, b)
    raise ValueError("in with")
with Ctx("c"):
    pass
def wr():
    for i in range(3):
        with Ctx(i):
            if i == 1:
                return "returned"
print(wr())
try:
    with Ctx("d"):
        with Ctx("e"):
            [][1]
except IndexError as err:
    print("out", err)
for bad in (5, object()):
    try:
        with bad:
            pass
    except TypeError as err:
        print(err)
class OnlyEnter:
    def __enter__(self): pass
try:
    with OnlyEnter():
        pass
except TypeError as err:
    print(err)
def gen():
    try:
        yield 1
        yield 2
    except GeneratorExit:
        print("closed")
        raise
    finally:
        print("gen finally")
g = gen()
print(next(g)); g.close()
try:
    int("x")
except (TypeError, ValueError) as e2:
    print(type(e2).__name__)
while True:
    try:
        break
    finally:
        print("break finally")
def nested():
    try:
        try:
            1 / 0
        except ZeroDivisionError as e:
            int("q")
    except ValueError as e:
        return repr(e.__context__)
print(nested())
