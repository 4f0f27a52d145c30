from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, unique


class Color(Enum):
    RED = 1
    BLUE = 2


class Perm(Flag):
    R = 1
    W = 2


class Mode(IntFlag):
    A = 1


class Fallback(Enum):
    A = 1

    @classmethod
    def _missing_(cls, value):
        if value == "boom":
            raise KeyError("in missing")
        if value == "odd":
            return 5
        if value == "value":
            raise ValueError("mine")


def reuse():
    class A(Enum):
        X = 1
        X = 2


def method_over():
    class A(Enum):
        X = 1

        def X(self):
            pass


def member_over():
    class A(Enum):
        def X(self):
            pass

        X = 1


def extend():
    class More(Color):
        GREEN = 3


def sunder():
    class A(Enum):
        _foo_ = 1


def late():
    class A(Enum):
        X = auto()

        def _generate_next_value_(name, start, count, last_values):
            return 5


def not_unique():
    @unique
    class A(Enum):
        X = 1
        Y = 1
        Z = 1


def int_text():
    class A(IntEnum):
        X = "a"


def str_int():
    class A(StrEnum):
        X = 1


def str_many():
    class A(StrEnum):
        X = "a", 5


def bad_init():
    class A(Enum):
        X = 1, 2

        def __init__(self, a):
            pass


def bad_order():
    class A(Enum, str):
        X = "x"


def flag_text():
    class A(Flag):
        X = "a"
        Y = auto()


def auto_text():
    class A(Enum):
        X = "a"
        Y = auto()
    return list(A)


def assign():
    Color.RED = 5


def delete():
    del Color.RED


def delete_other():
    del Color.other


def set_value():
    Color.RED.value = 5


def set_name():
    Color.RED.name = "x"


TRIES = [
    lambda: Color(5), lambda: Color("RED"), lambda: Color["NOPE"], lambda: Color.NOPE, lambda: Color([1]), lambda: 1 in Color, lambda: "RED" in Color, lambda: Color(), lambda: Color.RED < Color.BLUE,
    lambda: Color.RED + 1, lambda: Color[1], lambda: Color.RED.nope, lambda: Color.RED(), lambda: Fallback("boom"), lambda: Fallback("odd"), lambda: Fallback("value"), lambda: Fallback(9),
    reuse, method_over, extend, sunder, late, not_unique, int_text, str_int, str_many, bad_init, bad_order, flag_text, auto_text, assign, delete, delete_other, set_value, set_name,
    lambda: Perm("x"), lambda: Perm(8), lambda: Perm.R | 1, lambda: Perm.R in Color, lambda: 1 in Perm.R, lambda: Perm.R + Perm.W, lambda: Mode("x"), lambda: Perm.NOPE, lambda: Color.RED | Color.BLUE,
    lambda: Enum("X", 5), lambda: len(Color.RED), lambda: list(Color.RED), lambda: Color.__members__.update({}), lambda: hash(Color.RED) and None, lambda: Enum(5), lambda: auto(1) if False else None,
    lambda: int(Color.RED), lambda: Color.RED[0], lambda: Color(1, 2) if False else None,
]
for i, f in enumerate(TRIES):
    try:
        print(i, "no error:", f())
    except Exception as e:
        print(i, type(e).__name__, e)
