people = [("Ann", 30), ("bob", 25), ("Cid", 30), ("dan", 25)]
print(sorted(people, key=lambda p: (p[1], p[0].lower())), sorted(people, key=lambda p: -p[1]), sorted(people, key=lambda p: p[1], reverse=True))
print(sorted([True, 0, 2.5, -1]), sorted("hello", reverse=True), sorted([[2], [1, 5], [1]]), sorted([(1, "b"), (1, "a")]), sorted({3: 1, 1: 2}), sorted([0.1, -0.0, 5e10, -1e-3]))
class K:
    def __init__(self, v): self.v = v
    def __lt__(self, o): return self.v < o.v
    def __repr__(self): return f"K{self.v}"
l = [K(3), K(1), K(2)]
l.sort(); print(l); l.sort(key=lambda k: -k.v); print(l, min(l), max(l, key=lambda k: k.v))
words = "the quick brown fox jumps over the lazy dog the end".split()
freq = {}
for w in words: freq[w] = freq.get(w, 0) + 1
print(sorted(freq.items(), key=lambda kv: (-kv[1], kv[0]))[:3], max(freq, key=freq.get), min(words, key=len), sorted(set(words), key=words.index)[:4])
x = [5, 3, 1]
y = sorted(x); x.sort(); print(x == y, x is y, x[::-1], list(reversed(x)), sorted(x, key=str))
try: sorted([1, "a", None])
except TypeError as e: print(e)
try: [3, {}].sort()
except TypeError as e: print(e)
def bad(v): raise ValueError("key")
try: sorted([1], key=bad)
except ValueError as e: print(e)
big = [(i * 7919) % 1000 for i in range(1000)]
print(sorted(big)[:5], sorted(big)[-3:], sum(sorted(big)[::100]))
