import base64
import binascii
from base64 import b64encode, b64decode


def show(f, *a, **k):
    try:
        print(f.__name__, repr(f(*a, **k)))
    except (ValueError, TypeError, AssertionError, binascii.Error) as e:
        print(f.__name__, type(e).__name__, e)


SAMPLES = [b"", b"f", b"fo", b"foo", b"foob", b"fooba", b"foobar", b"\xff\xfe\xfd\x00\xfb\xef", b"user:pass word", bytes(range(256))]
for s in SAMPLES:
    for enc, dec in [(base64.b64encode, base64.b64decode), (base64.standard_b64encode, base64.standard_b64decode),
                     (base64.urlsafe_b64encode, base64.urlsafe_b64decode), (base64.b32encode, base64.b32decode),
                     (base64.b32hexencode, base64.b32hexdecode), (base64.b16encode, base64.b16decode),
                     (base64.b85encode, base64.b85decode), (base64.a85encode, base64.a85decode),
                     (base64.encodebytes, base64.decodebytes)]:
        e = enc(s)
        print(e, dec(e) == s)
print(b64encode(b"\xff\xfe\xfd\xfb\xef\xbe", b"-_"), b64encode(b"\xfb\xef\xbe", altchars=b".,"))
print(b64decode("-_-_", "-_"), b64decode(b"-_-_", altchars=b"-_"), b64decode("Zm9v\nYmFy"), b64decode("Zm9v YmFy!"))
print("Basic " + b64encode("user:pässword".encode()).decode("ascii"))
print(base64.b32decode("mzxw6===", casefold=True), base64.b32decode("MZXW6===", True), base64.b32decode("0Z1W6===", map01="L"))
print(base64.b32hexdecode("cpnmu===", casefold=True), base64.b16decode("ff00", casefold=True), base64.b16decode(b"FF00"))
print(base64.b85encode(b"abc", pad=True), base64.a85encode(b"\0\0\0\0    abc", foldspaces=True), base64.a85encode(b"\0\0\0", pad=True))
print(base64.a85encode(b"hello world, this is text", adobe=True, wrapcol=10), base64.a85encode(b"hello world", wrapcol=4))
print(base64.a85decode(b"<~87cURD]j7BEbo80~>", adobe=True), base64.a85decode("z87cUR"), base64.a85decode("y87cUR", foldspaces=True))
print(base64.a85decode(b"87 cU\nR", ignorechars=b" \n"))
print(base64.decodebytes(b"Zm9v\nYmFy\n"), base64.encodebytes(b"x" * 100))

for text in ["Zg==", "Zg=", "Zg", "Z", "Zm9v=", "Zm9vY", "Zm9vYm", "Zm9vYm=", "====", "=Zg=", "Zg==Zg==", "Zg==x", "Z=g=", "Zm=9v", "é", "Zm9v\n",
             "Zm9vYmFyYmF6Z", "!!!!", "Zg= =", "Zm9v====", "Z===", "Zg===", "Zm9v=Zm9v"]:
    show(b64decode, text)
    show(b64decode, text, validate=True)
show(b64encode, "text")
show(b64encode, 5)
show(b64encode, b"x", b"abc")
show(b64encode, b"x", "ab")
show(b64decode, b"x", b"abc")
show(b64decode, None)
show(b64decode, 5.5)
show(b64decode, "Zg==", 5)
show(base64.urlsafe_b64decode, "Zg")
show(base64.standard_b64decode, "Zg")
show(base64.b32decode, "MZXW6")
show(base64.b32decode, "mzxw6===")
show(base64.b32decode, "MZXW6====")
show(base64.b32decode, "MZXW====")
show(base64.b32decode, "MZX=W===")
show(base64.b32decode, "0Z1W6===")
show(base64.b32decode, "0Z1W6===", map01=b"xy")
show(base64.b32decode, "MZXWaY==")
show(base64.b16decode, "ff")
show(base64.b16decode, "FFF")
show(base64.b85decode, b"ab\"c")
show(base64.b85decode, b"~~~~~")
show(base64.b85decode, b"00000~~~~~")
show(base64.a85decode, b"87cUR")
show(base64.a85decode, b"uuuuu")
show(base64.a85decode, b"a z")
show(base64.a85decode, b"az")
show(base64.a85decode, b"ay", foldspaces=True)
show(base64.a85decode, b"<~87cUR", adobe=True)
show(base64.a85decode, b"8v")
show(base64.encodebytes, "x")
show(base64.decodebytes, "x")
show(base64.decodebytes, b"x")
show(base64.b16encode, "x")
show(base64.b32encode, None)
show(base64.b85encode, "x")
show(base64.a85encode, 1)
show(b64encode)
show(b64encode, b"", b"", b"")
show(b64encode, b"", wrong=1)
