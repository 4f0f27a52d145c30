"""Reads tokens out of HTML with regular expressions, as sessions with CSRF need."""
import re
import string
from urllib.parse import quote, unquote

from loadpilot import LoadClient, VUser, scenario, task

CSRF = re.compile(r'name="csrf"\s+value="(?P<token>[0-9a-f]+)"')
LINK = re.compile(r'<a\s+href="([^"]+)"', re.IGNORECASE)
TITLE = re.compile(r"""
    <title>      # opening
    ([^<]*)      # text
    </title>
""", re.VERBOSE)


def slug(text: str) -> str:
    kept = "".join(c if c in string.ascii_letters + string.digits else "-" for c in text.lower())
    return re.sub(r"-{2,}", "-", kept).strip("-")


@scenario(rps=8, duration="20s", mode="spike")
class Forms(VUser):
    def _token(self, html: str) -> str:
        if (m := CSRF.search(html)) is None:
            raise ValueError("no token in the page")
        return m["token"]

    @task(weight=2)
    def submit(self, client: LoadClient):
        page = client.get("/page")
        assert page.headers["content-type"].startswith("text/html"), page.headers["content-type"]
        token = self._token(page.text)
        client.post("/auth/login", data={"csrf": token, "q": "a b&c=d", "tags": ["x", "y"]}, follow_redirects=True)
        print(TITLE.search(page.text).group(1), LINK.findall(page.text), slug("Red Mug -- 2nd edition!"))

    def check_submit(self, status_code, body):
        assert "access_token" in body

    @task
    def broken(self, client: LoadClient):
        self._token(client.get("/health").text)

    @task
    def paths(self, client: LoadClient):
        name = "50% off: ä/ö"
        resp = client.get(f"/products/{quote(name, safe='')}")
        assert unquote(quote(name)) == name
        words = re.split(r"[\s:/]+", name)
        print(words, re.sub(r"(\w+)@(\w+)", r"\2 at \1", "ada@example"), resp.status_code, resp.reason_phrase)
        print([m.span() for m in re.finditer(r"[aeiou]", "measure")], re.fullmatch(r"\d{2,3}", "1234"))
