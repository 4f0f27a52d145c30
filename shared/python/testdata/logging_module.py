import io
import logging
from logging import getLogger

logging.warning("before any configuration: %s", 1)
logging.info("not shown")
log = getLogger("app.db")
log.warning("with root's handler")
log.error("percent %d%% %s", 5, "x")
log.debug("no")
print(log, getLogger("app.db") is log, log.name, log.parent is logging.root, log.level, log.getEffectiveLevel(), logging.getLogger(), getLogger("root") is logging.root)
app = getLogger("app")
print(log.parent is app, app.parent, getLogger("app").getChild("db") is log, logging.root.getChild("app") is app, app.root is logging.root)
app.setLevel("ERROR")
log.warning("hidden by the parent's level")
print(log.isEnabledFor(logging.ERROR), log.isEnabledFor(30), app)
app.setLevel(logging.NOTSET)

out = io.StringIO()
logging.basicConfig(stream=out, level=logging.DEBUG, format="%(levelname)-8s|%(name)s|%(levelno)d|%(message)s|%(funcName)s|%(module)s|%(filename)s", force=True)


def work():
    log.info("inside %s", "work")
    log.log(15, "custom level")
    log.critical({"a": 1})
    log.info("mapping %(a)s %(b)d", {"a": "x", "b": 2})
    log.warn("old name")
    log.fatal("fatal")
    log.info("no args 100%")


work()
print(out.getvalue())
out.truncate(0)
out.seek(0)


def fails():
    try:
        {}["key"]
    except KeyError as e:
        log.exception("failed: %s", e)
        log.error("again", exc_info=True)
        log.error("given", exc_info=e)
        log.error("off", exc_info=False)
        logging.exception("module level")


fails()
log.error("nothing handled", exc_info=True)
print(out.getvalue())
logging.basicConfig(level=logging.ERROR)
print(logging.root.level, len(logging.root.handlers))

for style, fmt in [("%", "%(name)s %(message)s"), ("{", "{name:>10} {message} {levelno:05d}"), ("$", "$name ${message} $$")]:
    s = io.StringIO()
    h = logging.StreamHandler(s)
    h.setFormatter(logging.Formatter(fmt, style=style))
    lg = getLogger("style" + str(ord(style)))
    lg.propagate = False
    lg.addHandler(h)
    lg.addHandler(h)
    lg.setLevel(logging.INFO)
    lg.info("hello %s", style)
    lg.debug("hidden")
    print(repr(s.getvalue()), lg.handlers == [h], lg.hasHandlers(), lg.propagate)
    h.setLevel("WARNING")
    lg.info("hidden by handler")
    lg.removeHandler(h)
    print(repr(s.getvalue()), lg.handlers, h.level, lg.hasHandlers())


class Collect(logging.Handler):
    def __init__(self):
        super().__init__(level=logging.INFO)
        self.records = []

    def emit(self, record):
        self.records.append(self.format(record))


class Json(logging.Formatter):
    def format(self, record):
        return "{" + record.levelname + ":" + record.getMessage() + ":" + str(getattr(record, "user", None)) + "}"


class OnlyOdd(logging.Filter):
    def filter(self, record):
        return record.levelno % 20 != 0


c = Collect()
c.setFormatter(Json())
lg = getLogger("collect")
lg.propagate = False
lg.setLevel(1)
lg.addHandler(c)
lg.info("one", extra={"user": "ann"})
lg.debug("low")
c.addFilter(OnlyOdd())
lg.info("dropped by filter")
lg.warning("kept")
lg.addFilter(lambda record: "secret" not in record.getMessage())
lg.warning("a secret")
lg.warning("fine %s", "x")
print(c.records, lg.filters != [], c.filters != [])
lg.handlers.clear()
lg.addHandler(logging.NullHandler())
lg.error("nowhere")
print(logging.Filter("a.b").filter(logging.makeLogRecord({"name": "a.b.c"})), logging.Filter("a.b").filter(logging.makeLogRecord({"name": "a.bc"})), logging.Filter().filter(logging.makeLogRecord({})))

r = logging.makeLogRecord({"name": "made", "msg": "m %s", "args": (1,), "levelno": 20, "levelname": "INFO"})
print(r.name, r.getMessage(), r.levelname, r.exc_info, r.threadName, r.processName, logging.Formatter("%(name)s-%(message)s").format(r))
r = logging.LogRecord("n", 30, "/p/file.py", 7, "msg %d", (5,), None)
print(r, r.getMessage(), r.levelname, r.lineno, r.pathname)
f = logging.Formatter("%(asctime)s %(message)s", datefmt="%Y")
r.created = 1700000000.25
r.msecs = 250.0
print(f.usesTime(), logging.Formatter().usesTime(), f.format(r), len(logging.Formatter("%(asctime)s").format(r)), logging.Formatter().formatTime(r)[-4:])
print(f.formatTime(r, "%m"), f.formatMessage(r) == "2023 msg 5", f.formatException((None, None, None)))
print(logging.Formatter("%(ip)s %(message)s", defaults={"ip": "none"}).format(r), logging.Formatter(None).format(r))

print(logging.getLevelName(10), logging.getLevelName("INFO"), logging.getLevelName(15), logging.getLevelName("NOPE"))
logging.addLevelName(15, "TRACE")
print(logging.getLevelName(15), logging.getLevelName("TRACE"))
lg.setLevel("TRACE")
print(lg.level, lg, logging.getLevelNamesMapping()["TRACE"], logging.getLevelNamesMapping()["FATAL"])
print(logging.DEBUG, logging.INFO, logging.WARN, logging.WARNING, logging.ERROR, logging.CRITICAL, logging.FATAL, logging.NOTSET, logging.BASIC_FORMAT, logging.raiseExceptions)
logging.disable(logging.ERROR)
log.error("disabled")
print(log.isEnabledFor(40), log.isEnabledFor(50))
logging.disable(logging.NOTSET)
log.disabled = True
log.critical("disabled logger")
log.disabled = False
print(log.disabled, isinstance(log, logging.Logger), type(logging.root).__name__, logging.getLoggerClass() is logging.Logger, logging.shutdown())
lone = getLogger("lone")
lone.propagate = False
lone.warning("the last resort %s", "prints the message alone")
lone.info("but not this")
print(lone.filter(r), lone.handle(r), logging.StreamHandler().terminator == "\n")
