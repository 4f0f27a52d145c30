s, l, t, b = "abcdefghij", list(range(10)), tuple(range(10)), b"abcdefghij"
for a, z, st in [(None, None, None), (2, 5, None), (-3, None, None), (None, -3, None), (None, None, -1), (8, 2, -2), (2, 8, -1), (0, 100, 3), (-100, 100, 4), (5, 5, 1), (-1, -5, -1), (100, -100, -3), (None, 3, -1), (3, None, -1)]:
    sl = slice(a, z, st)
    print(s[sl], l[sl], t[sl], b[sl], range(10)[sl], "héllo wörl"[sl])
l[2:4] = "xyz"; print(l)
l[:0] = [-1]; print(l)
l[len(l):] = [99]; print(l)
l[::3] = [0] * len(l[::3]); print(l)
del l[::2]; print(l)
del l[1:3]; print(l)
l[1:1] = [7, 8]; print(l)
l[5:2] = ["mid"]; print(l)
try: l[::2] = [1]
except ValueError as e: print(e)
try: l[0:2] = 5
except TypeError as e: print(e)
try: s[0] = "x"
except TypeError as e: print(e)
try: t[0] = 1
except TypeError as e: print(e)
try: del s[0]
except TypeError as e: print(e)
try: del l[100]
except IndexError as e: print(e)
try: l[100] = 1
except IndexError as e: print(e)
class G:
    def __getitem__(self, k): return k
print(G()[1:2], G()[::2], G()[1, 2], G()[1:2, 3], G()["a"], G()[...])
class I:
    def __index__(self): return 2
print([1, 2, 3][I()], "abc"[I():], list(range(I())), bin(I()), [0] * 3)
