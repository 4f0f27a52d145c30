import io
from io import BytesIO, StringIO


def show(f, *a, **k):
    try:
        print(f.__name__, repr(f(*a, **k)))
    except (ValueError, TypeError, OSError) as e:
        print(f.__name__, type(e).__name__, e)


for make, conv in [(StringIO, lambda s: s), (BytesIO, lambda s: s.encode())]:
    f = make(conv("one\ntwo\r\nthree\rfour\n\nlast é"))
    print(f.read(2), f.tell(), f.readline(), f.readline(2), f.readline(), f.read(), f.read(), f.readline())
    print(f.seek(0), f.readlines(), f.seek(0), f.readlines(5), [line for line in f])
    print(f.getvalue(), f.seek(0, 2), f.tell(), f.readable(), f.writable(), f.seekable(), f.isatty(), f.closed)
    f = make()
    print(f.write(conv("hello")), f.write(conv("")), f.writelines([conv("a"), conv("b")]), f.getvalue(), f.tell(), f.flush())
    f.seek(2)
    f.write(conv("XY"))
    print(f.getvalue(), f.truncate(), f.getvalue(), f.truncate(1), f.getvalue(), f.tell(), f.truncate(100), f.getvalue())
    f.seek(6)
    f.write(conv("end"))
    print(repr(f.getvalue()), f.seek(3), f.read(None), f.read(-1))
    show(f.read, "x")
    show(f.seek, -1)
    show(f.seek, 1, 5)
    show(f.seek, 1, 1)
    show(f.truncate, -1)
    show(f.write, 5)
    show(f.write, None)
    f.close()
    print(f.closed)
    for name in ["read", "getvalue", "tell", "readline", "readable", "flush", "truncate", "readlines", "isatty"]:
        show(getattr(f, name))
    show(f.write, conv("x"))
    show(lambda: list(f))
    f.close()
    with make(conv("ctx")) as g:
        print(g.read(), next(make(conv("a\nb"))))
    print(g.closed, iter(f) is f if not f.closed else "closed")
    try:
        next(make())
    except StopIteration:
        print("stop")
show(StringIO, 5)
show(StringIO, b"x")
show(BytesIO, "x")
show(StringIO, "x", newline="x")
show(StringIO, "x", newline=5)
show(StringIO().write, b"x")
show(BytesIO().write, "x")
show(BytesIO(b"abc").seek, -2, 1)
f = BytesIO(b"abcdef")
print(f.seek(-2, 2), f.read(), f.seek(-4, 1), f.read(1))
for newline in [None, "", "\n", "\r", "\r\n"]:
    f = StringIO("a\nb\rc\r\nd", newline=newline)
    print(repr(newline), repr(f.getvalue()), f.readlines(), f.write("x\ny\r\n"), repr(f.getvalue()))
print(StringIO(initial_value="kw").read(), BytesIO(initial_bytes=b"kw").read(), StringIO(None).read(), BytesIO(None).read())
print(io.SEEK_SET, io.SEEK_CUR, io.SEEK_END, io.DEFAULT_BUFFER_SIZE, issubclass(io.UnsupportedOperation, OSError), issubclass(io.UnsupportedOperation, ValueError))
out = StringIO()
print("to a file", 1, 2, sep="-", end="!\n", file=out)
print("again", file=out, flush=True)
print(repr(out.getvalue()))
try:
    print("x", file=5)
except AttributeError as e:
    print(e)
StringIO().write(1)
