from urllib.parse import DefragResult, ParseResult, SplitResult, urldefrag, urljoin, urlparse, urlsplit, urlunparse, urlunsplit


def show(f, *a, **k):
    try:
        print(f.__name__, repr(f(*a, **k)))
    except (ValueError, TypeError, AttributeError, LookupError) as e:
        print(f.__name__, type(e).__name__, e)


URLS = ["", "http://example.com", "https://user:pa:ss@Example.COM:8080/a/b;p?q=1&r=2#frag", "//host/path", "/just/path", "path;x?y#z",
        "mailto:someone@example.com", "http://[::1]:8080/x", "http://[fe80::1%eth0]/", "HTTP://h", "a:b", "1a:b", "http:", "http:///x", "ftp://h/p;type=a",
        "tel:+1-555", "http://h?q", "http://h#f", "http://h?#", "  http://sp ", "http://h/\tx\n", "http://@h", "http://u@h:", "http://:pw@h:1",
        "svn+ssh://h/x", "file:///etc/x", "?q", "#f", ";p", "http://h/a;b/c;d", "x://h/a;b", "http://h:99999/", "http://h:port/", "http://h:-1/", "é://x/ü"]
for u in URLS:
    r = urlsplit(u)
    p = urlparse(u)
    print(r, p, r.geturl(), p.geturl())
    print(r.username, r.password, r.hostname, r.scheme, r.netloc, r.path, r.query, r.fragment, p.params)
    try:
        print(r.port)
    except ValueError as e:
        print("port", e)
    print(urldefrag(u), urlunsplit(r) == r.geturl(), urlunparse(p) == p.geturl(), urlunparse(tuple(p)) == p.geturl())
show(urlsplit, "path", scheme="https")
show(urlparse, "//h/p#f", "ftp", False)
show(urlsplit, "http://[::1/")
show(urlsplit, "http://::1]/")
show(urlsplit, "http://[1.2.3.4]/")
show(urlsplit, "http://[v1.x]/")
show(urlsplit, "http://[vx]/")
show(urlsplit, "http://[zz]/")
show(urlsplit, "http://x[::1]/")
show(urlsplit, "http://[::1]x/")
show(urlsplit, 5)
show(urlunsplit, ("http", "h", "p", "q"))
show(urlunsplit, ("http", "h", "p", "q", "f", "x"))
show(urlunsplit, ["http", "h", "p", "q", "f"])
show(urlunparse, ("", "", "p", "a", "", ""))
show(urlunparse, ("a", "b", "c"))

p = urlparse("http://h:80/p?q#f")
print(len(p), p[1], p[-1], list(p), p == ("http", "h:80", "/p", "", "q", "f"), isinstance(p, tuple), p._fields, p._asdict())
scheme, netloc, path, params, query, fragment = p
print(scheme, netloc, path, p._replace(scheme="https", netloc="other").geturl(), type(p._replace(path="x")).__name__)
print(hash(p) == hash(tuple(p)), p in {p}, {p: 1}[p], str(p), f"{p.hostname}:{p.port}")
show(p._replace, nope=1)
print(ParseResult("http", "h", "/p", "", "", ""), SplitResult(scheme="a", netloc="b", path="c", query="d", fragment="e").geturl(), DefragResult("u", "f").geturl())
show(ParseResult, "x")
try:
    p.path = "x"
except AttributeError as e:
    print("AttributeError")
print(urldefrag("http://h/p#frag").url, urldefrag("http://h/p#frag").fragment, urldefrag("http://h/p").geturl())

BASE = "http://a/b/c/d;p?q"
for rel in ["g:h", "g", "./g", "g/", "/g", "//g", "?y", "g?y", "#s", "g#s", "g?y#s", ";x", "g;x", "g;x?y#s", "", ".", "./", "..", "../", "../g", "../..", "../../",
            "../../g", "../../../g", "../../../../g", "/./g", "/../g", "g.", ".g", "g..", "..g", "./../g", "./g/.", "g/./h", "g/../h", "g;x=1/./y", "g;x=1/../y",
            "g?y/./x", "g#s/../x", "http:g", "http://other/x", "//x//y//", "g//h"]:
    show(urljoin, BASE, rel)
for base, rel in [("", "x"), ("x", ""), ("http://h", "x"), ("http://h/", "/x"), ("http://h/a/", "b"), ("http://h/a", "b?x=1"), ("mailto:a", "b"), ("a/b", "c"), ("/a/b/", "../c"),
                  ("http://h/a#f", "b"), ("ws://h/x", "y"), ("unknown://h/x", "y"), ("http://h//a//b", "c"), ("http://h/a/b", "..//c")]:
    show(urljoin, base, rel)
    show(urljoin, base, rel, allow_fragments=False)
show(urljoin, "http://h", 5)
