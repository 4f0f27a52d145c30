"""GraphQL: bodies from fragments, variables, errors in answers with status 200, aliases."""
import json
import re

from loadpilot import LoadClient, VUser, scenario, task

FRAGMENTS = {
    "repo": "fragment repo on Repository { name stars }",
    "user": "fragment user on User { login repos { ...repo } }",
}
QUERIES = {
    "Viewer": "query Viewer($first: Int = 10) { viewer { ...user } }",
    "Star": """
        mutation Star($id: ID!, $on: Boolean!) {
            star(id: $id, on: $on) { ok }   # returns a flag
        }
    """,
}
SPREAD = re.compile(r"\.\.\.(\w+)")


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"#.*$", "", text, flags=re.M)).strip()


def document(name: str) -> str:
    """A query together with the fragments it needs, each once, however deep."""
    needed, todo = {}, [QUERIES[name]]
    while todo:
        for fragment in SPREAD.findall(todo.pop()):
            if fragment not in needed:
                needed[fragment] = FRAGMENTS[fragment]
                todo.append(needed[fragment])
    return squeeze(" ".join([QUERIES[name], *map(needed.__getitem__, sorted(needed))]))


class GraphQL:
    endpoint = "/graphql"

    def __init__(self, client):
        self._client = client

    def __call__(self, operation, /, **variables):
        resp = self._client.post(self.endpoint, json={"operationName": operation, "query": document(operation), "variables": variables},
                                 headers={"X-Operation": operation}, name=f"{self.endpoint}:{operation}")
        answer = resp.json()
        if errors := answer.get("errors"):
            raise RuntimeError("; ".join(e["message"] for e in errors))
        return answer["data"]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda **variables: self(name.capitalize(), **variables)


@scenario(rps=12)
class Graph(VUser):
    def on_start(self, client):
        self.api = GraphQL(client)

    @task(weight=2)
    def viewer(self, client: LoadClient):
        *_, last = repos = self.api.viewer(first=5)["viewer"]["repos"]
        print(max(repos, key=lambda r: r["stars"])["name"], last, sum(r["stars"] for r in repos) / len(repos))

    def check_viewer(self, status_code, body):
        assert not body["errors"] and body["data"]["viewer"]["login"] == "ada"
        assert body["data"]["viewer"]["repos"][2]["name"], "three repositories"

    @task
    def star(self, client):
        print(json.dumps(self.api("Star", id="R_1", on=True), indent=None)[:40])
        self.api.unknown()

    def on_stop(self, client):
        print(hasattr(self.api, "_private"), hasattr(self.api, "anything"), GraphQL.__call__.__name__)
        self.api("Viewer", "positional")
