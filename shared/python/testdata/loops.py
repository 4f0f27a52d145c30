for i in range(3):
    if i == 5:
        break
else:
    print("no break")
for i in range(3):
    if i == 1:
        break
else:
    print("not here")
print(i)
n = 3
while n:
    n -= 1
    if n == 1:
        continue
    print(n)
else:
    print("while else")
for a, (b, *c) in [(1, (2, 3, 4)), (5, (6,))]:
    print(a, b, c)
for i, ch in enumerate("ab"):
    for j in range(2):
        if j == 1:
            break
        print(i, ch, j)
d = {"a": 1}
for d["k"] in range(2):
    pass
print(d)
class O: pass
o = O()
for o.x in "xy":
    pass
print(o.x)
l = [1, 2, 3]
for x in l[:]:
    l.remove(x)
print(l)
def find(xs, t):
    for i, x in enumerate(xs):
        if x == t:
            return i
    return -1
print(find("abc", "c"), find("abc", "z"))
total = 0
for i in range(10):
    if i % 2: continue
    if i > 6: break
    total += i
print(total)
print([(x, y) for x in range(3) for y in range(x) if (x + y) % 2])
m = {(i, j): i * j for i in range(2) for j in range(2)}
print(m)
it = iter([1, 2, 3])
for x in it:
    print(x, next(it, None))
x = 10
r = [x for x in range(3)]
print(x, r)
i = 0
while True:
    i += 1
    if i > 3: break
print(i)
for _ in []: pass
else: print("empty else")
matrix = [[1, 2, 3], [4, 5, 6]]
print(list(zip(*matrix)), [list(r) for r in zip(*matrix)], list(map(list, zip(*matrix))))
a = b = []
a.append(1); print(b)
a, b = [1, 2], [3]
a[0], b[0] = b[0], a[0]; print(a, b)
i = 0
i, l[i:] = 1, [5, 6]; print(i, l)
x = y = z = 0
x += 1; y -= 1; z *= 2
print(x, y, z)
pass
...
"string statement"
if x: print("one-line if")
elif y: pass
else: pass
