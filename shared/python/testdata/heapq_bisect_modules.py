import bisect
import heapq
from bisect import bisect_left, bisect_right, insort, insort_left, insort_right
from heapq import heapify, heappop, heappush, heappushpop, heapreplace, nlargest, nsmallest


def show(f, *a, **kw):
    try:
        print(repr(f(*a, **kw)), a)
    except (TypeError, ValueError, IndexError) as e:
        print(type(e).__name__, e)


data = [(i * 7919) % 101 for i in range(60)]
h = list(data)
heapify(h)
print(h)
for x in [5, -1, 200, 5]:
    heappush(h, x)
print(h, heapreplace(h, 50), heappushpop(h, -7), heappushpop(h, 60), heappushpop([], 3))
print([heappop(h) for _ in range(len(h))], h)
print(nlargest(3, data), nsmallest(3, data), nlargest(2, ["a", "ccc", "bb"], key=len), nsmallest(2, ["a", "ccc", "bb"], key=len), nsmallest(0, data), nlargest(-1, data), nsmallest(99, (3, 1, 2)))
jobs = []
for n, name in [(3, "c"), (1, "a"), (2, "b")]:
    heapq.heappush(jobs, (n, name))
print(jobs, heappop(jobs))
for f, a in [(heappop, ([],)), (heapreplace, ([], 1)), (heappush, ((1,), 2)), (heapify, (5,)), (heappop, (None,)), (heappush, ([1], "a")), (heappush, ([],)), (heapify, ([1, "a"],)), (heappushpop, ("ab", 1)), (nlargest, (1, 5)), (heapreplace, ({}, 1))]:
    show(f, *a)

s = [1, 3, 3, 5, 7]
for x in [0, 1, 3, 4, 7, 9]:
    print(bisect.bisect(s, x), bisect_left(s, x), bisect_right(s, x), bisect_left(s, x, 1, 3), bisect_right(s, x, lo=2))
for f in [insort, insort_left, insort_right]:
    t = [1, 3.0, 3, 5]
    f(t, 3)
    f(t, 2, 1)
    f(t, 9, hi=2)
    print(t)
rows = [("a", 1), ("b", 3)]
insort(rows, ("c", 2), key=lambda r: r[1])
print(rows, bisect_left(rows, 2, key=lambda r: r[1]), bisect.bisect("abc", "b"), bisect_left((1, 2), 2), bisect_right([], 1))
for f, a in [(bisect_left, (s, 1, -1)), (bisect_right, (s, "a")), (bisect_left, (5, 1)), (bisect_left, (s,)), (insort, ((1, 2), 3)), (bisect_left, (s, 9, 0, 20)), (insort, (s, "x")), (bisect_left, (s, 1, "a"))]:
    show(f, *a)
show(bisect_left, s, 1, nope=1)
