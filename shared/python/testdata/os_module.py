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
