def shown(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


class D:
    def __divmod__(self, o): return ("dm", o)
    def __rdivmod__(self, o): return ("rdm", o)


class N:
    def __divmod__(self, o): return NotImplemented


class E(D):
    def __rdivmod__(self, o): return "E.rdm"


class I(int):
    def __divmod__(self, o): return "I"


shown(lambda: divmod(D(), 2))
shown(lambda: divmod(2, D()))
shown(lambda: divmod(2.5, D()))
shown(lambda: divmod(N(), 2))
shown(lambda: divmod(N(), D())[0])
shown(lambda: divmod(N(), N()))
shown(lambda: divmod(D(), E()))
shown(lambda: divmod("a", D()))
shown(lambda: divmod("a", 2))
shown(lambda: divmod(7, 2))
shown(lambda: divmod(-7.5, 2))
shown(lambda: divmod(I(5), 2))
shown(lambda: divmod(2, I(5)))

for n in (5, True, -3, 2**70, 1.25, 0.0, -1e300, 5e-324, float("inf"), float("-inf"), float("nan")):
    shown(lambda: n.as_integer_ratio())
    shown(lambda: n.conjugate())
    shown(lambda: (n.real, n.imag))
shown(lambda: (2.0).is_integer())
print(hasattr(1, "is_integer"))
for order in ("big", "little", "up", ""):
    shown(lambda: int.from_bytes(b"a\xff", order))
    shown(lambda: int.from_bytes(b"a\xff", order, signed=True))
    shown(lambda: (500).to_bytes(2, order))
shown(lambda: (500).to_bytes(1, "big"))
shown(lambda: (-5).to_bytes(2, "big"))
shown(lambda: (2**80 - 1).bit_count())
shown(lambda: (-5).bit_length())

for spec in ("0", "05", "05.1", "05s", "=5", "x>05"):
    shown(lambda: format("txt", spec))
for spec in ("0", "05", "05.1f", "+05", "06,"):
    shown(lambda: format(7, spec))
shown(lambda: slice())
shown(lambda: slice(1, 2, 3, 4))
shown(lambda: slice(x=1))
shown(lambda: [slice(1), slice(1, 2), slice(1, 2, 3)])
