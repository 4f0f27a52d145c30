import csv
import io
from csv import DictReader, DictWriter


def show(name, f, *a, **k):
    try:
        print(name, f(*a, **k))
    except (csv.Error, ValueError, TypeError, AttributeError) as e:
        print(name, type(e).__name__, e)


def read(text, **k):
    return list(csv.reader(io.StringIO(text, newline=""), **k))


def write(rows, **k):
    out = io.StringIO()
    csv.writer(out, **k).writerows(rows)
    return repr(out.getvalue())


for text in ["a,b,c\n1,2,3\n", "", "\n", "a\n\nb", 'a,"b ""q"" c",d\r\n', '"multi\nline",x\r\n', "a,b\r\nc", ',\n,,', ' a, b ,c\n', '"unclosed', '"a"b,c\n', 'a"b,c"d\n', "a\rb\r", "é,ü\n", 'a,""\n', '""\n']:
    show("read", read, text)
    show("strict", read, text, strict=True)
    show("space", read, text, skipinitialspace=True)
    show("none", read, text, quoting=csv.QUOTE_NONE)
    show("nodouble", read, text, doublequote=False, escapechar="\\")
show("semi", read, "a;b;'c;d'\n", delimiter=";", quotechar="'")
show("tab", read, "a\tb\n", dialect="excel-tab")
show("tab", read, "a\tb\n", dialect=csv.excel_tab)
show("unix", read, "a,b\n", dialect="unix")
show("numeric", read, '1,"2",3.5\n', quoting=csv.QUOTE_NONNUMERIC)
show("numeric", read, 'x,"2"\n', quoting=csv.QUOTE_NONNUMERIC)
show("escape", read, "a\\,b,c\\\nd\n", escapechar="\\")
show("escape", read, "a\\", escapechar="\\")
show("noquote", read, '"a",b\n', quotechar=None)
show("list", lambda: list(csv.reader(["a,b", "c,d"])))
show("list", lambda: list(csv.reader(["a\nb", "c,d"])))
show("bytes", lambda: list(csv.reader([b"a,b"])))
show("int", csv.reader, 5)
r = csv.reader(["a,b", '"x', 'y",z', "q"])
print(r.line_num, next(r), r.line_num, next(r), r.line_num, iter(r) is r, list(r), r.line_num)

ROWS = [["a", 1, 2.5, None, True], ["with,comma", 'with "quote"', "line\nbreak", "", " space "], [""], [None], [], ["x"], ("t", "u"), "str", {"k": 1}]
for k in [{}, {"quoting": csv.QUOTE_ALL}, {"quoting": csv.QUOTE_NONNUMERIC}, {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}, {"quoting": csv.QUOTE_NONE}, {"delimiter": ";"},
          {"quotechar": "'"}, {"lineterminator": "\n"}, {"doublequote": False, "escapechar": "\\"}, {"doublequote": False}, {"dialect": "unix"}, {"dialect": "excel-tab"}]:
    for row in ROWS:
        show(sorted(k), write, [row], **k)
out = io.StringIO()
w = csv.writer(out)
print(w.writerow(["a", "b"]), w.writerows([[1], [2]]), repr(out.getvalue()))
show("row", w.writerow, 5)
show("rows", w.writerows, 5)
show("rows", w.writerows, [5])
show("writer", csv.writer, 5)
show("writer", csv.writer)
for bad in [{"delimiter": ""}, {"delimiter": "ab"}, {"delimiter": 5}, {"delimiter": None}, {"quotechar": "ab"}, {"quotechar": 5}, {"quoting": 9}, {"quoting": "x"}, {"escapechar": "ab"}, {"lineterminator": 5},
            {"quotechar": None, "quoting": csv.QUOTE_ALL}, {"dialect": "nope"}, {"wrong": 1}, {"quotechar": ""}, {"lineterminator": None}, {"escapechar": 5}]:
    show(bad, csv.reader, [], **bad)


class Semi(csv.excel):
    delimiter = ";"
    quoting = csv.QUOTE_ALL


class Pipe(csv.Dialect):
    delimiter = "|"
    quotechar = "'"
    lineterminator = "\n"
    quoting = csv.QUOTE_MINIMAL


show("class", read, "a;b\n", dialect=Semi)
show("class", write, [["a", "b"]], dialect=Semi)
show("instance", write, [["a|b", "c'd"]], dialect=Pipe())
show("names", csv.list_dialects)
print(csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE, csv.excel.delimiter, csv.unix_dialect.lineterminator == "\n", csv.excel_tab.delimiter == "\t")
print(csv.Error, issubclass(csv.Error, Exception))

d = DictReader(io.StringIO("name,age\nann,30\n\nbob\ncid,1,2,3\n"))
print(d.fieldnames, d.line_num, list(d), d.line_num)
d = DictReader(["1,2", "3"], fieldnames=["a", "b"], restval="-", restkey="more")
print(next(d), next(d), d.restkey, d.restval, list(d))
d = DictReader(["1,2,3"], ["a"], "rest")
print(list(d), d.fieldnames)
d = DictReader(["x;y", "1;2"], delimiter=";")
print(list(d), type(next(iter(DictReader(["a", "1"])))).__name__)
d = DictReader(["h1,h2", "1,2"])
d.fieldnames = ["p", "q"]
print(list(d), DictReader([]).fieldnames, list(DictReader([])))
out = io.StringIO()
w = DictWriter(out, ["a", "b"], restval="?")
print(w.writeheader(), w.writerow({"a": 1}), w.writerows([{"a": 2, "b": 3}, {}]), w.fieldnames, repr(out.getvalue()))
show("extra", w.writerow, {"a": 1, "zz": 2})
w = DictWriter(out, fieldnames=["a"], extrasaction="ignore", delimiter=";", lineterminator="\n")
print(w.writerow({"a": 1, "zz": 2}))
show("action", DictWriter, out, ["a"], extrasaction="what")
show("missing", DictWriter, out)
show("missing", DictReader)
show("long", lambda: next(csv.reader(["x" * 131073])))
csv.reader(["a"], delimiter="ab")
