d = {"a": 1, "b": 2, "c": 3}
k, v, i = d.keys(), d.values(), d.items()
print(k, v, i, len(k), "a" in k, 2 in v, ("a", 1) in i, ("a", 2) in i, list(k), sorted(v))
d["d"] = 4
print(k, len(v), list(i)[-1])
print(sorted(k & {"a", "z"}), sorted(k | {"z"}), sorted(k - {"a"}), k == {"a", "b", "c", "d"}, sorted({"a"} ^ k), k.isdisjoint({"q"}))
print([x for x in d], [*d.values()], {**d}, dict(d.items()), max(d.values()), sum(d.values()), min(d, key=d.get))
print({v: k for k, v in d.items()}, list(reversed(d)), list(reversed(d.items())), d.keys() == dict(d).keys())
for key in list(d):
    if d[key] % 2: del d[key]
print(d, bool(d), bool({}), d or "empty", {} or "empty")
n = {"x": {"y": [1, {"z": 2}]}}
print(n["x"]["y"][1]["z"], n.get("q", {}).get("r"), "x" in n and "y" in n["x"])
n["x"]["y"][1]["z"] += 40; print(n)
print({1: "int", 1.0: "float"}, {True: 1, 1: 2}, {(1, 2): 3}[1, 2], {None: 1}[None], {"": 0}[""])
print(dict.fromkeys([1, 2]), dict.fromkeys("ab", []), {"a": 1} | {"b": 2}, dict(a=1, **{"b": 2}))
e = {}; e |= {"q": 1}; e.update([("r", 2)]); e.update(s=3); print(e, e.setdefault("t", []), e)
c = e.copy(); c["q"] = 100; print(e["q"], c["q"])
big = {str(i): i for i in range(100)}
print(len(big), big["50"], list(big)[:3], "99" in big, "100" in big, sum(big.values()), big.pop("50"), len(big), list(big.items())[49:51])
print({i: i for i in range(12)}, list(range(12)) == list({i: 0 for i in range(12)}), {1.5: 1, 10**20: 2, (1, (2,)): 3, frozenset([1]): 4, b"x": 5})
class H:
    def __init__(self, v): self.v = v
    def __hash__(self): return 1
    def __eq__(self, o): return self.v == o.v
h = {H(i): i for i in range(20)}
print(h[H(7)], len(h), H(30) in h, h.pop(H(3)), len(h))
