def deco(fn):
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper


class Shop:
    items = {"x": 1}

    @deco
    def buy(self, name, qty=1, *, price):
        total = self.items[name] * qty * price
        self.missing.append(total)


s = Shop()
try:
    s.buy("x")
except TypeError as e:
    print(e)
try:
    s.buy("y", price=2)
except KeyError as e:
    print(e)
s.buy("x", 2, price=3.5)
