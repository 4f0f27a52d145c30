s = "Hello, Wörld"
print(s.upper(), s.lower(), s.title(), s.swapcase(), s.capitalize(), s.casefold(), len(s), s[0], s[-1], s[1:5], s[::-1], s[::2], s[-3:], s[10:2:-2], s[100:], s[:-100])
print("a,b,,c".split(","), " a  b ".split(), "a b c".split(" ", 1), "a,b,c".rsplit(",", 1), "".split(), "".split(","), "abc".split("b"), "  a b  c ".split(None, 1), "  a b  c ".rsplit(None, 1), "a\nb\r\nc\n".splitlines(), "a\nb".splitlines(True))
print("-".join(["a", "b"]), "".join(c for c in "abc"), ",".join("xyz"), "x".join([]))
print("abcabc".replace("b", "X"), "abcabc".replace("b", "X", 1), "aaa".replace("", "-"), "abc".find("c"), "abc".find("z"), "abcabc".rfind("b"), "abc".index("b"), "wörld".find("l"), "abcabc".find("b", 2), "abcabc".find("c", 0, 2), "aXbXc".count("X"), "aaa".count("aa"), "abc".count(""))
print("abc".startswith("ab"), "abc".endswith(("x", "bc")), "abc".startswith("b", 1), "abc".startswith(""), "  x ".strip(), "xxaxx".strip("x"), "  x ".lstrip(), "  x ".rstrip() + "|", "abcba".lstrip("ab"), "\t\nx\n".strip())
print("a".center(5) + "|", "a".center(4, "*"), "ab".center(5, "-"), "a".ljust(3, ".") + "|", "a".rjust(3), "5".zfill(3), "-5".zfill(4), "+a".zfill(5), "abc".zfill(2))
print("a=b=c".partition("="), "a=b=c".rpartition("="), "abc".partition("x"), "abc".rpartition("x"), "prefix_x".removeprefix("prefix_"), "x.py".removesuffix(".py"))
print("123".isdigit(), "12a".isalnum(), "abc".isalpha(), "".isdigit(), " ".isspace(), "ABC".isupper(), "abC".islower(), "Abc Def".istitle(), "a_1".isidentifier(), "1a".isidentifier(), "é".isascii(), "½".isnumeric(), "a\n".isprintable())
print("a\tb".expandtabs(4), "abc".translate({97: "X", 98: None}), "abc".translate(str.maketrans("ab", "xy", "c")), "%s" % "a", "a" "b", "é" < "f", "a" < "B", "abc" < "abd", "" < "a")
print(repr("a'b"), repr('a"b'), repr("a'b\"c"), repr("\n\t\\\x00\x7f"), repr("é€😀"), repr("\u200b\xad"), ascii("é€😀"), repr(""), str("x"), "\x41\u0042C")
print("a" in "abc", "" in "abc", "d" not in "abc", "a" * 3, 3 * "ab", "a" * 0, "a" * -1, "ab" + "cd", "x" == "x", "x" != "y", hash("a") == hash("a"))
print(list("héy"), tuple("ab"), sorted("hello"), set("aa"), max("abc"), min("abc"), [c.upper() for c in "ab"], "abc"[1], "€uro"[0], "€uro"[1:3], list(enumerate("ab", 1)), list(reversed("abc")))
print("line1\nline2", r"raw\n", """multi
line""", 'it''s', "tab\there", "\\", "\"", '\'')
print("abc".encode(), "é".encode("utf-8"), "é".encode("latin-1"), b"abc".decode(), "é".encode("ascii", "ignore"), "é".encode("ascii", "replace"), b"\xff".decode("utf-8", "replace"), b"\xff".decode("utf-8", "ignore"), str(b"abc"), str(b"abc", "utf-8"))
b = b"hello"
print(b[0], b[1:3], len(b), b + b"!", b * 2, list(b"ab"), b"ell" in b, 104 in b, b.hex(), bytes.fromhex("6869"), bytes([65, 66]), bytes(3), b"a,b".split(b","), b",".join([b"a", b"b"]), b.upper(), b.find(b"l"), b.startswith(b"he"), b"a" < b"b", b == "hello", repr(b"'\"\x00\n"), bytes("é", "utf-8"), b"%d" % 5 if False else b"5", b.replace(b"l", b"L"))
tests = [lambda: "abc"[5], lambda: "abc"["a"], lambda: "abc"[1.5], lambda: "a".join([1]), lambda: "a".join(5), lambda: "abc".index("z"), lambda: "a".split(""), lambda: "a".foo, lambda: "a" in 5, lambda: 5 in "a", lambda: "é".encode("ascii"), lambda: b"\xff".decode(), lambda: b"\xc3".decode(), lambda: "a".encode("nope"), lambda: b"a" + "b", lambda: "a" + b"b", lambda: b"abc"[10], lambda: "a".replace("a"), lambda: "a".replace(1, 2), lambda: "a".upper(1), lambda: "a".startswith(1), lambda: "a".startswith((1,)), lambda: "a".center("x"), lambda: "a".center(5, "xx"), lambda: "a".strip(5), lambda: "a".split(5), lambda: "a".find(5), lambda: bytes("a"), lambda: bytes([256]), lambda: bytes(-1), lambda: "a".zfill("x"), lambda: "ab".partition(""), lambda: str(b"a", "ascii", 5) if False else 1, lambda: "abc".join, lambda: "x".__len__(), lambda: len(5), lambda: "abc"[::0], lambda: "a".isdigit(1)]
for i, t in enumerate(tests):
    try:
        r = t()
        print(i, "ok" if callable(r) else r)
    except Exception as e:
        print(i, type(e).__name__, "|", e)
def f():
    """Doc of f."""
print(f.__doc__, f.__name__)
