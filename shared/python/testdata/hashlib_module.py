import hashlib
import hmac
from hashlib import sha256


def show(name, f, *a, **k):
    try:
        print(name, repr(f(*a, **k)))
    except (ValueError, TypeError, OverflowError) as e:
        print(name, type(e).__name__, e)


print(sorted(hashlib.algorithms_guaranteed))
print(hashlib.algorithms_guaranteed <= hashlib.algorithms_available)
TEXTS = [b"", b"abc", b"x" * 63, b"x" * 64, b"x" * 65, b"y" * 127, b"y" * 128, b"y" * 129, b"z" * 1000]
for name in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"]:
    f = getattr(hashlib, name)
    h = f()
    print(h.name, h.digest_size, h.block_size, h.hexdigest())
    for t in TEXTS:
        print(f(t).hexdigest())
        h.update(t)
    c = h.copy()
    c.update(b"more")
    print(h.hexdigest(), c.hexdigest(), h.digest() == h.digest(), len(h.digest()))
    print(hashlib.new(name, b"abc").hexdigest() == f(b"abc").hexdigest())
for name in ["shake_128", "shake_256"]:
    h = getattr(hashlib, name)(b"abc")
    print(h.name, h.digest_size, h.block_size, h.hexdigest(20), h.digest(3), h.hexdigest(0))
    h.update(b"def")
    print(h.hexdigest(40), h.copy().hexdigest(5))
    show(name, h.digest, "x")
print(hashlib.sha256(b"abc", usedforsecurity=False).hexdigest(), hashlib.md5(string=b"x").hexdigest())
print(hashlib.new("SHA256").name, hashlib.new("MD5").name, hashlib.new("sha-256", b"x").name, hashlib.new("sha512_256", b"x").hexdigest(), hashlib.new("sha3-256").name)
print(hashlib.blake2b(b"abc", digest_size=16, key=b"secret", salt=b"salt", person=b"me").hexdigest())
print(hashlib.blake2s(b"abc" * 50, digest_size=20, key=b"k" * 32, salt=b"12345678", person=b"87654321").hexdigest())
print(hashlib.blake2b(key=b"k" * 64).hexdigest())
show("blake", hashlib.blake2b, b"", digest_size=65)
show("blake", hashlib.blake2b, b"", digest_size=0)
show("blake", hashlib.blake2s, b"", digest_size=33)
show("blake", hashlib.blake2s, b"", key=b"k" * 33)
show("blake", hashlib.blake2b, b"", salt=b"k" * 17)
show("blake", hashlib.blake2b, b"", person=b"k" * 17)
show("blake", hashlib.blake2b, "x")
show("sha256", sha256, "text")
show("sha256", sha256, 5)
show("sha256", sha256, None)
show("update", sha256().update, "text")
show("update", sha256().update, [1])
show("update", sha256().update)
show("update", sha256().update, b"ok")
show("new", hashlib.new, "nope")
show("new", hashlib.new, "sha256", "text")
print(hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1).hex())
print(hashlib.pbkdf2_hmac("sha1", b"password", b"salt", 4096, 50).hex())
print(hashlib.pbkdf2_hmac(hash_name="sha512", password=b"p" * 200, salt=b"", iterations=3, dklen=10).hex())
show("pbkdf2", hashlib.pbkdf2_hmac, "sha256", "text", b"", 1)
show("pbkdf2", hashlib.pbkdf2_hmac, "sha256", b"", "text", 1)
show("pbkdf2", hashlib.pbkdf2_hmac, "sha256", b"", b"", 0)
show("pbkdf2", hashlib.pbkdf2_hmac, "sha256", b"", b"", 1, 0)
show("pbkdf2", hashlib.pbkdf2_hmac, "sha256", b"", b"", 1, -5)

KEY = b"secret"
h = hmac.new(KEY, b"message", hashlib.sha256)
print(h.hexdigest(), h.digest(), h.name, h.digest_size, h.block_size)
h.update(b" more")
c = h.copy()
c.update(b"!")
print(h.hexdigest(), c.hexdigest())
for mod in ["md5", "sha1", "sha384", hashlib.sha512, hashlib.sha3_256, lambda: hashlib.new("sha224")]:
    print(hmac.new(KEY, b"m", mod).hexdigest(), hmac.digest(KEY, b"m", mod) == hmac.new(KEY, b"m", mod).digest())
print(hmac.new(b"k" * 200, digestmod="sha256").hexdigest(), hmac.new(key=KEY, msg=b"x", digestmod="md5").hexdigest())
print(isinstance(h, hmac.HMAC), hmac.HMAC(KEY, b"m", "sha1").hexdigest(), hmac.HMAC(KEY, digestmod="md5").name)
print(hmac.compare_digest("abc", "abc"), hmac.compare_digest("abc", "abd"), hmac.compare_digest(b"a", b"ab"), hmac.compare_digest("", ""))
show("compare", hmac.compare_digest, "a", b"a")
show("compare", hmac.compare_digest, "é", "é")
show("compare", hmac.compare_digest, 1, 1)
show("hmac", hmac.new, "key", b"", "sha256")
show("hmac", hmac.new, KEY, b"x")
show("hmac", hmac.new, KEY, "text", "sha256")
show("hmac", hmac.new, KEY, 5, "sha256")
show("hmac", hmac.new, KEY, b"x", "nope")
show("hmac", hmac.new, None, b"x", "nope")
show("hmac", hmac.new)
