print(7 // 2, -7 // 2, 7 // -2, 7 % 3, -7 % 3, 7 % -3, 2 ** 10, 2 ** 100, 2 ** -2, (-2) ** 3, 0 ** 0, 7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 1e308 * 10)
print(10 ** 20 // 3, -10 ** 20 // 3, 10 ** 20 % 7, -10 ** 20 % 7, 10 ** 20 / 3, (10 ** 20) ** 2, 5 / 2, 4 / 2, 1 << 70, (1 << 70) >> 68, -1 >> 3, ~5, ~-1, 6 & 3, 6 | 3, 6 ^ 3, -6 & 3, 2 ** 64 & 2 ** 65 - 1)
print(9223372036854775807 + 1, -9223372036854775808 - 1, 9223372036854775807 * 2, -(-9223372036854775808), abs(-9223372036854775808), -9223372036854775808 // -1)
print(int("12"), int(" -12 "), int("ff", 16), int("0x1f", 16), int("0b11", 0), int("1_000"), int(3.9), int(-3.9), int(True), int("7" * 30), int(b"12"), int("-0"))
for a in [("x",), ("",), ("1.5",), ("1", 1), ("9", 8), (None,), ([],), ("1__0",), ("0x",), ("é",), (float("nan"),), (float("inf"),), (1, 2), ("12a",), ("+ 1",)]:
    try:
        print(int(*a))
    except Exception as e:
        print(a, type(e).__name__, e)
print(float("1.5"), float(" -1e3 "), float("inf"), float("-Infinity"), float("nan"), float("1_0.5"), float(3), float(True), float(10 ** 20), float(".5"), float("5."))
for a in ["", "x", "1.2.3", None, [], "1_", "0x10", 10 ** 400]:
    try:
        print(float(a))
    except Exception as e:
        print(str(a)[:10], type(e).__name__, e)
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234.5678, -2), round(1234, -2), round(1250, -2), round(1350, -2), round(0.5), round(1.5), round(5), round(1e300), type(round(1.0, 1)), round(-0.4))
print(divmod(7, 2), divmod(-7, 2), divmod(7.5, 2), pow(2, 10), pow(2, 10, 1000), pow(3, -1, 7), abs(-3), abs(-3.5), abs(True))
print(1 == 1.0, 1 == True, 0.1 + 0.2 == 0.3, 2 ** 53 == 2.0 ** 53, 2 ** 53 + 1 == 2.0 ** 53, 10 ** 400 > 1e308, 1 < 1.5, float("nan") == float("nan"), 10 ** 20 == 1e20, -1 < 10 ** 30)
print(True + True, True & False, True | 2, True ^ True, not 0, bool("a"), bool([]), bool(0.0), type(True & True), type(True + 1), -True)
print((5).bit_length(), (255).to_bytes(2, "big"), int.from_bytes(b"\x01\x00", "big"), (1.5).is_integer(), (2.0).is_integer(), (0.5).as_integer_ratio(), (10).__add__(5), 5 .real)
print(hex(255), oct(8), bin(5), hex(-255), bin(-5), chr(65), ord("a"), chr(8364), ord("€"), chr(0x1F600))
print(sum([1, 2, 3]), sum([0.1] * 3), sum([[1], [2]], []), min(3, 1), max([1, 5, 2]), min("b", "a"), max([], default=9), min([3, -4], key=abs), max("abc", "abd"), sum(range(101)))
for op in ["1 / 0", "1 // 0", "1 % 0", "1.0 / 0", "1.0 // 0", "1.0 % 0", "divmod(1, 0)", "0 ** -1", "0.0 ** -1", "1 << -1", "2.0 ** 10000", "10 ** 400 / 1.0"]:
    print(op)
tests = [lambda: 1 / 0, lambda: 1 // 0, lambda: 1 % 0, lambda: 1.0 / 0, lambda: 1.0 // 0, lambda: 1.0 % 0, lambda: divmod(1, 0), lambda: 0 ** -1, lambda: 1 << -1, lambda: 2.0 ** 10000,
         lambda: 1 + "a", lambda: "a" + 1, lambda: [] + 1, lambda: () + [], lambda: 1 - "a", lambda: "a" * 1.5, lambda: "a" - "b", lambda: None + 1, lambda: {} + {}, lambda: -"a", lambda: ~1.5, lambda: +[], lambda: 1 < "a", lambda: [] < {}, lambda: None < None,
         lambda: 1 & 1.0, lambda: 1.5 << 2, lambda: "a" @ "b", lambda: 2 ** "a", lambda: sum(["a"]), lambda: max([]), lambda: min(), lambda: abs("a"), lambda: round("a"), lambda: chr(-1), lambda: ord("ab"), lambda: ord(5), lambda: pow(2, 2, 0), lambda: hex(1.5), lambda: int("1" * 5000), lambda: str(10 ** 5000), lambda: divmod("a", 1), lambda: (1).to_bytes(0, "big"), lambda: 10 ** 400 / 1.0, lambda: float(10 ** 400), lambda: int(), lambda: complex_missing]
for t in tests:
    try:
        print(t())
    except Exception as e:
        print(type(e).__name__, "|", e)
x = 5
x += 2; x -= 1; x *= 3; x //= 2; x **= 2; x %= 50; x <<= 2; x |= 1; x &= 0xFF; x ^= 3; x >>= 1
print(x)
x /= 2
print(x, type(x))
print(1_000_000, 0xFF, 0o17, 0b101, 1e3, 1.5e-3, .5, 5., 0xdead_beef)
