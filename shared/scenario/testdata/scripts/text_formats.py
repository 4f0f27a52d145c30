"""Reports in text: %-format, str.format with all kinds of specifications, f-strings."""
from string import Template

from loadpilot import LoadClient, VUser, scenario, task

WIDTH = 34
ROW = "|{:<10}|{:^9}|{:>12,.2f}|"
MAIL = Template("Dear $name, your order ${order}-x costs $$$amount")


def boxed(text, width=WIDTH, fill="-"):
    words, lines, line = text.split(), [], ""
    for word in words:
        if len(line) + len(word) + bool(line) > width:
            lines.append(line)
            line = ""
        line += (" " if line else "") + word
    return "\n".join([fill * width, *(x.ljust(width, ".") for x in lines + [line]), fill * width])


class Price:
    def __init__(self, amount):
        self.amount = amount

    def __format__(self, spec):
        return f"<{self.amount:{spec or '.1f'}}>"

    def __repr__(self):
        return "Price(%r)" % self.amount


@scenario(rps=4)
class Report(VUser):
    @task
    def table(self, client: LoadClient):
        for p in client.get("/api/products").json():
            print(ROW.format(p["name"], p["stock"], p["price"]), "{0[name]!r:>8} {0[tags]!s}".format(p))
            print("%-8s|%5d|%08.3f|%+.1e|%x|%%" % (p["name"], p["stock"], p["price"], p["price"], p["id"] * 255))
        print("%(id)03d %(name).2s %(none)r" % {"id": 7, "name": "abc", "none": None})

    @task
    def nested(self, client):
        p, width, unit = Price(12.345), 10, "ms"
        print(f"{p} {p:.2f} {p!r:>{width + 5}} {p=} {p.amount=:.1f} {width=!s:>4} {f'{unit:*^{width}}'}")
        print(f"{1234567.891:_.1f} {0.256:.1%} {255:#x} {255:#010b} {-5:=+6d} {5: d} {3.0:g} {1e20:g} {'ü':>3}{{}}")
        print(f"{True:d} {2**70:,} {'abc':.2} {1e-7!r} {float('inf'):>6} {-0.0:.0f} {1_000:>+8,} {65:c} {'a' 'b'!r}")
        print(boxed("The quick brown fox jumps over the lazy dog and runs into the wood behind the hills"))

    @task
    def templates(self, client):
        print(MAIL.safe_substitute(name="Zoë"), MAIL.substitute({"name": "Bo"}, order=7, amount="1.20"), sep="\n")
        print("{:>{}} {a.amount} {b[1]} {}".format("x", 4, "y", a=Price(1), b=[1, 2]), "a,b,,c".split(","), "x".zfill(3))
        print("tab\tquote\"'\\".__repr__(), "Straße".casefold(), "hello world".title(), "ab".center(7, "*"), "%s" % (1,))
        MAIL.substitute(name="nobody")

    @task
    def wrong_format(self, client):
        for make in (lambda: "%d" % "x", lambda: "{:d}".format("x"), lambda: "{}{}".format(1), lambda: "%s %s" % 1,
                     lambda: f"{1.5:d}", lambda: "{a}".format(), lambda: "%d %d" % (1, 2, 3), lambda: f"{'x':+}"):
            try:
                print(make())
            except (TypeError, ValueError, IndexError, KeyError) as e:
                print(type(e).__name__, e, sep=": ")
        client.get("/health", params={"f": f"{3.14159:.{2}f}"})
        print("{:>10".format(1))
