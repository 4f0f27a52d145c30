import random
import secrets
from secrets import token_hex, token_urlsafe


def show(f, *a, **k):
    try:
        print(f.__name__, repr(f(*a, **k)))
    except (ValueError, TypeError, IndexError) as e:
        print(f.__name__, type(e).__name__, e)


print(len(token_hex()), len(token_hex(8)), len(secrets.token_bytes()), len(secrets.token_bytes(5)), len(token_urlsafe()), len(token_urlsafe(16)))
print(token_hex(0) == "", type(secrets.token_bytes(1)), set(token_hex(100)) <= set("0123456789abcdef"))
print({secrets.choice("abc") for _ in range(200)} == set("abc"), secrets.choice([7]), secrets.choice((1,)))
print({secrets.randbelow(3) for _ in range(200)} == {0, 1, 2}, secrets.randbelow(1), secrets.randbelow(10 ** 30) < 10 ** 30)
print(secrets.randbits(1) in (0, 1), secrets.randbits(200) < 2 ** 200, secrets.randbits(0))
print(secrets.compare_digest("a", "a"), secrets.compare_digest(b"a", b"b"))
random.seed(1)
a = token_hex(16)
random.seed(1)
print(a != token_hex(16))
r = secrets.SystemRandom()
print(0 <= r.random() < 1, 1 <= r.randint(1, 6) <= 6, r.choice([5]), len(r.sample(range(100), 5)), type(r.uniform(1, 2)), r.getrandbits(3) < 8)
r.seed(5)
show(secrets.randbelow, 0)
show(secrets.randbelow, -5)
try:
    secrets.randbits(-1)
except ValueError as e:
    print(e)
show(secrets.choice, [])
show(token_hex, -1)
show(token_hex, "x")
show(secrets.compare_digest, "a", 1)
