import uuid
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, RESERVED_FUTURE, RESERVED_MICROSOFT, RESERVED_NCS, RFC_4122
from uuid import UUID, getnode, uuid1, uuid3, uuid4, uuid5

TEXT = "12345678-1234-5678-9234-567812345678"


def show(f, *a, **kw):
    try:
        print(repr(f(*a, **kw)))
    except (TypeError, ValueError, AttributeError) as e:
        print(type(e).__name__, e)


u = UUID(TEXT)
print(u, repr(u), u.hex, u.bytes, u.bytes_le, u.int, u.urn, u.version, u.variant, u.fields)
print(u.time_low, u.time_mid, u.time_hi_version, u.clock_seq_hi_variant, u.clock_seq_low, u.node, u.time, u.clock_seq, int(u))
for form in [u.hex, u.urn, "{" + TEXT + "}", TEXT.upper(), "".join(TEXT.split("-")), "urn:uuid:{" + u.hex + "}"]:
    print(UUID(form) == u, end=" ")
print(UUID(bytes=u.bytes) == u, UUID(bytes_le=u.bytes_le) == u, UUID(fields=u.fields) == u, UUID(int=u.int) == u, UUID(hex=TEXT) == u, UUID(TEXT, version=4).version)
for v in range(1, 6):
    print(UUID(int=2**128 - 1, version=v), UUID(TEXT, None, None, None, None, v))
for text in ["0", "4", "8", "b", "c", "d", "e", "f"]:
    x = UUID(TEXT[:19] + text + TEXT[20:])
    print(x.variant, x.version)
for call in [
    lambda: UUID(), lambda: UUID("x"), lambda: UUID(TEXT[:-1]), lambda: UUID("z" * 32), lambda: UUID(5), lambda: UUID(TEXT, bytes=b"x"), lambda: UUID(bytes=b"x"),
    lambda: UUID(bytes_le=b"x"), lambda: UUID(bytes=b"x" * 17), lambda: UUID(fields=(1, 2)), lambda: UUID(fields=(2**32, 0, 0, 0, 0, 0)), lambda: UUID(fields=(0, 2**16, 0, 0, 0, 0)),
    lambda: UUID(fields=(0, 0, -1, 0, 0, 0)), lambda: UUID(fields=(0, 0, 0, 256, 0, 0)), lambda: UUID(fields=(0, 0, 0, 0, 256, 0)), lambda: UUID(fields=(0, 0, 0, 0, 0, 2**48)),
    lambda: UUID(int=-1), lambda: UUID(int=2**128), lambda: UUID(int="a"), lambda: UUID(TEXT, version=0), lambda: UUID(TEXT, version=6), lambda: UUID(nope=1),
    lambda: uuid3("x", "y"), lambda: uuid5(NAMESPACE_DNS, b"x"), lambda: uuid5(NAMESPACE_DNS), lambda: u < 5, lambda: u < TEXT, lambda: u.nope, lambda: uuid.nope,
    lambda: uuid1(node=2**48), lambda: UUID("urn:uuid:"),
]:
    show(call)
print(u == TEXT, u != TEXT, u == UUID(TEXT), hash(u) == hash(UUID(TEXT)), hash(u) == hash(u.int), {u: 1}[UUID(TEXT)], u < UUID(int=0), u <= u, u > UUID(int=0), sorted([u, UUID(int=5), NAMESPACE_DNS]))
print(NAMESPACE_DNS, NAMESPACE_URL, NAMESPACE_OID, NAMESPACE_X500)
print(RESERVED_NCS, RFC_4122, RESERVED_MICROSOFT, RESERVED_FUTURE, sep="; ")
for name in ["", "python.org", "é"]:
    print(uuid3(NAMESPACE_DNS, name), uuid5(NAMESPACE_URL, name), uuid5(u, name).version, uuid3(NAMESPACE_X500, name).version, uuid5(NAMESPACE_OID, name).variant)
a, b = uuid4(), uuid4()
print(a != b, a.version, a.variant, len({uuid4() for _ in range(100)}), isinstance(a, UUID), UUID(str(a)) == a, len(str(a)), f"{u}", "%s" % u, type(u).__name__)
t = uuid1()
print(t.version, t.variant, t.node == getnode(), 0 < getnode() < 2**48, getnode() == getnode(), uuid1(node=5).node, uuid1(5, 77).clock_seq, uuid1(clock_seq=2**14 - 1).clock_seq, 0 < uuid1().time - t.time < 10**9)
