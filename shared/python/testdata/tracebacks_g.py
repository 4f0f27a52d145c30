class Resource:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        raise RuntimeError("exit failed")


def use():
    with Resource() as r:
        for item in [1, 2]:
            r.process(item)


class Wrapper(Exception):
    pass


try:
    use()
except RuntimeError as error:
    raise Wrapper("outer", 1) from error
