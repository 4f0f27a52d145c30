# Every exception that can be named, with what it inherits from, and what it prints.
import traceback

CLASSES = [
    BaseException, Exception, GeneratorExit, SystemExit, KeyboardInterrupt, ArithmeticError, FloatingPointError,
    OverflowError, ZeroDivisionError, AssertionError, AttributeError, BufferError, EOFError, ImportError,
    ModuleNotFoundError, LookupError, IndexError, KeyError, MemoryError, NameError, UnboundLocalError, OSError,
    EnvironmentError, IOError, ConnectionError, BrokenPipeError, ConnectionRefusedError, ConnectionResetError,
    ConnectionAbortedError, FileNotFoundError, FileExistsError, PermissionError, TimeoutError, ReferenceError,
    RuntimeError, NotImplementedError, RecursionError, StopIteration, StopAsyncIteration, SyntaxError, SystemError,
    TypeError, ValueError, UnicodeError, Warning, UserWarning, DeprecationWarning, RuntimeWarning,
]
for cls in CLASSES:
    print(cls.__name__, [base.__name__ for base in cls.__mro__])
    try:
        raise cls("reason")
    except BaseException as e:
        print(repr(e), str(e), e.args, type(e) is cls)

for cls in (UnicodeDecodeError, UnicodeEncodeError):
    print(cls.__name__, [base.__name__ for base in cls.__mro__])
try:
    "é".encode("ascii")
except UnicodeEncodeError as e:
    print(e)
try:
    b"\xff".decode("ascii")
except UnicodeDecodeError as e:
    print(e)

print(Ellipsis is ..., Ellipsis, NotImplemented)
try:
    raise PermissionError("no")
except OSError as e:
    traceback.print_exc()
