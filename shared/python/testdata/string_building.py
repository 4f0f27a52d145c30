parts = []
for i in range(5):
    parts.append(f"{i:02d}:{i ** 2:>4}:{i / 3:.3f}")
print("\n".join(parts))
row = "| {:<10} | {:^8} | {:>6} |"
print(row.format("name", "qty", "price"))
for name, qty, price in [("apple", 3, 1.5), ("pear", 10, 0.25)]:
    print(row.format(name, qty, f"{price:.2f}"))
s = ""
for c in "héllo":
    s = c + s
print(s, s.encode().hex(), len(s.encode()), [ord(c) for c in s])
print("a,b;c d".replace(",", " ").replace(";", " ").split(), "k=v&x=y".split("&"), dict(p.split("=") for p in "k=v&x=y".split("&")))
print("%-10s|%10s|%05.1f|%x" % ("left", "right", 3.14159, 255), "%(n)s is %(a)d" % {"n": "Bob", "a": 5.9})
text = "the quick brown fox"
print(" ".join(w.capitalize() for w in text.split()), text.title(), "".join(reversed(text)), text.count("o"), text.find("quick"), sorted(set(text))[:5])
print(f"{'nested':{'>'}{10}}", f"{text!r:.10}", f"{len(text)=}", f"{text[:3]!s:*^9}", f"{3:+}{-3: }", f"{0.1 + 0.2:.17g}", f"{1e-10}", f"{123456789:_}|{1234.5:,.1f}")
print("line one\n  line two".splitlines(), "tab\tsep".expandtabs(), "x" * 3 + "-" * 2, "abc"[::-1] + "abc"[1:], "é" * 2, "a" < "b" < "c", "Z" < "a")
b = "bytes é".encode("utf-8")
print(b, len(b), b.decode(), b[:5], list(b[-2:]), bytes([104, 105]).decode(), b"a" + b"b", b"x" in b"xyz")
