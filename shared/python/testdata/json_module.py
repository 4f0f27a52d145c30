import json

data = {"a": 1, "b": [1, 2.5, None, True, "x\ny\u00e9\U0001f600\"\\"], "c": {"d": {}}, "e": [], 3: 4, None: 5, 1.5: 6, True: 7}
print(json.dumps(data))
print(json.dumps(data, indent=2))
print(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
print(json.dumps({"b": 1, "a": [1, {"z": 1, "y": 2}]}, sort_keys=True, indent="\t"))
print(json.dumps([1e100, 1e-7, 123456789.123, float("inf"), float("nan"), -0.0, 10 ** 20, (1, 2)]))
print(json.loads('{"a": [1, 2, {"b": null}], "c": "\\u00e9\\ud83d\\ude00\\n", "d": 1e5, "e": -0, "f": 12345678901234567890}'))
print(json.loads(b'[true, false, null, 1.0, "x"]'), json.loads(" 3 "), json.loads('"s"'), json.loads("NaN"), json.loads("-Infinity"))
bad = ["", "{", "[1,", "[1 2]", '{"a"}', '{"a":}', '{"a":1,}', "[1,]", "{1:2}", "nul", '"abc', '"a\nb"', '"\\x"', '"\\u12"', "1 2", "[1]]",
       "-", "01", "1.", '{"a": 1\n "b": 2}', "\t\n x", "tru", "[", '{"a": "b', "é"]
for b in bad:
    try:
        print(b, json.loads(b))
    except json.JSONDecodeError as e:
        print(repr(b), "->", e, "|", e.msg, e.pos, e.lineno, e.colno)


class P:
    def __init__(self):
        self.x = 1


print(json.dumps({"p": P()}, default=lambda o: {"x": o.x}))
for v in (P(), {1, 2}, {(1, 2): 3}, b"x"):
    try:
        json.dumps(v)
    except TypeError as e:
        print(type(e).__name__, str(e))
x = []
x.append(x)
try:
    json.dumps(x)
except ValueError as e:
    print(e)
try:
    json.dumps(float("nan"), allow_nan=False)
except ValueError as e:
    print(e)
print(json.loads('{"a": {"b": 1}}', object_hook=lambda d: list(d)))
print(issubclass(json.JSONDecodeError, ValueError))
try:
    json.loads(5)
except TypeError as e:
    print(e)
