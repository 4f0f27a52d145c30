"""A family of scenarios: an abstract base, mixins in front of it, and super() all the way up."""
from abc import ABC, abstractmethod

from loadpilot import LoadClient, VUser, scenario, task


class Authenticated:
    """Mixin: logs in before anything else does, logs out after everything else has."""

    role = "guest"

    def on_start(self, client):
        print("Authenticated.on_start", type(self).__name__)
        self.token = client.post("/auth/login", json={"role": self.role}).json()["access_token"]
        super().on_start(client)

    def on_stop(self, client):
        super().on_stop(client)
        client.post("/auth/logout", headers=self.headers())

    def headers(self, **extra):
        return {**super().headers(**extra), "Authorization": "Bearer " + self.token}


class Localized:
    language = "en"

    def headers(self, **extra):
        return {"Accept-Language": self.language} | super().headers(**extra)


class Base(VUser, ABC):
    path = "/health"

    def on_start(self, client):
        print("Base.on_start")
        super().on_start(client)

    def headers(self, **extra):
        return {name.replace("_", "-"): value for name, value in extra.items()}

    @abstractmethod
    def describe(self) -> str:
        ...

    @task(2)
    def visit(self, client: LoadClient):
        client.get(self.path, headers=self.headers(X_Scenario=self.describe()))

    def check_visit(self, status_code, body):
        assert status_code == 200, f"{self.describe()}: {status_code}"


@scenario(rps=5)
class Buyer(Authenticated, Localized, Base):
    path, role, language = "/cart", "buyer", "de"

    def describe(self):
        return f"{self.role} of {', '.join(c.__name__ for c in type(self).__mro__[1:4])}"

    def check_visit(self, status_code, body):
        super().check_visit(status_code, body)
        assert body["currency"] == "USD", f"paid in {body['currency']}"


@scenario(rps=2)
class Admin(Buyer):
    path, role = "/none", "admin"

    def describe(self):
        return super().describe().upper()

    @task
    def abstract(self, client):
        print(issubclass(Admin, Authenticated), sorted(Base.__abstractmethods__), isinstance(self, (int, Localized)))
        Base()
