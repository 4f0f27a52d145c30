import math
from math import acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, ceil, comb, copysign, cos, cosh, degrees, dist, erf, erfc, exp, exp2
from math import expm1, fabs, factorial, floor, fmod, frexp, fsum, gamma, gcd, hypot, isclose, isfinite, isinf, isnan, isqrt, lcm, ldexp
from math import lgamma, log, log10, log1p, log2, modf, nextafter, perm, pow, prod, radians, remainder, sin, sinh, sqrt, tan, tanh, trunc, ulp
from decimal import Decimal

INF, NAN = math.inf, math.nan


class Real:
    def __float__(self):
        return 2.5

    def __floor__(self):
        return "floor"

    def __ceil__(self):
        return "ceil"

    def __trunc__(self):
        return "trunc"


class Whole:
    def __index__(self):
        return 12


class Wrong:
    def __float__(self):
        return "text"


def show(f, *a, **kw):
    try:
        r = f(*a, **kw)
        print(f.__name__, a, kw or "", f"{r:.13g}" if isinstance(r, float) else r)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError) as e:
        print(f.__name__, a, kw or "", type(e).__name__, e)


print(math.pi, math.e, math.tau, INF, NAN)
REAL = [acos, acosh, asin, asinh, atan, atanh, cbrt, cos, cosh, degrees, erf, erfc, exp, exp2, expm1, fabs, gamma, lgamma, log, log10,
        log1p, log2, radians, sin, sinh, sqrt, tan, tanh, ulp, isfinite, isinf, isnan, frexp, modf, floor, ceil, trunc]
for f in REAL:
    for x in [0, 0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3.7, -3.7, 1e-5, 30, 171.5, 200, 1000, -1000, 1e308, INF, -INF, NAN, True, "a", None]:
        show(f, x)
    for bad in [(), (1, 2, 3), 10**400, -10**400, []]:
        show(f, *bad) if isinstance(bad, tuple) else print(f.__name__, end=" ")
    try:
        f(x=1)
    except TypeError as e:
        print(e)
for f in [atan2, copysign, fmod, nextafter, pow, remainder, dist, ldexp, isclose]:
    for x in [(1, 2), (-1, 2.5), (0, 0), (0, -1), (-0.0, 0), (-8, 1 / 3), (INF, 1), (1, INF), (-INF, INF), (NAN, 1), (1, NAN), (10, 400), (0, -INF), (5, 3), (-7.5, 2), ("a", 1), (1, "a"), (1,), (1, 2, 3)]:
        show(f, *x)
print(sqrt(Decimal("2.25")), sqrt(Whole()), floor(Decimal("2.7")), floor(Real()), ceil(Real()), trunc(Real()), sqrt(Real()), gcd(Whole(), 8), factorial(Whole()), floor(2**70), ceil(-2**70), trunc(True))
show(sqrt, 10**400)
print(log(10**400), log2(2**5000), log10(10**400), log(10**400, 10), log(8, 2), log2(3 * 2**2000) > 2001)
for a in [(0,), (-1,), (-10**400,), (8, 0), (8, 1), (8, -1), (1, 2, 3), (), ("a",), (2, "b")]:
    show(log, *a)
show(ldexp, 1, 2**70)
show(ldexp, 1, -2**70)
show(ldexp, 0.0, 5000)
show(ldexp, 1, 1023)
show(ldexp, INF, 1)
show(ldexp, 1, 1.0)
print(nextafter(0, 1), nextafter(1, 2), nextafter(1, -INF), nextafter(INF, 0), ulp(1), ulp(0), ulp(1.7976931348623157e308))
print(fsum([0.1] * 10), fsum([1e100, 1, -1e100]), fsum([]), fsum(range(5)), fsum([INF, 1]), fsum([NAN, INF]), fsum([1e308, 1e-308, -1e308]))
for data in [[INF, -INF], [1e308, 1e308], [1, "a"], 5]:
    show(fsum, data)
print(prod([1, 2, 3]), prod([]), prod([2.5, 2], start=3), prod(["ab", 2], start=1), prod([], start="x"))
show(prod, [1, 2], 3)
show(prod, 5)
print(hypot(), hypot(3), hypot(3, 4), hypot(1, 2, 3), hypot(-INF, NAN), hypot(NAN, 1), hypot(1e308, 1), hypot(5e-324, 0), hypot(0.1, 0.2), hypot(12.3, 45.6, 78.9))
show(hypot, "a")
print(dist((1, 2), (4, 6)), dist([1, 2, 3], [4, 5, 6.5]), dist([], []), dist(range(3), (0.5, 0.5, 0.5)))
show(dist, (1, 2), (1, 2, 3))
show(dist, (1, "a"), (1, 2))
print(isclose(0.1 + 0.2, 0.3), isclose(1, 1.1, rel_tol=0.2), isclose(0, 1e-10), isclose(0, 1e-10, abs_tol=1e-9), isclose(INF, INF), isclose(INF, 1), isclose(a=1, b=1), isclose(NAN, NAN))
show(isclose, 1, 2, rel_tol=-1)
show(isclose, 1, 2, nope=1)
show(isclose, 1, b="x")
print(isqrt(0), isqrt(17), isqrt(10**40), isqrt(Whole()), isqrt(True))
print(comb(5, 2), comb(10, 0), comb(3, 5), comb(100, 50), comb(10**30, 2), comb(10**30, 10**30 - 1), perm(5, 2), perm(5), perm(5, None), perm(3, 5), perm(10**20, 3), perm(0), comb(0, 0), len(str(perm(1000))), perm(2000, 1000) % 1000007, comb(20000, 10000) % 1000007)
print(gcd(), gcd(12), gcd(-12, 18), gcd(12, 18, 27), gcd(0, 0), gcd(10**30, 15 * 10**20), lcm(), lcm(4), lcm(4, 6), lcm(-4, 6, 10), lcm(0, 5), lcm(10**20, 15))
for f, a in [(isqrt, (-1,)), (isqrt, (1.5,)), (comb, (-1, 2)), (comb, (5, -2)), (comb, (5.0, 2)), (comb, (5, "2")), (comb, (5,)), (perm, (-1, 2)), (perm, (5, -1)), (perm, (1.5,)), (perm, (-1,)), (perm, (1, 2, 3)), (factorial, (-1,)), (factorial, (1.0,)), (factorial, ("a",)), (factorial, (2**64,)), (factorial, (-2**64,)), (gcd, (1.5,)), (gcd, (1, "a")), (lcm, (2.0, 1)), (lcm, (None,))]:
    show(f, *a)
for call in [lambda: gcd(a=1), lambda: lcm(b=2), lambda: hypot(x=1), lambda: log(x=1), lambda: comb(n=1, k=2), lambda: sqrt(Wrong()), lambda: floor(Wrong()), lambda: math.nope]:
    try:
        print(call())
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)
print(factorial(0), factorial(20), factorial(25), factorial(True), len(str(factorial(1000))))
