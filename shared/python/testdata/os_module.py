import collections.abc
import os
import os.path
from os import environ, getenv
from os.path import basename, dirname, join, splitext


def show(f, *a):
    try:
        print(f.__name__, repr(f(*a)))
    except (TypeError, ValueError, KeyError) as e:
        print(f.__name__, type(e).__name__, e)


print(environ["REGION"], getenv("REGION"), os.environ.get("REGION"), getenv("NOPE_X"), getenv("NOPE_X", "default"), "REGION" in environ, environ.get("NOPE_X", 5))
show(environ.__getitem__, "NOPE_X")
show(getenv, 5)
print(os.sep, repr(os.linesep), os.name, os.curdir, os.pardir, os.extsep, os.pathsep, os.path.sep, os.path.join is join, len(os.urandom(5)), os.getpid() > 0)
show(os.urandom, -1)
for p in ["", "a", "/", "//", "/a", "a/", "a/b", "/a/b.txt", "a//b", "///a", ".bashrc", "a/.x", "a.tar.gz", "a.b/c", "..", "./a/../b", "../a", "/../a", "a/../..", "//a", "///b/", "..a", "a..", ".a.b"]:
    for f in [basename, dirname, os.path.split, splitext, os.path.isabs, os.path.normpath]:
        show(f, p)
print(join("a", "b"), join("a/", "b"), join("a", "/b", "c"), join("a", ""), join("", "b"), join("a"), join("/", "x"))
show(join, "a", 5)
show(basename, None)
show(splitext, 1)


def put(k, v):
    os.environ[k] = v
    return os.environ[k]


print(put("LP_A", "b"), os.environ.copy()["LP_A"], (os.environ | {"LP_Q": "1"})["LP_Q"], type(os.environ | {}).__name__, type(os.environ), isinstance(os.environ, dict))
for k, v in [("LP_A", 3), (3, "a"), ("LP=", "a"), ("", "a"), ("LP_A", "\0"), ("LP\0", "a"), (b"LP", "a"), ("LP_A", None)]:
    try:
        put(k, v)
    except (TypeError, ValueError, OSError) as e:
        print(type(e).__name__, e)
show(environ.__getitem__, 3)
show(environ.get, 3)
show(environ.__delitem__, "LP_NONE")
show(environ.__delitem__, None)
show(environ.setdefault, "LP_B", 4)
show(environ.setdefault, "LP_B", "x")
show(environ.pop, "LP_B")
show(environ.pop, "LP_B")
show(environ.pop, "LP_B", None)
show(environ.update, {"LP_C": 1})
show(environ.update, {"LP_C": "1"})
show(environ.__contains__, "LP_C")
show(environ.__contains__, 3)
show(hash, environ)
del environ["LP_C"]
print("LP_C" in environ, "LP_A" in list(environ), len(environ) == len(list(environ)), dict(environ)["LP_A"], ("LP_A", "b") in environ.items(), "b" in environ.values(), "LP_A" in environ.keys())
print(repr(environ).startswith("environ({"), getenv("LP_A"))


def more():
    os.environ |= {"LP_D": "1"}
    return os.environ


print(more() is environ, type(os.environ).__name__, environ["LP_D"], getenv("LP_D"))
environ |= [("LP_E", "2")]
print(environ is os.environ, os.environ["LP_E"])
both = {"LP_D": "over", "LP_F": "3"} | os.environ
print(type(both).__name__, both["LP_D"], both["LP_F"], both["LP_E"], "LP_F" in os.environ)
show(environ.__ior__, {"LP_G": 1})
show(environ.__or__, [("LP_G", "1")])
show(environ.__ror__, [("LP_G", "1")])
print(type(collections.ChainMap() | os.environ).__name__, type(os.environ | collections.ChainMap({"LP_G": "1"})).__name__)
for kind in [collections.abc.MutableMapping, collections.abc.Mapping, collections.abc.Collection, collections.abc.Sequence]:
    print(kind.__name__, isinstance(os.environ, kind), issubclass(collections.ChainMap, kind))
