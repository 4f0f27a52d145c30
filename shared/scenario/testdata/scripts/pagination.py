"""Follows pages, with generators and itertools."""
import itertools
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urljoin, urlparse

from loadpilot import LoadClient, VUser, scenario, task

MAX_PAGES = 3


def pages(client: LoadClient, start: str) -> Iterator[dict]:
    """Yields each page until there is no next one, or too many."""
    url, seen = start, set()
    for number in itertools.count(1):
        if url in seen or number > MAX_PAGES:
            return
        seen.add(url)
        body = client.get(url).json()
        yield body
        url = urljoin(url, body["next"])
        query = parse_qs(urlparse(url).query)
        if int(query["page"][0]) <= body["page"]:
            return


def chunks(items, size):
    it = iter(items)
    while chunk := tuple(itertools.islice(it, size)):
        yield chunk


@scenario(rps=5)
class Pages(VUser):
    @task
    def walk(self, client):
        start = "/api/search?" + urlencode({"q": "red mug & more", "page": 1})
        ids = [item["id"] for page in pages(client, start) for item in page["items"]]
        print("ids", ids, "in chunks", list(chunks(ids, 4)))
        by_parity = {k: list(g) for k, g in itertools.groupby(sorted(ids, key=lambda i: i % 2), key=lambda i: i % 2)}
        print(by_parity, sum(itertools.chain.from_iterable(by_parity.values())))

    def check_walk(self, status_code, body):
        assert body["total"] == len(body["items"]), (body["total"], body["items"])
        assert status_code == 200

    @task
    def first_match(self, client):
        found = next((i for p in pages(client, "/api/search?page=1") for i in p["items"] if i["id"] > 1), None)
        print(found)
        with_default = next(iter([]), "nothing")
        pairs = list(zip(itertools.cycle("ab"), range(3), strict=False))
        print(with_default, pairs, list(itertools.accumulate([1, 2, 3])), [*itertools.pairwise("abc")])
