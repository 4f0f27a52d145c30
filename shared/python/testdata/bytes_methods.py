b = b"Hello, World"
print(b.find(b"o"), b.find(b"o", 5), b.find(b"o", 5, 8), b.rfind(b"o"), b.find(111), b.find(b"zz"), b.find(b"", 3), b.find(b"", 50))
print(b.index(b"W"), b.rindex(b"l"), b.count(b"l"), b.count(b"l", 4), b.count(b""), b.count(108), b.find(b"l", -3), b.count(b"", 50))
for call in (lambda: b.index(b"zz"), lambda: b.find("x"), lambda: b.find(300), lambda: b.startswith("x"), lambda: b.split(b""), lambda: b.center(20, b"ab"), lambda: b.replace("a", b"b"), lambda: b"x".join(["a"]), lambda: b.partition(b"")):
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)
print(b.startswith(b"He"), b.startswith((b"x", b"H")), b.startswith(b"lo", 3), b.endswith(b"ld"), b.endswith(b"lo", 0, 5), b.endswith(()))
print(b.upper(), b.lower(), b.title(), b"hello wORLD x1y".title(), b.swapcase(), b"hELLO".capitalize(), b"\xe4\xc4x".upper())
print(b"  x y\t\n".strip(), b"  x ".lstrip(), b"  x ".rstrip(), b"xxaxx".strip(b"x"), b"abcba".lstrip(b"ab"), b"abcba".rstrip(b"ab"))
print([b"ab".center(n, b"*") for n in range(1, 8)], [b"abc".center(n) for n in range(3, 8)], b"a".ljust(3, b"-"), b"a".rjust(3), b"a".ljust(0))
print(b"42".zfill(5), b"-42".zfill(5), b"+4".zfill(2), b"".zfill(2))
print(b"a,b,,c".split(b","), b"a,b,,c".split(b",", 1), b"a,b,,c".rsplit(b",", 1), b"a,b".rsplit(b",", 0), b" a  b c ".split(), b" a  b c ".split(None, 1), b" a  b c ".rsplit(None, 1), b"".split(), b"".split(b","), b" x ".rsplit(None, 0), b" x y ".split(maxsplit=0))
print(b"a\nb\r\nc\rd".splitlines(), b"a\nb\r\n".splitlines(True), b"".splitlines(), b"\n".splitlines(keepends=True))
print(b"a=b=c".partition(b"="), b"a=b=c".rpartition(b"="), b"a".partition(b"="), b"a".rpartition(b"="))
print(b"aXbXc".replace(b"X", b"--"), b"aXbXc".replace(b"X", b"", 1), b"abc".replace(b"", b"-"), b"abc".replace(b"", b"-", 2), b"abc".replace(b"b", b"b", 0))
print(b"prefix-x".removeprefix(b"prefix-"), b"x.txt".removesuffix(b".txt"), b"x".removeprefix(b"y"))
print(b"12".isdigit(), b"1a".isdigit(), b"ab".isalpha(), b"a1".isalnum(), b" \t".isspace(), b"".isspace(), b"ab1".islower(), b"AB1".isupper(), b"1".isupper(), b"aB".islower(), b"\xff".isascii(), b"".isascii())
print(b"\x00\xff\x10".hex(), b"\x00\xff\x10".hex(":"), bytes.fromhex("00ff 10"), b"-".join([b"a", b"b"]), b"".join([]))
print("ä".encode().decode(), b"abc"[1], b"abc"[::-1], 98 in b"abc", b"bc" in b"abc", b"a" * 3, b"a" + b"b", list(b"ab"), b"a" < b"b")
