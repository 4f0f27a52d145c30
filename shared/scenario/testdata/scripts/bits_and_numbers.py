"""Arithmetic: big integers, bits, Luhn digits, checksums, rounding, and where it goes wrong."""
import math
from enum import Flag, IntFlag, auto
from functools import reduce
from itertools import accumulate, count, takewhile
from operator import mul, xor

from loadpilot import LoadClient, VUser, scenario, task


class Perm(Flag):
    READ = auto()
    WRITE = auto()
    DELETE = auto()
    ALL = READ | WRITE | DELETE


class Mode(IntFlag):
    X = 1
    W = 2
    R = 4


def luhn(digits: str) -> int:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(int(d) * 2, 10)) for d in even)) % 10


def card(prefix: str, length: int = 16) -> str:
    body = (prefix + "0123456789" * 2)[: length - 1]
    return body + str(-luhn(body + "0") % 10)


def crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return crc


def snowflake(ms: int, node: int, seq: int) -> int:
    return ms << 22 | (node & 0x3FF) << 12 | seq & ~-(1 << 12)


@scenario(rps=30)
class Numbers(VUser):
    @task
    def cards(self, client: LoadClient):
        numbers = [card(p) for p in ("4", "51", "37")]
        print(numbers, [luhn(n) for n in numbers], hex(crc16(b"123456789")), f"{snowflake(1700000000000, 5, 4097):,}")
        client.post("/orders", json={"card": numbers[0], "id": 2**64 + 1, "amount": 1e22, "rate": 0.1 + 0.2, "big": 1.5e300})

    @task
    def flags(self, client):
        p = Perm.READ | Perm.DELETE
        print(p, repr(p), Perm.WRITE in p, p ^ Perm.ALL, ~p, bool(p & Perm.WRITE), [m.name for m in p], Perm(0), len(Perm))
        print(Mode.R | 2, repr(Mode(5)), Mode.R + 1, f"{Mode.W}", Mode["X"].value, int(Mode.R | Mode.W) == 0b110)
        client.get("/health", params={"perm": p.value, "mode": Mode.R | Mode.X})
        Perm(64)

    @task
    def integers(self, client):
        client.get("/health")
        print(2**200 % 10**9, -7 // 2, -7 % 3, divmod(-7.5, 2), pow(3, -1, 11), (1 << 100).bit_length(), (-5) >> 1, ~0 ^ 5)
        print(reduce(mul, range(1, 26)), reduce(xor, [1, 2, 3, 4]), int("zz", 36), int("-0b101", 0), (255).to_bytes(4, "big"))
        print(list(accumulate(range(1, 7), lambda a, b: a * b)), math.comb(50, 6), math.isqrt(10**20), math.gcd(84, 36), bin(37).count("1"))
        print(list(takewhile(lambda n: n * n < 50, count(1, 2))), round(2.5), round(-1234.5678, 2), round(1251, -2), 7 .bit_count())
        print(0.1 + 0.2, 1e16, 1 / 3, 1e-5, float("1e3"), 5e-324, -0.0, 2**0.5, 10**25 / 3, int(1e23), 3.0 .is_integer(), (0.75).as_integer_ratio())

    def check_integers(self, status_code, body):
        for wrong in (lambda: 1 / 0, lambda: 5 % 0, lambda: 2.0**5000, lambda: int("12a"), lambda: float("x"), lambda: 1 << -1,
                      lambda: math.sqrt(-1), lambda: int(float("nan")), lambda: "3" * "4", lambda: 0**-1, lambda: math.factorial(-1)):
            try:
                print(wrong())
            except (ArithmeticError, ValueError, TypeError) as e:
                print(type(e).__name__, e)
        assert 1 <= status_code < 200 < 300, body["version"]
