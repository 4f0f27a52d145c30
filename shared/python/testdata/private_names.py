class Account:
    __rate = 3

    def __init__(self, owner):
        self.__owner = owner
        self.__balance = 0
        self.__dunder__ = "kept"

    def deposit(self, amount):
        self.__balance += amount
        return self.__total()

    def __total(self):
        return self.__balance * Account.__rate

    def owner(self):
        def inner():
            return self.__owner
        return inner()

    class __Inner:
        __deep = "deep"

        def read(self):
            return self.__deep

    def inner(self):
        return self.__Inner().read()

    def local(self, __hidden=4):
        __value = __hidden + 1
        return sorted(locals_of(__value))


def locals_of(value):
    return [value]


class Child(Account):
    def __init__(self, owner):
        super().__init__(owner)
        self.__owner = "child of " + owner

    def child(self):
        return self.__owner, self._Account__owner


a = Account("ann")
print(a.deposit(10), a.deposit(5))
print(a.owner(), a.inner(), a.local())
print(a._Account__balance, a.__dunder__, Account._Account__rate)
print(sorted(a.__dict__))
c = Child("bob")
print(c.child(), sorted(c.__dict__))
try:
    a.__balance
except AttributeError as e:
    print(e)
try:
    print(a.local(__hidden=2))
except TypeError as e:
    print(e)
print(a.local(_Account__hidden=2))


class _Lead:
    def __init__(self):
        self.__x = 1


print(_Lead().__dict__)


class __:
    def __init__(self):
        self.__x = 1


print(__().__dict__)


class Del:
    def run(self):
        self.__gone = 1
        del self.__gone
        return hasattr(self, "_Del__gone")

    def loop(self):
        out = []
        for __i in range(3):
            out.append(__i)
        out += [__j for __j in range(2)]
        return out

    def glob(self):
        global __module_level
        __module_level = 7

    def exc(self):
        try:
            raise ValueError("v")
        except ValueError as __e:
            return str(__e)


print(Del().run(), Del().loop(), Del().exc())
Del().glob()
print(_Del__module_level)
print(sorted(n for n in vars(Account) if "Account" in n))
