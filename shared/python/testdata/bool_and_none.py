print(True + 1, True * "ab", [10, 20][True], {True: "t"}[1], True == 1.0, False < True, str(None), repr(True), int(False), bool("False"))
def f(flag=None):
    if flag is None:
        return "none"
    return "yes" if flag else "no"
print(f(), f(0), f(1), f([]), f(None))
print(None == 0, None == None, None in [None], [None] * 2, (None,), {None: None})
x = None
y = x or "default"
z = x and x.attr
print(y, z, not x, x is not None)
print(any([None, 0, "", []]), all(["a", 1, [0]]), sum([True, True, False]), [b for b in (True, False) if not b])
print(max(True, 2), min(False, 0), True & 1, True | False, True ^ True, ~True, -True, +False)
try:
    None()
except TypeError as e:
    print(e)
try:
    None.x = 1
except AttributeError as e:
    print(e)
try:
    for _ in None:
        pass
except TypeError as e:
    print(e)
