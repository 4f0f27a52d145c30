import json


def parse(s):
    return json.loads(s)["a"]["b"][0].c


def handler(s):
    try:
        return parse(s)
    except AttributeError as e:
        raise


print("start")
handler('{"a": {"b": [1]}}')
