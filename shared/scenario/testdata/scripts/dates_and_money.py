"""Dates, time zones, durations and exact money."""
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

from loadpilot import LoadClient, VUser, scenario, task

CENT = Decimal("0.01")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
OFFICE = timezone(timedelta(hours=5, minutes=30), "IST")


def window(day: date, days: int = 7) -> dict[str, str]:
    until = day + timedelta(days=days)
    return {"from": day.isoformat(), "to": until.strftime("%Y-%m-%d"), "week": f"{day:%G-W%V}"}


def vat(amount: Decimal, rate: str = "0.19") -> Decimal:
    return (amount * Decimal(rate)).quantize(CENT, rounding=ROUND_HALF_UP)


@scenario(rps=10, thresholds={"p95_ms": 300})
class Billing(VUser):
    def on_start(self, client):
        self.since = datetime.fromisoformat("2024-02-28T23:59:59+00:00")

    @task
    def invoices(self, client: LoadClient):
        client.get("/orders", params=window(date(2024, 12, 30)))
        client.get("/orders", params=window(self.since.date(), days=2))

    @task
    def created(self, client: LoadClient):
        user = client.get("/api/user").json()
        created = datetime.fromisoformat(user["created"])
        age = created - self.since
        print(age, age.total_seconds(), created.astimezone(OFFICE), created.weekday())
        print(repr(created), int((created - EPOCH) / timedelta(hours=1)), created.replace(tzinfo=None) > datetime.min)
        assert age < timedelta(hours=1), f"{age} is too old"

    @task
    def cart(self, client: LoadClient):
        items = client.get("/cart").json()["items"]
        net = sum((Decimal(i["price"]) * i["qty"] for i in items), Decimal(0))
        print(net, vat(net), net + vat(net), f"{net:>10.1f}", Decimal("2.675").quantize(CENT, ROUND_HALF_EVEN))
        try:
            Decimal("12,50")
        except InvalidOperation as e:
            print("InvalidOperation", type(e).__name__, max(Decimal("1.10"), Decimal("1.1")))
