import io
import logging


def show(name, f, *a, **k):
    try:
        print(name, f(*a, **k))
    except (ValueError, TypeError, KeyError, NotImplementedError) as e:
        print(name, type(e).__name__, e)


logging.basicConfig(stream=io.StringIO(), level=logging.DEBUG)
log = logging.getLogger("x")
show("level", log.setLevel, "NOPE")
show("level", log.setLevel, 1.5)
show("level", log.setLevel, None)
show("level", logging.Handler().setLevel, "nope")
show("log", log.log, "INFO", "x")
show("log", log.log)
show("log", log.info)
show("log", log.info, "x", wrong=1)
show("log", log.info, "x", extra={"message": 1})
show("log", log.info, "x", extra={"name": 1})
show("name", logging.getLogger, 5)
show("config", logging.basicConfig, force=True, style="?")
show("config", logging.basicConfig, force=True, nope=1)
show("config", logging.basicConfig, force=True, stream=io.StringIO(), handlers=[])
show("config", logging.basicConfig, 1)
show("config", logging.basicConfig, force=True, level="NOPE")
show("config", logging.basicConfig, force=True, format="no fields")
show("format", logging.Formatter, "no fields")
show("format", logging.Formatter, "%(x)", style="%")
show("format", logging.Formatter, "x", style="&")
show("format", logging.Formatter("%(nope)s").format, logging.makeLogRecord({}))
show("format", logging.Formatter("{nope}", style="{").format, logging.makeLogRecord({}))
show("emit", logging.Handler().emit, None)
show("names", logging.Formatter("%(message)s", validate=False).format, logging.makeLogRecord({"msg": "ok"}))
try:
    log.nope
except AttributeError as e:
    print(e)
logging.nope
