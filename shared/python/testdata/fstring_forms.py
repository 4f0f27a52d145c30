x, y, w, name = 3.14159, 42, 10, "ann"
print(f"{x=} {y = } {name=!r} {name=!s:>6} {x=:.2f}")
print(f"{x:{w}.{2}f}|{y:<{w}}|{name!r:^{w}}|{y:#0{w}x}")
print(f"{'nested ' + f'{y:>{w}}'}", f"{ {'a': 1}['a'] }", f"{[i for i in range(3)]}")
print(f"{{literal}} {y}}}", f"{y!a}", f"{'é'!a}", f"{(lambda v: v * 2)(4)}")
print(f"a" "b{y}" f"{y}", rf"\d{y}", f"{y:,} {123456789:_} {-5:+d} {5: d}")
print(f"""multi
{y
 + 1}
line""")
print(f"{x!r:.4}", f"{name:*^9}", f"{True:d} {None} {1e20:g} {0.1 + 0.2:.17g} {1/3:%}")
print(f"{y if y > 1 else 0}", f"{y:b} {y:o} {y:c} {y:e}", f"{1.5:n}", f"{y:08.3f}")
for spec in ("q", ".2d", "10", ">", ".", "+s", "zz"):
    for v in (7, "t", 1.5):
        try:
            print(repr(format(v, spec)), end=" ")
        except ValueError as e:
            print(f"[{e}]", end=" ")
    print()
print("%s %r %5d|%-5s|%05.1f %x %% %c %(no)s" .replace("%(no)s", "") % (1, "a", 3, "l", 2.55, 255, "z"))
print("%(a)s %(b)05d" % {"a": 1, "b": 2})
for bad in (lambda: "%d" % "x", lambda: "%s %s" % 1, lambda: "%s" % (1, 2), lambda: "%(a)s" % 1):
    try:
        print(bad())
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
