v = [0, 1, -1, 42, 12345678, -98765, 10 ** 25]
for s in ["", "d", "5", "<8", ">8", "^8", "=8", "08", "+", " ", ",", "_", "x", "X", "#x", "o", "#o", "b", "#010b", "_b", "*^12", "e", ".2f", ".3g", "%", ".1%", "n", "+,d", "010,", "_x"]:
    print(repr(s), [format(n, s) for n in v])
f = [0.0, 1.0, -1.5, 3.14159265, 1e10, 1e16, 1.5e-7, 123456.789, float("inf"), float("nan"), -0.0, 0.1 + 0.2, 1e22, 5e-324, 100.0, 2.5, 1234567890123456.7]
for s in ["", "f", ".2f", ".0f", "e", ".3e", "g", ".3g", ".10g", "%", ".1%", "10.3f", "<10.1f", "^+10.2f", "010.2f", ",.2f", "_.1f", "G", "E", "#.0f", ".3", ".1", ".17g", "z.0f", "n", "015,.2f", "#g"]:
    print(repr(s), [format(x, s) for x in f])
for s in ["", "s", "10", "<10", ">10", "^10", "*^10", ".2", "10.2", "x<3"]:
    print(repr(s), [format(t, s) for t in ["", "abc", "héllo"]])
for val, spec in [("a", "d"), (1, "s"), (1.0, "d"), ("a", "+"), ("a", "=5"), (1, ".2"), ([], "5"), (None, "x"), (1, "zz"), (1, ",x"), ("a", ","), (True, "d"), (True, ""), (1, "c"), (65, "c"), (b"x", "5")]:
    try:
        print(repr(val), spec, repr(format(val, spec)))
    except Exception as e:
        print(repr(val), spec, type(e).__name__, e)
print(f"{3.14159:.2f} {42:>6} {'x':^5}| {10:#x} {1000000:,} {True} {None} {[1, 'a']}")
w, p = 10, 3
print(f"{3.14159:{w}.{p}f}|{'a':{'>'}{w}}|{'q'!r:>6}|{'é'!a}|{w=}|{w = }|{w=:>5}|{w+p=}|{'s'=!s}")
print(f"{{}} {{{w}}} {'nested ' + f'{p}'} {w if p else 0} {(lambda q: q + 1)(2)} { {'a': 1}['a'] }")
print("{} {} {}".format(1, "a", None), "{1} {0}".format("a", "b"), "{x} {y!r:>5}".format(x=1, y="z"), "{0[a]} {0[b][1]} {1.real}".format({"a": 1, "b": [1, 2]}, 5), "{:{}}|".format("a", 5), "{{}}".format())
for t, a in [("{} {}", (1,)), ("{x}", ()), ("{0} {}", (1, 2)), ("{", ()), ("}", ()), ("{!z}", (1,)), ("{0[a]}", ({},)), ("{0.q}", (1,)), ("{:d}", ("a",))]:
    try:
        print(t.format(*a))
    except Exception as e:
        print(t, type(e).__name__, e)
print("%s|%r|%d|%5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%e|%.2f|%g|%c|%c|%%|%10s|%-10s|%.2s|%i" % ("s", "r", 1, 2, 3, 4, 5, 255, 255, 255, 8, 12345.678, 3.14159, 0.0001, 65, "c", "right", "left", "trunc", 7.9))
print("%(a)s %(b)05.1f" % {"a": 1, "b": 2.25}, "%s" % (1,), "%s" % [1, 2], "%*d|%-*d|%.*f" % (5, 1, 5, 2, 2, 3.14159), "%s %s" % ("a", ("b",)))
for t, a in [("%d", "x"), ("%d %d", 1), ("%s", (1, 2)), ("%z", 1), ("%(a)s", 1), ("%(a)s", {}), ("%", 1), ("%x", 1.5), ("%f", "a"), ("%c", "ab")]:
    try:
        print(t % a)
    except Exception as e:
        print(t, type(e).__name__, e if "unsupported format" not in str(e) else "unsupported format")
print(str(1e16), str(1e15), repr(0.1), 1e-5, 0.0001, 123456789012345680.0, 1.0, -1e300, 1 / 3, 2 / 3, 100 / 3)
