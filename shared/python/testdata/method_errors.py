CALLS = [
    lambda: "abc".index("z"), lambda: "a".join([1]), lambda: "a".split(""), lambda: "a".center("x"), lambda: "x".encode("nope"),
    lambda: "x".zfill(), lambda: "x".replace("a"), lambda: "é".encode("ascii"), lambda: b"\xff".decode(), lambda: "a" + 1, lambda: 1 + "a",
    lambda: [].pop(), lambda: [1].pop(5), lambda: [1].remove(2), lambda: [1].index(9), lambda: [3, "a"].sort(), lambda: [1][3], lambda: [1]["a"],
    lambda: {}["k"], lambda: {}.pop("k"), lambda: {}.popitem(), lambda: {[]: 1}, lambda: {1, []}, lambda: set().pop(), lambda: {1}.remove(2),
    lambda: (1,)[2], lambda: (1,).index(3), lambda: (1, 2) + [3], lambda: int("x"), lambda: int("1", 99), lambda: float("y"), lambda: int([]),
    lambda: int(None), lambda: int(float("nan")), lambda: int(float("inf")), lambda: chr(-1), lambda: ord("ab"), lambda: len(5), lambda: iter(5),
    lambda: next(iter([])), lambda: 1 / 0, lambda: 1 // 0, lambda: 1 % 0, lambda: 1.0 / 0, lambda: divmod(1, 0), lambda: 0 ** -1, lambda: 1 << -1,
    lambda: min([]), lambda: max(), lambda: sum(["a"]), lambda: round("x"), lambda: abs("x"), lambda: range(1, 2, 0), lambda: sorted(5),
    lambda: isinstance(1, 5), lambda: issubclass(1, int), lambda: getattr(1, "zz"), lambda: setattr(1, "a", 2), lambda: None.x, lambda: None(),
    lambda: None[0], lambda: 5[0], lambda: (lambda: 0)(1), lambda: print(sap=1), lambda: int(x=1), lambda: dict([1]), lambda: dict([(1, 2, 3)]),
    lambda: list(1), lambda: tuple(None), lambda: enumerate(), lambda: zip(1), lambda: map(), lambda: "x" * "y", lambda: [] * 1.5, lambda: -"x",
    lambda: not_defined, lambda: "x" in 5, lambda: 5 in "x", lambda: 1 < "a", lambda: [] < {}, lambda: hash([]), lambda: bytes([256]),
    lambda: bytes("x"), lambda: b"a" + "b", lambda: b"a".join(["b"]), lambda: "{}".format(), lambda: "{a}".format(), lambda: "{0.x}".format(1),
    lambda: "{".format(), lambda: "}".format(), lambda: list(zip([1], [1, 2], strict=True)), lambda: (5).bit_length(1), lambda: 1.5.hex(2),
    lambda: (300).to_bytes(1, "big"), lambda: "a".translate(5), lambda: pow(2, -1, 4),
    lambda: type("X"), lambda: object(1), lambda: super(), lambda: reversed(5), lambda: frozenset(5),
    lambda: str(b"a", "nope"), lambda: bin("a"), lambda: any(5), lambda: callable(), lambda: vars(5), lambda: "abc"[1.5], lambda: "abc"[:"x"],
    lambda: [1, 2][::0], lambda: dict(a=1)(), lambda: (1).real.x, lambda: [].append(), lambda: [].insert(1), lambda: {}.get(), lambda: {}.update(5),
]
for i, call in enumerate(CALLS):
    try:
        print(i, "value", call())
    except Exception as e:
        print(i, type(e).__name__, e)
