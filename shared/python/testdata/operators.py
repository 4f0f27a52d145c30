class V:
    def __init__(self, *c): self.c = c
    def __repr__(self): return f"V{self.c}"
    def __add__(self, o): return V(*(a + b for a, b in zip(self.c, o.c)))
    def __sub__(self, o): return V(*(a - b for a, b in zip(self.c, o.c)))
    def __mul__(self, k): return V(*(a * k for a in self.c)) if isinstance(k, (int, float)) else NotImplemented
    __rmul__ = __mul__
    def __matmul__(self, o): return sum(a * b for a, b in zip(self.c, o.c))
    def __truediv__(self, k): return V(*(a / k for a in self.c))
    def __floordiv__(self, k): return "floordiv"
    def __mod__(self, k): return "mod"
    def __pow__(self, k): return "pow"
    def __lshift__(self, k): return "lshift"
    def __rshift__(self, k): return "rshift"
    def __and__(self, k): return "and"
    def __or__(self, k): return "or"
    def __xor__(self, k): return "xor"
    def __rsub__(self, o): return "rsub"
    def __rtruediv__(self, o): return "rtruediv"
    def __neg__(self): return "neg"
    def __pos__(self): return "pos"
    def __invert__(self): return "invert"
    def __abs__(self): return "abs"
    def __int__(self): return 42
    def __float__(self): return 4.5
    def __round__(self, n=None): return ("round", n)
    def __iadd__(self, o): self.c += (o,); return self
    def __le__(self, o): return "le"
    def __ge__(self, o): return "ge"
    def __gt__(self, o): return "gt"
    def __ne__(self, o): return "ne"
    def __getitem__(self, i): return self.c[i]
    def __setitem__(self, i, v): self.c = self.c[:i] + (v,) + self.c[i + 1:]
    def __delitem__(self, i): self.c = self.c[:i] + self.c[i + 1:]
    def __reversed__(self): return iter("rev")
    def __length_hint__(self): return 1
    def __divmod__(self, o): return "divmod"
v = V(1, 2)
print(v + V(3, 4), v - V(1, 1), v * 3, 3 * v, v @ V(2, 2), v / 2, v // 2, v % 2, v ** 2, v << 1, v >> 1, v & 1, v | 1, v ^ 1, 5 - v, 5 / v, -v, +v, ~v, abs(v), int(v), float(v), round(v), round(v, 2))
v += 5; print(v, v <= 1, v >= 1, v > 1, v != 1, v == v, v[0], v[-1], list(v), list(reversed(v)))
v[0] = 9; del v[1]; print(v)
for t in [lambda: v * "a", lambda: "a" * v, lambda: v < 1, lambda: 1 @ 2, lambda: v + 1, lambda: [] - [], lambda: {} < {}, lambda: None > 1]:
    try: print(t())
    except Exception as e: print(type(e).__name__, e)
class L:
    def __add__(self, o): return NotImplemented
class R(L):
    def __radd__(self, o): return "R.radd"
class S(int):
    def __radd__(self, o): return "S.radd"
    def __eq__(self, o): return "eq"
    __hash__ = int.__hash__
print(L() + R(), 1 + S(2), S(2) + 1, 1 == S(1), S(1) == 1)
x = 5
print(x.__add__(3), x.__eq__(5), "a".__len__(), [1].__contains__(1), (3).__lt__(4), "abc".__getitem__(1), (5).__radd__(1), [1, 2].__iter__().__next__(), 5 .__repr__(), "x".__str__(), (2).__mul__(3), [3].__add__([4]), {1: 2}.__getitem__(1), (1).__add__("a"))
print(1 if [] else 2, [] and 1, [] or 1, not [] and not {}, 1 and 2 and 3, 0 or "" or None, 1 < 2 and 2 < 3, (1 < 2) == True, not 1 == 2)
print(1 is 1, None is not None, [] is [], "a" not in "abc", 3 in (1, 2, 3), "k" in {"k": 1}, 5 not in range(5))
