import copy
import datetime as dt
import json
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo

print(MINYEAR, MAXYEAR, UTC is timezone.utc, dt.datetime is datetime)
# timedelta
for td in [timedelta(0), timedelta(1), timedelta(-1), timedelta(1, 2, 3, 4, 5, 6, 7), timedelta(hours=-1.5), timedelta(microseconds=0.5), timedelta(microseconds=1.5), timedelta(days=1.1), timedelta(weeks=0.3, seconds=1e-7), timedelta.min, timedelta.max, timedelta.resolution, timedelta(milliseconds=1500)]:
    print(repr(td), str(td), td.days, td.seconds, td.microseconds, td.total_seconds(), bool(td), abs(td) if td != timedelta.max else "")
a, b = timedelta(hours=5, microseconds=7), timedelta(minutes=-3)
print(a + b, a - b, a * 3, 3 * a, a * 0.5, a * -1.7, a / 7, a / 2.5, a // 7, a / b, a // b, a % b, divmod(a, b), -a, +a)
print(a > b, a == timedelta(hours=5, microseconds=7), a != b, a <= b, sorted([a, b]), max(a, b), hash(a) == hash(timedelta(hours=5, microseconds=7)))
print(sum([a, b], timedelta()), {timedelta(1): "x"}[timedelta(hours=24)], f"{a}", "%s" % a)
# timezone
cet = timezone(timedelta(hours=1), "CET")
east = timezone(timedelta(hours=5, minutes=30))
for z in [timezone.utc, cet, east, timezone(timedelta(0)), timezone(timedelta(0), "Z"), timezone(-timedelta(seconds=1)), timezone(timedelta(microseconds=-1)), timezone.min, timezone.max]:
    print(repr(z), str(z), z.utcoffset(None), z.tzname(None), z.dst(None), isinstance(z, tzinfo))
print(cet == timezone(timedelta(hours=1)), cet != east, hash(cet) == hash(timezone(timedelta(hours=1))), {timezone.utc: 1}[timezone(timedelta(0))])
print(cet.fromutc(datetime(2020, 1, 1, tzinfo=cet)))
# date
d = date(2024, 2, 29)
print(d, repr(d), d.year, d.month, d.day, d.weekday(), d.isoweekday(), d.isocalendar(), d.toordinal(), d.ctime(), d.isoformat(), d.timetuple())
print(d + timedelta(days=1), d - timedelta(hours=47), timedelta(1) + d, d - date(2023, 2, 28), d < date(2024, 3, 1), d == date(2024, 2, 29), hash(d) == hash(date(2024, 2, 29)))
print(d.replace(year=2020), d.replace(day=1, month=3), date.fromordinal(738945), date.fromisocalendar(2020, 53, 7), date.min, date.max, date.resolution)
print(tuple(d.isocalendar()), d.isocalendar().week, d.isocalendar()[0], d.isocalendar().weekday, d.isocalendar().year)
for s in ["2024-02-29", "20240229", "2024-W09-4", "2024W094", "2024-W09", "2024W09"]:
    print(s, date.fromisoformat(s))
print(date.fromtimestamp(86400 * 365).year, f"{d:%Y/%m/%d} {d:%A %j} {d}", format(d, "%d.%m.%y"), d.strftime("%a %b %e %U %W %V %G %u %w %%"))
for i in range(1, 13):
    print(date(2023, i, 28).strftime("%b %B %a %A %j %U %W %V"), end=";")
print()
# time
t = time(13, 5, 9, 120)
print(t, repr(t), t.hour, t.minute, t.second, t.microsecond, t.tzinfo, t.fold, t.isoformat("minutes"), t.isoformat(timespec="milliseconds"))
print(time(1), repr(time(1)), repr(time(1, 2, 3)), repr(time(1, tzinfo=UTC)), time(1, tzinfo=east), repr(time(1, fold=1)), time.min, time.max, time.resolution)
print(t.replace(hour=1), t.replace(tzinfo=cet), t.strftime("%H-%M-%S.%f %p %I"), f"{t:%H:%M}", t < time(14), t == time(13, 5, 9, 120), bool(time(0)), hash(t) == hash(time(13, 5, 9, 120)))
print(time(1, tzinfo=UTC) == time(2, tzinfo=cet), time(1, tzinfo=cet).utcoffset(), time(1, tzinfo=cet).tzname(), time(1).utcoffset(), time(1).dst(), time(1).tzname())
for s in ["04:23:01", "T04:23", "04", "0423", "042301.5", "04:23:01,123456789", "04:23:01+01:30", "04:23Z", "0423-0330", "04:23:01.000384+00:00"]:
    print(s, repr(time.fromisoformat(s)))
# datetime
n = datetime(2024, 5, 6, 7, 8, 9, 10)
u = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
print(n, repr(n), u, repr(u), n.date(), n.time(), u.timetz(), n.timetuple(), u.utctimetuple(), u.timestamp(), n.weekday(), n.isoweekday(), n.isocalendar(), n.toordinal(), n.ctime())
print(n.year, n.month, n.day, n.hour, n.minute, n.second, n.microsecond, n.tzinfo, u.tzinfo, n.fold, u.utcoffset(), u.tzname(), u.dst(), n.utcoffset())
for spec in ["auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"]:
    print(n.isoformat(timespec=spec), u.isoformat(" ", spec), u.replace(tzinfo=east).isoformat(sep="_", timespec=spec))
print(n + timedelta(days=1, hours=20), n - timedelta(weeks=60), n - datetime(2020, 1, 1), u - datetime(2024, 5, 6, tzinfo=cet), timedelta(1) + n)
print(u == datetime(2024, 5, 6, 8, 8, 9, tzinfo=cet), hash(u) == hash(datetime(2024, 5, 6, 8, 8, 9, tzinfo=cet)), u < datetime(2024, 5, 6, 8, 8, 10, tzinfo=cet), n < datetime(2025, 1, 1), n == u, n == d, n != d)
print(u.astimezone(cet), u.astimezone(east).isoformat(), repr(u.astimezone(UTC)), u.astimezone(cet).astimezone(UTC) == u, u.astimezone().timestamp() == u.timestamp())
print(n.replace(year=2000, microsecond=0), u.replace(tzinfo=None), repr(n.replace(fold=1)))
print(datetime.combine(d, t), datetime.combine(d, t, UTC), datetime.combine(n, time(1, tzinfo=cet)), datetime.fromordinal(738945), datetime.fromisocalendar(2021, 1, 1))
print(datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(1e9 + 0.123456, tz=cet), datetime.fromtimestamp(-1.5, UTC), datetime.utcfromtimestamp(1700000000), datetime.fromtimestamp(0.0000005, UTC), datetime.fromtimestamp(0.0000015, UTC))
print(datetime.fromtimestamp(1700000000).timestamp(), datetime.fromtimestamp(1234567890.5).timestamp(), datetime.min, datetime.max, datetime.resolution)
print(datetime.strptime("2024-05-06 07:08:09.5", "%Y-%m-%d %H:%M:%S.%f"), datetime.strptime("06/May/2024:07:08:09 +0200", "%d/%b/%Y:%H:%M:%S %z"))
print(n.strftime("%Y-%m-%d %H:%M:%S.%f %z|%Z|"), u.strftime("%z %Z %s" if False else "%z %Z"), u.astimezone(east).strftime("%z %Z %c %x %X %y %C %D %F %T %R %r %h %n%t%e %k %l %P %I %p %-d %-m"), f"{n:%d %B %Y} {n!r} {n:%H}h", format(n, ""), "{:%j}".format(n))
print(datetime(1, 1, 1).strftime("%Y %G %F"), datetime(999, 12, 31).isoformat())
for s in ["2024-05-06", "2024-05-06T07:08:09", "2024-05-06 07:08", "20240506T070809", "2024-05-06T07:08:09.123", "2024-05-06T07:08:09.123456789Z", "2024-05-06T07:08:09+05:30", "2024-05-06T07:08:09-0330", "2024-W19-1T10", "2024W191T10", "2024-W19T10:00", "2024-W19-10:00", "2024-05-06x07", "2024-05-06T07:08:09+00:00:01.5", "2024-05-06é07:08",
          "2024-05-06T24:00", "2024-05-06T", "2024-5-06", "2024-05-06T07:8", "2024-05-06T07:08:", "2024-05-06T07:08:09.", "2024-05-06T07:08:09+", "2024-05-06T07:08:09Zx", "2024-05-06T07:0809", "2024-13-06", "2024-W60-1", "2024-05-06 07:08:09 +01:00", "", "2024", "2024-05"]:
    try:
        print(s, repr(datetime.fromisoformat(s)))
    except ValueError as e:
        print(s, "ValueError", e)
now = datetime.now(UTC)
print(now.tzinfo, datetime.now().tzinfo, datetime.utcnow().tzinfo, datetime.today().tzinfo, abs(datetime.now(timezone.utc) - now) < timedelta(seconds=5), datetime.now(tz=cet).utcoffset(), (datetime.now() - datetime.today()).total_seconds() <= 0)
for v in [n, d, t, a, u]:
    try:
        json.dumps({"at": v})
    except TypeError as e:
        print(e)
    print(copy.copy(v) == v, copy.deepcopy([v]) == [v], json.dumps(v, default=str))


@dataclass
class Event:
    at: datetime
    took: timedelta = timedelta(seconds=1)
    on: date = field(default_factory=lambda: date(2020, 1, 1))


print(Event(n), Event(n) == Event(n), sorted([u, u - timedelta(1)])[0], {d: 1, n: 2}[d])
print(isinstance(n, date), isinstance(d, datetime), issubclass(datetime, date), type(n), datetime, date, time, timedelta, timezone, tzinfo, datetime.__name__, datetime.__module__)
