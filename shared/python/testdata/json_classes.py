import io
import json
from json import JSONDecodeError, JSONDecoder, JSONEncoder


def show(name, f, *a, **k):
    try:
        print(name, repr(f(*a, **k)))
    except (TypeError, ValueError, AttributeError) as e:
        print(name, type(e).__name__, e)


class Point:
    def __init__(self, x):
        self.x = x


class Encoder(JSONEncoder):
    def default(self, o):
        if isinstance(o, Point):
            return {"x": o.x}
        return super().default(o)


show("cls", json.dumps, [Point(1), {"p": Point([2])}], cls=Encoder)
show("cls", json.dumps, Point(1), cls=Encoder, indent=2, sort_keys=True)
show("cls", json.dumps, {1, 2}, cls=Encoder)
show("encode", Encoder(separators=(",", ":")).encode, {"a": [1, Point("é")]})
show("encode", JSONEncoder(ensure_ascii=False).encode, "é")
show("encode", JSONEncoder(default=str).encode, [Point])
show("encode", JSONEncoder().encode, Point(1))
show("decode", JSONDecoder().decode, '[1, {"a": 2.5}]')
show("decode", JSONDecoder(object_hook=sorted).decode, '[1, {"b": 2.5, "a": 1}]')
show("decode", JSONDecoder().decode, "[1")
show("float", json.loads, "[1.5, 2, 1e3, -0.25]", parse_float=lambda s: "f" + s)
show("int", json.loads, "[1.5, 2, -3, 12345678901234567890]", parse_int=lambda s: "i" + s)
show("constant", json.loads, "[NaN, Infinity, -Infinity, true, null]", parse_constant=lambda s: "c" + s)
show("all", json.loads, '{"a": [1, 2.5, NaN, {"b": -7}]}', parse_int=float, parse_float=str, parse_constant=str, object_hook=lambda d: list(d.items()))
show("nested", json.loads, "[1, 2]", parse_int=lambda s: json.loads("[" + s + ", 9]"))
show("pairs", json.loads, '{"a": {"b": 1}}', object_pairs_hook=lambda p: p)
show("loads", json.loads, "5", cls=JSONDecoder)
show("raises", json.loads, "[1]", parse_int=lambda s: int("x"))
out = io.StringIO()
print(json.dump({"a": [1, None]}, out, indent=1), repr(out.getvalue()), json.load(io.StringIO('{"k": [true]}')), json.load(io.BytesIO(b"[1]")), json.load(io.StringIO("1.5"), parse_float=str))
show("load", json.load, 5)
show("dump", json.dump, {}, 5)
show("dump", json.dump, Point(1), io.StringIO())
show("loads", json.loads, None)
show("loads", json.loads, b'\xef\xbb\xbf[1]')
show("dumps", json.dumps, {(1, 2): 3})
show("dumps", json.dumps, {(1, 2): 3, 1: 2, None: 3, True: 4, 1.5: 5}, skipkeys=True)
show("dumps", json.dumps, float("nan"), allow_nan=False)
show("dumps", json.dumps, [1, [2]], indent="--", separators=(";", "="))
show("dumps", json.dumps, {"b": 1, "a": [1, 2]}, indent=0)
try:
    json.loads('{"a":\n  x}')
except JSONDecodeError as e:
    print(e.msg, e.pos, e.lineno, e.colno, repr(e.doc), e)
