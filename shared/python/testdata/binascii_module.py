import binascii
from binascii import hexlify, unhexlify


def show(f, *a, **k):
    try:
        print(f.__name__, repr(f(*a, **k)))
    except (ValueError, TypeError) as e:
        print(f.__name__, type(e).__name__, e, isinstance(e, ValueError))


data = b"\x01\x02\xab\xcd\xef\x10\x99"
show(hexlify, data)
show(binascii.b2a_hex, data)
for n in [1, 2, 3, -1, -2, -3, 0, 7, 8, -7, -8, 6, -6]:
    show(hexlify, data, ":", n)
    show(hexlify, data, b"-", bytes_per_sep=n)
show(hexlify, data, sep="_")
show(hexlify, b"", ":")
show(hexlify, data, "")
show(hexlify, data, "ab")
show(hexlify, data, "é")
show(hexlify, "text")
show(unhexlify, "0102ABcd")
show(unhexlify, b"0102")
show(binascii.a2b_hex, "ff")
show(unhexlify, "012")
show(unhexlify, "0g")
show(unhexlify, "é1")
show(unhexlify, 5)
show(binascii.b2a_base64, b"hello")
show(binascii.b2a_base64, b"hello", newline=False)
show(binascii.b2a_base64, "hello")
show(binascii.a2b_base64, "aGVsbG8=")
show(binascii.a2b_base64, b"aGVsbG8=\n")
show(binascii.a2b_base64, b"aGVsbG8=\n", strict_mode=True)
show(binascii.a2b_base64, "=GVsbG8=", strict_mode=True)
show(binascii.a2b_base64, "aGVsbG8", strict_mode=False)
show(binascii.a2b_base64, None)
show(binascii.crc32, b"hello world")
show(binascii.crc32, b"world", binascii.crc32(b"hello "))
show(binascii.crc32, b"", 2 ** 33 + 5)
show(binascii.crc32, "x")
print(binascii.Error, binascii.Error.__mro__[1], binascii.Error.__module__)
try:
    unhexlify("zz")
except binascii.Error as e:
    print("caught", e, repr(e))
unhexlify("abc")
