"""Reads CSV out of answers, writes CSV for uploads, in memory."""
import csv
import io
from decimal import Decimal
from itertools import groupby, zip_longest

from loadpilot import LoadClient, VUser, scenario, task

COLUMNS = ("sku", "title", "price", "note")


def render(rows, **options):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="-", extrasaction="ignore", lineterminator="\n", **options)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def transpose(text):
    return list(zip_longest(*csv.reader(io.StringIO(text)), fillvalue=None))


@scenario(rps=2, duration="20s")
class Reports(VUser):
    @task
    def read(self, client: LoadClient):
        rows = list(csv.DictReader(client.get("/report.csv").text.splitlines()))
        rows.sort(key=lambda r: (-int(r["score"]), r["name"]))
        print([r["name"] for r in rows], sum(int(r["score"]) for r in rows), rows[0])
        by_parity = {even: [r["name"] for r in g] for even, g in groupby(rows, key=lambda r: int(r["score"]) % 2 == 0)}
        print(by_parity, [*transpose("a,b\n1\n2,3,4")])

    def check_read(self, status_code, body):
        lines = body.strip().split("\n")
        assert len(lines) == 5, f"{len(lines)} lines: {lines[:2]}"

    @task
    def upload(self, client):
        rows = [
            {"sku": "A-1", "title": 'Mug "red", large', "price": Decimal("12.50"), "note": "two\nlines"},
            {"sku": "B;2", "title": "Lamp", "price": 40, "unknown": True},
            {"sku": None, "title": " spaces ", "price": 1.0, "note": ""},
        ]
        client.post("/upload", content=render(rows), headers={"Content-Type": "text/csv"})
        print(render(rows, delimiter=";", quoting=csv.QUOTE_ALL))
        print(render(rows[1:], dialect="excel-tab", quoting=csv.QUOTE_NONNUMERIC))
        client.post("/upload", data="raw,text\n1,2", headers={"content-type": "text/csv"})

    def check_upload(self, status_code, body):
        assert (status_code, body["state"]) == (202, "done"), body

    @task
    def odd(self, client):
        print(list(csv.reader(['a,"b ""c""",', "'x','y z'", "", '"multi', 'line",2'], strict=True)))
        print(list(csv.reader(["a|b|'c|d'"], delimiter="|", quotechar="'")), list(csv.reader(["1, 2,3.5"], skipinitialspace=True)))
        print(list(csv.DictReader(["a,b", "1,2,3", "4"], restkey="more", restval="?")))
        csv.DictWriter(io.StringIO(), ["a"]).writerow({"a": 1, "b": 2})
