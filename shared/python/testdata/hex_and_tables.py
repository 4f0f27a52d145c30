def t(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, e)


for text in (
    "0x1.8p3", "x", "", " -INF ", "nan", "+Infinity", "-nan", "1e400p99999", "0x.8", ".8", "0x", ".", "0x1p", "0x1p+", "1p-3", "1p+3", "-0x0p0",
    "0x1.fffffffffffffp1023", "0x2p1023", "0x1p-1074", "0x1p-1080", "0x1.00000000000008p0", "0x1.0000000000000801p0", "1_0", "0x1.8.1", "a.b", "ABC", "--1",
    "\t1\n", "0x1 p3", "1p3.5", "0X1P3",
):
    t(float.fromhex, text)
t(float.fromhex, 3)
for x in (3.5, 0.0, -0.0, 1.0, -0.1, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, float("inf"), float("nan"), 1e-310):
    print(x.hex(), float.fromhex(x.hex()))


class Money(float):
    pass


print(type(Money.fromhex("1p1")).__name__, Money(2.5).hex())

table = bytes.maketrans(b"abc", b"xyz")
print(len(table), b"aabbccdd".translate(table), b"aabbccdd".translate(table, b"d"), b"aabb".translate(None, b"a"), b"aabb".translate(None, delete=b"b"))
t(bytes.maketrans, b"a", b"bc")
t(bytes.maketrans, "a", b"b")
t(b"a".translate, b"a")
t(b"a".translate, 3)
t(b"a".translate, None, "a")
t(b"".translate, table)
for width in (0, 1, 4, 8, -3):
    print(b"a\tbc\r\td\n\t\xc3\xa9\te".expandtabs(width), "a\tbc\r\td\n\té\te".expandtabs(width), b"\t".expandtabs(tabsize=width))
t(b"\t".expandtabs, "a")
print(b"\t|".expandtabs())


def k(**kw):
    return kw


class Shop:
    def buy(self, **kw):
        return kw


d = {"k": 1}
for f in (
    lambda: k(**d, k=2), lambda: k(k=2, **d), lambda: k(**d, **d), lambda: dict(**d, k=2), lambda: print(**{"sep": "1"}, sep=""),
    lambda: Shop().buy(**d, j=3, k=4), lambda: Shop(**d, k=5), lambda: k(**d, j=2), lambda: k(**{}, k=3), lambda: k(*[], k=2, j=3),
):
    t(f)

for spec in ("%q", "é%q", "%5.2y", "%s %\x01", "%s %é", "%", "%5", "%(a", "%!s"):
    t(lambda: spec % 3)
    t(lambda: spec % (3, 4))
for spec in (
    ",s", ",", "_s", "_", ",d", "_d", ",n", "_n", ",b", "_b", ",c", "_x", ",x", ",_", "_,", ",,", "__", ",_d", "q", ",q", "=5", "+", " ", "-", "#", "z", "z.2",
    "#c", "+c", "zc", ".3d", ".", ".q", "5", "05", "<05", "10,", "10_", ",.2f", "_.1%", "ab", ",ab", "zz", "%", ",%", "+s", "#s", " s", "zs", "d", "f", "c",
):
    for v in (65, "a", 2.5, True, None):
        try:
            print(repr(spec), repr(v), format(v, spec))
        except Exception as e:
            print(repr(spec), repr(v), type(e).__name__, e)

SHOP = {"{": 5, "}": 6, "{}": 7, "a:b": 8, "a!r": 9, "-1": 10, "": 11, "a.b": 12}
for text in (
    "{a{b}", "{0[{]}", "{0[}]}", "{a{b}}", "{0[{}]}", "{", "}", "{{", "}}", "{{}", "{}}", "{0", "{!}", "{!x}", "{0!rr}", "{0!r", "{0!", "{0!r:", "{0.}", "{0[}",
    "{0[]}", "{0]}", "{0[a:b]}", "{0[a!r]}", "{0[-1]}", "{0[a.b]}", "{0[a]b}", "{0[a", "{0[{]", "{:{", "{:{}", "{:{}}", "{:{1}}", "{0:}}", "{0!r:>3}", "{0!é}",
    "{0!\x01}", "{-1}", "{99999999999999999999}", "{0[99999999999999999999]}", "{ 0}", "{0 }", "{0.__class__.__name__}", "{0..a}", "{.a}", "{[{]}", "{[a}", "{:{:{}}}",
    "a{0[{]}b{0[}]}c", "{0[{]!r:>4}", "{0[{]:{1}}", "{1:{1}}", "{x}", "{x[0]}", "{x.real}", "{1}{}", "{}{1}",
):
    try:
        print(repr(text), text.format(SHOP, 3, x=4))
    except Exception as e:
        print(repr(text), type(e).__name__, e)
