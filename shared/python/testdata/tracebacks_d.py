def f(
    a,
    b,
):
    return (a +
            b)


class E(Exception):
    pass


def g():
    x = {"a": 1}
    try:
        f(1, None)
    except TypeError as e:
        print("first", e)
    for i in gen(x):
        print(i)


def gen(x):
    yield 1
    yield x["b"]


def h():
    err = E("custom", 5)
    err.add_note("a note")
    raise err


try:
    g()
except KeyError:
    h()
