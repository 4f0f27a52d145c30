import urllib.parse
import urllib.parse as up
from urllib import parse
from urllib.parse import (DefragResult, ParseResult, SplitResult, parse_qs, parse_qsl, quote, quote_from_bytes, quote_plus, unquote,
                          unquote_plus, unquote_to_bytes, urldefrag, urlencode, urljoin, urlparse, urlsplit, urlunparse, urlunsplit)


def show(f, *a, **k):
    try:
        print(f.__name__, repr(f(*a, **k)))
    except (ValueError, TypeError, AttributeError, LookupError) as e:
        print(f.__name__, type(e).__name__, e)


print(urllib.parse.quote is quote, parse.quote is quote, up.quote is quote)
for s in ["", "abc def", "a/b?c=d&e", "é€😀", "~_.-", "100%", b"\xff\x00 a", "a+b", "[]{}|\\^`\"<>#"]:
    show(quote, s)
    show(quote, s, safe="")
    show(quote, s, "/ :é")
    show(quote_plus, s)
    show(quote_plus, s, safe="/")
    show(quote, s, safe=b"%")
show(quote, "é", encoding="latin-1")
show(quote, "€", encoding="latin-1")
show(quote, "€x", encoding="ascii", errors="replace")
show(quote, "é", encoding="nope")
show(quote, b"x", encoding="utf-8")
show(quote, b"x", errors="strict")
show(quote, 5)
show(quote, None)
show(quote_plus, 5)
show(quote_from_bytes, b"a b\x80/")
show(quote_from_bytes, b"a b/", safe="")
show(quote_from_bytes, "text")
show(quote_from_bytes, b"")
for s in ["", "abc%20def", "%C3%A9%E2%82%AC", "%zz%4", "%", "a%2", "é%C3é", "%FF", "a+b%2Bc", b"%41%ff"]:
    show(unquote, s)
    show(unquote, s, errors="strict")
    show(unquote, s, "latin-1")
    show(unquote_to_bytes, s)
show(unquote_plus, "a+b%2Bc+%C3%A9")
show(unquote_plus, b"a+b")
show(unquote_plus, 5)
show(unquote, 5)
show(unquote, "%41", encoding=None, errors=None)
show(unquote_to_bytes, 5)

show(urlencode, {"a": 1, "b c": "d&e", "é": None, "f": 1.5, "g": True})
show(urlencode, [("a", 1), ("a", 2), ("b", "x y")])
show(urlencode, {"a": [1, 2], "b": "xy", "c": (3,), "d": 4, "e": b"z z"}, doseq=True)
show(urlencode, {"a": [1, 2]})
show(urlencode, {"a": "x y/z"}, quote_via=quote)
show(urlencode, {"a": "x y/z"}, safe="/")
show(urlencode, {"a": "é"}, encoding="latin-1")
show(urlencode, {b"k": b"v v"})
show(urlencode, {})
show(urlencode, [])
show(urlencode, "")
show(urlencode, (("x", 1),))
show(urlencode, "text")
show(urlencode, [1, 2])
show(urlencode, 5)
show(urlencode, [("a", 1, 2)])
show(urlencode, {"a": set()}, doseq=True)
show(urlencode, {"a": 1}, quote_via=lambda s, *rest: "<" + s + ">")

for q in ["", "a=1&b=2", "a=1&a=2&b=", "a&b=1", "a=%20+x", "a=1;b=2", "=x", "a==b", "&&", "é=ü&x=%C3%A9", b"a=1&b=%41"]:
    show(parse_qs, q)
    show(parse_qsl, q)
    show(parse_qs, q, keep_blank_values=True)
    show(parse_qsl, q, strict_parsing=True)
show(parse_qs, "a=1;b=2", separator=";")
show(parse_qsl, "a=1&b=2&c=3", max_num_fields=2)
show(parse_qsl, "a=1&b=2", max_num_fields=2)
show(parse_qsl, "a=1", separator="")
show(parse_qsl, "a=%E9", encoding="latin-1")
show(parse_qs, None)
show(parse_qs, 5)
